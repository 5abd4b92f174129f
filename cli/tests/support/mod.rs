//! What the tests of the command share.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests, which may panic; no test uses all of them"
)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Runs the command with standard input.
pub fn execfmt(arguments: &[&str], input: &[u8]) -> Output {
    run(Path::new(env!("CARGO_BIN_EXE_execfmt")), arguments, input)
}

/// Runs the command with standard input, in a terminal of a width.
pub fn in_columns(columns: usize, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_execfmt"));
    output(command.env("COLUMNS", columns.to_string()).args(arguments), input)
}

/// Runs a program with standard input.
pub fn run(program: &Path, arguments: &[&str], input: &[u8]) -> Output {
    output(Command::new(program).args(arguments).env_remove("COLUMNS"), input)
}

fn output(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads no standard input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// Runs an external tool without input and returns its output; `None`, after a notice, if it is missing.
pub fn tool(name: &str, arguments: &[&str]) -> Option<String> {
    let run = Command::new(name).args(arguments).stdin(Stdio::null()).output();
    let Ok(run) = run else {
        execfmt_testkit::skipped(&format!("what {name} makes of our files"), "it is not installed");
        return None;
    };
    assert!(run.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    Some(String::from_utf8(run.stdout).unwrap())
}

/// The command under another name, in a folder.
pub fn linked(folder: &Path, name: &str) -> PathBuf {
    let link = folder.join(name);
    if link.exists() {
        return link;
    }
    fs::hard_link(env!("CARGO_BIN_EXE_execfmt"), &link)
        .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_execfmt"), &link).map(drop))
        .unwrap();
    link
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Text with a single space for each run of white space: the spaces of columns do not matter in most tests.
pub fn words(bytes: &[u8]) -> String {
    text(bytes).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folder that is gone after the test.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

pub fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// The names in a folder, to check that nothing was left over.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
