//! MIPS COFF (ECOFF): what the linkers of Nachos courses write, what `coff2noff` reads, and what Nachos 5.0j
//! (Berkeley, Java) loads directly.
//!
//! - [`wire`]: the records as they are in the file, in both byte orders;
//! - [`Header`], [`Image`], [`Section`], [`Symbol`]: a file as a borrowed view;
//! - [`CoffRule`]: every rule in one table: those of every reader, of the converters, of Nachos 5.0j;
//! - [`check_bytes`]: all findings, of the code too if requested, and a verdict for a chosen [`Loader`];
//!   [`first_error`]: only the verdict;
//! - [`Program`]: a program as Nachos 5.0j loads it, page by page;
//! - [`Builder`]: writes a linked program.
//!
//! No allocation except in `Builder::to_vec` (feature `alloc`), no `unsafe`, no panic.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

mod build;
mod check;
mod error;
mod header;
mod image;
mod load;
pub mod nachos5j;
mod section;
mod symbol;
pub mod wire;

pub use build::{BuildError, Builder, GRANULARITY, NewSection};
pub use check::{CheckOptions, Loader, Verdict, check_bytes, findings, first_error};
pub use error::{CoffField, CoffFinding, CoffRule, SectionField, coff_facts};
pub use execfmt_common::{Advice, AnyFinding, BufferTooSmall, ByteOrder, Expected, Finding, Rule, Severity};
pub use execfmt_detect::{Magic, MagicBytes};
pub use header::{Header, OptionalHeader};
pub use image::{Image, Section};
pub use load::{LoadError, Page, Program, Start};
pub use mips_scan::{Code, Counts};
pub use section::{SectionHeader, SectionKind, SectionName};
pub use symbol::{MAX_NAME, Symbol, Symbols};

/// Runs the example of the README as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
