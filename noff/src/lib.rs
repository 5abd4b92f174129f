//! NOFF, the executable format of Nachos: parse, check, load, page, build, and convert to it.
//!
//! `no_std`, without allocation (the features `alloc` and `convert` add what needs it), without `unsafe`; no
//! input makes it panic, loop forever, or read outside the bytes that it was given.
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
//! All words have 32 bits. Both layouts have the same magic; they are distinguished by the offset at which
//! the first segment's bytes begin. The classic `coff2noff` writes words in the byte order of its host, so
//! headers of both orders exist; the contents are little-endian MIPS code in either case.
//!
//! # From bytes to memory
//!
//! ```text
//! bytes ──Header::parse──▶ Header ──check──▶ findings
//!                            │
//!                       Program::new             (Program::parse does both)
//!                            ▼
//!                         Program ──page──▶ Page ──pieces──▶ {offset in page, file offset, length}
//!                            │
//!                    + bytes = Image ──load_into, read_page──▶ memory
//!
//! bytes ──check_bytes──▶ findings and a verdict, for any kernel or for a Profile of them; of the code too, if asked
//! ```
//!
//! A complete loader of a kernel:
//!
//! ```
//! use noff::{Image, Options, PageSize, Strictness, USER_STACK_SIZE};
//!
//! /// Loads a program into memory of whole pages. Returns it with the first program counter and stack pointer.
//! fn load(file: &[u8]) -> Result<(Vec<u8>, u32, u32), String> {
//!     let options = Options { layout: None, strictness: Strictness::Errors };
//!     let image = Image::parse(file, options).map_err(|finding| finding.to_string())?;
//!     let program = image.program();
//!     for segment in image.segments() {
//!         println!("{}: {} bytes at {:#x}", segment.kind, segment.header.size, segment.header.virtual_addr);
//!     }
//!     let pages = program.page_count(PageSize::NACHOS, USER_STACK_SIZE);
//!     let stack = program.stack_pointer(PageSize::NACHOS, USER_STACK_SIZE).ok_or("there is no room for a stack")?;
//!     if pages > 32 {
//!         return Err(format!("the program takes {pages} pages, but the machine has 32"));
//!     }
//!     let mut memory = vec![0; pages as usize * 128];
//!     image.load_into(&mut memory).map_err(|error| error.to_string())?;
//!     Ok((memory, 0, stack))
//! }
//!
//! # let mut file = [0; 48];
//! # noff::Builder::new(noff::Layout::Three, noff::ByteOrder::Little).code(0, &[8; 8]).write_to(&mut file)?;
//! let (memory, _, stack) = load(&file)?;
//! assert_eq!((memory.len(), memory[7], memory[8], stack), (9 * 128, 8, 0, 9 * 128 - 16));
//! assert!(load(b"#!/bin/sh").unwrap_err().contains("this is a script"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//! - `alloc`: [`Builder::to_vec`].
//! - `convert`: the module [`convert`], from MIPS COFF and MIPS ELF to NOFF and flat files. Of `std` it needs
//!   only the allocator.
//!
//! # Sources
//! The layouts, the rule that distinguishes them and every warning were derived from 411 distinct real files;
//! the arithmetic of the loader was verified against three Nachos kernels (3.x, 4.0 and a Java port) by
//! running them.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

mod arguments;
mod build;
mod check;
#[cfg(feature = "convert")]
pub mod convert;
mod header;
mod image;
mod load;
mod page;
mod profile;
mod program;
mod rules;
mod segment;
mod verdict;
mod wire;

pub use arguments::{Arguments, ArgumentsTooLong, argument_page, push_arguments};
pub use build::{BuildError, Builder};
pub use check::{KNOWN_STARTS, LARGEST_KNOWN_END, MAX_PADDING, check};
pub use execfmt_common::{Advice, AnyFinding, BufferTooSmall, ByteOrder, Expected, Finding, Rule, Severity};
pub use execfmt_detect::{Magic, MagicBytes};
pub use header::{Header, Layout};
pub use image::{Image, ImageSegment};
pub use load::{EndOfFile, LoadError};
pub use mips_scan::{Code, Counts};
pub use page::{NUM_PHYS_PAGES, Page, PageRun, PageRuns, PageSize, Piece, STACK_RESERVE, USER_STACK_SIZE};
pub use profile::{
    BORDEAUX, ByteOrders, Faults, Format, JNACHOS, NACHOS3, NACHOS4_RDATA, NACHOS5J, PROFILES, Profile,
    ROSARIO, ROSARIO_EAGER, SystemCall,
};
pub use program::{Options, Program, Strictness, byte_order};
pub use rules::{NoffField, NoffFinding, NoffRule, facts};
pub use segment::{SegmentField, SegmentHeader, SegmentKind};
pub use verdict::{CheckOptions, Verdict, check_bytes, check_prefix, findings, runs_on};
pub use wire::{Header3, Header4, MAGIC, MAX_HEADER_SIZE, Segment};

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
