//! `chmem`: the memory that ELKS programs ask for.

use std::io::{self, Write as _};
use std::path::Path;

use aout_minix::chmem::{self, Change, ChmemError, HEADING, Row};
use aout_minix::{AoutRule, HLEN_PLAIN, Header, read_header};
use execfmt_common::Severity;

use super::args::Chmem;
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::outcome::Outcome;

/// What a run has to say besides its rows.
enum Message {
    /// The file is refused.
    Error(String),
    /// The heap was cut to so many bytes.
    Truncated(u16),
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
        Message::Failed(error) => print_error(format_args!("{name}: {error}")),
    })
}

/// `chmem`, with the original's messages.
pub(crate) fn tool(options: &Chmem) -> io::Result<Outcome> {
    let mut stderr = io::stderr();
    each(options, |name, message| match message {
        Message::Error(text) => writeln!(stderr, "{name}: {text}"),
        Message::Truncated(heap) => writeln!(stderr, "Warning: heap truncated to {heap}"),
        Message::Failed(error) => writeln!(stderr, "{name}: {error}"),
    })
}

fn each(options: &Chmem, mut report: impl FnMut(&str, &Message) -> io::Result<()>) -> io::Result<Outcome> {
    let mut worst = Outcome::Success;
    let mut out = io::stdout().lock();
    writeln!(out, "{HEADING}")?;
    for path in &options.files {
        let name = files::name(path);
        for message in file(path, &name, options.change(), &mut out)? {
            out.flush()?;
            report(&name, &message)?;
            worst = worst.max(match message {
                Message::Truncated(_) => Outcome::Success,
                Message::Error(_) => Outcome::Refused,
                Message::Failed(_) => Outcome::Failed,
            });
        }
    }
    Ok(worst)
}

/// Shows a file, and changes it. The second row, that of the changed file, is written when the file is.
fn file(
    path: &Path,
    name: &str,
    change: Option<Change>,
    out: &mut impl io::Write,
) -> io::Result<Vec<Message>> {
    let mut bytes = match files::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(vec![Message::Failed(error)]),
    };
    let header = match header(&bytes) {
        Ok(header) => header,
        Err(refusal) => return Ok(vec![Message::Error(refusal)]),
    };
    let row = Row::of(&header);
    writeln!(out, "{row} {name}{}", row.remarks())?;
    let Some(change) = change else { return Ok(Vec::new()) };
    if files::is_dash(path) {
        return Ok(vec![Message::Error("only a file can be changed".into())]);
    }
    let changed = match chmem::change(&header, change) {
        Ok(changed) => changed,
        Err(error) => return Ok(vec![Message::Error(error.to_string())]),
    };
    let new = changed.header.to_bytes();
    let length = usize::from(HLEN_PLAIN);
    if let (Some(place), Some(new)) = (bytes.get_mut(..length), new.get(..length)) {
        place.copy_from_slice(new);
    }
    if let Err(error) = files::write(path, &bytes) {
        return Ok(vec![Message::Failed(error)]);
    }
    writeln!(out, "{} {name}", Row::of(&changed.header))?;
    Ok(changed.truncated_to.map(Message::Truncated).into_iter().collect())
}

/// The header, in the words of the original where it is refused.
fn header(bytes: &[u8]) -> Result<Header, String> {
    let header = read_header(bytes).map_err(|finding| {
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
