//! Coyotos images for C: translation only; the format itself is in the crate `coyotos-image`.

#[cfg(feature = "std")]
mod build;
#[cfg(feature = "std")]
mod grow;
mod read;
mod rules;
mod types;

#[cfg(feature = "std")]
pub use build::*;
#[cfg(feature = "std")]
pub use grow::*;
pub use read::*;
pub(crate) use rules::message;
pub use rules::*;
pub use types::*;
