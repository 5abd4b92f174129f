//! Repair: adds bytes in the file to segments that have none, which ELKS refuses.

use alloc::vec::Vec;
use core::fmt;

use crate::build::{BuildError, Builder, NewSegment};
use crate::image::{Image, Segment};
use crate::rules::NeFinding;

/// Why a file cannot be repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RepairError {
    /// The file cannot be read.
    Unreadable(NeFinding),
    /// The repaired file cannot be written.
    Build(BuildError),
    /// The segment with this number has 65,536 bytes, which a size in the segment table cannot express.
    Full64K(u16),
}

impl fmt::Display for RepairError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(finding) => finding.fmt(f),
            Self::Build(error) => error.fmt(f),
            Self::Full64K(number) => {
                write!(f, "segment {number} has 65536 bytes, which ELKS does not load: make it smaller")
            }
        }
    }
}

impl core::error::Error for RepairError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Unreadable(finding) => Some(finding),
            Self::Build(error) => Some(error),
            Self::Full64K(_) => None,
        }
    }
}

/// A file that was repaired.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// The file.
    pub bytes: Vec<u8>,
    /// The numbers of the segments to which bytes were added, and how many.
    pub segments: Vec<(u16, u16)>,
}

/// Number of bytes that a segment gets in the file so that ELKS accepts it: one would suffice, but the linker
/// rounds up to even.
const SMALLEST: u16 = 2;

/// Writes the file again, with two zero bytes in the file for each segment that has none: ELKS zeroes the
/// rest up to `min_alloc`. The stub is omitted, and so are the tables that ELKS does not read.
///
/// # Errors
/// The file cannot be read, or a segment has 64 KiB.
pub fn repair(file: &[u8]) -> Result<Repaired, RepairError> {
    let image = Image::parse(file).map_err(RepairError::Unreadable)?;
    let mut repaired = Vec::new();
    let mut segments = Vec::new();
    for segment in image.segments() {
        segments.push(repaired_segment(&segment, &mut repaired)?);
    }
    let mut builder = Builder::from_image(&image, &segments);
    loop {
        match builder.to_vec() {
            Ok(bytes) => return Ok(Repaired { bytes, segments: repaired }),
            Err(BuildError::ShiftTooSmall(shift)) => builder = builder.shift(shift.saturating_add(1)),
            Err(error) => return Err(RepairError::Build(error)),
        }
    }
}

fn repaired_segment<'a>(
    segment: &Segment<'a>,
    repaired: &mut Vec<(u16, u16)>,
) -> Result<NewSegment<'a>, RepairError> {
    segment.bytes().map_err(RepairError::Unreadable)?;
    for relocation in segment.relocations() {
        relocation.map_err(RepairError::Unreadable)?;
    }
    let new = NewSegment::from_segment(segment);
    if segment.size() != 0 {
        return Ok(new);
    }
    if segment.min_alloc() == 0 {
        return Err(RepairError::Full64K(segment.number));
    }
    let count = segment.min_alloc().min(SMALLEST);
    repaired.push((segment.number, count));
    Ok(new.zeros(count))
}
