//! `symbols` and `relocs`.

use std::io::{self, Write as _};

use execfmt_common::Severity;

use crate::args::{List, SymbolList};
use crate::diagnostics::diagnostic;
use crate::files::{self, read_or_report};
use crate::formats::coyotos::args::CoyotosOptions;
use crate::formats::{self, Format, FormatOptions};
use crate::outcome::Outcome;
use crate::rows::Rows;

/// `symbols FILE`.
pub(crate) fn symbols(SymbolList { list: options, addr, reading }: &SymbolList) -> io::Result<Outcome> {
    let coyotos = CoyotosOptions { reading: *reading, ..CoyotosOptions::default() };
    let formats = FormatOptions { coyotos, ..FormatOptions::default() };
    list(options, formats, |format, rows| match *addr {
        Some(address) => format.symbols_at(address, rows),
        None => format.symbols(rows),
    })
}

/// `relocs FILE`.
pub(crate) fn relocations(options: &List) -> io::Result<Outcome> {
    list(options, FormatOptions::default(), |format, rows| format.relocations(rows))
}

/// Opens a file and writes its list. What `write` returns is the error that ended the list early, which
/// refuses the file.
fn list(
    options: &List,
    formats: FormatOptions,
    write: impl FnOnce(&dyn Format, &mut Rows<'_>) -> io::Result<Option<String>>,
) -> io::Result<Outcome> {
    let Some(bytes) = read_or_report(&options.file)? else { return Ok(Outcome::Failed) };
    let format = formats::open(&bytes, &formats);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let complaint = write(format.as_ref(), &mut Rows::new(&mut out, options.json))?;
    out.flush()?;
    let Some(complaint) = complaint else { return Ok(Outcome::Success) };
    diagnostic(&files::name(&options.file), Some(Severity::Error), &complaint)?;
    Ok(Outcome::Refused)
}
