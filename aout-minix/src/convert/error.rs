use alloc::string::String;
use core::fmt;

use execfmt_common::{Advice, Detail, Expected, Finding, rules};

use crate::build::BuildError;

/// A field of an ELF, MZ or NE file, by its name in the format's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InputField(pub &'static str);

impl fmt::Display for InputField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A contradiction within the headers of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flaw {
    /// The identification of the ELF header.
    Identification,
    /// The ELF section table.
    SectionTable,
    /// There is no table of section names.
    NoNames,
    /// The name of a section.
    Name,
    /// The alignment of the segments of an NE file.
    SegmentAlignment,
    /// The size of a section header.
    SectionHeaderSize,
    /// The symbols, or their names.
    SymbolTable,
}

impl Flaw {
    const ALL: [Self; 7] = [
        Self::Identification,
        Self::SectionTable,
        Self::NoNames,
        Self::Name,
        Self::SegmentAlignment,
        Self::SectionHeaderSize,
        Self::SymbolTable,
    ];

    /// The contradiction, as text for a message.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Identification => "the identification is not that of a 32-bit ELF file of version 1",
            Self::SectionTable => "the section header table is not within the file",
            Self::NoNames => "no section holds the names of the sections",
            Self::Name => "the section's name is outside the string table",
            Self::SegmentAlignment => "the alignment of the segments is beyond 31 bits",
            Self::SectionHeaderSize => "the section headers do not have the size of those in a 32-bit file",
            Self::SymbolTable => "the symbol table is incomplete, or no section holds the symbol names",
        }
    }
}

impl Detail for Flaw {
    fn number(self) -> u32 {
        match self {
            Self::Identification => 1,
            Self::SectionTable => 2,
            Self::NoNames => 3,
            Self::Name => 4,
            Self::SegmentAlignment => 5,
            Self::SectionHeaderSize => 6,
            Self::SymbolTable => 7,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|flaw| flaw.number() == number)
    }
}

/// A section of the input that becomes a part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartName {
    /// `.text`.
    Text,
    /// `.fartext`.
    FarText,
    /// `.data`.
    Data,
    /// `.bss`.
    Bss,
}

impl PartName {
    /// All, in memory order.
    pub const ALL: [Self; 4] = [Self::Text, Self::FarText, Self::Data, Self::Bss];

    /// The name of the section.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => ".text",
            Self::FarText => ".fartext",
            Self::Data => ".data",
            Self::Bss => ".bss",
        }
    }
}

impl Detail for PartName {
    fn number(self) -> u32 {
        match self {
            Self::Text => 1,
            Self::FarText => 2,
            Self::Data => 3,
            Self::Bss => 4,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.number() == number)
    }
}

rules! {
    /// The rules that an input of a converter can break. All of them refuse it.
    pub enum InputRule for InputField, in input_facts {
        /// Neither ELF nor MZ.
        UnknownFormat = 310, EXECFMT_AOUT_INPUT_E_UNKNOWN_FORMAT, Error, "unknown_format", "convert to a.out: neither an ELF file nor an MZ file",
            |finding, f| write!(f, "{:#010x} is the magic neither of an ELF file (7f 45 4c 46) nor of an MZ file (4d 5a); give the linked program", finding.found);
        /// The file ends within its headers.
        Truncated = 311, EXECFMT_AOUT_INPUT_E_TRUNCATED, Error, "truncated", "convert to a.out: the file ends within its headers",
            |finding, f| write!(f, "the file has {} bytes, but its headers need {}; it was cut short", finding.found, finding.expected);
        /// A 64-bit ELF file.
        Elf64 = 312, EXECFMT_AOUT_INPUT_E_ELF64, Error, "elf64", "convert to a.out: a 64-bit ELF file",
            |finding, f| f.write_str("a 64-bit ELF file; compile with ia16-elf-gcc");
        /// A big-endian ELF file.
        BigEndian = 313, EXECFMT_AOUT_INPUT_E_BIG_ENDIAN, Error, "big_endian", "convert to a.out: a big-endian ELF file",
            |finding, f| f.write_str("a big-endian ELF file; compile with ia16-elf-gcc");
        /// Not for the 8086 or 80386.
        WrongMachine = 314, EXECFMT_AOUT_INPUT_E_WRONG_MACHINE, Error, "wrong_machine", "convert to a.out: a file for another processor",
            |finding, f| write!(f, "machine {} is not the 80386 ({}), which ia16-elf-ld writes; compile with ia16-elf-gcc", finding.found, finding.expected.bound());
        /// The headers contradict themselves; `detail` is the reason.
        Malformed(flaw: Flaw) = 315, EXECFMT_AOUT_INPUT_E_MALFORMED, Error, "malformed", "convert to a.out: the headers contradict themselves",
            |finding, f| write!(f, "{} (found {:#x}); the file is damaged: link the program again", flaw.reason(), finding.found);
        /// A section that takes up memory and is not `.text`, `.fartext`, `.data` or `.bss`, or of another type.
        StraySection = 316, EXECFMT_AOUT_INPUT_E_STRAY_SECTION, Error, "stray_section", "convert to a.out: a section that is not .text, .fartext, .data or .bss",
            |finding, f| f.write_str("the section takes up memory, but ELKS supports only .text, .fartext, .data (with bytes) and .bss (without); link with the linker script for ELKS");
        /// A second section of the same name.
        DuplicateSection = 317, EXECFMT_AOUT_INPUT_E_DUPLICATE_SECTION, Error, "duplicate_section", "convert to a.out: a second section of the same name",
            |finding, f| f.write_str("there is already a section of this name; link with the linker script for ELKS");
        /// A section is longer than 65,535 bytes.
        SectionTooLarge = 318, EXECFMT_AOUT_INPUT_E_SECTION_TOO_LARGE, Error, "section_too_large", "convert to a.out: a section is longer than a segment",
            |finding, f| write!(f, "the section is {} bytes long, but a segment has {}; move functions to far text, or data to another program", finding.found, finding.expected.bound());
        /// A section's address plus its size does not fit into 32 bits.
        AddressOverflow = 319, EXECFMT_AOUT_INPUT_E_ADDRESS_OVERFLOW, Error, "address_overflow", "convert to a.out: a section extends past the last address",
            |finding, f| write!(f, "the section is {} bytes long, but only {} addresses remain above its start", finding.found, finding.expected.bound());
        /// A section's bytes would lie beyond the end of the file.
        SectionPastEof = 320, EXECFMT_AOUT_INPUT_E_SECTION_PAST_EOF, Error, "section_past_eof", "convert to a.out: a section extends past the end of the file",
            |finding, f| write!(f, "the section's bytes end at {}, but the file ends at {}; it was cut short: link the program again", finding.found, finding.expected.bound());
        /// Two sections claim the same addresses; `detail` is the other one.
        SectionsOverlap(other: PartName) = 321, EXECFMT_AOUT_INPUT_E_SECTIONS_OVERLAP, Error, "sections_overlap", "convert to a.out: two sections claim the same addresses",
            |finding, f| write!(f, "the section begins at {:#x}, before {} ends at {:#x}; link with the linker script for ELKS", finding.found, other.name(), finding.expected.bound());
        /// There is no text.
        NoText = 322, EXECFMT_AOUT_INPUT_E_NO_TEXT, Error, "no_text", "convert to a.out: there is no text",
            |finding, f| f.write_str("there is no .text, so nothing can run; link the program again");
        /// The entry point is outside `.text`.
        EntryOutsideText = 323, EXECFMT_AOUT_INPUT_E_ENTRY_OUTSIDE_TEXT, Error, "entry_outside_text", "convert to a.out: the entry point is outside the text",
            |finding, f| write!(f, "the entry point {:#x} is outside the text ({}); link with a symbol of the text as the entry point", finding.found, finding.expected);
        /// Far text in the tiny model.
        TinyFarText = 324, EXECFMT_AOUT_INPUT_E_TINY_FAR_TEXT, Error, "tiny_far_text", "convert to a.out: far text in the tiny model",
            |finding, f| f.write_str("far text is not possible in the tiny model"),
            advice Advice::TinyModel;
        /// Data or bss that does not immediately follow the text in the tiny model.
        TinyDataNotBehindText = 325, EXECFMT_AOUT_INPUT_E_TINY_DATA_NOT_AFTER_TEXT, Error, "tiny_data_not_behind_text", "convert to a.out: data that does not follow the text, in the tiny model",
            |finding, f| write!(f, "the section begins at {:#x}, but in the tiny model it must follow the text at {:#x}", finding.found, finding.expected.bound()),
            advice Advice::TinyModel;
        /// The bss lies below the end of the data.
        BssBelowData = 326, EXECFMT_AOUT_INPUT_E_BSS_BELOW_DATA, Error, "bss_below_data", "convert to a.out: the bss is below the end of the data",
            |finding, f| write!(f, "the bss begins at {:#x}, below the end of the data at {:#x}; link with the linker script for ELKS", finding.found, finding.expected.bound());
        /// Data and bss take more than a segment has; in the tiny model together with the text.
        DataTooLarge = 327, EXECFMT_AOUT_INPUT_E_DATA_TOO_LARGE, Error, "data_too_large", "convert to a.out: data and bss take more than a segment",
            |finding, f| write!(f, "data and bss take {} bytes, but their segment has {}; make them smaller", finding.found, finding.expected.bound());
        /// Text that is not a whole number of paragraphs, in a ROM.
        RomTextSize = 330, EXECFMT_AOUT_INPUT_E_ROM_TEXT_SIZE, Error, "rom_text_size", "convert to a.out: the text in a ROM is not a multiple of 16 bytes",
            |finding, f| write!(f, "{} bytes of text is not {}, which a ROM requires; pad .text in the linker script", finding.found, finding.expected);
        /// A second relocation table.
        TwoRelocationTables = 332, EXECFMT_AOUT_INPUT_E_TWO_RELOCATION_TABLES, Error, "two_relocation_tables", "convert to a.out: a second relocation table",
            |finding, f| f.write_str("there is already a relocation table for the program; link it again");
        /// The size of a relocation table is not a multiple of 8 bytes.
        PartialRelocation = 333, EXECFMT_AOUT_INPUT_E_PARTIAL_RELOCATION, Error, "partial_relocation", "convert to a.out: the size of the relocations is not a multiple of 8",
            |finding, f| write!(f, "{} bytes of relocations is not {}; link the program again", finding.found, finding.expected);
        /// A relocation whose word is not in text, far text or data.
        StrayRelocation = 334, EXECFMT_AOUT_INPUT_E_STRAY_RELOCATION, Error, "stray_relocation", "convert to a.out: a relocation outside text, far text and data",
            |finding, f| write!(f, "the address {:#x} is not in text, far text or data; link the program again", finding.found);
        /// A relocation whose word extends past the end of its section.
        RelocationStraddles = 335, EXECFMT_AOUT_INPUT_E_RELOCATION_STRADDLES, Error, "relocation_straddles", "convert to a.out: a relocation extends past its section",
            |finding, f| {
                write!(f, "the word at {:#x} extends past its section, ", finding.found)?;
                match finding.expected {
                    Expected::AtMost(last) => write!(f, "whose last word is at {last:#x}; link the program again"),
                    _ => f.write_str("which is shorter than a word; link the program again"),
                }
            };
        /// A relocation that is not R_386_SEGRELATIVE.
        RelocationType = 336, EXECFMT_AOUT_INPUT_E_RELOCATION_TYPE, Error, "relocation_type", "convert to a.out: a relocation of an unknown type",
            |finding, f| write!(f, "type {} is not R_386_SEGRELATIVE ({}); compile with ia16-elf-gcc -msegelf and link with ia16-elf-ld", finding.found, finding.expected.bound());
        /// A relocation whose word does not hold the paragraph of text, far text or data.
        RelocationTarget = 337, EXECFMT_AOUT_INPUT_E_RELOCATION_TARGET, Error, "relocation_target", "convert to a.out: a relocation against something other than text, far text and data",
            |finding, f| write!(f, "the word holds paragraph {:#x}, at which neither text, far text nor data begins; sections must begin at multiples of 16", finding.found);
        /// More than 32,768 relocations in a section.
        TooManyRelocations = 338, EXECFMT_AOUT_INPUT_E_TOO_MANY_RELOCATIONS, Error, "too_many_relocations", "convert to a.out: too many relocations",
            |finding, f| write!(f, "the section has more than {} relocations", finding.expected.bound());
        /// Far data, which an a.out file cannot hold.
        FarData = 348, EXECFMT_AOUT_INPUT_E_FAR_DATA, Error, "far_data", "convert to a.out: far data",
            |finding, f| write!(f, "{} bytes of far data, for which an a.out file has no section: drop __far and allocate the data with fmemalloc, or build the program with OpenWatcom as OS/2 NE", finding.found);

        /// An MZ file without an NE header.
        NotNe = 339, EXECFMT_AOUT_INPUT_E_NOT_NE, Error, "not_ne", "convert to a.out: an MZ file without an NE header",
            |finding, f| write!(f, "{:#06x} is not the magic of an NE file (4e 45); this is a DOS program: link it for OS/2", finding.found);
        /// An NE file for another system than OS/2.
        NotOs2 = 340, EXECFMT_AOUT_INPUT_E_NOT_OS2, Error, "not_os2", "convert to a.out: an NE file for a system other than OS/2",
            |finding, f| write!(f, "system {} is not OS/2 ({}); link the program for OS/2 1.x", finding.found, finding.expected.bound());
        /// An NE file that is a library, or that does not have a single data segment.
        NotAProgram = 341, EXECFMT_AOUT_INPUT_E_NOT_A_PROGRAM, Error, "not_a_program", "convert to a.out: an NE file that is not a program with data of its own",
            |finding, f| write!(f, "program flags {:#x} are not those of a program with data of its own ({}); link it with system os2 and not as a dll", finding.found, finding.expected.bound());
        /// An NE file that imports from modules, or has movable entries or resources.
        NotSelfContained = 342, EXECFMT_AOUT_INPUT_E_NOT_SELF_CONTAINED, Error, "not_self_contained", "convert to a.out: an NE file that needs modules, movable entries or resources",
            |finding, f| write!(f, "{}, but ELKS supports none; link the program with a library for ELKS", finding.found);
        /// An NE file without exactly two segments.
        SegmentCount = 343, EXECFMT_AOUT_INPUT_E_SEGMENT_COUNT, Error, "segment_count", "convert to a.out: an NE file without exactly two segments",
            |finding, f| write!(f, "{} segments, but an a.out file has {}: one of code, one of data; compile for the small model, or keep the file: ELKS loads up to five segments as OS/2 NE (CONFIG_EXEC_OS2)", finding.found, finding.expected.bound());
        /// A segment number for which there is no segment, or that of the wrong one.
        SegmentNumber = 344, EXECFMT_AOUT_INPUT_E_SEGMENT_NUMBER, Error, "segment_number", "convert to a.out: an invalid segment number",
            |finding, f| write!(f, "segment {} is not the one expected ({}); link the program again", finding.found, finding.expected);
        /// A code segment marked as data, or the reverse.
        SegmentFlags = 345, EXECFMT_AOUT_INPUT_E_SEGMENT_FLAGS, Error, "segment_flags", "convert to a.out: a segment of the wrong kind",
            |finding, f| write!(f, "flags {:#x} mean the wrong kind of segment; link the program again", finding.found);
        /// A size of 0, or less memory than bytes in the file.
        SegmentSize = 346, EXECFMT_AOUT_INPUT_E_SEGMENT_SIZE, Error, "segment_size", "convert to a.out: an invalid segment size",
            |finding, f| write!(f, "{} bytes is not {}; link the program again", finding.found, finding.expected);
        /// A relocation of a kind other than segment or far address, or against something outside the
        /// program.
        NeRelocation = 347, EXECFMT_AOUT_INPUT_E_NE_RELOCATION, Error, "ne_relocation", "convert to a.out: a relocation that ELKS does not support",
            |finding, f| write!(f, "a relocation of kind {:#x}; ELKS supports segments (2) and far addresses (3) within the program: compile for the small model", finding.found);
    }
}

/// A finding in the input of a converter.
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

/// Why a file could not be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConvertError {
    /// The input is malformed, or ELKS cannot express it.
    Input {
        /// The name of the section concerned.
        section: Option<String>,
        /// What is wrong.
        finding: InputFinding,
    },
    /// An option that the input does not allow.
    Option(OptionError),
    /// The resulting a.out file would be refused.
    Build(BuildError),
}

/// An option that the input does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OptionError {
    /// The requested total does not exceed data and bss. ELKS would refuse the file.
    TotalTooSmall {
        /// The total, in bytes.
        total: u16,
        /// The smallest total that exceeds data and bss, in bytes.
        least: u32,
    },
    /// Data, bss and the requested memory exceed a segment.
    ChmemTooLarge {
        /// The sum, in bytes.
        sum: u32,
        /// Maximum sum, in bytes.
        most: u32,
    },
    /// A program in ROM would extend past the first MiB.
    RomBeyondMemory {
        /// The paragraph at which it would begin.
        paragraph: u32,
    },
}

impl OptionError {
    /// What to do next.
    pub const fn advice(&self) -> Advice {
        match self {
            Self::TotalTooSmall { .. } => Advice::MoreTotal,
            Self::ChmemTooLarge { .. } => Advice::LessChmem,
            Self::RomBeyondMemory { .. } => Advice::LowerTextSegment,
        }
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TotalTooSmall { total, least } => write!(
                f,
                "a total of {total} bytes of data memory is too little: data and bss need at least {least}, and ELKS would refuse the file"
            ),
            Self::ChmemTooLarge { sum, most } => {
                write!(f, "data, bss and the memory requested take {sum} bytes, but a segment has {most}")
            }
            Self::RomBeyondMemory { paragraph } => {
                write!(f, "the paragraph {paragraph:#x} is beyond the first MiB")
            }
        }
    }
}

impl core::error::Error for OptionError {}

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
            Self::Option(error) => write!(f, "{error}; {}", error.advice()),
            Self::Build(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConvertError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Input { finding, .. } => Some(finding),
            Self::Option(error) => Some(error),
            Self::Build(error) => Some(error),
        }
    }
}

impl From<OptionError> for ConvertError {
    fn from(error: OptionError) -> Self {
        Self::Option(error)
    }
}

impl From<BuildError> for ConvertError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}
