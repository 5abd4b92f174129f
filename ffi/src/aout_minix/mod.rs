//! ELKS and Minix a.out, for C: one header from the files of this folder, and one for compressed sections.

mod check;
mod compress;
mod load;
mod read;
mod rules;
mod types;
mod write;

pub use check::*;
pub use compress::*;
pub use load::*;
pub use read::*;
pub(crate) use rules::message;
pub use rules::*;
pub use types::*;
pub use write::*;
