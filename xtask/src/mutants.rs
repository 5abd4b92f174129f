//! `cargo xtask mutants`: small mutations of the code, each of which a test must notice.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::shell::{root, target};
use crate::tools::tool;

const CARGO_MUTANTS: &str = "27.1.0";

/// The crates that are mutated by default, each with its tests that take a second or two. These come first, without those within the
/// crate, for which it would be compiled twice: what they notice, the others are not asked about. None where all are quick.
const CRATES: [(&str, &[&str]); 6] = [
    ("noff", &["convert", "laws", "rules"]),
    ("aout-minix", &["convert_rules", "elf_model", "laws", "rules", "verdict"]),
    ("os2-ne", &["cases", "parts", "refusals"]),
    (
        "coyotos-image",
        &["build", "debug_info", "hostile", "load", "old_layout", "rules", "to_elf", "verdict"],
    ),
    ("execfmt-common", &[]),
    ("execfmt-elf", &[]),
];

/// Mutants of some crates, or a share of them; tested by the crate's own tests.
///
/// Deliberate exclusions are in `.cargo/mutants.toml`, with the reasons.
pub(crate) fn command(crates: &[String], shard: Option<&str>) -> Result<()> {
    let program = tool("cargo-mutants", CARGO_MUTANTS)?;
    let all = || CRATES.iter().map(|(name, _)| *name).collect();
    let chosen: Vec<&str> =
        if crates.is_empty() { all() } else { crates.iter().map(String::as_str).collect() };
    println!("| crate | share | viable mutants | caught | by the time limit | missed | noticed |");
    println!("|---|---|---|---|---|---|---|");
    let mut missed = Vec::new();
    for name in chosen {
        let folder = target().join("mutants").join(name);
        fs::create_dir_all(&folder)?;
        let quick = CRATES.iter().find(|(one, _)| *one == name).map_or(&[][..], |(_, tests)| tests);
        // Without the documentation examples, each of which is compiled and linked separately.
        let all = ["--tests".to_string()];
        let first: Vec<String> = quick.iter().map(|test| format!("--test={test}")).collect();
        let tests = if quick.is_empty() { &all[..] } else { &first };
        let Outcome { mut caught, mut late, missed: mut left } =
            pass(&program, name, &folder, Which::Share(shard), tests)?;
        if !quick.is_empty() && late.len().saturating_add(left.len()) > 0 {
            left.append(&mut late);
            let again = pass(&program, name, &folder, Which::These(&left), &all)?;
            caught.extend(again.caught);
            (late, left) = (again.late, again.missed);
        }
        let (caught, late) = (caught.len(), late.len());
        let viable = caught + late + left.len();
        let percent = 100.0 * (caught + late) as f64 / viable.max(1) as f64;
        println!(
            "| `{name}` | {} | {viable} | {caught} | {late} | {} | {percent:.1} % |",
            shard.unwrap_or("all"),
            left.len()
        );
        missed.extend(left);
    }
    missed.iter().for_each(|mutant| println!("missed: {mutant}"));
    ensure!(missed.is_empty(), "{} mutants were not noticed", missed.len());
    Ok(())
}

/// Which mutants of a crate are tried.
#[derive(Clone, Copy)]
enum Which<'a> {
    /// The given share, which has mutants of each file; `None`: all.
    Share(Option<&'a str>),
    /// Those of these names.
    These(&'a [String]),
}

/// What became of mutants that compile.
struct Outcome {
    caught: Vec<String>,
    /// Ended by the time limit.
    late: Vec<String>,
    missed: Vec<String>,
}

/// One run over mutants of a crate by some of its tests.
fn pass(program: &Path, name: &str, folder: &Path, which: Which<'_>, tests: &[String]) -> Result<Outcome> {
    let mut mutants = Command::new("nice");
    mutants
        .args(["-n", "10"])
        .arg(program)
        .args(["mutants", "-p", name, "--jobs", "1"])
        .arg("-o")
        .arg(folder);
    // The time limit is five times what the tests take without a mutation.
    mutants.args(["--all-features", "--no-shuffle", "--colors", "never"]);
    // `--cargo-test-arg` would choose what runs, but not what is built.
    mutants.args(tests.iter().map(|test| format!("--cargo-arg={test}")));
    mutants.arg(format!("--cargo-arg=--config=profile.dev.package.{name}.opt-level=1"));
    match which {
        Which::Share(None) => {}
        Which::Share(Some(shard)) => _ = mutants.args(["--shard", shard, "--sharding", "round-robin"]),
        // Not `--iterate`: with a share, that is a share of what is left of all.
        Which::These(names) => {
            mutants.args(names.iter().flat_map(|name| ["--re".into(), format!("^{}$", regex_of(name))]));
        }
    }
    let log = folder.join("log");
    let status = mutants
        .current_dir(root())
        // One line differs from a mutant to the next: 2 to 7 s instead of a crate's whole compilation.
        .env("CARGO_INCREMENTAL", "1")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_TEST_DEBUG", "0")
        // A little more to compile, and tests of a minute take some seconds.
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_TEST_OPT_LEVEL", "1")
        .env("RUSTUP_DIST_SERVER", "http://127.0.0.1:9")
        .stdin(std::process::Stdio::null())
        .stdout(fs::File::create(&log)?)
        .status()?;
    // 2 when some are missed, 3 when some do not terminate.
    ensure!(matches!(status.code(), Some(0 | 2 | 3)), "{name}: {status}, see {}", log.display());
    // cargo-mutants tries those that leave out a field whatever names it is given.
    let asked = |mutant: &String| match which {
        Which::Share(_) => true,
        Which::These(names) => names.contains(mutant),
    };
    let list = |file: &str| lines(&folder.join("mutants.out").join(file)).into_iter().filter(asked).collect();
    Ok(Outcome { caught: list("caught.txt"), late: list("timeout.txt"), missed: list("missed.txt") })
}

/// A regular expression that this name alone matches.
fn regex_of(name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == ' ';
    let one =
        |letter| if plain(letter) { letter.to_string() } else { format!("\\x{{{:x}}}", u32::from(letter)) };
    name.chars().map(one).collect()
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(String::from).collect()
}
