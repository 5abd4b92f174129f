//! Nachos NOFF.

use alloc::vec;
use alloc::vec::Vec;

use execfmt_common::ByteOrder;
use noff::{Header, Header3, Header4, Layout};
use zerocopy::LittleEndian;

use crate::{Node, Region, record};

/// The header, as the file has it, for either layout.
pub fn noff(file: &[u8], layout: Layout, order: ByteOrder) -> Node {
    // The fields are at the same offsets in either order.
    let fields = match layout {
        Layout::Three => Header3::<LittleEndian>::FIELDS,
        Layout::Four => Header4::<LittleEndian>::FIELDS,
    };
    record("header", fields, file, 0, order)
}

/// The header and the bytes of each segment.
pub fn noff_regions(header: &Header) -> Vec<Region> {
    let head = Region::new("header", 0, header.layout.header_size().into());
    let segments = header.file_backed();
    let segments = segments
        .map(|(kind, segment)| Region::new(kind.name(), segment.in_file_addr.into(), segment.size.into()));
    vec![head].into_iter().chain(segments).collect()
}
