//! The reference model as long-lived processes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::thread;

use execfmt_testkit::{models, root};
use serde_json::Value;

/// What the model makes of a program.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `none`, or the kind of error; `model: …` for what the model itself cannot do.
    pub(crate) class: String,
    pub(crate) printed: String,
    /// The SHA-256 of the image.
    pub(crate) image: Option<String>,
}

/// True when there is a Python for the model; says so otherwise.
pub(crate) fn is_there(test: &str) -> bool {
    models(test).is_some()
}

/// The answers to programs, each an architecture and the text of the module `t`, in their order. One process.
pub(crate) fn ask(programs: &[(&str, String)]) -> Vec<Answer> {
    let cases = root().join("testdata/mki");
    let mut child = Command::new("timeout")
        .args(["600", "python3", "-B"])
        .arg(root().join("testdata/models/mki.py"))
        .args(["--batch", "--better", "-I"])
        .arg(&cases)
        .arg("-L")
        .arg(cases.join("files"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let (mut to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let questions: Vec<_> = programs
        .iter()
        .map(|(arch, text)| serde_json::json!({ "arch": arch, "text": text }).to_string())
        .collect();
    let writer = thread::spawn(move || {
        // When the model is gone, the reader notices.
        questions.into_iter().all(|question| writeln!(to, "{question}").is_ok())
    });
    let answers: Vec<_> = from
        .lines()
        .map(|line| {
            let answer: Value = serde_json::from_str(&line.unwrap()).expect("JSON");
            let text = |name: &str| answer[name].as_str().map(String::from);
            Answer { class: text("class").unwrap(), printed: text("text").unwrap(), image: text("image") }
        })
        .collect();
    writer.join().unwrap();
    let status = child.wait().unwrap();
    assert!(status.success() && answers.len() == programs.len(), "the model: {status}, {}", answers.len());
    answers
}
