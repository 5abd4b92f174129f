mod cap_type;
mod restr;

use core::fmt;

use zerocopy::FromZeros;

use crate::bits::shl;

pub use cap_type::CapType;
pub use restr::Restr;

/// From this OID on a Page capability refers to a physical page.
pub const PHYSICAL_PAGE_OID: u64 = 0xff00_0000_0000_0000;

/// A capability as numbers, in the packing common to all architectures: 16 bytes.
///
/// The second word is a protected payload, or, of a memory capability, the guard: `l2g`, and `match` above it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, FromZeros)]
pub struct Capability {
    word0: u32,
    word1: u32,
    oid: u64,
}

const RESTR_SHIFT: u32 = 7;
const ALLOC_COUNT_SHIFT: u32 = 12;
const MATCH_SHIFT: u32 = 8;

impl Capability {
    /// Null.
    pub const NULL: Self = Self { word0: 0, word1: 0, oid: 0 };

    /// A capability as the original makes it: a memory capability covers a page; the OID is kept only for
    /// objects.
    pub const fn new(cap_type: CapType, page_size_log2: u8, oid: u64) -> Self {
        Self {
            word0: cap_type.number() as u32,
            word1: if cap_type.is_memory() { page_size_log2 as u32 } else { 0 },
            oid: if cap_type.is_object() { oid } else { 0 },
        }
    }

    /// With the type that the number had in July 2007. Of the numbers that changed, the one that was unused
    /// then becomes one that is unused now.
    pub(crate) fn with_current_type(mut self) -> Self {
        let now = match self.cap_type().number() {
            0x24 => CapType::FREE,
            0x25 => CapType::PROCESS,
            0x26 => CapType::APP_NOTICE,
            _ => return self,
        };
        self.set_type(now);
        self
    }

    /// From the words of the packing [`AsWritten`](crate::Packing::AsWritten).
    pub const fn from_words(word0: u32, word1: u32, oid: u64) -> Self {
        Self { word0, word1, oid }
    }

    /// The words in the packing [`AsWritten`](crate::Packing::AsWritten).
    pub const fn words(self) -> (u32, u32, u64) {
        (self.word0, self.word1, self.oid)
    }

    /// True when every bit is zero, as in an unused slot.
    pub const fn is_zero(self) -> bool {
        self.word0 == 0 && self.word1 == 0 && self.oid == 0
    }

    /// The type.
    pub const fn cap_type(self) -> CapType {
        CapType::of_word(self.word0)
    }

    /// Changes only the type.
    pub fn set_type(&mut self, cap_type: CapType) {
        self.word0 = self.word0 & !0x3f | u32::from(cap_type.number());
    }

    /// True in a running kernel where the capability is prepared; never in an image.
    pub const fn swizzled(self) -> bool {
        self.word0 & 0x40 != 0
    }

    /// Sets `swizzled`.
    pub fn set_swizzled(&mut self, swizzled: bool) {
        self.word0 = self.word0 & !0x40 | u32::from(swizzled) << 6;
    }

    /// The restrictions.
    pub const fn restr(self) -> Restr {
        Restr::from_bits((self.word0.wrapping_shr(RESTR_SHIFT) & 0x1f) as u8)
    }

    /// Sets the restrictions.
    pub fn set_restr(&mut self, restr: Restr) {
        self.word0 = self.word0 & !(0x1f << RESTR_SHIFT) | u32::from(restr.bits()) << RESTR_SHIFT;
    }

    /// The allocation count (20 bits); of a window, the slot.
    pub const fn alloc_count(self) -> u32 {
        self.word0.wrapping_shr(ALLOC_COUNT_SHIFT)
    }

    /// Sets the lowest 20 bits of `count`.
    pub fn set_alloc_count(&mut self, count: u32) {
        self.word0 = self.word0 & 0xfff | count << ALLOC_COUNT_SHIFT;
    }

    /// The protected payload: the second word as a whole.
    pub const fn prot_payload(self) -> u32 {
        self.word1
    }

    /// Sets the second word as a whole.
    pub fn set_prot_payload(&mut self, payload: u32) {
        self.word1 = payload;
    }

    /// The binary logarithm of the size in bytes that a memory capability covers (7 bits).
    pub const fn l2g(self) -> u8 {
        (self.word1 & 0x7f) as u8
    }

    /// Sets the lowest 7 bits of `l2g`.
    pub fn set_l2g(&mut self, l2g: u8) {
        self.word1 = self.word1 & !0x7f | u32::from(l2g & 0x7f);
    }

    /// The bit between `l2g` and `match`, which is zero in a valid image.
    pub const fn guard_padding(self) -> bool {
        self.word1 & 0x80 != 0
    }

    /// `match`: the address bits from `l2g` up that lead through the capability (24 bits).
    pub const fn guard_match(self) -> u32 {
        self.word1.wrapping_shr(MATCH_SHIFT)
    }

    /// Sets the lowest 24 bits of `match`.
    pub fn set_guard_match(&mut self, bits: u32) {
        self.word1 = self.word1 & 0xff | bits << MATCH_SHIFT;
    }

    /// The guard as an address: `match << l2g`; 0 for other than memory capabilities.
    pub const fn guard(self) -> u64 {
        if !self.cap_type().is_memory() {
            return 0;
        }
        shl(self.guard_match() as u64, self.l2g() as u32)
    }

    /// The OID of the object; of a window, the offset.
    pub const fn oid(self) -> u64 {
        self.oid
    }

    /// Sets the OID.
    pub fn set_oid(&mut self, oid: u64) {
        self.oid = oid;
    }

    /// True for a Page capability that refers to physical memory, not to a page of the image.
    pub const fn is_physical_page(self) -> bool {
        self.cap_type().number() == CapType::PAGE.number() && self.oid >= PHYSICAL_PAGE_OID
    }
}

impl fmt::Debug for Capability {
    /// Like [`Display`](fmt::Display), within `Capability(…)`; plus the bits that are never set in an image.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Capability({self}")?;
        if self.swizzled() {
            f.write_str(" swizzled")?;
        }
        if self.alloc_count() != 0 && !self.cap_type().is_window() {
            write!(f, " allocCount {}", self.alloc_count())?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.cap_type();
        fmt::Display::fmt(&kind, f)?;
        if kind.is_object() || kind.is_window() || kind == CapType::ENTRY || kind == CapType::APP_NOTICE {
            // OIDs are counted; offsets and the OIDs of physical pages are addresses.
            if kind.is_window() || self.is_physical_page() {
                write!(f, " {:#x}", self.oid)?;
            } else {
                write!(f, " {}", self.oid)?;
            }
        }
        if kind.is_memory() {
            write!(f, " {} l2g {}", self.restr(), self.l2g())?;
            if self.guard_match() != 0 {
                write!(f, " match {:#x}", self.guard_match())?;
            }
            if kind.is_window() && self.alloc_count() != 0 {
                write!(f, " slot {}", self.alloc_count())?;
            }
        } else if self.word1 != 0 {
            write!(f, " payload {:#x}", self.word1)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn capabilities_and_rights_in_words() {
        let mut page = Capability::new(CapType::PAGE, 12, 7);
        page.set_restr(Restr::RO.with(Restr::NX));
        page.set_guard_match(3);
        let mut physical = Capability::new(CapType::PAGE, 12, PHYSICAL_PAGE_OID);
        physical.set_restr(Restr::CD);
        let mut window = Capability::new(CapType::LOCAL_WINDOW, 14, 0);
        window.set_oid(0x4000);
        window.set_alloc_count(2);
        let mut entry = Capability::new(CapType::ENTRY, 12, 0);
        entry.set_oid(12);
        entry.set_prot_payload(0xa);
        let mut swizzled = Capability::new(CapType::GPT, 12, 1);
        swizzled.set_swizzled(true);
        for (cap, words, debug) in [
            (page, "Page 7 r-- l2g 12 match 0x3", ""),
            (physical, "Page 0xff00000000000000 rwx OP l2g 12", ""),
            (window, "LocalWindow 0x4000 rwx l2g 14 slot 2", ""),
            (entry, "Entry 12 payload 0xa", ""),
            (Capability::NULL, "Null", ""),
            (swizzled, "GPT 1 rwx l2g 12", " swizzled"),
        ] {
            assert_eq!(format!("{cap}"), words);
            assert_eq!(format!("{cap:?}"), format!("Capability({words}{debug})"));
        }
        for (restr, words) in [
            (Restr::NONE, "Restr(NONE)"),
            (Restr::WK.with(Restr::RO), "Restr(WK | RO)"),
            (Restr::from_bits(0x1f), "Restr(WK | RO | NX | OP | NC)"),
        ] {
            assert_eq!(format!("{restr:?}"), words);
        }
        assert_eq!(
            format!("{:?} {:?}", CapType::IO_PRIV, CapType::new(0x3e).unwrap_or(CapType::NULL)),
            "CapType(IOPriv) CapType(type 0x3e)"
        );
    }
}
