//! Yesterday's Makefile, today's compiler.
//!
//! The user programs of Nachos courses are compiled by a cross compiler of the 1990s, called by many names. This crate makes
//! a folder that answers to those names, with the options of the time, and does the work with today's gcc or clang:
//!
//! - [`link`]: a linker for MIPS objects and the scripts of the time; writes MIPS COFF and ELF;
//! - [`options`]: what becomes of each option of the old tools, as tables;
//! - [`names`]: the names, and the files of the folder;
//! - [`family`]: the families of courses;
//! - [`toolchain`]: making a folder, and finding out what is missing;
//! - [`tools`]: the tools, by the name that they were called.

// Not a parser of one format but a linker and a driver: sums of 32-bit numbers in 64 bits, and lists of its own.
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
