//! Coyotos images for C: translation only; the format itself is in the crate `coyotos-image`.

#[cfg(feature = "builder")]
mod build;
#[cfg(feature = "builder")]
mod grow;
mod read;
mod rules;
#[cfg(feature = "std")]
mod side_file;
mod types;

#[cfg(feature = "builder")]
pub use build::*;
#[cfg(feature = "builder")]
pub use grow::*;
pub use read::*;
pub(crate) use rules::message;
pub use rules::*;
#[cfg(feature = "std")]
pub use side_file::*;
pub use types::*;
