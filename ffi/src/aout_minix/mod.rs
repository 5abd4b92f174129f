//! ELKS and Minix a.out, for C: one header from the files of this folder.

mod check;
mod elks;
mod file;
mod types;
mod write;

pub use check::*;
pub use elks::*;
pub use file::*;
pub use types::*;
pub(crate) use types::{message, sentence};
pub use write::*;
