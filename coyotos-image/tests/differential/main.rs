//! The crate against the reference model, which agrees byte for byte with the original library.

#![cfg(feature = "recipe")]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::panic, clippy::cast_possible_truncation)]

mod elves;
mod model;
mod ours;
mod portable;
mod recipes;
#[path = "../support/mod.rs"]
mod support;
mod vectors;
