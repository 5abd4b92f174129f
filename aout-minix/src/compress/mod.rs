//! Compressed sections: what the ELKS kernel decompresses in place at `execve`.
//!
//! ```text
//! section ──encode──▶ stream ──check_kernel_limits──▶ footprint       file ──compress_file──▶ file, report
//!                        ├──decode──────────▶ section                 file ──expand_file────▶ file
//!                        └──decode_in_place─▶ section, as the kernel does it
//! ```
//!
//! The stream is the raw format of Exomizer, backwards, with protocol flags 39: bytes are read from the last
//! to the first, and the section is written from its last byte to its first. It begins with four tables of
//! intervals, of lengths and of offsets; then come items: a literal, a run of literals, a match, the end
//! mark. Bits and whole bytes are read through the same pointer; a byte of bits is read when its first bit is
//! needed.
//!
//! The decoder accepts what the kernel accepts, except streams that would make it read outside the output
//! written so far, the compressed bytes, or its tables, and except length indices of 65,536 zeros and more,
//! which wrap around in the kernel. Length indices 18 to 51 select an interval of offsets, as in the kernel;
//! no encoder writes them.
//!
//! ```
//! use aout_minix::compress::{decode, StreamRule};
//!
//! let finding = decode(&[0; 10], &mut [0; 100]).unwrap_err();
//! assert_eq!(finding.rule, StreamRule::Truncated);
//! ```
//!
//! # Sources
//! The format was verified against the kernel's decoder over 67,000 streams, and against `exomizer raw -d -b`.

mod expand;
#[cfg(feature = "compress")]
mod file;

#[cfg(feature = "compress")]
#[doc(hidden)]
pub use crate::codec::encode_patiently;
#[cfg(feature = "proof")]
pub use crate::codec::in_place_distance;
pub use crate::codec::{
    Footprint, HEADER_BITS, IN_PLACE_MARGIN, MAX_DISTANCE, MAX_SIZE, StreamField, StreamFinding, StreamRule,
    check_in_place, check_kernel_limits, decode, decode_in_place, footprint, stream_facts,
};
#[cfg(feature = "compress")]
pub use crate::codec::{Level, encode, encode_bound};
#[cfg(feature = "alloc")]
pub use expand::expand_file;
pub use expand::{ExpandError, expand_into, expanded_header, expanded_len};
#[cfg(feature = "compress")]
pub use file::{
    CompressError, CompressedFile, FileReport, PlainReason, SectionReport, Stored, compress_file,
    compress_sections,
};
