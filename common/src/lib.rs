//! What every execfmt format crate shares, and nothing that belongs to one format:
//!
//! - [`Finding`]: what a parser or a checker has to say about a file, as a value with numbers in it;
//! - [`ByteOrder`]: the order of the bytes in a header's words;
//! - [`BufferTooSmall`]: what a builder or a loader says of a caller's memory.
//!
//! The crate is `no_std`, does not allocate and cannot panic.

#![no_std]

mod buffer;
mod byte_order;
mod finding;

pub use buffer::BufferTooSmall;
pub use byte_order::ByteOrder;
pub use finding::{Expected, Finding, Rule, Severity};
