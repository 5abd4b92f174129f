//! What a run may take at most: scripts are programs, and some have no end.

use core::fmt;

/// What a run may take. Every script that is known takes a small part of what is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Steps: an operation each, and more for what takes longer or takes memory, such as a page that is written.
    pub steps: u64,
    /// Calls and imports within each other.
    pub depth: usize,
    /// Blocks, calls and signs within each other in a script. Above a few hundred, the parser needs a larger stack.
    pub nesting: usize,
    /// The bits of an integer.
    pub integer_bits: u64,
    /// The bytes of the image.
    pub image_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 10_000_000, depth: 10_000, nesting: 200, integer_bits: 1 << 16, image_bytes: 1 << 28 }
    }
}

/// The limit that ended a run, with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::steps`].
    Steps(u64),
    /// [`Limits::depth`].
    Depth(usize),
    /// [`Limits::nesting`].
    Nesting(usize),
    /// [`Limits::integer_bits`].
    IntegerBits(u64),
    /// [`Limits::image_bytes`].
    ImageBytes(u64),
    /// How deep a tree or a set of names is printed.
    PrintDepth(usize),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(most) => {
                write!(f, "the run took {most} steps; a loop may have no end, or the limit is to be raised")
            }
            Self::Depth(most) => {
                write!(f, "{most} calls are within each other; a function may call itself without end")
            }
            Self::Nesting(most) => write!(f, "blocks and expressions are nested more than {most} deep"),
            Self::IntegerBits(most) => write!(f, "the integer would have more than {most} bits"),
            Self::ImageBytes(most) => write!(f, "the image would have more than {most} bytes"),
            Self::PrintDepth(most) => {
                write!(f, "what is to be printed is nested more than {most} deep, or holds itself")
            }
        }
    }
}

/// Counts the steps of a run.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    left: u64,
    most: u64,
}

impl Meter {
    pub(crate) const fn new(most: u64) -> Self {
        Self { left: most, most }
    }

    /// Takes steps.
    ///
    /// # Errors
    /// [`Limit::Steps`] when fewer are left.
    pub(crate) fn take(&mut self, steps: u64) -> Result<(), Limit> {
        self.left = self.left.checked_sub(steps).ok_or(Limit::Steps(self.most))?;
        Ok(())
    }
}
