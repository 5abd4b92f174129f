//! Findings and notes for people and programs.

use std::fmt;
use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};
use execfmt_common::{Escaped, Severity};
pub(crate) use execfmt_formats::report::Report;

use crate::invocation::Applet;

/// Prints a finding for people, on standard error.
pub(crate) trait Print {
    /// Prints it with the name of a file.
    fn print(&self, file: &str) -> io::Result<()>;
}

impl Print for Report {
    fn print(&self, file: &str) -> io::Result<()> {
        diagnostic(file, Some(self.severity), &self.message)
    }
}

/// Writes `execfmt: FILE: error: MESSAGE` to standard error; without a severity it is a note. The first word
/// is the name under which the command was called.
pub(crate) fn diagnostic(file: &str, severity: Option<Severity>, message: &str) -> io::Result<()> {
    let (label, color) = match severity {
        Some(Severity::Error) => ("error", AnsiColor::Red),
        Some(Severity::Warning) => ("warning", AnsiColor::Yellow),
        None => ("note", AnsiColor::Cyan),
    };
    let style = Style::new().bold().fg_color(Some(color.into()));
    let (program, file, message) = (Applet::current().name(), shown(file), shown(message));
    // Standard error is unbuffered: one write for the line.
    let line = format!("{program}: {file}: {style}{label}:{style:#} {message}\n");
    anstream::stderr().lock().write_all(line.as_bytes())
}

/// Writes `execfmt: MESSAGE` to standard error: usage and I/O.
pub(crate) fn print_error(message: impl fmt::Display) -> io::Result<()> {
    let line = format!("{}: {}\n", Applet::current().name(), shown(&message.to_string()));
    io::stderr().write_all(line.as_bytes())
}

/// Maximum number of bytes of a message that are shown: more than the longest path, but names in files may
/// have any length.
const LONGEST: usize = 5000;

/// A message or a name on one line, made harmless for a terminal.
pub(crate) fn shown(bytes: &(impl AsRef<[u8]> + ?Sized)) -> String {
    let bytes = bytes.as_ref();
    match bytes.get(..LONGEST).filter(|start| start.len() < bytes.len()) {
        None => Escaped::of(bytes).to_string(),
        Some(start) => {
            // Not within a character.
            let end = start.iter().rposition(|byte| byte & 0xc0 != 0x80).unwrap_or_default();
            let start = start.get(..end).unwrap_or_default();
            format!("{}… ({} bytes)", Escaped::of(start), bytes.len())
        }
    }
}
