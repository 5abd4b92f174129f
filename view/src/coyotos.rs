//! Coyotos images.

use alloc::vec;
use alloc::vec::Vec;

use coyotos_image::wire;
use coyotos_image::{Header, Image, ObjectId, ObjectType};
use zerocopy::LittleEndian;

use crate::{Node, Region, record};

/// The header of an uncompressed image.
pub fn coyotos(image: &[u8], header: &Header) -> Node {
    record("header", wire::Header::<LittleEndian>::FIELDS, image, 0, header.byte_order)
}

/// The objects of an uncompressed image by their kinds, and its tables.
pub fn coyotos_regions(image: &Image<'_>) -> Vec<Region> {
    let header = image.header();
    let page = u64::from(header.pg_size);
    let tables = [
        ("header", 0, 1),
        ("pages", 1, header.bank_vec_oid),
        ("bank table", header.bank_vec_oid, header.sym_vec_oid),
        ("symbol table", header.sym_vec_oid, header.string_table_oid),
        ("string table", header.string_table_oid, header.alloc_vec_oid),
        ("alloc table", header.alloc_vec_oid, header.end_vec_oid),
    ];
    let mut regions = vec![];
    for (name, first, end) in tables {
        if end > first {
            let size = end.saturating_sub(first).saturating_mul(page);
            regions.push(Region::new(name, first.saturating_mul(page), size));
        }
    }
    for kind in ObjectType::ALL.into_iter().filter(|kind| *kind != ObjectType::Page) {
        let size = u64::from(image.count(kind)).saturating_mul(image.object_size(kind).into());
        if let Some(start) = image.object_offset(ObjectId { object_type: kind, oid: 0 }) {
            regions.push(Region::new(kind.name(), start, size));
        }
    }
    regions.sort_by_key(|region| region.start);
    regions
}
