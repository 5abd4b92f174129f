//! What the command asks of every format.

use std::io::{self, Write};

use noff::{Lookalike, NoffFinding, NoffRule};
use serde_json::{Value, json};

use crate::args::NoffOptions;
use crate::noff_format::Noff;
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
    match noff::byte_order(bytes) {
        Ok(byte_order) => Box::new(Noff::open(bytes, byte_order, *options)),
        Err(finding) => Box::new(Unknown { finding }),
    }
}

/// A file of no known format.
struct Unknown {
    finding: NoffFinding,
}

impl Format for Unknown {
    fn findings(&self) -> Vec<Report> {
        vec![Report::from(&self.finding)]
    }

    fn json(&self) -> Value {
        json!({ "format": null })
    }

    fn info(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let what = match self.finding.rule {
            NoffRule::BadMagic(Lookalike::Elf) => "an ELF file: something to convert",
            NoffRule::BadMagic(Lookalike::CoffLittle | Lookalike::CoffBig) => {
                "a COFF file: something to convert"
            }
            _ => "no format that execfmt knows",
        };
        writeln!(out, "{name}: {what}")
    }

    fn map(&self, _: &str) -> Option<String> {
        None
    }
}
