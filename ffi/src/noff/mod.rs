//! NOFF, for C: one header from the files of this folder.

mod arguments;
mod check;
mod load;
mod profile;
mod read;
mod rules;
mod types;
mod write;

pub use arguments::*;
pub use check::*;
pub use load::*;
pub use profile::*;
pub use read::*;
pub(crate) use rules::message;
pub use rules::*;
pub use types::*;
pub use write::*;
