//! OS/2 NE, for C: one header from the files of this folder.

mod check;
mod load;
mod read;
mod rules;
mod types;
mod write;

pub use check::*;
pub use load::*;
pub use read::*;
pub(crate) use rules::message;
pub use rules::*;
pub use types::*;
pub use write::*;
