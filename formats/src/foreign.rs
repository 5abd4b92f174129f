//! Files of other kinds than a command accepts: what they are, and what to do with them.

use execfmt_common::FirstBytes;
use execfmt_detect::{Elf, ElfType, FileKind, OwnFormat, detect};
use file_format::FileFormat;

use crate::advice;

/// The formats that the command reads.
pub const FORMATS: &str = "Nachos NOFF, MIPS COFF, Coyotos images, ELKS/Minix a.out";

/// A file of a kind that the command, or this subcommand, does not read.
pub struct Foreign {
    /// Its kind.
    pub kind: FileKind,
    /// The name of a kind that is not executable at all.
    other: Option<FileFormat>,
    /// Its first bytes.
    pub first: FirstBytes,
}

impl Foreign {
    /// The kind of a file.
    pub fn new(bytes: &[u8]) -> Self {
        let kind = detect(bytes, bytes.len() as u64);
        let other = (kind == FileKind::Unknown).then(|| FileFormat::from_bytes(bytes));
        let other = other.filter(|format| *format != FileFormat::ArbitraryBinaryData);
        Self { kind, other, first: FirstBytes::of(bytes) }
    }

    /// What the file is, for a heading.
    pub fn name(&self) -> String {
        match (self.kind, self.other) {
            (_, Some(other)) => format!("a file of another kind ({})", other.name()),
            (FileKind::Gzip, _) => "a gzip file without a Coyotos image".into(),
            (kind, _) => kind.to_string(),
        }
    }

    /// What the file is and what to do with it.
    pub fn message(&self) -> String {
        let what = match (self.kind, self.other) {
            (_, Some(_)) => return format!("this is {}; execfmt reads {FORMATS}", self.name()),
            (FileKind::Unknown, None) => {
                return format!(
                    "this begins with {}, unlike every format that execfmt reads: {FORMATS}",
                    self.first
                );
            }
            (FileKind::Gzip, _) => {
                "this is a gzip file without a Coyotos image, or its beginning is damaged".into()
            }
            (FileKind::Script, _) => "this is a script: its first line names the program that runs it".into(),
            (FileKind::Text | FileKind::AoutMagicOnly, _) => {
                format!("this is {}; execfmt reads {FORMATS}", self.kind)
            }
            (kind, _) => format!("this is {kind}"),
        };
        match self.kind.advice() {
            Some(advice) => format!("{what}: {}", advice::render(advice)),
            None => what,
        }
    }
}

/// Refuses a file that is not of an accepted kind, which `expected` names.
///
/// # Errors
/// What it is instead, and what to do with it.
pub fn expect(bytes: &[u8], expected: &str, wanted: impl FnOnce(FileKind) -> bool) -> Result<(), String> {
    let foreign = Foreign::new(bytes);
    if wanted(foreign.kind) {
        return Ok(());
    }
    let what = match (foreign.kind, foreign.other) {
        (FileKind::Unknown, None) => format!("this begins with {} and is not {expected}", foreign.first),
        // It has the right format, but needs another step first.
        (FileKind::Elf(_), _) if expected.contains("ELF") => format!("this is {}", foreign.name()),
        _ => format!("this is {}, not {expected}", foreign.name()),
    };
    Err(match foreign.kind.advice() {
        Some(advice) => format!("{what}: {}", advice::render(advice)),
        None => what,
    })
}

/// Refuses files that are not ELKS or Minix executables.
///
/// # Errors
/// Those of [`expect`].
pub fn expect_aout(bytes: &[u8]) -> Result<(), String> {
    expect(bytes, "an ELKS or Minix executable", |kind| kind == FileKind::Own(OwnFormat::AoutMinix))
}

/// True for a linked ELF file, whatever its machine: the converters report which ones they accept, and why.
pub fn is_linked_elf(kind: FileKind) -> bool {
    let unlinked = |elf: Elf| matches!(elf.elf_type, ElfType::Object | ElfType::Core | ElfType::DebugOnly);
    matches!(kind, FileKind::Elf(elf) if !unlinked(elf))
}
