//! `cargo xtask prove`: proves the machine code of the C library correct for every input (docs/proof.md).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::cross;
use crate::library::{self, Kind};
use crate::packages;
use crate::parallel::in_parallel;
use crate::plant;
use crate::python;
use crate::shell::{cargo, output, program, root, run, scratch, stdout, target};

/// The proofs that take seconds, for every CI run.
const QUICK: [&str; 4] = ["recogniser", "elks-layout", "chmem", "ne-header"];

/// Time limit for all proofs of a run together, in seconds: on two free cores they take half an hour.
const PROOF: u32 = 7200;

/// Proves the named functions, or the quick ones, or all; and plants the faults of their proofs.
pub(crate) fn command(names: &[String], quick: bool, [proofs, faults]: [bool; 2]) -> Result<()> {
    let chosen = QUICK.iter().filter(|_| quick).map(|name| (*name).to_string());
    let names: Vec<String> = names.iter().cloned().chain(chosen).collect();
    if proofs {
        // CI does not change the document.
        functions(&names, !quick)?;
    }
    if faults {
        self::faults(&names)?;
    }
    Ok(())
}

fn functions(names: &[String], written: bool) -> Result<()> {
    packages::install(packages::PROVE)?;
    let python = environment()?;
    let library = programs(&root(), &library::build(Kind::Kernel)?, Build::Delivered, "program")?;
    let mut others = Vec::new();
    for (prefix, build) in OTHER {
        if names.is_empty() || names.iter().any(|name| Build::of(name) == build) {
            let library = build.library(&root(), &target().join("prove").join(prefix))?;
            others.push((prefix, programs(&root(), &library, build, prefix)?));
        }
    }
    let listed = stdout(prover(&python, &library).args(names).arg("--list"))?;
    let mut names: Vec<String> = listed.lines().map(String::from).collect();
    // The longest ones first, so that no processor is left with one of them at the end.
    let text = fs::read_to_string(root().join(DOCUMENT))?;
    let (_, known, _) = table(&text, "proofs")?;
    names.sort_by_key(|name| Reverse(known.lines().find(|row| key(row) == *name).map_or(u32::MAX, seconds)));
    let rows = target().join("prove/rows");
    fs::create_dir_all(&rows)?;
    // With one proof alone, its questions are what runs in parallel.
    let workers = if names.len() > 1 { "1" } else { "0" };
    let prove = |_: usize, name: &String| {
        let mut prover = prover(&python, &library);
        for (prefix, programs) in &others {
            prover.args(["--other", prefix]).args([&programs.executable, &programs.shared]);
        }
        output(prover.args([name, "--workers", workers, "--table"]).arg(rows.join(name)))
    };
    let mut failed = Vec::new();
    in_parallel(&names, prove, |name, ran| {
        print!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        if !ran.status.success() {
            failed.push(name.as_str());
        } else if written {
            document("proofs", &fs::read_to_string(rows.join(name))?)?;
        }
        Ok(())
    })?;
    ensure!(failed.is_empty(), "not proved: {}", failed.join(", "));
    Ok(())
}

/// The processor time in a row of the table of proofs, in seconds.
fn seconds(row: &str) -> u32 {
    row.split('|').nth(5).and_then(|cell| cell.trim().strip_suffix(" s")?.parse().ok()).unwrap_or(u32::MAX)
}

/// Plants faults, each of which must be found: those of all proofs that were complete, or of the named
/// proofs.
fn faults(names: &[String]) -> Result<()> {
    packages::install(packages::PROVE)?;
    let python = environment()?;
    let text = fs::read_to_string(root().join(DOCUMENT))?;
    let (_, table, _) = table(&text, "proofs")?;
    let complete: Vec<String> = table.lines().map(key).collect();
    let chosen = if names.is_empty() { &complete } else { names };
    let planted: Vec<Fault> = planted()?.into_iter().filter(|fault| chosen.contains(&fault.proof)).collect();
    let find = |worker: usize, fault: &Fault| find(&python, fault, worker);
    in_parallel(&planted, find, |_, row| document("faults", &row))
}

const DOCUMENT: &str = "docs/proof.md";

/// A table of the document between two comments, with the text before and after it.
fn table<'a>(text: &'a str, name: &str) -> Result<(&'a str, &'a str, &'a str)> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let parts = || {
        let start = text.find(&begin)?.saturating_add(begin.len());
        let stop = text.find(&end)?;
        Some((text.get(..start)?, text.get(start..stop)?, text.get(stop..)?))
    };
    parts().with_context(|| format!("{DOCUMENT} has no table of {name}"))
}

/// The subject of a row: its first cell.
fn key(row: &str) -> String {
    row.split('|').nth(1).unwrap_or_default().trim().to_string()
}

/// Writes rows into a table of the document, replacing those with the same subject.
fn document(name: &str, rows: &str) -> Result<()> {
    let path = root().join(DOCUMENT);
    let text = fs::read_to_string(&path)?;
    let (before, table, after) = table(&text, name)?;
    let (heading, old): (Vec<_>, Vec<_>) = table.lines().enumerate().partition(|(number, _)| *number < 2);
    let old = old.into_iter().map(|(_, row)| row);
    let all: BTreeMap<String, &str> = old.chain(rows.lines()).map(|row| (key(row), row)).collect();
    let lines = heading.into_iter().map(|(_, row)| row).chain(all.into_values());
    let table: String = lines.flat_map(|line| [line, "\n"]).collect();
    fs::write(&path, [before, &table, after].concat())?;
    Ok(())
}

/// Python with the packages that the proofs need, in its own environment.
fn environment() -> Result<PathBuf> {
    let wanted = fs::read_to_string(root().join("proof/requirements.txt"))?;
    Ok(python::environment(&target().join("prove/environment"), &wanted)?.join("python"))
}

/// A library whose functions are proved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Build {
    /// The one for kernels, as delivered.
    Delivered,
    /// With the wrappers of `ffi/src/proof.rs` too, for functions of the format crates.
    Crates,
    /// Built for speed.
    Level3,
    /// For another processor.
    I686,
}

/// The builds, by the prefixes of their proofs' names.
const OTHER: [(&str, Build); 3] = [("rust", Build::Crates), ("level3", Build::Level3), ("i686", Build::I686)];

impl Build {
    /// By the name of a proof.
    fn of(proof: &str) -> Self {
        let prefix = proof.split('-').next();
        OTHER.iter().find(|(name, _)| Some(*name) == prefix).map_or(Self::Delivered, |(_, build)| *build)
    }

    /// Builds sources in a folder.
    fn library(self, source: &Path, folder: &Path) -> Result<PathBuf> {
        if self == Self::I686 {
            return cross::kernel_library("i686");
        }
        let features = if self == Self::Crates { "archive,proof" } else { "archive" };
        let arguments = Kind::Kernel.arguments().iter();
        let arguments = arguments.map(|&argument| if argument == "archive" { features } else { argument });
        let mut cargo = cargo();
        if self == Self::Level3 {
            cargo.env("CARGO_PROFILE_FREESTANDING_OPT_LEVEL", "3");
        }
        cargo.current_dir(source).args(["rustc", "--quiet", "-p", "execfmt-ffi", "--lib", "--target-dir"]);
        run(cargo.arg(folder).args(arguments))?;
        Ok(folder.join("freestanding/libexecfmt.a"))
    }

    /// The options of gcc.
    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Delivered | Self::Level3 => &[],
            Self::Crates => &["-DCRATES"],
            Self::I686 => &["-m32"],
        }
    }
}

/// The functions in a static program, for the executor, and in a shared library, to be called natively.
struct Programs {
    executable: PathBuf,
    shared: PathBuf,
}

fn programs(source: &Path, library: &Path, build: Build, name: &str) -> Result<Programs> {
    let folder = scratch(&format!("prove-{name}"))?;
    let (executable, shared) = (folder.join("program"), folder.join("program.so"));
    let compile = |arguments: &[&str], result: &Path| {
        run(program("gcc", 120)
            .args(["-O2", "-g", "-ffreestanding", "-nostdlib", "-Wl,--gc-sections"])
            .args(arguments)
            .args(build.flags())
            .arg("-I")
            .arg(source.join("include"))
            .arg("-o")
            .arg(result)
            .arg(source.join("proof/program.c"))
            .arg(library))
    };
    compile(&["-static", "-no-pie"], &executable)?;
    // Code for another processor is not called.
    let shared = if build == Build::I686 { PathBuf::from("none") } else { shared };
    if build != Build::I686 {
        compile(&["-shared", "-fPIC", "-DNATIVE"], &shared)?;
    }
    Ok(Programs { executable, shared })
}

fn prover(python: &Path, programs: &Programs) -> Command {
    let mut command = program(python, PROOF);
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(root().join("proof/prove.py"))
        .args([&programs.executable, &programs.shared]);
    command
}

/// A small change that makes a function wrong: a patch whose first line names the proof that must notice it.
struct Fault {
    name: String,
    patch: PathBuf,
    proof: String,
}

fn planted() -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for patch in plant::patches("proof/faults")? {
        let text = fs::read_to_string(&patch)?;
        let proof = plant::line(&text, "proof").with_context(|| patch.display().to_string())?.to_string();
        faults.push(Fault { name: plant::name(&patch), patch, proof });
    }
    Ok(faults)
}

/// Plants a fault in a copy of the sources; its proof must return an input. Returns a row for the document.
fn find(python: &Path, fault: &Fault, worker: usize) -> Result<String> {
    let copy = plant::copy(&format!("prove-fault-source-{worker}"), &fault.patch)?;
    let build = Build::of(&fault.proof);
    let library = build.library(&copy, &target().join(format!("prove/fault-{worker}")))?;
    let programs = programs(&copy, &library, build, &format!("fault-{worker}"))?;
    let started = std::time::Instant::now();
    // Even for a proof of another build, it is these programs.
    let ran = output(prover(python, &programs).args([&fault.proof, "--workers", "1"]))?;
    let said = String::from_utf8_lossy(&ran.stdout);
    let found = said.lines().find(|line| line.starts_with("NOT PROVED"));
    ensure!(
        ran.status.code() == Some(1) && found.is_some(),
        "the planted fault {} was not found by {}: {said}",
        fault.name,
        fault.proof
    );
    let (seconds, found) = (started.elapsed().as_secs_f64(), found.unwrap_or_default());
    println!("FOUND {} {seconds:.1} s: {found}", fault.name);
    let claim = found.split_once(": ").map_or(found, |(_, rest)| rest).split("; ").next().unwrap_or_default();
    Ok(format!("| {} | {} | {claim} | {seconds:.0} s |\n", fault.name, fault.proof))
}
