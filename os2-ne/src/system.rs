//! The system for which a file is made.

use core::fmt;

use execfmt_common::Detail;

use crate::header::Header;

/// The system for which a file is made, by its `target_os` and by what it requires of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum System {
    /// ELKS: target OS/2, without modules, movable entries or resources.
    Elks,
    /// OS/2 itself: the target of ELKS files, but with modules such as DOSCALLS, movable entries or
    /// resources.
    Os2,
    /// 16-bit Windows.
    Windows,
    /// Multitasking DOS 4.
    Dos4,
    /// Windows in 386 mode.
    Windows386,
    /// Not specified by the header.
    Unknown,
    /// A number without a known meaning.
    Other(u8),
}

impl System {
    /// The system for which a header is made.
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
            Self::Unknown => "an unspecified system",
            Self::Other(number) => return write!(f, "the unknown system {number}"),
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
