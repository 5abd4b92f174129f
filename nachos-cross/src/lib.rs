//! Old Makefiles with a current compiler.
//!
//! The user programs of Nachos courses are compiled by a cross compiler of the 1990s, which is called by many
//! names. This crate creates a folder that provides those names, accepts the options of the time, and does
//! the work with a current gcc or clang:
//!
//! - [`link`]: a linker for MIPS objects and the linker scripts of the time; writes MIPS COFF and ELF;
//! - [`options`]: the treatment of each option of the old tools, as tables;
//! - [`names`]: the names, and the files of the folder;
//! - [`family`]: the families of courses;
//! - [`toolchain`]: creating a folder, and finding out what is missing;
//! - [`tools`]: the tools, by the name under which they are called.

// Not a parser of one format but a linker and a driver: sums of 32-bit numbers in 64 bits, and lists of its
// own.
#![allow(clippy::arithmetic_side_effects)]

pub mod assembly;
pub mod compiler;
pub mod family;
pub mod link;
pub mod names;
pub mod options;
pub mod profile;
pub mod toolchain;
pub mod tools;
