//! The reference model as one long-lived process.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What the model answers to a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Text(String),
    File(Vec<u8>),
}

pub(crate) struct Model {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Model {
    /// The model, where there is a Python.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let models = execfmt_testkit::models(test)?;
        let driver = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/differential/driver.py");
        let mut child = Command::new("timeout")
            .args(["600", "python3", "-B"])
            .arg(driver)
            .arg(models)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let (to, from) = (child.stdin.take(), child.stdout.take().unwrap());
        Some(Self { child, to, from: BufReader::new(from) })
    }

    fn ask(&mut self, kind: &str, count: usize, body: &[u8]) -> Vec<Reply> {
        let to = self.to.as_mut().unwrap();
        writeln!(to, "{kind} {count}").unwrap();
        to.write_all(body).unwrap();
        to.flush().unwrap();
        let mut replies = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "the model died");
            match line.trim_end().split_once(' ') {
                Some(("TEXT", text)) => replies.push(Reply::Text(text.to_string())),
                Some(("FILE", len)) => {
                    let mut file = vec![0; len.parse().unwrap()];
                    self.from.read_exact(&mut file).unwrap();
                    replies.push(Reply::File(file));
                }
                _ => return replies,
            }
        }
    }

    pub(crate) fn recipe(&mut self, lines: &[String]) -> Vec<Reply> {
        let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.ask("RECIPE", lines.len(), body.as_bytes())
    }

    pub(crate) fn read(&mut self, image: &[u8]) -> Vec<Reply> {
        self.ask("READ", image.len(), image)
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        drop(self.to.take());
        let _ = self.child.wait();
    }
}
