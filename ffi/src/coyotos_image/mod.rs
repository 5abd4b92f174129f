//! Coyotos images for C: translation only; the format itself is in the crate `coyotos-image`.

mod convert;
#[cfg(feature = "std")]
mod debug;
#[cfg(feature = "std")]
mod grow;
#[cfg(feature = "std")]
mod handle;
#[cfg(feature = "std")]
mod objects;
#[cfg(feature = "std")]
mod output;
mod read;
mod rules;
mod types;

#[cfg(feature = "std")]
pub use debug::*;
#[cfg(feature = "std")]
pub use grow::*;
#[cfg(feature = "std")]
pub use handle::*;
#[cfg(feature = "std")]
pub use objects::*;
#[cfg(feature = "std")]
pub use output::*;
pub use read::*;
pub(crate) use rules::message;
pub use rules::*;
pub use types::*;
