//! The bars of file and memory, with the bands between them and their labels.

use std::fmt::Write as _;

use execfmt_view::{Role, View};

use crate::column::Column;
use crate::group::Tips;
use crate::layout::{LEAST, Scale};
use crate::part::{Mark, Part, sign};
use crate::shape::{FileLabels, Shape};
use crate::style::{class, has_pattern};
use crate::text::{escaped, letters, px, shortened};

/// Minimum number of letters that remain of a name.
const NAME: usize = 6;

/// The columns, and what else is needed to draw them.
pub(crate) struct Bars<'a> {
    pub(crate) view: &'a View,
    pub(crate) marks: &'a [Mark],
    pub(crate) ids: &'a str,
    pub(crate) shape: &'a Shape,
    pub(crate) scale: &'a Scale,
    pub(crate) file: &'a Column,
    pub(crate) memory: &'a [Column],
    pub(crate) list: &'a [(usize, f64)],
    pub(crate) tips: &'a Tips,
}

/// A part with its position, and that of its label.
type Placed<'a> = (&'a Part, (f64, f64), Option<f64>);

impl Bars<'_> {
    pub(crate) fn draw(&self, out: &mut String) {
        if let Some((_, y)) = self.list.first() {
            let _ = write!(out, "<text class=\"h\" x=\"0\" y=\"{}\">in the file only</text>", px(y - 17.0));
        }
        let mut drawn: Vec<(usize, usize)> = Vec::new();
        for (index, part) in self.file.parts.iter().enumerate() {
            let target = part.target(self.memory);
            drawn.extend(target);
            self.group(out, Some(index), target);
        }
        for (segment, column) in self.memory.iter().enumerate() {
            for index in 0..column.parts.len() {
                if !drawn.contains(&(segment, index)) {
                    self.group(out, None, Some((segment, index)));
                }
            }
        }
        self.pages(out);
        self.end_of_file(out);
    }

    /// A part on both sides, with the band between them and its labels: one object for the pointer and the
    /// keyboard.
    fn group(&self, out: &mut String, index: Option<usize>, memory: Option<(usize, usize)>) {
        let file = index.and_then(|index| placed(self.file, index));
        let memory = memory.and_then(|(segment, index)| placed(self.memory.get(segment)?, index));
        let Some(part) = memory.as_ref().or(file.as_ref()).map(|(part, ..)| *part) else { return };
        let marks: Vec<&Mark> = file.map(|(part, ..)| self.marks_of(part)).unwrap_or_default();
        let mut facts = vec![part.name.clone()];
        facts.extend(file.map(|(part, ..)| format!("file {}, {} bytes", range(part), part.len())));
        facts.extend(memory.map(|(part, ..)| format!("memory {}, {} bytes", range(part), part.len())));
        facts.extend(marks.iter().map(|mark| mark.message.clone()));
        self.tips.open(out, &facts);
        if let (Some((_, from, _)), Some((_, to, _))) = (&file, &memory) {
            self.band(out, part.role, *from, *to);
        }
        if let Some((part, span, label)) = file {
            self.bar(out, part, span, self.shape.file);
            if let Some(y) = label {
                self.file_label(out, part, span, y);
            }
            if let Some((_, y)) = self.list.iter().find(|(listed, _)| Some(*listed) == index) {
                self.line_of_list(out, part, *y);
            }
            sign(out, &marks, self.shape.file.0 + 3.0, f64::midpoint(span.0, span.1) + 4.0);
        }
        if let Some((part, span, label)) = memory {
            self.bar(out, part, span, self.shape.memory);
            if let Some(y) = label {
                let (from, x) = self.shape.memory_label();
                leader(out, (from, f64::midpoint(span.0, span.1)), (x - 4.0, y));
                self.label(out, part, (x, y), self.shape.width - x);
            }
        }
        self.tips.close(out, &facts);
    }

    /// The findings in a part.
    fn marks_of(&self, part: &Part) -> Vec<&Mark> {
        self.marks.iter().filter(|mark| (part.start..part.end).contains(&mark.offset)).collect()
    }

    fn bar(&self, out: &mut String, part: &Part, (from, to): (f64, f64), (x, width): (f64, f64)) {
        let class = class(part.role);
        let dashed = if self.scale.lifts(part.length()) { " stroke-dasharray=\"2 2\"" } else { "" };
        let place = format!("x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{}\"", px(from), px(to - from));
        let _ = write!(out, "<rect class=\"b r-{class}\" {place}{dashed}/>");
        if has_pattern(part.role) {
            let _ = write!(out, "<rect fill=\"url(#{}-{class})\" {place}/>", self.ids);
        }
        if part.thin {
            return;
        }
        let middle = f64::midpoint(from, to);
        if self.scale.cuts(part.length()) {
            let step = width / 6.0;
            let points = (0..=6).map(|n| {
                let (x, y) = (x + f64::from(n) * step, middle + if n % 2 == 0 { 4.0 } else { -4.0 });
                format!("{} {}", px(x), px(y))
            });
            let _ = write!(out, "<path class=\"cut\" d=\"M{}\"/>", points.collect::<Vec<_>>().join("L"));
        } else {
            let letter = escaped(&part.role.letter().to_string());
            let (x, y) = (px(x + width / 2.0), px(middle + 4.0));
            let _ = write!(out, "<text class=\"k i-{class}\" x=\"{x}\" y=\"{y}\">{letter}</text>");
        }
    }

    fn file_label(&self, out: &mut String, part: &Part, (from, to): (f64, f64), y: f64) {
        let middle = f64::midpoint(from, to);
        if self.shape.file_labels == FileLabels::Right {
            let (from, x) = self.shape.file_label();
            leader(out, (from, middle), (x - 4.0, y));
            return self.label(out, part, (x, y), self.shape.width - x);
        }
        let x = self.shape.file.0 - self.shape.leader - 4.0;
        leader(out, (self.shape.file.0 - 2.0, middle), (x + 4.0, y));
        let words = words(part, letters(x), true);
        let _ = write!(out, "<text x=\"{x}\" y=\"{}\" text-anchor=\"end\">{words}</text>", px(y + 4.0));
    }

    /// A label at a position, with limited width.
    fn label(&self, out: &mut String, part: &Part, (x, y): (f64, f64), room: f64) {
        let words = words(part, letters(room), self.shape.is_narrow);
        let _ = write!(out, "<text x=\"{}\" y=\"{}\">{words}</text>", px(x), px(y + 4.0));
    }

    /// A part that remains in the file, in the list of these.
    fn line_of_list(&self, out: &mut String, part: &Part, y: f64) {
        let class = class(part.role);
        let letter = escaped(&part.role.letter().to_string());
        let _ = write!(out, "<text class=\"k i-{class}\" x=\"6\" y=\"{}\">{letter}</text>", px(y + 4.0));
        self.label(out, part, (18.0, y), self.shape.width - 18.0);
    }

    /// A ribbon with given heights at both ends.
    fn band(&self, out: &mut String, role: Role, (a, b): (f64, f64), (c, d): (f64, f64)) {
        let (left, right) = (self.shape.file.0 + self.shape.file.1, self.shape.memory.0);
        let middle = f64::midpoint(left, right);
        let _ = write!(
            out,
            "<path class=\"band r-{0}\" d=\"M{left} {1}C{middle} {1} {middle} {2} {right} {2}V{3}C{middle} {3} {middle} {4} {left} {4}Z\"/>",
            class(role),
            px(a),
            px(c),
            px(d),
            px(b)
        );
    }

    /// Pages as a ruler at the outer edge of memory: filled where they can be read-only.
    fn pages(&self, out: &mut String) {
        let width = self.shape.ruler;
        for (memory, column) in self.view.memory.iter().zip(self.memory) {
            let Some(pages) = &memory.pages else { continue };
            let x = self.shape.memory.0 + self.shape.memory.1 + 3.0;
            let mut last = f64::MIN;
            for page in 0..memory.length.checked_div(memory.page).unwrap_or_default().min(1024) {
                let start = column.at(page.saturating_mul(memory.page));
                let end = column.at(page.saturating_add(1).saturating_mul(memory.page));
                let (Some(start), end) = (start, end.unwrap_or_else(|| column.end())) else { continue };
                let kind = if pages.are_read_only(page, page) { "page ro" } else { "page" };
                let _ = write!(
                    out,
                    "<rect class=\"{kind}\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{}\"/>",
                    px(start),
                    px((end - start).max(0.0))
                );
                let number = page.to_string();
                if start - last >= LEAST && end - start >= LEAST - 1.0 && number.len() <= letters(width) {
                    let (x, y) = (px(x + width / 2.0), px(f64::midpoint(start, end) + 4.0));
                    let _ = write!(
                        out,
                        "<text class=\"m\" text-anchor=\"middle\" x=\"{x}\" y=\"{y}\">{number}</text>"
                    );
                    last = start;
                }
            }
        }
    }

    /// The end of the file, if its header claims more: what is past it is crossed out.
    fn end_of_file(&self, out: &mut String) {
        let claimed = self.file.parts.last().map_or(0, |part| part.end);
        if claimed <= self.view.file_length {
            return;
        }
        let y = self.file.at(self.view.file_length).unwrap_or(self.file.top);
        let (x, width) = self.shape.file;
        let _ = write!(
            out,
            "<rect class=\"lost\" fill=\"url(#{0}-x)\" x=\"{x}\" y=\"{1}\" width=\"{width}\" height=\"{2}\"/>\
             <path class=\"end\" d=\"M{3} {1}h{4}\"/>",
            self.ids,
            px(y),
            px(self.file.end() - y),
            px(x - 6.0),
            px(width + 12.0)
        );
    }
}

fn placed(column: &Column, index: usize) -> Option<Placed<'_>> {
    Some((column.parts.get(index)?, *column.spans.get(index)?, *column.labels.get(index)?))
}

fn leader(out: &mut String, (x, y): (f64, f64), (to_x, to_y): (f64, f64)) {
    let _ = write!(out, "<path class=\"line\" d=\"M{} {}L{} {}\"/>", px(x), px(y), px(to_x), px(to_y));
}

fn range(part: &Part) -> String {
    format!("{:#06x}..{:#06x}", part.start, part.end)
}

/// The position, name and size of a part, in a limited number of letters: if they do not fit, the end of the
/// position is dropped first, then the position, then the size; the name is shortened to fit.
fn words(part: &Part, most: usize, is_short: bool) -> String {
    let (start, size) = (format!("{:#06x}", part.start), format!("{} B", part.len()));
    let gap = if most < 40 { " " } else { "  " };
    let place = if is_short { start.clone() } else { range(part) };
    let choices = [(place, size.clone()), (start, size.clone()), (String::new(), size), Default::default()];
    let room = |place: &str, size: &str| {
        let gaps = [place, size].iter().filter(|text| !text.is_empty()).count().saturating_mul(gap.len());
        most.saturating_sub(place.len()).saturating_sub(size.len()).saturating_sub(gaps)
    };
    let wanted = part.name.chars().count().min(NAME);
    let fitting = choices.into_iter().find(|(place, size)| room(place, size) >= wanted);
    let (place, size) = fitting.unwrap_or_default();
    let name = format!("<tspan class=\"n\">{}</tspan>", escaped(&shortened(&part.name, room(&place, &size))));
    let before = if place.is_empty() { place } else { format!("<tspan class=\"m\">{place}</tspan>{gap}") };
    let after = if size.is_empty() { size } else { format!("{gap}{size}") };
    format!("{before}{name}{after}")
}
