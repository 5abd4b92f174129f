use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use execfmt_common::{Expected, Finding, Rule, Severity};

use crate::build::BuildError;
use crate::segment::SegmentKind;

/// A half-open range of addresses: `start..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first address.
    pub start: u32,
    /// The address just behind the last.
    pub end: u32,
}

impl Span {
    /// `None` when the end goes beyond 32 bits.
    pub const fn new(start: u32, size: u32) -> Option<Self> {
        match start.checked_add(size) {
            Some(end) => Some(Self { start, end }),
            None => None,
        }
    }

    /// The length in bytes.
    pub const fn size(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// How many addresses both have.
    pub(super) fn overlap(self, other: Self) -> u32 {
        self.end.min(other.end).saturating_sub(self.start.max(other.start))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}..{:#x}", self.start, self.end)
    }
}

/// A field of a COFF or ELF file, by the name that the format's headers give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InputField(pub &'static str);

impl fmt::Display for InputField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The rules that an input of a converter can break. All of them refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputRule {
    /// Neither COFF nor ELF.
    UnknownFormat,
    /// The file ends within its headers.
    Truncated,
    /// MIPS code, but big-endian.
    BigEndian,
    /// COFF code for MIPS II or above, or ELF code for another machine.
    WrongMachine,
    /// A 64-bit ELF file.
    Elf64,
    /// An object file or a shared one, not a linked program.
    NotLinked,
    /// A program that needs a dynamic linker.
    Dynamic,
    /// A COFF optional header of a type that is no executable's.
    OptionalMagic,
    /// A section's bytes would lie beyond the end of the file.
    SectionPastEof,
    /// A section's address and size add up to more than 32 bits hold.
    AddressOverflow,
    /// Thread-local storage, which Nachos has no notion of.
    ThreadLocal,
    /// Nothing in the file takes up memory.
    NoSections,
    /// The sections are longer together than the file: they use the same bytes many times over.
    SharedBytes,
    /// The ELF reader's own reason.
    Malformed(&'static str),
}

impl Rule for InputRule {
    type Field = InputField;

    fn code(self) -> &'static str {
        match self {
            Self::UnknownFormat => "unknown_format",
            Self::Truncated => "truncated",
            Self::BigEndian => "big_endian_code",
            Self::WrongMachine => "wrong_machine",
            Self::Elf64 => "elf64",
            Self::NotLinked => "not_linked",
            Self::Dynamic => "dynamically_linked",
            Self::OptionalMagic => "optional_header_magic",
            Self::SectionPastEof => "section_past_eof",
            Self::AddressOverflow => "address_overflow",
            Self::ThreadLocal => "thread_local",
            Self::NoSections => "no_sections",
            Self::SharedBytes => "shared_bytes",
            Self::Malformed(_) => "malformed",
        }
    }

    fn severity(self) -> Severity {
        Severity::Error
    }

    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { rule, found, expected, .. } = *finding;
        match rule {
            Self::UnknownFormat => write!(
                f,
                "{found:#x} begins neither a MIPS COFF file (62 01) nor an ELF file (7f 45 4c 46); give the linked program"
            ),
            Self::Truncated => {
                write!(f, "the file has {found} bytes, but its headers need {expected}; it was cut short")
            }
            Self::BigEndian => f.write_str(
                "the code is big-endian, and Nachos runs little-endian MIPS code; compile with mipsel-linux-gnu-gcc or -EL",
            ),
            Self::WrongMachine => write!(
                f,
                "machine {found:#x} is not the one that Nachos runs ({expected}: MIPS I); compile with mipsel-linux-gnu-gcc -march=mips1"
            ),
            Self::Elf64 => f.write_str("a 64-bit ELF file; Nachos is a 32-bit machine: compile with mipsel-linux-gnu-gcc"),
            Self::NotLinked => write!(
                f,
                "type {found} is no linked program ({expected}); link it with ld -static -N -Ttext=0, and without -r, -shared or -pie"
            ),
            Self::Dynamic => f.write_str("the program needs a dynamic linker; link it with -static"),
            Self::OptionalMagic => write!(
                f,
                "{found:#o} is not the magic of a linked program (0407 OMAGIC, 0410 NMAGIC, 0413 ZMAGIC); link with ld -N"
            ),
            Self::SectionPastEof => write!(
                f,
                "the section's bytes go up to {found}, but the file ends at {}; it was cut short: link the program again",
                expected.bound()
            ),
            Self::AddressOverflow => {
                write!(f, "the section is {found} bytes long, but only {} addresses are left above its own", expected.bound())
            }
            Self::ThreadLocal => f.write_str("a thread-local section, and Nachos has no thread-local storage; use a plain variable"),
            Self::NoSections => f.write_str("nothing in the file takes up memory; was the right file given?"),
            Self::SharedBytes => write!(
                f,
                "the sections have {found} bytes together, more than the whole file ({expected}); its headers are damaged"
            ),
            Self::Malformed(reason) => write!(f, "{reason} (found {found:#x}); the file is damaged: link the program again"),
        }
    }
}

/// A finding in a converter's input.
pub type InputFinding = Finding<InputRule>;

impl InputRule {
    pub(super) fn error(
        self,
        field: &'static str,
        offset: u64,
        found: u64,
        expected: Expected,
    ) -> ConvertError {
        let finding = Finding { rule: self, field: InputField(field), offset, found, expected };
        ConvertError::Input { section: None, finding }
    }
}

/// Why a file was not converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConvertError {
    /// The input is malformed or of the wrong kind.
    Input {
        /// The name of the section concerned.
        section: Option<String>,
        /// What is wrong.
        finding: InputFinding,
    },
    /// Two sections of one segment claim the same addresses.
    SectionsOverlap(Box<[(String, Span); 2]>),
    /// Sections cannot be sorted into segments that do not overlap.
    Unplaceable {
        /// The segment that stretches over another one.
        segment: SegmentKind,
        /// The first and the last of its sections.
        sections: Box<[(String, Span); 2]>,
        /// A section that lies within its range.
        within: Box<(String, Span)>,
        /// The segment that this section belongs to.
        other: SegmentKind,
    },
    /// A segment, or a flat file, would be mostly filler.
    Fill {
        /// The sections on both sides of the widest gap.
        sections: Box<[(String, Span); 2]>,
        /// The bytes of filler needed.
        bytes: u64,
        /// The bytes of filler allowed.
        limit: u64,
    },
    /// The NOFF file that would result is refused.
    Build(BuildError),
}

impl ConvertError {
    pub(super) fn in_section(self, name: &str) -> Self {
        match self {
            Self::Input { finding, .. } => Self::Input { section: Some(name.into()), finding },
            other => other,
        }
    }
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { section: Some(name), finding } => write!(f, "section {name}: {finding}"),
            Self::Input { section: None, finding } => finding.fmt(f),
            Self::SectionsOverlap(sections) => {
                let [(first, first_span), (second, second_span)] = &**sections;
                write!(
                    f,
                    "sections {first} ({first_span}) and {second} ({second_span}) overlap; link the program again"
                )
            }
            Self::Unplaceable { segment, sections, within, other } => {
                let [(first, first_span), (last, last_span)] = &**sections;
                let (name, span) = &**within;
                write!(
                    f,
                    "a NOFF segment is one range of addresses, but {segment}, from section {first} ({first_span}) to {last} ({last_span}), would run over section {name} ({span}) of {other}; "
                )?;
                f.write_str("reorder the sections in the linker script, or try --layout 4")
            }
            Self::Fill { sections, bytes, limit } => {
                let [(first, first_span), (second, second_span)] = &**sections;
                write!(
                    f,
                    "{bytes} bytes of filler would be needed between sections such as {first} ({first_span}) and {second} ({second_span}), and {limit} are the most; link them closer together"
                )
            }
            Self::Build(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConvertError {}

impl From<BuildError> for ConvertError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}
