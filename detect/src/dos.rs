//! Programs of DOS, OS/2 and Windows.

use core::fmt;

use execfmt_common::ByteOrder;

use crate::FileKind;
use crate::bytes::{u16_at, u32_at};

/// The system for which a segmented executable (`NE`) is made: `ne_exetyp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NeTarget {
    /// OS/2; and ELKS, which loads such files.
    Os2,
    /// Windows, 16 bits.
    Windows,
    /// European DOS 4.
    Dos4,
    /// Windows for the 80386.
    Windows386,
    /// Unspecified: 0, which early linkers wrote, or an unknown number.
    Other(u8),
}

impl fmt::Display for NeTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Os2 => "a segmented executable (NE) for OS/2",
            Self::Windows | Self::Windows386 => "a segmented executable (NE) for 16-bit Windows",
            Self::Dos4 => "a segmented executable (NE) for DOS 4",
            Self::Other(number) => {
                return write!(f, "a segmented executable (NE) for the unknown system {number}");
            }
        })
    }
}

/// The name of a machine of Windows programs, if it is a common one.
pub const fn machine_name(machine: u16) -> Option<&'static str> {
    Some(match machine {
        0x014c => "80386",
        0x0162 | 0x0166 => "MIPS",
        0x01c0 | 0x01c2 | 0x01c4 => "ARM",
        0x8664 => "x86-64",
        0xaa64 => "AArch64",
        _ => return None,
    })
}

/// A file that begins with `MZ`.
pub(crate) fn detect(start: &[u8]) -> FileKind {
    second_header(start).unwrap_or(FileKind::Mz)
}

/// The header for another system, to which the DOS program at the start of the file points.
fn second_header(start: &[u8]) -> Option<FileKind> {
    const E_LFANEW: usize = 0x3c;
    const NE_EXETYP: usize = 0x36;
    let at = usize::try_from(u32_at(start, E_LFANEW, ByteOrder::Little)?).ok()?;
    let header = start.get(at..)?;
    Some(match header {
        [b'P', b'E', 0, 0, ..] => FileKind::Pe(u16_at(header, 4, ByteOrder::Little)?),
        [b'L', b'E' | b'X', 0, 0, ..] => FileKind::Linear,
        [b'N', b'E', ..] => FileKind::Ne(match *header.get(NE_EXETYP)? {
            1 => NeTarget::Os2,
            2 => NeTarget::Windows,
            3 => NeTarget::Dos4,
            4 => NeTarget::Windows386,
            other => NeTarget::Other(other),
        }),
        _ => return None,
    })
}

/// Programs made by `bcc -Md` begin with a jump over a return and the library's version, such as `0.16.17`.
pub(crate) fn com(start: &[u8], length: u64) -> Option<FileKind> {
    let [0xe9, low, high, 0xc3, version @ ..] = start else { return None };
    let target = u64::from(u16::from_le_bytes([*low, *high])).checked_add(3)?;
    let end = version.iter().take(16).position(|&byte| byte == 0)?;
    let version = version.get(..end)?;
    let digits = version.first()?.is_ascii_digit()
        && version.contains(&b'.')
        && version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    (digits && target < length).then_some(FileKind::BccCom)
}
