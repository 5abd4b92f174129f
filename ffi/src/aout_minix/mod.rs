//! ELKS and Minix a.out, for C: one header from the files of this folder.

mod elks;
mod file;
mod types;
mod write;

pub use elks::*;
pub use file::*;
pub(crate) use types::message;
pub use types::*;
pub use write::*;
