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
    /// The memory in which a section is decompressed in place; the value is its length in bytes.
    Area,
    /// The index in unary notation that begins every item other than a single literal.
    LengthIndex,
    /// Number of bytes that an item expands to.
    Length,
    /// Distance in bytes from a match's source to its destination.
    Offset,
    /// Position of the write pointer relative to the read pointer.
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
            |finding, f| write!(f, "all {} bytes were read and no end mark was found; the section was cut short, or is not compressed", finding.found);
        /// A length index beyond all tables. The kernel would read outside its array.
        BadLengthIndex = 301, EXECFMT_AOUT_STREAM_E_LENGTH_INDEX, Error, "bad_length_index", "compressed section: a length index is beyond all tables",
            |finding, f| write!(f, "a length index of {} or more zero bits, but the last index of the tables is {}; the section is damaged", finding.found, finding.expected.bound());
        /// A match copies bytes that are not written yet, or are outside the section.
        OffsetOutside = 302, EXECFMT_AOUT_STREAM_E_OFFSET, Error, "offset_outside", "compressed section: a match copies bytes that are not written yet",
            |finding, f| match finding.found {
                0 => f.write_str("a match would copy bytes from where it writes them; the section is damaged"),
                found => write!(f, "a match refers {found} bytes back, but only {} are written so far; the section is damaged", finding.expected.bound()),
            };
        /// The items expand to more bytes than the section has.
        TooLong = 303, EXECFMT_AOUT_STREAM_E_TOO_LONG, Error, "too_long", "compressed section: it expands to more bytes than its size",
            |finding, f| write!(f, "an item expands to {} bytes, but only {} bytes of the section remain; the size in the header is wrong, or the section is damaged", finding.found, finding.expected.bound());
        /// The end mark comes before the section is complete.
        TooShort = 304, EXECFMT_AOUT_STREAM_E_TOO_SHORT, Error, "too_short", "compressed section: it expands to fewer bytes than its size",
            |finding, f| write!(f, "the end mark comes {} bytes before the section is complete; the size in the header is wrong, or the section is damaged", finding.found);
        /// In place, the output would overtake the input.
        OutputOvertakes = 305, EXECFMT_AOUT_STREAM_E_OVERTAKES, Error, "output_overtakes", "compressed section: in place, output would overtake input",
            |finding, f| write!(f, "in place, the output passes the unread input by {} bytes; the kernel refuses this: compress the section again, or store it uncompressed", finding.found);
        /// In place, output and input are so far apart that the kernel takes the difference to be negative.
        DistanceTooLarge = 306, EXECFMT_AOUT_STREAM_E_DISTANCE, Error, "distance_too_large", "compressed section: output is too far above input for the kernel",
            |finding, f| write!(f, "in place, the output is {} bytes above the input, but the kernel's 16-bit test takes more than {MAX_DISTANCE} to be an overrun; store the section uncompressed", finding.found);
        /// The section is empty or larger than 65,519 bytes.
        BadSize = 307, EXECFMT_AOUT_STREAM_E_SIZE, Error, "bad_size", "compressed section: its size is not 1 to 65519 bytes",
            |finding, f| write!(f, "a compressed section has 1 to {MAX_SIZE} bytes, but this one {}; store it uncompressed", finding.found);
        /// The memory is too small for the section and the 16 bytes that decompressing it needs, or for the
        /// compressed bytes.
        AreaTooSmall = 308, EXECFMT_AOUT_STREAM_E_AREA, Error, "area_too_small", "compressed section: the memory to decompress in is too small",
            |finding, f| write!(f, "{} bytes of memory are needed, but only {} are available; use a larger buffer", finding.expected.bound(), finding.found);
    }
}

/// A finding in a compressed section. The offset counts from the beginning of the compressed bytes; note that
/// the stream is read from their end.
pub type StreamFinding = Finding<StreamRule>;

/// Refuses sizes that a compressed section cannot have.
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
