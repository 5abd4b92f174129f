//! To ELKS a.out.

use std::io;

use aout_minix::Header;
use execfmt_detect::{FileKind, detect};
use execfmt_formats::aout::convert as aout;

use super::args::{Elf2elks, ElksConversion, Os2toelks};
use crate::conversion::{Converted, Failure, file};
use crate::diagnostics::print_error;
use crate::outcome::Outcome;

/// From either kind of file.
pub(crate) fn convert(bytes: &[u8], options: &ElksConversion) -> Result<Converted, Failure> {
    let kind = detect(bytes, bytes.len() as u64);
    if matches!(kind, FileKind::Mz | FileKind::Ne(_)) {
        if let Some(option) = options.given() {
            return Err(Failure::Usage(format!(
                "{option} applies only to an ELF file: an OS/2 file contains this information; use chmem on the result"
            )));
        }
        return aout::from_ne(bytes).map(Into::into);
    }
    from_elf(bytes, options)
}

/// The equivalent of elf2elks.
fn from_elf(bytes: &[u8], options: &ElksConversion) -> Result<Converted, Failure> {
    let elf_options = options.for_elf().map_err(Failure::Usage)?;
    let (converted, table) = aout::from_elf(bytes, &elf_options)?;
    Ok(Converted { beside: options.symfile.clone().zip(table), ..converted.into() })
}

/// The file in one line.
fn describe(bytes: &[u8]) -> String {
    Header::from_bytes(bytes).map(|header| header.to_string()).unwrap_or_default()
}

/// `elf2elks [OPTION]... FILE`: in place. The file keeps its permissions, and is not touched when it cannot
/// be converted.
pub(crate) fn elf2elks(options: &Elf2elks) -> io::Result<Outcome> {
    if let Some(output) = &options.output {
        let (input, output) = (options.file.display(), output.display());
        print_error(format_args!(
            "elf2elks converts {input} in place and takes no second file; to keep it, \
             `execfmt convert {input} -o {output} --to elks` takes the same options"
        ))?;
        return Ok(Outcome::Failed);
    }
    file(&options.file, &options.file, false, |bytes| {
        let mut converted = from_elf(bytes, &options.options)?;
        if options.verbose {
            converted.notes.push((None, describe(&converted.bytes)));
        }
        Ok(converted)
    })
}

/// `os2toelks -f elks -o OUT IN`.
pub(crate) fn os2toelks(options: &Os2toelks) -> io::Result<Outcome> {
    file(&options.input, &options.output, false, |bytes| aout::from_ne(bytes).map(Into::into))
}
