//! `cargo xtask fuzz`: the fuzz targets under libFuzzer and AddressSanitizer, on the stable toolchain as it is.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::shell::{cargo, output, root, run, target};

const CARGO_FUZZ: &str = "0.13.2";

/// The seed of the fuzzer's own random numbers.
const SEED: u32 = 0x5eed;

fn run_one(name: &str, seconds: u32) -> Result<()> {
    let fuzz = root().join("fuzz");
    let corpus = fuzz.join("corpus").join(name);
    fs::create_dir_all(&corpus).with_context(|| format!("{}", corpus.display()))?;
    println!("== fuzz {name}, {seconds} s, seed {SEED}");
    let output = output(
        command()?
            .args(["run", "--features", "fuzzing", name])
            .arg(corpus)
            .arg(fuzz.join("seeds").join(name))
            // A single input that takes 10 s is a hang; 1 GiB is more than any of them may use.
            .args([
                "--",
                "-timeout=10",
                "-rss_limit_mb=1024",
                "-max_len=65536",
                "-print_final_stats=1",
                "-verbosity=0",
            ])
            .arg(format!("-seed={SEED}"))
            .arg(format!("-max_total_time={seconds}")),
    )?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name}: {}\n{said}", output.status);
    said.lines().filter(|line| line.starts_with("stat::")).for_each(|line| println!("{line}"));
    Ok(())
}

pub(crate) fn targets_for(target: Option<&str>, seconds: u32) -> Result<()> {
    let targets = targets()?;
    let chosen: Vec<_> = targets.iter().filter(|name| target.is_none_or(|target| target == **name)).collect();
    ensure!(!chosen.is_empty(), "no such target; there are {}", targets.join(", "));
    if target.is_none() {
        // All of them in one build: the linker runs on every core.
        run(command()?.args(["build", "--features", "fuzzing"]))?;
    }
    chosen.into_iter().try_for_each(|name| run_one(name, seconds))
}

/// The names of the targets, which are those of their files.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// cargo-fuzz, installed beside what it builds when it is not on the path.
fn command() -> Result<Command> {
    let tools = target().join("tools");
    let ours = tools.join("bin/cargo-fuzz");
    if !ours.exists() {
        run(cargo()
            .args(["install", "--quiet", "--locked", "cargo-fuzz", "--version", CARGO_FUZZ, "--root"])
            .arg(&tools))?;
    }
    let mut command = Command::new(ours);
    // The sanitizer's flag counts as unstable; its runtime comes with the stable toolchain.
    command
        .arg("fuzz")
        .current_dir(root())
        .env("RUSTC_BOOTSTRAP", "1")
        // Optimising all crates again for each of the targets takes longer than a short run of it.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("RUSTUP_DIST_SERVER", "http://127.0.0.1:9");
    command.stdin(std::process::Stdio::null());
    Ok(command)
}
