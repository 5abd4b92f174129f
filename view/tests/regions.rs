//! Trees and regions against what the format crates say of the same file.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;

use aout_minix::{CheckOptions, Section, check_bytes};
use coyotos_image::{Image, MAX_IMAGE_SIZE, ObjectType, Options};
use execfmt_common::ByteOrder;
use execfmt_view::{AoutView, CoyotosView, NeView, Node, NoffView, Role, Value, View};
use os2_ne::{Builder, NewSegment};

fn testdata(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(name)).unwrap()
}

#[test]
fn an_image_is_covered_by_its_regions_without_gaps() {
    for arch in ["i386", "coldfire", "arm"] {
        let file = testdata(&format!("coyotos/{arch}.img.gz"));
        let bytes = coyotos_image::inflate(&file, MAX_IMAGE_SIZE).unwrap();
        let image = Image::parse(&bytes, Options::default()).unwrap();
        let view = CoyotosView::of(image).view();
        let mut reached = 0;
        for region in &view.file {
            assert_eq!(region.start, reached, "{arch}: {}", region.name);
            reached = region.end;
        }
        assert_eq!(reached, bytes.len() as u64, "{arch}");
        for object in image.objects().filter(|object| object.object_type != ObjectType::Page) {
            let offset = image.object_offset(object).unwrap();
            let region =
                view.file.iter().find(|region| (region.start..region.end).contains(&offset)).unwrap();
            assert_eq!(region.name, object.object_type.name(), "{arch}: {object}");
        }
        let tree = view.fields.unwrap();
        for (name, value) in image.header().fields() {
            assert_eq!(tree.find(name).and_then(|field| field.number()), Some(value), "{arch}: {name}");
        }
    }
}

fn aout(file: &[u8]) -> View {
    let options = CheckOptions::default();
    let verdict = check_bytes(file, &options, &mut |_| std::ops::ControlFlow::Continue(()));
    AoutView { bytes: file, verdict: &verdict, options: options.elks() }.view()
}

#[test]
fn bytes_that_elks_has_no_memory_for_have_no_place_in_it() {
    let segments = [NewSegment::code(&[0x90; 17]).min_alloc(16), NewSegment::data(&[1, 2])];
    let file = Builder::new(&segments).to_vec().unwrap();
    let options = os2_ne::Options::default();
    let verdict = os2_ne::check_bytes(&file, &options, &mut |_| std::ops::ControlFlow::Continue(()));
    let view = NeView { bytes: &file, options, verdict: &verdict }.view();
    let code = view.file.iter().find(|region| region.name == "segment 1").unwrap();
    assert_eq!((code.end - code.start, code.becomes), (17, Some((0, 0, 16))));
    assert_eq!(view.memory[0].length, 16);
}

#[test]
fn a_program_has_the_fields_and_sections_of_its_header() {
    for (name, size) in [("elks/greet.aout", 32), ("elks/far.aout", 64)] {
        let file = testdata(name);
        let header = aout_minix::Header::parse(&file).unwrap();
        let view = aout(&file);
        let tree = view.fields.unwrap();
        assert_eq!(tree.size, size);
        let last = tree.fields().last().unwrap();
        assert_eq!(last.offset + last.size, size);
        assert_eq!(tree.find("tseg").unwrap().number(), Some(header.tseg.into()));
        assert_eq!(tree.find("magic").unwrap().value, Value::Bytes(vec![1, 3]));
        assert_eq!(view.file.last().unwrap().end, file.len() as u64);
        let data = view.file.iter().find(|region| region.name == "data").unwrap();
        assert_eq!(data.start, header.offset_of(Section::Data));
        // What becomes memory lies there with the same size: neither file is compressed.
        for region in view.file.iter().filter(|region| region.becomes.is_some()) {
            let (memory, start, end) = region.becomes.unwrap();
            assert_eq!(end - start, region.len(), "{name}: {}", region.name);
            assert!(end <= view.memory[memory].length, "{name}: {}", region.name);
        }
        // A file that ends within its header has the fields before the end.
        let cut = aout(&file[..20]).fields;
        assert!(cut.is_none_or(|cut| cut.fields().last().unwrap().name == "bseg"));
    }
}

#[test]
fn a_noff_file_in_both_orders() {
    let file = testdata("noff/demo.noff");
    let view = NoffView::new(&file, ByteOrder::Little, None).view();
    let tree = view.fields.unwrap();
    // By hand from the linker's sizes: 704 bytes of code at 40, 176 of data.
    assert_eq!(tree.find("code.size").unwrap().number(), Some(704));
    assert_eq!(tree.find("code.in_file_addr").unwrap().number(), Some(40));
    let spans: Vec<_> =
        view.file.iter().map(|region| (region.name.as_ref(), region.start, region.end)).collect();
    assert_eq!(spans, [("header", 0, 40), ("code", 40, 744), ("initData", 744, 920)]);
    // 17 pages of 128 bytes, the last eight of them stack.
    let memory = &view.memory[0];
    let stack = memory.regions.iter().find(|region| region.role == Role::Stack).unwrap();
    assert_eq!((memory.length, stack.start, stack.end), (2176, 1152, 2176));
    let pages = memory.pages.as_ref().unwrap();
    assert_eq!((&*pages.read_only, &*pages.shared), (&[(0, 4)][..], &[(5, 6)][..]));

    let words = file[..40].chunks(4).flat_map(|word| word.iter().rev().copied());
    let swapped: Vec<u8> = words.chain(file[40..].iter().copied()).collect();
    let big = NoffView::new(&swapped, ByteOrder::Big, None).view();
    // The same fields of the same values, each of the same bytes in the other order.
    let leaves = |tree: &Node| {
        let mut leaves = Vec::new();
        tree.leaves("", &mut |path, leaf| {
            leaves.push((path, leaf.offset, leaf.value.clone(), leaf.bytes.clone()))
        });
        leaves
    };
    let mut turned = leaves(&big.fields.unwrap());
    turned.iter_mut().for_each(|(.., bytes)| bytes.reverse());
    assert_eq!(turned, leaves(&tree));
    assert_eq!(tree.find("code.size").unwrap().bytes, [0xc0, 2, 0, 0]);
    assert_eq!((big.file, big.memory), (view.file, view.memory));
}

#[test]
fn every_role_has_a_letter_of_its_own() {
    let letters: std::collections::BTreeSet<_> = Role::ALL.into_iter().map(Role::letter).collect();
    assert_eq!(letters.len(), Role::ALL.len());
}
