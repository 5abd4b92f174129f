//! `cargo xtask plant`: defects planted in a copy of the sources, one at a time, and what notices them and
//! when.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::shell::{cargo, program, run, scratch, target};
use crate::{fuzz, plant};

const FOLDER: &str = "fuzz/plants";

/// Time limit for tests and fuzz target each. Building is not counted.
const SECONDS: u32 = 120;

/// A defect: a patch, preceded by its description, the package whose tests must notice it, and the fuzz
/// target.
struct Plant {
    patch: PathBuf,
    name: String,
    what: String,
    package: String,
    fuzz_target: String,
}

impl Plant {
    fn read(patch: PathBuf) -> Result<Self> {
        let text = fs::read_to_string(&patch)?;
        let line = |key| plant::line(&text, key).map(String::from);
        let read = || Ok((line("what")?, line("package")?, line("target")?));
        let (what, package, fuzz_target) =
            read().map_err(|error: anyhow::Error| error.context(patch.display().to_string()))?;
        Ok(Self { name: plant::name(&patch), patch, what, package, fuzz_target })
    }
}

/// What noticed a defect.
struct Notice {
    by: String,
    after: Duration,
}

/// Plants the named defects, or all, and reports for each what noticed it.
pub(crate) fn command(names: &[String]) -> Result<()> {
    let plants: Vec<Plant> = plant::patches(FOLDER)?.into_iter().map(Plant::read).collect::<Result<_>>()?;
    let unknown = names.iter().find(|name| plants.iter().all(|plant| plant.name != **name));
    ensure!(unknown.is_none(), "there is no {}", unknown.map_or("", |name| name));
    let mut missed = Vec::new();
    println!("| defect | what it does | tests | after | fuzz target | after |\n|---|---|---|---|---|---|");
    for plant in plants.iter().filter(|plant| names.is_empty() || names.contains(&plant.name)) {
        let copy = plant::copy("planted", &plant.patch)?;
        let tests = tests(&copy, plant).with_context(|| plant.name.clone())?;
        let fuzzed = fuzzed(&copy, plant).with_context(|| plant.name.clone())?;
        let cells = |notice: &Option<Notice>| match notice {
            Some(Notice { by, after }) => format!("{by} | {:.1} s", after.as_secs_f64()),
            None => format!("NOT NOTICED | {SECONDS} s"),
        };
        let (by_tests, by_target) = (cells(&tests), cells(&fuzzed));
        println!("| {} | {} | {by_tests} | `{}`: {by_target} |", plant.name, plant.what, plant.fuzz_target);
        if tests.is_none() || fuzzed.is_none() {
            missed.push(plant.name.as_str());
        }
    }
    ensure!(missed.is_empty(), "not noticed within {SECONDS} s: {}", missed.join(", "));
    Ok(())
}

/// The tests of the plant's package: the first that fails, or that does not end.
fn tests(copy: &Path, plant: &Plant) -> Result<Option<Notice>> {
    let arguments = ["--no-fail-fast", "--profile", "hard", "--all-features", "-p", &plant.package];
    let built = built();
    run(cargo()
        .current_dir(copy)
        .args(["test", "--quiet", "--no-run"])
        .args(arguments)
        .env("CARGO_TARGET_DIR", &built))?;
    let mut tests = program("cargo", SECONDS);
    tests.current_dir(copy).arg("test").args(arguments).env("CARGO_TARGET_DIR", &built);
    // libtest prints the latter after a minute.
    let failed = |line: &str| {
        let name = line.strip_prefix("test ")?;
        let name = name.strip_suffix(" ... FAILED").or_else(|| {
            let name = name.strip_suffix(" has been running for over 60 seconds")?;
            Some(name)
        })?;
        Some(format!("`{name}`"))
    };
    notice(&mut tests, false, failed)
}

/// The fuzz target, starting from the committed inputs.
fn fuzzed(copy: &Path, plant: &Plant) -> Result<Option<Notice>> {
    let name = plant.fuzz_target.as_str();
    run(fuzz::command()?.current_dir(copy).env("CARGO_TARGET_DIR", built()).args([
        "build",
        "--features",
        "fuzzing",
        name,
    ]))?;
    let corpus = scratch("planted-corpus")?;
    let artifacts = scratch("planted-artifacts")?;
    let mut target = program(built().join("x86_64-unknown-linux-gnu/release").join(name), SECONDS + 15);
    target
        .arg(&corpus)
        .args(fuzz::committed(copy, name))
        .args(fuzz::LIMITS)
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-seed={}", fuzz::SEED))
        .arg(format!("-max_total_time={SECONDS}"));
    let failed = |line: &str| {
        if let Some((_, rest)) = line.split_once("ERROR: libFuzzer: ") {
            return rest.starts_with("timeout").then(|| "an input that takes more than 10 s".to_string());
        }
        let place = line
            .split_once(" panicked at ")
            .map(|(_, place)| format!("a panic at `{}`", place.trim_end_matches(':')));
        let error = || line.split_once("ERROR: AddressSanitizer: ").map(|(_, error)| error);
        place.or_else(|| Some(format!("AddressSanitizer, {}", error()?.split(' ').next()?)))
    };
    notice(&mut target, true, failed)
}

/// Runs a command up to the first line that reports a failure. A command that fails without such a line has
/// noticed something, too.
fn notice(
    command: &mut Command,
    on_stderr: bool,
    failed: impl Fn(&str) -> Option<String>,
) -> Result<Option<Notice>> {
    let (out, err) =
        if on_stderr { (Stdio::null(), Stdio::piped()) } else { (Stdio::piped(), Stdio::null()) };
    let started = Instant::now();
    let mut child = command.stdout(out).stderr(err).spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let output: Box<dyn std::io::Read> = match (stdout, stderr) {
        (Some(out), _) => Box::new(out),
        (None, Some(err)) => Box::new(err),
        (None, None) => Box::new(std::io::empty()),
    };
    let mut noticed = None;
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        if let Some(by) = failed(&String::from_utf8_lossy(&line)) {
            noticed = Some(Notice { by, after: started.elapsed() });
            break;
        }
    }
    // To `timeout`, which passes it on to its child.
    if noticed.is_some() {
        run(Command::new("kill").arg(child.id().to_string()))?;
    }
    let status = child.wait()?;
    let unexplained = || Notice { by: format!("{status}"), after: started.elapsed() };
    Ok(noticed.or_else(|| (!status.success()).then(unexplained)))
}

fn built() -> PathBuf {
    target().join("planted")
}
