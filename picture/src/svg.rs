//! The picture.

use std::fmt::Write as _;

use execfmt_view::{Memory, View};

use crate::bars::Bars;
use crate::column::Column;
use crate::fields::Fields;
use crate::foot::Foot;
use crate::group::Tips;
use crate::layout::{LEAST, LINE, Scale};
use crate::part::{Mark, Part, of_file, of_memory};
use crate::shape::{FileLabels, MARGIN, Shape, Width};
use crate::style::{patterns, rules};
use crate::text::{escaped, letters, px, shortened};
use crate::tree::Space;

/// The height of a title.
const HEAD: f64 = 24.0;
/// Maximum number of parts of a column with labels of their own.
const MOST: usize = 60;
/// Vertical distance between two things.
const BETWEEN: f64 = 14.0;

/// A file next to the memory it is loaded into, with its header field by field. `title` describes the file,
/// `marks` are its findings. For a file without parts, the picture is empty.
pub fn svg(view: &View, title: &str, marks: &[Mark]) -> String {
    drawn(view, title, marks, Width::Wide, "p", &rules())
}

/// The same for a given width. `ids` is the prefix of the names of its patterns, which are global in a page;
/// `rules` are those of [`rules`], unless the page contains them.
pub(crate) fn drawn(
    view: &View,
    title: &str,
    marks: &[Mark],
    width: Width,
    ids: &str,
    rules: &str,
) -> String {
    let picture = Picture::new(view, marks, Shape::new(view, width), ids);
    let edge = 2.0 * MARGIN;
    let (width, height) = (px(picture.shape.width + edge), px(picture.height + edge));
    let mut out = format!(
        "<svg class=\"map\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"-{MARGIN} -{MARGIN} {width} {height}\" role=\"group\" aria-label=\"{}\">",
        escaped(title)
    );
    if !rules.is_empty() {
        let _ = write!(out, "<style>{rules}</style>");
    }
    out += &patterns(ids);
    picture.draw(&mut out);
    out + "</svg>\n"
}

/// Everything with its position.
struct Picture<'a> {
    view: &'a View,
    marks: &'a [Mark],
    ids: &'a str,
    shape: Shape,
    scale: Scale,
    file: Column,
    memory: Vec<Column>,
    /// The lines of the parts that are named in a list below the columns.
    list: Vec<(usize, f64)>,
    spaces: Vec<(Space<'a>, f64)>,
    foot: (Foot, f64),
    tips: Tips,
    fields: (Fields<'a>, f64),
    height: f64,
}

impl<'a> Picture<'a> {
    fn new(view: &'a View, marks: &'a [Mark], shape: Shape, ids: &'a str) -> Self {
        let mut left_out = 0_usize;
        let mut few = |mut parts: Vec<Part>| {
            left_out = left_out.saturating_add(parts.len().saturating_sub(MOST));
            parts.truncate(MOST);
            parts
        };
        let (strips, trees): (Vec<&Memory>, Vec<&Memory>) =
            view.memory.iter().partition(|memory| memory.tree.is_empty());
        let file = few(of_file(view));
        let is_cut = file.last().is_some_and(|part| part.end > view.file_length);
        let memory: Vec<Vec<Part>> = strips.iter().map(|memory| of_memory(memory)).map(&mut few).collect();
        let scale = scale(&file, &memory);
        let mut bottom = HEAD + 4.0;
        let memory: Vec<Column> = strips
            .iter()
            .zip(memory)
            .map(|(memory, parts)| {
                let column = Column::new(memory.title.clone(), bottom, parts, &scale, true);
                bottom = column.bottom + HEAD + BETWEEN;
                column
            })
            .collect();
        let title = format!("file, {} bytes", view.file_length);
        let has_labels = shape.file_labels != FileLabels::Below;
        let file = Column::new(title, HEAD + 4.0, file, &scale, has_labels);
        let mut y = memory.iter().map(|column| column.bottom).fold(file.bottom, f64::max) + BETWEEN;
        let list = list(&file, &memory, &shape, y);
        if let Some((_, last)) = list.last() {
            y = last + BETWEEN;
        }
        // A tree is beside the file or, if there is no room, below it.
        let mut beside = if shape.tree.is_some() { 4.0 } else { y };
        let spaces: Vec<_> = trees
            .into_iter()
            .map(|memory| {
                let (space, top) = (Space::new(memory, &shape), beside);
                beside += space.height + BETWEEN;
                left_out = left_out.saturating_add(space.left_out);
                (space, top)
            })
            .collect();
        y = y.max(beside);
        let foot = Foot::new(view, &shape, &scale, (left_out, is_cut));
        let (foot_top, tips_top) = (y, y + foot.height);
        let tips = Tips::new(&shape, tips_top);
        let fields = Fields::new(view, &shape);
        let fields_top = tips_top + tips.height() + BETWEEN;
        let height = fields_top + fields.height;
        let (foot, fields) = ((foot, foot_top), (fields, fields_top));
        Self { view, marks, ids, shape, scale, file, memory, list, spaces, foot, tips, fields, height }
    }

    fn draw(&self, out: &mut String) {
        self.titles(out);
        self.tips.hint(out);
        let bars = Bars {
            view: self.view,
            marks: self.marks,
            ids: self.ids,
            shape: &self.shape,
            scale: &self.scale,
            file: &self.file,
            memory: &self.memory,
            list: &self.list,
            tips: &self.tips,
        };
        bars.draw(out);
        for (space, top) in &self.spaces {
            space.draw(out, *top, self.ids, &self.tips);
        }
        let (foot, top) = &self.foot;
        foot.draw(out, *top, &self.shape, &self.scale, (&self.file, &self.memory));
        let (fields, top) = &self.fields;
        fields.draw(out, self.marks, *top, &self.tips);
    }

    fn titles(&self, out: &mut String) {
        let (x, width) = self.shape.file;
        let (anchor, x) = match self.shape.file_labels {
            FileLabels::Left => ("end", x + width),
            FileLabels::Right | FileLabels::Below => ("start", x),
        };
        // Beside a narrow bar of memory there is no room for the size.
        let title = if self.shape.file_labels == FileLabels::Below { "file" } else { &self.file.title };
        let _ = write!(
            out,
            "<text class=\"h\" x=\"{}\" y=\"14\" text-anchor=\"{anchor}\">{}</text>",
            px(x),
            escaped(title)
        );
        let x = self.shape.memory.0;
        for column in &self.memory {
            let title = shortened(&column.title, letters(self.shape.width - x));
            let (x, y) = (px(x), px(column.top - HEAD + 10.0));
            let _ = write!(out, "<text class=\"h\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(&title));
        }
    }
}

/// The scale of all columns.
fn scale(file: &[Part], memory: &[Vec<Part>]) -> Scale {
    let lengths = |parts: &[Part]| parts.iter().map(Part::length).collect::<Vec<_>>();
    let labels = file.len().max(memory.iter().map(Vec::len).sum());
    let height = (90.0 + 34.0 * labels as f64).clamp(400.0, 560.0).max(labels as f64 * LEAST);
    let between = memory.len().saturating_sub(1) as f64 * (HEAD + BETWEEN);
    let columns = [lengths(file), memory.iter().flat_map(|parts| lengths(parts)).collect()];
    Scale::choose(&columns, (height - between).max(labels as f64 * LEAST))
}

/// The parts of the file that a list names: those that become no memory.
fn list(file: &Column, memory: &[Column], shape: &Shape, top: f64) -> Vec<(usize, f64)> {
    let stays = |part: &Part| !part.thin && part.target(memory).is_none();
    let parts = file.parts.iter().enumerate().filter(|(_, part)| stays(part)).map(|(index, _)| index);
    let parts = parts.filter(|_| shape.file_labels == FileLabels::Below);
    parts.enumerate().map(|(line, index)| (index, top + 24.0 + line as f64 * LINE)).collect()
}
