//! Programs from cargo's registry that the tasks need.

use std::path::PathBuf;

use anyhow::Result;

use crate::shell::{cargo, run, target};

/// A program in this version, installed below the target folder if it is not there yet.
pub(crate) fn tool(name: &str, version: &str) -> Result<PathBuf> {
    let folder = target().join("tools");
    let program = folder.join("bin").join(name);
    if !program.exists() {
        println!("installing {name} {version}");
        run(cargo()
            .args(["install", "--quiet", "--locked", name, "--version", version, "--root"])
            .arg(&folder)
            .env_remove("CARGO_TARGET_DIR"))?;
    }
    Ok(program)
}
