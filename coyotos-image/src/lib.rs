//! Coyotos images: read, check, build, turn a program into an address space, and keep its symbols.
//!
//! `no_std`, without allocation (the features add what needs it), without `unsafe`; no input makes it panic,
//! loop forever, or read outside the bytes that it was given. docs/coyotos-image.md describes the format
//! without assuming any knowledge of Coyotos.
//!
//! # The format
//!
//! ```text
//!          page 0            header, 104 bytes, and zeros
//!          1 …               the user's pages
//!          bankVecOID …      bank table      16 bytes a record
//!          symVecOID …       symbol table    24
//!          stringTableOID …  names
//!          allocVecOID …     alloc table     24
//!          endVecOID         CapPages, GPTs (264 bytes), Endpoints (32), Processes (632)
//! ```
//!
//! # From bytes to answers, and from calls to bytes
//!
//! ```text
//! gzip ──inflate──▶ bytes ──parse──▶ Image ──check──▶ findings
//!                                      │ ├── objects, capabilities, symbols
//!                                      │ └── space::walk, space::leaf
//!                             Builder::from_image
//!                                      ▼
//! ELF ──load_elf──▶ space ──────▶   Builder ──to_vec──▶ bytes ──deflate──▶ gzip
//!        SpaceWriter ──────────────────┘
//! ```
//!
//! # Features
//! `alloc`: [`Builder`], [`SpaceWriter`]. `elf`: the loaders and symbols. `side-file`: the side file for debuggers. `gzip`:
//! `inflate` and `deflate`; needs std. `recipe`: the language of recipes. `to-elf`: an address space as an ELF program.
//!
//! # Sources
//! The layout, the algorithms on address spaces and the 16 rules of [`Rules::Reference`] were compared with
//! the original library, compiled: on 5,551 random images, 111,292 insertions and 6,000 verdicts its model
//! does not differ.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "gzip", test))]
extern crate std;

mod arch;
mod bits;
#[cfg(feature = "alloc")]
mod build;
mod capability;
mod check;
#[cfg(feature = "elf")]
pub mod elf;
mod field;
mod field_name;
#[cfg(feature = "gzip")]
mod gzip;
mod header;
mod image;
mod object;
mod options;
#[cfg(feature = "recipe")]
pub mod recipe;
mod rules;
pub mod space;
mod symbols;
#[cfg(feature = "to-elf")]
mod to_elf;
#[cfg(feature = "alloc")]
mod try_vec;
pub mod wire;

pub use arch::Arch;
#[cfg(feature = "alloc")]
pub use build::{
    BuildError, Builder, CAP_STACK_SLOT, ConstructorForm, PROTO_CODE, STACK_SLOT, SmallModelFlaw,
    SpaceWriter, TEXT_SLOT,
};
#[cfg(feature = "elf")]
pub use build::{LoadError, LoadedElf};
pub use capability::{CapType, Capability, PHYSICAL_PAGE_OID, Restr};
pub use check::{CheckOptions, CycleScratch, Loader, Rules, Verdict, check, check_bytes, find_cycles};
pub use execfmt_common::{Advice, AnyFinding, ByteOrder, Expected, Finding, Rule, Severity};
pub use execfmt_detect::{Magic, MagicBytes};
pub use field::CoyotosField;
pub use field_name::FieldName;
#[cfg(feature = "gzip")]
pub use gzip::{GzipError, MAX_IMAGE_SIZE, contents, deflate, inflate, inflate_start, is_gzip};
pub use header::Header;
pub use image::{Alloc, Bank, Image};
pub use object::{EndpointAttrs, GptAttrs, ObjectId, ObjectType, ProcessAttrs, Slot};
pub use options::Options;
pub use rules::{CoyotosFinding, CoyotosRule, coyotos_facts};
#[cfg(feature = "alloc")]
pub use symbols::SymbolDef;
pub use symbols::{BUILD_ID_SPACE, MAX_SYMBOL_SIZE, SpaceId, Symbol, SymbolKind, Symbols};
#[cfg(feature = "to-elf")]
pub use to_elf::{ToElfError, elf_of_space};
pub use wire::{Layout, Packing};

/// The README's example runs.
#[cfg(all(doctest, feature = "gzip"))]
#[doc = include_str!("../README.md")]
struct Readme;
