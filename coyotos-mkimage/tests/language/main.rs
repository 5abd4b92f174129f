//! The language as a whole: what scripts print, the images that they build, and how they fail.

#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::expect_used)]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod behaviour;
mod cases;
mod differential;
mod docs;
mod generator;
mod limits;
mod model;
mod support;
