//! What ELKS refuses, each time by one value: the field, its place, what was found and what is required; and what loading refuses.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::error::Error;

use execfmt_common::Expected::{self, AnythingBut, AtLeast, AtMost, Exactly};
use os2_ne::elks::{ElksRule, Layout, LoadError, Memory, Options, SegmentKind, execve, load};
use os2_ne::{Builder, Image, NeHeader, NewSegment, Relocation, Source};
use support::reported;

const ARGUMENTS: Options = Options { os2: true, protected_mode: false, argument_bytes: 40 };

fn segments() -> [NewSegment<'static>; 2] {
    [NewSegment::code(&[0x90; 16]), NewSegment::data(&[1; 10]).min_alloc(64)]
}

fn sample() -> Vec<u8> {
    Builder::new(&segments()).to_vec().unwrap()
}

fn with(change: impl FnOnce(&mut NeHeader)) -> Vec<u8> {
    Builder::new(&segments()).header(change).to_vec().unwrap()
}

/// The sample with one byte changed.
fn patched(offset: u64, byte: u8) -> Vec<u8> {
    let mut file = sample();
    file[usize::try_from(offset).unwrap()] = byte;
    file
}

/// Offsets of the NE header's fields are those that OS/2 documents.
#[test]
fn each_refusal_names_the_value_and_what_elks_requires() {
    let file = sample();
    let image = Image::parse(&file).unwrap();
    let header = image.header();
    let ne = u64::from(header.position);
    let entry = |number| header.entry_offset(number);
    let no_os2 = Options { os2: false, ..ARGUMENTS };
    let six: Vec<_> =
        [NewSegment::code(&[0x90; 2]), NewSegment::data(&[1; 2])].into_iter().cycle().take(6).collect();
    let length = file.len() as u64;
    let cases: Vec<(Vec<u8>, Options, ElksRule, u64, u64, Expected)> = vec![
        (vec![], ARGUMENTS, ElksRule::Empty, 0, 0, AtLeast(2)),
        (vec![b'M'], ARGUMENTS, ElksRule::Empty, 0, 1, AtLeast(2)),
        (patched(1, b'X'), ARGUMENTS, ElksRule::NotMz, 0, 0x584d, Exactly(0x5a4d)),
        (file.clone(), no_os2, ElksRule::NotConfigured, 0, 0x5a4d, AnythingBut(0x5a4d)),
        (file[..63].to_vec(), ARGUMENTS, ElksRule::MzShort, 0, 63, AtLeast(64)),
        // The MZ header is whole, and the NE header would begin at the file's end.
        (file[..64].to_vec(), ARGUMENTS, ElksRule::HeaderShort, 60, ne, AtMost(0)),
        (patched(ne, b'L'), ARGUMENTS, ElksRule::NotNe, ne, 0x454c, Exactly(0x454e)),
        (
            with(|ne| ne.target_os = 2),
            ARGUMENTS,
            ElksRule::TargetSystem(os2_ne::System::Windows),
            ne + 54,
            2,
            Exactly(1),
        ),
        // The bits that ELKS does not look at are kept in what is required.
        (with(|ne| ne.program_flags = 0), ARGUMENTS, ElksRule::ProgramFlags, ne + 12, 0, Exactly(2)),
        (with(|ne| ne.program_flags = 0x1f), ARGUMENTS, ElksRule::ProgramFlags, ne + 12, 0x1f, Exactly(2)),
        (with(|ne| ne.program_flags = 0x63), ARGUMENTS, ElksRule::ProgramFlags, ne + 12, 0x63, Exactly(0x62)),
        (with(|ne| ne.program_flags = 0xe0), ARGUMENTS, ElksRule::ProgramFlags, ne + 12, 0xe0, Exactly(0xe2)),
        (with(|ne| ne.auto_data_segment.set(0)), ARGUMENTS, ElksRule::AutoSegment, ne + 14, 0, AtLeast(1)),
        (with(|ne| ne.auto_data_segment.set(3)), ARGUMENTS, ElksRule::AutoSegment, ne + 14, 3, AtMost(2)),
        (with(|ne| ne.num_modules.set(1)), ARGUMENTS, ElksRule::Modules, ne + 30, 1, Exactly(0)),
        (with(|ne| ne.num_movable.set(1)), ARGUMENTS, ElksRule::Movable, ne + 48, 1, Exactly(0)),
        (with(|ne| ne.num_resources.set(1)), ARGUMENTS, ElksRule::Resources, ne + 52, 1, Exactly(0)),
        (Builder::new(&six).to_vec().unwrap(), ARGUMENTS, ElksRule::TooManySegments, ne + 28, 6, AtMost(5)),
        (patched(entry(1) + 6, 0), ARGUMENTS, ElksRule::SegmentMemory, entry(1) + 6, 0, AtLeast(1)),
        (
            Builder::new(&[segments()[0].clone().min_alloc(0xfff1), segments()[1].clone()]).to_vec().unwrap(),
            ARGUMENTS,
            ElksRule::SegmentMemory,
            entry(1) + 6,
            0xfff1,
            AtMost(0xfff0),
        ),
        (patched(entry(1) + 2, 0), ARGUMENTS, ElksRule::NoBytes, entry(1) + 2, 0, AtLeast(1)),
        // 4 paragraphs of data, and 4092 for 65,464 bytes of stack, heap and arguments: one more than a segment has.
        (
            with(|ne| (ne.stack, ne.heap) = (0x1000.into(), 0xef90.into())),
            ARGUMENTS,
            ElksRule::AutoTooLarge,
            ne + 16,
            0x1_0000,
            AtMost(0xfff0),
        ),
        (with(|ne| ne.cs.set(0)), ARGUMENTS, ElksRule::EntrySegment, ne + 22, 0, AtLeast(1)),
        (with(|ne| ne.cs.set(3)), ARGUMENTS, ElksRule::EntrySegment, ne + 22, 3, AtMost(2)),
        (
            file[..file.len() - 1].to_vec(),
            ARGUMENTS,
            ElksRule::SegmentShort,
            entry(2) + 2,
            10,
            AtMost(length - 1 - u64::from(image.segment(2).unwrap().offset)),
        ),
    ];
    for (file, options, rule, offset, found, expected) in cases {
        let refusal = execve(&file, options).err().unwrap_or_else(|| panic!("{rule:?}: started"));
        assert_eq!((refusal.rule, refusal.offset), (rule, offset), "{refusal}");
        assert_eq!((refusal.found, refusal.expected), (found, expected), "{refusal}");
        let mut layout = Layout::EMPTY;
        assert_eq!(layout.read(&file, options), Err(refusal));
        let (sentence, errno) = (refusal.to_string(), format!("ELKS returns {}: ", rule.errno()));
        let (_, why) = sentence.split_once(&errno).unwrap();
        assert!(why.len() > 20, "{sentence}");
        // `check` begins with it.
        let first = reported(&file, &options)[0];
        assert_eq!(first, (refusal.rule.code(), offset, found, expected), "{refusal}");
    }
}

/// 4 paragraphs of data, and 515 for 4096 bytes of stack, as many of heap and 40 of arguments.
#[test]
fn the_layout_of_the_sample() {
    let file = sample();
    let program = execve(&file, ARGUMENTS).unwrap();
    let layout = program.layout();
    let kinds: Vec<_> = layout.segments().map(|segment| (segment.kind, segment.paras)).collect();
    assert_eq!(kinds, [(SegmentKind::Code, 1), (SegmentKind::Auto, 519)]);
    assert_eq!((layout.heap_asked, layout.minstack, layout.total_paras()), (4096, 4096, 520));
    // From the break, 64, to the stack below the arguments.
    assert_eq!((layout.data_len, layout.heap()), (8304, 8304 - 40 - 4096 - 64));
    let mut read = Layout::EMPTY;
    read.read(&file, ARGUMENTS).unwrap();
    assert_eq!(read, *layout);
    let kinds = [SegmentKind::Code, SegmentKind::Data, SegmentKind::Auto, SegmentKind::AutoMarkedCode];
    assert_eq!(kinds.map(SegmentKind::name), ["code", "data", "auto", "auto-as-code"]);
}

#[test]
fn loading_needs_memory_for_each_segment() {
    let file = sample();
    for given in 0..4 {
        let mut memories = vec![vec![0xcc; 519 * 16]; given];
        let mut memory: Vec<_> =
            (0..).zip(&mut memories).map(|(base, bytes)| Memory { base, bytes }).collect();
        match load(&file, ARGUMENTS, &mut memory) {
            Ok(_) => assert!(given >= 2),
            Err(error) => {
                assert!(matches!(error, LoadError::TooFewSegments { needed: 2, given: it } if it == given));
                assert!(error.to_string().contains(&format!("memory was given for {given}")), "{error}");
                assert!(error.source().is_none() && given < 2);
            }
        }
    }
    let (mut code, mut data) = ([0; 16], [0; 519 * 16 - 1]);
    let mut memory = [Memory { base: 0, bytes: &mut code }, Memory { base: 1, bytes: &mut data }];
    let error = load(&file, ARGUMENTS, &mut memory).unwrap_err();
    assert!(matches!(error, LoadError::MemoryTooSmall(2, _)) && error.source().is_some());
    assert!(error.to_string().starts_with("the memory for segment 2: "), "{error}");
    for file in [with(|ne| ne.target_os = 2), with(|ne| ne.ip.set(16))] {
        let error = load(&file, ARGUMENTS, &mut memory).unwrap_err();
        let source = error.source().unwrap();
        assert_eq!(error.to_string(), source.to_string());
    }
}

fn far(source_offset: u16, target_segment: u8) -> Relocation {
    Relocation {
        source: Source::FarPointer,
        additive: false,
        source_offset,
        target_segment,
        target_offset: 0,
    }
}

/// Code of 18 bytes in two paragraphs; a far pointer has four bytes.
#[test]
fn relocations_at_the_end_of_a_segment() {
    let mut code = [0xff; 18];
    code[..2].fill(0x90);
    let place = |source_offset| {
        let relocations = [far(source_offset, 1)];
        let segments =
            [NewSegment::code(&code).min_alloc(20).relocations(&relocations), segments()[1].clone()];
        let file = Builder::new(&segments).to_vec().unwrap();
        reported(&file, &ARGUMENTS).iter().map(|it| (it.0, it.2, it.3)).collect::<Vec<_>>()
    };
    assert_eq!(place(14), []);
    assert_eq!(place(15), [("relocation_beyond_bytes", 19, AtMost(18))]);
    assert_eq!(place(28), [("relocation_beyond_bytes", 32, AtMost(18))]);
    assert_eq!(place(29), [("relocation_outside", 33, AtMost(32))]);
}

/// What a kernel for another system may load is examined too, but not the relocations of more segments than ELKS has.
#[test]
fn relocations_of_refused_files() {
    let relocations = [far(2, 9)];
    let code = NewSegment::code(&[0xff; 8]).relocations(&relocations);
    for (count, examined) in [(5, true), (6, false)] {
        let mut segments = vec![segments()[1].clone(); count];
        segments[0] = code.clone();
        let file = Builder::new(&segments).header(|ne| ne.target_os = 2).to_vec().unwrap();
        let codes: BTreeSet<_> = reported(&file, &ARGUMENTS).iter().map(|it| it.0).collect();
        assert_eq!(codes.contains("relocation_target"), examined, "{count} segments: {codes:?}");
    }
}

/// A segment without bytes shares none, wherever the table places it.
#[test]
fn a_segment_without_bytes_does_not_overlap() {
    let segments = [NewSegment::data(&[]).min_alloc(16), NewSegment::code(&[0x90; 1024])];
    let mut file = Builder::new(&segments).to_vec().unwrap();
    let image = Image::parse(&file).unwrap();
    let (header, code) = (image.header(), image.segment(2).unwrap());
    let code = code.offset + 1..code.offset + 1024;
    let inside = u16::try_from((code.start + 512) >> header.shift()).unwrap();
    let entry = usize::try_from(header.entry_offset(1)).unwrap();
    file[entry..][..2].copy_from_slice(&inside.to_le_bytes());
    let image = Image::parse(&file).unwrap();
    let inside = image.segment(1).unwrap().offset;
    assert!(code.contains(&inside));
    let codes: Vec<_> = reported(&file, &ARGUMENTS).iter().map(|it| it.0).collect();
    assert!(!codes.contains(&"segments_overlap"), "{codes:?}");
}

#[test]
fn the_auto_data_segment_marked_as_code_and_protected_mode() {
    let segments = [NewSegment::code(&[0x90; 16]), NewSegment::code(&[1; 10]).flags(0x0c00)];
    let file = Builder::new(&segments).to_vec().unwrap();
    let list = reported(&file, &ARGUMENTS);
    let marked = list.iter().find(|it| it.0 == "auto_is_code").unwrap();
    // Bit 0 marks data.
    assert_eq!((marked.2, marked.3), (0x0c00, Exactly(0x0c01)));
    let segments =
        [segments[0].clone(), segments[0].clone(), segments[0].clone(), self::segments()[1].clone()];
    let file = Builder::new(&segments).to_vec().unwrap();
    let protected = Options { protected_mode: true, ..ARGUMENTS };
    let list = reported(&file, &protected);
    let code = list.iter().find(|it| it.0 == "protected_mode").unwrap();
    assert_eq!((code.2, code.3), (3, Exactly(0)));
}

/// Where the kernel's reason and the format's rule are the same place, one of them is enough.
#[test]
fn what_elks_refuses_is_reported_once() {
    let file = sample();
    let short = reported(&file[..file.len() - 1], &ARGUMENTS);
    assert_eq!(short.iter().map(|it| it.0).collect::<Vec<_>>(), ["segment_short"]);
    // Both segments are cut short: ELKS stops at the first.
    let end = Image::parse(&file).unwrap().segment(1).unwrap().end();
    let short = reported(&file[..usize::try_from(end - 1).unwrap()], &ARGUMENTS);
    assert_eq!(short.iter().map(|it| it.0).collect::<Vec<_>>(), ["segment_short", "segment_past_eof"]);
    let refused = reported(&with(|ne| (ne.target_os, ne.ip) = (2, 16.into())), &ARGUMENTS);
    assert_eq!(refused.iter().map(|it| it.0).collect::<Vec<_>>(), ["target_system"]);
}
