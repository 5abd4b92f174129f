//! chmem: its columns, its changes, what it refuses.

use aout_minix::chmem::{self, Change, ChmemError, MinixChange, Row};
use aout_minix::{FileType, Header, Supplement};

use crate::{far, plain};

#[test]
fn chmem_prints_the_originals_columns() {
    let row = |header: &Header| format!("{} name{}", Row::of(header), Row::of(header).remarks());
    for (header, expected) in [
        (plain(), "   16      0    100     28      0      0     8320   8336 name"),
        (
            Header { chmem: 1000, minstack: 2000, ..plain() },
            "   16      0    100     28   1000   2000     3128   3144 name",
        ),
        (
            Header { chmem: 0xfff0, ..plain() },
            "   16      0    100     28  65520      0    65520  65536 name",
        ),
        (
            Header { version: 0, chmem: 1128, ..plain() },
            "   16      0    100     28   1000      0     1128   1144 name (v0 header)",
        ),
        (
            Header { version: 0, minstack: 1, ..plain() },
            "   16      0    100     28      0      1     4224   4240 name (v0 header)",
        ),
        (
            Header { version: 0, chmem: 1144, file_type: FileType::COMBID, ..plain() },
            "   16      0    100     28   1000      0     1144   1144 name (v0 header)",
        ),
        (
            Header {
                supplement: Supplement {
                    ftseg: 300,
                    compr_tseg: 9,
                    compr_ftseg: 200,
                    ..Supplement::default()
                },
                ..far()
            },
            "   16    300    100     28      0      0     8320   8636 name (9 200 0)",
        ),
    ] {
        assert_eq!(row(&header), expected);
    }
    assert_eq!(chmem::HEADING, " TEXT  FTEXT   DATA    BSS   HEAP  STACK  TOTDATA  TOTAL");
    // The original does not look at a supplement of 16 bytes.
    let supplement = Supplement { trsize: 16, drsize: 8, ..Supplement::default() };
    assert_eq!(Row::of(&Header { hlen: 0x30, supplement, ..plain() }).relocations, 24);
}

#[test]
fn chmem_changes() {
    let set = |header: &Header, heap, stack| {
        chmem::change(header, Change { heap, stack }).map(|changed| {
            (changed.header.version, changed.header.chmem, changed.header.minstack, changed.truncated_to)
        })
    };
    let v0 = Header { version: 0, chmem: 1128, ..plain() };
    let large = Header { dseg: 20_000, bseg: 0, ..plain() };
    for (header, heap, stack, expected) in [
        (plain(), Some(1000), None, (1, 1000, 0, None)),
        (plain(), None, Some(2000), (1, 0, 2000, None)),
        (plain(), Some(0), Some(0), (1, 0, 0, None)),
        (plain(), Some(0xffff), Some(65_520), (1, 0xffff, 65_520, None)),
        // The original stores 1128, the total of version 0, as the heap of version 1.
        (v0, None, Some(2000), (1, 1000, 2000, None)),
        // 65520 - 20000 - 4096 - 128.
        (large, Some(50_000), None, (1, 41_296, 0, Some(41_296))),
        (large, Some(41_424), None, (1, 41_424, 0, None)),
        (large, Some(41_425), None, (1, 41_296, 0, Some(41_296))),
        // Cut to as much as data and bss, and not below.
        (large, Some(50_000), Some(25_392), (1, 20_000, 25_392, Some(20_000))),
        // Version 0 has no stack: the 1 is the high half of Minix' total of 65536.
        (Header { version: 0, minstack: 1, ..plain() }, Some(500), None, (1, 500, 0, None)),
    ] {
        assert_eq!(set(&header, heap, stack), Ok(expected), "{header:?} {heap:?} {stack:?}");
    }
    let tight = Header { dseg: 61_000, bseg: 0, ..plain() };
    for (header, heap, stack, expected) in [
        (plain(), Some(65_536), None, ChmemError::HeapTooLarge(65_536)),
        (plain(), None, Some(65_521), ChmemError::StackTooLarge(65_521)),
        (Header { minstack: 65_521, ..plain() }, Some(1), None, ChmemError::StackTooLarge(65_521)),
        (Header { hlen: 31, ..plain() }, None, None, ChmemError::BadHeader(31)),
        (Header { version: 2, ..plain() }, None, None, ChmemError::UnknownVersion(2)),
        (large, Some(50_000), Some(25_393), ChmemError::HeapStackTooLarge { most: 45_392, data: 20_000 }),
        // What the tool of ELKS says of a program of these sizes: `heap+stack too large: 43552`.
        (
            Header { tseg: 18_544, dseg: 2240, bseg: 19_600, chmem: 32_768, minstack: 3072, ..plain() },
            Some(30_000),
            Some(30_000),
            ChmemError::HeapStackTooLarge { most: 43_552, data: 21_840 },
        ),
        // 65520 - 61000 - 5000 - 128 is negative: an older version of the original writes a heap of FDA0 and the like.
        (tight, Some(8000), Some(5000), ChmemError::HeapStackTooLarge { most: 4392, data: 61_000 }),
        (Header { chmem: 128, ..v0 }, None, Some(1), ChmemError::TotalTooSmall { total: 128, data: 128 }),
    ] {
        assert_eq!(set(&header, heap, stack), Err(expected), "{header:?} {heap:?} {stack:?}");
    }
    // The original leaves far text out of this row.
    let supplement = Supplement { ftseg: 300, ..Supplement::default() };
    let changed =
        chmem::change(&Header { supplement, ..far() }, Change { heap: Some(1000), stack: None }).unwrap();
    assert_eq!(Row::of(&changed.header).total, 16 + 300 + 128 + 1000 + 4096);
}

#[test]
fn chmem_changes_in_the_way_of_minix() {
    // Data and bss take 128 bytes, with the text of a combined program 144.
    let split = Header { version: 0, chmem: 1128, file_type: FileType::SPLITID, ..plain() };
    let combined = Header { version: 0, chmem: 1128, file_type: FileType::COMBID, ..plain() };
    let i386 =
        Header { version: 0, chmem: 0, minstack: 1, file_type: FileType::from_word(0x1020_0301), ..plain() };
    for (header, change, before, after, total) in [
        (split, MinixChange::Exactly(50_000), 1000, 50_000, 50_128),
        (split, MinixChange::Exactly(65_407), 1000, 65_407, 65_535),
        (split, MinixChange::More(24), 1000, 1024, 1152),
        (split, MinixChange::Less(1000), 1000, 0, 128),
        (combined, MinixChange::More(16), 984, 1000, 1144),
        (i386, MinixChange::More(0x1_0000), 0x1_0000 - 128, 0x2_0000 - 128, 0x2_0000),
    ] {
        let new = chmem::minix(&header, change).unwrap();
        assert_eq!(
            (new.before, new.after, new.changed.header.a_total()),
            (before, after, total),
            "{change:?}"
        );
        let rest = Header { chmem: header.chmem, minstack: header.minstack, ..new.changed.header };
        assert_eq!(rest, header, "nothing else changes");
    }
    let out_of_range = |total| ChmemError::AmountOutOfRange { total, most: 65_535 };
    for (header, change, error) in [
        (split, MinixChange::Exactly(65_408), out_of_range(Some(65_536))),
        (split, MinixChange::Less(1001), out_of_range(None)),
        (plain(), MinixChange::More(1), ChmemError::UnknownVersion(1)),
    ] {
        assert_eq!(chmem::minix(&header, change), Err(error), "{change:?}");
    }
    let mut file = [0; 40];
    chmem::minix(&split, MinixChange::Exactly(1)).unwrap().changed.write_to(&mut file).unwrap();
    assert_eq!((file[24], &file[32..]), (129, &[0; 8][..]));
    assert!(chmem::minix(&split, MinixChange::Less(1)).unwrap().changed.write_to(&mut file[..31]).is_err());
}
