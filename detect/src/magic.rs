//! Identification by the first four bytes of a file.

use core::fmt;

use execfmt_common::{Advice, ByteOrder, Detail, FirstBytes};

/// What a file appears to be by its first four bytes; [`detect`](crate::detect) examines more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Magic {
    /// Nothing known.
    Unknown,
    /// An ELF file.
    Elf,
    /// A MIPS COFF file.
    MipsCoff(ByteOrder),
    /// A program of DOS, OS/2 or Windows: `MZ`.
    Mz,
    /// A script: `#!`.
    Script,
    /// An archive of `ar`.
    Archive,
    /// An object file of bcc's assembler, as86.
    BccObject,
    /// An executable of Linux or BSD before ELF.
    LinuxAout,
    /// A gzip file.
    Gzip,
    /// Nachos NOFF.
    Noff(ByteOrder),
    /// A Coyotos image.
    CoyotosImage,
    /// An ELKS or Minix executable.
    AoutMinix,
}

impl Magic {
    /// Identifies a file by its first bytes.
    pub const fn of(start: &[u8]) -> Self {
        match start {
            [0x7f, b'E', b'L', b'F', ..] => Self::Elf,
            // MIPS I to III, and a plausible number of sections: its high byte is 0 in every real file.
            [0x62 | 0x66 | 0x42, 0x01, _, 0x00, ..] => Self::MipsCoff(ByteOrder::Little),
            [0x01, 0x60 | 0x63 | 0x40, 0x00, _, ..] => Self::MipsCoff(ByteOrder::Big),
            [b'M', b'Z', ..] => Self::Mz,
            [b'#', b'!', ..] => Self::Script,
            // `!<arch>` and `!<thin>`.
            [b'!', b'<', b'a', b'r', ..] | [b'!', b'<', b't', b'h', ..] => Self::Archive,
            [0xa3, 0x86, ..] => Self::BccObject,
            // The machine is the third byte: 0 in the oldest, 100 for the 80386.
            [0x07 | 0x08 | 0x0b, 0x01, 0 | 100, _, ..] | [0xcc, 0x00, 0 | 100, _, ..] => Self::LinuxAout,
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0xad, 0xdf, 0xba, 0x00, ..] => Self::Noff(ByteOrder::Little),
            [0x00, 0xba, 0xdf, 0xad, ..] => Self::Noff(ByteOrder::Big),
            [b'c', b'o', b'y', b'i', ..] => Self::CoyotosImage,
            [0x01, 0x03, ..] => Self::AoutMinix,
            _ => Self::Unknown,
        }
    }

    /// What can be done with the file, whatever it was mistaken for.
    pub const fn advice(self) -> Option<Advice> {
        match self {
            Self::MipsCoff(ByteOrder::Big) => Some(Advice::LittleEndianMips),
            Self::BccObject => Some(Advice::LinkWithBcc),
            Self::Archive => Some(Advice::Link),
            Self::Gzip => Some(Advice::Inflate),
            Self::Noff(_) | Self::CoyotosImage | Self::AoutMinix => Some(Advice::Inspect),
            _ => None,
        }
    }
}

impl fmt::Display for Magic {
    /// What the file is, worded to follow "this is".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "a file of an unknown kind",
            Self::Elf => "an ELF file",
            Self::MipsCoff(ByteOrder::Little) => "a MIPS COFF file",
            Self::MipsCoff(ByteOrder::Big) => "a big-endian MIPS COFF file",
            Self::Mz => "an MZ file, of DOS, OS/2 or Windows",
            Self::Script => "a script: its first line names the program that runs it",
            Self::Archive => "an archive of object files",
            Self::BccObject => "an object file of bcc (as86)",
            Self::LinuxAout => "an a.out file of Linux or BSD, not of ELKS or Minix",
            Self::Gzip => "a gzip file",
            Self::Noff(_) => "a Nachos NOFF executable",
            Self::CoyotosImage => "a Coyotos image",
            Self::AoutMinix => "an ELKS or Minix a.out executable",
        })
    }
}

impl Magic {
    /// The number of the value, which never changes.
    pub const fn number(self) -> u32 {
        match self {
            Self::Unknown => 0,
            Self::Elf => 1,
            Self::MipsCoff(ByteOrder::Little) => 2,
            Self::MipsCoff(ByteOrder::Big) => 3,
            Self::Mz => 4,
            Self::Script => 5,
            Self::Archive => 6,
            Self::BccObject => 7,
            Self::LinuxAout => 8,
            Self::Gzip => 9,
            Self::Noff(ByteOrder::Little) => 10,
            Self::Noff(ByteOrder::Big) => 11,
            Self::CoyotosImage => 12,
            Self::AoutMinix => 13,
        }
    }
}

/// The first four bytes of a file, as findings carry them: they are identified only on request, so a loader
/// that prints nothing does not contain a table of other formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MagicBytes([u8; 4]);

impl MagicBytes {
    /// From these four bytes.
    pub const fn new(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// From the start of a file; missing bytes count as 0.
    pub fn of(file: &[u8]) -> Self {
        Self(FirstBytes::of(file).number().to_le_bytes())
    }

    /// What they identify.
    pub const fn magic(self) -> Magic {
        Magic::of(&self.0)
    }
}

impl Detail for MagicBytes {
    fn number(self) -> u32 {
        u32::from_le_bytes(self.0)
    }

    fn from_number(number: u32) -> Option<Self> {
        Some(Self(number.to_le_bytes()))
    }
}
