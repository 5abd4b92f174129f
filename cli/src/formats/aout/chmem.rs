//! `chmem`: the memory that ELKS programs request.

use std::io::{self, Write as _};
use std::path::Path;

use execfmt_common::Severity;
use execfmt_formats::chmem::{self, Done, HEADING, Task};
use serde_json::{Value, json as value};

use super::args::Chmem;
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::json;
use crate::outcome::Outcome;

/// The result for a file.
#[derive(Default)]
struct Treated {
    done: Done,
    /// Why it could not be read or written.
    failed: Option<io::Error>,
}

/// A message besides the rows.
enum Message<'a> {
    /// The file is refused.
    Error(&'a str),
    /// The heap was reduced to this number of bytes.
    Truncated(u16),
    /// The file was changed, but a kernel refuses the result.
    Refused(&'a str),
    /// The file could not be read or written.
    Failed(&'a io::Error),
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
    let rows = !matches!(task, Task::Minix(_)) && !options.json;
    if rows {
        writeln!(out, "{HEADING}")?;
    }
    for path in paths {
        let name = files::name(path);
        let done = file(path, task);
        if options.json {
            if let Some(line) = done.json(path) {
                json::write(&mut out, &line)?;
                writeln!(out)?;
            }
        } else if rows {
            for sizes in done.done.before.iter().chain(&done.done.after) {
                writeln!(out, "{sizes} {name}{}", sizes.remark)?;
            }
        } else if let Some((before, after)) = done.done.together {
            writeln!(out, "{name}: Stack+malloc area changed from {before} to {after} bytes.")?;
        }
        out.flush()?;
        for message in done.messages() {
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

impl Treated {
    fn messages(&self) -> impl Iterator<Item = Message<'_>> {
        let Self { done: Done { truncated_to, warnings, error, .. }, failed } = self;
        let error = error.as_deref().map(Message::Error);
        let truncated = truncated_to.map(Message::Truncated);
        let refused = warnings.iter().map(|text| Message::Refused(text));
        error.into_iter().chain(truncated).chain(refused).chain(failed.as_ref().map(Message::Failed))
    }

    /// None for a file that could not be read or written.
    fn json(&self, path: &Path) -> Option<Value> {
        let Self { done: Done { before, after, truncated_to, warnings, error, .. }, failed } = self;
        failed.is_none().then(|| {
            value!({
                "file": files::text(path), "before": before, "after": after, "truncated_to": truncated_to,
                "errors": error.iter().collect::<Vec<_>>(), "warnings": warnings,
            })
        })
    }
}

/// Shows a file, and changes it.
fn file(path: &Path, task: Task) -> Treated {
    let mut bytes = match files::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Treated { failed: Some(error), ..Treated::default() },
    };
    let done = chmem::run(&mut bytes, task);
    if done.after.is_none() {
        return Treated { done, failed: None };
    }
    let before = done.before;
    if files::is_dash(path) {
        let error = Some("only a file can be changed".into());
        return Treated { done: Done { before, error, ..Done::default() }, failed: None };
    }
    match files::write(path, &bytes) {
        Ok(()) => Treated { done: Done { before, ..done }, failed: None },
        Err(error) => Treated { done: Done { before, ..Done::default() }, failed: Some(error) },
    }
}
