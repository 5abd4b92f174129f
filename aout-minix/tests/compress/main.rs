//! The codec of compressed sections against the model of the kernel's decoder, and against itself.

#![cfg(feature = "compress")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod docs;
mod files;
mod mutations;
mod oracle;
mod round_trip;
mod samples;
