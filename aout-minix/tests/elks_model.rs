//! The loader against the model of the ELKS kernel: errno, layout and loaded bytes, over tens of thousands of files.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test, which may panic"
)]

mod support;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write;

use aout_minix::compress::{StreamFinding, StreamRule, decode_in_place};
use aout_minix::elks::{self, LoadError, Memory, Options, Program, Segments};
use execfmt_testkit::hex;
use fastrand::Rng;
use support::files::{self, Pair};
use support::{ask, unhex};

const SEED: u64 = 0x0301_0430;
const CASES: usize = 60_000;

/// The segments that the model loads to.
const SEGMENTS: Segments = Segments { text: 0x1000, data: 0x5000 };

/// What a memory holds before anything is loaded; the model's value.
const FILL: u8 = 0xcc;

/// Whether the kernel, where this rule is broken, goes on with bytes that are not the section's. The others it refuses
/// itself.
fn reads_outside(rule: StreamRule) -> bool {
    matches!(
        rule,
        StreamRule::Truncated
            | StreamRule::BadLengthIndex
            | StreamRule::OffsetOutside
            | StreamRule::AreaTooSmall
    )
}

/// What this library says of a file, in the model's words; and whether it saw a write outside of the program.
fn verdict(file: &[u8], argument_bytes: u16) -> Result<String, LoadError<Infallible, StreamFinding>> {
    let options = Options { argument_bytes, ..Options::default() };
    let program = match Program::new(file, options) {
        Ok(program) => program,
        Err(refusal) => return Ok(refusal.rule.errno().to_string()),
    };
    let layout = *program.layout();
    let mut text = vec![FILL; layout.text_bytes() as usize];
    let mut data = vec![FILL; layout.data_len.into()];
    match program.load_file(file, Memory { text: &mut text, data: &mut data }, SEGMENTS, decode_in_place) {
        Ok(()) => {}
        Err(LoadError::Expand(_, finding)) if !reads_outside(finding.rule) => return Ok("ENOEXEC".into()),
        Err(LoadError::Refused(refusal)) => {
            if !program.header().is_compressed() {
                assert_eq!(
                    elks::execve(file, options),
                    Err(refusal),
                    "the verdict without loading is the same"
                );
            }
            return Ok(refusal.rule.errno().to_string());
        }
        Err(error) => return Err(error),
    }
    let far = layout.far_text_offset() as usize;
    let numbers = [
        layout.text_paras,
        layout.data_len,
        layout.minstack,
        layout.t_enddata,
        layout.t_endseg,
        layout.begstack,
        layout.endbrk,
        layout.entry,
    ];
    let mut answer = String::from("ok");
    numbers.iter().for_each(|number| write!(answer, " {number}").unwrap());
    assert_eq!(elks::execve(file, options), Ok(program), "the verdict without loading is the same");
    let bss = &data[layout.data.into()..][..layout.bss.into()];
    assert!(bss.iter().all(|&byte| byte == 0), "bss is zeroed");
    let parts =
        [&text[..layout.text.into()], &text[far..][..layout.far_text.into()], &data[..layout.data.into()]];
    for part in parts {
        write!(answer, " {}", if part.is_empty() { "-".into() } else { hex(part) }).unwrap();
    }
    Ok(answer)
}

fn pairs(rng: &mut Rng) -> Option<Vec<Pair>> {
    let mut section = |_| {
        let len = rng.usize(60..400);
        files::bytes(rng, len)
    };
    let plain: Vec<_> = (0..60).map(&mut section).collect();
    let stored = ask("compressed sections", plain.iter().map(|bytes| format!("E {}", hex(bytes))).collect())?;
    Some(plain.into_iter().zip(stored.iter().map(|stored| unhex(stored))).collect())
}

/// Files of all kinds, with sizes of an argument block.
fn cases(rng: &mut Rng, pairs: &[Pair], count: usize) -> Vec<(Vec<u8>, u16)> {
    let mut cases = Vec::new();
    for number in 0..count {
        let file = match number % 4 {
            0 => files::random_header(rng),
            1 => files::valid(rng, pairs),
            _ => {
                let mut file = files::valid(rng, pairs);
                files::mutate(rng, &mut file);
                file
            }
        };
        let arguments = [0, 0, rng.u16(0..200), rng.u16(..)][rng.usize(0..4)];
        cases.push((file, arguments));
    }
    cases
}

/// Compares a verdict with the model's; returns its kind.
fn compare<'a>(file: &[u8], arguments: u16, expected: &'a str) -> &'a str {
    let show = || format!("arguments {arguments}, file {}", hex(file));
    let outcome = expected.split(' ').next().unwrap();
    let found = verdict(file, arguments);
    match (outcome, found) {
        // The model gave up.
        ("HANG", _) => "HANG",
        ("outside", Err(_)) => "outside the program",
        // Where the kernel reads what is not the section's, or writes outside of the program's segment, it may come
        // to any end.
        (_, Err(LoadError::Expand(_, finding))) => {
            assert!(reads_outside(finding.rule), "{finding}; {}", show());
            "expanding outside the section"
        }
        // The kernel has overwritten memory by then, and may come to any end as well.
        (_, Err(LoadError::StoredBeyondAllocation { stored, area, .. })) => {
            assert!(u32::from(stored) > area, "{}", show());
            "stored outside the program"
        }
        (_, Ok(found)) => {
            assert_eq!(&found, expected, "{}", show());
            outcome
        }
        (_, Err(error)) => panic!("{error:?}, but the model says {expected}; {}", show()),
    }
}

#[test]
fn loads_as_the_model_does() {
    eprintln!("seed {SEED:#x}, {CASES} cases");
    let mut rng = Rng::with_seed(SEED);
    let Some(pairs) = pairs(&mut rng) else { return };
    let cases = cases(&mut rng, &pairs, CASES);
    let questions = cases.iter().map(|(file, arguments)| format!("L {} {arguments}", hex(file))).collect();
    let Some(answers) = ask("60,000 files", questions) else { return };
    let mut outcomes = BTreeMap::<String, usize>::new();
    for ((file, arguments), expected) in cases.iter().zip(&answers) {
        let outcome = compare(file, *arguments, expected);
        *outcomes.entry(outcome.into()).or_default() += 1;
    }
    eprintln!("{outcomes:?}");
    for (outcome, least) in [
        ("ok", CASES / 5),
        ("ENOEXEC", CASES / 50),
        ("EINVAL", CASES / 50),
        ("E2BIG", CASES / 50),
        ("EFBIG", CASES / 100),
        ("outside the program", 10),
    ] {
        assert!(
            outcomes.get(outcome).copied().unwrap_or_default() >= least,
            "too few of {outcome}: {outcomes:?}"
        );
    }
}

#[test]
fn loads_as_the_models_kept_answers_say() {
    let questions = || {
        let mut rng = Rng::with_seed(SEED + 1);
        let pairs = pairs(&mut rng).unwrap_or_default();
        let cases = cases(&mut rng, &pairs, 300);
        cases.iter().map(|(file, arguments)| format!("L {} {arguments}", hex(file))).collect()
    };
    let vectors = support::vectors("elks-load.txt", questions);
    assert_eq!(vectors.len(), 300);
    let mut loaded = 0;
    for (question, expected) in vectors {
        let fields: Vec<_> = question.split(' ').collect();
        let outcome = compare(&unhex(fields[1]), fields[2].parse().unwrap(), &expected);
        loaded += usize::from(outcome == "ok");
    }
    assert!(loaded > 60, "{loaded} loaded");
}
