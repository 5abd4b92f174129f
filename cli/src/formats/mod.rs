//! What the command asks of every format.

pub(crate) mod aout;
mod coff;
pub(crate) mod coyotos;
pub(crate) mod noff;
pub(crate) mod os2_ne;
mod unknown;

use std::io;

use clap::Args;
use execfmt_detect::{FileKind, OwnFormat, detect};
use execfmt_view::View;
use serde::Serialize;

use aout::args::ElksOptions;
use aout::symbol_file::SymbolFile;
use coyotos::args::CoyotosOptions;
use coyotos::file::Stored;
use noff::args::NoffOptions;

use crate::diagnostics::Report;
use crate::findings::Findings;
use crate::kernel::{self, Kernel};
use crate::rows::Rows;

/// Options that files of each format do not record. The file decides which of these count.
#[derive(Args, Clone, Copy, Default)]
pub(crate) struct FormatOptions {
    /// The kernels that the file is for; by default, the rules that all kernels of its format share are checked.
    #[arg(long = "for", env = kernel::ENVIRONMENT, value_parser = kernel::parser(), value_name = "KERNEL")]
    pub(crate) kernel: Option<Kernel>,
    #[command(flatten)]
    pub(crate) noff: NoffOptions,
    #[command(flatten)]
    pub(crate) elks: ElksOptions,
    #[command(flatten)]
    pub(crate) coyotos: CoyotosOptions,
}

/// A file that was recognised, malformed or not.
pub(crate) trait Format {
    /// Every error and warning.
    fn findings(&self) -> Findings;

    /// Whether the file is of a format that is read here.
    fn is_known(&self) -> bool {
        true
    }

    /// Whether a kernel loads files of this format at all.
    fn is_for(&self, _: Kernel) -> bool {
        true
    }

    /// Everything there is to show of the file.
    fn view(&self) -> View;

    /// What a file that is compressed as a whole holds.
    fn contents(&self) -> Option<&[u8]> {
        None
    }

    /// Which kernels run the file.
    fn kernels(&self) -> Vec<KernelVerdict> {
        Vec::new()
    }

    /// Lists the symbols, and returns what ended them early.
    fn symbols(&self, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some("files of this format have no symbol table".into()))
    }

    /// Lists the symbol at an address or the last one below it, and returns why there is none.
    fn symbols_at(&self, _address: u32, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some("symbols of this format are not found by address".into()))
    }

    /// Lists the relocations, and returns what ended them early.
    fn relocations(&self, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some("files of this format have no relocations".into()))
    }
}

/// Whether a kernel runs a file. One shape for all formats.
#[derive(Serialize)]
pub(crate) struct KernelVerdict {
    /// The name that `--for` takes.
    pub(crate) name: &'static str,
    pub(crate) runs: bool,
    /// The code of the first error, if it does not.
    pub(crate) reason: Option<&'static str>,
    /// That error.
    pub(crate) finding: Option<Report>,
    /// Physical pages that are left when it is loaded, where all of it must be in memory.
    pub(crate) spare_pages: Option<u64>,
}

impl KernelVerdict {
    pub(crate) fn new(name: &'static str, finding: Option<Report>) -> Self {
        let reason = finding.as_ref().map(|finding| finding.code);
        Self { name, runs: finding.is_none(), reason, finding, spare_pages: None }
    }
}

/// Opens a file by its first bytes. A gzip file is of a format when a Coyotos image is in it.
pub(crate) fn open<'a>(bytes: &'a [u8], options: &FormatOptions) -> Box<dyn Format + 'a> {
    match detect(bytes, bytes.len() as u64) {
        FileKind::Own(OwnFormat::Noff(byte_order)) => {
            Box::new(noff::Noff::open(bytes, byte_order, options.noff, options.kernel))
        }
        FileKind::MipsCoff(_) => Box::new(coff::Coff::open(bytes, options.kernel)),
        FileKind::Own(OwnFormat::AoutMinix) => {
            Box::new(aout::Aout::open(bytes, options.elks, options.kernel))
        }
        FileKind::Ne(_) => Box::new(os2_ne::Os2Ne::open(bytes, options.elks)),
        FileKind::Own(OwnFormat::CoyotosImage) | FileKind::Gzip => {
            match Stored::recognise(bytes, options.coyotos.reading) {
                Some(stored) => Box::new(coyotos::Coyotos::open(stored, options.coyotos, options.kernel)),
                None => Box::new(unknown::Unknown::new(bytes)),
            }
        }
        _ => match SymbolFile::recognise(bytes) {
            Some(symbols) => Box::new(symbols),
            None => Box::new(unknown::Unknown::new(bytes)),
        },
    }
}
