//! The steps of every converter: read a file, convert it, write the result.

use std::io;
use std::path::{Path, PathBuf};

use execfmt_common::Severity;
use execfmt_formats::conversion;
pub(crate) use execfmt_formats::conversion::Failure;

use crate::diagnostics::{Print as _, diagnostic, print_error};
use crate::files;
use crate::outcome::Outcome;

/// The result of a conversion.
pub(crate) struct Converted {
    pub(crate) bytes: Vec<u8>,
    /// Another file to write, before the main one.
    pub(crate) beside: Option<(PathBuf, Vec<u8>)>,
    /// Whether the output is executable for those who may execute the input.
    pub(crate) executable: bool,
    /// Notes for the user; without a severity they are information.
    pub(crate) notes: Vec<(Option<Severity>, String)>,
}

impl From<conversion::Converted> for Converted {
    fn from(conversion::Converted { bytes, executable, notes }: conversion::Converted) -> Self {
        Self { bytes, beside: None, executable, notes }
    }
}

/// Reads, converts and writes; nothing is written unless the conversion succeeded.
pub(crate) fn file(
    input: &Path,
    output: &Path,
    quiet: bool,
    convert: impl Fn(&[u8]) -> Result<Converted, Failure>,
) -> io::Result<Outcome> {
    let name = files::name(input);
    let bytes = match files::read(input) {
        Ok(bytes) => bytes,
        Err(error) => return failed(&name, &error),
    };
    let conversion = match convert(&bytes) {
        Ok(conversion) => conversion,
        Err(Failure::Found(report)) => {
            report.print(&name)?;
            return Ok(Outcome::Refused);
        }
        Err(Failure::Refused(refusal)) => {
            diagnostic(&name, Some(Severity::Error), &refusal)?;
            return Ok(Outcome::Refused);
        }
        Err(Failure::Usage(complaint)) => {
            print_error(complaint)?;
            return Ok(Outcome::Failed);
        }
    };
    if let Some(complaint) = conversion.beside.as_ref().and_then(|(path, _)| collision(path, input, output)) {
        print_error(complaint)?;
        return Ok(Outcome::Failed);
    }
    let beside = conversion.beside.as_ref().map(|(path, bytes)| (path.as_path(), bytes));
    for (path, bytes) in beside.into_iter().chain([(output, &conversion.bytes)]) {
        match files::write(path, bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(error),
            Err(error) => return failed(&files::shown(path), &error),
        }
    }
    if conversion.executable && !files::is_dash(input) && !files::is_dash(output) {
        if let Err(error) = files::allow_execution_like(output, input) {
            return failed(&output.display().to_string(), &error);
        }
    }
    if !quiet {
        conversion.notes.iter().try_for_each(|(severity, text)| diagnostic(&name, *severity, text))?;
    }
    Ok(Outcome::Success)
}

/// Why a second file cannot be written to a path.
fn collision(path: &Path, input: &Path, output: &Path) -> Option<String> {
    let name = files::shown(path);
    if path == output || files::same(path, output) {
        return Some(format!("{name}: two files would be written there; give them different names"));
    }
    files::same(path, input).then(|| format!("{name}: this is the input file; give another name"))
}

fn failed(name: &str, error: &io::Error) -> io::Result<Outcome> {
    print_error(format_args!("{name}: {error}"))?;
    Ok(Outcome::Failed)
}
