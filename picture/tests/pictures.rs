//! Pictures of files of every size: well-formed, complete, and without labels that touch.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::ops::ControlFlow;

use aout_minix::{Builder, CheckOptions, FileType, check_bytes};
use execfmt_picture::{Mark, page, svg};
use execfmt_testkit::{Mutator, testdata};
use execfmt_view::{AoutView, CoyotosView, NoffView, View};
use noff::ByteOrder;
use roxmltree::{Document, Node};

fn aout(file: &[u8]) -> View {
    let options = CheckOptions::default();
    let verdict = check_bytes(file, &options, &mut |_| ControlFlow::Continue(()));
    AoutView { bytes: file, verdict: &verdict, options: options.elks() }.view()
}

fn noff(file: &[u8]) -> View {
    NoffView::new(file, ByteOrder::Little, None).view()
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

/// Everything that holds of any picture.
fn holds(picture: &str) {
    let document = Document::parse(picture).unwrap_or_else(|error| panic!("{error}\n{picture}"));
    let root = document.root_element();
    let height = number(root, "height");
    // Labels of one side stand a line apart: they are those with a name in bold within.
    for side in [Some("end"), None] {
        let labels = root.descendants().filter(|node| {
            node.has_tag_name("text")
                && node.attribute("text-anchor") == side
                && node.children().any(|child| child.attribute("class") == Some("n"))
        });
        let mut places: Vec<f64> = labels.map(|label| number(label, "y")).collect();
        places.sort_by(f64::total_cmp);
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 16.8), "{places:?}");
        assert!(places.iter().all(|y| (0.0..height).contains(y)), "{places:?} of {height}");
    }
    // No text leaves the picture, by the widest letters of usual fonts.
    for text in root.descendants().filter(|node| node.has_tag_name("text")) {
        let letters: usize = text
            .descendants()
            .filter_map(|node| node.text().filter(|_| node.is_text()))
            .map(|text| text.chars().count())
            .sum();
        let (x, width) = (number(text, "x"), letters as f64 * 7.44);
        let (from, to) = match text.attribute("text-anchor") {
            Some("end") => (x - width, x),
            Some("middle") => (x - width / 2.0, x + width / 2.0),
            _ => (x, x + width),
        };
        assert!(from >= -12.0 && to <= 1068.0, "{from}..{to}: {text:?}");
    }
    for rect in root.descendants().filter(|node| node.has_tag_name("rect")) {
        assert!(number(rect, "height") >= 0.0 && number(rect, "width") >= 0.0, "{rect:?}");
        assert!(number(rect, "y") + number(rect, "height") <= height, "{rect:?} of {height}");
    }
    // Nothing is loaded or run, and what a group is can be read without seeing it.
    assert!(
        root.descendants().all(|node| !["script", "image", "use", "a"].contains(&node.tag_name().name()))
    );
    for group in root.descendants().filter(|node| node.attribute("class") == Some("it")) {
        assert_eq!(group.attribute("tabindex"), Some("0"));
        assert!(!group.attribute("aria-label").unwrap().is_empty());
    }
}

#[test]
fn every_part_is_there_with_its_bytes() {
    let view = noff(&testdata("noff/demo.noff"));
    let picture = svg(&view, "demo.noff", &[]);
    holds(&picture);
    // By hand: 40 bytes of header, 704 of code, 176 of data, 256 of bss, 1024 of stack.
    for label in [
        "header; file 0x0000..0x0028, 40 bytes",
        "code; file 0x0028..0x02e8, 704 bytes; memory 0x0000..0x02c0, 704 bytes",
        "initData; file 0x02e8..0x0398, 176 bytes; memory 0x02c0..0x0370, 176 bytes",
        "uninitData; memory 0x0370..0x0470, 256 bytes",
        "stack; memory 0x0480..0x0880, 1024 bytes",
    ] {
        assert!(picture.contains(&format!("aria-label=\"{label}\"")), "{label:?} is missing from\n{picture}");
    }
}

#[test]
fn files_from_40_bytes_to_60_kib() {
    let mut mutator = Mutator::new("programs of every size", 0x51c_7e57);
    let random = mutator.rng();
    for _ in 0..500 {
        let scale = 1 << random.usize(..16);
        let (text, data) = (vec![0x90; random.usize(..=scale)], vec![1; random.usize(..=scale)]);
        let symbols = vec![0; random.usize(..=scale)];
        let file = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&text).data(&data);
        let Ok(file) = file.symbols(&symbols).to_vec() else { continue };
        holds(&svg(&aout(&file), "random", &[]));
    }
    holds(&svg(&View::unknown("nothing".into(), 0), "nothing", &[]));
}

#[test]
fn an_address_space_of_an_image() {
    let file = testdata("coyotos/i386.img.gz");
    let bytes = coyotos_image::inflate(&file, coyotos_image::MAX_IMAGE_SIZE).unwrap();
    let image = coyotos_image::Image::parse(&bytes, Default::default()).unwrap();
    let view = CoyotosView::of(image).view();
    let picture = svg(&view, "i386.img.gz", &[]);
    holds(&picture);
    // By hand from the recipe: a page at 0x4000, and the same one far up.
    assert!(
        picture.contains("0x4000..0x5000") && picture.contains("0x7fff00000000..0x7fff00001000"),
        "{picture}"
    );
}

#[test]
fn what_is_too_much_to_draw_is_said() {
    let mut view = View::unknown("many parts".into(), 100 * 64);
    view.file = noff(&testdata("noff/demo.noff")).file;
    let one = view.file[0].clone();
    view.file = (0..100)
        .map(|at| execfmt_view::Region { start: at * 64, end: (at + 1) * 64, ..one.clone() })
        .collect();
    let picture = svg(&view, "many parts", &[]);
    holds(&picture);
    assert!(picture.contains("and 40 more, which are not drawn"), "{picture}");
}

#[test]
fn text_from_a_file_is_text() {
    let hostile = "</title><script>alert(1)</script>\u{1b}[31m\u{202e}&\"'";
    let view = noff(&testdata("noff/demo.noff"));
    let marks = [Mark { offset: 4, is_error: true, message: hostile.into() }];
    let picture = svg(&view, hostile, &marks);
    holds(&picture);
    assert!(picture.contains('▲'), "the part with the error is marked");
    let page = page(&view, hostile, &marks);
    for forbidden in ["<script", "\u{1b}", "\u{202e}"] {
        assert!(!picture.contains(forbidden) && !page.contains(forbidden), "{forbidden:?}");
    }
}

#[test]
fn what_a_header_claims_beyond_the_end_is_shown_as_that() {
    let file = &testdata("noff/demo.noff")[..700];
    let mut view = noff(file);
    assert!(view.memory.is_empty());
    view.file_length = 700;
    let picture = svg(&view, "cut", &[]);
    holds(&picture);
    assert!(picture.contains("the file ends here"), "{picture}");
}
