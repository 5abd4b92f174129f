//! Every target on seeds, past crashes and seeded damage, without the fuzzer.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used
)]

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use execfmt_fuzz::{TARGETS, Target};
use execfmt_testkit::{Mutator, damaged, root};

/// The files of a folder; none when it is absent.
fn files(folder: PathBuf) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn seeds(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    files(root().join("fuzz/seeds").join(name))
}

#[test]
fn seeds_and_past_crashes() {
    for &(name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for (path, bytes) in seeds.into_iter().chain(files(root().join("fuzz/crashes").join(name))) {
            eprintln!("{}", path.display());
            target(&bytes);
        }
        target(&[]);
    }
}

/// What bytes a format's header has at most: where damage matters most.
const HEADER: usize = 200;

#[test]
fn every_truncation_and_every_value_of_every_header_byte() {
    for &(name, target) in TARGETS {
        for (path, bytes) in seeds(name).into_iter().filter(|(_, bytes)| bytes.len() < 1500) {
            eprintln!("{}", path.display());
            damaged(&bytes, HEADER, target);
        }
    }
}

#[test]
fn seeded_mutations() {
    for (index, &(name, target)) in TARGETS.iter().enumerate() {
        let started = Instant::now();
        mutations(name, target, 0xf022 + index as u64);
        eprintln!("{name}: 100,000 mutations in {:?}", started.elapsed());
    }
}

fn mutations(name: &str, target: Target, seed: u64) {
    let seeds = seeds(name);
    let mut mutator = Mutator::new(name, seed);
    for n in 0..100_000 {
        target(&mutator.mutate(&seeds[n % seeds.len()].1, HEADER));
    }
}
