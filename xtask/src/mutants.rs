//! `cargo xtask mutants`: small mutations of the code, each of which a test must notice.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::shell::{root, target};
use crate::tools::tool;

const CARGO_MUTANTS: &str = "27.1.0";

/// The crates that are mutated by default.
const CRATES: [&str; 6] = ["noff", "aout-minix", "os2-ne", "coyotos-image", "execfmt-common", "execfmt-elf"];

/// Mutants of some crates, or a share of them; tested by the crate's own tests.
///
/// Deliberate exclusions are in `.cargo/mutants.toml`, with the reasons.
pub(crate) fn command(crates: &[String], shard: Option<&str>) -> Result<()> {
    let program = tool("cargo-mutants", CARGO_MUTANTS)?;
    let chosen: Vec<&str> =
        if crates.is_empty() { CRATES.to_vec() } else { crates.iter().map(String::as_str).collect() };
    println!("| crate | share | viable mutants | caught | by the time limit | missed | noticed |");
    println!("|---|---|---|---|---|---|---|");
    let mut missed = Vec::new();
    for name in chosen {
        let folder = target().join("mutants").join(name);
        fs::create_dir_all(&folder)?;
        let mut mutants = Command::new("nice");
        mutants
            .args(["-n", "10"])
            .arg(&program)
            .args(["mutants", "-p", name, "--jobs", "1"])
            .arg("-o")
            .arg(&folder);
        mutants.args(["--all-features", "--no-shuffle", "--timeout", "120", "--colors", "never"]);
        // Without the documentation examples, each of which is compiled and linked separately.
        mutants.args(["--cargo-test-arg=--lib", "--cargo-test-arg=--tests"]);
        mutants.args(shard.map(|shard| format!("--shard={shard}")));
        let status = mutants
            .current_dir(root())
            // One line differs from a mutant to the next: 2 to 7 s instead of a crate's whole compilation.
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_TEST_DEBUG", "0")
            .env("RUSTUP_DIST_SERVER", "http://127.0.0.1:9")
            .stdin(std::process::Stdio::null())
            .stdout(fs::File::create(folder.join("log"))?)
            .status()?;
        // 2 when some are missed, 3 when some do not terminate.
        let code = status.code();
        ensure!(matches!(code, Some(0 | 2 | 3)), "{name}: {status}, see {}", folder.join("log").display());
        let list = |file: &str| lines(&folder.join("mutants.out").join(file));
        let (caught, late, left) = (list("caught.txt").len(), list("timeout.txt").len(), list("missed.txt"));
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

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(String::from).collect()
}
