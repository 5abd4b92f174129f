//! Folders that no two processes use at once.

use std::fs::{self, File};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::shell::target;

/// The folder for the tests' output.
fn folder() -> PathBuf {
    target().join("system-tests")
}

/// Waits until no other process has the lock of this name, and keeps it until the file is dropped.
pub(crate) fn lock(name: &str) -> Result<File> {
    fs::create_dir_all(folder())?;
    let path = folder().join(name).with_extension("lock");
    let file = File::create(&path).with_context(|| path.display().to_string())?;
    fs4::FileExt::lock(&file).with_context(|| path.display().to_string())?;
    Ok(file)
}

/// A folder below `target/system-tests`, new and empty. It is kept for inspection; until this is dropped, no other process uses it.
pub struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// The folder of a test, by a name of its own.
    pub fn new(name: &str) -> Result<Self> {
        let lock = lock(name)?;
        let path = folder().join(name);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| path.display().to_string())?;
        }
        fs::create_dir(&path).with_context(|| path.display().to_string())?;
        Ok(Self { path, _lock: lock })
    }
}

impl Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}
