//! `nm86`, `size86`, and `objdump86` with `-n` or `-s`: symbols and sizes in the columns of these tools.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use aout_minix::{Header, NlistSymbol, SymbolSection, Symbols, parse};
use execfmt_common::{Escaped, Severity};
use execfmt_formats::aout::SymbolFile;
use execfmt_formats::chmem::{Sizes, is_ne, ne_row};

use super::args::{Nm86, Objdump86, Size86};
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::foreign;
use crate::outcome::Outcome;

const HEADING: &str = "text\tdata\tbss\tdec\thex\tfilename";

/// `size86 FILE...`.
pub(crate) fn size86(options: &Size86) -> io::Result<Outcome> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{HEADING}")?;
    let (mut worst, mut total) = (Outcome::Success, [0_u64; 3]);
    for path in &options.files {
        match each(path, sizes)? {
            Ok(sizes) => {
                total.iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size);
                row(&mut out, sizes, Escaped::of(&files::name(path)))?;
            }
            Err(outcome) => worst = worst.max(outcome),
        }
    }
    if options.files.len() > 1 {
        row(&mut out, total, "Total")?;
    }
    out.flush()?;
    Ok(worst)
}

/// `nm86 [-o] FILE...`.
pub(crate) fn nm86(options: &Nm86) -> io::Result<Outcome> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut worst = Outcome::Success;
    for path in &options.files {
        let name = files::name(path);
        if options.files.len() > 1 && !options.names {
            writeln!(out, "\n{}:", Escaped::of(&name))?;
        }
        let prefix = if options.names { format!("{name}: ") } else { String::new() };
        match each(path, |bytes| symbols(bytes, &prefix))? {
            Ok(list) => out.write_all(list.as_bytes())?,
            Err(outcome) => worst = worst.max(outcome),
        }
    }
    out.flush()?;
    Ok(worst)
}

/// `objdump86 -s|-n FILE...`.
pub(crate) fn objdump86(options: &Objdump86) -> io::Result<Outcome> {
    let files = options.files.clone();
    match (options.sizes, options.symbols) {
        (true, _) => size86(&Size86 { files, sizes: true }),
        (_, true) => nm86(&Nm86 { files, names: options.names, symbols: true }),
        _ => {
            print_error(
                "give -s for sizes or -n for symbols; `execfmt info FILE` and `execfmt map FILE` show the rest",
            )?;
            Ok(Outcome::Failed)
        }
    }
}

/// Reads a file and extracts the requested information; errors are reported.
fn each<T>(path: &Path, take: impl FnOnce(&[u8]) -> Result<T, String>) -> io::Result<Result<T, Outcome>> {
    let Some(bytes) = files::read_or_report(path)? else { return Ok(Err(Outcome::Failed)) };
    match take(&bytes) {
        Ok(value) => Ok(Ok(value)),
        Err(reason) => {
            diagnostic(&files::name(path), Some(Severity::Error), &reason)?;
            Ok(Err(Outcome::Refused))
        }
    }
}

fn row(out: &mut impl Write, [text, data, bss]: [u64; 3], name: impl Display) -> io::Result<()> {
    let sum = text + data + bss;
    writeln!(out, "{text}\t{data}\t{bss}\t{sum}\t{sum:x}\t{name}")
}

/// Number of bytes of text including far text, of data, and of bss.
fn sizes(bytes: &[u8]) -> Result<[u64; 3], String> {
    if SymbolFile::recognise(bytes).is_some() {
        return Err("a symbol file has no sections; nm86 lists its symbols".into());
    }
    let Sizes { text, far_text, data, bss, .. } = if is_ne(bytes) {
        ne_row(bytes)?
    } else {
        foreign::expect_aout(bytes)?;
        let header = Header::from_bytes(bytes).ok_or("cut short within its header")?;
        Sizes::from(&header)
    };
    Ok([u64::from(text) + u64::from(far_text), data.into(), bss.into()])
}

/// One line for each symbol.
fn symbols(bytes: &[u8], prefix: &str) -> Result<String, String> {
    if is_ne(bytes) {
        return Err("an OS/2 program for ELKS has no symbols".into());
    }
    if let Some(symbols) = Symbols::of_symbol_file(bytes) {
        return lines(symbols, prefix);
    }
    foreign::expect_aout(bytes)?;
    let image = parse(bytes).map_err(|finding| finding.to_string())?;
    lines(image.symbols(), prefix)
}

fn lines(symbols: Symbols<'_>, prefix: &str) -> Result<String, String> {
    let mut lines = String::new();
    let mut line = |text: String| {
        lines += &Escaped::of(&format!("{prefix}{text}")).to_string();
        lines.push('\n');
    };
    match symbols {
        Symbols::None => return Err("no symbol table".into()),
        Symbols::Elks(symbols) => {
            for symbol in symbols {
                line(format!("0x{}", symbol.map_err(|error| error.to_string())?));
            }
        }
        Symbols::Nlist(symbols) => {
            for symbol in symbols {
                line(nlist(&symbol.map_err(|error| error.to_string())?));
            }
        }
        Symbols::Unknown(table) => {
            return Err(format!(
                "the symbol table of {} bytes is neither an ELKS table nor one of nlist entries",
                table.len()
            ));
        }
    }
    Ok(lines)
}

/// In the format of nm86: no value for a symbol that is not defined, `C` for an external bss symbol.
fn nlist(symbol: &NlistSymbol<'_>) -> String {
    let name: String = symbol.name().map(|byte| byte.escape_ascii().to_string()).collect();
    match symbol.sclass.section() {
        SymbolSection::Undefined => format!("         U {name}"),
        SymbolSection::Bss if symbol.sclass.is_external() => format!("{:08x} C {name}", symbol.value),
        _ => format!("{:08x} {} {name}", symbol.value, symbol.sclass.letter()),
    }
}
