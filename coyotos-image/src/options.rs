//! How an image is read.

use crate::arch::Arch;
use crate::wire::Packing;

/// What a reader needs besides the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The architectures that an image may be for.
    pub archs: &'a [Arch],
    /// How bit-fields are packed into words; relevant only for big-endian targets.
    pub packing: Packing,
    /// Whether to read images of an [old layout](crate::Layout) too. Their contents are presented in terms of
    /// the current one; [`check`](crate::check()) refuses them all the same.
    pub old_layouts: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { archs: &Arch::ALL, packing: Packing::AsWritten, old_layouts: false }
    }
}
