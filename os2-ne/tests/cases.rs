//! One small file for each rule that programs of the field run into, with the verdict and the layout that the ELKS kernel's
//! own code gives for an argument block of 40 bytes.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;

use execfmt_common::Severity;
use execfmt_testkit::{root, testdata};
use os2_ne::elks::{Errno, Options, execve};
use os2_ne::{Builder, Image, NewSegment, Relocation, Source, check_bytes};

const ARGUMENTS: Options = Options { os2: true, protected_mode: false, argument_bytes: 40 };

/// Bytes of the line that the programs print.
const LINE: &[u8; 6] = b"NE ok\n";

/// mov ax, 4 (write); mov bx, 1; mov cx, 0; mov dx, 6; int 80h; mov ax, 1 (exit); xor bx, bx; int 80h.
const PRINT: [u8; 22] =
    [0xb8, 4, 0, 0xbb, 1, 0, 0xb9, 0, 0, 0xba, 6, 0, 0xcd, 0x80, 0xb8, 1, 0, 0x31, 0xdb, 0xcd, 0x80, 0x90];

/// les cx, [8]; then as `PRINT`, which writes from there.
const PRINT_FAR: [u8; 22] =
    [0xc4, 0x0e, 8, 0, 0xb8, 4, 0, 0xbb, 1, 0, 0xba, 6, 0, 0xcd, 0x80, 0xb8, 1, 0, 0x31, 0xdb, 0xcd, 0x80];

/// jmp far to what the relocation says.
const JUMP: [u8; 6] = [0xea, 0xff, 0xff, 0, 0, 0x90];

struct Case {
    name: &'static str,
    file: Vec<u8>,
    expected: Expected,
}

enum Expected {
    /// Loaded and accepted: paragraphs of each segment, then t_endseg, begstack, t_enddata, endbrk, and warnings.
    Runs(&'static [u16], [u16; 4], &'static [&'static str]),
    /// Loaded by the kernel, with the code of an error or warning that `check` must have.
    Reported(&'static str, bool),
    Refused(Errno),
}

fn built(segments: &[NewSegment<'_>]) -> Vec<u8> {
    Builder::new(segments).to_vec().unwrap()
}

fn cases() -> Vec<Case> {
    use Expected::{Refused, Reported, Runs};
    let far = |additive, source_offset, target_segment, target_offset| {
        [Relocation { source: Source::FarPointer, additive, source_offset, target_segment, target_offset }]
    };
    let (jump, pointer) = (far(false, 1, 3, 0), far(true, 8, 2, 4));
    // The word at 2 names the place at 6, where the chain goes on.
    let segment = Source::Segment;
    let chain = [Relocation {
        source: segment,
        additive: false,
        source_offset: 2,
        target_segment: 2,
        target_offset: 0,
    }];
    let mut chained = vec![0x90, 0xb8, 6, 0, 0x90, 0xb8, 0xff, 0xff];
    chained.extend(PRINT);
    let mut data = [0; 18];
    data[8] = 8;
    data[12..].copy_from_slice(LINE);
    let mut line = [0; 16];
    line[..6].copy_from_slice(LINE);
    let (code, text) = (NewSegment::code(&PRINT), NewSegment::data(LINE));
    let mut long = [0; 122];
    long[..PRINT.len()].copy_from_slice(&PRINT);
    let mut six = vec![NewSegment::code(&[0x90, 0x90]); 5];
    six.push(text.clone());
    let case = |name, file, expected| Case { name, file, expected };
    vec![
        case(
            "small-model",
            built(&[code.clone(), NewSegment::data(&line).min_alloc(48)]),
            Runs(&[2, 0x206], [0x2060, 0x2038, 0x30, 0x30], &[]),
        ),
        case(
            "auto-not-last-far-jump",
            built(&[NewSegment::code(&JUMP).relocations(&jump), text.clone().min_alloc(70), code.clone()]),
            Runs(&[1, 0x208, 2], [0x2080, 0x2058, 0x46, 0x46], &[]),
        ),
        case(
            "additive-far-pointer",
            built(&[NewSegment::code(&PRINT_FAR), NewSegment::data(&data).relocations(&pointer)]),
            Runs(&[2, 0x205], [0x2050, 0x2028, 0x12, 0x12], &["data_segment_words"]),
        ),
        case(
            "bss-only-segment",
            built(&[code.clone(), text.clone(), NewSegment::data(&[]).min_alloc(256)]),
            Refused(Errno::Einval),
        ),
        case(
            "chained-relocation",
            built(&[NewSegment::code(&chained).relocations(&chain), text.clone()]),
            Reported("chain", true),
        ),
        case("six-segments", built(&six), Refused(Errno::E2big)),
        case(
            "file-larger-than-memory",
            built(&[NewSegment::code(&long).min_alloc(32), text.clone()]),
            Reported("written_beyond_allocation", false),
        ),
        case(
            "windows",
            Builder::new(&[code, text]).header(|ne| ne.target_os = 2).to_vec().unwrap(),
            Refused(Errno::Einval),
        ),
    ]
}

#[test]
fn every_case_has_the_verdict_of_the_kernel() {
    for Case { name, file, expected } in cases() {
        let mut findings = BTreeSet::new();
        let verdict = check_bytes(&file, &ARGUMENTS, &mut |finding| {
            findings.insert((finding.code(), finding.severity() == Severity::Error));
            ControlFlow::Continue(())
        });
        match (execve(&file, ARGUMENTS), expected) {
            (Ok(program), Expected::Runs(paras, [endseg, begstack, enddata, endbrk], warnings)) => {
                let layout = program.layout();
                let got: Vec<_> = layout.segments().map(|segment| segment.paras).collect();
                assert_eq!(got, paras, "{name}");
                let got = (layout.t_endseg, layout.begstack, layout.t_enddata, layout.endbrk);
                assert_eq!(got, (endseg, begstack, enddata, endbrk), "{name}");
                assert_eq!((layout.minstack, layout.entry, layout.entry_segment), (0x1000, 0, 1), "{name}");
                let expected: BTreeSet<_> = warnings.iter().map(|&code| (code, false)).collect();
                assert_eq!(findings, expected, "{name}");
                assert!(verdict.is_accepted(), "{name}");
            }
            (Ok(_), Expected::Reported(code, accepted)) => {
                assert!(findings.contains(&(code, !accepted)), "{name}: {findings:?}");
                assert_eq!(verdict.is_accepted(), accepted, "{name}");
            }
            (Err(refusal), Expected::Refused(errno)) => {
                assert_eq!(refusal.rule.errno(), errno, "{name}: {refusal}");
                assert!(!verdict.is_accepted(), "{name}");
            }
            (got, _) => assert!(got.is_err(), "{name}: loaded, and should be refused"),
        }
    }
}

/// The files lie in the repository too, for other programs to read.
#[test]
fn testdata_is_what_the_builder_writes() {
    for Case { name, file, .. } in cases() {
        let path = format!("ne/{name}.os2");
        if std::env::var_os("EXECFMT_BLESS").is_some() {
            fs::write(root().join("testdata").join(&path), &file).unwrap();
        }
        assert!(testdata(&path) == file, "testdata/{path} differs; EXECFMT_BLESS=1 writes it");
        assert!(Image::parse(&file).is_ok(), "{path}");
    }
}
