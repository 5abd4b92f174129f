//! A whole file.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use aout_minix::Symbols;

use crate::data::record as facts;
use crate::region::with_gaps;
use crate::words::counted;
use crate::{Data, Memory, Node, Region, Role, Section};

/// All information about a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// What the file is, in one line.
    pub title: String,
    /// The facts as text.
    pub words: Vec<Section>,
    /// The facts as values: the members that docs/json.md lists for the format, including `format`.
    pub facts: Data,
    /// What follows from the file for its loaders.
    pub derived: Data,
    /// The headers as they are in the file; `None` when too little of them is present.
    pub fields: Option<Node>,
    /// The bytes that the regions describe: those of the file, or the contents of a compressed file.
    pub file_length: u64,
    /// The layout of these bytes, in order.
    pub file: Vec<Region>,
    /// The memory that the file becomes: one run for each segment or address space. Empty when no kernel
    /// gives it memory.
    pub memory: Vec<Memory>,
    /// What is missing from `memory`, and why; as text.
    pub memory_note: Option<String>,
}

/// A part of a program, with its position in the file and in memory.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// What it is.
    pub region: &'a Region,
    /// Its position in the file, if it is there.
    pub stored: Option<&'a Region>,
    /// The memory that contains it, and its position there, if it is there.
    pub placed: Option<(&'a Memory, &'a Region)>,
}

/// A field of the headers that contains no others.
#[derive(Clone, Debug)]
pub struct FieldLeaf<'a> {
    /// Its path, such as `code.size`.
    pub path: String,
    /// The field.
    pub field: &'a Node,
    /// The purpose of the bytes that it describes: a field of a part is drawn like that part.
    pub role: Role,
}

impl View {
    /// The fields of the headers that contain no others, in order.
    pub fn leaves(&self) -> Vec<FieldLeaf<'_>> {
        let mut leaves = Vec::new();
        let mut add = |path: String, field| leaves.push(FieldLeaf { role: self.role(&path), path, field });
        self.fields.iter().for_each(|node| node.leaves("", &mut add));
        leaves
    }

    /// That of the part to which the first name of the path belongs, such as `code.size`; otherwise that of
    /// the header.
    fn role(&self, path: &str) -> Role {
        let part = path.split('.').next().unwrap_or_default();
        let memory = self.memory.iter().flat_map(|memory| &memory.regions);
        let known = self.file.iter().chain(memory).find(|region| region.name == part);
        known.map_or(Role::Header, |region| region.role)
    }

    /// [`file_parts`](Self::file_parts), with only the parts of the headers that these fields do not cover.
    pub fn parts_after(&self, leaves: &[FieldLeaf<'_>]) -> Vec<Region> {
        let mut parts = self.file_parts();
        for part in parts.iter_mut().filter(|part| part.role == Role::Header) {
            for FieldLeaf { field, .. } in leaves {
                let end = field.offset.saturating_add(field.size);
                if (field.offset..end).contains(&part.start) {
                    part.start = end.min(part.end);
                }
            }
        }
        parts
    }

    /// The regions of the file in order, and the gaps between them.
    pub fn file_parts(&self) -> Vec<Region> {
        with_gaps(&self.file, self.file_length, ("unclaimed", Role::Unclaimed))
    }

    /// Every part once: headers, then the contents of each run of memory, then what is only in the file.
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut placed: Vec<Part<'_>> = Vec::new();
        for (index, memory) in self.memory.iter().enumerate() {
            for region in memory.regions.iter().filter(|region| !region.is_empty()) {
                let becomes = Some((index, region.start, region.end));
                let stored = self.file.iter().find(|stored| stored.becomes == becomes);
                placed.push(Part { region, stored, placed: Some((memory, region)) });
            }
        }
        let is_placed = |region: &Region| placed.iter().any(|part| part.stored == Some(region));
        let only = self.file.iter().filter(|region| !region.is_empty() && !is_placed(region));
        let only = only.map(|region| Part { region, stored: Some(region), placed: None });
        let (mut parts, others): (Vec<_>, Vec<_>) = only.partition(|part| part.region.role == Role::Header);
        parts.extend(placed);
        parts.extend(others);
        parts
    }

    /// A file of an unknown format, with what it appears to be.
    pub fn unknown(title: String, file_length: u64) -> Self {
        Self { title, file_length, facts: facts! { format: Data::None }, ..Self::default() }
    }

    /// A file that contains only ELKS symbols, such as `/lib/system.sym`.
    pub fn elks_symbols(symbols: &Symbols<'_>, file_length: u64) -> Self {
        let count = symbols.clone().count();
        Self {
            title: format!("ELKS symbol file, {}", counted(count as u64, "symbol", "symbols")),
            facts: facts! { format: "elks-symbols", symbols: count },
            file_length,
            file: vec![Region::new("symbols", Role::Symbols, 0, file_length)],
            ..Self::default()
        }
    }
}
