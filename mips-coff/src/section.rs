//! A section: the numbers of its header, and what it holds.

use core::fmt;

use zerocopy::byteorder::{U16, U32};

use crate::wire;

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SectionKind {
    /// Instructions (`.text`, `.init`, `.fini`).
    Text,
    /// Constants (`.rdata`, `.lit4`, `.lit8`).
    Rdata,
    /// Initialised data (`.data`, `.sdata`).
    Data,
    /// Zeroed data without bytes in the file (`.bss`, `.sbss`).
    Bss,
}

impl SectionKind {
    /// The usual name of such a section.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => ".text",
            Self::Rdata => ".rdata",
            Self::Data => ".data",
            Self::Bss => ".bss",
        }
    }

    /// `s_flags` of such a section.
    pub const fn flags(self) -> u32 {
        match self {
            Self::Text => wire::STYP_TEXT,
            Self::Rdata => wire::STYP_RDATA,
            Self::Data => wire::STYP_DATA,
            Self::Bss => wire::STYP_BSS,
        }
    }

    /// True when its bytes are in the file.
    pub const fn is_file_backed(self) -> bool {
        !matches!(self, Self::Bss)
    }

    /// True when a program must not write to it.
    pub const fn is_read_only(self) -> bool {
        matches!(self, Self::Text | Self::Rdata)
    }

    /// From the flags, or from the name where they are not conclusive. `None` for what no loader loads, such
    /// as comments.
    pub fn of(flags: u32, name: &[u8]) -> Option<Self> {
        let has = |bits: u32| flags & bits != 0;
        if flags == wire::STYP_COMMENT {
            None
        } else if has(wire::STYP_TEXT | wire::STYP_INIT | wire::STYP_FINI) {
            Some(Self::Text)
        } else if has(wire::STYP_BSS | wire::STYP_SBSS) {
            Some(Self::Bss)
        } else if has(wire::STYP_RDATA | wire::STYP_LIT8 | wire::STYP_LIT4) {
            Some(Self::Rdata)
        } else if has(wire::STYP_DATA | wire::STYP_SDATA) {
            Some(Self::Data)
        } else {
            Self::by_name(name)
        }
    }

    /// From the name alone, as the converters do.
    pub const fn by_name(name: &[u8]) -> Option<Self> {
        match name {
            b".text" | b".init" | b".fini" => Some(Self::Text),
            b".rdata" | b".lit8" | b".lit4" => Some(Self::Rdata),
            b".data" | b".sdata" => Some(Self::Data),
            b".bss" | b".sbss" => Some(Self::Bss),
            _ => None,
        }
    }
}

impl fmt::Display for SectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name of a section: at most eight bytes. Displayed with anything but printable ASCII escaped.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SectionName([u8; 8]);

impl SectionName {
    /// From its bytes in the file, or from a name padded with zeros.
    pub const fn new(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// From a name; `None` when it is longer than eight bytes.
    pub fn from_bytes(name: &[u8]) -> Option<Self> {
        let mut bytes = [0; 8];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        Some(Self(bytes))
    }

    /// The eight bytes of the file.
    pub const fn to_wire(self) -> [u8; 8] {
        self.0
    }

    /// The bytes up to the first zero.
    pub fn as_bytes(&self) -> &[u8] {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(self.0.len());
        self.0.get(..end).unwrap_or_default()
    }
}

impl fmt::Display for SectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().escape_ascii().fmt(f)
    }
}

impl fmt::Debug for SectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// A section header as numbers; nothing is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SectionHeader {
    /// The name.
    pub name: SectionName,
    /// Physical address: the one that the converters use.
    pub paddr: u32,
    /// Virtual address: the one that Nachos 5.0j uses.
    pub vaddr: u32,
    /// Size in bytes.
    pub size: u32,
    /// File offset of the bytes.
    pub scnptr: u32,
    /// File offset of the relocations.
    pub relptr: u32,
    /// File offset of the line numbers.
    pub lnnoptr: u32,
    /// Number of relocations.
    pub nreloc: u16,
    /// Number of line numbers.
    pub nlnno: u16,
    /// What the section holds.
    pub flags: u32,
}

impl SectionHeader {
    /// What the section holds; `None` for what no loader loads.
    pub fn kind(&self) -> Option<SectionKind> {
        SectionKind::of(self.flags, self.name.as_bytes())
    }

    /// One past its last address; `None` beyond 32 bits.
    pub const fn memory_end(&self) -> Option<u32> {
        self.vaddr.checked_add(self.size)
    }

    /// One past its last byte in the file.
    pub const fn file_end(&self) -> u64 {
        (self.scnptr as u64).wrapping_add(self.size as u64)
    }
}

impl<O: zerocopy::ByteOrder> From<&wire::SectionHeader<O>> for SectionHeader {
    fn from(wire: &wire::SectionHeader<O>) -> Self {
        Self {
            name: SectionName(wire.s_name),
            paddr: wire.s_paddr.get(),
            vaddr: wire.s_vaddr.get(),
            size: wire.s_size.get(),
            scnptr: wire.s_scnptr.get(),
            relptr: wire.s_relptr.get(),
            lnnoptr: wire.s_lnnoptr.get(),
            nreloc: wire.s_nreloc.get(),
            nlnno: wire.s_nlnno.get(),
            flags: wire.s_flags.get(),
        }
    }
}

impl<O: zerocopy::ByteOrder> From<SectionHeader> for wire::SectionHeader<O> {
    fn from(header: SectionHeader) -> Self {
        Self {
            s_name: header.name.0,
            s_paddr: U32::new(header.paddr),
            s_vaddr: U32::new(header.vaddr),
            s_size: U32::new(header.size),
            s_scnptr: U32::new(header.scnptr),
            s_relptr: U32::new(header.relptr),
            s_lnnoptr: U32::new(header.lnnoptr),
            s_nreloc: U16::new(header.nreloc),
            s_nlnno: U16::new(header.nlnno),
            s_flags: U32::new(header.flags),
        }
    }
}
