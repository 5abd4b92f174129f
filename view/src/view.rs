//! A whole file.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use aout_minix::Symbols;

use crate::data::record as facts;
use crate::words::counted;
use crate::{Data, Memory, Node, Region, Section};

/// Everything there is to show of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// What the file is, in a line.
    pub title: String,
    /// The facts in words.
    pub words: Vec<Section>,
    /// The facts as values: the members that docs/json.md lists for the format, `format` among them.
    pub facts: Data,
    /// What follows from the file for those who load it.
    pub derived: Data,
    /// The headers as the file has them; `None` when too little of them is there.
    pub fields: Option<Node>,
    /// The bytes that the regions are of: those of the file, or what a compressed file holds.
    pub file_length: u64,
    /// What lies where in these bytes, in their order.
    pub file: Vec<Region>,
    /// The memory that the file becomes: a run for each segment or address space. Empty when no kernel gives it memory.
    pub memory: Vec<Memory>,
    /// What is not among `memory`, and why; in words.
    pub memory_note: Option<String>,
}

impl View {
    /// A file of no format that is known, with what it looks like.
    pub fn unknown(title: String) -> Self {
        Self { title, facts: facts! { format: Data::None }, ..Self::default() }
    }

    /// A file of ELKS symbols alone, such as `/lib/system.sym`.
    pub fn elks_symbols(symbols: &Symbols<'_>) -> Self {
        let count = symbols.clone().count();
        Self {
            title: format!("ELKS symbol file, {}", counted(count as u64, "symbol", "symbols")),
            facts: facts! { format: "elks-symbols", symbols: count },
            ..Self::default()
        }
    }
}
