use core::fmt;

/// A half-open range of addresses: `start..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first address.
    pub start: u32,
    /// One past the last address.
    pub end: u32,
}

impl Span {
    /// `None` when the end is beyond 32 bits.
    pub const fn new(start: u32, size: u32) -> Option<Self> {
        match start.checked_add(size) {
            Some(end) => Some(Self { start, end }),
            None => None,
        }
    }

    /// The length in bytes.
    pub const fn size(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Number of addresses in both ranges.
    pub(super) fn overlap(self, other: Self) -> u32 {
        self.end.min(other.end).saturating_sub(self.start.max(other.start))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}..{:#x}", self.start, self.end)
    }
}
