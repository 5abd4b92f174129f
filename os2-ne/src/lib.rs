//! OS/2 NE executables as ELKS loads them: parse, check, load, build, change heap and stack, repair.
//!
//! `no_std`, without allocation (the feature `alloc` adds what needs it), without `unsafe`; no input makes it
//! panic, loop forever, or read outside the bytes that it was given.
//!
//! # The format
//!
//! ```text
//!  file                                            NE header, 64 bytes (what ELKS reads)
//!  ┌───────────────────────┐ 0                     00 NE          0c program_flags   0e auto_data_segment
//!  │ MZ header             │ 3c: e_lfanew ─┐       10 heap        12 stack           14 ip    16 cs
//!  ├───────────────────────┤               │       1c num_segments  1e num_modules   22 segment_table
//!  │ stub for DOS          │               │       30 num_movable   32 shift         34 num_resources
//!  ├───────────────────────┤ ◀─────────────┘       36 target_os
//!  │ NE header             │
//!  ├───────────────────────┤ + segment_table       segment table entry, 8 bytes
//!  │ segment table         │                       ┌────────┬────────┬────────┬───────────┐
//!  ├───────────────────────┤                       │ offset │ size   │ flags  │ min_alloc │
//!  │ names, entries …      │                       └────────┴────────┴────────┴───────────┘
//!  ├───────────────────────┤ offset << shift       relocation, 8 bytes
//!  │ bytes of a segment    │                       ┌────┬───────┬───────────────┬─────────┬───┬───────────────┐
//!  ├───────────────────────┤ + size                │type│ flags │ source_offset │ segment │ 0 │ target_offset │
//!  │ count, relocations    │                       └────┴───────┴───────────────┴─────────┴───┴───────────────┘
//!  └───────────────────────┘
//! ```
//!
//! # From bytes to memory
//!
//! ```text
//! bytes ──Header::parse──▶ Header ──chmem::Change──▶ Header
//!   │
//!   ├──Image::parse──▶ Image ──segments──▶ Segment ──bytes, relocations──▶ slices and iterators
//!   │                    └────Builder::from_image──▶ a file
//!   ├──check_bytes──▶ findings and verdict
//!   ├──elks::execve──▶ Program {Layout} ──load──▶ memory
//!   └──repair──▶ a file that ELKS takes
//! ```
//!
//! # Sources
//! The kernel's rules are those of the ELKS loader of August 2026, run on 131,500 files; the builder writes
//! files with the layout of Open Watcom's linker.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

mod build;
mod check;
pub mod chmem;
pub mod elks;
mod field;
mod header;
mod image;
mod names;
mod relocation;
#[cfg(feature = "alloc")]
mod repair;
mod rules;
mod system;
mod verdict;
mod wire;

pub use build::{BuildError, Builder, NewSegment};
pub use check::faults;
pub use elks::Options;
pub use execfmt_common::{Advice, AnyFinding, Expected, Finding, Rule, Severity};
pub use execfmt_detect::{Magic, MagicBytes};
pub use field::NeField;
pub use header::Header;
pub use image::{Image, Segment, segment_flags};
pub use names::{Name, Names};
pub use relocation::{ADDITIVE, Relocation, Relocations, Source, TARGET_MASK};
#[cfg(feature = "alloc")]
pub use repair::{RepairError, Repaired, repair};
pub use rules::{NeFinding, NeRule, ne_facts};
pub use system::System;
pub use verdict::{Verdict, check_bytes};
pub use wire::{
    MZ_HEADER_SIZE, MZ_MAGIC, MzHeader, NE_HEADER_SIZE, NE_MAGIC, NeHeader, RELOCATION_SIZE,
    RelocationRecord, SEGMENT_ENTRY_SIZE, SegmentEntry, Word,
};

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
