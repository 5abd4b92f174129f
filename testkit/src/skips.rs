//! Checks that did not run.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The variable that names a file to which every check that did not run is appended, a line each.
const VARIABLE: &str = "EXECFMT_SKIPS";

static COLLECTED_IN: OnceLock<PathBuf> = OnceLock::new();

/// Reports that a check did not run.
pub fn skipped(what: &str, why: &str) {
    let line = format!("SKIPPED: {what}: {why}").replace('\n', " ") + "\n";
    // Straight to the descriptor: the test runner swallows what a passing test prints with eprintln.
    let _ = io::stderr().lock().write_all(line.as_bytes());
    if let Some((_, file)) = collecting() {
        append(&file, &line).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

/// Has this process write each report into a file too, which begins empty.
pub fn collect_skips(file: &Path) -> io::Result<()> {
    fs::write(file, "")?;
    COLLECTED_IN.set(file.to_path_buf()).map_err(|_| io::Error::other("reports are collected already"))
}

/// The variable and its value with which another process writes into the same file; `None` where nothing is collected.
pub fn collecting() -> Option<(&'static str, PathBuf)> {
    let file = COLLECTED_IN.get().cloned().or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from))?;
    Some((VARIABLE, file))
}

/// One write, so that tests that run at the same time do not tear each other's lines.
fn append(file: &Path, line: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(file)?.write_all(line.as_bytes())
}
