//! `chmem`: the memory that ELKS programs request.

use std::fmt;
use std::io::{self, Write as _};
use std::path::Path;

use aout_minix::chmem::{self, Changed, ChmemError, HEADING, Row};
use aout_minix::{AoutRule, Header};
use execfmt_common::Severity;
use execfmt_formats::aout::errors;
use serde::Serialize;
use serde_json::{Value, json as value};

use super::super::os2_ne;
use super::args::{Chmem, ChmemTask};
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::foreign;
use crate::json;
use crate::outcome::Outcome;

/// The numbers of a row, in bytes.
#[derive(Debug, Serialize)]
pub(crate) struct Sizes {
    pub(crate) text: u32,
    pub(crate) far_text: u32,
    pub(crate) data: u32,
    pub(crate) bss: u32,
    pub(crate) heap: i64,
    pub(crate) stack: u32,
    pub(crate) total_data: u64,
    pub(crate) total: u64,
    /// The text after the file's name.
    #[serde(skip)]
    pub(crate) remark: String,
}

impl From<&Header> for Sizes {
    fn from(header: &Header) -> Self {
        let row = Row::of(header);
        let Row { text, far_text, data, bss, heap, stack, total_data, total, .. } = row;
        let remark = row.remarks().to_string();
        Self { text, far_text, data, bss, heap, stack: stack.into(), total_data, total, remark }
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, far_text, data, bss, heap, stack, total_data, total, .. } = self;
        write!(f, "{text:5}  {far_text:5}  {data:5}  {bss:5}  {heap:5}  {stack:5}   {total_data:6} {total:6}")
    }
}

/// The result for a file.
#[derive(Default)]
struct Done {
    before: Option<Sizes>,
    /// The new row, if it was changed.
    after: Option<Sizes>,
    /// The output of Minix's chmem for its change, instead of the rows.
    line: Option<String>,
    messages: Vec<Message>,
}

impl Done {
    fn with(mut self, message: Message) -> Self {
        self.messages.push(message);
        self
    }

    fn refused(self, text: impl Into<String>) -> Self {
        self.with(Message::Error(text.into()))
    }
}

/// A message besides the rows.
enum Message {
    /// The file is refused.
    Error(String),
    /// The heap was reduced to this number of bytes.
    Truncated(u16),
    /// The file was changed, but a kernel refuses the result.
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
    let rows = !matches!(task, ChmemTask::Minix(_)) && !options.json;
    if rows {
        writeln!(out, "{HEADING}")?;
    }
    for path in paths {
        let name = files::name(path);
        let done = file(path, &name, task);
        if options.json {
            if let Some(line) = done.json(path) {
                json::write(&mut out, &line)?;
                writeln!(out)?;
            }
        } else if rows {
            for sizes in done.before.iter().chain(&done.after) {
                writeln!(out, "{sizes} {name}{}", sizes.remark)?;
            }
        } else if let Some(line) = &done.line {
            writeln!(out, "{line}")?;
        }
        out.flush()?;
        for message in &done.messages {
            report(&name, message)?;
            worst = worst.max(match message {
                Message::Truncated(_) | Message::Refused(_) => Outcome::Success,
                Message::Error(_) => Outcome::Refused,
                Message::Failed(_) => Outcome::Failed,
            });
        }
    }
    Ok(worst)
}

impl Done {
    /// None for a file that could not be read or written.
    fn json(&self, path: &Path) -> Option<Value> {
        let (mut truncated_to, mut errors, mut warnings) = (None, Vec::new(), Vec::new());
        for message in &self.messages {
            match message {
                Message::Error(text) => errors.push(text),
                Message::Truncated(heap) => truncated_to = Some(heap),
                Message::Refused(text) => warnings.push(text),
                Message::Failed(_) => return None,
            }
        }
        Some(value!({
            "file": files::text(path), "before": self.before, "after": self.after, "truncated_to": truncated_to,
            "errors": errors, "warnings": warnings,
        }))
    }
}

/// Shows a file, and changes it.
fn file(path: &Path, name: &str, task: ChmemTask) -> Done {
    let mut bytes = match files::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Done::default().with(Message::Failed(error)),
    };
    if os2_ne::chmem::is_ne(&bytes) {
        return ne_file(path, task, &mut bytes);
    }
    let header = match header(&bytes) {
        Ok(header) => header,
        Err(refusal) => return Done::default().refused(refusal),
    };
    let done = Done { before: Some(Sizes::from(&header)), ..Done::default() };
    let changed = match task {
        ChmemTask::Show => return done,
        _ if files::is_dash(path) => return done.refused("only a file can be changed"),
        ChmemTask::Change(change) => chmem::change(&header, change).map(|changed| (changed, None)),
        ChmemTask::Minix(change) => chmem::minix(&header, change).map(|minix| {
            let (before, after) = (minix.before, minix.after);
            let line = format!("{name}: Stack+malloc area changed from {before} to {after} bytes.");
            (minix.changed, Some(line))
        }),
    };
    let (changed, line): (Changed, _) = match changed {
        Ok(changed) => changed,
        Err(error) => return done.refused(error.to_string()),
    };
    if let Err(error) = changed.write_to(&mut bytes) {
        return done.refused(error.to_string());
    }
    if let Err(error) = files::write(path, &bytes) {
        return done.with(Message::Failed(error));
    }
    let refusals = errors(&bytes).into_iter().map(Message::Refused);
    let messages = changed.truncated_to.map(Message::Truncated).into_iter().chain(refusals).collect();
    // The original writes this row without a note.
    let after = Sizes { remark: String::new(), ..Sizes::from(&changed.header) };
    Done { after: Some(after), line, messages, ..done }
}

/// The same for an OS/2 NE file.
fn ne_file(path: &Path, task: ChmemTask, bytes: &mut [u8]) -> Done {
    let change = match task {
        ChmemTask::Minix(_) => {
            return Done::default()
                .refused("an OS/2 NE program has separate fields for heap and stack: use -h and -s");
        }
        ChmemTask::Change(change) => Some(change),
        ChmemTask::Show => None,
    };
    let before = match os2_ne::chmem::row(bytes) {
        Ok(row) => row,
        Err(error) => return Done::default().refused(error),
    };
    let done = Done { before: Some(before), ..Done::default() };
    let Some(change) = change else { return done };
    if files::is_dash(path) {
        return done.refused("only a file can be changed");
    }
    let changed =
        os2_ne::chmem::change(bytes, change.heap, change.stack).and_then(|()| os2_ne::chmem::row(bytes));
    let after = match changed {
        Ok(row) => row,
        Err(error) => return done.refused(error),
    };
    if let Err(error) = files::write(path, bytes) {
        return done.with(Message::Failed(error));
    }
    let messages = os2_ne::refusals(bytes).into_iter().map(Message::Refused).collect();
    Done { after: Some(after), messages, ..done }
}

/// The header; if it is refused, the message is worded as in the original.
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
