//! Coyotos images on the command line.

pub(crate) mod args;
mod build;
pub(crate) mod command;
mod convert;
mod extract;
mod file;
mod folder;
mod list;
mod manifest;
pub(crate) mod mkimage;
pub(crate) mod select;
mod space;
pub(crate) mod spaces;

pub(crate) use convert::{convert, to_elf};
pub(crate) use select::Part;
