//! `cargo xtask coverage`: which regions of the format crates the tests reach, and which the fuzz targets'
//! inputs reach alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::packages;
use crate::shell::{cargo, output, program, root, run, stdout, target};

/// The format crates, with their folders.
const CRATES: [(&str, &str); 11] = [
    ("noff", "noff"),
    ("mips-coff", "mips-coff"),
    ("mips-scan", "mips-scan"),
    ("aout-minix", "aout-minix"),
    ("os2-ne", "os2-ne"),
    ("elks-kernel", "elks-kernel"),
    ("coyotos-image", "coyotos-image"),
    ("coyotos-mkimage", "coyotos-mkimage"),
    ("execfmt-elf", "elf"),
    ("execfmt-common", "common"),
    ("execfmt-view", "view"),
];

/// Time limit in seconds for building and for running.
const SECONDS: u32 = 3600;

/// Measures both, or only the inputs. The results are written below `target/coverage`.
pub(crate) fn command(corpus_only: bool) -> Result<()> {
    packages::install(packages::COVERAGE)?;
    let corpus = measure(
        "corpus",
        &[&["-p", "execfmt-fuzz", "--test", "replay"]],
        &["seeds_and_past_crashes_and_corpora"],
    )?;
    let tests = if corpus_only {
        None
    } else {
        let arguments = CRATES.map(|(name, _)| ["-p", name, "--all-features", "--lib", "--tests"]);
        let arguments: Vec<&[&str]> = arguments.iter().map(|arguments| &arguments[..]).collect();
        Some(measure("tests", &arguments, &[])?)
    };
    println!("| crate | regions | by the inputs alone | by its tests |\n|---|---|---|---|");
    for (name, folder) in CRATES {
        let (regions, missed) = corpus.regions(folder, name)?;
        let share = |missed: u64, of: u64| 100.0 * of.saturating_sub(missed) as f64 / of.max(1) as f64;
        let by_tests = match &tests {
            Some(tests) => {
                let (regions, missed) = tests.regions(folder, name)?;
                format!("{:.1} %", share(missed, regions))
            }
            None => "-".into(),
        };
        println!("| `{name}` | {regions} | {:.1} % | {by_tests} |", share(missed, regions));
    }
    println!("text and pages: {}", folder().display());
    Ok(())
}

fn folder() -> PathBuf {
    target().join("coverage")
}

/// What was measured: programs, and the counters of their runs.
struct Measured {
    name: &'static str,
    programs: Vec<PathBuf>,
    profile: PathBuf,
}

/// Builds and runs tests with counters.
fn measure(name: &'static str, packages: &[&[&str]], tests: &[&str]) -> Result<Measured> {
    let raw = folder().join(name).join("raw");
    if raw.exists() {
        fs::remove_dir_all(&raw)?;
    }
    fs::create_dir_all(&raw)?;
    let command = |arguments: &[&str]| {
        let mut command = cargo();
        command
            .args(["test", "--no-fail-fast"])
            .args(arguments)
            .env("CARGO_TARGET_DIR", folder().join("build"))
            .env("RUSTFLAGS", "-Cinstrument-coverage")
            // Everything that is built is run, too: build scripts and macros.
            .env("LLVM_PROFILE_FILE", raw.join("%p-%m.profraw"));
        command
    };
    let mut programs = Vec::new();
    for arguments in packages {
        let built = output(command(arguments).arg("--no-run"))?;
        let said = String::from_utf8_lossy(&built.stderr).into_owned();
        ensure!(built.status.success(), "{said}");
        let built = said.lines().filter_map(|line| line.trim().strip_prefix("Executable ")?.rsplit_once('('));
        programs.extend(built.map(|(_, path)| PathBuf::from(path.trim_end_matches(')'))));
        run(command(arguments).arg("--").args(tests))?;
    }
    let profile = folder().join(name).join("profile");
    let mut merge = llvm("profdata");
    merge.args(["merge", "-sparse", "-failure-mode=all", "-o"]).arg(&profile).arg(&raw);
    run(&mut merge)?;
    fs::remove_dir_all(&raw)?;
    Ok(Measured { name, programs, profile })
}

/// A tool of the compiler's LLVM.
fn llvm(tool: &str) -> Command {
    program(format!("llvm-{tool}-22"), SECONDS)
}

impl Measured {
    fn cov(&self, what: &str, sources: &Path) -> Command {
        let mut cov = llvm("cov");
        cov.arg(what)
            .arg("-instr-profile")
            .arg(&self.profile)
            .arg("-ignore-filename-regex=/(tests|examples)/");
        for (index, program) in self.programs.iter().enumerate() {
            if index > 0 {
                cov.arg("-object");
            }
            cov.arg(program);
        }
        // Generated code has no source here.
        cov.arg("-sources").arg(sources);
        cov
    }

    /// The number of regions of the crate, and how many of them were not reached. Writes both as text and as
    /// pages.
    fn regions(&self, folder: &str, name: &str) -> Result<(u64, u64)> {
        let (sources, place) = (root().join(folder).join("src"), self::folder().join(self.name).join(name));
        fs::create_dir_all(&place)?;
        let report = stdout(&mut self.cov("report", &sources))?;
        fs::write(place.join("report.txt"), &report)?;
        let lines = stdout(self.cov("show", &sources).args(["-format=text", "-show-regions=false"]))?;
        fs::write(place.join("lines.txt"), lines)?;
        run(self.cov("show", &sources).args(["-format=html", "-output-dir"]).arg(place.join("html")))?;
        let total =
            report.lines().find(|line| line.starts_with("TOTAL")).context("llvm-cov reports no total")?;
        let mut numbers = total.split_whitespace().skip(1).map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(regions)), Some(Ok(missed))) => Ok((regions, missed)),
            _ => anyhow::bail!("llvm-cov reports {total}"),
        }
    }
}
