//! Temporary files that are removed after an error, and after SIGINT or SIGTERM. (After SIGKILL or a crash of
//! the machine a file `.execfmt-*` may remain.)

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use tempfile::{NamedTempFile, TempDir};

/// The files to be removed. The lock is held to create, rename or remove one; a signal waits for it.
static PENDING: LazyLock<Mutex<BTreeSet<PathBuf>>> = LazyLock::new(|| {
    watch();
    Mutex::default()
});

fn pending() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    PENDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the thread that a signal wakes. Without it, signals end the program as usual.
#[cfg(unix)]
fn watch() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            // Held to the end, so that nothing new is created.
            let pending = pending();
            for path in pending.iter() {
                let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            }
            let _ = emulate_default_handler(signal);
        }
    });
}

#[cfg(not(unix))]
fn watch() {}

/// A file under a temporary name.
pub(super) struct Temporary {
    file: NamedTempFile<File>,
}

impl Temporary {
    pub(super) fn make(make: impl FnOnce() -> io::Result<NamedTempFile<File>>) -> io::Result<Self> {
        let mut pending = pending();
        let file = make()?;
        pending.insert(file.path().to_path_buf());
        Ok(Self { file })
    }

    /// Renames the file to its final name, replacing an existing file.
    pub(super) fn persist(self, target: &Path) -> io::Result<()> {
        let mut pending = pending();
        let path = self.file.path().to_path_buf();
        let named = self.file.persist(target).map(drop).map_err(|error| error.error);
        pending.remove(&path);
        named
    }

    pub(super) fn as_file(&self) -> &File {
        self.file.as_file()
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A folder under a temporary name.
pub(super) struct TemporaryFolder {
    /// Removed once it is renamed.
    folder: Option<TempDir>,
    path: PathBuf,
}

impl TemporaryFolder {
    pub(super) fn make(make: impl FnOnce() -> io::Result<TempDir>) -> io::Result<Self> {
        let mut pending = pending();
        let folder = make()?;
        let path = folder.path().to_path_buf();
        pending.insert(path.clone());
        Ok(Self { folder: Some(folder), path })
    }

    /// Writes a file into it. A signal waits: a folder that is being filled cannot be removed.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let _pending = pending();
        fs::write(self.path.join(name), bytes)
    }

    /// Renames the folder to its final name, which must not exist.
    pub(super) fn rename(mut self, target: &Path) -> io::Result<()> {
        let _pending = pending();
        fs::rename(&self.path, target)?;
        // It has its final name now, and nothing remains to be removed.
        if let Some(folder) = self.folder.take() {
            let _ = folder.keep();
        }
        Ok(())
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Under the lock, so that a signal does not remove the same files at the same time and end halfway.
        let mut pending = pending();
        drop(self.folder.take());
        pending.remove(&self.path);
    }
}
