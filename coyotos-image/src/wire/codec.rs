use execfmt_common::ByteOrder;

use super::Packing;

/// The layout of an image. Both have version 1; the size formula distinguishes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// Since September 2007: what the builder writes.
    #[default]
    Current,
    /// Before: endpoints have 48 bytes, capability types for processes and notices have other numbers, and
    /// `endVecOID` is one less than the number of pages.
    July2007,
}

/// How to read the words of an image: both parameters of the wire structs, at run time, and the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Codec {
    pub(crate) byte_order: ByteOrder,
    pub(crate) packing: Packing,
    pub(crate) layout: Layout,
}

/// Runs an expression with the types that correspond to a [`Codec`].
macro_rules! with_codec {
    ($codec:expr, $order:ident => $body:expr) => {
        match $codec.byte_order {
            execfmt_common::ByteOrder::Little => {
                type $order = zerocopy::byteorder::LittleEndian;
                $body
            }
            execfmt_common::ByteOrder::Big => {
                type $order = zerocopy::byteorder::BigEndian;
                $body
            }
        }
    };
    ($codec:expr, $order:ident, $packing:ident => $body:expr) => {
        match ($codec.byte_order, $codec.packing) {
            (execfmt_common::ByteOrder::Little, _) => {
                type $order = zerocopy::byteorder::LittleEndian;
                type $packing = $crate::wire::AsWritten;
                $body
            }
            (execfmt_common::ByteOrder::Big, $crate::wire::Packing::AsWritten) => {
                type $order = zerocopy::byteorder::BigEndian;
                type $packing = $crate::wire::AsWritten;
                $body
            }
            (execfmt_common::ByteOrder::Big, $crate::wire::Packing::NativeBigEndian) => {
                type $order = zerocopy::byteorder::BigEndian;
                type $packing = $crate::wire::NativeBigEndian;
                $body
            }
        }
    };
}
pub(crate) use with_codec;
