//! MIPS COFF.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use mips_coff::Image;
use mips_coff::wire::{FileHeader, OptionalHeader, SectionHeader};
use zerocopy::LittleEndian;

use crate::{Node, Region, Value, record};

/// The file header, the optional header, and the headers of the sections.
pub fn coff(image: &Image<'_>) -> Node {
    let (file, header) = (image.bytes(), image.header());
    let order = header.byte_order;
    let first = record("file header", FileHeader::<LittleEndian>::FIELDS, file, 0, order);
    let mut parts = Vec::new();
    if header.optional.is_some() {
        parts.push(record(
            "optional header",
            OptionalHeader::<LittleEndian>::FIELDS,
            file,
            first.size,
            order,
        ));
    }
    parts.insert(0, first);
    parts.extend(image.section_headers().map(|(index, _)| {
        let offset = header.section_header_offset(index).into();
        record(format!("section {index}"), SectionHeader::<LittleEndian>::FIELDS, file, offset, order)
    }));
    let size = header.table_end().into();
    Node { name: "header".into(), offset: 0, size, value: Value::Fields(parts), meaning: "" }
}

/// The headers and the bytes of each section that has some in the file.
pub fn coff_regions(image: &Image<'_>) -> Vec<Region> {
    let head = Region::new("header", 0, image.header().table_end().into());
    let sections = image.sections().filter_map(Result::ok).filter(|section| !section.bytes.is_empty());
    let sections = sections.map(|section| {
        let name = section.header.kind().map_or("section", |kind| kind.name());
        Region::new(name, section.header.scnptr.into(), section.bytes.len() as u64)
    });
    vec![head].into_iter().chain(sections).collect()
}
