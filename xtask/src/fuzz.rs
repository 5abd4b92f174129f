//! `cargo xtask fuzz`: the fuzz targets under libFuzzer and AddressSanitizer, on the stable toolchain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::parallel::in_parallel;
use crate::shell::{output, root, run};
use crate::tools::tool;

const CARGO_FUZZ: &str = "0.13.2";

/// The seed of the fuzzer's own random numbers.
pub(crate) const SEED: u32 = 0x5eed;

/// The dictionary for a target: that of a format in its name.
fn dictionary(name: &str) -> Option<PathBuf> {
    let of = |word| root().join("fuzz/dictionaries").join(word).with_extension("dict");
    name.split('_').map(of).find(|path| path.exists())
}

/// The folders of inputs for a target: the local corpus, which grows; the committed corpus; the seeds.
fn inputs(name: &str) -> Result<Vec<PathBuf>> {
    let found = root().join("fuzz/corpus").join(name);
    fs::create_dir_all(&found).with_context(|| format!("{}", found.display()))?;
    Ok(std::iter::once(found).chain(committed(&root(), name)).collect())
}

/// Those that are committed.
pub(crate) fn committed(tree: &Path, name: &str) -> impl Iterator<Item = PathBuf> {
    let folders = ["corpora", "seeds"].map(|folder| tree.join("fuzz").join(folder).join(name));
    folders.into_iter().filter(|folder| folder.exists())
}

/// The row of the table for a run of a target.
fn run_one(name: &str, seconds: u32) -> Result<String> {
    let output = output(
        command()?
            .args(["run", "--features", "fuzzing", name])
            .args(inputs(name)?)
            .arg("--")
            .args(LIMITS)
            .arg("-verbosity=1")
            .args(dictionary(name).map(|path| format!("-dict={}", path.display())))
            .arg(format!("-seed={SEED}"))
            .arg(format!("-max_total_time={seconds}")),
    )?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name}: {}\n{said}", output.status);
    // `#31232 DONE cov: 812 ft: ...`, and `stat::number_of_executed_units: 31232`.
    let after = |label: &str| said.lines().rev().find_map(|line| Some(line.split_once(label)?.1.trim()));
    let edges = after(" cov: ").and_then(|rest| rest.split(' ').next());
    let inputs = after("stat::number_of_executed_units:");
    Ok(format!("| `{name}` | {seconds} s | {} | {} |", inputs.unwrap_or("-"), edges.unwrap_or("-")))
}

pub(crate) fn targets_for(target: Option<&str>, seconds: u32) -> Result<()> {
    let targets = targets()?;
    let chosen = chosen(&targets, target)?;
    if target.is_none() {
        // All of them in one build: the linker runs on every core.
        run(command()?.args(["build", "--features", "fuzzing"]))?;
    }
    println!("seed {SEED}\n\n| target | time | inputs | edges of the code |\n|---|---|---|---|");
    // A target uses one core.
    in_parallel(
        &chosen,
        |_, name| run_one(name, seconds),
        |_, row| {
            println!("{row}");
            Ok(())
        },
    )
}

/// The named target, or all.
pub(crate) fn chosen<'a>(targets: &'a [String], target: Option<&str>) -> Result<Vec<&'a String>> {
    let chosen: Vec<_> = targets.iter().filter(|name| target.is_none_or(|target| target == **name)).collect();
    ensure!(!chosen.is_empty(), "no such target; there are {}", targets.join(", "));
    Ok(chosen)
}

/// The options of libFuzzer: a single input that takes 10 s is a hang; 1 GiB is more than any target may use.
pub(crate) const LIMITS: [&str; 5] =
    ["-timeout=10", "-rss_limit_mb=1024", "-max_len=65536", "-print_final_stats=1", "-verbosity=0"];

/// The names of the targets, which are those of their files.
pub(crate) fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// cargo-fuzz, in the root of the repository.
pub(crate) fn command() -> Result<Command> {
    let mut command = Command::new(tool("cargo-fuzz", CARGO_FUZZ)?);
    // The sanitizer's flag counts as unstable; its runtime comes with the stable toolchain.
    command
        .arg("fuzz")
        .current_dir(root())
        .env("RUSTC_BOOTSTRAP", "1")
        // Optimising all crates again for each target takes longer than a short run of it.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("RUSTUP_DIST_SERVER", "http://127.0.0.1:9");
    command.stdin(std::process::Stdio::null());
    Ok(command)
}
