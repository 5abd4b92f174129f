//! Coyotos images for C: translation only; the format itself is in the crate `coyotos-image`.

#[cfg(feature = "builder")]
mod builder;
mod check;
mod convert;
#[cfg(feature = "builder")]
mod objects;
mod read;
mod rules;
#[cfg(feature = "std")]
mod side_file;
#[cfg(feature = "builder")]
mod space;
mod types;
#[cfg(feature = "builder")]
mod write;

#[cfg(feature = "builder")]
pub use builder::*;
pub use check::*;
#[cfg(feature = "proof")]
pub(crate) use convert::space_status;
#[cfg(feature = "builder")]
pub use objects::*;
pub use read::*;
pub(crate) use rules::message;
pub use rules::*;
#[cfg(feature = "std")]
pub use side_file::*;
#[cfg(feature = "builder")]
pub use space::*;
pub use types::*;
#[cfg(feature = "builder")]
pub use write::*;
