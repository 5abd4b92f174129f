//! What lies where in a file.

use alloc::borrow::Cow;

/// Bytes of a file that have one use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The use, in the format's words.
    pub name: Cow<'static, str>,
    /// The first byte.
    pub start: u64,
    /// One past the last byte. It may lie beyond the end of a file that was cut short.
    pub end: u64,
}

impl Region {
    /// `size` bytes from `start` on.
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, start: u64, size: u64) -> Self {
        Self { name: name.into(), start, end: start.saturating_add(size) }
    }
}
