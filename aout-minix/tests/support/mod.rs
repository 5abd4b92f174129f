//! What the tests share: the models, files of every kind.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, which may panic; no test uses all of them"
)]

pub mod elf;
pub mod files;
pub mod ne;

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Asks the models all questions in one run of Python, and gives the answers in order. `None`, with a report, where there is
/// no Python.
pub fn ask(what: &str, questions: Vec<String>) -> Option<Vec<String>> {
    let models = execfmt_testkit::models(what)?;
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/model.py");
    let mut command = Command::new("timeout");
    command.args(["1200", "python3", "-B", driver]).arg(models);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
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

/// Questions with the models' answers, a question and its answer on two lines, kept for machines without Python.
/// With `EXECFMT_BLESS` set they are asked and written anew; elsewhere they are only read.
pub fn vectors(name: &str, questions: impl FnOnce() -> Vec<String>) -> Vec<(String, String)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testdata/aout-minix").join(name);
    if std::env::var_os("EXECFMT_BLESS").is_some() {
        let questions = questions();
        let answers = ask(name, questions.clone()).expect("vectors are blessed where Python is");
        let text: String = questions
            .iter()
            .zip(answers)
            .map(|(question, answer)| format!("{question}\n{answer}\n"))
            .collect();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    lines.chunks_exact(2).map(|pair| (pair[0].into(), pair[1].into())).collect()
}

/// The bytes that a hexadecimal text stands for; `-` stands for none.
pub fn unhex(text: &str) -> Vec<u8> {
    if text == "-" { Vec::new() } else { execfmt_testkit::unhex(text) }
}
