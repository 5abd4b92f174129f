use execfmt_common::ByteOrder;

use crate::header::Layout;
use crate::profile::{Format, Profile};

/// The properties of the NOFF file to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NoffOptions {
    /// Three segments or four.
    pub layout: Layout,
    /// The byte order of the header's words.
    pub byte_order: ByteOrder,
    /// The address at which the kernel starts programs.
    pub start: u32,
    /// Segments are padded with zeros to a multiple of this number of bytes where the next segment leaves
    /// room; 1 for no padding.
    pub granularity: u32,
}

impl NoffOptions {
    /// For a kernel that starts programs at address 0 and accepts segments of any size.
    pub const fn new(layout: Layout, byte_order: ByteOrder) -> Self {
        Self { layout, byte_order, start: 0, granularity: 1 }
    }

    /// For one family of kernels. `None` when that family does not load NOFF files.
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

    /// The same options with another layout or byte order, where one is given.
    #[must_use]
    pub fn with(self, layout: Option<Layout>, byte_order: Option<ByteOrder>) -> Self {
        let (layout, byte_order) = (layout.unwrap_or(self.layout), byte_order.unwrap_or(self.byte_order));
        Self { layout, byte_order, ..self }
    }
}
