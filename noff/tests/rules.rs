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
    Builder, ByteOrder, Header, Image, Layout, LoadError, Options, PageSize, Program, SegmentHeader,
    SegmentKind, Severity, Strictness, check,
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
