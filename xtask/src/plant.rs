//! Copies of the sources with a fault, to check that a proof or a test notices it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::shell::{program, root, run, stdout, target};

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

/// A line `key: value` before a patch begins.
pub(crate) fn line<'a>(text: &'a str, key: &str) -> Result<&'a str> {
    let mut lines = text.lines().take_while(|line| !line.starts_with("---"));
    let found = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
    found.with_context(|| format!("the patch has no line `{key}: `"))
}

/// Makes a folder a copy of the committed sources, and applies the patch there.
///
/// In an existing copy, files that do not differ are not touched: cargo then builds only what a patch
/// changes.
pub(crate) fn copy(folder: &str, patch: &Path) -> Result<PathBuf> {
    let copy = target().join("xtask").join(folder);
    let listed = stdout(program("git", 60).args(["ls-files"]))?;
    let names: BTreeSet<&str> = listed.lines().filter(|name| root().join(name).is_file()).collect();
    fs::create_dir_all(&copy)?;
    remove_others(&copy, &copy, &names)?;
    for name in names {
        let (bytes, to) = (fs::read(root().join(name))?, copy.join(name));
        if fs::read(&to).ok().as_ref() != Some(&bytes) {
            fs::create_dir_all(to.parent().context("a file has a folder")?)?;
            fs::copy(root().join(name), to)?;
        }
    }
    run(program("patch", 60).args(["--quiet", "-p1", "-d"]).arg(&copy).arg("-i").arg(patch))?;
    Ok(copy)
}

/// Removes the files below a folder of the copy that are not among the names.
fn remove_others(copy: &Path, folder: &Path, names: &BTreeSet<&str>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(copy)?.to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() {
            remove_others(copy, &path, names)?;
        } else if !names.contains(name.as_str()) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
