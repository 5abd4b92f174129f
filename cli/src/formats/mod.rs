//! What the command asks of every format.

pub(crate) mod aout;
pub(crate) mod coyotos;
pub(crate) mod noff;
pub(crate) mod os2_ne;
mod unknown;

use std::io::{self, Write};

use clap::Args;
use execfmt_common::Tally;
use execfmt_detect::{FileKind, OwnFormat, detect};
use serde_json::Value;

use aout::args::ElksOptions;
use aout::symbol_file::SymbolFile;
use coyotos::args::CoyotosOptions;
use coyotos::file::Stored;
use noff::args::NoffOptions;

use crate::diagnostics::Report;

/// What files of each format do not tell of themselves. The file decides which of these count.
#[derive(Args, Clone, Copy, Default)]
pub(crate) struct FormatOptions {
    #[command(flatten)]
    pub(crate) noff: NoffOptions,
    #[command(flatten)]
    pub(crate) elks: ElksOptions,
    #[command(flatten)]
    pub(crate) coyotos: CoyotosOptions,
}

/// A file that was recognised, malformed or not.
pub(crate) trait Format {
    /// Everything that is wrong or unusual.
    fn findings(&self) -> Vec<Report>;

    /// Number of errors and warnings, those that are not listed included.
    fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        self.findings().iter().for_each(|report| _ = tally.count(report.severity));
        tally
    }

    /// The facts as JSON members, beside `file` and `findings`; `format` among them.
    fn json(&self) -> Value;

    /// The facts in words, under the file's name.
    fn info(&self, name: &str, out: &mut dyn Write) -> io::Result<()>;

    /// A picture of the memory that the file becomes. `None` when too little of it is sound.
    fn map(&self, name: &str) -> Option<String>;

    /// Writes the symbols, one per line, and returns what ended them early.
    fn symbols(&self, _out: &mut dyn Write) -> io::Result<Option<String>> {
        Ok(Some("files of this format have no symbol table".into()))
    }

    /// Writes the symbol at an address or the last one below it, and returns why there is none.
    fn symbols_at(&self, _address: u32, _out: &mut dyn Write) -> io::Result<Option<String>> {
        Ok(Some("symbols of this format are not found by address".into()))
    }

    /// Writes the relocations, one per line, and returns what ended them early.
    fn relocations(&self, _out: &mut dyn Write) -> io::Result<Option<String>> {
        Ok(Some("files of this format have no relocations".into()))
    }
}

/// Opens a file by its first bytes. A gzip file is of a format when a Coyotos image is in it.
pub(crate) fn open<'a>(bytes: &'a [u8], options: &FormatOptions) -> Box<dyn Format + 'a> {
    match detect(bytes, bytes.len() as u64) {
        FileKind::Own(OwnFormat::Noff(byte_order)) => {
            Box::new(noff::Noff::open(bytes, byte_order, options.noff))
        }
        FileKind::Own(OwnFormat::AoutMinix) => Box::new(aout::Aout::open(bytes, options.elks)),
        FileKind::Ne(_) => Box::new(os2_ne::Os2Ne::open(bytes, options.elks)),
        FileKind::Own(OwnFormat::CoyotosImage) | FileKind::Gzip => {
            match Stored::recognise(bytes, options.coyotos.reading) {
                Some(stored) => Box::new(coyotos::Coyotos::open(stored, options.coyotos)),
                None => Box::new(unknown::Unknown::new(bytes)),
            }
        }
        _ => match SymbolFile::recognise(bytes) {
            Some(symbols) => Box::new(symbols),
            None => Box::new(unknown::Unknown::new(bytes)),
        },
    }
}
