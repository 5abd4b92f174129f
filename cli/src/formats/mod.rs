//! What the command asks of every format.

mod aout;
mod coyotos;
mod noff;
mod unknown;

use std::io::{self, Write};

use serde_json::Value;

use crate::args::FormatOptions;
use crate::coyotos::file::Stored;
use crate::report::Report;

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
