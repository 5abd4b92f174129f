//! `symbols` and `relocs`.

use std::io::{self, Write};

use execfmt_common::Severity;

use crate::args::{List, SymbolList};
use crate::diagnostics::diagnostic;
use crate::files::{self, read_or_report};
use crate::formats::coyotos::args::CoyotosOptions;
use crate::formats::{self, Format, FormatOptions};
use crate::outcome::Outcome;

/// `symbols FILE`.
pub(crate) fn symbols(SymbolList { list: options, addr, reading }: &SymbolList) -> io::Result<Outcome> {
    let coyotos = CoyotosOptions { reading: *reading, ..CoyotosOptions::default() };
    let formats = FormatOptions { coyotos, ..FormatOptions::default() };
    list(options, formats, |format, out| match *addr {
        Some(address) => format.symbols_at(address, out),
        None => format.symbols(out),
    })
}

/// `relocs FILE`.
pub(crate) fn relocations(options: &List) -> io::Result<Outcome> {
    list(options, FormatOptions::default(), |format, out| format.relocations(out))
}

/// Opens a file and writes its list. What `write` returns ended the list early, and refuses the file.
fn list(
    options: &List,
    formats: FormatOptions,
    write: impl FnOnce(&dyn Format, &mut dyn Write) -> io::Result<Option<String>>,
) -> io::Result<Outcome> {
    let Some(bytes) = read_or_report(&options.file)? else { return Ok(Outcome::Failed) };
    let format = formats::open(&bytes, &formats);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let complaint = write(format.as_ref(), &mut out)?;
    out.flush()?;
    let Some(complaint) = complaint else { return Ok(Outcome::Success) };
    diagnostic(&files::name(&options.file), Some(Severity::Error), &complaint)?;
    Ok(Outcome::Refused)
}
