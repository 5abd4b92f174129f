//! Python environments, each created once for its requirements.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::shell::{program, run, stdout};

/// Time limit for installing, in seconds.
const INSTALL: u32 = 900;

/// An environment in a folder, with these requirements in pip's format. Returns the folder of its programs.
pub(crate) fn environment(folder: &Path, requirements: &str) -> Result<PathBuf> {
    let made = folder.join("requirements.txt");
    let programs = folder.join("bin");
    if fs::read_to_string(&made).is_ok_and(|made| made == requirements) {
        return Ok(programs);
    }
    run(program("python3", INSTALL).args(["-m", "venv", "--clear"]).arg(folder))?;
    let wanted = folder.join("wanted.txt");
    fs::write(&wanted, requirements)?;
    stdout(
        program(programs.join("python"), INSTALL)
            .args(["-m", "pip", "install", "--quiet", "-r"])
            .arg(&wanted),
    )?;
    fs::rename(&wanted, &made)?;
    Ok(programs)
}
