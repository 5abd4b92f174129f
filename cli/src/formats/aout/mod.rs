//! ELKS and Minix a.out on the command line.

pub(crate) mod args;
pub(crate) mod chmem;
pub(crate) mod compress;
mod convert;
mod elks;
pub(crate) mod load;
pub(crate) mod objtools;

pub(crate) use convert::{convert, elf2elks, os2toelks};
