//! The model of the kernel's decoder, `exo.py`, as a long-lived process.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use execfmt_testkit::{hex, unhex};

/// One question: does the kernel unpack these bytes to a section of this size?
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) size: usize,
    pub(crate) safety: usize,
    /// Whether reads outside are looked for. Slow.
    pub(crate) watch: bool,
    pub(crate) packed: Vec<u8>,
}

/// What the model says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Unpacked(Vec<u8>),
    Refused,
    /// It would read what it has not written: memory that a decoder for hostile bytes must not touch.
    Outside,
}

/// The folder of the models. `None`, with a report, where there is no Python.
pub(crate) fn models() -> Option<PathBuf> {
    execfmt_testkit::models("the model of the kernel's decoder")
}

/// Asks the model, in as many processes as there are cores.
pub(crate) fn ask(models: &Path, questions: &[Question]) -> Vec<Verdict> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = questions.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let parts: Vec<_> =
            questions.chunks(share).map(|part| scope.spawn(move || ask_one(models, part))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("the model answers")).collect()
    })
}

fn ask_one(models: &Path, questions: &[Question]) -> Vec<Verdict> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compress/oracle.py");
    let mut model = Command::new("timeout")
        .args(["1200", "python3", "-B"])
        .arg(script)
        .arg(models)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("timeout runs");
    let mut stdin = BufWriter::new(model.stdin.take().expect("a pipe"));
    let stdout = BufReader::new(model.stdout.take().expect("a pipe"));
    let verdicts = thread::scope(|scope| {
        scope.spawn(move || {
            for question in questions {
                let Question { size, safety, watch, packed } = question;
                let line = format!("{size} {safety} {} {}", u8::from(*watch), hex(packed));
                writeln!(stdin, "{line}").expect("the model reads");
            }
        });
        stdout.lines().map(|line| verdict(&line.expect("the model writes"))).collect::<Vec<_>>()
    });
    assert!(model.wait().expect("the model ends").success());
    assert_eq!(verdicts.len(), questions.len(), "one answer each");
    verdicts
}

fn verdict(line: &str) -> Verdict {
    match line {
        "refused" => Verdict::Refused,
        "outside" => Verdict::Outside,
        _ => Verdict::Unpacked(unhex(line.strip_prefix("ok ").expect("an answer"))),
    }
}
