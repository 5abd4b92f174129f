//! A file of no format that is known.

use std::io::{self, Write};

use aout_minix::Lookalike as AoutLookalike;
use execfmt_common::Severity;
use noff::Lookalike as NoffLookalike;
use serde_json::{Value, json};

use super::Format;
use crate::diagnostics::Report;

/// The formats that [`open`](super::open) knows, in its order.
const FORMATS: &str = "Nachos NOFF, Coyotos images, ELKS/Minix a.out";

/// Their magics, in the same order.
const MAGICS: &str = "0xbadfad, coyimage or 0x301";

pub(crate) struct Unknown {
    looks: Looks,
    first_word: u32,
}

/// What such a file looks like.
enum Looks {
    Elf,
    CoffLittle,
    CoffBig,
    Mz,
    Script,
    Objects,
    /// A gzip file that holds no image, or a damaged one.
    Gzip,
    /// It begins with the magic of a.out, and nothing else of it fits.
    AoutMagic,
    Nothing,
}

impl Unknown {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut word = [0; 4];
        word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let looks = match (NoffLookalike::of(bytes), AoutLookalike::of(bytes)) {
            (NoffLookalike::Elf, _) => Looks::Elf,
            (NoffLookalike::CoffLittle, _) => Looks::CoffLittle,
            (NoffLookalike::CoffBig, _) => Looks::CoffBig,
            (_, AoutLookalike::Mz) => Looks::Mz,
            (_, AoutLookalike::Script) => Looks::Script,
            (_, AoutLookalike::Objects) => Looks::Objects,
            _ if coyotos_image::is_gzip(bytes) => Looks::Gzip,
            _ if bytes.starts_with(&aout_minix::MAGIC) => Looks::AoutMagic,
            _ => Looks::Nothing,
        };
        Self { looks, first_word: u32::from_le_bytes(word) }
    }

    fn message(&self) -> String {
        match self.looks {
            Looks::Elf => {
                "this is an ELF file: convert it with `execfmt convert IN -o OUT --to FORMAT`, where FORMAT is noff, flat, elks or coyotos"
            }
            Looks::CoffLittle => {
                "this is a MIPS COFF file: convert it with `execfmt convert IN -o OUT --to noff`"
            }
            Looks::CoffBig => {
                "this is a big-endian MIPS COFF file, and Nachos runs little-endian code: build it with a mipsel compiler"
            }
            Looks::Mz => {
                "this is an MZ file: if it is an OS/2 program, convert it with `execfmt convert IN -o OUT --to elks`"
            }
            Looks::Script => "this is a script: its first line names the program that runs it",
            Looks::Objects => "this is an object file or library of bcc: link it with bcc or ld86 first",
            Looks::Gzip => {
                "this is a gzip file, but no Coyotos image is in it, or its beginning is damaged: inflate it with gzip -d to see what it is"
            }
            Looks::AoutMagic => {
                return format!(
                    "the two bytes of the a.out magic, and then neither a header nor the start of one; execfmt knows {FORMATS}"
                );
            }
            Looks::Nothing => {
                return format!(
                    "{:#010x} begins no file of a format that execfmt knows: {FORMATS}",
                    self.first_word
                );
            }
        }
        .into()
    }
}

impl Format for Unknown {
    fn findings(&self) -> Vec<Report> {
        vec![Report {
            severity: Severity::Error,
            code: "unknown_format",
            field: "magic".into(),
            offset: 0,
            found: self.first_word.into(),
            expected: MAGICS.into(),
            message: format!("magic at byte 0: {}", self.message()),
        }]
    }

    fn json(&self) -> Value {
        json!({ "format": null })
    }

    fn info(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let what = match self.looks {
            Looks::Elf => "an ELF file: something to convert",
            Looks::CoffLittle | Looks::CoffBig => "a COFF file: something to convert",
            Looks::Mz => "an MZ file: something to convert, if it is an OS/2 program",
            Looks::Script => "a script",
            Looks::Objects => "an object file or library of bcc: something to link",
            Looks::Gzip => "a gzip file without a Coyotos image",
            Looks::AoutMagic | Looks::Nothing => "no format that execfmt knows",
        };
        writeln!(out, "{name}: {what}")
    }

    fn map(&self, _: &str) -> Option<String> {
        None
    }

    fn symbols(&self, _: &mut dyn Write) -> io::Result<Option<String>> {
        Ok(Some(self.message()))
    }

    fn relocations(&self, _: &mut dyn Write) -> io::Result<Option<String>> {
        Ok(Some(self.message()))
    }
}
