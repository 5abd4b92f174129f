//! COFF and ELF to NOFF and flat, on files made field by field and on the headers of real COFF files.

#![cfg(feature = "convert")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used
)]

mod files;
mod notes;
mod outputs;
mod programs;
mod real;
mod refusals;
mod sections;
