//! A file as a tree: every field by its name, where it is, how it is read, what it holds and what it means.
//!
//! Nothing is described here a second time: names, offsets, sizes and meanings are those of the format crates' wire
//! structs ([`WireField`](execfmt_common::WireField)). Whatever shows a file (words, JSON, a picture, a hex dump, a
//! difference between two files) is a renderer of this one tree.
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
//! The crate is `no_std` (it allocates the tree) and cannot panic. What a file ends within is missing from its tree; no
//! more nodes are made than the file has bytes for.

#![no_std]

extern crate alloc;

mod aout;
mod coff;
mod coyotos;
mod node;
mod noff;
mod region;

pub use aout::{aout, aout_regions};
pub use coff::{coff, coff_regions};
pub use coyotos::{coyotos, coyotos_regions};
pub use node::{Node, Value, record};
pub use noff::{noff, noff_regions};
pub use region::Region;
