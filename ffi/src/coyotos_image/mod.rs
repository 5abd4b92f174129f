//! Coyotos images for C: translation only; the format itself is in the crate `coyotos-image`.

mod convert;
#[cfg(feature = "std")]
mod debug;
#[cfg(feature = "builder")]
mod grow;
#[cfg(feature = "builder")]
mod handle;
#[cfg(feature = "builder")]
mod objects;
#[cfg(feature = "builder")]
mod output;
mod read;
mod rules;
mod types;

#[cfg(feature = "std")]
pub use debug::*;
#[cfg(feature = "builder")]
pub use grow::*;
#[cfg(feature = "builder")]
pub use handle::*;
#[cfg(feature = "builder")]
pub use objects::*;
#[cfg(feature = "builder")]
pub use output::*;
pub use read::*;
pub(crate) use rules::message;
pub use rules::*;
pub use types::*;
