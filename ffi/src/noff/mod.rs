//! NOFF, for C: one header from the files of this folder.

mod arguments;
mod build;
mod load;
mod parse;
mod rules;
mod types;

pub use arguments::*;
pub use build::*;
pub use load::*;
pub use parse::*;
pub(crate) use rules::message;
pub use rules::*;
pub use types::*;
