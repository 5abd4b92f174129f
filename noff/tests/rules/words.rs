//! What people read of headers, programs and errors.

use noff::{BufferTooSmall, EndOfFile, Layout, LoadError, Program, SegmentKind, Strictness, push_arguments};

use super::plain;

const HEADER: &str = "NOFF, 3 segments, little-endian header; code 0x0+0x40 from byte 40; \
                      initData 0x40+0x20 from byte 104; uninitData 0x60+0x30";

#[test]
fn headers_and_programs_in_a_line() {
    assert_eq!(Layout::ALL.map(|layout| layout.to_string()), ["3 segments", "4 segments"]);
    assert_eq!(plain().to_string(), HEADER);
    for file_len in [136, 137, 4096] {
        let program = Program::new(plain(), file_len, Strictness::Errors).unwrap();
        assert_eq!(program.to_string(), format!("{HEADER}; memory up to 0x90"));
        assert_eq!(program.file_len(), file_len);
    }
}

#[test]
fn kinds_of_segments() {
    for (kind, name, read_only, file_backed) in [
        (SegmentKind::Code, "code", true, true),
        (SegmentKind::InitData, "initData", false, true),
        (SegmentKind::ReadonlyData, "readonlyData", true, true),
        (SegmentKind::UninitData, "uninitData", false, false),
    ] {
        assert_eq!((kind.name(), kind.to_string()), (name, name.into()));
        assert_eq!((kind.is_read_only(), kind.is_file_backed()), (read_only, file_backed), "{kind}");
    }
}

#[test]
fn why_a_program_is_not_loaded() {
    let too_small = LoadError::MemoryTooSmall(BufferTooSmall { needed: 0x90, given: 16 });
    for (error, words) in [
        (too_small, "the program ends at address 0x90, but the memory has only 16 bytes"),
        (
            LoadError::PageSize(100),
            "100 bytes is not a number of whole pages: a page size is a power of two of at most 65536",
        ),
        (LoadError::Read("disk"), "disk"),
    ] {
        assert_eq!(error.to_string(), words);
    }
    assert!(EndOfFile.to_string().contains("cut short after its header was read"));
    let error = push_arguments([&b"an argument"[..]].into_iter(), 0x1000, &mut [0; 8]).unwrap_err();
    assert_eq!(error.to_string(), "the arguments do not fit into 8 bytes");
}
