//! How an image is read.

use crate::arch::Arch;
use crate::wire::Packing;

/// What a reader needs besides the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The architectures that an image may be for.
    pub archs: &'a [Arch],
    /// How bit-fields lie in their words; matters for big-endian targets only.
    pub packing: Packing,
    /// Whether an image of an [old layout](crate::Layout) is read too. What it holds is shown in the terms of the current one;
    /// [`check`](crate::check()) refuses it all the same.
    pub old_layouts: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { archs: &Arch::ALL, packing: Packing::AsWritten, old_layouts: false }
    }
}
