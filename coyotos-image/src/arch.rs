use core::fmt;

use execfmt_common::ByteOrder;

use crate::wire::HEADER_SIZE;

/// A target architecture: what the header's `target`, `endian` and `pgSize` refer to.
///
/// Three are known; callers can define others with [`new`](Self::new) and pass them to the reader and the
/// builder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Arch {
    name: &'static str,
    number: u32,
    page_size_log2: u8,
    byte_order: ByteOrder,
    elf_machines: &'static [u16],
}

impl Arch {
    /// Intel 386: little-endian, pages of 4 KiB.
    pub const I386: Self = Self {
        name: "i386",
        number: 1,
        page_size_log2: 12,
        byte_order: ByteOrder::Little,
        elf_machines: &[3],
    };

    /// ColdFire: big-endian, pages of 8 KiB. The first of the two ELF machines is ColdFire's own, the second
    /// is what an m68k compiler writes.
    pub const COLDFIRE: Self = Self {
        name: "coldfire",
        number: 2,
        page_size_log2: 13,
        byte_order: ByteOrder::Big,
        elf_machines: &[52, 4],
    };

    /// ARM: little-endian, pages of 4 KiB.
    pub const ARM: Self = Self {
        name: "arm",
        number: 3,
        page_size_log2: 12,
        byte_order: ByteOrder::Little,
        elf_machines: &[40],
    };

    /// The three that Coyotos assigns numbers to.
    pub const ALL: [Self; 3] = [Self::I386, Self::COLDFIRE, Self::ARM];

    /// Another architecture, from its name, the header's `target`, the binary logarithm of the page size in
    /// bytes (7 to 24), the byte order and the values of `e_machine` of its ELF files. `None` for a page size
    /// out of range.
    pub const fn new(
        name: &'static str,
        number: u32,
        page_size_log2: u8,
        byte_order: ByteOrder,
        elf_machines: &'static [u16],
    ) -> Option<Self> {
        if page_size_log2 < 7 || page_size_log2 > 24 {
            return None;
        }
        Some(Self { name, number, page_size_log2, byte_order, elf_machines })
    }

    /// The name, as in a recipe's `arch` line.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The known architecture with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|arch| arch.name == name)
    }

    /// The header's `target`.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The binary logarithm of the page size in bytes.
    pub const fn page_size_log2(self) -> u8 {
        self.page_size_log2
    }

    /// The page size in bytes.
    pub const fn page_size(self) -> u32 {
        // In range by construction.
        1_u32.wrapping_shl(self.page_size_log2 as u32)
    }

    /// The byte order of the image's words.
    pub const fn byte_order(self) -> ByteOrder {
        self.byte_order
    }

    /// The values of `e_machine` in its ELF files.
    pub const fn elf_machines(self) -> &'static [u16] {
        self.elf_machines
    }
}

// The header fits into the smallest page.
static_assertions::const_assert!(HEADER_SIZE <= 1 << 7);

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
