//! `convert`, and the tools that it replaces.

mod noff;

use std::io::{self, Write as _};
use std::path::Path;

use ::noff::Layout;
use execfmt_common::{ByteOrder, Severity};

use crate::Outcome;
use crate::args::{Classic, Convert, Target};
use crate::files;
use crate::report::tell;

/// The outcome of a conversion.
struct Converted {
    bytes: Vec<u8>,
    /// What a user should know of it; without a severity, for information.
    notes: Vec<(Option<Severity>, String)>,
}

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
        noff::convert(bytes, options.to, layout, byte_order)
    })
}

/// `coff2noff IN OUT`, `coff2flat IN OUT`.
pub(crate) fn classic(options: &Classic, to: Target) -> io::Result<Outcome> {
    file(&options.input, &options.output, false, |bytes| {
        noff::convert(bytes, to, options.layout, ByteOrder::Little)
    })
}

/// Reads, converts and writes; nothing is written unless the conversion went well.
fn file(
    input: &Path,
    output: &Path,
    quiet: bool,
    convert: impl Fn(&[u8]) -> Result<Converted, String>,
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
        conversion.notes.iter().try_for_each(|(severity, text)| tell(&name, *severity, text))?;
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
