//! What all format crates of execfmt share, and nothing that belongs to one format:
//!
//! - [`Finding`]: what a parser or a checker reports about a file, as a value with numbers in it, and [`rules!`],
//!   which declares a format's rules in one table;
//! - [`Refusal`]: a check that is written once, and compiled for the verdict alone and for the finding;
//! - [`Listing`]: which findings a check lists, and what it counts;
//! - [`wire!`], which declares a wire struct and the description of its fields from the same lines;
//! - [`ByteOrder`]: the byte order of a header's words;
//! - [`Escaped`]: text from a file, made harmless for a terminal;
//! - [`FirstBytes`]: the notation for a file's first bytes;
//! - [`BufferTooSmall`]: the error of builders and loaders about a caller's memory.
//!
//! The crate is `no_std`, does not allocate and cannot panic.

#![no_std]

mod advice;
mod buffer;
mod byte_order;
mod escape;
mod finding;
mod first_bytes;
mod listing;
mod refusal;
mod rules;
mod wire;

pub use advice::{Advice, Target};
pub use buffer::BufferTooSmall;
pub use byte_order::ByteOrder;
pub use escape::{Escaped, is_harmful};
pub use finding::{AnyFinding, Expected, Finding, MAX_LISTED, Rule, Severity, Tally};
pub use first_bytes::FirstBytes;
pub use listing::Listing;
pub use refusal::Refusal;
pub use rules::{Detail, Row};
pub use wire::{Wire, WireField, WireKind, field_name};
