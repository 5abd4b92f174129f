//! The executables of Linux before ELF: also called a.out, but not those of ELKS and Minix.

use core::fmt;

use crate::FileKind;

/// How the sections lie, by the magic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinuxAout {
    /// 0407: an object file, or a program whose text may be written to.
    Omagic,
    /// 0410: the text may not be written to.
    Nmagic,
    /// 0413: loaded a page at a time.
    Zmagic,
    /// 0314: the same, the header within the text.
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

/// A file with one of the magics, by which.
pub(crate) fn detect(start: &[u8]) -> Option<FileKind> {
    Some(FileKind::LinuxAout(match start {
        [0x07, ..] => LinuxAout::Omagic,
        [0x08, ..] => LinuxAout::Nmagic,
        [0x0b, ..] => LinuxAout::Zmagic,
        [0xcc, ..] => LinuxAout::Qmagic,
        _ => return None,
    }))
}
