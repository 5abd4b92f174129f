//! `convert`, and the tools that it replaces.

mod coyotos;
mod elks;
mod noff;

use std::io;
use std::path::{Path, PathBuf};

use ::noff::Layout;
use execfmt_common::{ByteOrder, Severity};

use crate::Outcome;
use crate::args::{Coff2, Convert, Elf2elks, Os2toelks, Target};
use crate::files;
use crate::report::{say, tell};

/// The outcome of a conversion.
struct Converted {
    bytes: Vec<u8>,
    /// Another file to write, before the one that was asked for.
    beside: Option<(PathBuf, Vec<u8>)>,
    /// What a user should know of it; without a severity, for information.
    notes: Vec<(Option<Severity>, String)>,
}

/// Why there is none.
enum Failure {
    /// The file cannot be converted.
    Refused(String),
    /// Options that do not go with the file.
    Usage(String),
}

pub(crate) fn run(options: &Convert) -> io::Result<Outcome> {
    if let Some(complaint) = misplaced(options) {
        say(complaint)?;
        return Ok(Outcome::Failed);
    }
    let Convert { input, output, to, quiet, noff: for_noff, elks: for_elks, coyotos: for_coyotos } = options;
    let noff_output = noff::Output::Noff(
        for_noff.layout.unwrap_or(Layout::Three),
        for_noff.byte_order.map_or(ByteOrder::Little, ByteOrder::from),
    );
    match to {
        Target::Noff => file(input, output, *quiet, |bytes| noff::convert(bytes, noff_output)),
        Target::Flat => file(input, output, *quiet, |bytes| noff::convert(bytes, noff::Output::Flat)),
        Target::Elks => file(input, output, *quiet, |bytes| elks::convert(bytes, for_elks)),
        Target::Coyotos => file(input, output, *quiet, |bytes| coyotos::convert(bytes, for_coyotos)),
    }
}

/// An option that the target does not have.
fn misplaced(options: &Convert) -> Option<String> {
    let Convert { to, noff, elks, coyotos, .. } = options;
    if *to == Target::Flat && noff.given().is_some() {
        return Some("--layout and --byte-order go with --to noff: a flat file has no header".into());
    }
    let given = [
        (Target::Noff, "noff", noff.given()),
        (Target::Elks, "elks", elks.given()),
        (Target::Coyotos, "coyotos", coyotos.given()),
    ];
    let of_others = given.into_iter().filter(|(target, ..)| target != to);
    of_others.filter_map(|(_, name, given)| Some(format!("{} goes with --to {name}", given?))).next()
}

/// `coff2noff IN OUT`.
pub(crate) fn coff2noff(options: &Coff2) -> io::Result<Outcome> {
    let output = noff::Output::Noff(options.layout, ByteOrder::Little);
    file(&options.input, &options.output, false, |bytes| noff::convert(bytes, output))
}

/// `coff2flat IN OUT`.
pub(crate) fn coff2flat(options: &Coff2) -> io::Result<Outcome> {
    file(&options.input, &options.output, false, |bytes| noff::convert(bytes, noff::Output::Flat))
}

/// `elf2elks [OPTION]... FILE`: in place. The file keeps its permissions, and is not touched when it cannot be converted.
pub(crate) fn elf2elks(options: &Elf2elks) -> io::Result<Outcome> {
    file(&options.file, &options.file, false, |bytes| {
        let mut converted = elks::from_elf(bytes, &options.options)?;
        if options.verbose {
            converted.notes.push((None, elks::describe(&converted.bytes)));
        }
        Ok(converted)
    })
}

/// `os2toelks -f elks -o OUT IN`.
pub(crate) fn os2toelks(options: &Os2toelks) -> io::Result<Outcome> {
    file(&options.input, &options.output, false, elks::from_ne)
}

/// Reads, converts and writes; nothing is written unless the conversion went well.
fn file(
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
        Err(Failure::Refused(refusal)) => {
            tell(&name, Some(Severity::Error), &refusal)?;
            return Ok(Outcome::Refused);
        }
        Err(Failure::Usage(complaint)) => {
            say(complaint)?;
            return Ok(Outcome::Failed);
        }
    };
    if conversion.beside.as_ref().is_some_and(|(path, _)| path == output) {
        say(format_args!(
            "{}: two files would be written there; give them different names",
            output.display()
        ))?;
        return Ok(Outcome::Failed);
    }
    let beside = conversion.beside.as_ref().map(|(path, bytes)| (path.as_path(), bytes));
    for (path, bytes) in beside.into_iter().chain([(output, &conversion.bytes)]) {
        match files::write(path, bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(error),
            Err(error) => return failed(&path.display().to_string(), &error),
        }
    }
    if !quiet {
        conversion.notes.iter().try_for_each(|(severity, text)| tell(&name, *severity, text))?;
    }
    Ok(Outcome::Fine)
}

fn failed(name: &str, error: &io::Error) -> io::Result<Outcome> {
    say(format_args!("{name}: {error}"))?;
    Ok(Outcome::Failed)
}
