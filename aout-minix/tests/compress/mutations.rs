//! Damaged streams: the decoder's verdict and bytes are those of the model.

use aout_minix::compress::{IN_PLACE_MARGIN, Level, StreamRule, decode, decode_in_place, encode, footprint};
use fastrand::Rng;

use crate::oracle::{Question, Verdict, ask, models};
use crate::samples::{program_like, random};

const SEED: u64 = 0x0dec_0de5;
const CASES: usize = 100_000;

/// A valid stream, damaged: bits and bytes changed, bytes lost, put in or moved, or another size.
fn damaged(rng: &mut Rng, valid: &[(usize, Vec<u8>)]) -> (usize, Vec<u8>) {
    let (mut size, mut packed) = valid[rng.usize(..valid.len())].clone();
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(..packed.len());
        match rng.u8(..10) {
            0..=4 => packed[at] ^= 1 << rng.u8(..8),
            5 => packed[at] = rng.u8(..),
            6 => packed.insert(at, rng.u8(..)),
            7 if packed.len() > 1 => drop(packed.remove(at)),
            8 => {
                let other = (at + 1) % packed.len();
                packed.swap(at, other);
            }
            _ => size = (size + rng.usize(..5)).saturating_sub(2).max(1),
        }
    }
    (size, packed)
}

fn valid_streams(rng: &mut Rng) -> Vec<(usize, Vec<u8>)> {
    let mut all = Vec::new();
    for index in 0..200 {
        let len = rng.usize(10..70);
        let data = match index % 4 {
            0 => random(rng, len),
            1 => random(rng, 1 + index / 20).into_iter().cycle().take(len).collect(),
            _ => program_like(rng, len),
        };
        let level = if index % 2 == 0 { Level::Fast } else { Level::Default };
        all.push((len, encode(&data, level).unwrap()));
    }
    all
}

#[test]
fn damaged_streams_meet_the_models_verdict() {
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    let valid = valid_streams(&mut rng);
    let cases: Vec<_> = (0..CASES).map(|_| damaged(&mut rng, &valid)).collect();
    let mut ours = Vec::new();
    let mut unpacked = 0;
    for (size, packed) in &cases {
        let mut area = vec![0; 65_536];
        area[..packed.len()].copy_from_slice(packed);
        let in_place = decode_in_place(&mut area, packed.len(), *size);
        // Apart, the same stream gives the same bytes; only the kernel's limits do not apply.
        let mut out = vec![0; *size];
        let apart = decode(packed, &mut out);
        match in_place {
            Ok(()) => assert!(apart.is_ok() && out == area[..*size], "{size} {packed:02x?}"),
            Err(finding) if finding.rule == StreamRule::OutputOvertakes => {}
            Err(finding) => {
                assert!(!finding.expected.allows(finding.found), "{finding}: {size} {packed:02x?}");
                let apart = apart.unwrap_err();
                assert_eq!(
                    (apart.rule, apart.offset),
                    (finding.rule, finding.offset),
                    "{size} {packed:02x?}"
                );
            }
        }
        assert_eq!(footprint(packed, *size).map(drop), apart, "{size} {packed:02x?}");
        unpacked += usize::from(in_place.is_ok());
        ours.push(in_place.is_ok().then(|| area[..*size].to_vec()));
    }
    assert!(unpacked > CASES / 20, "only {unpacked} of the damaged streams are valid: too few to tell");
    let Some(models) = models() else { return };
    let question = |(size, packed): &(usize, Vec<u8>)| Question {
        size: *size,
        safety: IN_PLACE_MARGIN,
        watch: false,
        packed: packed.clone(),
    };
    let questions: Vec<_> = cases.iter().map(question).collect();
    // What only the model unpacks must be what reads outside.
    let mut suspects = Vec::new();
    let verdicts = ask(&models, &questions);
    for ((question, ours), verdict) in questions.into_iter().zip(ours).zip(verdicts) {
        match (ours, verdict) {
            (None, Verdict::Unpacked(_)) => suspects.push(Question { watch: true, ..question }),
            (Some(ours), Verdict::Unpacked(theirs)) => {
                assert_eq!(ours, theirs, "{} {:02x?}", question.size, question.packed);
            }
            (Some(_), verdict) => panic!("{verdict:?} {} {:02x?}", question.size, question.packed),
            (None, _) => {}
        }
    }
    for (question, verdict) in suspects.iter().zip(ask(&models, &suspects)) {
        assert_eq!(verdict, Verdict::Outside, "{} {:02x?}", question.size, question.packed);
    }
    println!("{unpacked} unpacked, {} refused for reading outside", suspects.len());
}
