//! Identifies a file by its first bytes: the formats of execfmt, and those that are mistaken for them.
//!
//! One function, [`detect`], for every program that encounters foreign files. It examines the first bytes,
//! the file's length, and further bytes if a header refers to them; it does not check whether the file is
//! well-formed. The value describes what the file is, and what to do next as an
//! [`Advice`](execfmt_common::Advice).
//!
//! ```
//! use execfmt_detect::{FileKind, detect};
//!
//! assert_eq!(detect(b"", 0), FileKind::Empty);
//! assert_eq!(detect(b"#!/bin/sh\n", 10).to_string(), "a script");
//! ```
//!
//! The crate is `no_std`, does not allocate, takes constant time except for the section headers of an ELF
//! file, and cannot panic.

#![no_std]

mod advice;
mod archive;
mod bytes;
mod dos;
mod elf;
mod linux;
mod magic;
mod own;
mod text;

use core::fmt;

use execfmt_common::ByteOrder;

pub use archive::{Archive, Contents};
pub use dos::{NeTarget, machine_name as pe_machine_name};
pub use elf::{Class, Elf, ElfType};
pub use linux::LinuxAout;
pub use magic::{Magic, MagicBytes};
pub use own::OwnFormat;

/// What a file is, as far as its first bytes show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// An empty file.
    Empty,
    /// It begins with the complete magic of a format of execfmt. Whether the rest is well-formed is left to
    /// the format's crate.
    Own(OwnFormat),
    /// It ends within the magic of such a format.
    Cut(OwnFormat),
    /// It begins with the two bytes of the a.out magic, but what follows is not the start of a header.
    AoutMagicOnly,
    /// An ELF file.
    Elf(Elf),
    /// It ends within the identification of an ELF file.
    CutElf,
    /// A MIPS COFF file.
    MipsCoff(ByteOrder),
    /// An archive of `ar`: a library.
    Archive(Archive),
    /// An object file of bcc's assembler, as86.
    BccObject,
    /// An executable of Linux before ELF.
    LinuxAout(LinuxAout),
    /// A DOS program, without a header for another system.
    Mz,
    /// A segmented program, and the system for which it is made.
    Ne(NeTarget),
    /// A linear executable of OS/2 or a driver of Windows: `LE` or `LX`.
    Linear,
    /// A Windows program, and its machine number.
    Pe(u16),
    /// A program without a header, as `bcc -Md` makes it for DOS.
    BccCom,
    /// A script.
    Script,
    /// A gzip file.
    Gzip,
    /// Text.
    Text,
    /// None of these.
    Unknown,
}

/// What a file is. `start` is its first bytes, or all of them; `length` is the length of the whole file in
/// bytes.
///
/// 512 bytes are enough to recognise nearly every kind; only those with distant parts (the sections of an ELF
/// file, the second header of a DOS program) need more.
pub fn detect(start: &[u8], length: u64) -> FileKind {
    if length == 0 {
        return FileKind::Empty;
    }
    // The longest magic first, so that a short one does not claim a file of another kind.
    own::detect(start, length)
        .or_else(|| match Magic::of(start) {
            Magic::Elf => Some(elf::detect(start)),
            Magic::MipsCoff(order) => Some(FileKind::MipsCoff(order)),
            Magic::Mz => Some(dos::detect(start)),
            Magic::Script => Some(FileKind::Script),
            Magic::Archive => archive::detect(start),
            Magic::BccObject => Some(FileKind::BccObject),
            Magic::LinuxAout => linux::detect(start),
            Magic::Gzip => Some(FileKind::Gzip),
            Magic::Noff(_) | Magic::CoyotosImage | Magic::AoutMinix | Magic::Unknown => None,
        })
        .or_else(|| elf::cut(start, length))
        .or_else(|| dos::com(start, length))
        .or_else(|| text::detect(start))
        .unwrap_or(FileKind::Unknown)
}

impl fmt::Display for FileKind {
    /// What the file is, worded to follow "this is".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty file",
            Self::Own(format) => return write!(f, "{}", format.with_article()),
            Self::Cut(format) => return write!(f, "the start of {}, cut short", format.with_article()),
            Self::AoutMagicOnly => "the two bytes of the a.out magic, without a header after them",
            Self::Elf(elf) => return elf.fmt(f),
            Self::CutElf => "the start of an ELF file, cut short",
            Self::MipsCoff(ByteOrder::Little) => "a MIPS COFF file",
            Self::MipsCoff(ByteOrder::Big) => "a big-endian MIPS COFF file",
            Self::Archive(archive) => return archive.fmt(f),
            Self::BccObject => "an object file of bcc (as86)",
            Self::LinuxAout(kind) => return kind.fmt(f),
            Self::Mz => "a DOS program (MZ)",
            Self::Ne(target) => return target.fmt(f),
            Self::Linear => "a linear executable (LE or LX) of OS/2 or Windows",
            Self::Pe(machine) => {
                return match dos::machine_name(*machine) {
                    Some(name) => write!(f, "a Windows program (PE) for {name}"),
                    None => write!(f, "a Windows program (PE) for machine {machine:#x}"),
                };
            }
            Self::BccCom => "a program of bcc without a header, such as bcc -Md makes for DOS",
            Self::Script => "a script",
            Self::Gzip => "a gzip file",
            Self::Text => "text",
            Self::Unknown => "not a file that execfmt recognises",
        })
    }
}
