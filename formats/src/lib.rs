//! All formats behind one interface: a file is identified by its first bytes; it then reports its defects,
//! the kernels that run it, and its contents; and it can be converted to other formats. The command and the
//! web page render this information.
//!
//! No format knowledge is here: this crate translates between the format crates and the programs that present
//! their results.

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

/// Options that are not recorded in files of each format. The file determines which of them are used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The kernels that the file is for; if absent, the file is checked for what all kernels of its format
    /// have in common.
    pub kernel: Option<Kernel>,
    /// For NOFF.
    pub noff: NoffOptions,
    /// For ELKS and Minix programs.
    pub elks: ElksOptions,
    /// For Coyotos images.
    pub coyotos: CoyotosOptions,
}

/// A file that was recognised, whether malformed or not.
pub trait Format {
    /// All errors and warnings.
    fn findings(&self) -> Findings;

    /// Whether this crate reads the file's format.
    fn is_known(&self) -> bool {
        true
    }

    /// Whether a kernel loads files of this format at all.
    fn is_for(&self, _: Kernel) -> bool {
        true
    }

    /// All information about the file.
    fn view(&self) -> View;

    /// The contents of a file that is compressed as a whole.
    fn contents(&self) -> Option<&[u8]> {
        None
    }

    /// Which kernels run the file.
    fn kernels(&self) -> Vec<KernelVerdict> {
        Vec::new()
    }

    /// Lists the symbols, and returns the error that ended the list early.
    fn symbols(&self, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some("files of this format have no symbol table".into()))
    }

    /// Lists the symbol at an address or the last one below it, and returns why there is none.
    fn symbols_at(&self, _address: u32, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some("symbols of this format cannot be looked up by address".into()))
    }

    /// Lists the relocations, and returns the error that ended the list early.
    fn relocations(&self, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some("files of this format have no relocations".into()))
    }
}

/// Whether a kernel runs a file. The same structure for all formats.
#[derive(Debug, Serialize)]
pub struct KernelVerdict {
    /// The name for `--for`.
    pub name: &'static str,
    /// Whether it runs the file.
    pub runs: bool,
    /// The code of the first error, if it does not.
    pub reason: Option<&'static str>,
    /// That error.
    pub finding: Option<Report>,
    /// Number of physical pages left when the program is loaded, if all of it must be in memory.
    pub spare_pages: Option<u64>,
}

impl KernelVerdict {
    fn new(name: &'static str, finding: Option<Report>) -> Self {
        let reason = finding.as_ref().map(|finding| finding.code);
        Self { name, runs: finding.is_none(), reason, finding, spare_pages: None }
    }
}

/// Identifies a file by its first bytes. A gzip file has a known format when it contains a Coyotos image.
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
