//! Random programs, here and in the reference model: the same verdict, text and image; and each recipe that a run gives
//! builds the image of the run.

use std::collections::BTreeMap;
use std::thread;

use coyotos_image::Arch;
use coyotos_mkimage::{Cause, Limit, Options};
use execfmt_testkit::root;
use fastrand::Rng;

use crate::generator::program;
use crate::model::{Answer, ask, is_there};
use crate::support::{Folders, rebuilt, run, sha256};

const SEED: u64 = 0x6d6b_6901;
const PROGRAMS: usize = 20_000;
const ARCHS: [&str; 4] = ["i386", "i386", "coldfire", "arm"];

/// What programs came to.
#[derive(Debug, Default)]
struct Count {
    images: usize,
    errors: BTreeMap<&'static str, usize>,
    /// Those that the model itself cannot run.
    left_out: usize,
}

fn folders(text: &str) -> Folders {
    let cases = root().join("testdata/mki");
    let scripts = BTreeMap::from([("t.mki".to_string(), text.to_string())]);
    Folders { modules: vec![cases.clone()], files: vec![cases.join("files")], scripts, ..Folders::default() }
}

/// A quote too many makes text of the rest of a program: what is found wrong with it first is a matter of taste.
fn text_error(code: &str) -> bool {
    ["syntax", "string-open", "string-character"].contains(&code)
}

/// What differs between a run here and the model's.
fn difference(arch: &str, text: &str, answer: &Answer, count: &mut Count) -> Option<String> {
    if answer.class.starts_with("model: ") {
        count.left_out += 1;
        return None;
    }
    let ran = run(Arch::from_name(arch).unwrap(), "t", folders(text), Options::default());
    let verdict = match &ran.result {
        Ok(image) => {
            count.images += 1;
            assert!(
                rebuilt(&ran.recipe) == *image,
                "another image from the recipe of {text}\n{}",
                ran.recipe
            );
            if answer.image.as_deref() == Some(&*sha256(image)) {
                None
            } else {
                Some(format!("an image, where the model has {}", answer.class))
            }
        }
        Err(error) => {
            let code = match error.cause() {
                // The model looks at the machine itself, the loader at everything.
                Cause::Load(_) if answer.class == "wrong-machine" => "wrong-machine",
                // What holds itself is printed without end by the model.
                Cause::Limit(Limit::PrintDepth(_)) => {
                    count.left_out += 1;
                    return None;
                }
                cause => cause.code(),
            };
            *count.errors.entry(code).or_default() += 1;
            let same = answer.class == code
                || answer.class == "silent"
                || text_error(code) && text_error(&answer.class);
            (!same).then(|| format!("{error} ({code}), where the model has {}", answer.class))
        }
    };
    let printed =
        (ran.printed != answer.printed).then(|| format!("printed\n{}not\n{}", ran.printed, answer.printed));
    verdict.or(printed)
}

/// Runs a part of the programs.
fn part(seed: u64, programs: usize) -> (Count, Vec<String>) {
    let mut rng = Rng::with_seed(seed);
    let (mut count, mut wrong) = (Count::default(), Vec::new());
    let mut left = programs;
    while left > 0 {
        let size = left.min(1000);
        left -= size;
        let batch: Vec<_> = (0..size)
            .map(|_| {
                let arch = ARCHS[rng.u32(..4) as usize];
                (arch, program(&mut rng, arch))
            })
            .collect();
        for ((arch, text), answer) in batch.iter().zip(ask(&batch)) {
            wrong.extend(
                difference(arch, text, &answer, &mut count).map(|why| format!("{arch}\n{text}{why}")),
            );
        }
    }
    (count, wrong)
}

#[test]
fn random_programs_do_what_the_model_says() {
    if !is_there("random programs of mkimage's language") {
        return;
    }
    let programs = std::env::var("MKI_PROGRAMS").map_or(PROGRAMS, |count| count.parse().unwrap());
    eprintln!("{programs} programs, seed {SEED:#x}");
    let started = std::time::Instant::now();
    let halves = [0, 1].map(|half| thread::spawn(move || part(SEED + half, programs / 2)));
    for half in halves {
        let (count, wrong) = half.join().unwrap();
        eprintln!("{count:?}");
        assert!(wrong.is_empty(), "{} differ, the first:\n{}", wrong.len(), wrong[0]);
        assert!(count.left_out * 50 < programs, "{count:?}");
        assert!(count.images * 5 > programs / 2, "{count:?}");
        assert!(count.errors.len() > if programs > 5000 { 20 } else { 3 }, "{count:?}");
    }
    eprintln!("in {:?}", started.elapsed());
}
