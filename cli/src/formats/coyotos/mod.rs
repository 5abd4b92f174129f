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

pub(crate) use convert::convert;
pub(crate) use select::Part;
