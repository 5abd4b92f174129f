//! `chmem`: the memory that ELKS programs ask for.

use std::io::{self, Write as _};
use std::path::Path;

use aout_minix::chmem::{self, Changed, ChmemError, HEADING, Row};
use aout_minix::{AoutRule, Header};
use execfmt_common::Severity;

use super::super::os2_ne;
use super::args::{Chmem, ChmemTask};
use super::refusal;
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::foreign;
use crate::outcome::Outcome;

/// What a run has to say besides its rows.
enum Message {
    /// The file is refused.
    Error(String),
    /// The heap was cut to so many bytes.
    Truncated(u16),
    /// The file was changed, and a kernel refuses what it is now.
    Refused(String),
    /// The file could not be read or written.
    Failed(io::Error),
}

/// `execfmt chmem`.
pub(crate) fn run(options: &Chmem) -> io::Result<Outcome> {
    each(options, |name, message| match message {
        Message::Error(text) => diagnostic(name, Some(Severity::Error), text),
        Message::Truncated(heap) => {
            diagnostic(name, Some(Severity::Warning), &format!("heap truncated to {heap}"))
        }
        Message::Refused(text) => diagnostic(name, Some(Severity::Warning), text),
        Message::Failed(error) => print_error(format_args!("{name}: {error}")),
    })
}

/// `chmem`, with the original's messages.
pub(crate) fn tool(options: &Chmem) -> io::Result<Outcome> {
    let mut stderr = io::stderr();
    each(options, |name, message| match message {
        Message::Error(text) => writeln!(stderr, "{name}: {text}"),
        Message::Truncated(heap) => writeln!(stderr, "Warning: heap truncated to {heap}"),
        Message::Refused(text) => writeln!(stderr, "Warning: {name}: {text}"),
        Message::Failed(error) => writeln!(stderr, "{name}: {error}"),
    })
}

fn each(options: &Chmem, mut report: impl FnMut(&str, &Message) -> io::Result<()>) -> io::Result<Outcome> {
    let mut worst = Outcome::Success;
    let (task, paths) = match options.task() {
        Ok(task) => task,
        Err(complaint) => {
            print_error(complaint)?;
            return Ok(Outcome::Failed);
        }
    };
    let mut out = io::stdout().lock();
    if !matches!(task, ChmemTask::Minix(_)) {
        writeln!(out, "{HEADING}")?;
    }
    for path in paths {
        let name = files::name(path);
        for message in file(path, &name, task, &mut out)? {
            out.flush()?;
            report(&name, &message)?;
            worst = worst.max(match message {
                Message::Truncated(_) | Message::Refused(_) => Outcome::Success,
                Message::Error(_) => Outcome::Refused,
                Message::Failed(_) => Outcome::Failed,
            });
        }
    }
    Ok(worst)
}

/// Shows a file, and changes it. The second row, that of the changed file, is written when the file is. A change in the
/// way of Minix is reported in one line, as there.
fn file(path: &Path, name: &str, task: ChmemTask, out: &mut impl io::Write) -> io::Result<Vec<Message>> {
    let mut bytes = match files::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(vec![Message::Failed(error)]),
    };
    if os2_ne::chmem::is_ne(&bytes) {
        return ne_file(path, name, task, &mut bytes, out);
    }
    let header = match header(&bytes) {
        Ok(header) => header,
        Err(refusal) => return Ok(vec![Message::Error(refusal)]),
    };
    if !matches!(task, ChmemTask::Minix(_)) {
        let row = Row::of(&header);
        writeln!(out, "{row} {name}{}", row.remarks())?;
    }
    let is_dash = files::is_dash(path);
    let changed = match task {
        ChmemTask::Show => return Ok(Vec::new()),
        _ if is_dash => return Ok(vec![Message::Error("only a file can be changed".into())]),
        ChmemTask::Change(change) => chmem::change(&header, change)
            .map(|changed| (changed, Row::of(&changed.header).to_string() + " " + name)),
        ChmemTask::Minix(change) => chmem::minix(&header, change).map(|minix| {
            let (before, after) = (minix.before, minix.after);
            (minix.changed, format!("{name}: Stack+malloc area changed from {before} to {after} bytes."))
        }),
    };
    let (changed, line): (Changed, String) = match changed {
        Ok(changed) => changed,
        Err(error) => return Ok(vec![Message::Error(error.to_string())]),
    };
    if let Err(error) = changed.write_to(&mut bytes) {
        return Ok(vec![Message::Error(error.to_string())]);
    }
    if let Err(error) = files::write(path, &bytes) {
        return Ok(vec![Message::Failed(error)]);
    }
    writeln!(out, "{line}")?;
    let refusals = refusal::errors(&bytes).into_iter().map(Message::Refused);
    Ok(changed.truncated_to.map(Message::Truncated).into_iter().chain(refusals).collect())
}

/// The same for an OS/2 NE file.
fn ne_file(
    path: &Path,
    name: &str,
    task: ChmemTask,
    bytes: &mut [u8],
    out: &mut impl io::Write,
) -> io::Result<Vec<Message>> {
    let row = |bytes: &[u8]| os2_ne::chmem::row(bytes);
    let change = match task {
        ChmemTask::Minix(_) => {
            return Ok(vec![Message::Error(
                "an OS/2 NE program says heap and stack apart: use -h and -s".into(),
            )]);
        }
        ChmemTask::Change(change) => Some(change),
        ChmemTask::Show => None,
    };
    match row(bytes) {
        Ok(row) => writeln!(out, "{row} {name}")?,
        Err(error) => return Ok(vec![Message::Error(error)]),
    }
    let Some(change) = change else { return Ok(Vec::new()) };
    if files::is_dash(path) {
        return Ok(vec![Message::Error("only a file can be changed".into())]);
    }
    let changed = os2_ne::chmem::change(bytes, change.heap, change.stack).and_then(|()| row(bytes));
    let row = match changed {
        Ok(row) => row,
        Err(error) => return Ok(vec![Message::Error(error)]),
    };
    if let Err(error) = files::write(path, bytes) {
        return Ok(vec![Message::Failed(error)]);
    }
    writeln!(out, "{row} {name}")?;
    Ok(os2_ne::refusals(bytes).into_iter().map(Message::Refused).collect())
}

/// The header, in the words of the original where it is refused.
fn header(bytes: &[u8]) -> Result<Header, String> {
    foreign::expect_aout(bytes).map_err(|refusal| format!("not an executable: {refusal}"))?;
    let header = Header::parse(bytes).map_err(|finding| {
        let what = match finding.rule {
            AoutRule::BadMagic(_) => "not an executable",
            _ => "bad header",
        };
        format!("{what}: {finding}")
    })?;
    chmem::accept(&header).map_err(|error| match error {
        ChmemError::BadHeader(_) => format!("bad header: {error}"),
        other => other.to_string(),
    })?;
    Ok(header)
}
