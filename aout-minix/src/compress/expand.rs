//! From a compressed file to an uncompressed one.

use core::fmt;

use execfmt_common::BufferTooSmall;

use crate::codec::{StreamFinding, check_size, decode};
use crate::header::{Header, Supplement};
use crate::image::Image;
use crate::section::Section;

/// Why a file could not be expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpandError {
    /// No section is compressed.
    NotCompressed,
    /// A section's stream is malformed.
    Stream(Section, StreamFinding),
    /// The caller's buffer is too small.
    BufferTooSmall(BufferTooSmall),
}

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCompressed => f.write_str("no section is compressed; the file is left unchanged"),
            Self::Stream(section, finding) => write!(f, "{section}: {finding}"),
            Self::BufferTooSmall(size) => size.fmt(f),
        }
    }
}

impl core::error::Error for ExpandError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Stream(_, finding) => Some(finding),
            Self::BufferTooSmall(size) => Some(size),
            Self::NotCompressed => None,
        }
    }
}

/// The header of the expanded file: as short as its contents allow.
///
/// This is the header from before compression, unless that was longer than necessary: a compressed file does
/// not record its length.
pub fn expanded_header(header: &Header) -> Header {
    let supplement = Supplement { compr_tseg: 0, compr_dseg: 0, compr_ftseg: 0, ..header.supplement };
    let plain = Header { supplement, ..*header };
    Header { hlen: plain.needed_hlen(), ..plain }
}

/// The length of the expanded file in bytes.
///
/// # Errors
/// [`ExpandError::NotCompressed`], or [`StreamRule::BadSize`](super::StreamRule::BadSize) for a compressed section of an impossible size.
pub fn expanded_len(image: &Image<'_>) -> Result<usize, ExpandError> {
    let header = image.header();
    if !header.is_compressed() {
        return Err(ExpandError::NotCompressed);
    }
    let mut len = usize::from(expanded_header(header).hlen).saturating_add(image.trailing().len());
    for section in Section::ALL {
        let sizes = header.sizes(section);
        let size = usize::try_from(sizes.uncompressed).unwrap_or(usize::MAX);
        if sizes.is_compressed {
            check_size(size).map_err(|finding| ExpandError::Stream(section, finding))?;
        }
        len = len.saturating_add(size);
    }
    Ok(len)
}

/// Writes the expanded file at the start of `out` and returns its length in bytes. Uncompressed sections,
/// relocations, symbols and trailing bytes are kept.
///
/// # Errors
/// Those of [`expanded_len`]; [`ExpandError::BufferTooSmall`], and then nothing is written;
/// [`ExpandError::Stream`].
pub fn expand_into(image: &Image<'_>, out: &mut [u8]) -> Result<usize, ExpandError> {
    let needed = expanded_len(image)?;
    let too_small = BufferTooSmall { needed: needed as u64, given: out.len() as u64 };
    let too_small = ExpandError::BufferTooSmall(too_small);
    let mut rest = out.get_mut(..needed).ok_or(too_small)?;
    let mut take = |len: usize| {
        let (place, behind) = core::mem::take(&mut rest).split_at_mut_checked(len).ok_or(too_small)?;
        rest = behind;
        Ok(place)
    };
    let header = expanded_header(image.header());
    let head = take(header.hlen.into())?;
    head.iter_mut().zip(header.to_bytes()).for_each(|(place, byte)| *place = byte);
    for section in Section::ALL {
        let stored = image.section(section);
        let sizes = image.header().sizes(section);
        if sizes.is_compressed {
            let place = take(usize::try_from(sizes.uncompressed).unwrap_or(usize::MAX))?;
            decode(stored, place).map_err(|finding| ExpandError::Stream(section, finding))?;
        } else {
            take(stored.len())?.copy_from_slice(stored);
        }
    }
    take(image.trailing().len())?.copy_from_slice(image.trailing());
    Ok(needed)
}

/// The expanded file.
///
/// # Errors
/// Those of [`expand_into`].
#[cfg(feature = "alloc")]
pub fn expand_file(image: &Image<'_>) -> Result<alloc::vec::Vec<u8>, ExpandError> {
    let mut file = alloc::vec![0; expanded_len(image)?];
    expand_into(image, &mut file)?;
    Ok(file)
}
