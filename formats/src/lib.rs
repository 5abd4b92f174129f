//! All formats behind one interface: a file is opened by its first bytes, and then says what is wrong with it, which kernels run
//! it, and what it holds; and it becomes a file of another format. The command and the web page render what is said here.
//!
//! No format knowledge is here: this translates between the format crates and those who show what they find.

pub mod advice;
pub mod aout;
pub mod chmem;
mod coff;
pub mod conversion;
pub mod coyotos;
pub mod findings;
pub mod foreign;
pub mod inspect;
pub mod json;
pub mod kernel;
pub mod noff;
pub mod os2_ne;
pub mod report;
pub mod rows;
mod unknown;

use std::io;

use execfmt_detect::{FileKind, OwnFormat, detect};
use execfmt_view::View;
use serde::Serialize;

use self::aout::{ElksOptions, SymbolFile};
use self::coyotos::{CoyotosOptions, Stored};
use self::findings::Findings;
use self::kernel::Kernel;
use self::noff::NoffOptions;
use self::report::Report;
use self::rows::Rows;

/// What files of each format do not tell of themselves. The file decides which of these count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The kernels that the file is for; without it, what all kernels of its format have in common is checked.
    pub kernel: Option<Kernel>,
    /// Of NOFF.
    pub noff: NoffOptions,
    /// Of ELKS and Minix programs.
    pub elks: ElksOptions,
    /// Of Coyotos images.
    pub coyotos: CoyotosOptions,
}

/// A file that was recognised, malformed or not.
pub trait Format {
    /// Everything that is wrong or unusual.
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
#[derive(Debug, Serialize)]
pub struct KernelVerdict {
    /// The name that `--for` takes.
    pub name: &'static str,
    /// That it runs it.
    pub runs: bool,
    /// The code of the first error, if it does not.
    pub reason: Option<&'static str>,
    /// That error.
    pub finding: Option<Report>,
    /// Physical pages that are left when it is loaded, where all of it must be in memory.
    pub spare_pages: Option<u64>,
}

impl KernelVerdict {
    fn new(name: &'static str, finding: Option<Report>) -> Self {
        let reason = finding.as_ref().map(|finding| finding.code);
        Self { name, runs: finding.is_none(), reason, finding, spare_pages: None }
    }
}

/// Opens a file by its first bytes. A gzip file is of a format when a Coyotos image is in it.
pub fn open<'a>(bytes: &'a [u8], options: &Options) -> Box<dyn Format + 'a> {
    match detect(bytes, bytes.len() as u64) {
        FileKind::Own(OwnFormat::Noff(byte_order)) => {
            Box::new(self::noff::Noff::open(bytes, byte_order, options.noff, options.kernel))
        }
        FileKind::MipsCoff(_) => Box::new(coff::Coff::open(bytes, options.kernel)),
        FileKind::Own(OwnFormat::AoutMinix) => {
            Box::new(aout::Aout::open(bytes, options.elks, options.kernel))
        }
        FileKind::Ne(_) => Box::new(self::os2_ne::Os2Ne::open(bytes, options.elks)),
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
