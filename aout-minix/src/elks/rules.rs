//! Why ELKS refuses a file.

use core::fmt;

use execfmt_common::{Expected, Finding, Rule, Severity};

use crate::error::AoutField;
use crate::section::Section;

/// The error numbers that `execve` gives for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Errno {
    /// Argument list too long.
    E2big,
    /// Not an executable.
    Enoexec,
    /// Invalid argument.
    Einval,
    /// File too large.
    Efbig,
}

impl Errno {
    /// All that `execve` gives for a file.
    pub const ALL: [Self; 4] = [Self::E2big, Self::Enoexec, Self::Einval, Self::Efbig];

    /// The name, as C has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::E2big => "E2BIG",
            Self::Enoexec => "ENOEXEC",
            Self::Einval => "EINVAL",
            Self::Efbig => "EFBIG",
        }
    }

    /// The number, which is the same on ELKS as on Linux.
    pub const fn number(self) -> i32 {
        match self {
            Self::E2big => 7,
            Self::Enoexec => 8,
            Self::Einval => 22,
            Self::Efbig => 27,
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A rule of `execve` that a file breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElksRule {
    /// The first two bytes are no magic.
    BadMagic,
    /// Fewer than 32 bytes.
    HeaderShort,
    /// The type is neither 04300301 nor 04200301.
    WrongType,
    /// The text's size, cut to 16 bits, is 0.
    NoText,
    /// Data and bss take more than 65,535 bytes.
    DataTooLarge,
    /// The header's size is none of 0x20, 0x30, 0x40.
    BadHlen,
    /// The header has a supplement, and the kernel is without medium model.
    NoMediumModel,
    /// The file ends within the supplement.
    SupplementShort,
    /// The base of the text is not 0.
    TextBase,
    /// The base of the data, cut to 16 bits, is not 0.
    DataBase,
    /// A section is compressed, and the kernel is without compression.
    NoCompression,
    /// The version is neither 0 nor 1, in a header of 32 bytes.
    UnknownVersion,
    /// The version is neither 0 nor 1, in a header with a supplement.
    UnknownVersionSupplement,
    /// Data, bss and stack take more than 65,535 bytes.
    StackTooLarge,
    /// The arguments no longer fit 65,535 bytes.
    NoRoomForArguments,
    /// The heap no longer fits 65,535 bytes.
    HeapTooLarge,
    /// Version 0: `chmem` leaves nothing beyond data and bss.
    TotalTooSmall,
    /// Version 0: `chmem` leaves less beyond data and bss than the arguments take.
    TotalTooSmallForArguments,
    /// The data segment cannot be rounded up to a paragraph.
    NoRoomToRound,
    /// The file ends within a section.
    ShortRead(Section),
    /// A compressed section cannot be expanded.
    BadCompression(Section),
    /// The size of a section's relocations is not a multiple of 8.
    RaggedRelocations(Section),
    /// The file ends within a section's relocations.
    ShortRelocations(Section),
    /// A relocation's type is not 80.
    RelocationType,
    /// A relocation is against none of text, far text and data.
    RelocationTarget,
}

/// A rule that a file breaks, with the values that break it.
pub type ElksRefusal = Finding<ElksRule>;

impl ElksRule {
    /// What `execve` returns.
    ///
    /// A kernel that reads 32,768 bytes or more of a section that is cut short returns the negative of another number,
    /// by an accident of 16-bit arithmetic; ENOEXEC is what it means.
    pub const fn errno(self) -> Errno {
        match self {
            Self::BadMagic
            | Self::HeaderShort
            | Self::WrongType
            | Self::NoText
            | Self::BadHlen
            | Self::NoMediumModel
            | Self::SupplementShort
            | Self::NoCompression
            | Self::UnknownVersion
            | Self::ShortRead(_)
            | Self::BadCompression(_) => Errno::Enoexec,
            Self::DataTooLarge
            | Self::TextBase
            | Self::DataBase
            | Self::UnknownVersionSupplement
            | Self::TotalTooSmall
            | Self::RaggedRelocations(_)
            | Self::ShortRelocations(_)
            | Self::RelocationType
            | Self::RelocationTarget => Errno::Einval,
            Self::NoRoomForArguments | Self::TotalTooSmallForArguments | Self::NoRoomToRound => Errno::E2big,
            Self::StackTooLarge | Self::HeapTooLarge => Errno::Efbig,
        }
    }

    /// A refusal because of a field of the header.
    pub(super) const fn at(self, field: AoutField, found: u64, expected: Expected) -> ElksRefusal {
        Finding { rule: self, field, offset: field.header_offset(), found, expected }
    }
}

impl Rule for ElksRule {
    type Field = AoutField;

    fn code(self) -> &'static str {
        match self {
            Self::BadMagic => "bad_magic",
            Self::HeaderShort => "header_short",
            Self::WrongType => "wrong_type",
            Self::NoText => "no_text",
            Self::DataTooLarge => "data_too_large",
            Self::BadHlen => "bad_hlen",
            Self::NoMediumModel => "no_medium_model",
            Self::SupplementShort => "supplement_short",
            Self::TextBase => "text_base",
            Self::DataBase => "data_base",
            Self::NoCompression => "no_compression",
            Self::UnknownVersion => "unknown_version",
            Self::UnknownVersionSupplement => "unknown_version_supplement",
            Self::StackTooLarge => "stack_too_large",
            Self::NoRoomForArguments => "no_room_for_arguments",
            Self::HeapTooLarge => "heap_too_large",
            Self::TotalTooSmall => "total_too_small",
            Self::TotalTooSmallForArguments => "total_too_small_for_arguments",
            Self::NoRoomToRound => "no_room_to_round",
            Self::ShortRead(_) => "short_read",
            Self::BadCompression(_) => "bad_compression",
            Self::RaggedRelocations(_) => "ragged_relocations",
            Self::ShortRelocations(_) => "short_relocations",
            Self::RelocationType => "relocation_type",
            Self::RelocationTarget => "relocation_target",
        }
    }

    fn severity(self) -> Severity {
        Severity::Error
    }

    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { rule, found, expected, .. } = *finding;
        let bound = expected.bound();
        write!(f, "ELKS answers {}: ", rule.errno())?;
        match rule {
            Self::BadMagic => write!(f, "{found:#06x} is not the magic {bound:#06x}; this is no executable"),
            Self::HeaderShort => write!(f, "{found} bytes are no header, which needs {bound}"),
            Self::WrongType => write!(
                f,
                "type {found:#010x} is not {bound:#010x} or 0x04200301 (separate I/D for the 8086); link the program again, without -i and -3"
            ),
            Self::NoText => {
                write!(f, "the size of the text, cut to 16 bits, is {found}: there is nothing to run")
            }
            Self::DataTooLarge => {
                write!(f, "data and bss take {found} bytes, and a segment has {bound}; make them smaller")
            }
            Self::BadHlen => {
                write!(f, "a header of {found:#x} bytes is unknown: 0x20, 0x30 or 0x40 is meant")
            }
            Self::NoMediumModel => write!(
                f,
                "the header has {found:#x} bytes, and this kernel is built without medium model; build it with CONFIG_EXEC_MMODEL"
            ),
            Self::SupplementShort => write!(f, "the file has {found} bytes, but its header needs {bound}"),
            Self::TextBase | Self::DataBase => {
                write!(f, "a base of {found:#x}, where only 0 is known; link the program again")
            }
            Self::NoCompression => write!(
                f,
                "a section is compressed, and this kernel is built without compression; build it with CONFIG_EXEC_COMPRESS, or decompress the file"
            ),
            Self::UnknownVersion | Self::UnknownVersionSupplement => {
                write!(f, "version {found} is unknown; 0 and 1 are known")
            }
            Self::StackTooLarge => write!(
                f,
                "data, bss and stack take {found} bytes, and a segment has {bound}; ask for less stack with chmem -s"
            ),
            Self::NoRoomForArguments => write!(
                f,
                "with the arguments {found} bytes are needed, and a segment has {bound}; pass fewer arguments, or ask for less stack with chmem -s"
            ),
            Self::HeapTooLarge => write!(
                f,
                "with the heap {found} bytes are needed, and a segment has {bound}; ask for less heap with chmem -h"
            ),
            Self::TotalTooSmall => write!(
                f,
                "{found} bytes for data, bss, heap and stack are not {expected}: data and bss alone take so many; ask for more with chmem -h"
            ),
            Self::TotalTooSmallForArguments => write!(
                f,
                "{found} bytes for data, bss, heap and stack leave no room for the arguments ({expected}); pass fewer, or ask for more with chmem -h"
            ),
            Self::NoRoomToRound => write!(
                f,
                "{found} bytes of data segment cannot be rounded up to a paragraph ({expected}); ask for less heap with chmem -h"
            ),
            Self::ShortRead(section) => write!(
                f,
                "the {section} takes {found} bytes, but the file holds {bound} of them; it was cut short: copy or link it again"
            ),
            Self::BadCompression(section) => {
                write!(
                    f,
                    "the {found} stored bytes of the {section} cannot be expanded; compress the program again"
                )
            }
            Self::RaggedRelocations(section) => {
                write!(f, "{found} bytes of {section} relocations are not {expected}; link the program again")
            }
            Self::ShortRelocations(section) => write!(
                f,
                "the relocations of the {section} take {found} bytes, but the file holds {bound} whole ones of them; it was cut short"
            ),
            Self::RelocationType => {
                write!(f, "a relocation of type {found}, where only {bound} (R_SEGWORD) is known")
            }
            Self::RelocationTarget => write!(
                f,
                "a relocation against {found:#06x}, which is none of text (0xfffe), data (0xfffd) and far text (0xfffb)"
            ),
        }
    }
}
