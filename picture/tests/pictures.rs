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
use execfmt_view::{AoutView, Branch, CoyotosView, Leaf, NoffView, Role, View};
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

/// The pictures of a page, one for each of its widths.
fn widths(page: &str) -> Vec<String> {
    let pictures = page.split("<svg").skip(1).filter_map(|rest| rest.split_once("</svg>"));
    pictures.map(|(picture, _)| format!("<svg{picture}</svg>")).collect()
}

/// What holds of a file's picture, and of those of its page.
fn holds(view: &View, title: &str, marks: &[Mark]) -> String {
    let picture = svg(view, title, marks);
    picture_holds(&picture);
    let page = page(view, title, marks);
    let all = widths(&page);
    assert_eq!(all.len(), 3);
    all.iter().for_each(|picture| picture_holds(picture));
    picture
}

/// The box of a text, by the widest letters of usual fonts: left, right, and its baseline.
fn text_box(text: Node<'_, '_>) -> (f64, f64, f64) {
    let parts = text.descendants().filter_map(|node| node.text().filter(|_| node.is_text()));
    let letters: usize = parts.map(|text| text.chars().count()).sum();
    let (x, y, width) = (number(text, "x"), number(text, "y"), letters as f64 * 7.44);
    match text.attribute("text-anchor") {
        Some("end") => (x - width, x, y),
        Some("middle") => (x - width / 2.0, x + width / 2.0, y),
        _ if text.attribute("class").is_some_and(|class| class.starts_with("k ")) => {
            (x - width / 2.0, x + width / 2.0, y)
        }
        _ => (x, x + width, y),
    }
}

fn is_class(node: Node<'_, '_>, class: &str) -> bool {
    node.attribute("class") == Some(class)
}

/// Everything that holds of any picture.
fn picture_holds(picture: &str) {
    let document = Document::parse(picture).unwrap_or_else(|error| panic!("{error}\n{picture}"));
    let root = document.root_element();
    let (width, height) = (number(root, "width"), number(root, "height"));
    // No text leaves the picture.
    let texts: Vec<_> = root.descendants().filter(|node| node.has_tag_name("text")).collect();
    for text in &texts {
        let (from, to, y) = text_box(*text);
        assert!(from >= -12.0 && to <= width - 11.0, "{from}..{to} of {width}: {text:?}");
        assert!((0.0..height - 12.0).contains(&y), "{y} of {height}: {text:?}");
    }
    // No text lies on another. Tips are shown one at a time, in place of the hint.
    let mut boxes: Vec<_> = texts
        .iter()
        .filter(|text| text.ancestors().all(|node| !is_class(node, "tip")))
        .map(|text| (text_box(*text), text))
        .collect();
    boxes.sort_by(|((_, _, a), _), ((_, _, b), _)| a.total_cmp(b));
    for (index, ((from, to, y), text)) in boxes.iter().enumerate() {
        for ((other_from, other_to, other_y), other) in &boxes[index + 1..] {
            if other_y - y >= 11.0 {
                break;
            }
            assert!(other_from + 0.1 >= *to || other_to - 0.1 <= *from, "{text:?}\n{other:?}\n{picture}");
        }
    }
    for rect in root.descendants().filter(|node| node.has_tag_name("rect")) {
        assert!(number(rect, "height") >= 0.0 && number(rect, "width") >= 0.0, "{rect:?}");
        assert!(number(rect, "y") + number(rect, "height") <= height, "{rect:?} of {height}");
        assert!(number(rect, "x") + number(rect, "width") <= width - 11.0, "{rect:?} of {width}");
    }
    // Nothing is loaded or run, and what a group is can be read without seeing it.
    assert!(
        root.descendants().all(|node| !["script", "image", "use", "a"].contains(&node.tag_name().name()))
    );
    for group in root.descendants().filter(|node| is_class(*node, "it")) {
        assert_eq!(group.attribute("tabindex"), Some("0"));
        let name = group.attribute("aria-label").unwrap();
        assert!(!name.is_empty());
        assert_eq!(group.children().find(|node| node.has_tag_name("title")).unwrap().text(), Some(name));
        assert!(group.children().any(|node| is_class(node, "tip")), "{name} has no tip");
    }
    // Every pattern that is used is one of this picture.
    for filled in root.descendants().filter_map(|node| node.attribute("fill")) {
        let id = filled.trim_start_matches("url(#").trim_end_matches(')');
        assert!(
            filled == "none" || root.descendants().any(|node| node.attribute("id") == Some(id)),
            "{filled}"
        );
    }
}

#[test]
fn every_part_is_there_with_its_bytes() {
    let view = noff(&testdata("noff/demo.noff"));
    let picture = holds(&view, "demo.noff", &[]);
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
        holds(&aout(&file), "random", &[]);
    }
    holds(&View::unknown("nothing".into(), 0), "nothing", &[]);
}

#[test]
fn an_address_space_of_an_image() {
    let file = testdata("coyotos/i386.img.gz");
    let bytes = coyotos_image::inflate(&file, coyotos_image::MAX_IMAGE_SIZE).unwrap();
    let image = coyotos_image::Image::parse(&bytes, Default::default()).unwrap();
    let view = CoyotosView::of(image).view();
    let picture = holds(&view, "i386.img.gz", &[]);
    // By hand from the recipe: a page at 0x4000, and the same one far up, through a GPT; nothing before the first.
    for label in [
        "slot 4: Page 1, l2g 12, r-x; 0x4000..0x5000, 4096 bytes; effective rights: r-x",
        "slot 15: Page 1, l2g 12, match 0xf00000, r-x; 0x7fff00000000..0x7fff00001000, 4096 bytes; effective rights: r-x",
        "node of the tree: GPT 3, l2v 44, l2g 48",
    ] {
        assert!(picture.contains(&format!("aria-label=\"{label}\"")), "{label:?} is missing from\n{picture}");
    }
    assert!(picture.contains("nothing for 16 KiB") && picture.contains("class=\"granted\""), "{picture}");
}

#[test]
fn what_is_too_much_to_draw_is_said() {
    let mut view = View::unknown("many parts".into(), 100 * 64);
    view.file = noff(&testdata("noff/demo.noff")).file;
    let one = view.file[0].clone();
    view.file = (0..100)
        .map(|at| execfmt_view::Region { start: at * 64, end: (at + 1) * 64, ..one.clone() })
        .collect();
    let picture = holds(&view, "many parts", &[]);
    assert!(picture.contains("and 40 more, which are not drawn"), "{picture}");
}

#[test]
fn text_from_a_file_is_text() {
    let hostile = "</title><script>alert(1)</script>\u{1b}[31m\u{202e}&\"'";
    let view = noff(&testdata("noff/demo.noff"));
    let marks = [Mark { offset: 4, is_error: true, message: hostile.into() }];
    let picture = holds(&view, hostile, &marks);
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
    let picture = holds(&view, "cut", &[]);
    assert!(picture.contains("the file ends here"), "{picture}");
}

#[test]
fn each_field_has_its_bytes_its_meaning_and_what_was_found() {
    let view = noff(&testdata("noff/demo.noff"));
    let marks = [Mark { offset: 12, is_error: true, message: "too long".into() }];
    holds(&view, "demo.noff", &marks);
    let page = page(&view, "demo.noff", &marks);
    // By hand: the size of the code is 704, in the fourth word.
    let name = "code.size, 4 B at 0x000c: c0 02 00 00; 0x2c0 = 704; Its length in bytes";
    for picture in widths(&page) {
        let document = Document::parse(&picture).unwrap();
        let field = document.descendants().find(|node| {
            let label = node.attribute("aria-label").unwrap_or_default();
            label.starts_with(name) && label.ends_with("; too long")
        });
        let field = field.unwrap_or_else(|| panic!("no {name} in\n{picture}"));
        assert!(field.descendants().any(|node| is_class(node, "error")), "the field is marked");
    }
    // The table has the same for those who see no tips.
    let row = "<tr><td><b>code.size</b><td data-of=\"at\">0x000c<td data-of=\"bytes\">c0 02 00 00\
               <td data-of=\"value\">0x2c0 = 704<td>Its length in bytes";
    let row = page.split_once(row).unwrap_or_else(|| panic!("no {row}")).1;
    assert!(row.split("</tr>").next().unwrap().ends_with("<td class=\"error\">too long"), "{row}");
    let fields = widths(&page)[0].matches(" B at 0x").count();
    assert!(fields >= 10, "{fields} fields: a magic and three segments of three");
}

#[test]
fn spaces_of_every_depth_and_width() {
    let mut mutator = Mutator::new("address spaces", 0x005b_ace5);
    let random = mutator.rng();
    for _ in 0..100 {
        let mut memory = noff(&testdata("noff/demo.noff")).memory.remove(0);
        let mut reached = 0_u64;
        memory.tree = (0..random.usize(1..90))
            .map(|_| {
                let start = reached.saturating_add(1_u64 << random.u32(..60));
                let end = u128::from(start) + (1_u128 << random.u32(12..50));
                reached = u64::try_from(end).unwrap_or(u64::MAX);
                let rights = ["r--", "rwx", "r-x WK OP NC"][random.usize(..3)].into();
                let leaf = Leaf { start, end, rights, role: Role::Code };
                let text = "slot 15: Page 123456789, l2g 12, match 0xf00000".into();
                Branch { depth: random.usize(..20), text, leaf: random.bool().then_some(leaf) }
            })
            .collect();
        let view = View { memory: vec![memory], ..noff(&testdata("noff/demo.noff")) };
        holds(&view, "a space", &[]);
    }
}
