//! What can be wrong with a compressed section.

use core::fmt;

use execfmt_common::{Expected, Finding, Rule, Severity};

use super::stream::{MAX_DISTANCE, MAX_SIZE};

/// The part of a compressed section that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamField {
    /// The compressed bytes; the value is their number.
    Compressed,
    /// The section's size before compression.
    Size,
    /// The memory in which a section is unpacked in place; the value is its length.
    Area,
    /// The unary index that begins an item which is no single literal.
    LengthIndex,
    /// How many bytes an item stands for.
    Length,
    /// How far behind a match's bytes are copied from.
    Offset,
    /// The write pointer against the read pointer.
    Distance,
}

impl fmt::Display for StreamField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compressed => "compressed section",
            Self::Size => "section size",
            Self::Area => "area",
            Self::LengthIndex => "length index",
            Self::Length => "length",
            Self::Offset => "offset",
            Self::Distance => "distance",
        })
    }
}

/// The rules that a compressed section can break. Each refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamRule {
    /// The bytes are used up before the end mark.
    Truncated,
    /// A length index beyond all tables. The kernel would read outside its array.
    BadLengthIndex,
    /// A match copies bytes that are not written yet, or lie outside the section.
    OffsetOutside,
    /// The items stand for more bytes than the section has.
    TooLong,
    /// The end mark comes before the section is complete.
    TooShort,
    /// In place, the output would overtake the input.
    OutputOvertakes,
    /// In place, output and input are so far apart that the kernel takes the difference for negative.
    DistanceTooLarge,
    /// The section is empty or larger than [`MAX_SIZE`].
    BadSize,
    /// The memory does not hold the section and [`SAFETY`](super::SAFETY) bytes, or not the compressed bytes.
    AreaTooSmall,
}

impl Rule for StreamRule {
    type Field = StreamField;

    fn code(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::BadLengthIndex => "bad_length_index",
            Self::OffsetOutside => "offset_outside",
            Self::TooLong => "too_long",
            Self::TooShort => "too_short",
            Self::OutputOvertakes => "output_overtakes",
            Self::DistanceTooLarge => "distance_too_large",
            Self::BadSize => "bad_size",
            Self::AreaTooSmall => "area_too_small",
        }
    }

    fn severity(self) -> Severity {
        Severity::Error
    }

    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (found, bound) = (finding.found, finding.expected.bound());
        match finding.rule {
            Self::Truncated => write!(
                f,
                "all {found} bytes are read and no end mark was found; the section was cut short, or is not compressed"
            ),
            Self::BadLengthIndex => write!(
                f,
                "{found} zero bits or more in a row, but the tables have {bound} as the last index; the section is damaged"
            ),
            Self::OffsetOutside if found == 0 => {
                f.write_str("a match would copy bytes from where it writes them; the section is damaged")
            }
            Self::OffsetOutside => write!(
                f,
                "a match reaches {found} bytes back, but {bound} are written so far; the section is damaged"
            ),
            Self::TooLong => write!(
                f,
                "an item stands for {found} bytes, but the section lacks only {bound}; the size in the header is wrong, or the section is damaged"
            ),
            Self::TooShort => write!(
                f,
                "the end mark comes {found} bytes before the section is complete; the size in the header is wrong, or the section is damaged"
            ),
            Self::OutputOvertakes => write!(
                f,
                "in place, the output passes the unread input by {found} bytes; the kernel refuses this: compress the section anew, or store it plain"
            ),
            Self::DistanceTooLarge => write!(
                f,
                "in place, the output is {found} bytes above the input, and the kernel's 16-bit test takes more than {MAX_DISTANCE} for an overrun; store the section plain"
            ),
            Self::BadSize => {
                write!(f, "a compressed section has 1 to {MAX_SIZE} bytes, this one {found}; store it plain")
            }
            Self::AreaTooSmall => {
                write!(f, "{bound} bytes of memory are needed, but {found} are there; give a larger buffer")
            }
        }
    }
}

/// A finding in a compressed section. The offset counts from the beginning of the compressed bytes; the stream is
/// read from their end.
pub type StreamFinding = Finding<StreamRule>;

/// Refuses sizes that no compressed section has.
pub(crate) const fn check_size(size: usize) -> Result<(), StreamFinding> {
    match size {
        0 => Err(StreamRule::BadSize.finding(StreamField::Size, 0, size, Expected::AtLeast(1))),
        1..=MAX_SIZE => Ok(()),
        _ => Err(StreamRule::BadSize.at_most(StreamField::Size, 0, size, MAX_SIZE)),
    }
}

impl StreamRule {
    pub(crate) const fn finding(
        self,
        field: StreamField,
        offset: usize,
        found: usize,
        expected: Expected,
    ) -> StreamFinding {
        Finding { rule: self, field, offset: offset as u64, found: found as u64, expected }
    }

    pub(crate) const fn at_most(
        self,
        field: StreamField,
        offset: usize,
        found: usize,
        bound: usize,
    ) -> StreamFinding {
        self.finding(field, offset, found, Expected::AtMost(bound as u64))
    }
}
