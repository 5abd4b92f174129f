//! What is read of a file, what is reported, and what a builder accepts.

use SegmentKind::{ReadonlyData, UninitData};
use noff::{
    Builder, ByteOrder, EndOfFile, Header, Image, Layout, LoadError, Options, Program, SegmentField,
    SegmentKind, Strictness, check,
};

use super::{parse_error, plain, segment};

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
        (&undecidable[..52], 60, "undecidable_layout", 8, "choose the layout"),
        (&undecidable, 60, "undecidable_layout", 8, "choose the layout"),
        (b"NOFF\0\0", 6, "bad_magic", 0, "not a NOFF file"),
        (b"#!/bin/sh", 9, "bad_magic", 0, "this is a script"),
        (b"!<arch>\n", 8, "bad_magic", 0, "an archive of object files; link it"),
        (b"\x01\x03\x20\x04", 4, "bad_magic", 0, "an ELKS or Minix a.out executable"),
        (elf, 8, "bad_magic", 0, "ELF file; convert it to NOFF"),
        (coff, 8, "bad_magic", 0, "MIPS COFF file; convert it to NOFF"),
        (
            big_coff,
            8,
            "bad_magic",
            0,
            "big-endian MIPS COFF file; build it with a little-endian MIPS compiler",
        ),
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
        (44, 44, "undecidable_layout", "code.in_file_addr", 8, 44, 40),
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
    // Where nothing has bytes, the place of what has none decides nothing.
    let mut file = [0; 60];
    file[..4].copy_from_slice(&noff::MAGIC.to_le_bytes());
    file[8] = 52;
    let finding = Header::parse(&file, 60, None).unwrap_err();
    let seen = (finding.rule.code(), finding.found, finding.expected);
    assert_eq!(seen, ("undecidable_layout", 52, noff::Expected::AnythingBut(52)));
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
            "15 bytes is not a number of whole pages: a page size is a power of two of at most 65536",
        ),
        (
            &LoadError::<EndOfFile>::MemoryTooSmall(noff::BufferTooSmall { needed: 16, given: 15 }),
            "the program ends at address 0x10, but the memory has only 15 bytes",
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

#[test]
fn the_builder_refuses_what_could_not_be_parsed_back() {
    let three = || Builder::new(Layout::Three, ByteOrder::Little);
    let table = [
        (three(), "there is no code"),
        (three().uninit_data(0, 10), "there is no code"),
        (three().readonly_data(0, &[1]), "has no readonlyData"),
        (three().code(0, &[0; 8]).init_data(4, &[1]), "before code ends at 0x8"),
        (three().code(u32::MAX, &[1]), "0 addresses remain"),
        (three().code(0, &[1]).uninit_data(4, u32::MAX), "addresses remain"),
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
