//! What the command asks of every format.

pub(crate) mod aout;
pub(crate) mod coyotos;
pub(crate) mod noff;
mod unknown;

use std::io::{self, Write};

use clap::Args;
use serde_json::Value;

use aout::args::ElksOptions;
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

    /// Writes the relocations, one per line, and returns what ended them early.
    fn relocations(&self, _out: &mut dyn Write) -> io::Result<Option<String>> {
        Ok(Some("files of this format have no relocations".into()))
    }
}

/// Tells a file's format by its first bytes. In this order, the longest magic first, so that a short one takes no file
/// of another format:
///
/// 1. the four bytes of NOFF, in either byte order;
/// 2. the eight of a Coyotos image, plain or inflated from a gzip file;
/// 3. the two bytes of a.out, if there is a header's length, or what there is of a header may be one;
/// 4. anything else is unknown.
pub(crate) fn open<'a>(bytes: &'a [u8], options: &FormatOptions) -> Box<dyn Format + 'a> {
    if let Ok(byte_order) = ::noff::byte_order(bytes) {
        return Box::new(noff::Noff::open(bytes, byte_order, options.noff));
    }
    if let Some(stored) = Stored::recognise(bytes, options.coyotos.reading) {
        return Box::new(coyotos::Coyotos::open(stored, options.coyotos));
    }
    if aout::recognise(bytes) {
        return Box::new(aout::Aout::open(bytes, options.elks));
    }
    Box::new(unknown::Unknown::new(bytes))
}
