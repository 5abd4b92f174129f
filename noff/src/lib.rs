//! NOFF, the executable format of Nachos: parse, check, load, page, build, and convert to it.
//!
//! `no_std`, without allocation (the features `alloc` and `convert` add what needs it), without `unsafe`; no input
//! makes it panic, loop or read outside the bytes it was given.
//!
//! # The format
//!
//! ```text
//!  byte   three segments          four segments
//!     0  ┌──────────────────┐    ┌──────────────────┐
//!        │ noffMagic  badfad│    │ noffMagic  badfad│
//!     4  ├──────────────────┤    ├──────────────────┤       a segment's record
//!        │ code             │    │ code             │      ┌─────────────┐ +0
//!    16  ├──────────────────┤    ├──────────────────┤      │ virtualAddr │
//!        │ initData         │    │ initData         │      ├─────────────┤ +4
//!    28  ├──────────────────┤    ├──────────────────┤      │ inFileAddr  │
//!        │ uninitData       │    │ readonlyData     │      ├─────────────┤ +8
//!    40  ├──────────────────┤    ├──────────────────┤      │ size        │
//!        │ bytes of code …  │    │ uninitData       │      └─────────────┘ 12
//!    52  ·                  ·    ├──────────────────┤
//!        ·                  ·    │ bytes of code …  │
//! ```
//!
//! Every word has 32 bits. Both layouts carry the same magic; what tells them apart is where the first segment's
//! bytes begin. Classic `coff2noff` writes words in its host's order, so that headers of both orders exist; the
//! contents are little-endian MIPS code behind either.
//!
//! # From bytes to memory
//!
//! ```text
//! bytes ──read_header──▶ Header ──check──▶ findings
//!                          │
//!                     Program::new        (parse_header does both)
//!                          ▼
//!                       Program ──page──▶ Page ──pieces──▶ {offset in page, file offset, length}
//!                          │
//!                  + bytes = Image ──load_into, read_page──▶ memory
//! ```
//!
//! ```
//! # let mut file = [0; 48];
//! # noff::Builder::new(noff::Layout::Three, noff::ByteOrder::Little).code(0, &[8; 8]).write_to(&mut file)?;
//! use noff::{Options, PageSize, USER_STACK_SIZE};
//!
//! let image = noff::parse(&file, Options::default())?;
//! let pages = image.program().page_count(PageSize::NACHOS, USER_STACK_SIZE);
//! let mut frame = [0; 128];
//! image.read_page(0, &mut frame)?;
//! # assert_eq!((pages, frame[7], frame[8]), (9, 8, 0));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # Sources
//! The layouts, the rule that tells them apart and every warning were measured on 329 distinct real files; the
//! loader's arithmetic is that of three Nachos kernels (3.x, 4.0 and a Java port), run.

#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;

mod build;
mod check;
#[cfg(feature = "convert")]
pub mod convert;
mod header;
mod image;
mod load;
mod lookalike;
mod page;
mod profile;
mod program;
mod rules;
mod segment;
mod verdict;
mod wire;

pub use build::{BuildError, Builder};
pub use check::{KNOWN_STARTS, LARGEST_KNOWN_END, MAX_PADDING, check};
pub use execfmt_common::{AnyFinding, BufferTooSmall, ByteOrder, Expected, Finding, Rule, Severity};
pub use header::{Header, Layout};
pub use image::{Image, ImageSegment};
pub use load::{EndOfFile, LoadError};
pub use lookalike::Lookalike;
pub use page::{NUM_PHYS_PAGES, Page, PageRun, PageRuns, PageSize, Piece, STACK_RESERVE, USER_STACK_SIZE};
pub use profile::{
    BORDEAUX, ByteOrders, Format, JNACHOS, NACHOS3, NACHOS4_RDATA, NACHOS5J, PROFILES, Profile, ROSARIO, SystemCall,
};
pub use program::{Options, Program, Strictness, byte_order};
pub use rules::{NoffField, NoffFinding, NoffRule, facts};
pub use segment::{SegmentField, SegmentHeader, SegmentKind};
pub use verdict::{CheckOptions, Verdict, check_bytes, check_prefix, findings, runs};
pub use wire::{Header3, Header4, MAGIC, MAX_HEADER_SIZE, Segment};
