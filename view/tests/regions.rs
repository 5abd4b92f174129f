//! Trees and regions against what the format crates say of the same file.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;

use aout_minix::Section;
use coyotos_image::{Image, MAX_IMAGE_SIZE, ObjectType, Options};
use execfmt_view::{Value, aout, aout_regions, coyotos, coyotos_regions, noff as noff_tree, noff_regions};

fn testdata(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(name)).unwrap()
}

#[test]
fn an_image_is_covered_by_its_regions_without_gaps() {
    for arch in ["i386", "coldfire", "arm"] {
        let file = testdata(&format!("coyotos/{arch}.img.gz"));
        let bytes = coyotos_image::inflate(&file, MAX_IMAGE_SIZE).unwrap();
        let image = Image::parse(&bytes, Options::default()).unwrap();
        let regions = coyotos_regions(&image);
        let mut reached = 0;
        for region in &regions {
            assert_eq!(region.start, reached, "{arch}: {}", region.name);
            reached = region.end;
        }
        assert_eq!(reached, bytes.len() as u64, "{arch}");
        for object in image.objects().filter(|object| object.object_type != ObjectType::Page) {
            let offset = image.object_offset(object).unwrap();
            let region = regions.iter().find(|region| (region.start..region.end).contains(&offset)).unwrap();
            assert_eq!(region.name, object.object_type.name(), "{arch}: {object}");
        }
        let tree = coyotos(&bytes, image.header());
        for (name, value) in image.header().fields() {
            assert_eq!(tree.find(name).and_then(|field| field.number()), Some(value), "{arch}: {name}");
        }
    }
}

#[test]
fn a_program_has_the_fields_and_sections_of_its_header() {
    for (name, size) in [("elks/greet.aout", 32), ("elks/far.aout", 64)] {
        let file = testdata(name);
        let header = aout_minix::Header::parse(&file).unwrap();
        let tree = aout(&file, &header);
        assert_eq!(tree.size, size);
        let last = tree.fields().last().unwrap();
        assert_eq!(last.offset + last.size, size);
        assert_eq!(tree.find("tseg").unwrap().number(), Some(header.tseg.into()));
        assert_eq!(tree.find("magic").unwrap().value, Value::Bytes(vec![1, 3]));
        let regions = aout_regions(&header);
        assert_eq!(regions.last().unwrap().end, file.len() as u64);
        let data = regions.iter().find(|region| region.name == "data").unwrap();
        assert_eq!(data.start, header.offset_of(Section::Data));
        // A file that ends within its header has the fields before the end.
        let cut = aout(&file[..20], &header);
        assert_eq!(cut.fields().last().unwrap().name, "bseg");
    }
}

#[test]
fn a_noff_file_in_both_orders() {
    let file = testdata("noff/demo.noff");
    let header = noff::Header::parse(&file, u32::try_from(file.len()).unwrap(), None).unwrap();
    let tree = noff_tree(&file, header.layout, header.byte_order);
    // By hand from the linker's sizes: 704 bytes of code at 40, 176 of data.
    assert_eq!(tree.find("code.size").unwrap().number(), Some(704));
    assert_eq!(tree.find("code.in_file_addr").unwrap().number(), Some(40));
    let swapped: Vec<u8> = file[..40].chunks(4).flat_map(|word| word.iter().rev().copied()).collect();
    let big = noff_tree(&swapped, header.layout, execfmt_common::ByteOrder::Big);
    assert_eq!(big, tree);
    let regions = noff_regions(&header);
    let spans: Vec<_> =
        regions.iter().map(|region| (region.name.as_ref(), region.start, region.end)).collect();
    assert_eq!(spans, [("header", 0, 40), ("code", 40, 744), ("initData", 744, 920)]);
}
