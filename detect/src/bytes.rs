//! Numbers at offsets.

use execfmt_common::ByteOrder;

pub(crate) fn u16_at(bytes: &[u8], offset: usize, order: ByteOrder) -> Option<u16> {
    let word = *bytes.get(offset..)?.first_chunk()?;
    Some(match order {
        ByteOrder::Little => u16::from_le_bytes(word),
        ByteOrder::Big => u16::from_be_bytes(word),
    })
}

pub(crate) fn u32_at(bytes: &[u8], offset: usize, order: ByteOrder) -> Option<u32> {
    Some(order.u32(*bytes.get(offset..)?.first_chunk()?))
}

pub(crate) fn u64_at(bytes: &[u8], offset: usize, order: ByteOrder) -> Option<u64> {
    let word = *bytes.get(offset..)?.first_chunk()?;
    Some(match order {
        ByteOrder::Little => u64::from_le_bytes(word),
        ByteOrder::Big => u64::from_be_bytes(word),
    })
}
