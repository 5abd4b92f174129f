//! From items to bytes.

use alloc::vec::Vec;

use super::format::{END_INDEX, ENTRIES, Entry, HEADER_BITS, LENGTHS, RUN_INDEX, Table, Tables, offsets_of};
use super::parse::Item;

/// An item with what depends on the items before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coded {
    pub(super) item: Item,
    /// For a match: the bit that indicates whether the last offset is reused, where there is one.
    pub(super) again: Option<bool>,
}

/// The items after the first literal as they are written.
pub(super) fn coded(items: &[Item]) -> impl Iterator<Item = Coded> + '_ {
    let mut literals = 2_u32;
    let mut last = 0;
    items.iter().map(move |&item| {
        if item.offset == 0 {
            literals = literals.saturating_add(1);
            return Coded { item, again: None };
        }
        let again = (literals == 1).then_some(item.offset == last);
        (literals, last) = (0, item.offset);
        Coded { item, again }
    })
}

/// Writes a stream. `data` is the section from its last byte to its first.
pub(super) fn write(data: &[u8], items: &[Item], bits: &[u8; ENTRIES]) -> Vec<u8> {
    // The first byte holds the bits that do not fill whole bytes, so the bits are counted first.
    let mut counter = Writer::new(0);
    counter.stream(data, items, bits);
    let left_over = counter.total & 7;
    let mut writer = Writer::new(left_over);
    writer.stream(data, items, bits);
    writer.bytes.reverse();
    writer.bytes
}

struct Writer {
    /// The output in reading order.
    bytes: Vec<u8>,
    /// The byte that receives the next bits.
    slot: usize,
    /// Number of bits that still fit into it.
    room: u32,
    total: u32,
}

impl Writer {
    fn new(left_over: u32) -> Self {
        // Below its payload, the first byte has a one and then zeros.
        let first = u8::try_from(0x80_u32.wrapping_shr(left_over)).unwrap_or(0);
        let mut bytes = Vec::with_capacity(1024);
        bytes.push(first);
        Self { bytes, slot: 0, room: left_over, total: 0 }
    }

    fn bit(&mut self, bit: bool) {
        if self.room == 0 {
            self.slot = self.bytes.len();
            self.bytes.push(0);
            self.room = 8;
        }
        self.room = self.room.wrapping_sub(1);
        self.total = self.total.wrapping_add(1);
        let place = if self.slot == 0 {
            // The payload of the first byte is above its marker bit.
            let marker = self.bytes.first().map_or(0, |first| first.trailing_zeros());
            marker.wrapping_add(1).wrapping_add(self.room)
        } else {
            self.room
        };
        if let Some(slot) = self.bytes.get_mut(self.slot) {
            *slot |= u8::from(bit).wrapping_shl(place);
        }
    }

    /// The lowest `count` bits, highest bit first.
    fn bits(&mut self, value: usize, count: u32) {
        for place in (0..count).rev() {
            self.bit(value.wrapping_shr(place) & 1 != 0);
        }
    }

    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn index(&mut self, index: usize) {
        for _ in 0..index {
            self.bit(false);
        }
        self.bit(true);
    }

    fn field(&mut self, value: usize, entry: Entry) {
        if entry.has_byte() {
            let [low, high] = u16::try_from(value).unwrap_or(u16::MAX).to_le_bytes();
            self.bits(high.into(), entry.low_bits());
            self.byte(low);
        } else {
            self.bits(value, entry.low_bits());
        }
    }

    fn stream(&mut self, data: &[u8], items: &[Item], bits: &[u8; ENTRIES]) {
        for &bits in bits {
            let bits = usize::from(bits);
            self.bits(bits, 3);
            self.bits(bits.wrapping_shr(3), 1);
        }
        debug_assert_eq!(self.total, HEADER_BITS);
        let tables = Tables::new(bits);
        let mut data = data.iter().copied();
        data.by_ref().take(1).for_each(|byte| self.byte(byte));
        for Coded { item, again } in coded(items) {
            let len = usize::from(item.len);
            if item.offset == 0 {
                if len == 1 {
                    self.bit(true);
                } else {
                    self.bit(false);
                    self.index(RUN_INDEX);
                    item.len.to_be_bytes().into_iter().for_each(|byte| self.byte(byte));
                }
                data.by_ref().take(len).for_each(|byte| self.byte(byte));
                continue;
            }
            self.bit(false);
            let (index, field, entry) = place(&tables, LENGTHS, len);
            self.index(index);
            self.field(field, entry);
            if let Some(again) = again {
                self.bit(again);
            }
            if again != Some(true) {
                let table = offsets_of(len);
                let (index, field, entry) = place(&tables, table, item.offset.into());
                self.bits(index, table.index_bits);
                self.field(field, entry);
            }
            data.by_ref().take(len).for_each(drop);
        }
        self.bit(false);
        self.index(END_INDEX);
    }
}

/// The table entry that a value belongs to, and its offset within it.
fn place(tables: &Tables, table: Table, value: usize) -> (usize, usize, Entry) {
    let mut field = value.wrapping_sub(1);
    for index in 0..table.len {
        let entry = tables.entry(table.start.wrapping_add(index));
        let width = 1_usize.wrapping_shl(entry.bits.into());
        if field < width {
            return (index, field, entry);
        }
        field = field.wrapping_sub(width);
    }
    // The parser uses only values that the tables cover.
    (0, 0, Entry::default())
}
