//! Interactive groups: shapes with a name that can be pointed at and reached by keyboard, with a tooltip in a
//! fixed position.

use std::fmt::Write as _;

use crate::shape::Shape;
use crate::text::{escaped, letters, px, wrapped};

/// The height of a line of a tooltip.
const LINE: f64 = 16.0;

/// Where tooltips are shown: below the parts that they describe.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tips {
    pub(crate) top: f64,
    width: f64,
    lines: usize,
}

impl Tips {
    pub(crate) const fn new(shape: &Shape, top: f64) -> Self {
        Self { top, width: shape.width, lines: if shape.is_narrow { 9 } else { 5 } }
    }

    pub(crate) fn height(&self) -> f64 {
        self.lines as f64 * LINE + 10.0
    }

    /// The box, and its text while nothing is pointed at.
    pub(crate) fn hint(&self, out: &mut String) {
        let (y, width, height) = (px(self.top), px(self.width), px(self.height()));
        let _ = write!(
            out,
            "<g class=\"hint\"><rect class=\"tips\" x=\"0\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        );
        self.text(out, "Point at a part or a field, or press Tab: its description appears here.");
        out.push_str("</g>");
    }

    fn text(&self, out: &mut String, text: &str) {
        let lines = wrapped(text, letters(self.width - 16.0), self.lines);
        for (index, line) in lines.iter().enumerate() {
            let y = px(self.top + 17.0 + index as f64 * LINE);
            let _ = write!(out, "<text x=\"8\" y=\"{y}\">{}</text>", escaped(line));
        }
    }

    /// Opens a group: `facts` describe it, each a clause.
    pub(crate) fn open(&self, out: &mut String, facts: &[String]) {
        let name = escaped(&facts.join("; "));
        let _ = write!(
            out,
            "<g class=\"it\" tabindex=\"0\" role=\"img\" aria-label=\"{name}\"><title>{name}</title>"
        );
    }

    /// Closes it, with its tooltip.
    pub(crate) fn close(&self, out: &mut String, facts: &[String]) {
        let (y, width, height) = (px(self.top), px(self.width), px(self.height()));
        let _ = write!(
            out,
            "<g class=\"tip\"><rect class=\"tips\" x=\"0\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        );
        self.text(out, &facts.join("; "));
        out.push_str("</g></g>");
    }
}
