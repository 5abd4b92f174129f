//! MIPS COFF, for C: one header from the files of this folder.

mod check;
mod read;
mod rules;
mod types;

pub use check::*;
pub use read::*;
pub(crate) use rules::message;
pub use rules::*;
pub use types::*;
