use core::fmt;

use execfmt_common::{Advice, Detail, Expected, Finding};
use execfmt_elf::{Defect, DefectKind};

use crate::try_vec::OutOfMemory;

/// A field of an ELF file, by its name in the format's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElfField {
    /// The program header that contains it; `None` for the file header and the section headers.
    pub segment: Option<u32>,
    /// Its name.
    pub name: &'static str,
}

impl fmt::Display for ElfField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.segment {
            Some(index) => write!(f, "program header {index} {}", self.name),
            None => f.write_str(self.name),
        }
    }
}

/// The part of an ELF file that is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ElfPart {
    /// The class in the identification.
    Class,
    /// The rest of the file header.
    Header,
    /// The program headers.
    ProgramHeaders,
    /// The section headers, or what they refer to.
    SectionHeaders,
    /// The section with the names of the sections.
    SectionNames,
}

impl ElfPart {
    const ALL: [Self; 5] =
        [Self::Class, Self::Header, Self::ProgramHeaders, Self::SectionHeaders, Self::SectionNames];
}

impl Detail for ElfPart {
    fn number(self) -> u32 {
        match self {
            Self::Class => 1,
            Self::Header => 2,
            Self::ProgramHeaders => 3,
            Self::SectionHeaders => 4,
            Self::SectionNames => 5,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.number() == number)
    }
}

impl fmt::Display for ElfPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Class => "the class is unknown",
            Self::Header => "the header is cut short, or its identification is unknown",
            Self::ProgramHeaders => "the program headers are not within the file, or have another size",
            Self::SectionHeaders => {
                "the section headers, or what they refer to, are not within the file, or have another size"
            }
            Self::SectionNames => "no section holds the names of the sections",
        })
    }
}

execfmt_common::rules! {
    /// The rules that a program can break. All of them refuse it.
    pub enum ElfRule for ElfField, in elf_facts {
        /// The file does not have the ELF magic.
        NotElf = 500, EXECFMT_COYOTOS_E_ELF_MAGIC, Error, "not_elf", "Coyotos: not an ELF file; give the linked program",
            |finding, f| write!(f, "{:#x} is not the ELF magic (7f 45 4c 46); give the linked program", finding.found);
        /// The file is damaged; `detail` is the part.
        Malformed(part: ElfPart) = 501, EXECFMT_COYOTOS_E_ELF_MALFORMED, Error, "malformed", "Coyotos: the ELF file is damaged; link it again",
            |finding, f| write!(
                f,
                "{part}: {} found, {} expected; link the program again", finding.found, finding.expected
            );
        /// Code for another machine.
        WrongMachine = 502, EXECFMT_COYOTOS_E_ELF_MACHINE, Error, "wrong_machine", "Coyotos: the program is for another machine",
            |finding, f| write!(
                f,
                "the code is for machine {}, but the image's architecture runs {}; build the image for the program's architecture",
                finding.found, Machines(finding.expected)
            );
        /// Code for the right machine, in the other byte order.
        WrongByteOrder = 508, EXECFMT_COYOTOS_E_ELF_BYTE_ORDER, Error, "wrong_byte_order", "Coyotos: the program has the other byte order",
            |finding, f| f.write_str("the program's byte order is not the architecture's; build it with the right compiler");
        /// An object file or a shared object, not linked to fixed addresses.
        NotLinked = 503, EXECFMT_COYOTOS_E_ELF_KIND, Error, "not_linked", "Coyotos: the program is not linked to fixed addresses",
            |finding, f| write!(
                f,
                "type {} is not a program linked to fixed addresses (type 2); link it with -static -no-pie", finding.found
            );
        /// A program that needs a dynamic linker.
        Dynamic = 509, EXECFMT_COYOTOS_E_ELF_DYNAMIC, Error, "dynamically_linked", "Coyotos: the program needs a dynamic linker",
            |finding, f| f.write_str("the program needs a dynamic linker; link it with -static");
        /// There are no segments to load.
        NoSegments = 504, EXECFMT_COYOTOS_E_ELF_SEGMENTS, Error, "no_segments", "Coyotos: no segment to load",
            |finding, f| f.write_str("there is no PT_LOAD segment; give the linked program, not an object file");
        /// More segments than [`MAX_SEGMENTS`](super::MAX_SEGMENTS).
        TooManySegments = 510, EXECFMT_COYOTOS_E_ELF_TOO_MANY_SEGMENTS, Error, "too_many_segments", "Coyotos: more than 1024 segments to load",
            |finding, f| write!(
                f,
                "{} PT_LOAD segments, but at most {} can be loaded; the header is damaged, or the linker script makes too many",
                finding.found, finding.expected
            );
        /// A segment's bytes extend past the end of the file.
        PastEof = 505, EXECFMT_COYOTOS_E_ELF_RANGE, Error, "segment_past_eof", "Coyotos: a segment extends past the end of the file",
            |finding, f| write!(
                f,
                "the segment's bytes end at byte {} of a file of {} bytes; the file was cut short: copy it again",
                finding.found, finding.expected.bound()
            );
        /// A segment has more bytes in the file than in memory.
        FileSize = 511, EXECFMT_COYOTOS_E_ELF_FILE_SIZE, Error, "file_size_above_memory_size", "Coyotos: a segment has more bytes in the file than in memory",
            |finding, f| write!(
                f,
                "the segment has {} bytes in the file, but only {} in memory; the program header is damaged",
                finding.found, finding.expected.bound()
            );
        /// A segment ends beyond the highest address.
        AddressOverflow = 512, EXECFMT_COYOTOS_E_ELF_ADDRESS, Error, "address_overflow", "Coyotos: a segment ends beyond the highest address",
            |finding, f| write!(
                f,
                "the segment is {} bytes long, but only {} addresses remain above its p_vaddr",
                finding.found, finding.expected.bound()
            );
        /// The segments take more memory than an image can hold.
        TooLarge = 513, EXECFMT_COYOTOS_E_ELF_TOO_LARGE, Error, "too_large", "Coyotos: the segments take more memory than an image can hold",
            |finding, f| write!(
                f,
                "the segments take {} bytes, but an image has at most {}", finding.found, finding.expected.bound()
            );
        /// Two segments define different bytes at one address.
        Overlap = 506, EXECFMT_COYOTOS_E_ELF_OVERLAP, Error, "segments_overlap", "Coyotos: two segments define different bytes at one address",
            |finding, f| write!(
                f,
                "another segment defines a different byte at address {:#x}; link the program again, one segment after the other",
                finding.found
            );
        /// A segment's file offset and its address differ within a page, so the original's loader cannot load
        /// it.
        Misaligned = 514, EXECFMT_COYOTOS_E_ELF_MISALIGNED, Error, "misaligned", "Coyotos: a segment's offset and address differ within a page",
            |finding, f| write!(
                f,
                "the segment's p_offset and p_vaddr differ by {:#x} within a page; link for the architecture's page size",
                finding.found
            ), advice Advice::LoadExactly;
        /// The original would lose bytes here: another page replaces the one that contains them.
        DataLost = 507, EXECFMT_COYOTOS_E_ELF_COMPAT, Error, "data_lost", "Coyotos: the original loader would lose bytes of the program",
            |finding, f| write!(
                f,
                "the original loader loses the byte at address {:#x}, where another segment's page replaces this one's",
                finding.found
            ), advice Advice::LoadExactly;
        /// The parts to keep add up to more than the file: they use the same bytes many times over.
        SharedBytes = 515, EXECFMT_COYOTOS_E_ELF_SHARED_BYTES, Error, "shared_bytes", "Coyotos: the parts to keep use the same bytes many times over",
            |finding, f| write!(
                f,
                "the sections or names to keep add up to {} bytes, more than the {} of the file; it is damaged",
                finding.found, finding.expected.bound()
            );
    }
}

/// Machine numbers, in decimal as in the format's documents.
struct Machines(Expected);

impl fmt::Display for Machines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expected::Either(one, other) => write!(f, "{one} or {other}"),
            other => write!(f, "{}", other.bound()),
        }
    }
}

/// A finding in a program that was to be loaded.
pub type ElfFinding = Finding<ElfRule>;

impl ElfRule {
    pub(crate) const fn finding(
        self,
        field: ElfField,
        offset: u64,
        found: u64,
        expected: Expected,
    ) -> ElfFinding {
        Finding { rule: self, field, offset, found, expected }
    }
}

/// Why a program could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ElfError {
    /// It breaks a rule.
    Refused(ElfFinding),
    /// The allocator returned no memory.
    OutOfMemory {
        /// Number of bytes requested.
        bytes: u64,
    },
}

impl From<ElfFinding> for ElfError {
    fn from(finding: ElfFinding) -> Self {
        Self::Refused(finding)
    }
}

impl From<Defect> for ElfError {
    fn from(defect: Defect) -> Self {
        let rule = match defect.kind {
            DefectKind::NotElf => ElfRule::NotElf,
            DefectKind::Machine => ElfRule::WrongMachine,
            DefectKind::SegmentPastEof => ElfRule::PastEof,
            DefectKind::SegmentFileSize => ElfRule::FileSize,
            DefectKind::SegmentAddress => ElfRule::AddressOverflow,
            DefectKind::Identification if defect.field == "EI_CLASS" => ElfRule::Malformed(ElfPart::Class),
            DefectKind::SegmentTable | DefectKind::SegmentHeaderSize => {
                ElfRule::Malformed(ElfPart::ProgramHeaders)
            }
            DefectKind::NoNames => ElfRule::Malformed(ElfPart::SectionNames),
            DefectKind::SectionTable
            | DefectKind::SectionHeaderSize
            | DefectKind::Name
            | DefectKind::AddressOverflow
            | DefectKind::SectionPastEof
            | DefectKind::Symbols
            | DefectKind::NoSymbolNames => ElfRule::Malformed(ElfPart::SectionHeaders),
            // The other rules are about the file header.
            _ => ElfRule::Malformed(ElfPart::Header),
        };
        let field = ElfField { segment: defect.segment, name: defect.field };
        Self::Refused(rule.finding(field, defect.offset, defect.found, defect.expected))
    }
}

impl From<OutOfMemory> for ElfError {
    fn from(error: OutOfMemory) -> Self {
        Self::OutOfMemory { bytes: error.bytes }
    }
}

impl fmt::Display for ElfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(finding) => finding.fmt(f),
            Self::OutOfMemory { bytes } => OutOfMemory { bytes: *bytes }.fmt(f),
        }
    }
}

impl core::error::Error for ElfError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Refused(finding) => Some(finding),
            Self::OutOfMemory { .. } => None,
        }
    }
}
