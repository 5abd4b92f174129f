//! The picture of a file, as SVG and within a page.

use execfmt_common::FirstBytes;
use execfmt_picture::{Mark, page, svg};
use execfmt_view::View;
use roxmltree::Document;

use crate::view::each;

/// Maximum number of a file's bytes in a title.
const TITLE: usize = 40;

/// Looks at the bytes as a file of every format, and draws what there is of it. The bytes are the title, too, and what is
/// wrong with the file.
pub fn picture(bytes: &[u8]) {
    let start = bytes.get(..bytes.len().min(TITLE)).unwrap_or_default();
    let title = String::from_utf8_lossy(start).into_owned();
    let places = [0, 4, bytes.len() / 2, bytes.len()];
    let marks = places.map(|offset| Mark {
        offset: offset as u64,
        is_error: offset & 1 == 0,
        message: format!("{title}: {}", FirstBytes::of(bytes)),
    });
    each(bytes, |view, _| drawn(view, &title, &marks));
}

/// The most parts of a picture that is drawn here.
const MOST: usize = 200;

fn drawn(view: &View, title: &str, marks: &[Mark]) {
    if view.parts().len() > MOST {
        return;
    }
    let picture = svg(view, title, marks);
    obeyed_by_nobody(&picture);
    let document = Document::parse(&picture).unwrap_or_else(|error| panic!("{error}: {picture}"));
    let allowed = |name: &str| {
        ["svg", "style", "defs", "pattern", "path", "rect", "circle", "g", "text", "tspan", "title", "a"]
            .contains(&name)
    };
    for node in document.descendants().filter(|node| node.is_element()) {
        let name = node.tag_name().name();
        assert!(allowed(name), "an element {name} from the file");
        let runs = |name: &str| name.starts_with("on") || name.ends_with("href");
        assert!(
            node.attributes().all(|attribute| !runs(attribute.name())),
            "an attribute that runs: {node:?}"
        );
    }
    let page = page(view, title, marks);
    obeyed_by_nobody(&page);
    assert_eq!(page.matches("<svg").count(), 3, "the picture is there in three widths");
    assert!(!page.contains("<script"), "{page}");
}

/// Nothing in it moves a cursor or turns text around.
fn obeyed_by_nobody(text: &str) {
    let obeyed = |c: char| c != '\n' && crate::view::is_obeyed(c);
    assert!(!text.chars().any(obeyed), "{text:?}");
}
