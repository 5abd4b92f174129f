//! ELKS and Minix a.out.

use alloc::vec;
use alloc::vec::Vec;

use aout_minix::{ExecHeader, FarSupplement, RelocSupplement};
use aout_minix::{Header, Section};
use zerocopy::LittleEndian;

use crate::{Node, Region, Value, record};

/// The header and, as far as `hlen` says and the file has it, the supplement.
pub fn aout(file: &[u8], header: &Header) -> Node {
    let order = header.byte_order();
    let hlen = usize::from(header.hlen).min(file.len());
    let head = file.get(..hlen.max(size_of::<ExecHeader<LittleEndian>>())).unwrap_or(file);
    let parts = [
        ExecHeader::<LittleEndian>::FIELDS,
        RelocSupplement::<LittleEndian>::FIELDS,
        FarSupplement::<LittleEndian>::FIELDS,
    ];
    let mut offset = 0_u64;
    let mut fields = Vec::new();
    for part in parts {
        let part = record("", part, head, offset, order);
        offset = offset.saturating_add(part.size);
        if let Value::Fields(more) = part.value {
            fields.extend(more);
        }
    }
    Node { name: "header".into(), offset: 0, size: offset, value: Value::Fields(fields), meaning: "" }
}

/// The header and the bytes of each section.
pub fn aout_regions(header: &Header) -> Vec<Region> {
    let head = Region::new("header", 0, header.hlen.into());
    let sections = Section::ALL.into_iter().filter(|section| header.stored_size(*section) != 0);
    let sections = sections.map(|section| {
        Region::new(section.name(), header.offset_of(section), header.stored_size(section).into())
    });
    vec![head].into_iter().chain(sections).collect()
}
