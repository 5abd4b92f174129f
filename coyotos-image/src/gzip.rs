//! The container: images have been stored as gzip files since November 2007, uncompressed before.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;
use std::io::{self, Read, Write};

use execfmt_common::Expected;
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use crate::field::CoyotosField;
use crate::header::Header;
use crate::rules::{CoyotosFinding, CoyotosRule};
use crate::wire::HEADER_SIZE;

/// Maximum size of an image in bytes: `imgBytes` has 32 bits.
pub const MAX_IMAGE_SIZE: u64 = u32::MAX as u64;

/// Whether a file is a gzip file.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The image in a file: inflated from a gzip file, otherwise the bytes themselves.
///
/// As in `gzip`, several concatenated gzip files are one, and zeros after them are ignored. At most `limit`
/// bytes are inflated, and the memory used is at most a small multiple of what was inflated.
///
/// # Errors
/// [`GzipError`].
pub fn inflate(bytes: &[u8], limit: u64) -> Result<Cow<'_, [u8]>, GzipError> {
    if !is_gzip(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let inflated = members(bytes, limit.saturating_add(1))?;
    if inflated.len() as u64 > limit {
        return Err(GzipError::TooLong { limit });
    }
    Ok(Cow::Owned(inflated))
}

/// The first `len` bytes of the image in a file, or all of a shorter one: to read its header before all of it
/// is inflated. What follows them is not read, and no checksum is compared.
///
/// # Errors
/// [`GzipError`].
pub fn inflate_start(bytes: &[u8], len: usize) -> Result<Cow<'_, [u8]>, GzipError> {
    if !is_gzip(bytes) {
        return Ok(Cow::Borrowed(bytes.get(..len).unwrap_or(bytes)));
    }
    members(bytes, len as u64).map(Cow::Owned)
}

/// The contents of concatenated gzip files, up to a number of bytes.
fn members(bytes: &[u8], most: u64) -> Result<Vec<u8>, GzipError> {
    let mut inflated = Vec::new();
    let mut rest = bytes;
    loop {
        let mut decoder = GzDecoder::new(rest).take(most.saturating_sub(inflated.len() as u64));
        decoder.read_to_end(&mut inflated).map_err(|error| GzipError::Damaged(error.kind()))?;
        if inflated.len() as u64 >= most {
            return Ok(inflated);
        }
        rest = decoder.into_inner().into_inner();
        // Tapes and disks pad files with zeros.
        if rest.iter().all(|&byte| byte == 0) {
            return Ok(inflated);
        }
        if !is_gzip(rest) {
            return Err(GzipError::Trailing { offset: bytes.len().saturating_sub(rest.len()) as u64 });
        }
    }
}

/// The header of the image in a file.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, CoyotosFinding> {
    match inflate_start(bytes, HEADER_SIZE) {
        Ok(start) => Header::parse(&start),
        Err(error) => Err(error.finding(bytes)),
    }
}

/// The image in a file, as returned by [`inflate`], with defects as findings. No more is inflated than its
/// own header says and `max_inflated` allows; of the header only the magic and byte order are checked.
///
/// # Errors
/// Those of [`Header::parse`], [`CoyotosRule::GzipDamaged`], [`CoyotosRule::GzipTooLong`] and
/// [`CoyotosRule::GzipOverLimit`].
pub fn contents(bytes: &[u8], max_inflated: u64) -> Result<Cow<'_, [u8]>, CoyotosFinding> {
    if !is_gzip(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let img_bytes = u64::from(header(bytes)?.img_bytes);
    if img_bytes > max_inflated {
        let (rule, expected) = (CoyotosRule::GzipOverLimit, Expected::AtMost(max_inflated));
        return Err(rule.finding(CoyotosField::Gzip, 0, img_bytes, expected));
    }
    inflate(bytes, img_bytes).map_err(|error| error.finding(bytes))
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

/// Why a gzip file could not be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GzipError {
    /// It contains more than the caller's limit.
    TooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// It is cut short, or its contents do not match its checksum.
    Damaged(io::ErrorKind),
    /// It is followed by something that is neither a gzip file nor zeros.
    Trailing {
        /// File offset of that, in bytes.
        offset: u64,
    },
}

impl GzipError {
    fn finding(self, bytes: &[u8]) -> CoyotosFinding {
        let len = bytes.len() as u64;
        let (rule, offset, found, expected) = match self {
            Self::TooLong { limit } => {
                (CoyotosRule::GzipTooLong, 0, limit.saturating_add(1), Expected::AtMost(limit))
            }
            // More bytes would have been needed.
            Self::Damaged(io::ErrorKind::UnexpectedEof) => {
                (CoyotosRule::GzipDamaged, len, len, Expected::AtLeast(len.saturating_add(1)))
            }
            Self::Damaged(_) => (CoyotosRule::GzipDamaged, 0, len, Expected::AnythingBut(len)),
            Self::Trailing { offset } => (CoyotosRule::GzipDamaged, offset, len, Expected::AtMost(offset)),
        };
        rule.finding(CoyotosField::Gzip, offset, found, expected)
    }
}

impl fmt::Display for GzipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => {
                write!(f, "the gzip file contains more than {limit} bytes; raise the limit if you trust it")
            }
            Self::Damaged(kind) => {
                let why = match kind {
                    io::ErrorKind::UnexpectedEof => "it ends too early",
                    _ => "its contents do not match its checksum, or are not deflated data",
                };
                write!(f, "the gzip file is damaged: {why}; copy or build it again")
            }
            Self::Trailing { offset } => {
                write!(
                    f,
                    "trailing data after the gzip file at byte {offset}; remove it, or copy the file again"
                )
            }
        }
    }
}

impl core::error::Error for GzipError {}
