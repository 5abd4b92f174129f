//! What is packed unpacks to itself, here and in the kernel.

use aout_minix::compress::{
    IN_PLACE_MARGIN, Level, MAX_DISTANCE, MAX_SIZE, StreamRule, check_kernel_limits, decode, decode_in_place,
    encode, encode_bound,
};
use fastrand::Rng;

use crate::oracle::{Question, Verdict, ask, models};
use crate::samples::{Sample, compiled, large, program_like, random, seabios, small, testdata};

const SEED: u64 = 0x0010_3ced;

/// Packs and unpacks in both ways. Returns the packed bytes, and whether the kernel's limits hold.
fn round_trip(Sample { name, data }: &Sample, level: Level) -> (Vec<u8>, bool) {
    let packed = encode(data, level).unwrap();
    assert!(packed.len() <= encode_bound(data.len()), "{name}: {} bytes", packed.len());
    let mut out = vec![0xaa; data.len()];
    decode(&packed, &mut out).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(out == *data, "{name}: other bytes");

    let limits = check_kernel_limits(&packed, data.len());
    let mut area = vec![0xaa; (data.len() + IN_PLACE_MARGIN).max(packed.len())];
    area[..packed.len()].copy_from_slice(&packed);
    let in_place = decode_in_place(&mut area, packed.len(), data.len());
    if packed.len() <= data.len() + IN_PLACE_MARGIN {
        assert_eq!(in_place.is_ok(), limits.is_ok(), "{name}: the simulation foretells unpacking in place");
    }
    if in_place.is_ok() {
        assert!(area[..data.len()] == *data, "{name}: other bytes in place");
    }
    (packed, limits.is_ok())
}

fn round_trips(samples: &[Sample], level: Level) {
    let mut questions = Vec::new();
    for sample in samples {
        let (packed, fits) = round_trip(sample, level);
        // Data that does not shrink needs more room above than the kernel has; it would be stored plain.
        let safety = if fits || packed.len() < sample.data.len() { IN_PLACE_MARGIN } else { 64 };
        questions.push((fits, Question { size: sample.data.len(), safety, watch: false, packed }));
    }
    let Some(models) = models() else { return };
    let asked: Vec<_> = questions.iter().map(|(_, question)| question.clone()).collect();
    for ((sample, (fits, question)), verdict) in samples.iter().zip(&questions).zip(ask(&models, &asked)) {
        if *fits || question.safety > IN_PLACE_MARGIN && sample.data.len() < 32_000 {
            assert!(
                verdict == Verdict::Unpacked(sample.data.clone()),
                "{}: the model disagrees",
                sample.name
            );
        } else if question.safety == IN_PLACE_MARGIN {
            assert!(verdict == Verdict::Refused, "{}: the model unpacks what was found too far", sample.name);
        }
    }
}

#[test]
fn small_sections_survive() {
    println!("seed {SEED:#x}");
    let samples = small(&mut Rng::with_seed(SEED));
    round_trips(&samples, Level::Default);
}

#[test]
fn every_level_is_right() {
    let mut rng = Rng::with_seed(SEED);
    let samples: Vec<_> = (1..40)
        .map(|index| Sample { name: format!("program {index}"), data: program_like(&mut rng, index * 37) })
        .collect();
    for (level, step) in [(Level::Fast, 1), (Level::Default, 1), (Level::Best, 5)] {
        let some: Vec<_> = samples.iter().step_by(step).cloned().collect();
        round_trips(&some, level);
    }
}

#[test]
fn large_sections_survive() {
    let samples = large(&mut Rng::with_seed(SEED));
    for sample in &samples {
        round_trip(sample, Level::Fast);
    }
    round_trips(&samples, Level::Default);
}

#[test]
fn testdata_and_programs_survive() {
    let samples = testdata();
    assert!(samples.len() > 20, "{} files", samples.len());
    round_trips(&samples, Level::Fast);
    round_trips(&compiled(), Level::Default);
}

#[test]
fn seabios_gets_as_small_as_asked() {
    // The files of version 1.16.2, and what Exomizer gives, bytes at its default level.
    let exomizer = [(39_936, 17_492), (39_424, 17_106), (29_184, 13_734)];
    let samples = seabios();
    round_trips(&samples, Level::Default);
    for (sample, (len, bound)) in samples.iter().zip(exomizer) {
        if sample.data.len() != len {
            execfmt_testkit::skipped(&sample.name, "of another version of seabios than 1.16.2");
            continue;
        }
        let sizes = [Level::Default, Level::Best].map(|level| round_trip(sample, level).0.len());
        assert!(sizes[0] <= bound, "{}: {} bytes", sample.name, sizes[0]);
        assert!(sizes[1] * 1000 <= bound * 995, "{}: {} bytes at best", sample.name, sizes[1]);
    }
}

/// The kernel takes output that is more than 32,767 bytes above the input for an overrun: its 16-bit difference of pointers
/// turns negative. At the first byte of a section output is `size + 15`, and input is 27 bytes of tables below the end of
/// the stream, so that no stream can be shorter than `size + 15 + 27 - 32767`.
#[test]
fn large_sections_keep_the_distance() {
    const TABLES: usize = 27;
    let mut rng = Rng::with_seed(SEED);
    let zeros = |size: usize| vec![0; size];
    let with = |start: usize, noise: &[u8]| {
        let mut data = zeros(60_000);
        data[start..start + noise.len()].copy_from_slice(noise);
        data
    };
    let noise = random(&mut rng, 20_000);
    let mut words = Vec::new();
    while words.len() < 60_000 {
        words.extend((0_u8..rng.u8(2..36)).map(|at| at * 7).chain([rng.u8(..)]));
    }
    words.truncate(60_000);
    for (name, data, more) in [
        ("32,000 zeros", zeros(32_000), None),
        ("32,751 zeros", zeros(32_751), None),
        ("32,752 zeros", zeros(32_752), None),
        ("32,780 zeros", zeros(32_780), Some(32)),
        ("60,000 zeros", zeros(60_000), Some(16)),
        ("the longest section of zeros", zeros(MAX_SIZE), Some(16)),
        ("noise at the start", with(0, &noise), Some(32)),
        ("noise in the middle", with(20_000, &noise), Some(32)),
        ("noise at the end", with(40_000, &noise), Some(32)),
        ("words", words, Some(32)),
    ] {
        for level in [Level::Fast, Level::Default] {
            let packed = encode(&data, level).unwrap();
            let least = (data.len() + 15 + TABLES).saturating_sub(MAX_DISTANCE);
            let footprint = check_kernel_limits(&packed, data.len());
            assert!(footprint.is_ok(), "{name}: {footprint:?}");
            let most = more.map_or(40, |more| least + more);
            assert!(packed.len() <= most, "{name}: {} bytes, {least} are the least", packed.len());
            let (_, fits) = round_trip(&Sample { name: name.into(), data: data.clone() }, level);
            assert!(fits);
            let Some(models) = models() else { continue };
            let question = Question { size: data.len(), safety: IN_PLACE_MARGIN, watch: true, packed };
            assert!(ask(&models, &[question]) == [Verdict::Unpacked(data.clone())], "{name} in the model");
        }
    }
}

#[test]
fn sizes_out_of_range_are_refused() {
    for size in [0, MAX_SIZE + 1] {
        let data = vec![1; size];
        let packing = encode(&data, Level::Fast).unwrap_err();
        let unpacking = decode(&[0x80; 40], &mut vec![0; size]).unwrap_err();
        for finding in [packing, unpacking] {
            assert_eq!(finding.rule, StreamRule::BadSize);
            assert!(!finding.expected.allows(finding.found), "{size}: {finding}");
        }
    }
}
