//! The parts that are drawn.

use std::fmt::Write as _;

use execfmt_view::{Memory, Region, Role, View};

use crate::column::Column;
use crate::layout::Length;
use crate::text::px;

/// Something that was found in a file, for the part in which it is.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where, in bytes from the start of the file.
    pub offset: u64,
    /// Whether the file is refused for it.
    pub is_error: bool,
    /// The sentence.
    pub message: String,
}

/// A gap below this many bytes fills up to an alignment.
const ALIGNMENT: u64 = 16;

/// A part of the file or of memory.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Of a part of the file: the memory that it becomes, and the first address.
    pub(crate) becomes: Option<(usize, u64)>,
    pub(crate) thin: bool,
}

impl Part {
    fn of(region: &Region, start: u64) -> Self {
        let becomes = region.becomes.map(|(memory, start, _)| (memory, start));
        let (name, role, end) = (region.name.to_string(), region.role, region.end);
        Self { name, role, start, end, becomes, thin: false }
    }

    pub(crate) const fn len(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// The part of memory that it becomes: of which column, and which of its parts.
    pub(crate) fn target(&self, memory: &[Column]) -> Option<(usize, usize)> {
        let (segment, start) = self.becomes?;
        let parts = &memory.get(segment)?.parts;
        Some((segment, parts.iter().position(|part| part.start == start && !part.thin)?))
    }

    pub(crate) fn length(&self) -> Length {
        Length { bytes: self.len() as f64, thin: self.thin }
    }
}

/// The sign of the worst of what was found, at a place.
pub(crate) fn sign(out: &mut String, marks: &[&Mark], x: f64, y: f64) {
    if let Some(mark) = marks.iter().max_by_key(|mark| mark.is_error) {
        let (class, sign) = if mark.is_error { ("error", '▲') } else { ("warning", '△') };
        let _ = write!(out, "<text class=\"{class}\" x=\"{}\" y=\"{}\">{sign}</text>", px(x), px(y));
    }
}

/// Parts end to end, as they are seen: what one covers is not drawn once more, and a small gap is a line.
fn end_to_end(regions: &[Region], gap: Role) -> Vec<Part> {
    let mut reached = 0;
    let mut parts = Vec::new();
    for region in regions {
        let start = region.start.max(reached);
        if start < region.end {
            let thin = region.role == gap && region.len() < ALIGNMENT;
            parts.push(Part { thin, ..Part::of(region, start) });
            reached = region.end;
        }
    }
    parts
}

/// The parts of the file, what a header claims beyond its end included.
pub(crate) fn of_file(view: &View) -> Vec<Part> {
    end_to_end(&view.file_parts(), Role::Unclaimed)
}

/// The parts of a run of memory.
pub(crate) fn of_memory(memory: &Memory) -> Vec<Part> {
    end_to_end(&memory.parts(), Role::Gap)
}
