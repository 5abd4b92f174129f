//! What the tests share: the shared folder, the models, a decoder of compressed sections.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, which may panic; no test uses all of them"
)]

pub mod elf;
pub mod files;
pub mod inflate;
pub mod ne;

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The folder beside the repository with models and corpus; `None`, said aloud, when it is absent.
pub fn shared(what: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let path = std::env::var_os("EXECFMT_SHARED").map_or(beside, PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("SKIPPED: {what}: no folder {} (set EXECFMT_SHARED)", path.display());
    None
}

/// Asks the models all questions in one run of Python, and gives the answers in order. `None`, said aloud, when there
/// are no models or no Python.
pub fn ask(what: &str, questions: Vec<String>) -> Option<Vec<String>> {
    let models = shared(what)?.join("models");
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/model.py");
    let child = Command::new("python3")
        .args(["-B", driver])
        .arg(models)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("SKIPPED: {what}: no python3");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    let count = questions.len();
    let writer = std::thread::spawn(move || {
        for question in questions {
            writeln!(stdin, "{question}").unwrap();
        }
    });
    let answers: Vec<String> =
        BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(answers.len(), count, "an answer to every question");
    Some(answers)
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    if text == "-" {
        return Vec::new();
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
