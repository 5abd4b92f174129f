//! The command without files and terminals: bytes in, values out. The Python package is built on it.
//!
//! Options are those of the command line, such as `--for=nachos3`, so each has a single definition; the
//! environment is not read. Options that name files are excluded.

mod load;

use clap::{ArgMatches, Command, Parser};
use execfmt_common::{Severity, Tally};
use serde_json::{Value, json};

use crate::args::Convert;
use crate::conversion::Failure;
use crate::diagnostics::{Report, shown};
use crate::findings::Findings;
use crate::formats::{self, Format, FormatOptions};
use crate::{convert, hex, inspect, usage};

pub use load::{Loaded, Segment, load};

/// Why there is no result.
#[derive(Clone, Debug)]
pub enum Error {
    /// Options that are invalid, or that the file does not allow.
    Usage(String),
    /// The file is malformed or refused.
    Refused {
        /// The reason in one line, harmless for a terminal.
        message: String,
        /// The findings, as in JSON.
        findings: Value,
    },
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Usage(complaint) => Self::Usage(shown(&complaint)),
            Failure::Refused(message) => Self::Refused { message: shown(&message), findings: json!([]) },
            Failure::Found(report) => Self::refused(&[report]),
        }
    }
}

impl Error {
    /// Refused because of findings, the first error of which is the message.
    fn refused(reports: &[Report]) -> Self {
        let first = reports.iter().find(|report| report.severity == Severity::Error);
        let message = first.map_or_else(String::new, |report| shown(&report.message));
        Self::Refused { message, findings: json!(reports) }
    }
}

/// The result of `check` for a file.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Whether it is accepted.
    pub accepted: bool,
    /// The verdict in words, such as `refused, 1 error`.
    pub verdict: String,
    /// The number of errors, including those that are not listed.
    pub errors: u64,
    /// The number of warnings, including those that are not listed.
    pub warnings: u64,
    /// The line of `check --json`, without the file's name.
    pub line: Value,
}

/// The result of a conversion.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// The file.
    pub bytes: Vec<u8>,
    /// Notes for the user: `error`, `warning` or `note`, and a sentence.
    pub notes: Vec<(&'static str, String)>,
}

#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct InfoOptions {
    #[command(flatten)]
    formats: FormatOptions,
}

#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct CheckOptions {
    #[command(flatten)]
    formats: FormatOptions,
    #[arg(long)]
    strict: bool,
}

#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct ConvertOptions {
    #[command(flatten)]
    convert: Convert,
}

/// The line of `info --json`, without the file's name.
///
/// # Errors
/// [`Error::Usage`].
pub fn info(bytes: &[u8], options: &[String]) -> Result<Value, Error> {
    let InfoOptions { formats } = parse(options)?;
    let (format, found) = open(bytes, &formats);
    Ok(line(format.as_ref(), true, &found))
}

/// The text of `hex` with its colours, and the bytes that it shows: of a file that is compressed as a whole, those within.
///
/// # Errors
/// [`Error::Usage`].
pub fn hex(bytes: &[u8], options: &[String], all: bool, columns: usize) -> Result<(String, Vec<u8>), Error> {
    let InfoOptions { formats } = parse(options)?;
    let (format, found) = open(bytes, &formats);
    let contents = format.contents().unwrap_or(bytes);
    Ok((hex::dump(contents, &format.view(), &found, all, columns), contents.to_vec()))
}

/// Checks a file as `check` does.
///
/// # Errors
/// [`Error::Usage`].
pub fn check(bytes: &[u8], options: &[String]) -> Result<Checked, Error> {
    let CheckOptions { formats, strict } = parse(options)?;
    let (format, found) = open(bytes, &formats);
    let Tally { errors, warnings } = found.tally();
    Ok(Checked {
        accepted: errors == 0 && !(strict && warnings != 0),
        verdict: inspect::verdict(found.tally()),
        errors,
        warnings,
        line: line(format.as_ref(), false, &found),
    })
}

/// Converts a file as `convert` does.
///
/// # Errors
/// [`Error`].
pub fn convert(bytes: &[u8], options: &[String]) -> Result<Conversion, Error> {
    let streams = ["-", "--output=-"].map(String::from);
    let ConvertOptions { convert: options } = parse(&[&streams, options].concat())?;
    let file = [
        ("--symfile", &options.elks.symfile),
        ("--debug", &options.coyotos.debug),
        ("--proto", &options.coyotos.proto),
    ];
    if let Some((name, _)) = file.iter().find(|(_, path)| path.is_some()) {
        return Err(Error::Usage(format!("{name} names a file: use the command")));
    }
    let converted = convert::convert(bytes, &options)?;
    let severity = |severity: Option<Severity>| severity.map_or("note", Severity::name);
    let notes = converted.notes.into_iter().map(|(kind, text)| (severity(kind), text));
    Ok(Conversion { bytes: converted.bytes, notes: notes.collect() })
}

fn open<'a>(bytes: &'a [u8], options: &FormatOptions) -> (Box<dyn Format + 'a>, Findings) {
    let format = formats::open(bytes, options);
    let found = inspect::findings(format.as_ref(), options.kernel);
    (format, found)
}

fn line(format: &dyn Format, all: bool, found: &Findings) -> Value {
    inspect::line(None, inspect::facts(format, all), &found.reports())
}

/// Parses the options of a command line. Environment variables as defaults for missing options are for a
/// command, not for a library.
fn parse<P: Parser>(options: &[String]) -> Result<P, Error> {
    let usage = |error| Error::Usage(complaint(&usage::escaped(error).to_string()));
    let command: Command = P::command().mut_args(|argument| argument.env(None));
    let matches: ArgMatches = command.try_get_matches_from(options).map_err(usage)?;
    P::from_arg_matches(&matches).map_err(usage)
}

/// The message of a command-line error, in one line.
fn complaint(error: &str) -> String {
    let complaint = error.strip_prefix("error: ").unwrap_or(error);
    let complaint = complaint.split("\n\n").next().unwrap_or_default();
    let lines: Vec<_> = complaint.lines().map(str::trim).collect();
    shown(&lines.join(" "))
}
