//! ELF files as the converters read and write them: one reader for all formats, of either class and byte
//! order.
//!
//! ```text
//!   wire (records) <- numbers <- file (header) <- segment
//!                                             <- section (names) <- symbol, relocations
//! ```
//!
//! [`ElfFile::parse`] reads the file header, for the files that the caller [accepts](Wanted);
//! [`segments`](ElfFile::segments) and [`sections`](ElfFile::sections) read the tables on demand. Each
//! [`Defect`] has the field by the specification's name, its file offset, the value found and the values
//! expected. What a system can run, and the wording of messages, is left to its converter.
//!
//! With the feature `write`, it writes files as the converters do: [`NewElf`], a 32-bit program, and
//! [`KeptSections`], the parts that are kept of a file of either class.
//!
//! `no_std`, without `unsafe`; no input makes it panic, and reading allocates only the text of a name.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod defect;
pub mod elf;
mod file;
mod names;
mod numbers;
mod section;
mod segment;
mod symbol;
mod table;
mod wire;
#[cfg(feature = "write")]
mod write;

pub use defect::{Defect, DefectKind};
pub use file::{ElfFile, MAGIC, Wanted};
pub use numbers::{FileNumbers, RelocationNumbers, SectionNumbers, SegmentNumbers, SymbolNumbers};
pub use section::{MAX_NAME, Section, Sections};
pub use segment::{Segment, Segments};
pub use symbol::{Relocations, Symbol, Symbols};
pub use wire::{Class, Layout, Record};
#[cfg(feature = "write")]
pub use write::{
    Contents, KeptSection, KeptSections, MOST_ALIGN, NewElf, NewSection, NewSegment, NewSymbol, WriteError,
};

/// The README's example runs.
#[cfg(all(doctest, feature = "write"))]
#[doc = include_str!("../README.md")]
struct Readme;
