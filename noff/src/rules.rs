//! The errors and warnings of a NOFF file, and the rules of particular kernels.

use core::fmt;

use execfmt_common::{Advice, ByteOrder, Expected, Finding, Severity, Target, rules};

use execfmt_detect::{Magic, MagicBytes};

use crate::header::Layout;
use crate::segment::{SegmentField, SegmentKind};
use crate::wire::MAGIC;

/// A field of a NOFF file. Displayed as `code.virtual_addr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoffField {
    /// The file as a whole; the value is its length in bytes.
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

rules! {
    /// The rules that a NOFF file can break.
    ///
    /// Errors refuse a file. Warnings are for what no known real file contains, or what a stock kernel
    /// handles incorrectly. The rules about a kernel are checked only with a [`Profile`](crate::Profile).
    pub enum NoffRule for NoffField, in facts {
        /// The file, or the prefix given, ends within the header.
        Truncated = 100, EXECFMT_NOFF_E_TRUNCATED, Error, "truncated", "NOFF: the file ends within the header",
            |finding, f| write!(
                f,
                "{} bytes are too few for a NOFF header, which needs {}; copy or convert the file again",
                finding.found, finding.expected
            );
        /// The first word is not the magic in either byte order. `detail` is the file's first four bytes,
        /// from which its actual format may be recognised.
        BadMagic(start: MagicBytes) = 101, EXECFMT_NOFF_E_BAD_MAGIC, Error, "bad_magic", "NOFF: not a NOFF file; was it converted?",
            |finding, f| {
                write!(f, "{:#010x} is not the NOFF magic {MAGIC:#010x}; ", finding.found)?;
                match start.magic() {
                    Magic::Unknown => f.write_str("this is not a NOFF file: was it converted?"),
                    like => write!(f, "this is {like}"),
                }
            },
            advice match start.magic() {
                Magic::Elf | Magic::MipsCoff(ByteOrder::Little) => Some(Advice::Convert(Target::Noff)),
                like => like.advice(),
            };
        /// The header fits neither layout: no segment's bytes begin right after it.
        UndecidableLayout = 102, EXECFMT_NOFF_E_LAYOUT, Error, "undecidable_layout", "NOFF: the header fits neither layout; choose one in the options",
            |finding, f| write!(
                f,
                "no segment's bytes begin right after a header of {} bytes (3 segments) or {} (4)",
                Layout::Three.header_size(), Layout::Four.header_size()
            ),
            advice Advice::ChooseLayout;
        /// A segment's address plus its size does not fit into 32 bits.
        AddressOverflow = 103, EXECFMT_NOFF_E_ADDRESS, Error, "address_overflow", "NOFF: a segment goes beyond 32-bit addresses",
            |finding, f| write!(
                f,
                "the segment is {} bytes long, but only {} addresses remain above its virtual_addr; the header is damaged",
                finding.found, finding.expected.bound()
            );
        /// A segment's bytes would lie beyond the end of the file.
        SegmentPastEof = 104, EXECFMT_NOFF_E_PAST_EOF, Error, "segment_past_eof", "NOFF: a segment's bytes would lie beyond the end of the file",
            |finding, f| {
                let (found, bound) = (finding.found, finding.expected.bound());
                match finding.field {
                    NoffField::Segment(_, SegmentField::InFileAddr) => {
                        write!(f, "the segment begins at byte {found} of a file of {bound} bytes")
                    }
                    _ => write!(
                        f,
                        "the segment is {found} bytes long, but the file has only {bound} bytes from its in_file_addr on"
                    ),
                }?;
                f.write_str("; the file was cut short or its header is damaged: copy or convert it again")
            };
        /// A segment's bytes would begin within the header.
        HeaderOverlap = 105, EXECFMT_NOFF_E_HEADER_OVERLAP, Error, "header_overlap", "NOFF: a segment's bytes would begin within the header",
            |finding, f| write!(
                f,
                "the segment's bytes begin at byte {}, within the header of {} bytes; does the file have the other layout?",
                finding.found, finding.expected.bound()
            ),
            advice Advice::ChooseLayout;
        /// Two segments claim the same addresses. `detail` is the other segment.
        SegmentsOverlap(other: SegmentKind) = 106, EXECFMT_NOFF_E_OVERLAP, Error, "segments_overlap", "NOFF: two segments claim the same addresses",
            |finding, f| write!(
                f,
                "the segment begins at address {:#x}, before {other} ends at {:#x}, and would overwrite it; link the program again with one section after the other",
                finding.found, finding.expected.bound()
            );

        /// The kernel loads files of another format.
        KernelFormat = 107, EXECFMT_NOFF_E_KERNEL_FORMAT, Error, "kernel_format", "NOFF: the kernel loads MIPS COFF files, not NOFF",
            |finding, f| f.write_str("the kernel loads MIPS COFF files, not NOFF"),
            advice Advice::Convert(Target::Coff);
        /// The kernel reads headers of the other layout.
        KernelLayout = 108, EXECFMT_NOFF_E_KERNEL_LAYOUT, Error, "kernel_layout", "NOFF: the kernel reads headers of the other layout",
            |finding, f| write!(
                f,
                "the header has {} bytes, but the kernel reads one of {}",
                finding.found, finding.expected.bound()
            ),
            advice Advice::OtherLayout;
        /// The kernel reads headers of the other byte order.
        KernelByteOrder = 109, EXECFMT_NOFF_E_KERNEL_BYTE_ORDER, Error, "kernel_byte_order", "NOFF: the kernel reads headers of the other byte order",
            |finding, f| write!(f, "the kernel reads the magic as {:#010x}, and its loader stops there", finding.found),
            advice Advice::OtherByteOrder;
        /// The kernel loads segments only when their size is a multiple of its own number.
        KernelSize = 110, EXECFMT_NOFF_E_KERNEL_SIZE, Error, "kernel_size", "NOFF: the kernel requires segment sizes that are multiples of a number",
            |finding, f| write!(f, "the kernel requires a segment size that is {}, but {} is not", finding.expected, finding.found),
            advice Advice::PadSections;
        /// A segment begins in pages that the kernel never maps.
        KernelUnmapped = 111, EXECFMT_NOFF_E_KERNEL_UNMAPPED, Error, "kernel_unmapped", "NOFF: a segment begins in pages that the kernel never maps",
            |finding, f| write!(
                f,
                "the segment begins at {:#x}, but the kernel maps nothing below {:#x}",
                finding.found, finding.expected.bound()
            ),
            advice Advice::LinkAt(finding.expected.bound());
        /// Program and stack need more pages than the kernel's machine has.
        KernelMemory = 112, EXECFMT_NOFF_E_KERNEL_MEMORY, Error, "kernel_memory", "NOFF: program and stack need more pages than the kernel's machine has",
            |finding, f| write!(
                f,
                "program and stack need {} pages, but the kernel's machine has {}: see NumPhysPages",
                finding.found, finding.expected.bound()
            );

        /// `uninitData` begins within the padding of `initData`: within its last 15 bytes.
        PaddingOverlap = 150, EXECFMT_NOFF_W_PADDING_OVERLAP, Warning, "padding_overlap", "NOFF: uninitData begins within the padding of initData",
            |finding, f| write!(
                f,
                "uninitData begins at {:#x}, within the padding of initData, which ends at {:#x}; harmless if the loader reads initData after clearing memory",
                finding.found, finding.expected.bound()
            );
        /// Two segments use the same bytes of the file. `detail` is the other segment.
        FileRangesOverlap(other: SegmentKind) = 151, EXECFMT_NOFF_W_FILE_OVERLAP, Warning, "file_ranges_overlap", "NOFF: two segments use the same bytes of the file",
            |finding, f| write!(
                f,
                "the segment's bytes begin at byte {} of the file, before those of {other} end at {}; both get the same contents",
                finding.found, finding.expected.bound()
            );
        /// A size is not a multiple of 16.
        MisalignedSize = 152, EXECFMT_NOFF_W_MISALIGNED_SIZE, Warning, "misaligned_size", "NOFF: a size is not a multiple of 16",
            |finding, f| write!(f, "{} is not {}, as every known converter writes it", finding.found, finding.expected);
        /// An address is not a multiple of 4.
        MisalignedAddress = 153, EXECFMT_NOFF_W_MISALIGNED_ADDRESS, Warning, "misaligned_address", "NOFF: an address is not a multiple of 4",
            |finding, f| write!(
                f,
                "{:#x} is not {}; MIPS reads words only at such addresses",
                finding.found, finding.expected
            );
        /// `code` does not begin where the kernel starts programs: address 0, or 0x80 in one family of kernels.
        CodeNotAtStart = 154, EXECFMT_NOFF_W_CODE_NOT_AT_START, Warning, "code_not_at_start", "NOFF: the code does not begin where the kernel starts programs",
            |finding, f| write!(
                f,
                "the code begins at {:#x}, but the program starts at address {:#x}",
                finding.found, finding.expected.bound()
            ),
            advice Advice::LinkAt(finding.expected.bound());
        /// `code` is empty. (An error when a file is built.)
        NoCode = 155, EXECFMT_NOFF_W_NO_CODE, Warning, "no_code", "NOFF: there is no code",
            |finding, f| f.write_str("there is no code for the program to start in");
        /// The layout that the caller chose contradicts the header.
        LayoutContradicted = 156, EXECFMT_NOFF_W_LAYOUT, Warning, "layout_contradicted", "NOFF: the header contradicts the chosen layout",
            |finding, f| write!(
                f,
                "the first segment's bytes begin at byte {}, not at {}, right after the header of the chosen layout; is the other layout meant?",
                finding.found, finding.expected.bound()
            );
        /// The file has more bytes after those of the last segment.
        TrailingBytes = 157, EXECFMT_NOFF_W_TRAILING_BYTES, Warning, "trailing_bytes", "NOFF: trailing bytes after the last segment",
            |finding, f| write!(
                f,
                "the file has {} bytes, but its last segment ends at {}; the rest is never loaded",
                finding.found, finding.expected.bound()
            );
        /// The segments' sizes add up to less than the memory that they span.
        MemoryGap = 158, EXECFMT_NOFF_W_MEMORY_GAP, Warning, "memory_gap", "NOFF: the sizes add up to less than the memory they span",
            |finding, f| write!(
                f,
                "the segments' sizes add up to {} bytes, but the program ends at address {:#x}; a kernel that adds up sizes allocates too little memory for it",
                finding.found, finding.expected.bound()
            );
        /// The program ends at a higher address than any known real one.
        LargeProgram = 159, EXECFMT_NOFF_W_LARGE, Warning, "large_program", "NOFF: the program ends at a higher address than any known program",
            |finding, f| write!(
                f,
                "the program ends at address {:#x}, above that of any known Nachos program ({:#x})",
                finding.found, finding.expected.bound()
            );
    }
}

/// A finding in a NOFF file.
pub type NoffFinding = Finding<NoffRule>;

impl NoffRule {
    pub(crate) const fn is_error(self) -> bool {
        matches!(self.severity(), Severity::Error)
    }

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
