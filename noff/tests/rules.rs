//! Each rule with the smallest header that breaks it, read like the specification's list.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used
)]

use SegmentKind::{Code, InitData, ReadonlyData, UninitData};
use noff::{
    Builder, ByteOrder, EndOfFile, Header, Image, Layout, LoadError, Options, PageSize, Program,
    SegmentField, SegmentHeader, SegmentKind, Severity, Strictness, check,
};

const fn segment(virtual_addr: u32, in_file_addr: u32, size: u32) -> SegmentHeader {
    SegmentHeader { virtual_addr, in_file_addr, size }
}

/// A plain program: 64 bytes of code, 32 of data, 48 of bss, in a file of 136 bytes.
fn plain() -> Header {
    let mut header = Header::empty(Layout::Three, ByteOrder::Little);
    header.code = segment(0, 40, 64);
    header.init_data = segment(64, 104, 32);
    header.uninit_data = segment(96, 0, 48);
    header
}

fn codes(header: &Header, file_len: u32) -> Vec<&'static str> {
    check(header, file_len).map(|finding| finding.rule.code()).collect()
}

#[test]
fn a_plain_program_has_no_findings() {
    assert_eq!(codes(&plain(), 136), [""; 0]);
}

#[test]
fn each_rule_by_the_smallest_change_that_breaks_it() {
    let with = |kind, changed| {
        let mut header = plain();
        header.set_segment(kind, changed);
        header
    };
    // What is changed; the file's length; codes; then field, offset, value found and bound of the first finding.
    let table: &[(Header, u32, &[&str], &str, u64, u64, u64)] = &[
        (
            with(InitData, segment(64, 104, 48)),
            136,
            &["segment_past_eof", "segments_overlap"],
            "initData.size",
            24,
            48,
            32,
        ),
        (
            with(InitData, segment(64, 137, 32)),
            136,
            &["segment_past_eof"],
            "initData.in_file_addr",
            20,
            137,
            136,
        ),
        (
            with(InitData, segment(64, 0xffff_fff0, 32)),
            136,
            &["segment_past_eof"],
            "initData.in_file_addr",
            20,
            0xffff_fff0,
            136,
        ),
        (
            with(UninitData, segment(96, 0, 0xffff_ffa0)),
            136,
            &["address_overflow"],
            "uninitData.size",
            36,
            0xffff_ffa0,
            0xffff_ff9f,
        ),
        (
            with(Code, segment(0, 36, 64)),
            136,
            &["header_overlap", "layout_contradicted"],
            "code.in_file_addr",
            8,
            36,
            40,
        ),
        (
            with(InitData, segment(60, 104, 32)),
            136,
            &["segments_overlap"],
            "initData.virtual_addr",
            16,
            60,
            64,
        ),
        (
            with(UninitData, segment(80, 0, 64)),
            136,
            &["segments_overlap"],
            "uninitData.virtual_addr",
            28,
            80,
            96,
        ),
        // The legal overlap of bss with the padding of initData: 15 bytes at most, and with initData only.
        (
            with(UninitData, segment(81, 0, 64)),
            136,
            &["misaligned_address", "padding_overlap"],
            "uninitData.virtual_addr",
            28,
            81,
            4,
        ),
        (
            with(UninitData, segment(84, 0, 64)),
            136,
            &["padding_overlap"],
            "uninitData.virtual_addr",
            28,
            84,
            96,
        ),
        (
            with(InitData, segment(64, 96, 32)),
            136,
            &["file_ranges_overlap", "trailing_bytes"],
            "initData.in_file_addr",
            20,
            96,
            104,
        ),
        (with(UninitData, segment(96, 0, 47)), 136, &["misaligned_size"], "uninitData.size", 36, 47, 16),
        (
            with(UninitData, segment(98, 0, 48)),
            136,
            &["misaligned_address", "memory_gap"],
            "uninitData.virtual_addr",
            28,
            98,
            4,
        ),
        (
            with(UninitData, segment(0xc248, 0, 16)),
            136,
            &["memory_gap", "large_program"],
            "uninitData.virtual_addr",
            28,
            112,
            0xc258,
        ),
        (plain(), 137, &["trailing_bytes"], "file length", 136, 137, 136),
        (
            with(Code, segment(0x80, 40, 64)),
            136,
            &["segments_overlap", "memory_gap"],
            "code.virtual_addr",
            4,
            0x80,
            144,
        ),
        (
            with(Code, segment(0x100, 40, 64)),
            136,
            &["code_not_at_start", "memory_gap"],
            "code.virtual_addr",
            4,
            0x100,
            0,
        ),
        // The whole of bss within the last bytes of initData, and a bss that begins before them.
        (
            with(UninitData, segment(92, 0, 4)),
            136,
            &["misaligned_size", "padding_overlap"],
            "uninitData.size",
            36,
            4,
            16,
        ),
        (
            with(UninitData, segment(64, 0, 1)),
            136,
            &["misaligned_size", "segments_overlap"],
            "uninitData.size",
            36,
            1,
            16,
        ),
        (
            with(Code, segment(7, 7, 0)),
            136,
            &["no_code", "layout_contradicted", "memory_gap"],
            "code.size",
            12,
            0,
            4,
        ),
        // Nothing in an empty segment is judged, nor where bss is said to lie in the file.
        (
            with(InitData, segment(0x4016_2c7c, 0xbfeb_fbff, 0)),
            136,
            &["trailing_bytes", "memory_gap"],
            "file length",
            104,
            136,
            104,
        ),
        (with(UninitData, segment(96, 0xffff_ffff, 48)), 136, &[], "", 0, 0, 0),
    ];
    for (header, file_len, expected, field, offset, found, bound) in table {
        assert_eq!(codes(header, *file_len), *expected, "{header}");
        if let Some(finding) = check(header, *file_len).next() {
            let seen = (finding.field.to_string(), finding.offset, finding.found, finding.expected.bound());
            assert_eq!(seen, (field.to_string(), *offset, *found, *bound), "{header}");
            assert!(!finding.expected.allows(finding.found), "{finding}");
            assert!(finding.to_string().starts_with(&format!("{field} at byte {offset}: ")), "{finding}");
        }
    }
}

#[test]
fn warnings_refuse_only_when_asked() {
    let mut file = [0; 140];
    let (code, data) = ([0; 64], [1; 35]);
    let builder = Builder::new(Layout::Three, ByteOrder::Big).code(0, &code).init_data(64, &data);
    let written = builder.write_to(&mut file).unwrap();
    let image = Image::parse(&file[..written], Options::default()).unwrap();
    assert_eq!(
        image.program().warnings().map(|finding| finding.rule.code()).collect::<Vec<_>>(),
        ["misaligned_size"]
    );
    let strict = Options { strictness: Strictness::Warnings, ..Options::default() };
    let refusal = Image::parse(&file[..written], strict).unwrap_err();
    assert_eq!((refusal.rule.code(), refusal.severity()), ("misaligned_size", Severity::Warning));
}

#[test]
fn a_header_that_cannot_be_read_says_why() {
    let elf = b"\x7fELF\x01\x01\x01\0";
    let coff = b"\x62\x01\x03\0\0\0\0\0";
    let big_coff = b"\x01\x60\0\x03\0\0\0\0";
    let mut undecidable = [0; 60];
    undecidable[..4].copy_from_slice(&noff::MAGIC.to_le_bytes());
    undecidable[8] = 44; // code.in_file_addr fits neither 40 nor 52
    undecidable[12] = 4; // code.size
    let table: &[(&[u8], u32, &str, u64, &str)] = &[
        (b"", 0, "truncated", 0, "copy or convert the file again"),
        (b"\xad\xdf\xba", 3, "truncated", 3, "3 bytes are too few"),
        (b"\xad\xdf\xba\0", 4, "truncated", 4, "at least 40"),
        (b"\0\xba\xdf\xad", 4, "truncated", 4, "at least 40"),
        (&undecidable[..45], 60, "truncated", 45, "at least 52"),
        (&undecidable, 60, "undecidable_layout", 8, "choose the layout"),
        (b"#!/bin/sh", 9, "bad_magic", 0, "not a NOFF file"),
        (elf, 8, "bad_magic", 0, "ELF file; convert it to NOFF"),
        (coff, 8, "bad_magic", 0, "MIPS COFF file; convert it to NOFF"),
        (big_coff, 8, "bad_magic", 0, "big-endian MIPS COFF"),
    ];
    for (prefix, file_len, code, offset, words) in table {
        let error = Program::parse(prefix, *file_len, Options::default()).unwrap_err();
        assert_eq!((error.rule.code(), error.offset), (*code, *offset), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    // An explicit choice wins over what the file shows.
    for (layout, code) in [(Layout::Three, "layout_contradicted"), (Layout::Four, "header_overlap")] {
        let header = Header::parse(&undecidable, 60, Some(layout)).unwrap();
        assert_eq!(check(&header, 60).map(|finding| finding.rule.code()).find(|c| *c == code), Some(code));
    }
}

#[test]
fn a_segment_that_begins_beyond_the_file_is_reported_as_that() {
    // code.in_file_addr and initData.in_file_addr of a file of 60 bytes, of which neither is where a header ends.
    let table = [
        (61, 0, "segment_past_eof", "code.in_file_addr", 8, 61, 60),
        (60, 0, "undecidable_layout", "code.in_file_addr", 8, 60, 40),
        (44, 61, "segment_past_eof", "initData.in_file_addr", 20, 61, 60),
        (44, 48, "undecidable_layout", "code.in_file_addr", 8, 44, 40),
        (48, 44, "undecidable_layout", "initData.in_file_addr", 20, 44, 40),
        (0x1_0000, 0xffff_ffff, "segment_past_eof", "code.in_file_addr", 8, 0x1_0000, 60),
    ];
    for order in [ByteOrder::Little, ByteOrder::Big] {
        for (code, data, rule, field, offset, found, bound) in table {
            let mut file = [0; 60];
            for (at, value) in
                [(0, noff::MAGIC), (8, code), (12, 4), (20, data), (24, u32::from(data != 0) * 4)]
            {
                let word = if order == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() };
                file[at..at + 4].copy_from_slice(&word);
            }
            let finding = Header::parse(&file, 60, None).unwrap_err();
            let seen = (finding.rule.code(), finding.field.to_string(), finding.offset, finding.found);
            assert_eq!(seen, (rule, field.into(), offset, found), "{finding}");
            assert_eq!(finding.expected.bound(), bound, "{finding}");
        }
    }
}

#[test]
fn words_about_programs() {
    let header = plain();
    let program = Program::new(header, 136, Strictness::Errors).unwrap();
    assert_eq!(program.file_len(), 136);
    let of_header = "NOFF, 3 segments, little-endian header; code 0x0+0x40 from byte 40; initData 0x40+0x20 from byte 104; \
         uninitData 0x60+0x30";
    assert_eq!(header.to_string(), of_header);
    assert_eq!(program.to_string(), format!("{of_header}; memory up to 0x90"));
    assert_eq!(format!("{:>8}|{}", SegmentKind::Code, Layout::Four), "    code|4 segments");
    let read_only = SegmentKind::ALL.map(SegmentKind::is_read_only);
    assert_eq!(read_only, [true, false, true, false]);
    let errors: [(&dyn std::error::Error, &str); 4] = [
        (
            &LoadError::<EndOfFile>::PageSize(15),
            "15 bytes are not whole pages: a page's size is a power of two up to 65536",
        ),
        (
            &LoadError::<EndOfFile>::MemoryTooSmall(noff::BufferTooSmall { needed: 16, given: 15 }),
            "the program reaches up to address 0x10, but the memory has 15 bytes",
        ),
        (
            &LoadError::Read(EndOfFile),
            "the file ends within a segment; it was cut short after its header was read",
        ),
        (&noff::BuildError::TooLong, "the file would be 4 GiB or longer"),
    ];
    for (error, words) in errors {
        assert_eq!(error.to_string(), words);
    }
    let finding = parse_error(b"#!/bin/sh");
    let sources: [(&dyn std::error::Error, bool); 4] = [
        (&LoadError::Read(EndOfFile), true),
        (&LoadError::<EndOfFile>::PageSize(15), false),
        (&noff::BuildError::Refused(finding), true),
        (&noff::BuildError::TooLong, false),
    ];
    for (error, has_source) in sources {
        assert_eq!(error.source().is_some(), has_source, "{error}");
    }
}

fn parse_error(bytes: &[u8]) -> noff::NoffFinding {
    Image::parse(bytes, Options::default()).unwrap_err()
}

#[test]
fn fields_are_those_of_the_wire_structs() {
    // The header's words in order, by offset, as noff.h has them.
    let table = [
        (
            Layout::Three,
            &[("noff_magic", 0, 4), ("code", 4, 12), ("initData", 16, 12), ("uninitData", 28, 12)][..],
        ),
        (
            Layout::Four,
            &[
                ("noff_magic", 0, 4),
                ("code", 4, 12),
                ("initData", 16, 12),
                ("readonlyData", 28, 12),
                ("uninitData", 40, 12),
            ],
        ),
    ];
    for (layout, expected) in table {
        let fields: Vec<_> =
            layout.fields().iter().map(|field| (field.name, field.offset, field.size)).collect();
        assert_eq!(fields, expected);
        let end = layout.fields().last().map(|field| field.offset + field.size);
        assert_eq!(end, usize::try_from(layout.header_size()).ok());
    }
    assert_eq!(Layout::Three.field_offset(ReadonlyData, SegmentField::Size), None);
    assert_eq!(Layout::Four.field_offset(UninitData, SegmentField::Size), Some(48));
    for finding in check(&Header { uninit_data: segment(0, 0, 1), ..plain() }, 100) {
        assert!(finding.offset < 100);
    }
}

#[test]
fn a_prefix_is_enough_for_a_kernel() {
    let mut file = [0; 400];
    let code = [7; 100];
    for (layout, needed) in [(Layout::Three, 40), (Layout::Four, 52)] {
        let written = Builder::new(layout, ByteOrder::Little).code(0, &code).write_to(&mut file).unwrap();
        let whole = Image::parse(&file[..written], Options::default()).unwrap();
        let of_prefix = |length: usize| Program::parse(&file[..length], written as u32, Options::default());
        assert_eq!(of_prefix(52).unwrap(), *whole.program());
        assert_eq!(of_prefix(needed).unwrap(), *whole.program());
        assert_eq!(of_prefix(needed - 1).unwrap_err().rule.code(), "truncated");
    }
}

#[test]
fn the_stock_kernels_arithmetic() {
    // numPages = ceil((sizes + stack) / 128), stack pointer = numPages * 128 - 16.
    let table: &[(u32, u32, u32, u64, Option<u32>)] = &[
        (144, 128, 1024, 10, Some(1264)),
        (144, 128, 1008, 9, Some(1136)),
        (144, 1, 0, 144, Some(128)),
        (144, 65536, 2048, 1, Some(65520)),
        (0xffff_fff0, 128, 1024, 0x200_0008, None),
    ];
    for &(end, page_size, stack, pages, pointer) in table {
        let mut header = plain();
        header.uninit_data.size = end - 96;
        let program = Program::new(header, 136, Strictness::Errors).unwrap();
        let page_size = PageSize::new(page_size).unwrap();
        assert_eq!(program.page_count(page_size, stack), pages);
        assert_eq!(program.stack_pointer(page_size, stack), pointer);
    }
    let mut header = Header::empty(Layout::Three, ByteOrder::Little);
    header.code = segment(0, 40, 4);
    let program = Program::new(header, 44, Strictness::Errors).unwrap();
    assert_eq!(
        program.stack_pointer(PageSize::new(4).unwrap(), 0),
        None,
        "4 bytes leave no room for the reserve"
    );
    for bytes in [0, 3, 100, 0x2_0000] {
        assert_eq!(PageSize::new(bytes), None);
    }
}

#[test]
fn each_rule_about_a_kernel_by_the_smallest_change_that_breaks_it() {
    use noff::{BORDEAUX, JNACHOS, NACHOS3, NACHOS4_RDATA, NACHOS5J, Profile, ROSARIO, findings, runs_on};
    let with = |kind, changed| {
        let mut header = plain();
        header.set_segment(kind, changed);
        header
    };
    let four =
        Header { layout: Layout::Four, code: segment(0, 52, 64), init_data: segment(64, 116, 32), ..plain() };
    let big = Header { byte_order: ByteOrder::Big, ..plain() };
    // A program as the kernel of Bordeaux wants it: from 0x80 on, in whole pages.
    let pages = Header {
        code: segment(0x80, 40, 128),
        init_data: segment(0x100, 168, 128),
        uninit_data: segment(0x180, 0, 128),
        ..plain()
    };
    let filled = Header {
        code: segment(0, 40, 256),
        init_data: segment(0x100, 296, 128),
        uninit_data: segment(0x180, 0, 128),
        ..plain()
    };
    let changed = |kind, changed| {
        let mut header = pages;
        header.set_segment(kind, changed);
        header
    };
    // 32 pages of 128 bytes, of which 1024 bytes are the stack.
    let largest = with(UninitData, segment(96, 0, 32 * 128 - 1024 - 96));
    let too_large = with(UninitData, segment(96, 0, 32 * 128 - 1024 - 80));
    let top = with(UninitData, segment(0xffff_ff00, 0, 64));
    let small = with(UninitData, segment(96, 0, 47));
    type Row<'a> = (&'a str, &'a Profile<'static>, Header, u32, &'a [&'a str], &'a str);
    let table: &[Row<'_>] = &[
        ("as it should be", &NACHOS3, plain(), 136, &[], ""),
        (
            "four segments",
            &NACHOS3,
            four,
            148,
            &["kernel_layout"],
            "code.in_file_addr at byte 8: the header has 52",
        ),
        (
            "big-endian",
            &NACHOS3,
            big,
            136,
            &["kernel_byte_order"],
            "noffMagic at byte 0: the kernel reads the magic as 0xaddfba00",
        ),
        ("32 pages", &NACHOS3, largest, 136, &[], ""),
        (
            "33 pages",
            &NACHOS3,
            too_large,
            136,
            &["kernel_memory"],
            "take 33 pages, but the kernel's machine has room for 32",
        ),
        (
            "code above 0",
            &NACHOS3,
            pages,
            296,
            &["code_not_at_start", "memory_gap"],
            "the code begins at 0x80, but the program starts at address 0x0",
        ),
        ("an odd size", &NACHOS3, small, 136, &["misaligned_size"], ""),
        ("as it should be", &NACHOS4_RDATA, four, 148, &[], ""),
        (
            "three segments",
            &NACHOS4_RDATA,
            plain(),
            136,
            &["kernel_layout"],
            "the header has 40 bytes, but the kernel reads one of 52",
        ),
        (
            "33 pages",
            &NACHOS4_RDATA,
            Header {
                layout: Layout::Four,
                code: segment(0, 52, 64),
                init_data: segment(64, 116, 32),
                ..too_large
            },
            148,
            &[],
            "",
        ),
        (
            "whole pages from 0x80 on, for which the sum of the sizes is a page too small",
            &BORDEAUX,
            pages,
            296,
            &["memory_gap"],
            "",
        ),
        ("as its own programs are: from page 0 on, which they fill", &BORDEAUX, filled, 424, &[], ""),
        (
            "an odd size",
            &BORDEAUX,
            changed(UninitData, segment(0x180, 0, 64)),
            296,
            &["kernel_size", "memory_gap"],
            "uninitData.size at byte 36: the kernel loads segments whose size is a multiple of 128, and 64 is not",
        ),
        (
            "page 0",
            &BORDEAUX,
            changed(Code, segment(0, 40, 128)),
            296,
            &["kernel_unmapped", "code_not_at_start", "memory_gap"],
            "code.virtual_addr at byte 4: the segment begins at 0x0, but the kernel maps nothing below 0x80",
        ),
        ("a gap", &BORDEAUX, changed(UninitData, segment(0x200, 0, 128)), 296, &["memory_gap"], ""),
        ("16 frames, but it swaps", &ROSARIO, too_large, 136, &[], ""),
        ("no 32-bit stack pointer", &ROSARIO, top, 136, &["kernel_memory", "memory_gap"], ""),
        ("big-endian", &JNACHOS, big, 136, &[], ""),
        ("any", &NACHOS5J, plain(), 136, &["kernel_format"], "the kernel loads MIPS COFF files, not NOFF"),
    ];
    for (what, profile, header, file_len, expected, words) in table {
        let found: Vec<_> = findings(header, *file_len, Some(profile)).collect();
        let codes: Vec<_> = found.iter().map(|finding| finding.rule.code()).collect();
        assert_eq!(codes, *expected, "{what} for {}", profile.name);
        let text = found.first().map_or(String::new(), ToString::to_string);
        assert!(text.contains(words), "{text}");
        let program = Program::new(*header, *file_len, Strictness::Errors).unwrap();
        let refused = found.iter().find(|finding| finding.is_error()).copied();
        assert_eq!(runs_on(&program, profile).err(), refused, "{what} for {}", profile.name);
    }
    // A kernel that nobody has described.
    let mut own = NACHOS3;
    own.frames = Some(33);
    let program = Program::new(too_large, 136, Strictness::Errors).unwrap();
    assert_eq!(runs_on(&program, &own), Ok(()));
    own.frames = Some(31);
    assert!(runs_on(&program, &own).is_err());
}

#[test]
fn arguments_are_laid_out_as_programs_expect() {
    let lists: [&[&[u8]]; 4] = [&[], &[b"cat"], &[b"cat", b"", b"file.txt"], &[&[b'x'; 100], b"y"]];
    for strings in lists {
        for (top, length) in [(0x800_u32, 0x400_usize), (0x7fd, 300)] {
            let mut memory = vec![0xa5; length];
            let arguments = noff::push_arguments(strings.iter().copied(), top, &mut memory).unwrap();
            let bottom = top - length as u32;
            let word =
                |at: u32| u32::from_le_bytes(memory[(at - bottom) as usize..][..4].try_into().unwrap());
            let string = |at: u32| memory[(at - bottom) as usize..].split(|&byte| byte == 0).next().unwrap();
            assert_eq!(arguments.argc as usize, strings.len());
            for (index, expected) in strings.iter().enumerate() {
                assert_eq!(string(word(arguments.argv + 4 * index as u32)), *expected);
            }
            assert_eq!(word(arguments.argv + 4 * arguments.argc), 0, "the array ends with 0");
            assert_eq!((arguments.argv % 4, arguments.stack_pointer % 8), (0, 0));
            assert!(arguments.stack_pointer + 16 <= arguments.argv && arguments.stack_pointer >= bottom);
            // What a function called first may overwrite holds nothing yet.
            let reserve =
                &memory[(arguments.stack_pointer - bottom) as usize..(arguments.argv - bottom) as usize];
            assert!(reserve.iter().all(|&byte| byte == 0xa5));
        }
        let total: usize = strings.iter().map(|string| string.len() + 1).sum();
        let mut page = vec![0xa5; total + 4 * strings.len()];
        // 5.0j: the array from the page's start on, the strings after it.
        let arguments = noff::argument_page(strings.iter().copied(), 0x2400, &mut page).unwrap();
        assert_eq!((arguments.argc as usize, arguments.argv), (strings.len(), 0x2400));
        let mut at = 4 * strings.len();
        for (index, expected) in strings.iter().enumerate() {
            assert_eq!(page[4 * index..4 * index + 4], (0x2400 + at as u32).to_le_bytes());
            assert_eq!(page[at..at + expected.len() + 1], [expected, &b"\0"[..]].concat());
            at += expected.len() + 1;
        }
        if let Some((_, short)) = page.split_last_mut() {
            assert!(noff::argument_page(strings.iter().copied(), 0x2400, short).is_err());
        }
    }
    // The least stack that two arguments fit into, and a byte less: 6 of strings, 12 of array, 16 of reserve, and 6
    // in all to align the last two.
    let two: [&[u8]; 2] = [b"a", b"bcd"];
    for (length, fits) in [(40, true), (39, false), (6, false), (0, false)] {
        let outcome = noff::push_arguments(two.into_iter(), 0x400, &mut vec![0; length]);
        assert_eq!(outcome.is_ok(), fits, "{length}");
    }
    assert!(
        noff::push_arguments(two.into_iter(), 20, &mut [0; 40]).is_err(),
        "the stack would begin below 0"
    );
}

#[test]
fn profiles_are_known_by_distinct_names() {
    for (index, profile) in noff::PROFILES.iter().enumerate() {
        assert_eq!(noff::Profile::named(profile.name), Some(profile));
        assert!(noff::PROFILES[..index].iter().all(|other| other.name != profile.name));
        let calls = profile.system_calls;
        assert!(
            calls.iter().enumerate().all(|(at, call)| calls[..at].iter().all(|c| c.number != call.number))
        );
        assert_eq!((calls[0].name, calls[0].number), ("halt", 0));
    }
    assert_eq!(noff::Profile::named("nachos"), None);
}

#[test]
fn pages_know_their_segments() {
    let mut header = Header::empty(Layout::Four, ByteOrder::Little);
    header.code = segment(0, 52, 300);
    header.readonly_data = segment(300, 352, 212);
    header.init_data = segment(520, 564, 100);
    header.uninit_data = segment(620, 0, 20);
    let program = Program::new(header, 664, Strictness::Errors).unwrap();
    let table: &[(u32, bool, &[SegmentKind], &[(u32, u32, u32)])] = &[
        (0, true, &[Code], &[(0, 52, 128)]),
        // Code and constants share page 2 and fill it, so it is read-only.
        (2, true, &[Code, ReadonlyData], &[(0, 308, 44), (44, 352, 84)]),
        (3, true, &[ReadonlyData], &[(0, 436, 128)]),
        (4, false, &[InitData, UninitData], &[(8, 564, 100)]),
        (5, false, &[], &[]),
        (u32::MAX, false, &[], &[]),
    ];
    for &(vpn, read_only, segments, pieces) in table {
        let page = program.page(vpn, PageSize::NACHOS);
        assert_eq!(page.is_read_only(), read_only, "page {vpn}");
        let mut kinds: Vec<_> = page.segments().collect();
        kinds.sort_by_key(|kind| header.segment(*kind).virtual_addr);
        assert_eq!(kinds, segments, "page {vpn}");
        let mut seen: Vec<_> = page.pieces().map(|p| (p.offset_in_page, p.file_offset, p.length)).collect();
        seen.sort_unstable();
        assert_eq!(seen, pieces, "page {vpn}");
    }
}

#[test]
fn what_cannot_be_loaded_is_not_touched() {
    let mut file = [0; 60];
    let written =
        Builder::new(Layout::Three, ByteOrder::Little).code(0, &[9; 16]).write_to(&mut file).unwrap();
    let image = Image::parse(&file[..written], Options::default()).unwrap();
    let mut memory = [0xa5; 15];
    let error = image.load_into(&mut memory).unwrap_err();
    assert!(
        matches!(error, LoadError::MemoryTooSmall(size) if size.needed == 16 && size.given == 15),
        "{error}"
    );
    assert_eq!(memory, [0xa5; 15]);
    assert_eq!(image.read_page(0, &mut memory), Err(LoadError::PageSize(15)));
    assert_eq!(memory, [0xa5; 15]);
    let mut memory = [0xa5; 20];
    image.load_into(&mut memory).unwrap();
    assert_eq!(memory[14..], [9, 9, 0, 0, 0, 0]);
    let failed = image.program().load_with(&mut memory, |_, _| Err("disk"));
    assert_eq!(failed, Err(LoadError::Read("disk")));
}

#[test]
fn the_builder_refuses_what_could_not_be_parsed_back() {
    let three = || Builder::new(Layout::Three, ByteOrder::Little);
    let table = [
        (three(), "there is no code"),
        (three().uninit_data(0, 10), "there is no code"),
        (three().readonly_data(0, &[1]), "has no readonlyData"),
        (three().code(0, &[0; 8]).init_data(4, &[1]), "before code ends at 0x8"),
        (three().code(u32::MAX, &[1]), "0 addresses are left"),
        (three().code(0, &[1]).uninit_data(4, u32::MAX), "addresses are left"),
        (three().init_data(0, &[0; 16]).uninit_data(0, 17), "would overwrite it"),
    ];
    for (builder, words) in table {
        let mut out = [0xa5; 100];
        let error = builder.write_to(&mut out).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(out, [0xa5; 100]);
        assert_eq!(builder.written_len().unwrap_err(), error);
    }
    let mut short = [0; 47];
    let error = three().code(0, &[0; 8]).write_to(&mut short).unwrap_err();
    assert_eq!(error.to_string(), "the buffer has 47 bytes, but 48 are needed");
}
