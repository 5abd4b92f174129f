//! A file as people and programs see it: a tree of fields, the regions of the file and of the memory that it
//! becomes, and the facts that follow, as values and as text.
//!
//! Nothing is described here a second time: names, offsets, sizes and meanings are those of the format
//! crates' wire structs ([`WireField`](execfmt_common::WireField)), and verdicts are those of their checks.
//! Everything that shows a file (text, JSON, pictures, hex dumps, differences between two files) is a
//! renderer of the same [`View`].
//!
//! ```
//! use execfmt_common::ByteOrder;
//! use execfmt_view::{Value, record};
//!
//! let file = [0xad, 0xdf, 0xba, 0x00, 0, 0, 0, 0, 40, 0, 0, 0, 16, 0, 0, 0];
//! let header = record("header", noff::Header3::<zerocopy::LittleEndian>::FIELDS, &file, 0, ByteOrder::Little);
//! let size = header.find("code.size").unwrap();
//! assert_eq!((size.offset, size.size, &size.value), (12, 4, &Value::Unsigned(16)));
//! ```
//!
//! The crate is `no_std` (it allocates what it returns) and cannot panic. Records that are cut off by the end
//! of the file are missing from its tree; no more nodes are made than the file has bytes for.

#![no_std]

extern crate alloc;

mod aout;
mod coff;
mod coyotos;
mod data;
mod node;
mod noff;
mod os2_ne;
mod region;
mod runs;
mod view;
mod words;

pub use aout::AoutView;
pub use coff::CoffView;
pub use coyotos::{CoyotosView, why_it_ended};
pub use data::Data;
pub use node::{Node, Value, record};
pub use noff::NoffView;
pub use os2_ne::NeView;
pub use region::{Branch, Leaf, Memory, Pages, Region, Role};
pub use view::{FieldLeaf, Part, View};
pub use words::{Column, Fact, Section, Table, size};
