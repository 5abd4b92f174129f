//! Every target on seeds, past crashes and seeded damage, without the fuzzer. `EXECFMT_TARGET=view` replays one of them alone.

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
use std::sync::Mutex;
use std::time::Instant;

use execfmt_fuzz::{HEAVY, TARGETS, Target};
use execfmt_testkit::{Mutator, damaged, root};

/// The files of a folder; none when it is absent.
fn files(folder: PathBuf) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// The targets with their numbers: all, or the requested one.
fn targets() -> impl Iterator<Item = (usize, (&'static str, Target))> {
    let asked = std::env::var("EXECFMT_TARGET").ok();
    let chosen = move |name: &str| asked.as_ref().is_none_or(|asked| asked == name);
    TARGETS.iter().copied().enumerate().filter(move |(_, (name, _))| chosen(name))
}

/// Does something for each target, on all cores: alone, the slowest of them would take most of the time.
fn each_target(work: impl Fn(usize, &'static str, Target) + Sync) {
    let waiting = Mutex::new(targets());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some((index, (name, target))) = next else { return };
                    work(index, name, target);
                }
            });
        }
    });
}

/// How many inputs of another target one input of this is worth.
fn weight(name: &str) -> usize {
    HEAVY.iter().find(|(heavy, _)| *heavy == name).map_or(1, |(_, weight)| *weight)
}

fn seeds(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    files(root().join("fuzz/seeds").join(name))
}

#[test]
fn seeds_and_past_crashes_and_corpora() {
    each_target(|_, name, target| {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        let more = ["crashes", "corpora"].map(|folder| files(root().join("fuzz").join(folder).join(name)));
        for (path, bytes) in seeds.into_iter().chain(more.into_iter().flatten()) {
            eprintln!("{}", path.display());
            target(&bytes);
        }
        target(&[]);
    });
}

/// What bytes a format's header has at most: where damage matters most.
const HEADER: usize = 200;

#[test]
fn every_truncation_and_every_value_of_every_header_byte() {
    each_target(|_, name, target| {
        for (path, bytes) in seeds(name).into_iter().filter(|(_, bytes)| bytes.len() < 1500) {
            eprintln!("{}", path.display());
            let (mut count, weight) = (0, weight(name));
            damaged(&bytes, HEADER, |damaged| {
                if count % weight == 0 {
                    target(damaged);
                }
                count += 1;
            });
        }
    });
}

#[test]
fn seeded_mutations() {
    each_target(|index, name, target| {
        let started = Instant::now();
        let count = 100_000 / weight(name);
        mutations(name, target, 0xf022 + index as u64, count);
        eprintln!("{name}: {count} mutations in {:?}", started.elapsed());
    });
}

fn mutations(name: &str, target: Target, seed: u64, count: usize) {
    let seeds = seeds(name);
    let mut mutator = Mutator::new(name, seed);
    for n in 0..count {
        target(&mutator.mutate(&seeds[n % seeds.len()].1, HEADER));
    }
}
