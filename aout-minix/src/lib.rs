//! The a.out format of Minix and ELKS: parse, check (also as the kernels do), load, build, change memory
//! sizes, and convert.
//!
//! `no_std`, without allocation (the features `alloc` and `convert` add what needs it), without `unsafe`; no
//! input makes it panic, loop forever, or read outside the bytes that it was given.
//!
//! # The format
//!
//! ```text
//!  byte  header                                           file
//!     0  ┌──────────┬──────────┬──────────┬──────────┐   ┌────────────────────┐
//!        │ magic 01 │ magic 03 │ flags    │ cpu      │   │ header             │
//!     4  ├──────────┼──────────┼──────────┴──────────┤   ├────────────────────┤ hlen
//!        │ hlen     │ reserved │ version             │   │ text               │ tseg *
//!     8  ├──────────┴──────────┴─────────────────────┤   ├────────────────────┤
//!        │ tseg                                      │   │ far text           │ ftseg *
//!    12  ├───────────────────────────────────────────┤   ├────────────────────┤
//!        │ dseg                                      │   │ data               │ dseg *
//!    16  ├───────────────────────────────────────────┤   ├────────────────────┤
//!        │ bseg                                      │   │ text relocations   │ trsize
//!    20  ├───────────────────────────────────────────┤   ├────────────────────┤
//!        │ entry                                     │   │ far text relocs.   │ ftrsize
//!    24  ├─────────────────────┬─────────────────────┤   ├────────────────────┤
//!        │ chmem               │ minstack            │   │ data relocations   │ drsize
//!    28  ├─────────────────────┴─────────────────────┤   ├────────────────────┤
//!        │ syms                                      │   │ symbols            │ syms
//!    32  ├───────────────────────────────────────────┤   └────────────────────┘
//!        · trsize, drsize, tbase, dbase              ·    * or the stored size, when it is not 0
//!    48  ├───────────────────────────────────────────┤ ◀─ hlen 0x30 ends here
//!        · ftseg, ftrsize                            ·
//!    56  ├─────────────────────┬─────────────────────┤
//!        │ compr_tseg          │ compr_dseg          │    a relocation, 8 bytes
//!    60  ├─────────────────────┼─────────────────────┤   ┌───────┬────────┬──────┐
//!        │ compr_ftseg         │ reserved            │   │ vaddr │ symndx │ type │
//!    64  └─────────────────────┴─────────────────────┘   └───────┴────────┴──────┘
//! ```
//!
//! Words are little-endian, unless the cpu byte indicates otherwise (68000, SPARC). Sizes are those of the
//! expanded sections. Symbols come in two formats: [`Nlist`] entries of 16 bytes, which Minix and ld86 use,
//! and the short records of [`ElksSymbols`].
//!
//! # From bytes to memory
//!
//! ```text
//! bytes ──check_bytes──▶ findings, Verdict {elks, minix2}          Header ──chmem::change──▶ Header
//!   │                                                              Header ──minix2::exec──▶ Layout
//!   ├──Header::parse──▶ Header ──check_header──▶ findings
//!   ├──Image::parse──▶ Image ──sections, relocations, symbols──▶ slices and iterators
//!   │                    └────check──▶ findings    └────Builder::from_image──▶ the same bytes
//!   │
//!   └──elks::Program::new──▶ Program {Layout} ──check_file──▶ verdict with errno
//!                                             ──load_with──▶ memory
//! ```
//!
//! [`check_bytes`] reports every error and warning of a file and whether a kernel runs it. Its parts are
//! available separately: [`Image::parse`] splits a file into sections, [`check`] lists the findings of the
//! format, [`elks`] and [`minix2`] are the kernels.
//!
//! # Sources
//! The kernel's rules are those of the ELKS loader, run on 67,000 files; the layouts were derived from 587
//! real executables.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod build;
mod check;
pub mod chmem;
mod codec;
pub mod compress;
#[cfg(feature = "convert")]
pub mod convert;
pub mod elks;
mod elks_symbol;
mod field;
mod header;
mod header_check;
mod image;
pub mod minix2;
mod nlist;
mod relocation;
mod rules;
mod section;
mod symbols;
mod table;
mod types;
mod verdict;
mod wire;

pub use build::{BuildError, Builder, Content, RelocationTable};
pub use check::check;
pub use elks_symbol::{ElksSymbol, ElksSymbolHead, ElksSymbols, MAX_ELKS_TABLE};
pub use execfmt_common::{
    Advice, AnyFinding, BufferTooSmall, ByteOrder, Expected, Finding, Rule, Severity, Tally,
};
pub use execfmt_detect::{Magic, MagicBytes};
pub use field::AoutField;
pub use header::{Header, SectionSizes, Supplement};
pub use header_check::check_header;
pub use image::{Image, parse, read_header};
pub use nlist::{NLIST_SIZE, NewNlistSymbol, Nlist, NlistSymbol, NlistSymbols, StorageClass, SymbolSection};
pub use relocation::{RELOCATION_SIZE, Reloc, Relocation, RelocationType, Relocations, SymbolIndex};
pub use rules::{AoutFinding, AoutRule, aout_facts};
pub use section::Section;
pub use symbols::{Symbol, SymbolFormat, SymbolSegment, Symbols};
pub use table::{TableError, TableFault};
pub use types::{Cpu, FileType, Flags, MAGIC};
pub use verdict::{CheckOptions, Loader, Verdict, check_bytes};
pub use wire::{
    ExecHeader, FarSupplement, HLEN_FAR, HLEN_PLAIN, HLEN_RELOC, MAX_HEADER_SIZE, RelocSupplement,
};

/// The examples of the front page.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
