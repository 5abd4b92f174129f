//! The picture.

use std::fmt::Write as _;

use execfmt_view::{Memory, Role, View};

use crate::layout::{LEAST, LINE, Scale, place};
use crate::part::{Mark, Part, of_file, of_memory};
use crate::style::{class, has_pattern, patterns, rules};

/// The width of the whole, in pixels.
const WIDTH: f64 = 1080.0;
/// The left edge and the width of the file's bar.
const FILE: (f64, f64) = (380.0, 52.0);
/// The same of memory's.
const MEMORY: (f64, f64) = (560.0, 64.0);
/// The height of a title.
const HEAD: f64 = 24.0;
/// The letters of place, name and bytes for which a label of memory has room, where the widest letter of usual fonts is 7.44
/// pixels wide.
const LABEL: usize = 44;
/// The most letters of a name, and the fewest that are left of one.
const NAME: (usize, usize) = (22, 6);
/// The most parts of a column that have labels of their own.
const MOST: usize = 60;

/// A file beside the memory that it becomes. `title` says what the file is, `marks` what is wrong with it. A file without any
/// parts is an empty picture.
pub fn svg(view: &View, title: &str, marks: &[Mark]) -> String {
    let drawn = Drawn::new(view, marks);
    let mut out = format!(
        "<svg class=\"map\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{0}\" viewBox=\"-12 -12 {WIDTH} {0}\" \
         role=\"group\" aria-label=\"{1}\"><style>{2}</style>{3}",
        px(drawn.height + 24.0),
        escaped(title),
        rules(),
        patterns()
    );
    out += &drawn.body();
    out + "</svg>\n"
}

/// A column with the places of its parts and of their labels.
struct Column {
    title: String,
    top: f64,
    parts: Vec<Part>,
    /// From where to where each part is drawn.
    spans: Vec<(f64, f64)>,
    /// Where the label of each part stands; none of a thin one.
    labels: Vec<Option<f64>>,
    bottom: f64,
}

impl Column {
    fn new(title: String, top: f64, parts: Vec<Part>, scale: &Scale) -> Self {
        let (mut y, mut spans) = (top, Vec::new());
        for part in &parts {
            let next = y + scale.height(part.length());
            spans.push((y, next));
            y = next;
        }
        let named: Vec<usize> =
            (0..parts.len()).filter(|&index| parts.get(index).is_some_and(|part| !part.thin)).collect();
        let bottom = y.max(top + named.len() as f64 * LINE + 2.0);
        let wanted: Vec<f64> =
            named.iter().filter_map(|&index| spans.get(index)).map(|(a, b)| f64::midpoint(*a, *b)).collect();
        let mut labels = vec![None; parts.len()];
        for (index, y) in named.into_iter().zip(place(&wanted, top + 8.0, bottom - 8.0)) {
            if let Some(label) = labels.get_mut(index) {
                *label = Some(y);
            }
        }
        Self { title, top, parts, spans, labels, bottom }
    }

    /// Where a byte is drawn.
    fn at(&self, byte: u64) -> Option<f64> {
        let holds = |part: &&Part| (part.start..part.end).contains(&byte);
        let (part, (from, to)) = self.parts.iter().zip(&self.spans).find(|(part, _)| holds(part))?;
        Some(from + byte.saturating_sub(part.start) as f64 / part.len().max(1) as f64 * (to - from))
    }
}

struct Drawn<'a> {
    view: &'a View,
    marks: &'a [Mark],
    scale: Scale,
    file: Column,
    memory: Vec<Column>,
    /// How many parts are too many to draw.
    left_out: usize,
    height: f64,
}

impl<'a> Drawn<'a> {
    fn new(view: &'a View, marks: &'a [Mark]) -> Self {
        let mut left_out = 0_usize;
        let mut few = |mut parts: Vec<Part>| {
            left_out = left_out.saturating_add(parts.len().saturating_sub(MOST));
            parts.truncate(MOST);
            parts
        };
        let file = few(of_file(view));
        let memory: Vec<Vec<Part>> = view.memory.iter().map(of_memory).map(&mut few).collect();
        let lengths = |parts: &[Part]| parts.iter().map(Part::length).collect::<Vec<_>>();
        let labels = file.len().max(memory.iter().map(Vec::len).sum());
        let height = (90.0 + 34.0 * labels as f64).clamp(400.0, 560.0).max(labels as f64 * LEAST);
        let between = memory.len().saturating_sub(1) as f64 * (HEAD + 14.0);
        let columns = [lengths(&file), memory.iter().flat_map(|parts| lengths(parts)).collect()];
        let scale = Scale::choose(&columns, (height - between).max(labels as f64 * LEAST));
        let title = format!("file, {} bytes", view.file_length);
        let file = Column::new(title, HEAD + 4.0, file, &scale);
        let mut top = HEAD + 4.0;
        let memory = view.memory.iter().zip(memory);
        let memory: Vec<Column> = memory
            .map(|(Memory { title, .. }, parts)| {
                let column = Column::new(title.clone(), top, parts, &scale);
                top = column.bottom + HEAD + 14.0;
                column
            })
            .collect();
        let bottom = memory.iter().map(|column| column.bottom).fold(file.bottom, f64::max);
        Self { view, marks, scale, file, memory, left_out, height: bottom + 80.0 }
    }

    fn body(&self) -> String {
        let mut out = format!(
            "<text class=\"h\" x=\"{}\" y=\"14\" text-anchor=\"end\">{}</text>",
            FILE.0 + FILE.1,
            escaped(&self.file.title)
        );
        for column in &self.memory {
            let y = px(column.top - HEAD + 10.0);
            let _ = write!(
                out,
                "<text class=\"h\" x=\"{}\" y=\"{y}\">{}</text>",
                MEMORY.0,
                escaped(&column.title)
            );
        }
        let mut drawn: Vec<(usize, usize)> = Vec::new();
        for index in 0..self.file.parts.len() {
            let target = self.target(index);
            drawn.extend(target);
            self.group(&mut out, Some(index), target);
        }
        for (segment, column) in self.memory.iter().enumerate() {
            for index in 0..column.parts.len() {
                if !drawn.contains(&(segment, index)) {
                    self.group(&mut out, None, Some((segment, index)));
                }
            }
        }
        self.pages(&mut out);
        self.end_of_file(&mut out);
        self.true_scale(&mut out);
        out
    }

    /// The part of memory that a part of the file becomes.
    fn target(&self, index: usize) -> Option<(usize, usize)> {
        let (segment, start) = self.file.parts.get(index)?.becomes?;
        let parts = &self.memory.get(segment)?.parts;
        let there = parts.iter().position(|part| part.start == start && !part.thin)?;
        Some((segment, there))
    }

    /// A part on both sides, with the band between them and its labels: one thing for the pointer and the keyboard.
    fn group(&self, out: &mut String, file: Option<usize>, memory: Option<(usize, usize)>) {
        let file = file.and_then(|index| {
            Some((self.file.parts.get(index)?, *self.file.spans.get(index)?, *self.file.labels.get(index)?))
        });
        let memory = memory.and_then(|(segment, index)| {
            let column = self.memory.get(segment)?;
            Some((column.parts.get(index)?, *column.spans.get(index)?, *column.labels.get(index)?))
        });
        let Some(part) = memory.as_ref().or(file.as_ref()).map(|(part, ..)| *part) else { return };
        let mut said = vec![part.name.clone()];
        said.extend(file.map(|(part, ..)| format!("file {}, {} bytes", range(part), part.len())));
        said.extend(memory.map(|(part, ..)| format!("memory {}, {} bytes", range(part), part.len())));
        let marks: Vec<&Mark> = file.map(|(part, ..)| self.marks_of(part)).unwrap_or_default();
        said.extend(marks.iter().map(|mark| mark.message.clone()));
        let said = escaped(&said.join("; "));
        let _ = write!(
            out,
            "<g class=\"it\" tabindex=\"0\" role=\"img\" aria-label=\"{said}\"><title>{said}</title>"
        );
        if let (Some((_, from, _)), Some((_, to, _))) = (&file, &memory) {
            band(out, part.role, *from, *to);
        }
        if let Some((part, span, label)) = file {
            self.bar(out, part, span, FILE);
            if let Some(y) = label {
                self.file_label(out, part, span, y);
            }
            if let Some(mark) = marks.iter().max_by_key(|mark| mark.is_error) {
                let (class, sign) = if mark.is_error { ("error", '▲') } else { ("warning", '△') };
                let y = px(f64::midpoint(span.0, span.1) + 4.0);
                let _ = write!(out, "<text class=\"{class}\" x=\"{}\" y=\"{y}\">{sign}</text>", FILE.0 + 3.0);
            }
        }
        if let Some((part, span, label)) = memory {
            self.bar(out, part, span, MEMORY);
            if let Some(y) = label {
                self.memory_label(out, part, span, y);
            }
        }
        out.push_str("</g>");
    }

    /// What was found in a part or, of a header, in what is before the first part that is none.
    fn marks_of(&self, part: &Part) -> Vec<&'a Mark> {
        self.marks.iter().filter(|mark| (part.start..part.end).contains(&mark.offset)).collect()
    }

    fn bar(&self, out: &mut String, part: &Part, (from, to): (f64, f64), (x, width): (f64, f64)) {
        let class = class(part.role);
        let dashed = if self.scale.lifts(part.length()) { " stroke-dasharray=\"2 2\"" } else { "" };
        let place = format!("x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{}\"", px(from), px(to - from));
        let _ = write!(out, "<rect class=\"b r-{class}\" {place}{dashed}/>");
        if has_pattern(part.role) {
            let _ = write!(out, "<rect fill=\"url(#p-{class})\" {place}/>");
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
            let _ = write!(
                out,
                "<text class=\"k i-{class}\" x=\"{}\" y=\"{}\">{letter}</text>",
                px(x + width / 2.0),
                px(middle + 4.0)
            );
        }
    }

    fn file_label(&self, out: &mut String, part: &Part, (from, to): (f64, f64), y: f64) {
        let middle = f64::midpoint(from, to);
        let (x, end) = (FILE.0 - 2.0, FILE.0 - 16.0);
        let _ = write!(
            out,
            "<path class=\"line\" d=\"M{x} {}L{end} {}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">\
             <tspan class=\"m\">{:#06x}</tspan>  <tspan class=\"n\">{}</tspan>  {} B</text>",
            px(middle),
            px(y),
            FILE.0 - 20.0,
            px(y + 4.0),
            part.start,
            escaped(&shortened(&part.name, NAME.0)),
            part.len()
        );
    }

    fn memory_label(&self, out: &mut String, part: &Part, (from, to): (f64, f64), y: f64) {
        let middle = f64::midpoint(from, to);
        let x = MEMORY.0 + MEMORY.1 + 30.0;
        let (place, bytes) = (range(part), part.len().to_string());
        // What is beside the name is written in full; of the name there is what fits.
        let name = LABEL.saturating_sub(place.len()).saturating_sub(bytes.len()).clamp(NAME.1, NAME.0);
        let _ = write!(
            out,
            "<path class=\"line\" d=\"M{} {}L{} {}\"/><text x=\"{}\" y=\"{}\"><tspan class=\"m\">{}</tspan>  \
             <tspan class=\"n\">{}</tspan>  {bytes} B</text>",
            x + 2.0,
            px(middle),
            x + 18.0,
            px(y),
            x + 22.0,
            px(y + 4.0),
            place,
            escaped(&shortened(&part.name, name))
        );
    }

    /// Pages as a ruler on the outer edge of memory: filled where they can be read-only.
    fn pages(&self, out: &mut String) {
        for (memory, column) in self.view.memory.iter().zip(&self.memory) {
            let Some(pages) = &memory.pages else { continue };
            let x = MEMORY.0 + MEMORY.1 + 3.0;
            let mut last = f64::MIN;
            for page in 0..memory.length.checked_div(memory.page).unwrap_or_default().min(1024) {
                let start = column.at(page.saturating_mul(memory.page));
                let end = column.at(page.saturating_add(1).saturating_mul(memory.page));
                let bottom = column.spans.last().map_or(column.top, |(_, bottom)| *bottom);
                let (Some(start), end) = (start, end.unwrap_or(bottom)) else { continue };
                let kind = if pages.are_read_only(page, page) { "page ro" } else { "page" };
                let _ = write!(
                    out,
                    "<rect class=\"{kind}\" x=\"{x}\" y=\"{}\" width=\"24\" height=\"{}\"/>",
                    px(start),
                    px((end - start).max(0.0))
                );
                if start - last >= LEAST && end - start >= LEAST - 1.0 {
                    let (x, y) = (x + 12.0, px(f64::midpoint(start, end) + 4.0));
                    let _ = write!(
                        out,
                        "<text class=\"m\" text-anchor=\"middle\" x=\"{x}\" y=\"{y}\">{page}</text>"
                    );
                    last = start;
                }
            }
        }
    }

    /// Where the file ends, if its header claims more.
    fn end_of_file(&self, out: &mut String) {
        let claimed = self.file.parts.last().map_or(0, |part| part.end);
        if claimed <= self.view.file_length {
            return;
        }
        let y = self.file.at(self.view.file_length).unwrap_or(self.file.top);
        let (x, end) = (FILE.0 - 6.0, FILE.0 + FILE.1 + 6.0);
        let _ = write!(
            out,
            "<path class=\"end\" d=\"M{x} {0}H{end}\"/><text class=\"error\" x=\"{1}\" y=\"{2}\">the file ends here</text>",
            px(y),
            end + 3.0,
            px(y + 4.0)
        );
    }

    /// Everything to the true scale, as thin bars, where the picture is not.
    fn true_scale(&self, out: &mut String) {
        let y = self.height - 66.0;
        let unit = (10.0 / self.scale.factor.max(1e-12)).log2().ceil().exp2();
        let mut words = vec![format!("this bar: {unit} bytes")];
        let bar = unit * self.scale.factor;
        let _ = write!(out, "<path class=\"cut\" d=\"M0 {}h8m-4 0v{}m-4 0h8\"/>", px(y + 28.0), px(bar));
        if !self.scale.is_true() {
            words.push(
                "a dashed edge: larger than the scale; a zigzag: cut short; the thin bars: the true scale"
                    .into(),
            );
            let columns = [
                self.file.parts.iter().collect::<Vec<_>>(),
                self.memory.iter().flat_map(|column| &column.parts).collect(),
            ];
            let total = columns.iter().map(|parts| parts.iter().map(|part| part.len() as f64).sum::<f64>());
            let total = total.fold(1.0, f64::max);
            for (row, (name, parts)) in ["file", "memory"].into_iter().zip(&columns).enumerate() {
                let y = y + row as f64 * 14.0;
                let _ = write!(out, "<text class=\"m\" x=\"0\" y=\"{}\">{name}</text>", px(y + 8.0));
                let mut x = 56.0;
                for part in parts {
                    let width = part.len() as f64 / total * (WIDTH - 80.0);
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
        if self.view.memory.iter().any(|memory| memory.pages.is_some()) {
            words.push("numbered: pages, filled where they can be read-only".into());
        }
        if self.left_out != 0 {
            words.insert(0, format!("and {} more, which are not drawn", self.left_out));
        }
        for (line, words) in words.chunks(2).enumerate() {
            let y = px(y + 40.0 + line as f64 * 16.0);
            let words = escaped(&words.join("; "));
            let _ = write!(out, "<text class=\"m\" x=\"16\" y=\"{y}\">{words}</text>");
        }
    }
}

/// A ribbon of the heights at both of its ends.
fn band(out: &mut String, role: Role, (a, b): (f64, f64), (c, d): (f64, f64)) {
    let (left, right) = (FILE.0 + FILE.1, MEMORY.0);
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

fn range(part: &Part) -> String {
    format!("{:#06x}..{:#06x}", part.start, part.end)
}

/// A name with its middle left out where it is long.
fn shortened(name: &str, most: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= most {
        return name.into();
    }
    let half = most.saturating_sub(1) / 2;
    let start: String = letters.iter().take(most.saturating_sub(half).saturating_sub(1)).collect();
    let end: String = letters.iter().skip(letters.len().saturating_sub(half)).collect();
    format!("{start}…{end}")
}

/// A tenth of a pixel is enough.
fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(String::from).unwrap_or(text)
}

/// Text that is no markup, and no character that XML forbids or a reader cannot see.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => _ = write!(escaped, "&#{};", u32::from(c)),
            '\u{20}'..='\u{7e}' | '…' | '▲' | '△' => escaped.push(c),
            c if c.is_alphanumeric() => escaped.push(c),
            c => _ = write!(escaped, "\\u{{{:x}}}", u32::from(c)),
        }
    }
    escaped
}
