//! What the end-to-end tests share, and `cargo xtask` with them: other programs and what of them is there, the C library
//! built and compiled against, machines that run what was made.
//!
//! A test begins with the [`tools`] that it needs. Without one it says so and passes; under `EXECFMT_REQUIRE_ALL=1`, which
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
