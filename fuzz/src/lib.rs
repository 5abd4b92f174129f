//! What the fuzz targets do with their bytes. The bodies are here, so that the tests can replay seeds, past crashes and
//! seeded damage through them without the fuzzer's runtime.
//!
//! A target states laws: it fails by a panic when one does not hold.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod aout;
mod aout_convert;
mod aout_elks;
mod arguments;
mod built;
mod callback;
mod chmem;
mod coff;
mod compress;
mod converters;
mod coyotos;
mod coyotos_account;
mod coyotos_elf;
mod coyotos_ops;
mod coyotos_recipe;
mod coyotos_to_elf;
mod elf;
mod ffi_aout;
mod ffi_coyotos;
mod ffi_ne;
mod ffi_noff;
mod growth;
mod hex;
mod json;
mod link;
mod made;
mod mkimage;
mod ne;
mod noff;
mod noff_account;
mod noff_load;
mod picture;
mod view;
mod words;

pub use aout::{aout_parse, aout_roundtrip};
pub use aout_convert::aout_convert;
pub use aout_elks::aout_elks_load;
pub use arguments::arguments;
pub use built::{coff_build, ne_build};
pub use chmem::chmem;
pub use coff::{coff_load, coff_parse, mips_scan, noff_to_coff};
pub use compress::{compress_roundtrip, decompress};
pub use converters::{aout_from_elf, aout_from_ne, coyotos_from_elf, noff_from_coff, noff_from_elf};
pub use coyotos::coyotos_parse;
pub use coyotos_account::{SMALL, SMALL_BIG};
pub use coyotos_elf::coyotos_elf;
pub use coyotos_ops::coyotos_ops;
pub use coyotos_recipe::coyotos_recipe;
pub use ffi_aout::ffi_aout;
pub use ffi_coyotos::ffi_coyotos;
pub use ffi_ne::ffi_ne;
pub use ffi_noff::ffi_noff;
pub use growth::growth;
pub use hex::hex;
pub use json::json;
pub use link::{link_object, link_program, link_script};
pub use mkimage::{mki_diff, mki_parse, mki_run};
pub use ne::{ne_elks_load, ne_parse, ne_roundtrip};
pub use noff::{noff_convert, noff_parse, noff_roundtrip};
pub use noff_load::noff_load;
pub use picture::picture;
pub use view::view;

/// A fuzz target's body.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: &[(&str, Target)] = &[
    ("noff_parse", noff_parse),
    ("noff_roundtrip", noff_roundtrip),
    ("noff_convert", noff_convert),
    ("noff_to_coff", noff_to_coff),
    ("coff_parse", coff_parse),
    ("coff_load", coff_load),
    ("mips_scan", mips_scan),
    ("ffi_noff", ffi_noff),
    ("compress_roundtrip", compress_roundtrip),
    ("decompress", decompress),
    ("aout_parse", aout_parse),
    ("aout_roundtrip", aout_roundtrip),
    ("aout_elks_load", aout_elks_load),
    ("aout_convert", aout_convert),
    ("ffi_aout", ffi_aout),
    ("ne_parse", ne_parse),
    ("ne_roundtrip", ne_roundtrip),
    ("ne_elks_load", ne_elks_load),
    ("ffi_ne", ffi_ne),
    ("coyotos_parse", coyotos_parse),
    ("coyotos_ops", coyotos_ops),
    ("coyotos_elf", coyotos_elf),
    ("ffi_coyotos", ffi_coyotos),
    ("view", view),
    ("mki_parse", mki_parse),
    ("mki_run", mki_run),
    ("mki_diff", mki_diff),
    ("link_script", link_script),
    ("link_object", link_object),
    ("link_program", link_program),
    ("noff_load", noff_load),
    ("chmem", chmem),
    ("noff_from_elf", noff_from_elf),
    ("noff_from_coff", noff_from_coff),
    ("aout_from_elf", aout_from_elf),
    ("aout_from_ne", aout_from_ne),
    ("coyotos_from_elf", coyotos_from_elf),
    ("picture", picture),
    ("growth", growth),
    ("hex", hex),
    ("json", json),
    ("arguments", arguments),
    ("ne_build", ne_build),
    ("coff_build", coff_build),
    ("coyotos_recipe", coyotos_recipe),
];

/// Targets for which one input is as much work as many inputs of another one, each with how many.
pub const HEAVY: &[(&str, usize)] = &[
    ("picture", 200),
    ("coyotos_from_elf", 10),
    ("growth", 1000),
    ("json", 50),
    ("hex", 50),
    ("arguments", 4),
];
