//! Below the columns: everything to true scale, as thin bars, and the key to the signs.

use std::fmt::Write as _;

use execfmt_view::View;

use crate::column::Column;
use crate::layout::Scale;
use crate::part::Part;
use crate::shape::Shape;
use crate::style::class;
use crate::text::{escaped, letters, px, wrapped};

const LINE: f64 = 16.0;
/// The height of the two thin bars.
const BARS: f64 = 30.0;

/// The contents of the foot.
pub(crate) struct Foot {
    lines: Vec<String>,
    /// Number of bytes of the bar that shows the scale.
    unit: f64,
    has_bars: bool,
    pub(crate) height: f64,
}

impl Foot {
    pub(crate) fn new(view: &View, shape: &Shape, scale: &Scale, (left_out, is_cut): (usize, bool)) -> Self {
        let unit = (10.0 / scale.factor.max(1e-12)).log2().ceil().exp2();
        let mut words = vec![format!("this bar: {unit} bytes")];
        if !scale.is_true() {
            words.push("dashed edge: enlarged; zigzag: shortened; thin bars: true scale".into());
        }
        if view.memory.iter().any(|memory| memory.pages.is_some()) {
            words.push("beside memory: pages, filled where they can be read-only".into());
        }
        if view.memory.iter().any(|memory| !memory.tree.is_empty()) {
            words.push(
                "an address space is not to scale: one row for each node of its tree and for each mapping"
                    .into(),
            );
        }
        if is_cut {
            words.push("red line: the file ends here, and what follows is only claimed by its header".into());
        }
        if left_out != 0 {
            words.insert(0, format!("and {left_out} more, which are not drawn"));
        }
        let lines = wrapped(&words.join("; "), letters(shape.width - 16.0), usize::MAX);
        let has_bars = !scale.is_true();
        let bars = if has_bars { BARS } else { 0.0 };
        // The scale bar is at most 20 pixels high.
        let height = bars + 12.0 + (lines.len() as f64 * LINE).max(24.0) + 8.0;
        Self { lines, unit, has_bars, height }
    }

    pub(crate) fn draw(
        &self,
        out: &mut String,
        top: f64,
        shape: &Shape,
        scale: &Scale,
        columns: (&Column, &[Column]),
    ) {
        let mut y = top;
        if self.has_bars {
            bars(out, y, shape, columns);
            y += BARS;
        }
        let bar = self.unit * scale.factor;
        let _ = write!(out, "<path class=\"cut\" d=\"M0 {}h8m-4 0v{}m-4 0h8\"/>", px(y + 4.0), px(bar));
        for (index, line) in self.lines.iter().enumerate() {
            let y = px(y + 14.0 + index as f64 * LINE);
            let _ = write!(out, "<text class=\"m\" x=\"16\" y=\"{y}\">{}</text>", escaped(line));
        }
    }
}

fn bars(out: &mut String, top: f64, shape: &Shape, (file, memory): (&Column, &[Column])) {
    let columns: [Vec<&Part>; 2] =
        [file.parts.iter().collect(), memory.iter().flat_map(|column| &column.parts).collect()];
    let total = columns.iter().map(|parts| parts.iter().map(|part| part.len() as f64).sum::<f64>());
    let total = total.fold(1.0, f64::max);
    for (row, (name, parts)) in ["file", "memory"].into_iter().zip(&columns).enumerate() {
        if parts.is_empty() {
            continue;
        }
        let y = top + row as f64 * 14.0;
        let _ = write!(out, "<text class=\"m\" x=\"0\" y=\"{}\">{name}</text>", px(y + 8.0));
        let mut x = 56.0;
        for part in parts {
            let width = part.len() as f64 / total * (shape.width - 56.0);
            let _ = write!(
                out,
                "<rect class=\"r-{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"9\"/>",
                class(part.role),
                px(x),
                px(y),
                px(width)
            );
            x += width;
        }
    }
}
