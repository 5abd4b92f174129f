//! Findings and notes on their way to a person or a program.

use std::fmt;
use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};
use execfmt_common::{Finding, Rule, Severity};
use serde::Serialize;

use crate::invocation::Applet;

/// A finding of any format, as it stands in JSON (docs/json.md).
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

impl<R: Rule> From<&Finding<R>> for Report {
    fn from(finding: &Finding<R>) -> Self {
        Self {
            severity: finding.severity(),
            code: finding.rule.code(),
            field: finding.field.to_string(),
            offset: finding.offset,
            found: finding.found,
            expected: finding.expected.to_string(),
            message: finding.to_string(),
        }
    }
}

impl Report {
    /// Prints it for a person, on standard error.
    pub(crate) fn print(&self, file: &str) -> io::Result<()> {
        diagnostic(file, Some(self.severity), &self.message)
    }

    /// True when both are about the same field.
    pub(crate) fn same_place(&self, other: &Self) -> bool {
        (&self.field, self.offset) == (&other.field, other.offset)
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
    let program = Applet::current().name();
    writeln!(anstream::stderr().lock(), "{program}: {file}: {style}{label}:{style:#} {message}")
}

/// Writes `execfmt: MESSAGE` to standard error: usage and I/O.
pub(crate) fn print_error(message: impl fmt::Display) -> io::Result<()> {
    writeln!(io::stderr(), "{}: {message}", Applet::current().name())
}
