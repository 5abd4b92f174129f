use core::fmt;

/// A buffer that the caller gave is too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferTooSmall {
    /// Number of bytes needed.
    pub needed: u64,
    /// Number of bytes given.
    pub given: u64,
}

impl fmt::Display for BufferTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the buffer has {} bytes, but {} are needed", self.given, self.needed)
    }
}

impl core::error::Error for BufferTooSmall {}
