//! What the end-to-end tests share with `cargo xtask`: external programs and which are installed, the C library
//! built and linked, machines that run the resulting programs.
//!
//! A test first checks for the [`tools`] that it needs. If one is missing it says so and passes; under `EXECFMT_REQUIRE_ALL=1`, which
//! `cargo xtask test` sets, it fails.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

pub mod archive;
pub mod c;
pub mod c_headers;
pub mod elks;
pub mod library;
pub mod nachos;
pub mod scratch;
pub mod shell;
pub mod tools;
