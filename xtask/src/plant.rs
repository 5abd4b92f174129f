//! Copies of the sources with a fault in them, to see that a proof notices it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::shell::{program, root, run, scratch, stdout};

/// The patches of a folder, by name.
pub(crate) fn patches(folder: &str) -> Result<Vec<PathBuf>> {
    let mut patches = Vec::new();
    for entry in fs::read_dir(root().join(folder))? {
        patches.push(entry?.path());
    }
    patches.sort();
    Ok(patches)
}

/// A patch's name.
pub(crate) fn name(patch: &Path) -> String {
    patch.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Copies the sources that git knows to a scratch folder of the name, and applies the patch there.
pub(crate) fn copy(folder: &str, patch: &Path) -> Result<PathBuf> {
    let copy = scratch(folder)?;
    let files = stdout(program("git", 60).args(["ls-files"]))?;
    for name in files.lines() {
        let (from, to) = (root().join(name), copy.join(name));
        if from.is_file() {
            fs::create_dir_all(to.parent().context("a file has a folder")?)?;
            fs::copy(from, to)?;
        }
    }
    run(program("patch", 60).args(["--quiet", "-p1", "-d"]).arg(&copy).arg("-i").arg(patch))?;
    Ok(copy)
}
