//! The parts to be drawn.

use std::fmt::Write as _;

use execfmt_view::{Memory, Region, Role, View};

use crate::column::Column;
use crate::layout::Length;
use crate::text::px;

/// A finding, for the part that contains it.
#[derive(Clone, Debug)]
pub struct Mark {
    /// File offset, in bytes.
    pub offset: u64,
    /// Whether it is an error, for which the file is refused.
    pub is_error: bool,
    /// The sentence.
    pub message: String,
}

/// A gap of fewer bytes than this fills up to an alignment.
const ALIGNMENT: u64 = 16;

/// A part of the file or of memory.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// For a part of the file: the memory it is loaded into, and the first address.
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

    /// The part of memory it is loaded into: the index of the column, and the index of the part.
    pub(crate) fn target(&self, memory: &[Column]) -> Option<(usize, usize)> {
        let (segment, start) = self.becomes?;
        let parts = &memory.get(segment)?.parts;
        Some((segment, parts.iter().position(|part| part.start == start && !part.thin)?))
    }

    pub(crate) fn length(&self) -> Length {
        Length { bytes: self.len() as f64, thin: self.thin }
    }
}

/// The sign of the most severe finding, at a position.
pub(crate) fn sign(out: &mut String, marks: &[&Mark], x: f64, y: f64) {
    if let Some(mark) = marks.iter().max_by_key(|mark| mark.is_error) {
        let (class, sign) = if mark.is_error { ("error", '▲') } else { ("warning", '△') };
        let _ = write!(out, "<text class=\"{class}\" x=\"{}\" y=\"{}\">{sign}</text>", px(x), px(y));
    }
}

/// Contiguous parts, as they are visible: a covered part is not drawn twice, and a small gap is a line.
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

/// The parts of the file, including what a header claims past its end.
pub(crate) fn of_file(view: &View) -> Vec<Part> {
    end_to_end(&view.file_parts(), Role::Unclaimed)
}

/// The parts of a run of memory.
pub(crate) fn of_memory(memory: &Memory) -> Vec<Part> {
    end_to_end(&memory.parts(), Role::Gap)
}
