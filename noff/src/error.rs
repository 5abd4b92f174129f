//! What can be wrong with a NOFF file, and what is merely unusual.

use core::fmt;

use execfmt_common::{Expected, Finding, Rule, Severity};

use crate::header::MAGIC;
use crate::segment::{SegmentField, SegmentKind};

/// What a file that is not NOFF looks like, judged by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lookalike {
    /// Nothing known.
    Unknown,
    /// An ELF file, as today's compilers write.
    Elf,
    /// A little-endian MIPS COFF file, what `coff2noff` reads.
    CoffLittle,
    /// A big-endian MIPS COFF file.
    CoffBig,
}

impl Lookalike {
    /// Judges by the first bytes of a file.
    pub const fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0x7f, b'E', b'L', b'F', ..] => Self::Elf,
            // The file header's magic 0x0162 (0x0166 and 0x0142 for MIPS II and III) and a plausible section
            // count: the count's high byte is 0 in every real file.
            [0x62 | 0x66 | 0x42, 0x01, _, 0x00, ..] => Self::CoffLittle,
            [0x01, 0x60 | 0x63 | 0x40, 0x00, _, ..] => Self::CoffBig,
            _ => Self::Unknown,
        }
    }
}

/// A field of a NOFF file. Displayed as `code.virtual_addr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoffField {
    /// The file as a whole; the value is its length.
    FileLength,
    /// The first word.
    NoffMagic,
    /// A field of a segment's record.
    Segment(SegmentKind, SegmentField),
}

impl fmt::Display for NoffField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileLength => f.write_str("file length"),
            Self::NoffMagic => f.write_str("noffMagic"),
            Self::Segment(kind, field) => write!(f, "{kind}.{}", field.name()),
        }
    }
}

/// The rules that a NOFF file can break.
///
/// The first group refuses a file; the second is worth a warning, because no known real file does it or because
/// a stock kernel gets it wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoffRule {
    /// The file, or the prefix given, ends within the header.
    Truncated,
    /// The first word is not [`MAGIC`] in either byte order.
    BadMagic(Lookalike),
    /// The header fits neither layout: no segment's bytes begin right behind it.
    UndecidableLayout,
    /// A segment's address and size add up to more than 32 bits hold.
    AddressOverflow,
    /// A segment's bytes would lie beyond the end of the file.
    SegmentPastEof,
    /// A segment's bytes would begin within the header.
    HeaderOverlap,
    /// Two segments claim the same addresses; the other one is named.
    SegmentsOverlap(SegmentKind),

    /// `uninitData` begins within the padding of `initData`, by [`MAX_PADDING`](crate::MAX_PADDING) bytes at most.
    PaddingOverlap,
    /// Two segments use the same bytes of the file; the other one is named.
    FileRangesOverlap(SegmentKind),
    /// A size is not a multiple of 16.
    RaggedSize,
    /// An address is not a multiple of 4.
    UnalignedAddress,
    /// `code` does not begin at address 0, where the program starts.
    CodeNotAtZero,
    /// `code` is empty, yet the program starts at address 0.
    NoCode,
    /// The layout chosen by the caller is not the one that the header shows.
    LayoutContradicted,
    /// The file goes on behind the last segment's bytes.
    TrailingBytes,
    /// The segments' sizes add up to less than the memory that they span.
    MemoryGap,
    /// The program ends at a higher address than any known real one.
    LargeProgram,
}

impl Rule for NoffRule {
    type Field = NoffField;

    fn code(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::BadMagic(_) => "bad_magic",
            Self::UndecidableLayout => "undecidable_layout",
            Self::AddressOverflow => "address_overflow",
            Self::SegmentPastEof => "segment_past_eof",
            Self::HeaderOverlap => "header_overlap",
            Self::SegmentsOverlap(_) => "segments_overlap",
            Self::PaddingOverlap => "padding_overlap",
            Self::FileRangesOverlap(_) => "file_ranges_overlap",
            Self::RaggedSize => "ragged_size",
            Self::UnalignedAddress => "unaligned_address",
            Self::CodeNotAtZero => "code_not_at_zero",
            Self::NoCode => "no_code",
            Self::LayoutContradicted => "layout_contradicted",
            Self::TrailingBytes => "trailing_bytes",
            Self::MemoryGap => "memory_gap",
            Self::LargeProgram => "large_program",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::Truncated
            | Self::BadMagic(_)
            | Self::UndecidableLayout
            | Self::AddressOverflow
            | Self::SegmentPastEof
            | Self::HeaderOverlap
            | Self::SegmentsOverlap(_) => Severity::Error,
            Self::PaddingOverlap
            | Self::FileRangesOverlap(_)
            | Self::RaggedSize
            | Self::UnalignedAddress
            | Self::CodeNotAtZero
            | Self::NoCode
            | Self::LayoutContradicted
            | Self::TrailingBytes
            | Self::MemoryGap
            | Self::LargeProgram => Severity::Warning,
        }
    }

    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { rule, found, expected, .. } = *finding;
        let bound = expected.bound();
        match rule {
            Self::Truncated => {
                write!(
                    f,
                    "{found} bytes are too few for a NOFF header, which needs {expected}; copy or convert the file again"
                )
            }
            Self::BadMagic(lookalike) => {
                write!(f, "{found:#010x} is not the NOFF magic {MAGIC:#010x}; ")?;
                f.write_str(match lookalike {
                    Lookalike::Unknown => "this is no NOFF file: was it converted with coff2noff or execfmt?",
                    Lookalike::Elf => {
                        "this is an ELF file: convert it with `execfmt convert IN -o OUT --to noff`"
                    }
                    Lookalike::CoffLittle => {
                        "this is a MIPS COFF file: convert it with `execfmt convert IN -o OUT --to noff`, or coff2noff"
                    }
                    Lookalike::CoffBig => {
                        "this is a big-endian MIPS COFF file, and Nachos runs little-endian code: build it with a mipsel compiler"
                    }
                })
            }
            Self::UndecidableLayout => write!(
                f,
                "no segment's bytes begin right behind a header of 40 bytes (3 segments) or 52 (4): choose with --layout 3 or --layout 4 (in code, Options::layout), or convert the program again"
            ),
            Self::AddressOverflow => write!(
                f,
                "the segment is {found} bytes long, but only {bound} addresses are left above its virtual_addr; the header is damaged"
            ),
            Self::SegmentPastEof
                if matches!(finding.field, NoffField::Segment(_, SegmentField::InFileAddr)) =>
            {
                write!(
                    f,
                    "the segment begins at byte {found} of a file of {bound} bytes; the file was cut short or its header is damaged: copy or convert it again"
                )
            }
            Self::SegmentPastEof => write!(
                f,
                "the segment is {found} bytes long, but the file holds {bound} from its in_file_addr on; the file was cut short or its header is damaged: copy or convert it again"
            ),
            Self::HeaderOverlap => write!(
                f,
                "the segment's bytes begin at byte {found}, within the header of {bound} bytes; if the file has the other layout, choose it with --layout"
            ),
            Self::SegmentsOverlap(other) => write!(
                f,
                "the segment begins at address {found:#x}, before {other} ends at {bound:#x}, and would overwrite it; link the program again with one section behind the other"
            ),
            Self::PaddingOverlap => write!(
                f,
                "uninitData begins at {found:#x}, within the padding of initData, which ends at {bound:#x}; harmless if a loader reads initData after it clears memory"
            ),
            Self::FileRangesOverlap(other) => write!(
                f,
                "the segment's bytes begin at byte {found} of the file, before those of {other} end at {bound}; both get the same contents"
            ),
            Self::RaggedSize => write!(f, "{found} is not {expected}, as every known converter writes it"),
            Self::UnalignedAddress => {
                write!(f, "{found:#x} is not {expected}; MIPS reads words at such addresses only")
            }
            Self::CodeNotAtZero => write!(
                f,
                "the code begins at {found:#x}, but Nachos starts every program at address 0; link with -Ttext=0"
            ),
            Self::NoCode => f.write_str("there is no code, but Nachos starts every program at address 0"),
            Self::LayoutContradicted => write!(
                f,
                "the first segment's bytes begin at byte {found}, not right behind the header of the chosen layout at {bound}; is the other layout meant?"
            ),
            Self::TrailingBytes => write!(
                f,
                "the file has {found} bytes, but its last segment ends at {bound}; the rest is never loaded"
            ),
            Self::MemoryGap => write!(
                f,
                "the segments' sizes add up to {found} bytes, but reach up to address {bound:#x}; a kernel that adds up sizes gives such a program too little memory"
            ),
            Self::LargeProgram => write!(
                f,
                "the program ends at address {found:#x}, beyond that of any known Nachos program ({bound:#x}); a stock kernel has 4096 bytes of memory"
            ),
        }
    }
}

/// A finding in a NOFF file.
pub type NoffFinding = Finding<NoffRule>;

impl NoffRule {
    pub(crate) const fn finding(
        self,
        field: NoffField,
        offset: u64,
        found: u64,
        expected: Expected,
    ) -> NoffFinding {
        Finding { rule: self, field, offset, found, expected }
    }
}
