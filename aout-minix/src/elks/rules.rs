//! Why ELKS refuses a file.

use core::fmt;

pub use elks_kernel::Errno;
use execfmt_common::{Advice, Expected, Finding, Refusal, rules};

use crate::field::AoutField;
use crate::section::Section;

rules! {
    /// A rule of `execve` that a file breaks. Each refuses the file; the numbers are in the order of the
    /// kernel's checks.
    pub enum ElksRule for AoutField, in elks_facts {
        /// The first two bytes are not 01 03.
        BadMagic = 250, EXECFMT_ELKS_E_BAD_MAGIC, Error, "bad_magic", "a.out: ELKS refuses it: it is not an executable",
            |finding, f| refused(finding, f, format_args!("{:#06x} is not the magic {:#06x}; this is not an executable", finding.found, finding.expected.bound()));
        /// Fewer than 32 bytes.
        HeaderShort = 251, EXECFMT_ELKS_E_HEADER, Error, "header_short", "a.out: ELKS refuses it: fewer than 32 bytes",
            |finding, f| refused(finding, f, format_args!("{} bytes are too few for a header, which needs {}", finding.found, finding.expected.bound()));
        /// The type is neither 04300301 nor 04200301.
        WrongType = 252, EXECFMT_ELKS_E_TYPE, Error, "wrong_type", "a.out: ELKS refuses it: its type is not separate I/D for the 8086",
            |finding, f| refused(finding, f, format_args!("type {:#010x} is not {:#010x} or 0x04200301 (separate I/D for the 8086)", finding.found, finding.expected.bound())),
            advice Advice::SeparateInstructions;
        /// The size of the text, truncated to 16 bits, is 0.
        NoText = 253, EXECFMT_ELKS_E_NO_TEXT, Error, "no_text", "a.out: ELKS refuses it: there is no text",
            |finding, f| refused(finding, f, format_args!("the size of the text, truncated to 16 bits, is {}: there is nothing to run", finding.found));
        /// Data and bss take more than 65,535 bytes.
        DataTooLarge = 254, EXECFMT_ELKS_E_DATA, Error, "data_too_large", "a.out: ELKS refuses it: data and bss take more than a segment",
            |finding, f| refused(finding, f, format_args!("data and bss take {} bytes, but a segment has {}; make them smaller", finding.found, finding.expected.bound()));
        /// The header's size is not 0x20, 0x30 or 0x40.
        BadHlen = 255, EXECFMT_ELKS_E_HLEN, Error, "bad_hlen", "a.out: ELKS refuses it: the header's size is unknown",
            |finding, f| refused(finding, f, format_args!("a header of {:#x} bytes is unknown: expected 0x20, 0x30 or 0x40", finding.found));
        /// The header has a supplement, but the kernel lacks medium model support.
        NoMediumModel = 256, EXECFMT_ELKS_E_NO_MEDIUM_MODEL, Error, "no_medium_model", "a.out: ELKS refuses it: it needs a kernel with medium model",
            |finding, f| refused(finding, f, format_args!("the header has {:#x} bytes, but this kernel is built without medium model; build it with CONFIG_EXEC_MMODEL", finding.found));
        /// The file ends within the supplement.
        SupplementShort = 257, EXECFMT_ELKS_E_SUPPLEMENT, Error, "supplement_short", "a.out: ELKS refuses it: the file ends within its header",
            |finding, f| refused(finding, f, format_args!("the file has {} bytes, but its header needs {}", finding.found, finding.expected.bound()));
        /// The base of the text is not 0.
        TextBase = 258, EXECFMT_ELKS_E_TEXT_BASE, Error, "text_base", "a.out: ELKS refuses it: the text has a base",
            |finding, f| refused(finding, f, format_args!("a base of {:#x}, but only 0 is supported; link the program again", finding.found));
        /// The base of the data, truncated to 16 bits, is not 0.
        DataBase = 259, EXECFMT_ELKS_E_DATA_BASE, Error, "data_base", "a.out: ELKS refuses it: the data has a base",
            |finding, f| refused(finding, f, format_args!("a base of {:#x}, but only 0 is supported; link the program again", finding.found));
        /// A section is compressed, but the kernel lacks compression support.
        NoCompression = 260, EXECFMT_ELKS_E_NO_COMPRESSION, Error, "no_compression", "a.out: ELKS refuses it: it needs a kernel with compression",
            |finding, f| refused(finding, f, format_args!("a section is compressed, but this kernel is built without compression; build it with CONFIG_EXEC_COMPRESS")),
            advice Advice::Decompress;
        /// The version is neither 0 nor 1, in a header of 32 bytes.
        UnknownVersion = 261, EXECFMT_ELKS_E_VERSION, Error, "unknown_version", "a.out: ELKS refuses it: an unknown version",
            |finding, f| refused(finding, f, format_args!("version {} is unknown; expected 0 or 1", finding.found));
        /// The version is neither 0 nor 1, in a header with a supplement.
        UnknownVersionSupplement = 262, EXECFMT_ELKS_E_VERSION_SUPPLEMENT, Error, "unknown_version_supplement", "a.out: ELKS refuses it: an unknown version, in a header with a supplement",
            |finding, f| refused(finding, f, format_args!("version {} is unknown; expected 0 or 1", finding.found));
        /// Data, bss and stack take more than 65,535 bytes.
        StackTooLarge = 263, EXECFMT_ELKS_E_STACK, Error, "stack_too_large", "a.out: ELKS refuses it: data, bss and stack take more than a segment",
            |finding, f| refused(finding, f, format_args!("data, bss and stack take {} bytes, but a segment has {}", finding.found, finding.expected.bound())),
            advice Advice::LessStack;
        /// The arguments do not fit into 65,535 bytes with the rest.
        NoRoomForArguments = 264, EXECFMT_ELKS_E_ARGUMENTS, Error, "no_room_for_arguments", "a.out: ELKS refuses it: there is no room for the arguments",
            |finding, f| refused(finding, f, format_args!("with the arguments {} bytes are needed, but a segment has {}", finding.found, finding.expected.bound())),
            advice Advice::FewerArguments;
        /// The heap does not fit into 65,535 bytes with the rest.
        HeapTooLarge = 265, EXECFMT_ELKS_E_HEAP, Error, "heap_too_large", "a.out: ELKS refuses it: the heap takes more than the rest of a segment",
            |finding, f| refused(finding, f, format_args!("with the heap {} bytes are needed, but a segment has {}", finding.found, finding.expected.bound())),
            advice if finding.field == AoutField::Minstack { Advice::LessStack } else { Advice::LessHeap };
        /// Version 0: `chmem` leaves nothing beyond data and bss.
        TotalTooSmall = 266, EXECFMT_ELKS_E_TOTAL, Error, "total_too_small", "a.out: ELKS refuses it: the memory requested does not exceed data and bss",
            |finding, f| refused(finding, f, format_args!("{} bytes for data, bss, heap and stack is not {}: data and bss alone take that many", finding.found, finding.expected)),
            advice Advice::MoreHeap;
        /// Version 0: `chmem` leaves less beyond data and bss than the arguments take.
        TotalTooSmallForArguments = 267, EXECFMT_ELKS_E_TOTAL_ARGUMENTS, Error, "total_too_small_for_arguments", "a.out: ELKS refuses it: the memory requested has no room for the arguments",
            |finding, f| refused(finding, f, format_args!("{} bytes for data, bss, heap and stack leave no room for the arguments ({})", finding.found, finding.expected)),
            advice Advice::MoreHeap;
        /// The data segment cannot be rounded up to a paragraph.
        NoRoomToRound = 268, EXECFMT_ELKS_E_ROUND, Error, "no_room_to_round", "a.out: ELKS refuses it: the data segment cannot be rounded up",
            |finding, f| refused(finding, f, format_args!("{} bytes of data segment cannot be rounded up to a paragraph ({})", finding.found, finding.expected)),
            advice if finding.field == AoutField::Minstack { Advice::LessStack } else { Advice::LessHeap };
        /// The file ends within a section.
        ShortRead(section: Section) = 269, EXECFMT_ELKS_E_PAST_EOF, Error, "short_read", "a.out: ELKS refuses it: the file ends within a section",
            |finding, f| refused(finding, f, format_args!("the {section} takes {} bytes, but the file has only {} of them; it was cut short: copy or link it again", finding.found, finding.expected.bound()));
        /// A compressed section cannot be decompressed.
        BadCompression(section: Section) = 270, EXECFMT_ELKS_E_COMPRESSION, Error, "bad_compression", "a.out: ELKS refuses it: a compressed section cannot be decompressed",
            |finding, f| refused(finding, f, format_args!("the {} stored bytes of the {section} cannot be decompressed; compress the program again", finding.found));
        /// The size of a section's relocations is not a multiple of 8.
        PartialRelocation(section: Section) = 271, EXECFMT_ELKS_E_PARTIAL_RELOCATION, Error, "partial_relocation", "a.out: ELKS refuses it: the size of the relocations is not a multiple of 8",
            |finding, f| refused(finding, f, format_args!("{} bytes of {section} relocations is not {}; link the program again", finding.found, finding.expected));
        /// The file ends within a section's relocations.
        ShortRelocations(section: Section) = 272, EXECFMT_ELKS_E_SHORT_RELOCATIONS, Error, "short_relocations", "a.out: ELKS refuses it: the file ends within the relocations",
            |finding, f| refused(finding, f, format_args!("the relocations of the {section} take {} bytes, but the file has only {} bytes of complete records; it was cut short", finding.found, finding.expected.bound()));
        /// A relocation's type is not 80.
        RelocationType = 273, EXECFMT_ELKS_E_RELOCATION_TYPE, Error, "relocation_type", "a.out: ELKS refuses it: a relocation of an unknown type",
            |finding, f| refused(finding, f, format_args!("a relocation of type {}, but only {} (R_SEGWORD) is supported", finding.found, finding.expected.bound()));
        /// A relocation is against something other than text, far text and data.
        RelocationTarget = 274, EXECFMT_ELKS_E_RELOCATION_TARGET, Error, "relocation_target", "a.out: ELKS refuses it: a relocation against something other than text, far text and data",
            |finding, f| refused(finding, f, format_args!("a relocation against {:#06x}, which is not text (0xfffe), data (0xfffd) or far text (0xfffb)", finding.found));
    }
}

/// A rule that a file breaks, with the values concerned.
pub type ElksRefusal = Finding<ElksRule>;

/// The explanation, after the errno.
fn refused(refusal: &ElksRefusal, f: &mut fmt::Formatter<'_>, why: fmt::Arguments<'_>) -> fmt::Result {
    write!(f, "ELKS returns {}: {why}", refusal.rule.errno())
}

impl ElksRule {
    /// What `execve` returns.
    ///
    /// For a section that is cut short after 32,768 bytes or more, the kernel returns another negative
    /// number, by an accident of 16-bit arithmetic; ENOEXEC is what it means.
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
            | Self::PartialRelocation(_)
            | Self::ShortRelocations(_)
            | Self::RelocationType
            | Self::RelocationTarget => Errno::Einval,
            Self::NoRoomForArguments | Self::TotalTooSmallForArguments | Self::NoRoomToRound => Errno::E2big,
            Self::StackTooLarge | Self::HeapTooLarge => Errno::Efbig,
        }
    }

    /// A refusal because of a field of the header.
    #[cold]
    #[inline(never)]
    pub(super) const fn at(self, field: AoutField, found: u64, expected: Expected) -> ElksRefusal {
        Finding { rule: self, field, offset: field.header_offset(), found, expected }
    }

    /// The same for a check that needs only the verdict, or the reason too.
    #[inline(always)]
    pub(super) fn refuse<T, E: Refusal<Self>>(
        self,
        field: AoutField,
        found: u64,
        expected: Expected,
    ) -> Result<T, E> {
        Err(E::new(|| self.at(field, found, expected)))
    }
}
