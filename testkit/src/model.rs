use std::io::{BufRead, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use crate::{root, skipped};

/// The folder of the reference models. `None` when there is no Python to run them, after reporting that
/// `what` is skipped.
pub fn models(what: &str) -> Option<PathBuf> {
    let python = Command::new("python3").arg("--version").stdin(Stdio::null()).output();
    if python.is_ok_and(|output| output.status.success()) {
        return Some(root().join("testdata/models"));
    }
    skipped(what, "python3 is absent; only the vectors in testdata are checked");
    None
}

/// A Python program that imports a reference model and answers each line with a line.
#[derive(Debug)]
pub struct Model {
    models: PathBuf,
    script: String,
}

impl Model {
    /// `script` sees each question as the string `line` and prints one line of answer. `None`, after a
    /// report, when there is no Python.
    pub fn new(imports: &str, script: &str, what: &str) -> Option<Self> {
        let models = models(what)?;
        let body = script.lines().map(|line| format!("    {line}\n")).collect::<String>();
        let script =
            format!("import sys\n{imports}\nfor line in sys.stdin:\n    line = line.rstrip(\"\\n\")\n{body}");
        Some(Self { models, script })
    }

    /// The answers to all questions, in order. One Python process for all of them.
    pub fn ask(&self, questions: Vec<String>) -> Vec<String> {
        let count = questions.len();
        let mut child = Command::new("timeout")
            .args(["600", "python3", "-B", "-c", &self.script])
            .env("PYTHONPATH", &self.models)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let mut input = child.stdin.take().expect("piped");
        let writer = thread::spawn(move || {
            for question in questions {
                if writeln!(input, "{question}").is_err() {
                    break; // The reader below notices that answers are missing.
                }
            }
        });
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let answers: Vec<_> = output.lines().map(|line| line.expect("the model writes UTF-8")).collect();
        writer.join().expect("the writer does not panic");
        let status = child.wait().expect("the model ends");
        assert!(
            status.success() && answers.len() == count,
            "the model: {status}, {} of {count} answers",
            answers.len()
        );
        answers
    }
}
