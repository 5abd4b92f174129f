//! The one verdict on a file: what it says, and that it is the loader's.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test, which may panic"
)]

mod support;

use std::ops::ControlFlow;

use aout_minix::compress::{Level, check_in_place, decode_in_place, encode};
use aout_minix::elks::{self, Memory, Program, Segments};
use aout_minix::{
    Advice, AnyFinding, AoutRule, Builder, CheckOptions, Content, Expected, FileType, Image, Loader,
    Relocation, Section, Severity, SymbolIndex, Verdict, check_bytes, chmem,
};
use fastrand::Rng;
use support::files::{self, Pair};

const SEED: u64 = 0x0e7d_1c70;
const CASES: usize = 100_000;

fn findings(file: &[u8], options: &CheckOptions) -> (Verdict, Vec<(Severity, &'static str)>) {
    let mut list = Vec::new();
    let verdict = check_bytes(file, options, &mut |finding| {
        list.push((finding.severity(), finding.code()));
        ControlFlow::Continue(())
    });
    (verdict, list)
}

fn load(file: &[u8], options: elks::Options) -> bool {
    let Ok(program) = Program::new(file, options) else { return false };
    let layout = program.layout();
    let mut text = vec![0; layout.text_bytes() as usize];
    let mut data = vec![0; layout.data_len.into()];
    let memory = Memory { text: &mut text, data: &mut data };
    program.load_file(file, memory, Segments { text: 0x1000, data: 0x5000 }, decode_in_place).is_ok()
}

/// The errors that no kernel looks for: it loads the file, and the program fails or overwrites its own memory.
const UNSEEN: [&str; 6] = [
    "cut_to_16_bits",
    "entry_outside_text",
    "no_room_to_expand",
    "relocation_place",
    "section_past_eof",
    "stored_beyond_allocation",
];

#[test]
fn a_file_is_accepted_exactly_when_it_loads() {
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    let pairs: Vec<Pair> = (0..40)
        .map(|_| {
            let len = rng.usize(60..400);
            let plain = files::bytes(&mut rng, len);
            let stored = encode(&plain, Level::Fast).unwrap();
            (plain, stored)
        })
        .collect();
    let (mut accepted, mut compressed, mut unseen) = (0, 0, 0);
    for _ in 0..CASES {
        let mut file = files::valid(&mut rng, &pairs);
        if rng.u8(..) < 200 {
            files::mutate(&mut rng, &mut file);
        }
        let loader = [Loader::Elks, Loader::Elks, Loader::ElksMinimal][rng.usize(0..3)];
        let argument_bytes = [0, 10, 13, 300][rng.usize(0..4)];
        let options = CheckOptions { loader, argument_bytes, ..CheckOptions::default() };
        let (verdict, list) = findings(&file, &options);
        let loads = load(&file, options.elks());
        let hex = || execfmt_testkit::hex(&file);
        if verdict.is_accepted() {
            assert!(loads, "accepted, but not loaded: {options:?} {}", hex());
            accepted += 1;
            compressed += usize::from(verdict.header.unwrap().is_compressed());
        } else if loads {
            let errors = list.iter().filter(|(severity, _)| *severity == Severity::Error);
            for (_, code) in errors {
                assert!(UNSEEN.contains(code), "{code}, but loaded: {options:?} {}", hex());
            }
            unseen += 1;
        }
        assert_eq!(verdict.tally.errors as usize, list.iter().filter(|it| it.0 == Severity::Error).count());
    }
    assert!(accepted > 15_000 && compressed > 3_000 && unseen > 100, "{accepted} {compressed} {unseen}");
}

#[test]
fn every_byte_of_a_compressed_program_counts() {
    let text: Vec<u8> = (0..400_u32).map(|at| (at * at / 7) as u8 & 0x1f).collect();
    let stored = encode(&text, Level::Default).unwrap();
    let file = Builder::new(FileType::SPLITID_AHISTORICAL)
        .version(1)
        .content(Section::Text, Content::compressed(&stored, 400))
        .to_vec()
        .unwrap();
    let options = CheckOptions { loader: Loader::Elks, ..CheckOptions::default() };
    assert!(findings(&file, &options).0.is_accepted());
    let mut refused = 0;
    for at in 64..file.len() {
        let mut damaged = file.clone();
        damaged[at] ^= 0x41;
        let (verdict, list) = findings(&damaged, &options);
        assert_eq!(verdict.is_accepted(), load(&damaged, options.elks()), "byte {at}");
        if !verdict.is_accepted() {
            refused += 1;
            assert_eq!(list[0], (Severity::Error, "bad_compression"), "byte {at}");
            assert_eq!(list.len(), 2, "the reason within the section: byte {at}");
        }
        let unasked = CheckOptions { decompress: false, ..options };
        assert!(findings(&damaged, &unasked).0.is_accepted());
    }
    assert!(refused > 50, "{refused}");
}

/// What a finding says, field by field.
fn said(finding: &dyn AnyFinding) -> (i32, u32, String, u64, u64, Expected, String) {
    let (field, sentence) = (finding.field().to_string(), finding.to_string());
    (
        finding.number(),
        finding.detail(),
        field,
        finding.offset(),
        finding.found(),
        finding.expected(),
        sentence,
    )
}

/// The refusal of the kernel comes as the kernel's rules make it, and its reason with the place in the file.
#[test]
fn a_damaged_section_is_named_with_its_place() {
    let plain: Vec<u8> = (0..400_u32).map(|at| (at * at / 7) as u8 & 0x1f).collect();
    let stored = encode(&plain, Level::Default).unwrap();
    let mut damaged = stored.clone();
    damaged[20..].fill(0x41);
    for (section, name) in [(Section::Text, "text"), (Section::Data, "data"), (Section::FarText, "far text")]
    {
        let content = |of| Content::compressed(if of == section { &damaged } else { &stored }, 400);
        let all = [Section::Text, Section::Data, Section::FarText];
        let base = Builder::new(FileType::SPLITID_AHISTORICAL).version(1);
        let file = all.into_iter().fold(base, |base, of| base.content(of, content(of))).to_vec().unwrap();
        let mut list = Vec::new();
        let verdict = check_bytes(&file, &CheckOptions::default(), &mut |finding| {
            list.push((said(finding), finding.severity()));
            ControlFlow::Continue(())
        });
        let refusal = verdict.elks.unwrap().unwrap_err();
        let start = Image::parse(&file).unwrap().header().offset_of(section);
        let inner = check_in_place(&damaged, 400, 65_520).unwrap_err();
        let [kernel, reason] = list.as_slice() else { panic!("{list:?}") };
        assert_eq!(*kernel, (said(&refusal), Severity::Error));
        let (number, detail, field, offset, ..) = &reason.0;
        assert_eq!((*number, *detail), (inner.number(), kernel.0.1), "{reason:?}");
        assert_eq!((field, *offset), (&format!("compressed {name}: {}", inner.field), start + inner.offset));
        assert!(start > 64 || section == Section::Text);
    }
}

#[test]
fn the_kernel_chosen_decides() {
    let small = || Builder::new(FileType::SPLITID).text(&[0x90; 16]).data(b"data").bss(100).chmem(0x1000);
    let new = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 16]).data(&[1; 100]);
    let tight = Builder::new(FileType::SPLITID_AHISTORICAL).text(&[0x90; 16]).data(b"data").chmem(13);
    let i386 = Builder::new(FileType::from_word(0x1020_0301)).text(&[0x90; 16]).chmem(0x1000);
    let m68k = Builder::new(FileType::from_word(0x0b20_0301)).text(&[0x90; 16]).chmem(0x1000);
    let combined = Builder::new(FileType::COMBID).text(&[0x90; 16]).chmem(0x1000);
    let far = new.far_text(&[0xcb]);
    let error = Severity::Error;
    let warning = Severity::Warning;
    type Case<'a> = (&'a str, Builder<'a>, Loader, u16, &'a [(Severity, &'a str)]);
    let cases: [Case<'_>; 17] = [
        ("made for both", small(), Loader::Intended, 10, &[]),
        ("for Minix", small(), Loader::Minix2, 10, &[]),
        ("for ELKS", small(), Loader::ElksMinimal, 10, &[]),
        // The heap of 32768 does not fit: well-formed, but nothing runs it.
        ("heap", new.bss(60_000).chmem(0x8000), Loader::Intended, 10, &[(error, "heap_too_large")]),
        // A stack of 65280 leaves no room for the default heap.
        ("stack", new.minstack(65_280), Loader::Intended, 10, &[(error, "heap_too_large")]),
        // Nine bytes beyond the data, and no execve passes fewer than ten of arguments.
        ("two pointers", tight, Loader::Intended, 10, &[(error, "total_too_small_for_arguments")]),
        ("none", tight, Loader::Intended, 0, &[]),
        ("80386", i386, Loader::Intended, 10, &[(warning, "wrong_type")]),
        ("80386 on ELKS", i386, Loader::Elks, 10, &[(error, "wrong_type")]),
        ("80386 on Minix", i386, Loader::Minix2, 10, &[]),
        // Version 1 is ELKS' own, which has no 80386; Minix knows no version 1.
        ("80386, version 1", i386.version(1), Loader::Intended, 10, &[(error, "wrong_type")]),
        // Its kernels are not known here.
        ("68000", m68k, Loader::Intended, 10, &[(warning, "wrong_type")]),
        ("combined", combined, Loader::Intended, 10, &[(warning, "wrong_type")]),
        ("combined on ELKS", combined, Loader::Elks, 10, &[(error, "wrong_type")]),
        ("medium model", far, Loader::Intended, 10, &[]),
        ("medium model", far, Loader::ElksMinimal, 10, &[(error, "no_medium_model")]),
        ("version 1 on Minix", new, Loader::Minix2, 10, &[(error, "no_total")]),
    ];
    for (what, builder, loader, argument_bytes, expected) in cases {
        let options = CheckOptions { loader, argument_bytes, ..CheckOptions::default() };
        let (verdict, list) = findings(&builder.to_vec().unwrap(), &options);
        assert_eq!(list, expected, "{what}: {options:?}");
        assert_eq!(verdict.is_accepted(), expected.iter().all(|it| it.0 == warning), "{what}");
    }
}

#[test]
fn what_cannot_be_parsed_has_its_findings() {
    let file = Builder::new(FileType::SPLITID).text(&[0x90; 16]).chmem(0x1000).to_vec().unwrap();
    let codes = |file: &[u8]| {
        let (verdict, list) = findings(file, &CheckOptions::default());
        assert!(!verdict.is_accepted());
        list.iter().map(|it| it.1).collect::<Vec<_>>()
    };
    assert_eq!(codes(b""), ["truncated"]);
    assert_eq!(codes(b"hello"), ["bad_magic"]);
    assert_eq!(codes(&file[..20]), ["truncated"]);
    // One field, one error: the kernel's own refusal of it is not reported as well.
    assert_eq!(codes(&file[..40]), ["section_past_eof"]);
    let mut damaged = file.clone();
    damaged[4] = 0x1f;
    assert_eq!(codes(&damaged), ["bad_hlen"]);
    damaged[8..12].fill(0);
    assert_eq!(codes(&damaged), ["bad_hlen", "no_text"]);
}

#[test]
fn findings_are_counted_beyond_a_thousand() {
    // Each of 4,000 relocations breaks two rules.
    let wrong =
        vec![
            Relocation { vaddr: 100, symndx: SymbolIndex(1), ..Relocation::segword(0, SymbolIndex::TEXT) };
            4000
        ];
    let file = Builder::new(FileType::SPLITID).text(&[0x90; 16]).text_relocations(wrong.as_slice());
    let (verdict, list) = findings(&file.to_vec().unwrap(), &CheckOptions::default());
    // ELKS refuses the first of them for the same reason, which is not said again.
    assert_eq!((verdict.tally.errors, verdict.tally.unlisted(), list.len()), (8000, 7000, 1000));
    let mut calls = 0;
    let verdict = check_bytes(&file.to_vec().unwrap(), &CheckOptions::default(), &mut |_| {
        calls += 1;
        ControlFlow::Break(())
    });
    assert_eq!(
        (verdict.tally.errors, calls),
        (8000, 1),
        "the verdict does not depend on who stops listening"
    );
}

#[test]
fn advice_names_what_can_be_changed() {
    let advice = |builder: Builder<'_>| {
        let mut advice = None;
        check_bytes(&builder.to_vec().unwrap(), &CheckOptions::default(), &mut |finding| {
            advice = finding.advice();
            ControlFlow::Continue(())
        });
        advice
    };
    let program = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 16]);
    assert_eq!(advice(program.chmem(0xffe0)), Some(Advice::LessHeap));
    assert_eq!(advice(program.minstack(65_280)), Some(Advice::LessStack));
    assert_eq!(advice(program.bss(65_000)), Some(Advice::LessStack));
    assert_eq!(advice(Builder::new(FileType::COMBID).text(&[0x90; 16])), Some(Advice::SeparateInstructions));
}

/// The room for decompression is that of the argument block given: data of 600 bytes in 614 of memory.
#[test]
fn arguments_count_for_the_room_to_expand() {
    let data = vec![7; 600];
    let stored = encode(&data, Level::Default).unwrap();
    let file = Builder::new(FileType::SPLITID_AHISTORICAL)
        .version(1)
        .chmem(1)
        .minstack(1)
        .text(&[0x90; 16])
        .content(Section::Data, Content::compressed(&stored, 600))
        .to_vec()
        .unwrap();
    let codes = |argument_bytes| {
        let options = CheckOptions { argument_bytes, ..CheckOptions::default() };
        let (verdict, list) = findings(&file, &options);
        assert_eq!(verdict.is_accepted(), load(&file, options.elks()), "{argument_bytes}");
        list.iter().map(|it| it.1).collect::<Vec<_>>()
    };
    // 602 and arguments, rounded up to 16: 608 is less than 616, 624 is not.
    assert_eq!(codes(0), ["no_room_to_expand", "bad_compression", "area_too_small"]);
    assert_eq!(codes(7), Vec::<&str>::new());
    let image = Image::parse(&file).unwrap();
    assert!(aout_minix::check(&image).all(|finding| finding.rule != AoutRule::NoRoomToExpand));
    let header = chmem::change(image.header(), chmem::Change { heap: Some(500), stack: None }).unwrap();
    assert_eq!(header.header.chmem, 500);
}
