//! The type word: magic, flags, cpu.

use core::fmt;

use execfmt_common::ByteOrder;

/// The first two bytes of every file. Minix calls them `A_MAGIC0` and `A_MAGIC1`.
pub const MAGIC: [u8; 2] = [0x01, 0x03];

/// The third byte: how the file is to be loaded. All eight bits have a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// Page 0 is unmapped.
    pub const UZP: Self = Self(0x01);
    /// Sections are aligned to pages.
    pub const PAL: Self = Self(0x02);
    /// The symbols are of the new style.
    pub const NSYM: Self = Self(0x04);
    /// Stand-alone: not run by a system.
    pub const STAND: Self = Self(0x08);
    /// Executable.
    pub const EXEC: Self = Self(0x10);
    /// Separate I/D: code and data have segments of their own.
    pub const SEP: Self = Self(0x20);
    /// Pure text.
    pub const PURE: Self = Self(0x40);
    /// Text overlay.
    pub const TOVLY: Self = Self(0x80);

    /// Every flag with its name, from the lowest bit to the highest.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::UZP, "UZP"),
        (Self::PAL, "PAL"),
        (Self::NSYM, "NSYM"),
        (Self::STAND, "STAND"),
        (Self::EXEC, "EXEC"),
        (Self::SEP, "SEP"),
        (Self::PURE, "PURE"),
        (Self::TOVLY, "TOVLY"),
    ];

    /// True when all flags of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The names of the flags that are set, from the lowest bit to the highest.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().filter(move |&(flag, _)| self.contains(flag)).map(|(_, name)| name)
    }
}

impl fmt::Display for Flags {
    /// `SEP`, `EXEC|SEP`, or `0` when none is set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0");
        }
        self.names().enumerate().try_for_each(|(index, name)| {
            if index != 0 {
                f.write_str("|")?;
            }
            f.write_str(name)
        })
    }
}

/// The fourth byte: the processor. Its two lowest bits give the order of bytes and of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cpu(pub u8);

impl Cpu {
    /// Not specified.
    pub const NONE: Self = Self(0x00);
    /// Intel 8086 and 80286, 16-bit.
    pub const I8086: Self = Self(0x04);
    /// Motorola 68000; big-endian.
    pub const M68K: Self = Self(0x0b);
    /// National Semiconductor 16032.
    pub const NS16K: Self = Self(0x0c);
    /// Intel 80386, 32-bit.
    pub const I80386: Self = Self(0x10);
    /// SPARC; big-endian.
    pub const SPARC: Self = Self(0x17);

    /// The known ones.
    pub const ALL: [Self; 6] = [Self::NONE, Self::I8086, Self::M68K, Self::NS16K, Self::I80386, Self::SPARC];

    const BYTES_LEFT_TO_RIGHT: u8 = 1;
    const WORDS_LEFT_TO_RIGHT: u8 = 2;

    /// The processor's name; `None` when it is unknown.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NONE => "none",
            Self::I8086 => "8086",
            Self::M68K => "68000",
            Self::NS16K => "NS16032",
            Self::I80386 => "80386",
            Self::SPARC => "SPARC",
            _ => return None,
        })
    }

    /// The byte order of the header's words.
    pub const fn byte_order(self) -> ByteOrder {
        if self.0 & Self::BYTES_LEFT_TO_RIGHT == 0 { ByteOrder::Little } else { ByteOrder::Big }
    }

    /// True when bytes and 16-bit words have different orders, as on a PDP-11. No known file has such an
    /// order, and this crate does not read its words.
    pub const fn is_mixed_endian(self) -> bool {
        (self.0 & Self::BYTES_LEFT_TO_RIGHT == 0) != (self.0 & Self::WORDS_LEFT_TO_RIGHT == 0)
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#04x}", self.0),
        }
    }
}

/// The first word without its magic: flags and processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileType {
    /// How the file is to be loaded.
    pub flags: Flags,
    /// The processor.
    pub cpu: Cpu,
}

impl FileType {
    /// Combined I/D: one segment for all (tiny model; bcc -i).
    pub const COMBID: Self = Self::from_word(0x0410_0301);
    /// Separate I/D, as Minix and bcc have it.
    pub const SPLITID: Self = Self::from_word(0x0420_0301);
    /// Separate I/D with EXEC set as well, as the tools of ia16-elf-gcc have it.
    pub const SPLITID_AHISTORICAL: Self = Self::from_word(0x0430_0301);
    /// Separate I/D, pure text.
    pub const S_SPLITID: Self = Self::from_word(0x0460_0301);
    /// A shared library.
    pub const DLLID: Self = Self::from_word(0x04a0_0301);

    /// Flags and processor from the first word as a little-endian processor reads it. Its magic is not
    /// checked.
    pub const fn from_word(word: u32) -> Self {
        let [_, _, flags, cpu] = word.to_le_bytes();
        Self { flags: Flags(flags), cpu: Cpu(cpu) }
    }

    /// The first word, magic included, as a little-endian processor reads it.
    pub const fn word(self) -> u32 {
        let [magic0, magic1] = MAGIC;
        u32::from_le_bytes([magic0, magic1, self.flags.0, self.cpu.0])
    }

    /// The name that ELKS gives the word, if it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.word() {
            0x0410_0301 => "COMBID",
            0x0420_0301 => "SPLITID",
            0x0430_0301 => "SPLITID_AHISTORICAL",
            0x0460_0301 => "S_SPLITID",
            0x04a0_0301 => "DLLID",
            _ => return None,
        })
    }

    /// True when code and data have segments of their own.
    pub const fn is_separate(self) -> bool {
        self.flags.contains(Flags::SEP)
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.word())?;
        match self.name() {
            Some(name) => write!(f, " ({name})"),
            None => write!(f, " ({} {})", self.cpu, self.flags),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_use_have_their_names() {
        for (file_type, word, name) in [
            (FileType::COMBID, 0x0410_0301, "COMBID"),
            (FileType::SPLITID, 0x0420_0301, "SPLITID"),
            (FileType::SPLITID_AHISTORICAL, 0x0430_0301, "SPLITID_AHISTORICAL"),
            (FileType::S_SPLITID, 0x0460_0301, "S_SPLITID"),
            (FileType::DLLID, 0x04a0_0301, "DLLID"),
        ] {
            assert_eq!((file_type.word(), file_type.name()), (word, Some(name)));
            assert_eq!(file_type.cpu, Cpu::I8086);
        }
        assert_eq!(FileType::from_word(0x1010_0301).name(), None);
        assert!(!FileType::COMBID.is_separate() && FileType::SPLITID.is_separate());
    }

    #[test]
    fn two_cpus_are_big_endian_and_none_mixed() {
        for cpu in Cpu::ALL {
            let big = cpu == Cpu::M68K || cpu == Cpu::SPARC;
            assert_eq!(cpu.byte_order() == ByteOrder::Big, big, "{cpu}");
            assert!(!cpu.is_mixed_endian(), "{cpu}");
        }
        assert!(Cpu(1).is_mixed_endian() && Cpu(2).is_mixed_endian());
    }

    #[test]
    fn flags_cover_a_byte() {
        assert_eq!(Flags::ALL.iter().fold(0, |sum, (flag, _)| sum | flag.0), 0xff);
        assert_eq!(Flags(0x30).names().collect::<std::vec::Vec<_>>(), ["EXEC", "SEP"]);
    }
}
