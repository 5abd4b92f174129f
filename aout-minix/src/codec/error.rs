//! What can be wrong with a compressed section.

use core::fmt;

use execfmt_common::{Expected, Finding, rules};

use super::format::{MAX_DISTANCE, MAX_SIZE};

/// The part of a compressed section that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StreamField {
    /// The compressed bytes; the value is their number.
    Compressed,
    /// The section's size before compression.
    Size,
    /// The memory in which a section is unpacked in place; the value is its length.
    Area,
    /// The unary index that begins an item other than a single literal.
    LengthIndex,
    /// How many bytes an item stands for.
    Length,
    /// Distance of a match's bytes from their copy.
    Offset,
    /// The write pointer against the read pointer.
    Distance,
}

impl StreamField {
    /// All fields.
    pub const ALL: [Self; 7] = [
        Self::Compressed,
        Self::Size,
        Self::Area,
        Self::LengthIndex,
        Self::Length,
        Self::Offset,
        Self::Distance,
    ];
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

rules! {
    /// The rules that a compressed section can break. Each refuses it.
    pub enum StreamRule for StreamField, in stream_facts {
        /// The bytes are used up before the end mark.
        Truncated = 300, EXECFMT_AOUT_STREAM_E_TRUNCATED, Error, "truncated", "compressed section: it ends before its end mark",
            |finding, f| write!(f, "all {} bytes are read and no end mark was found; the section was cut short, or is not compressed", finding.found);
        /// A length index beyond all tables. The kernel would read outside its array.
        BadLengthIndex = 301, EXECFMT_AOUT_STREAM_E_LENGTH_INDEX, Error, "bad_length_index", "compressed section: a length index is beyond all tables",
            |finding, f| write!(f, "{} zero bits or more in a row, but the tables have {} as the last index; the section is damaged", finding.found, finding.expected.bound());
        /// A match copies bytes that are not written yet, or lie outside the section.
        OffsetOutside = 302, EXECFMT_AOUT_STREAM_E_OFFSET, Error, "offset_outside", "compressed section: a match copies what is not written yet",
            |finding, f| match finding.found {
                0 => f.write_str("a match would copy bytes from where it writes them; the section is damaged"),
                found => write!(f, "a match reaches {found} bytes back, but {} are written so far; the section is damaged", finding.expected.bound()),
            };
        /// The items stand for more bytes than the section has.
        TooLong = 303, EXECFMT_AOUT_STREAM_E_TOO_LONG, Error, "too_long", "compressed section: it stands for more bytes than its size",
            |finding, f| write!(f, "an item stands for {} bytes, but the section lacks only {}; the size in the header is wrong, or the section is damaged", finding.found, finding.expected.bound());
        /// The end mark comes before the section is complete.
        TooShort = 304, EXECFMT_AOUT_STREAM_E_TOO_SHORT, Error, "too_short", "compressed section: it stands for fewer bytes than its size",
            |finding, f| write!(f, "the end mark comes {} bytes before the section is complete; the size in the header is wrong, or the section is damaged", finding.found);
        /// In place, the output would overtake the input.
        OutputOvertakes = 305, EXECFMT_AOUT_STREAM_E_OVERTAKES, Error, "output_overtakes", "compressed section: in place, output would overtake input",
            |finding, f| write!(f, "in place, the output passes the unread input by {} bytes; the kernel refuses this: compress the section again, or store it uncompressed", finding.found);
        /// In place, output and input are so far apart that the kernel takes the difference for negative.
        DistanceTooLarge = 306, EXECFMT_AOUT_STREAM_E_DISTANCE, Error, "distance_too_large", "compressed section: the kernel takes it for an overrun",
            |finding, f| write!(f, "in place, the output is {} bytes above the input, and the kernel's 16-bit test takes more than {MAX_DISTANCE} for an overrun; store the section uncompressed", finding.found);
        /// The section is empty or larger than 65,519 bytes.
        BadSize = 307, EXECFMT_AOUT_STREAM_E_SIZE, Error, "bad_size", "compressed section: a section has 1 to 65519 bytes",
            |finding, f| write!(f, "a compressed section has 1 to {MAX_SIZE} bytes, this one {}; store it uncompressed", finding.found);
        /// The memory does not hold the section and the 16 bytes that decompressing it takes, or not the compressed bytes.
        AreaTooSmall = 308, EXECFMT_AOUT_STREAM_E_AREA, Error, "area_too_small", "compressed section: the memory to unpack in is too small",
            |finding, f| write!(f, "{} bytes of memory are needed, but {} are there; give a larger buffer", finding.expected.bound(), finding.found);
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
