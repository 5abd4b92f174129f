//! What holds however the command ends: killed at any system call, or with an error from any of them, it leaves
//! either the old file at the output's name, or all of the new one.

#![allow(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context as _, Result, ensure};
use aout_minix::{Builder, FileType};
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{execfmt, output, program, root, stdout};
use execfmt_system_tests::tools::{Tool, have};

const TOOLS: [Tool; 1] = [Tool::Program("strace")];

/// Seconds for one run.
const LIMIT: u32 = 30;

/// System calls about memory.
const MEMORY: [&str; 6] = ["brk", "madvise", "mmap", "mprotect", "mremap", "munmap"];

/// How the names of temporary files begin.
const TEMPORARY: &str = ".execfmt-";

/// Makes a file.
type Make = fn() -> Result<Vec<u8>>;

/// A run that writes something.
struct Case {
    name: &'static str,
    /// Arguments of the command, which runs in a folder of its own.
    arguments: &'static [&'static str],
    /// The output: a file, or a folder of files.
    target: &'static str,
    /// The input, from the repository or made here.
    input: (&'static str, Make),
    /// Whether the target exists before. A file that is changed in place is its own target.
    there: bool,
}

fn linked() -> Result<Vec<u8>> {
    Ok(fs::read(root().join("testdata/elks/far.elf"))?)
}

/// A program with a text that becomes shorter.
fn long() -> Result<Vec<u8>> {
    let text = [0x90; 9000];
    Ok(Builder::new(FileType::SPLITID).version(1).text(&text).data(&[1; 64]).to_vec()?)
}

fn image() -> Result<Vec<u8>> {
    Ok(fs::read(root().join("fuzz/seeds/coyotos_parse/i386"))?)
}

const CASES: [Case; 6] = [
    Case {
        name: "convert",
        arguments: &["convert", "in", "-o", "out", "--to", "elks"],
        target: "out",
        input: ("in", linked),
        there: true,
    },
    Case {
        name: "convert to a new file",
        arguments: &["convert", "in", "-o", "out", "--to", "elks"],
        target: "out",
        input: ("in", linked),
        there: false,
    },
    Case { name: "compress", arguments: &["compress", "in"], target: "in", input: ("in", long), there: true },
    Case {
        name: "chmem",
        arguments: &["chmem", "-h", "0x1234", "in"],
        target: "in",
        input: ("in", long),
        there: true,
    },
    Case {
        name: "unpack",
        arguments: &["coyotos", "unpack", "in", "-o", "out"],
        target: "out",
        input: ("in", image),
        there: false,
    },
    Case {
        name: "pack",
        arguments: &["coyotos", "pack", "folder", "-o", "out"],
        target: "out",
        input: ("in", image),
        there: true,
    },
];

/// A file, or all files of a folder by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    File(Vec<u8>),
    Folder(BTreeMap<String, Vec<u8>>),
}

impl Found {
    fn at(path: &Path) -> Result<Self> {
        if path.is_dir() {
            let mut files = BTreeMap::new();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                files.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
            }
            return Ok(Self::Folder(files));
        }
        Ok(if path.exists() { Self::File(fs::read(path)?) } else { Self::Nothing })
    }
}

/// A system call of the command's first thread: its name, and how many of that name come up to it.
#[derive(Clone, Debug)]
struct Call {
    name: String,
    number: usize,
    line: String,
}

/// A case with its folder before and after the run.
struct Trial<'a> {
    case: &'a Case,
    execfmt: PathBuf,
    folder: PathBuf,
    before: Found,
    after: Found,
}

impl<'a> Trial<'a> {
    fn new(case: &'a Case, scratch: &Path) -> Result<Self> {
        let folder = scratch.join(case.name.replace(' ', "-"));
        let (before, after) = (Found::Nothing, Found::Nothing);
        let mut trial = Self { case, execfmt: execfmt()?, folder, before, after };
        trial.reset()?;
        trial.before = Found::at(&trial.target())?;
        stdout(program(&trial.execfmt, LIMIT).current_dir(&trial.folder).args(case.arguments))?;
        trial.after = Found::at(&trial.target())?;
        ensure!(trial.before != trial.after, "{}: nothing was written", case.name);
        Ok(trial)
    }

    fn target(&self) -> PathBuf {
        self.folder.join(self.case.target)
    }

    /// The folder as it is before a run.
    fn reset(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        fs::create_dir(&self.folder)?;
        let (name, make) = self.case.input;
        fs::write(self.folder.join(name), make()?)?;
        if self.case.there && self.case.target != name {
            fs::write(self.target(), b"what was there before")?;
        }
        if self.case.arguments.contains(&"folder") {
            let unpack = ["coyotos", "unpack", "in", "-o", "folder"];
            stdout(program(&self.execfmt, LIMIT).current_dir(&self.folder).args(unpack))?;
        }
        Ok(())
    }

    /// Runs the command under strace with these options.
    fn traced(&self, options: &[&str]) -> Result<Output> {
        self.reset()?;
        let mut strace = program("strace", LIMIT);
        strace.current_dir(&self.folder).args(["-f", "-y", "-qq"]).args(options).arg(&self.execfmt);
        output(strace.args(self.case.arguments))
    }

    /// The system calls from the first one on that names what the command reads: before it, nothing of the command has
    /// run. Without those about memory, between which nothing happens to a file.
    fn calls(&self) -> Result<Vec<Call>> {
        let log = self.folder.with_extension("log");
        let traced = self.traced(&["-o", &log.to_string_lossy()])?;
        ensure!(traced.status.success(), "{}: {}", self.case.name, String::from_utf8_lossy(&traced.stderr));
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        let first = text.split_whitespace().next().context("a system call")?.to_string();
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut calls = Vec::new();
        for line in text.lines() {
            let Some(call) = line.strip_prefix(&first).map(str::trim_start) else { continue };
            let Some((name, _)) = call.split_once('(').filter(|(name, _)| !name.contains([' ', '<', '+']))
            else {
                continue;
            };
            let number = numbers.entry(name).or_default();
            *number += 1;
            calls.push(Call { name: name.into(), number: *number, line: call.into() });
        }
        let read = self.case.arguments.iter().find(|name| ["in", "folder"].contains(name));
        let quoted = format!("\"{}", read.context("an input")?);
        let start = calls.iter().skip(1).position(|call| call.line.contains(&quoted));
        let mut calls = calls.split_off(start.context("the input is opened")? + 1);
        calls.retain(|call| !MEMORY.contains(&call.name.as_str()));
        Ok(calls)
    }

    /// The file at the target's name, which must be the old or the new one.
    fn not_torn(&self, call: &Call) -> Result<Found> {
        let found = Found::at(&self.target())?;
        let whole = found == self.before || found == self.after;
        ensure!(whole, "{} at {call:?}: neither the old nor the new", self.case.name);
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let known = ["in", "out", "folder"].contains(&&*name) || name.starts_with(TEMPORARY);
            ensure!(known, "{} at {call:?}: {name} was left", self.case.name);
        }
        Ok(found)
    }

    /// Checks that the next run, after an interrupted one, writes what it should.
    fn goes_on(&self, call: &Call) -> Result<()> {
        if Found::at(&self.target())? == self.before {
            stdout(program(&self.execfmt, LIMIT).current_dir(&self.folder).args(self.case.arguments))?;
        }
        ensure!(Found::at(&self.target())? == self.after, "{} after {call:?}", self.case.name);
        Ok(())
    }
}

#[test]
fn killed_at_any_system_call_it_leaves_the_old_or_the_new() -> Result<()> {
    if !have(&TOOLS)? {
        return Ok(());
    }
    let scratch = Scratch::new("laws-killed")?;
    for case in &CASES {
        let trial = Trial::new(case, &scratch)?;
        let calls = trial.calls()?;
        trial.reset()?;
        let (present, mut killed, mut old) = (fs::read_dir(&trial.folder)?.count(), 0, 0);
        for call in &calls {
            let Call { name, number, .. } = call;
            let ended = trial.traced(&[
                "-o",
                &scratch.join("killed.log").to_string_lossy(),
                "-e",
                &format!("inject={name}:signal=KILL:when={number}"),
            ])?;
            killed += usize::from(ended.status.signal() == Some(9) || ended.status.code() == Some(137));
            old += usize::from(trial.not_torn(call)? == trial.before);
            // If nothing was written, everything is as before.
            if fs::read_dir(&trial.folder)?.count() > present {
                trial.goes_on(call)?;
            }
        }
        println!(
            "{}: {} system calls, killed at {killed}, the old is there after {old}",
            case.name,
            calls.len()
        );
        // A call of another thread may take a number; mostly that does not happen.
        ensure!(killed * 10 >= calls.len() * 9, "{}: killed at {killed} of {}", case.name, calls.len());
        ensure!(
            old > 0 && old < calls.len(),
            "{}: the old is there after {old} of {}",
            case.name,
            calls.len()
        );
    }
    Ok(())
}

/// Calls that the system may refuse, and the errors.
const REFUSED: [(&str, &str, &str); 5] = [
    ("openat", "ENOSPC", "No space left on device"),
    ("write", "ENOSPC", "No space left on device"),
    ("fsync", "EIO", "Input/output error"),
    ("renameat", "EIO", "Input/output error"),
    ("rename", "EIO", "Input/output error"),
];

#[test]
fn what_the_system_refuses_is_reported_and_leaves_the_old() -> Result<()> {
    if !have(&TOOLS)? {
        return Ok(());
    }
    let scratch = Scratch::new("laws-refused")?;
    for case in &CASES {
        let trial = Trial::new(case, &scratch)?;
        // Calls about the temporary file: those for messages do not touch the target.
        let calls = trial.calls()?.into_iter().filter(|call| call.line.contains(TEMPORARY));
        let mut refused = 0;
        for call in calls {
            let Some((name, error, says)) = REFUSED.into_iter().find(|(name, ..)| *name == call.name) else {
                continue;
            };
            let log = scratch.join("refused.log");
            let inject = format!("inject={name}:error={error}:when={}", call.number);
            let ended = trial.traced(&["-o", &log.to_string_lossy(), "-e", &inject])?;
            let said = String::from_utf8_lossy(&ended.stderr).into_owned();
            let code = ended.status.code();
            ensure!(code.is_some_and(|code| code != 0), "{} at {call:?}: {code:?}", case.name);
            ensure!(said.contains(says), "{} at {call:?}: {said}", case.name);
            ensure!(trial.not_torn(&call)? == trial.before, "{} at {call:?}: not as it was", case.name);
            for entry in fs::read_dir(&trial.folder)? {
                let left = entry?.file_name();
                let left = left.to_string_lossy();
                ensure!(!left.starts_with(TEMPORARY), "{} at {call:?}: {left} was left", case.name);
            }
            trial.goes_on(&call)?;
            refused += 1;
        }
        println!("{}: refused {refused} calls", case.name);
        ensure!(refused >= 2, "{}: only {refused} calls about a temporary file", case.name);
    }
    Ok(())
}
