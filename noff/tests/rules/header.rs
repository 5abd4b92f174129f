//! Each rule of the header by the smallest change that breaks it.

use SegmentKind::{Code, InitData, UninitData};
use noff::{Builder, ByteOrder, Header, Image, Layout, Options, SegmentKind, Severity, Strictness, check};

use super::{codes, plain, segment};

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
        // Nothing in an empty segment is checked, nor the file offset of bss.
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
