//! What the command asks of every format.

mod noff;
mod unknown;

use std::io::{self, Write};

use serde_json::Value;

use crate::args::NoffOptions;
use crate::report::Report;

/// A file that was recognised, malformed or not.
pub(crate) trait Format {
    /// Everything that is wrong or unusual.
    fn findings(&self) -> Vec<Report>;

    /// The facts as JSON members, beside `file` and `findings`; `format` among them.
    fn json(&self) -> Value;

    /// The facts in words, under the file's name.
    fn info(&self, name: &str, out: &mut dyn Write) -> io::Result<()>;

    /// A picture of the file and of the memory that it becomes. `None` when too little of it is sound.
    fn map(&self, name: &str) -> Option<String>;
}

/// Tells a file's format by its first bytes.
pub(crate) fn open<'a>(bytes: &'a [u8], options: &NoffOptions) -> Box<dyn Format + 'a> {
    if let Ok(byte_order) = ::noff::byte_order(bytes) {
        return Box::new(noff::Noff::open(bytes, byte_order, *options));
    }
    Box::new(unknown::Unknown::new(bytes))
}
