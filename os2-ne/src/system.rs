//! The system that a file is for.

use core::fmt;

use execfmt_common::Detail;

use crate::header::Header;

/// The system that a file is for, by its `target_os` and by what it needs of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum System {
    /// ELKS: OS/2 as target, and no modules, movable entries or resources.
    Elks,
    /// OS/2 itself: as for ELKS, with modules such as DOSCALLS, movable entries or resources.
    Os2,
    /// 16-bit Windows.
    Windows,
    /// DOS 4 with its multitasking.
    Dos4,
    /// Windows in 386 mode.
    Windows386,
    /// The header does not name it.
    Unknown,
    /// A number without a known meaning.
    Other(u8),
}

impl System {
    /// The system that a header is for.
    #[inline(always)]
    pub fn of(header: &Header) -> Self {
        let alone = header.num_modules() == 0 && header.num_movable() == 0 && header.num_resources() == 0;
        match header.target_os() {
            0 => Self::Unknown,
            1 if alone => Self::Elks,
            1 => Self::Os2,
            2 => Self::Windows,
            3 => Self::Dos4,
            4 => Self::Windows386,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elks => "ELKS",
            Self::Os2 => "OS/2",
            Self::Windows => "16-bit Windows",
            Self::Dos4 => "DOS 4",
            Self::Windows386 => "Windows in 386 mode",
            Self::Unknown => "a system that the header does not name",
            Self::Other(number) => return write!(f, "a system with the number {number}"),
        })
    }
}

impl Detail for System {
    #[inline(always)]
    fn number(self) -> u32 {
        match self {
            Self::Unknown => 0,
            Self::Os2 => 1,
            Self::Windows => 2,
            Self::Dos4 => 3,
            Self::Windows386 => 4,
            Self::Other(number) => number.into(),
            Self::Elks => 0x100,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Unknown,
            1 => Self::Os2,
            2 => Self::Windows,
            3 => Self::Dos4,
            4 => Self::Windows386,
            0x100 => Self::Elks,
            _ => Self::Other(u8::try_from(number).ok()?),
        })
    }
}
