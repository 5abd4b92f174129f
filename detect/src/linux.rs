//! The executables of Linux before ELF: also called a.out, but not those of ELKS and Minix.

use core::fmt;

use crate::FileKind;

/// The layout of the sections, from the magic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinuxAout {
    /// 0407: an object file, or a program with writable text.
    Omagic,
    /// 0410: the text is read-only.
    Nmagic,
    /// 0413: demand-paged.
    Zmagic,
    /// 0314: the same, with the header in the text.
    Qmagic,
}

impl fmt::Display for LinuxAout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Omagic => "OMAGIC",
            Self::Nmagic => "NMAGIC",
            Self::Zmagic => "ZMAGIC",
            Self::Qmagic => "QMAGIC",
        };
        write!(f, "an a.out file of Linux or BSD ({name}), not of ELKS or Minix")
    }
}

/// A file with one of the magics, and which one.
pub(crate) fn detect(start: &[u8]) -> Option<FileKind> {
    Some(FileKind::LinuxAout(match start {
        [0x07, ..] => LinuxAout::Omagic,
        [0x08, ..] => LinuxAout::Nmagic,
        [0x0b, ..] => LinuxAout::Zmagic,
        [0xcc, ..] => LinuxAout::Qmagic,
        _ => return None,
    }))
}
