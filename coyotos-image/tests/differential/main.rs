//! The crate against the reference model, which agrees byte for byte with the original library.

#![cfg(feature = "recipe")]

mod model;
mod ours;
mod recipes;
