use core::fmt;

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
    /// No call: faults below it are not handled by the GPT's handler.
    pub const NC: Self = Self(0x10);
    /// Cache disabled; the same bit as [`OP`](Self::OP), for physical pages.
    pub const CD: Self = Self(0x08);
    /// Write-through; the same bit as [`NC`](Self::NC), for physical pages.
    pub const WT: Self = Self(0x10);

    /// The lowest 5 bits of a number.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0x1f)
    }

    /// The bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// True when this includes every restriction of `other`.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The union of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These restrictions without those of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The intersection of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Display for Restr {
    /// `rwx` for what remains allowed: `r-x` is read-only; then `WK`, `OP`, `NC` where they are set.
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
