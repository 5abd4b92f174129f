use alloc::string::String;
use core::fmt;

use execfmt_common::{Expected, Finding, Rule, Severity};

use crate::build::BuildError;

/// A field of an ELF, MZ or NE file, by the name that the format's headers give it.
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
    /// Neither ELF nor MZ.
    UnknownFormat,
    /// The file ends within its headers.
    Truncated,
    /// A 64-bit ELF file.
    Elf64,
    /// A big-endian ELF file.
    BigEndian,
    /// Not for the 8086 and 80386.
    WrongMachine,
    /// The headers contradict themselves, for this reason.
    Malformed(&'static str),

    /// A section that takes up memory and is none of `.text`, `.fartext`, `.data` and `.bss`, or of another type.
    StraySection,
    /// A second section of the same name.
    DuplicateSection,
    /// A section is longer than 65,535 bytes.
    SectionTooLarge,
    /// A section's address and size add up to more than 32 bits hold.
    AddressOverflow,
    /// A section's bytes would lie beyond the end of the file.
    SectionPastEof,
    /// Two sections claim the same addresses; the other one is named.
    SectionsOverlap(&'static str),
    /// There is no text.
    NoText,
    /// The program starts outside `.text`.
    EntryOutsideText,
    /// Far text in the tiny model.
    TinyFarText,
    /// Data or bss that does not lie right behind the text in the tiny model.
    TinyDataNotBehindText,
    /// The bss lies below the end of the data.
    BssBelowData,
    /// Data and bss take more than a segment has; in the tiny model together with the text.
    DataTooLarge,
    /// The total asked for does not exceed data and bss.
    TotalDataTooSmall,
    /// Data, bss and the memory asked for take more than a segment has.
    ChmemTooLarge,
    /// Text that is no whole number of paragraphs, in a ROM.
    RomTextRagged,
    /// The paragraphs of a program in ROM go beyond the first MiB.
    RomBeyondMemory,

    /// A second table of relocations.
    TwoRelocationTables,
    /// A table of relocations is no multiple of 8 bytes.
    RaggedRelocations,
    /// A relocation whose word lies in none of text, far text and data.
    StrayRelocation,
    /// A relocation whose word reaches beyond its section.
    RelocationStraddles,
    /// A relocation that is not R_386_SEGRELATIVE.
    RelocationType,
    /// A relocation whose word holds the paragraph of none of text, far text and data.
    RelocationTarget,
    /// More than 32,768 relocations in a section.
    TooManyRelocations,

    /// An MZ file without an NE header.
    NotNe,
    /// An NE file for another system than OS/2.
    NotOs2,
    /// An NE file that is a library, or whose data segment is not a single one.
    NotAProgram,
    /// An NE file that takes functions from modules, has movable entries, or resources.
    NotSelfContained,
    /// An NE file without exactly two segments.
    SegmentCount,
    /// A segment number that names no segment, or the wrong one.
    SegmentNumber,
    /// A code segment that is marked as data, or the other way round.
    SegmentFlags,
    /// A size of 0, or less memory than bytes.
    SegmentSize,
    /// A relocation of a segment of another kind than a segment or a far address, or against something outside of the
    /// program.
    NeRelocation,
}

impl Rule for InputRule {
    type Field = InputField;

    fn code(self) -> &'static str {
        match self {
            Self::UnknownFormat => "unknown_format",
            Self::Truncated => "truncated",
            Self::Elf64 => "elf64",
            Self::BigEndian => "big_endian",
            Self::WrongMachine => "wrong_machine",
            Self::Malformed(_) => "malformed",
            Self::StraySection => "stray_section",
            Self::DuplicateSection => "duplicate_section",
            Self::SectionTooLarge => "section_too_large",
            Self::AddressOverflow => "address_overflow",
            Self::SectionPastEof => "section_past_eof",
            Self::SectionsOverlap(_) => "sections_overlap",
            Self::NoText => "no_text",
            Self::EntryOutsideText => "entry_outside_text",
            Self::TinyFarText => "tiny_far_text",
            Self::TinyDataNotBehindText => "tiny_data_not_behind_text",
            Self::BssBelowData => "bss_below_data",
            Self::DataTooLarge => "data_too_large",
            Self::TotalDataTooSmall => "total_data_too_small",
            Self::ChmemTooLarge => "chmem_too_large",
            Self::RomTextRagged => "rom_text_ragged",
            Self::RomBeyondMemory => "rom_beyond_memory",
            Self::TwoRelocationTables => "two_relocation_tables",
            Self::RaggedRelocations => "ragged_relocations",
            Self::StrayRelocation => "stray_relocation",
            Self::RelocationStraddles => "relocation_straddles",
            Self::RelocationType => "relocation_type",
            Self::RelocationTarget => "relocation_target",
            Self::TooManyRelocations => "too_many_relocations",
            Self::NotNe => "not_ne",
            Self::NotOs2 => "not_os2",
            Self::NotAProgram => "not_a_program",
            Self::NotSelfContained => "not_self_contained",
            Self::SegmentCount => "segment_count",
            Self::SegmentNumber => "segment_number",
            Self::SegmentFlags => "segment_flags",
            Self::SegmentSize => "segment_size",
            Self::NeRelocation => "ne_relocation",
        }
    }

    fn severity(self) -> Severity {
        Severity::Error
    }

    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { rule, found, expected, .. } = *finding;
        let bound = expected.bound();
        match rule {
            Self::UnknownFormat => {
                write!(
                    f,
                    "{found:#010x} begins neither an ELF file (7f 45 4c 46) nor an MZ file (4d 5a); give the linked program"
                )
            }
            Self::Truncated => {
                write!(f, "the file has {found} bytes, but its headers need {expected}; it was cut short")
            }
            Self::Elf64 => f.write_str("a 64-bit ELF file; compile with ia16-elf-gcc"),
            Self::BigEndian => f.write_str("a big-endian ELF file; compile with ia16-elf-gcc"),
            Self::WrongMachine => {
                write!(
                    f,
                    "machine {found} is not the 80386 ({bound}), for which ia16-elf-ld writes; compile with ia16-elf-gcc"
                )
            }
            Self::Malformed(reason) => {
                write!(f, "{reason} (found {found:#x}); the file is damaged: link the program again")
            }
            Self::StraySection => write!(
                f,
                "the section takes up memory, but ELKS knows only .text, .fartext, .data (with bytes) and .bss (without); link with the linker script for ELKS"
            ),
            Self::DuplicateSection => {
                f.write_str("there is a section of this name already; link with the linker script for ELKS")
            }
            Self::SectionTooLarge => {
                write!(
                    f,
                    "the section is {found} bytes long, and a segment has {bound}; move functions to far text, or data to another program"
                )
            }
            Self::AddressOverflow => {
                write!(
                    f,
                    "the section is {found} bytes long, but only {bound} addresses are left above its own"
                )
            }
            Self::SectionPastEof => {
                write!(
                    f,
                    "the section's bytes go up to {found}, but the file ends at {bound}; it was cut short: link the program again"
                )
            }
            Self::SectionsOverlap(other) => {
                write!(
                    f,
                    "the section begins at {found:#x}, before {other} ends at {bound:#x}; link with the linker script for ELKS"
                )
            }
            Self::NoText => f.write_str("there is no .text, so that nothing can run; link the program again"),
            Self::EntryOutsideText => {
                write!(
                    f,
                    "the program starts at {found:#x}, outside its text ({expected}); link it with the start at a symbol of the text, ld -e SYMBOL"
                )
            }
            Self::TinyFarText => f.write_str(
                "far text has no place in the tiny model; compile with -mcmodel=tiny, or leave out --tiny",
            ),
            Self::TinyDataNotBehindText => {
                write!(
                    f,
                    "the section begins at {found:#x}, but in the tiny model it must follow the text at {bound:#x}; link with -mcmodel=tiny"
                )
            }
            Self::BssBelowData => {
                write!(
                    f,
                    "the bss begins at {found:#x}, below the end of the data at {bound:#x}; link with the linker script for ELKS"
                )
            }
            Self::DataTooLarge => {
                write!(f, "data and bss take {found} bytes, and their segment has {bound}; make them smaller")
            }
            Self::TotalDataTooSmall => {
                write!(
                    f,
                    "--total-data {found} is not {expected}: data and bss alone take so many, and ELKS would refuse the file"
                )
            }
            Self::ChmemTooLarge => {
                write!(f, "data, bss and --chmem take {found} bytes, and a segment has {bound}; ask for less")
            }
            Self::RomTextRagged => write!(
                f,
                "{found} bytes of text are not {expected}, as a ROM needs it; pad .text in the linker script"
            ),
            Self::RomBeyondMemory => {
                write!(f, "the paragraph {found:#x} lies beyond the first MiB; choose a lower --aout-seg")
            }
            Self::TwoRelocationTables => {
                f.write_str("there is a table of relocations for the program already; link it again")
            }
            Self::RaggedRelocations => {
                write!(f, "{found} bytes of relocations are not {expected}; link the program again")
            }
            Self::StrayRelocation => write!(
                f,
                "the place {found:#x} lies in none of text, far text and data; link the program again"
            ),
            Self::RelocationStraddles => {
                write!(
                    f,
                    "the word at {found:#x} reaches beyond its section, whose last word is at {bound:#x}; link the program again"
                )
            }
            Self::RelocationType => {
                write!(
                    f,
                    "type {found} is not R_386_SEGRELATIVE ({bound}); compile with ia16-elf-gcc -msegelf and link with ia16-elf-ld"
                )
            }
            Self::RelocationTarget => write!(
                f,
                "the word holds paragraph {found:#x}, at which none of text, far text and data begins; sections must begin at multiples of 16"
            ),
            Self::TooManyRelocations => write!(f, "the section has more than {bound} relocations"),
            Self::NotNe => write!(
                f,
                "{found:#06x} is not the magic of an NE file (4e 45); this is a DOS program: link it for OS/2"
            ),
            Self::NotOs2 => write!(f, "system {found} is not OS/2 ({bound}); link the program for OS/2 1.x"),
            Self::NotAProgram => write!(
                f,
                "program flags {found:#x} are not those of a program with data of its own ({bound}); link it with system os2 and no dll"
            ),
            Self::NotSelfContained => {
                write!(f, "{found}, and ELKS knows none; link the program with a library for ELKS")
            }
            Self::SegmentCount => write!(
                f,
                "{found} segments, where {bound} are wanted: one of code, one of data; compile for the small model"
            ),
            Self::SegmentNumber => {
                write!(f, "segment {found} is not the one wanted ({expected}); link the program again")
            }
            Self::SegmentFlags => {
                write!(f, "flags {found:#x} tell of the wrong kind of segment; link the program again")
            }
            Self::SegmentSize => write!(f, "{found} bytes are not {expected}; link the program again"),
            Self::NeRelocation => write!(
                f,
                "a relocation of kind {found:#x}; ELKS knows segments (2) and far addresses (3) within the program: compile for the small model"
            ),
        }
    }
}

/// A finding in a converter's input.
pub type InputFinding = Finding<InputRule>;

impl InputRule {
    pub(super) const fn finding(
        self,
        field: &'static str,
        offset: u64,
        found: u64,
        expected: Expected,
    ) -> InputFinding {
        Finding { rule: self, field: InputField(field), offset, found, expected }
    }

    pub(super) const fn error(
        self,
        field: &'static str,
        offset: u64,
        found: u64,
        expected: Expected,
    ) -> ConvertError {
        ConvertError::Input { section: None, finding: self.finding(field, offset, found, expected) }
    }
}

/// Why a file was not converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConvertError {
    /// The input is malformed, or ELKS cannot express it.
    Input {
        /// The name of the section concerned.
        section: Option<String>,
        /// What is wrong.
        finding: InputFinding,
    },
    /// The a.out file that would result is refused.
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
