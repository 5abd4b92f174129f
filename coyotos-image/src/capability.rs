use core::fmt;

use zerocopy::FromZeros;

use crate::bits::shl;

/// A capability's type: 6 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CapType(u8);

macro_rules! cap_types {
    ($($constant:ident = $value:literal, $name:literal;)+) => {
        impl CapType {
            $(#[doc = concat!("`", $name, "`.")] pub const $constant: Self = Self($value);)+

            /// The name that Coyotos gives the type; `None` for a number that it does not use.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($name),)+
                    _ => None,
                }
            }
        }
    };
}

cap_types! {
    NULL = 0x00, "Null";
    WINDOW = 0x01, "Window";
    LOCAL_WINDOW = 0x02, "LocalWindow";
    CAP_BITS = 0x03, "CapBits";
    DISCRIM = 0x04, "Discrim";
    RANGE = 0x05, "Range";
    SLEEP = 0x06, "Sleep";
    IRQ_CTL = 0x07, "IrqCtl";
    SCHED_CTL = 0x08, "SchedCtl";
    CHECKPOINT = 0x09, "Checkpoint";
    OB_STORE = 0x0a, "ObStore";
    PIN_CTL = 0x0b, "PinCtl";
    SCHEDULE = 0x0c, "Schedule";
    SYS_CTL = 0x0d, "SysCtl";
    KERN_LOG = 0x0e, "KernLog";
    IO_PRIV = 0x0f, "IOPriv";
    IRQ_WAIT = 0x10, "IrqWait";
    ENDPOINT = 0x20, "Endpoint";
    PAGE = 0x21, "Page";
    CAP_PAGE = 0x22, "CapPage";
    GPT = 0x23, "GPT";
    PROCESS = 0x24, "Process";
    APP_NOTICE = 0x25, "AppNotice";
    ENTRY = 0x3f, "Entry";
}

impl CapType {
    /// `None` when the number has more than 6 bits.
    pub const fn new(number: u8) -> Option<Self> {
        if number < 0x40 { Some(Self(number)) } else { None }
    }

    pub(crate) const fn of_word(word0: u32) -> Self {
        Self((word0 & 0x3f) as u8)
    }

    /// The number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// True for the types that Coyotos uses.
    pub const fn is_known(self) -> bool {
        self.name().is_some()
    }

    /// True for capabilities to objects: Endpoint, Page, CapPage, GPT, Process.
    pub const fn is_object(self) -> bool {
        matches!(self, Self::ENDPOINT | Self::PAGE | Self::CAP_PAGE | Self::GPT | Self::PROCESS)
    }

    /// True for what can be part of an address space: GPT, Page, CapPage and windows.
    pub const fn is_memory(self) -> bool {
        matches!(self, Self::GPT | Self::PAGE | Self::CAP_PAGE | Self::WINDOW | Self::LOCAL_WINDOW)
    }

    /// True for Window and LocalWindow.
    pub const fn is_window(self) -> bool {
        matches!(self, Self::WINDOW | Self::LOCAL_WINDOW)
    }
}

impl fmt::Display for CapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "type {:#04x}", self.0),
        }
    }
}

impl fmt::Debug for CapType {
    /// `CapType(GPT)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CapType({self})")
    }
}

/// The restrictions of a memory capability: 5 bits.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Restr(u8);

impl Restr {
    /// No restriction.
    pub const NONE: Self = Self(0);
    /// Weak: what is read through it is weakened and read-only. Implies [`RO`](Self::RO).
    pub const WK: Self = Self(0x01);
    /// Read-only.
    pub const RO: Self = Self(0x02);
    /// Not executable.
    pub const NX: Self = Self(0x04);
    /// Opaque: the GPT's slots cannot be fetched through it.
    pub const OP: Self = Self(0x08);
    /// No call: faults below are not handled by the GPT's handler.
    pub const NC: Self = Self(0x10);
    /// Cache disabled; the bit of [`OP`](Self::OP), on physical pages.
    pub const CD: Self = Self(0x08);
    /// Write-through; the bit of [`NC`](Self::NC), on physical pages.
    pub const WT: Self = Self(0x10);

    /// The lowest 5 bits of a number.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0x1f)
    }

    /// The bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// True when every restriction of `other` is among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These, without those of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Those that both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Display for Restr {
    /// `rwx` for what is left: `r-x` is read-only; then `WK`, `OP`, `NC` where they stand.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("r")?;
        f.write_str(if self.contains(Self::RO) { "-" } else { "w" })?;
        f.write_str(if self.contains(Self::NX) { "-" } else { "x" })?;
        let rest = [(Self::WK, " WK"), (Self::OP, " OP"), (Self::NC, " NC")];
        rest.into_iter().filter(|&(bit, _)| self.contains(bit)).try_for_each(|(_, name)| f.write_str(name))
    }
}

impl fmt::Debug for Restr {
    /// `Restr(RO | NX)`; without restrictions `Restr(NONE)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            [(Self::WK, "WK"), (Self::RO, "RO"), (Self::NX, "NX"), (Self::OP, "OP"), (Self::NC, "NC")];
        f.write_str("Restr(")?;
        let mut set = names.into_iter().filter(|&(bit, _)| self.contains(bit)).map(|(_, name)| name);
        f.write_str(set.next().unwrap_or("NONE"))?;
        set.try_for_each(|name| write!(f, " | {name}"))?;
        f.write_str(")")
    }
}

/// From here on a Page's OID is a physical page's.
pub const PHYSICAL_PAGE_OID: u64 = 0xff00_0000_0000_0000;

/// A capability as numbers, in the packing that all architectures share: 16 bytes.
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

    /// A capability as the original makes it: a memory capability covers a page; the OID is kept for objects only.
    pub const fn new(cap_type: CapType, page_size_log2: u8, oid: u64) -> Self {
        Self {
            word0: cap_type.0 as u32,
            word1: if cap_type.is_memory() { page_size_log2 as u32 } else { 0 },
            oid: if cap_type.is_object() { oid } else { 0 },
        }
    }

    /// With the type that the number of July 2007 means. Of the numbers that changed, the one that was free then becomes
    /// one that is free now.
    pub(crate) fn with_current_type(mut self) -> Self {
        let now = match self.cap_type().number() {
            0x24 => CapType(0x26),
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

    /// What it is.
    pub const fn cap_type(self) -> CapType {
        CapType::of_word(self.word0)
    }

    /// Changes the type and nothing else.
    pub fn set_type(&mut self, cap_type: CapType) {
        self.word0 = self.word0 & !0x3f | u32::from(cap_type.0);
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
        Restr((self.word0.wrapping_shr(RESTR_SHIFT) & 0x1f) as u8)
    }

    /// Sets the restrictions.
    pub fn set_restr(&mut self, restr: Restr) {
        self.word0 = self.word0 & !(0x1f << RESTR_SHIFT) | u32::from(restr.0) << RESTR_SHIFT;
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

    /// The bit between `l2g` and `match`, zero in a clean image.
    pub const fn guard_padding(self) -> bool {
        self.word1 & 0x80 != 0
    }

    /// `match`: the address bits from `l2g` on that lead through the capability (24 bits).
    pub const fn guard_match(self) -> u32 {
        self.word1.wrapping_shr(MATCH_SHIFT)
    }

    /// Sets the lowest 24 bits of `match`.
    pub fn set_guard_match(&mut self, bits: u32) {
        self.word1 = self.word1 & 0xff | bits << MATCH_SHIFT;
    }

    /// The guard as an address: `match << l2g`; 0 unless a memory capability.
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

    /// True for a Page that names physical memory and not a page of the image.
    pub const fn is_physical_page(self) -> bool {
        self.cap_type().0 == CapType::PAGE.0 && self.oid >= PHYSICAL_PAGE_OID
    }
}

impl fmt::Debug for Capability {
    /// As [`Display`](fmt::Display), in `Capability(…)`; and the bits that no image has set.
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
            // OIDs are counted; an offset and the OID of a physical page are addresses.
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
            format!("{:?} {:?}", CapType::IO_PRIV, CapType(0x3e)),
            "CapType(IOPriv) CapType(type 0x3e)"
        );
    }
}
