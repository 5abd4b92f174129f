//! What families of kernels ask of a program.

use SegmentKind::{Code, UninitData};
use noff::{ByteOrder, Header, Layout, PageSize, Program, SegmentKind, Strictness};

use super::{plain, segment};

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
            "four segments, the data first in the file: its offset is where the header ends",
            &NACHOS3,
            Header { code: segment(0, 84, 64), init_data: segment(64, 52, 32), ..four },
            148,
            &["kernel_layout"],
            "initData.in_file_addr at byte 20: the header has 52",
        ),
        (
            "four segments, two of which begin there",
            &NACHOS3,
            Header { init_data: segment(64, 52, 32), ..four },
            116,
            &["file_ranges_overlap", "kernel_layout"],
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
            "need 33 pages, but the kernel's machine has 32",
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
            "uninitData.size at byte 36: the kernel requires a segment size that is a multiple of 128, but 64 is not",
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
        let text: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(words.is_empty() || text.iter().any(|text| text.contains(words)), "{text:?}");
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
    // One that starts programs within a page, and maps all: code that begins at the page is not where it starts them.
    let rules = |header: &Header, profile: &Profile<'_>| {
        findings(header, 424, Some(profile)).map(|finding| finding.rule.code()).collect::<Vec<_>>()
    };
    let mut own = NACHOS3;
    own.start = 0x20;
    assert!(rules(&filled, &own).contains(&"code_not_at_start"));
    // What kernels of another format ask of NOFF files is nothing but the format.
    let mut own = NACHOS5J;
    (own.size_granularity, own.start) = (128, 0x20);
    for unmapped_pages in [0, 1] {
        own.unmapped_pages = unmapped_pages;
        assert_eq!(rules(&small, &own), ["misaligned_size", "trailing_bytes", "kernel_format"]);
    }
    // Code that is not there begins nowhere.
    let without = with(Code, segment(0x40, 0, 0));
    assert!(!rules(&without, &NACHOS3).contains(&"code_not_at_start"));
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
