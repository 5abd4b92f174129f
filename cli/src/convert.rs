//! `convert`, and the tools that it replaces.

use std::io::{self, Write as _};
use std::path::Path;

use execfmt_common::{ByteOrder, Severity};
use noff::convert::{Conversion, Executable, Note};
use noff::{Layout, Options};

use crate::Outcome;
use crate::args::{Classic, Convert, Target};
use crate::files;
use crate::report::tell;

pub(crate) fn run(options: &Convert) -> io::Result<Outcome> {
    if options.to == Target::Flat && (options.layout.is_some() || options.byte_order.is_some()) {
        writeln!(
            io::stderr(),
            "execfmt: --layout and --byte-order go with --to noff: a flat file has no header"
        )?;
        return Ok(Outcome::Failed);
    }
    let layout = options.layout.unwrap_or(Layout::Three);
    let byte_order = options.byte_order.map_or(ByteOrder::Little, ByteOrder::from);
    file(&options.input, &options.output, options.quiet, |bytes| {
        convert(bytes, options.to, layout, byte_order)
    })
}

/// `coff2noff IN OUT`, `coff2flat IN OUT`.
pub(crate) fn classic(options: &Classic, to: Target) -> io::Result<Outcome> {
    file(&options.input, &options.output, false, |bytes| {
        convert(bytes, to, options.layout, ByteOrder::Little)
    })
}

/// Reads, converts and writes; nothing is written unless the conversion went well.
fn file(
    input: &Path,
    output: &Path,
    quiet: bool,
    convert: impl Fn(&[u8]) -> Result<Conversion, String>,
) -> io::Result<Outcome> {
    let name = files::name(input);
    let bytes = match files::read(input) {
        Ok(bytes) => bytes,
        Err(error) => return failed(&name, &error),
    };
    let conversion = match convert(&bytes) {
        Ok(conversion) => conversion,
        Err(refusal) => {
            tell(&name, Some(Severity::Error), &refusal)?;
            return Ok(Outcome::Refused);
        }
    };
    if !quiet {
        notes(&name, &conversion.notes)?;
    }
    match files::write(output, &conversion.bytes) {
        Ok(()) => Ok(Outcome::Fine),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(error),
        Err(error) => failed(&output.display().to_string(), &error),
    }
}

fn failed(name: &str, error: &io::Error) -> io::Result<Outcome> {
    writeln!(io::stderr(), "execfmt: {name}: {error}")?;
    Ok(Outcome::Failed)
}

fn convert(bytes: &[u8], to: Target, layout: Layout, byte_order: ByteOrder) -> Result<Conversion, String> {
    let say = |error: &dyn std::error::Error| error.to_string();
    let executable = if noff::byte_order(bytes).is_ok() {
        let image = noff::parse(bytes, Options::default()).map_err(|error| say(&error))?;
        Executable::from_image(&image)
    } else {
        Executable::read(bytes).map_err(|error| say(&error))?
    };
    match to {
        Target::Noff => executable.to_noff(layout, byte_order),
        Target::Flat => executable.to_flat(),
    }
    .map_err(|error| say(&error))
}

/// What a user should know of a conversion. The sections left out go into one line: there are many, and seldom news.
fn notes(name: &str, notes: &[Note]) -> io::Result<()> {
    let dropped = notes.iter().filter_map(|note| match note {
        Note::Dropped { name, .. } => Some(name.as_str()),
        _ => None,
    });
    let dropped = dropped.collect::<Vec<_>>().join(", ");
    if !dropped.is_empty() {
        tell(name, None, &format!("left out, as no part of the running program: {dropped}"))?;
    }
    let others = notes.iter().filter(|note| !matches!(note, Note::Dropped { .. }));
    others
        .map(|note| (note.severity(), note.to_string()))
        .try_for_each(|(severity, text)| tell(name, severity, &text))
}
