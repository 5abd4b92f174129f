//! A file of no format that is known.

use std::fmt;
use std::io::{self, Write};

use execfmt_common::{Expected, Finding, Rule, Severity};
use noff::Lookalike;
use serde_json::{Value, json};

use super::Format;
use crate::report::Report;

pub(crate) struct Unknown {
    finding: Finding<UnknownFormat>,
}

/// The only rule that such a file breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct UnknownFormat(Lookalike);

impl Rule for UnknownFormat {
    type Field = &'static str;

    fn code(self) -> &'static str {
        "unknown_format"
    }

    fn severity(self) -> Severity {
        Severity::Error
    }

    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match finding.rule.0 {
            Lookalike::Elf => {
                f.write_str("this is an ELF file: convert it with `execfmt convert IN -o OUT --to noff` for Nachos")
            }
            Lookalike::CoffLittle => {
                f.write_str("this is a MIPS COFF file: convert it with `execfmt convert IN -o OUT --to noff`")
            }
            Lookalike::CoffBig => f.write_str(
                "this is a big-endian MIPS COFF file, and Nachos runs little-endian code: build it with a mipsel compiler",
            ),
            Lookalike::Unknown => {
                write!(f, "{:#010x} begins no file of a format that execfmt knows", finding.found)
            }
        }
    }
}

impl Unknown {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut word = [0; 4];
        word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let finding = Finding {
            rule: UnknownFormat(Lookalike::of(bytes)),
            field: "magic",
            offset: 0,
            found: u32::from_le_bytes(word).into(),
            expected: Expected::Exactly(noff::MAGIC.into()),
        };
        Self { finding }
    }
}

impl Format for Unknown {
    fn findings(&self) -> Vec<Report> {
        vec![Report::from(&self.finding)]
    }

    fn json(&self) -> Value {
        json!({ "format": null })
    }

    fn info(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let what = match self.finding.rule.0 {
            Lookalike::Elf => "an ELF file: something to convert",
            Lookalike::CoffLittle | Lookalike::CoffBig => "a COFF file: something to convert",
            Lookalike::Unknown => "no format that execfmt knows",
        };
        writeln!(out, "{name}: {what}")
    }

    fn map(&self, _: &str) -> Option<String> {
        None
    }
}
