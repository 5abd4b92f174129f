use execfmt_common::ByteOrder;

use crate::header::Layout;
use crate::profile::{Format, Profile};

/// What a NOFF file is to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NoffOptions {
    /// Three segments or four.
    pub layout: Layout,
    /// The order of the bytes in the header's words.
    pub byte_order: ByteOrder,
    /// The address at which the kernel starts programs.
    pub start: u32,
    /// Segments are padded with zeros up to a multiple of this, where the next one leaves room; 1 for no padding.
    pub granularity: u32,
}

impl NoffOptions {
    /// For a kernel that starts programs at address 0 and takes segments of any size.
    pub const fn new(layout: Layout, byte_order: ByteOrder) -> Self {
        Self { layout, byte_order, start: 0, granularity: 1 }
    }

    /// For one family of kernels. `None` when it does not load NOFF files.
    pub const fn for_profile(profile: &Profile<'_>) -> Option<Self> {
        match profile.format {
            Format::Noff { layout, .. } => Some(Self {
                layout,
                byte_order: profile.byte_orders.preferred(),
                start: profile.start,
                granularity: profile.size_granularity,
            }),
            Format::Coff => None,
        }
    }

    /// The same with another layout or byte order, where one is given.
    #[must_use]
    pub fn with(self, layout: Option<Layout>, byte_order: Option<ByteOrder>) -> Self {
        let (layout, byte_order) = (layout.unwrap_or(self.layout), byte_order.unwrap_or(self.byte_order));
        Self { layout, byte_order, ..self }
    }
}
