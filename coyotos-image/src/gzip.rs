//! The container: images are stored as gzip files since November 2007, uncompressed before.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

/// The largest image in bytes: `imgBytes` has 32 bits.
pub const MAX_IMAGE_SIZE: u64 = u32::MAX as u64;

/// Whether a file is a gzip file.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The image in a file: inflated from a gzip file, the bytes themselves otherwise.
///
/// No more than `limit` bytes are inflated, and no more memory than a small multiple of what was inflated is used.
///
/// # Errors
/// [`GzipError::TooLong`] and [`GzipError::Damaged`].
pub fn inflate(bytes: &[u8], limit: u64) -> Result<Cow<'_, [u8]>, GzipError> {
    if !is_gzip(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut inflated = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(limit.saturating_add(1));
    decoder.read_to_end(&mut inflated).map_err(|error| GzipError::Damaged(error.kind()))?;
    if inflated.len() as u64 > limit {
        return Err(GzipError::TooLong { limit });
    }
    Ok(Cow::Owned(inflated))
}

/// The first bytes of the image in a file, at most `len`: to look at its header before all of it is inflated. What
/// follows them is not read, and a checksum not compared.
///
/// # Errors
/// [`GzipError::Damaged`].
pub fn inflate_start(bytes: &[u8], len: usize) -> Result<Cow<'_, [u8]>, GzipError> {
    if !is_gzip(bytes) {
        return Ok(Cow::Borrowed(bytes.get(..len).unwrap_or(bytes)));
    }
    let mut start = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(len as u64);
    decoder.read_to_end(&mut start).map_err(|error| GzipError::Damaged(error.kind()))?;
    Ok(Cow::Owned(start))
}

/// An image as a gzip file, without a name or a time in it: equal images give equal files.
///
/// # Errors
/// [`GzipError::Damaged`] with the compressor's error.
pub fn deflate(image: &[u8]) -> Result<Vec<u8>, GzipError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(image).and_then(|()| encoder.finish());
    written.map_err(|error| GzipError::Damaged(error.kind()))
}

/// Why a gzip file was not inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GzipError {
    /// It holds more than the caller's limit.
    TooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// It is cut short, or its contents do not match its checksum.
    Damaged(io::ErrorKind),
}

impl fmt::Display for GzipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => {
                write!(f, "the gzip file holds more than {limit} bytes; give a higher limit if you trust it")
            }
            Self::Damaged(kind) => {
                let why = match kind {
                    io::ErrorKind::UnexpectedEof => "it ends too early, or something was appended",
                    _ => "its contents do not match its checksum, or are no deflated data",
                };
                write!(f, "the gzip file is damaged: {why}; copy or build it again")
            }
        }
    }
}

impl core::error::Error for GzipError {}
