//! The limits of a run: scripts are programs, and some do not terminate.

use core::fmt;

/// The limits of a run. All known scripts need only a small part of the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Maximum number of steps: one per operation, and more for what takes longer or needs memory, such as
    /// writing a page.
    pub steps: u64,
    /// Maximum depth of nested calls and imports.
    pub depth: usize,
    /// Maximum nesting of blocks, calls and prefix signs in a script. Above a few hundred, the parser needs a
    /// larger stack.
    pub nesting: usize,
    /// Maximum size of an integer, in bits.
    pub integer_bits: u64,
    /// Maximum size of the image, in bytes.
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
    /// Maximum depth to which a tree or a set of names is printed.
    PrintDepth(usize),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(most) => {
                write!(f, "the run took {most} steps; a loop may not terminate, or the limit must be raised")
            }
            Self::Depth(most) => {
                write!(f, "{most} calls are nested; a function may call itself without end")
            }
            Self::Nesting(most) => write!(f, "blocks and expressions are nested more than {most} deep"),
            Self::IntegerBits(most) => write!(f, "the integer would have more than {most} bits"),
            Self::ImageBytes(most) => write!(f, "the image would have more than {most} bytes"),
            Self::PrintDepth(most) => {
                write!(f, "the value to be printed is nested more than {most} deep, or contains itself")
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

    /// Consumes steps.
    ///
    /// # Errors
    /// [`Limit::Steps`] when too few are left.
    pub(crate) fn take(&mut self, steps: u64) -> Result<(), Limit> {
        self.left = self.left.checked_sub(steps).ok_or(Limit::Steps(self.most))?;
        Ok(())
    }
}
