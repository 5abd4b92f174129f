//! The header field by field, with widths in proportion to their bytes, in rows.

use std::fmt::Write as _;

use execfmt_view::{FieldLeaf, Node, View};

use crate::group::Tips;
use crate::part::{Mark, sign};
use crate::shape::Shape;
use crate::style::class;
use crate::text::{escaped, letters, px, shortened};

/// The height of a field.
const HEIGHT: f64 = 34.0;
/// The height of the heading.
const HEAD: f64 = 22.0;
/// Maximum number of fields drawn.
const MOST: usize = 96;
/// Maximum number of bytes of a field in a tooltip.
const BYTES: usize = 16;

/// A field with its position.
struct Cell<'a> {
    leaf: FieldLeaf<'a>,
    x: f64,
    y: f64,
    width: f64,
}

/// The fields of a header.
pub(crate) struct Fields<'a> {
    cells: Vec<Cell<'a>>,
    left_out: usize,
    pub(crate) height: f64,
}

/// The bytes of a field in hexadecimal, as many as fit into a line.
pub(crate) fn bytes(node: &Node) -> String {
    let mut text: Vec<_> = node.bytes.iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect();
    text.extend((node.bytes.len() > BYTES).then(|| "…".to_string()));
    text.join(" ")
}

/// The value of a field: a number, or bytes.
pub(crate) fn value(node: &Node) -> String {
    node.value.shown().unwrap_or_else(|| bytes(node))
}

impl<'a> Fields<'a> {
    pub(crate) fn new(view: &'a View, shape: &Shape) -> Self {
        let row_bytes = if shape.is_narrow { 4.0 } else { 16.0 };
        let unit = shape.width / row_bytes;
        let mut leaves = view.leaves();
        let left_out = leaves.len().saturating_sub(MOST);
        leaves.truncate(MOST);
        let (mut x, mut y, mut cells) = (0.0, HEAD, Vec::new());
        for leaf in leaves {
            let width = (leaf.field.size as f64).min(row_bytes) * unit;
            if x + width > shape.width + 0.1 {
                (x, y) = (0.0, y + HEIGHT);
            }
            cells.push(Cell { leaf, x, y, width });
            x += width;
        }
        let more = if left_out == 0 { 0.0 } else { HEAD };
        let height = if cells.is_empty() { 0.0 } else { y + HEIGHT + more };
        Self { cells, left_out, height }
    }

    pub(crate) fn draw(&self, out: &mut String, marks: &[Mark], top: f64, tips: &Tips) {
        if self.cells.is_empty() {
            return;
        }
        let _ =
            write!(out, "<text class=\"h\" x=\"0\" y=\"{}\">header, field by field</text>", px(top + 14.0));
        for cell in &self.cells {
            cell.draw(out, marks, top, tips);
        }
        if self.left_out != 0 {
            let (y, count) = (px(top + self.height - 6.0), self.left_out);
            let _ = write!(out, "<text class=\"m\" x=\"0\" y=\"{y}\">and {count} more fields</text>");
        }
    }
}

impl Cell<'_> {
    fn draw(&self, out: &mut String, marks: &[Mark], top: f64, tips: &Tips) {
        let Self { leaf: FieldLeaf { path, field: node, role }, x, y, width } = self;
        let end = node.offset.saturating_add(node.size);
        let marks: Vec<&Mark> =
            marks.iter().filter(|mark| (node.offset..end).contains(&mark.offset)).collect();
        let mut facts = vec![format!("{path}, {} B at {:#06x}: {}", node.size, node.offset, bytes(node))];
        facts.extend(node.value.shown());
        let meaning = node.meaning.trim_end_matches('.');
        facts.extend(Some(meaning.to_string()).filter(|meaning| !meaning.is_empty()));
        facts.extend(marks.iter().map(|mark| mark.message.clone()));
        tips.open(out, &facts);
        let (left, room) = (x + 5.0, letters(width - 10.0));
        let at = top + y;
        let class = class(*role);
        let _ = write!(
            out,
            "<rect class=\"b r-{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{HEIGHT}\"/>",
            px(*x),
            px(at),
            px(*width)
        );
        let room_of_name = if marks.is_empty() { room } else { room.saturating_sub(2) };
        let (name, value) = (shortened(path, room_of_name), shortened(&value(node), room));
        let (first, second) = (px(at + 14.0), px(at + 28.0));
        let _ = write!(
            out,
            "<text class=\"f\" x=\"{0}\" y=\"{first}\">{1}</text><text x=\"{0}\" y=\"{second}\">{2}</text>",
            px(left),
            escaped(&name),
            escaped(&value)
        );
        sign(out, &marks, x + width - 14.0, at + 14.0);
        tips.close(out, &facts);
    }
}
