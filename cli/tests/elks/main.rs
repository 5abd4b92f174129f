//! ELKS and Minix a.out as a user inspects, lists, loads and makes it, and the tools of ELKS.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    missing_docs
)]

mod chmem;
mod convert;
#[allow(dead_code, unreachable_pub)]
#[path = "../../../aout-minix/tests/support/elf.rs"]
mod elf;
mod inspect;
mod lists;
mod load;
mod map;
#[allow(dead_code, unreachable_pub)]
#[path = "../../../aout-minix/tests/support/ne.rs"]
mod ne;
mod samples;
#[path = "../support/mod.rs"]
mod support;
mod to_elf;
