//! What a file that is not NOFF may be.

use execfmt_common::Detail;

/// What a file that is not NOFF looks like, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lookalike {
    /// Nothing known.
    Unknown,
    /// An ELF file, as today's compilers write.
    Elf,
    /// A little-endian MIPS COFF file, what `coff2noff` reads.
    CoffLittle,
    /// A big-endian MIPS COFF file.
    CoffBig,
}

impl Lookalike {
    /// Decides by the first bytes of a file.
    pub const fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0x7f, b'E', b'L', b'F', ..] => Self::Elf,
            // The file header's magic 0x0162 (0x0166 and 0x0142 for MIPS II and III) and a plausible section
            // count: the count's high byte is 0 in every real file.
            [0x62 | 0x66 | 0x42, 0x01, _, 0x00, ..] => Self::CoffLittle,
            [0x01, 0x60 | 0x63 | 0x40, 0x00, _, ..] => Self::CoffBig,
            _ => Self::Unknown,
        }
    }
}

impl Detail for Lookalike {
    fn number(self) -> u32 {
        match self {
            Self::Unknown => 0,
            Self::Elf => 1,
            Self::CoffLittle => 2,
            Self::CoffBig => 3,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        let all = [Self::Unknown, Self::Elf, Self::CoffLittle, Self::CoffBig];
        all.into_iter().find(|like| like.number() == number)
    }
}
