//! The parts that are drawn.

use execfmt_view::{Memory, Region, Role, View};

use crate::layout::Length;

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
    fn of(region: &Region, start: u64, end: u64) -> Self {
        let becomes = region.becomes.map(|(memory, start, _)| (memory, start));
        Self { name: region.name.to_string(), role: region.role, start, end, becomes, thin: false }
    }

    fn gap(name: &str, role: Role, start: u64, end: u64) -> Self {
        let thin = end.saturating_sub(start) < ALIGNMENT;
        Self { name: name.into(), role, start, end, becomes: None, thin }
    }

    pub(crate) const fn len(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    pub(crate) fn length(&self) -> Length {
        Length { bytes: self.len() as f64, thin: self.thin }
    }
}

/// Regions end to end, as they are seen: of two in one place the later one of the list, and what none claims as a part of its
/// own.
fn end_to_end(regions: &[Region], length: u64, gap: (&str, Role)) -> Vec<Part> {
    let mut sorted: Vec<&Region> = regions.iter().filter(|region| !region.is_empty()).collect();
    sorted.sort_by_key(|region| (region.start, region.end));
    let (mut parts, mut reached) = (Vec::new(), 0);
    for region in sorted {
        if region.start > reached {
            parts.push(Part::gap(gap.0, gap.1, reached, region.start));
        }
        // What another one covers is not drawn twice.
        let start = region.start.max(reached);
        if start < region.end {
            parts.push(Part::of(region, start, region.end));
            reached = region.end;
        }
    }
    if reached < length {
        parts.push(Part::gap(gap.0, gap.1, reached, length));
    }
    parts
}

/// The parts of the file, what a header claims beyond its end included.
pub(crate) fn of_file(view: &View) -> Vec<Part> {
    end_to_end(&view.file, view.file_length, ("unclaimed", Role::Unclaimed))
}

/// The parts of a run of memory.
pub(crate) fn of_memory(memory: &Memory) -> Vec<Part> {
    if memory.tree.is_empty() {
        return end_to_end(&memory.regions, memory.length, ("nothing", Role::Gap));
    }
    // Of an address space only what is mapped: the holes are as large as the space.
    let leaf = |region: &Region| Part::of(region, region.start, region.end);
    memory.regions.iter().filter(|region| !region.is_empty()).map(leaf).collect()
}
