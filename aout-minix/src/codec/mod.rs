//! The bit stream of compressed sections: decoder and encoder. [`compress`](crate::compress) documents and exports it.

mod decode;
#[cfg(feature = "compress")]
mod encode;
mod error;
mod fast;
mod format;
#[cfg(feature = "compress")]
mod matches;
mod memory;
#[cfg(feature = "compress")]
mod parse;
#[cfg(feature = "proof")]
mod proof;
mod state;
#[cfg(feature = "compress")]
mod tables;
#[cfg(feature = "compress")]
mod write;

pub use decode::{Footprint, check_in_place, check_kernel_limits, decode, decode_in_place, footprint};
#[cfg(feature = "compress")]
pub use encode::{Level, encode, encode_bound, encode_patiently};
pub(crate) use error::check_size;
pub use error::{StreamField, StreamFinding, StreamRule, stream_facts};
pub use format::{HEADER_BITS, IN_PLACE_MARGIN, MAX_DISTANCE, MAX_SIZE};
#[cfg(feature = "proof")]
pub use proof::in_place_distance;
