//! What the model answers to a part of the random tests, as digests in `testdata/coyotos/vectors.txt`: they judge this
//! crate where the model is absent, and are judged by the model where it is present.

use std::fs;
use std::path::PathBuf;

use coyotos_image::Arch;
use fastrand::Rng;
use sha1_smol::Sha1;

use crate::model::{Model, Reply};
use crate::portable::Portable as _;
use crate::{elves, ours, recipes};

const SEED: u64 = 0x0007_ec70;
const RECIPES: usize = 300;
const CAPABILITIES: usize = 300;
const ELVES: usize = 100;

/// A recipe, and the ELF file that it loads.
struct Case {
    name: String,
    lines: Vec<String>,
    elf: Vec<u8>,
}

impl Case {
    fn input(&self) -> Sha1 {
        let mut digest = Sha1::new();
        self.lines.iter().for_each(|line| digest.update(format!("{line}\n").as_bytes()));
        digest.update(&self.elf);
        digest
    }

    /// The recipe, with the ELF file where it is stored for a run.
    fn lines(&self, path: &str) -> Vec<String> {
        if !self.elf.is_empty() {
            fs::write(path, &self.elf).unwrap();
        }
        self.lines.iter().map(|line| line.replace("FILE", path)).collect()
    }

    fn vector(&self, replies: &[Reply]) -> String {
        let mut digest = Sha1::new();
        for reply in replies {
            match reply {
                Reply::Text(text) => digest.update(format!("TEXT {text}\n").as_bytes()),
                Reply::File(file) => {
                    digest.update(format!("FILE {}\n", file.len()).as_bytes());
                    digest.update(file);
                }
            }
        }
        format!("{} {} {}", self.name, self.input().digest(), digest.digest())
    }
}

fn cases() -> Vec<Case> {
    let mut rng = Rng::with_seed(SEED);
    let mut cases = Vec::new();
    for number in 0..RECIPES {
        cases.push(Case {
            name: format!("recipe-{number}"),
            lines: recipes::write(&mut rng),
            elf: Vec::new(),
        });
    }
    for arch in Arch::ALL {
        let lines = recipes::capabilities(&mut rng, arch.name(), CAPABILITIES);
        cases.push(Case { name: format!("capabilities-{arch}"), lines, elf: Vec::new() });
    }
    for number in 0..ELVES {
        let arch = Arch::ALL[rng.index(..3)];
        let lines = [format!("arch {arch}"), "elf s prime FILE".into(), "file out".into()].into();
        cases.push(Case { name: format!("elf-{number}"), lines, elf: elves::random(&mut rng, arch).write() });
    }
    cases
}

/// Where the original is wrong on purpose of ours: tests/differential/elves.rs shows what it loses.
fn differs_on_purpose(ours: &[Reply]) -> bool {
    let texts = ["EXC DataLost", "EXC NoSegments"];
    matches!(ours.first(), Some(Reply::Text(text)) if texts.contains(&text.as_str()))
}

#[test]
fn a_part_of_the_random_tests_answers_as_the_model_did() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testdata/coyotos/vectors.txt");
    let temporary = std::env::temp_dir().join(format!("coyotos-vectors-{}", std::process::id()));
    let path = temporary.to_str().unwrap();
    let (mut theirs, mut answers) = (String::new(), String::new());
    let mut model = Model::start("the vectors against the model");
    let mut compared = 0;
    for case in cases() {
        let lines = case.lines(path);
        let ours = ours::run(&lines);
        if differs_on_purpose(&ours) {
            continue;
        }
        answers += &format!("{}\n", case.vector(&ours));
        if let Some(model) = &mut model {
            theirs += &format!("{}\n", case.vector(&model.recipe(&lines)));
        }
        compared += 1;
    }
    drop(fs::remove_file(&temporary));
    if model.is_some() && std::env::var_os("EXECFMT_BLESS").is_some() {
        fs::write(&file, &theirs).unwrap();
    }
    let Ok(stored) = fs::read_to_string(&file) else {
        execfmt_testkit::skipped("vectors", "the crate was packaged without the project's testdata");
        return;
    };
    if model.is_some() {
        assert!(theirs == stored, "the vectors are not the model's; write them again with EXECFMT_BLESS=1");
    }
    for (stored, ours) in stored.lines().zip(answers.lines()) {
        let input = |line: &str| line.rsplit_once(' ').unwrap().0.to_string();
        assert_eq!(input(stored), input(ours), "the random inputs have changed: write the vectors again");
        assert_eq!(stored, ours, "another answer than the model's");
    }
    assert_eq!(stored.lines().count(), compared);
    println!("{compared} cases answered as by the model");
}
