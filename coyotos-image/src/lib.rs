//! Coyotos images.

#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "gzip")]
extern crate std;

mod arch;
mod bits;
#[cfg(feature = "alloc")]
mod build;
mod capability;
mod check;
#[cfg(feature = "elf")]
pub mod elf;
#[cfg(feature = "alloc")]
mod emit;
mod error;
#[cfg(feature = "gzip")]
mod gzip;
mod header;
mod image;
mod object;
#[cfg(feature = "alloc")]
mod process;
#[cfg(feature = "recipe")]
pub mod recipe;
pub mod space;
mod symbols;
pub mod wire;

pub use arch::Arch;
#[cfg(feature = "alloc")]
pub use build::{BuildError, Builder, NewSymbol};
pub use capability::{CapType, Capability, PHYSICAL_PAGE_OID, Restr};
pub use check::{CycleScratch, Rules, check, space_cycles};
#[cfg(feature = "alloc")]
pub use emit::SpaceWriter;
pub use error::{CoyotosField, CoyotosFinding, CoyotosRule};
pub use execfmt_common::{ByteOrder, Expected, Finding, Rule, Severity};
#[cfg(feature = "gzip")]
pub use gzip::{GzipError, MAX_IMAGE_SIZE, deflate, inflate, is_gzip};
pub use header::Header;
pub use image::{Alloc, Bank, Image, Options, parse};
pub use object::{EndpointState, GptState, ObjectId, ObjectType, ProcessState, Slot};
#[cfg(feature = "alloc")]
pub use process::ConstructorForm;
pub use symbols::{BUILD_IDS, MAX_SYMBOL_SIZE, Symbol, SymbolKind, Symbols, space_root, space_word};
pub use wire::Packing;
