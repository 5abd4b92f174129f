//! ELF files as the converters read and write them: the one reader of all formats, of either class and byte order.
//!
//! ```text
//!   wire (records) <- numbers <- file (header) <- segment
//!                                             <- section (names) <- symbol, relocations
//! ```
//!
//! [`ElfFile::parse`] takes the file header, for the files that the caller [wants](Wanted);
//! [`segments`](ElfFile::segments) and [`sections`](ElfFile::sections) the tables, when they are asked for. Each
//! [`Defect`] has the field by the specification's name, its offset in the file, the value found and the values expected.
//! What a system can run is for its converter to judge, and so are the words.
//!
//! With the feature `write`, files as the converters write them: [`NewElf`], a program of 32 bits, and [`KeptSections`],
//! what is kept of a file of either class.
//!
//! `no_std`, without `unsafe`; no input makes it panic, and reading takes memory for the text of a name only.

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
