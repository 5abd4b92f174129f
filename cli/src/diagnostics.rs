//! Findings and notes on their way to a person or a program.

use std::fmt;
use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};
use execfmt_common::{AnyFinding, Escaped, Finding, Rule, Severity};
use serde::Serialize;

use crate::advice::Sentence;
use crate::invocation::Applet;

/// A finding of any format, as it appears in JSON (docs/json.md).
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    #[serde(serialize_with = "severity")]
    pub(crate) severity: Severity,
    pub(crate) code: &'static str,
    pub(crate) field: String,
    pub(crate) offset: u64,
    pub(crate) found: u64,
    pub(crate) expected: String,
    pub(crate) message: String,
}

fn severity<S: serde::Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.name())
}

impl From<&dyn AnyFinding> for Report {
    fn from(finding: &dyn AnyFinding) -> Self {
        Self {
            severity: finding.severity(),
            code: finding.code(),
            field: finding.field().to_string(),
            offset: finding.offset(),
            found: finding.found(),
            expected: finding.expected().to_string(),
            message: Sentence(finding).to_string(),
        }
    }
}

impl<R: Rule> From<&Finding<R>> for Report {
    fn from(finding: &Finding<R>) -> Self {
        Self::from(finding as &dyn AnyFinding)
    }
}

impl Report {
    /// Prints it for a person, on standard error.
    pub(crate) fn print(&self, file: &str) -> io::Result<()> {
        diagnostic(file, Some(self.severity), &self.message)
    }
}

/// Writes `execfmt: FILE: error: MESSAGE` to standard error; without a severity it is a note. The first word is the
/// name that the command was called by.
pub(crate) fn diagnostic(file: &str, severity: Option<Severity>, message: &str) -> io::Result<()> {
    let (label, color) = match severity {
        Some(Severity::Error) => ("error", AnsiColor::Red),
        Some(Severity::Warning) => ("warning", AnsiColor::Yellow),
        None => ("note", AnsiColor::Cyan),
    };
    let style = Style::new().bold().fg_color(Some(color.into()));
    let (program, file, message) = (Applet::current().name(), shown(file), shown(message));
    // Standard error has no buffer: one write for the line.
    let line = format!("{program}: {file}: {style}{label}:{style:#} {message}\n");
    anstream::stderr().lock().write_all(line.as_bytes())
}

/// Writes `execfmt: MESSAGE` to standard error: usage and I/O.
pub(crate) fn print_error(message: impl fmt::Display) -> io::Result<()> {
    let line = format!("{}: {}\n", Applet::current().name(), shown(&message.to_string()));
    io::stderr().write_all(line.as_bytes())
}

/// Number of bytes of a message that are shown: more than the longest path, but names in files may be of any length.
const LONGEST: usize = 5000;

/// A message or a name on one line that no terminal obeys.
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
