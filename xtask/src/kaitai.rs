//! `cargo xtask kaitai`: the descriptions in contrib/kaitai, compiled, and compared with the command field by field.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::shell::{self, exists, program, root, run, scratch, target};
use crate::{packages, python};

/// The runtime for the compiled descriptions, in the version of the compiler in contrib/kaitai/package.json.
const RUNTIME: &str = "kaitaistruct==0.11";

pub(crate) fn compare() -> Result<()> {
    if !(exists("npm") && exists("node")) {
        packages::install(packages::KAITAI)?;
    }
    let started = Instant::now();
    let source = root().join("contrib/kaitai");
    let python = python::environment(&target().join("kaitai/python"), RUNTIME)?;
    let compiler = compiler()?;
    let compiled = scratch("kaitai")?;
    let mut descriptions = Vec::new();
    for entry in fs::read_dir(&source)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ksy") {
            descriptions.push(path);
        }
    }
    ensure!(!descriptions.is_empty(), "{} has no descriptions", source.display());
    descriptions.sort();
    run(program("node", 120).current_dir(&compiler).arg("compile.js").arg(&compiled).args(&descriptions))?;
    let mut compare = program(python.join("python"), 900);
    compare.env("PYTHONDONTWRITEBYTECODE", "1").arg(source.join("compare.py")).arg(&compiled);
    run(compare.arg(shell::execfmt()?))?;
    println!("{} descriptions, {:.0} s", descriptions.len(), started.elapsed().as_secs_f64());
    Ok(())
}

/// A folder with the compiler of the lock file.
fn compiler() -> Result<PathBuf> {
    let folder = target().join("kaitai/compiler");
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json", "compile.js"] {
        fs::copy(root().join("contrib/kaitai").join(file), folder.join(file))?;
    }
    run(program("npm", 300).current_dir(&folder).args(["ci", "--silent", "--no-audit", "--no-fund"]))?;
    Ok(folder)
}
