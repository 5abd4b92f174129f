//! Checks that did not run.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The variable that names a file to which every check that did not run is appended, one per line.
const VARIABLE: &str = "EXECFMT_SKIPS";

static COLLECTED_IN: OnceLock<PathBuf> = OnceLock::new();

/// Reports that a check did not run.
pub fn skipped(what: &str, why: &str) {
    let line = format!("SKIPPED: {what}: {why}").replace('\n', " ") + "\n";
    // Directly to the descriptor: the test runner captures what a passing test prints with eprintln.
    let _ = io::stderr().lock().write_all(line.as_bytes());
    if let Some((_, file)) = collecting() {
        append(&file, &line).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

/// Makes this process append each report to a file too, which is emptied first.
pub fn collect_skips(file: &Path) -> io::Result<()> {
    fs::write(file, "")?;
    COLLECTED_IN.set(file.to_path_buf()).map_err(|_| io::Error::other("reports are collected already"))
}

/// The variable and its value with which another process appends to the same file; `None` when nothing is
/// collected.
pub fn collecting() -> Option<(&'static str, PathBuf)> {
    let file = COLLECTED_IN.get().cloned().or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from))?;
    Some((VARIABLE, file))
}

/// A single write, so that tests that run at the same time do not mix their lines.
fn append(file: &Path, line: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(file)?.write_all(line.as_bytes())
}
