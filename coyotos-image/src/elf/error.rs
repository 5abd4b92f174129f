use core::fmt;

use execfmt_common::{Expected, Finding, Rule, Severity};

use crate::build::BuildError;
use crate::space::SpaceError;

/// A field of an ELF file, by the name that the format's headers give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElfField {
    /// The program header that it is of; `None` for the file header and the section headers.
    pub segment: Option<u16>,
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

/// The rules that a program can break. All of them refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElfRule {
    /// The file does not begin like an ELF file.
    NotElf,
    /// The ELF reader's own reason.
    Malformed(&'static str),
    /// Code for another machine.
    WrongMachine,
    /// The machine's code, in the other byte order.
    WrongByteOrder,
    /// An object file or a shared one, not linked to the addresses where it is to run.
    NotLinked,
    /// A program that needs a dynamic linker.
    Dynamic,
    /// Nothing is to be loaded.
    NoSegments,
    /// More segments than [`MAX_SEGMENTS`](super::MAX_SEGMENTS).
    TooManySegments,
    /// A segment's bytes would lie beyond the end of the file.
    PastEof,
    /// A segment has more bytes in the file than in memory.
    FileSize,
    /// A segment ends beyond the highest address.
    AddressOverflow,
    /// The segments take more memory than an image can hold.
    TooLarge,
    /// Two segments want different bytes at one address.
    Overlap,
    /// A segment's place in the file and its address lie differently within a page.
    Misaligned,
    /// The original would lose bytes here: another page replaces the one that they are in.
    DataLost,
    /// The sections are longer together than the file: they use the same bytes many times over.
    SharedBytes,
}

impl Rule for ElfRule {
    type Field = ElfField;

    fn code(self) -> &'static str {
        match self {
            Self::NotElf => "not_elf",
            Self::Malformed(_) => "malformed",
            Self::WrongMachine => "wrong_machine",
            Self::WrongByteOrder => "wrong_byte_order",
            Self::NotLinked => "not_linked",
            Self::Dynamic => "dynamically_linked",
            Self::NoSegments => "no_segments",
            Self::TooManySegments => "too_many_segments",
            Self::PastEof => "segment_past_eof",
            Self::FileSize => "file_size_above_memory_size",
            Self::AddressOverflow => "address_overflow",
            Self::TooLarge => "too_large",
            Self::Overlap => "segments_overlap",
            Self::Misaligned => "misaligned",
            Self::DataLost => "data_lost",
            Self::SharedBytes => "shared_bytes",
        }
    }

    fn severity(self) -> Severity {
        Severity::Error
    }

    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { rule, found, expected, .. } = *finding;
        match rule {
            Self::NotElf => {
                write!(f, "{found:#x} does not begin an ELF file (7f 45 4c 46); give the linked program")
            }
            Self::Malformed(why) => {
                write!(f, "{why}: {found:#x} found, {expected} expected; link the program again")
            }
            Self::WrongMachine => write!(
                f,
                "the code is for machine {found}, and the image's architecture runs {expected}; build the image for the program's architecture"
            ),
            Self::WrongByteOrder => f.write_str(
                "the program's byte order is not the architecture's; build it with the right compiler",
            ),
            Self::NotLinked => write!(
                f,
                "type {found} is no program linked to fixed addresses (type 2); link it with -static -no-pie"
            ),
            Self::Dynamic => f.write_str("the program needs a dynamic linker; link it with -static"),
            Self::NoSegments => {
                f.write_str("there is no PT_LOAD segment; give the linked program, not an object file")
            }
            Self::TooManySegments => write!(
                f,
                "{found} PT_LOAD segments, {expected} can be loaded; the header is damaged, or the linker script makes too many"
            ),
            Self::PastEof => write!(
                f,
                "the segment's bytes end at byte {found} of a file of {} bytes; the file was cut short: copy it again",
                expected.bound()
            ),
            Self::FileSize => write!(
                f,
                "the segment has {found} bytes in the file and only {} in memory; the program header is damaged",
                expected.bound()
            ),
            Self::AddressOverflow => write!(
                f,
                "the segment is {found} bytes long, but only {} addresses are left above its p_vaddr",
                expected.bound()
            ),
            Self::TooLarge => {
                write!(f, "the segments take {found} bytes, and an image has at most {}", expected.bound())
            }
            Self::Overlap => write!(
                f,
                "another segment wants a different byte at address {found:#x}; link the program again with one segment behind the other"
            ),
            Self::Misaligned => write!(
                f,
                "the segment's p_offset and p_vaddr differ by {found:#x} within a page; link for the architecture's page size, or load without --compat"
            ),
            Self::DataLost => write!(
                f,
                "the original loader loses the byte at address {found:#x}, where another segment's page takes the place of this one's; load without --compat"
            ),
            Self::SharedBytes => write!(
                f,
                "the sections to keep have {found} bytes, and the file {}; it is damaged",
                expected.bound()
            ),
        }
    }
}

/// A finding in a program that was to be loaded.
pub type ElfFinding = Finding<ElfRule>;

impl ElfRule {
    pub(super) const fn finding(
        self,
        field: ElfField,
        offset: u64,
        found: u64,
        expected: Expected,
    ) -> ElfFinding {
        Finding { rule: self, field, offset, found, expected }
    }
}

/// Why a program was not loaded. The builder is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The program breaks a rule.
    Elf(ElfFinding),
    /// The builder refused.
    Build(BuildError),
}

impl From<BuildError> for LoadError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<SpaceError> for LoadError {
    fn from(error: SpaceError) -> Self {
        Self::Build(error.into())
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elf(finding) => finding.fmt(f),
            Self::Build(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for LoadError {}
