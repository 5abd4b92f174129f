//! What can be wrong with an a.out file, and what is merely unusual.

use core::fmt;

use execfmt_common::{Expected, Finding, Rule, Severity};

use crate::section::Section;

/// What a file that is not a.out looks like, judged by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lookalike {
    /// Nothing known.
    Unknown,
    /// An ELF file, as ia16-elf-ld writes before elf2elks.
    Elf,
    /// An MZ file: DOS, or OS/2 behind it.
    Mz,
    /// A script that begins with `#!`.
    Script,
    /// An object file or library of bcc.
    Objects,
}

impl Lookalike {
    /// Judges by the first bytes of a file.
    pub const fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0x7f, b'E', b'L', b'F', ..] => Self::Elf,
            [b'M', b'Z', ..] => Self::Mz,
            [b'#', b'!', ..] => Self::Script,
            [0xa3, 0x86, ..] | [b'!', b'<', b'a', b'r', b'c', b'h', b'>', ..] => Self::Objects,
            _ => Self::Unknown,
        }
    }
}

/// A field of an a.out file. Displayed by the name that the format's headers give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AoutField {
    /// The file as a whole; the value is its length.
    FileLength,
    /// The first word: magic, flags and cpu.
    Type,
    /// Size of the header.
    Hlen,
    /// Reserved byte.
    Reserved1,
    /// Version.
    Version,
    /// Size of the text.
    Tseg,
    /// Size of the data.
    Dseg,
    /// Size of the bss.
    Bseg,
    /// Entry point.
    Entry,
    /// Heap, or data memory in total.
    Chmem,
    /// Stack.
    Minstack,
    /// Size of the symbol table.
    Syms,
    /// Size of the text relocations.
    Trsize,
    /// Size of the data relocations.
    Drsize,
    /// Base of the text.
    Tbase,
    /// Base of the data.
    Dbase,
    /// Size of the far text.
    Ftseg,
    /// Size of the far text relocations.
    Ftrsize,
    /// Stored size of the text.
    ComprTseg,
    /// Stored size of the data.
    ComprDseg,
    /// Stored size of the far text.
    ComprFtseg,
    /// Reserved word of the supplement.
    Reserved,
    /// The place of a relocation of that section.
    RelocationVaddr(Section),
    /// The segment of a relocation of that section.
    RelocationSymndx(Section),
    /// The type of a relocation of that section.
    RelocationType(Section),
    /// The symbol table's bytes.
    SymbolTable,
}

impl AoutField {
    /// Where a field of the header is, in bytes; 0 for what is no field of the header.
    pub const fn header_offset(self) -> u64 {
        match self {
            Self::FileLength
            | Self::Type
            | Self::RelocationVaddr(_)
            | Self::RelocationSymndx(_)
            | Self::RelocationType(_)
            | Self::SymbolTable => 0,
            Self::Hlen => 4,
            Self::Reserved1 => 5,
            Self::Version => 6,
            Self::Tseg => 8,
            Self::Dseg => 12,
            Self::Bseg => 16,
            Self::Entry => 20,
            Self::Chmem => 24,
            Self::Minstack => 26,
            Self::Syms => 28,
            Self::Trsize => 32,
            Self::Drsize => 36,
            Self::Tbase => 40,
            Self::Dbase => 44,
            Self::Ftseg => 48,
            Self::Ftrsize => 52,
            Self::ComprTseg => 56,
            Self::ComprDseg => 58,
            Self::ComprFtseg => 60,
            Self::Reserved => 62,
        }
    }

    /// The header field that holds how many bytes a section takes in the file.
    pub(crate) const fn stored_size_of(section: Section, compressed: bool) -> Self {
        match (section, compressed) {
            (Section::Text, false) => Self::Tseg,
            (Section::Text, true) => Self::ComprTseg,
            (Section::FarText, false) => Self::Ftseg,
            (Section::FarText, true) => Self::ComprFtseg,
            (Section::Data, false) => Self::Dseg,
            (Section::Data, true) => Self::ComprDseg,
            (Section::TextRelocations, _) => Self::Trsize,
            (Section::FarTextRelocations, _) => Self::Ftrsize,
            (Section::DataRelocations, _) => Self::Drsize,
            (Section::Symbols, _) => Self::Syms,
        }
    }
}

impl fmt::Display for AoutField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FileLength => "file length",
            Self::Type => "type",
            Self::Hlen => "hlen",
            Self::Reserved1 => "reserved1",
            Self::Version => "version",
            Self::Tseg => "tseg",
            Self::Dseg => "dseg",
            Self::Bseg => "bseg",
            Self::Entry => "entry",
            Self::Chmem => "chmem",
            Self::Minstack => "minstack",
            Self::Syms => "syms",
            Self::Trsize => "trsize",
            Self::Drsize => "drsize",
            Self::Tbase => "tbase",
            Self::Dbase => "dbase",
            Self::Ftseg => "ftseg",
            Self::Ftrsize => "ftrsize",
            Self::ComprTseg => "compr_tseg",
            Self::ComprDseg => "compr_dseg",
            Self::ComprFtseg => "compr_ftseg",
            Self::Reserved => "reserved",
            Self::RelocationVaddr(section) => return write!(f, "{section} relocation vaddr"),
            Self::RelocationSymndx(section) => return write!(f, "{section} relocation symndx"),
            Self::RelocationType(section) => return write!(f, "{section} relocation type"),
            Self::SymbolTable => "symbol table",
        })
    }
}

/// The rules that an a.out file can break, whatever system loads it.
///
/// The first group keeps a file from being parsed. The second holds what a loader would get wrong, most of it without
/// a word: ELKS checks neither places nor entry, and cuts sizes to 16 bits. The third is worth a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AoutRule {
    /// The file, or the prefix given, ends within the header.
    Truncated,
    /// The first two bytes are not [`MAGIC`](crate::MAGIC).
    BadMagic(Lookalike),
    /// The header's size is none of 0x20, 0x30 and 0x40.
    BadHlen,
    /// The cpu byte tells of words in an order that no known machine has.
    MixedEndian,
    /// A section would lie beyond the end of the file.
    SectionPastEof(Section),

    /// A size or an address of a 16-bit program does not fit 16 bits; ELKS cuts it.
    CutTo16Bits,
    /// The program starts outside its text.
    EntryOutsideText,
    /// A table of relocations is not a multiple of 8 bytes.
    RaggedRelocations(Section),
    /// A relocation of a type that no loader knows.
    RelocationType,
    /// A relocation against something that is no segment.
    RelocationTarget,
    /// A relocation changes a word that is not within its own section. ELKS overwrites whatever is there.
    RelocationPlace,
    /// A compressed section is longer as stored than the memory that it is read into. ELKS overwrites what follows.
    StoredBeyondAllocation(Section),
    /// A compressed data section and the 16 bytes that expanding it takes do not fit the data segment.
    NoRoomToExpand,

    /// The processor is unknown.
    UnknownCpu,
    /// The version is neither 0 nor 1.
    UnknownVersion,
    /// There is no text.
    NoText,
    /// A relocation against far text, of which there is none.
    NoFarText,
    /// A stored size for a section that is empty.
    EmptyCompressed(Section),
    /// A section that is no shorter compressed than plain.
    NotShorter(Section),
    /// A reserved field is not 0.
    Reserved,
    /// The symbol table is in no known format.
    UnknownSymbols,
    /// An ELKS symbol table is longer than the reader on the target takes.
    LongSymbols,
    /// The file goes on behind its last section.
    TrailingBytes,
}

impl Rule for AoutRule {
    type Field = AoutField;

    fn code(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::BadMagic(_) => "bad_magic",
            Self::BadHlen => "bad_hlen",
            Self::MixedEndian => "mixed_endian",
            Self::SectionPastEof(_) => "section_past_eof",
            Self::CutTo16Bits => "cut_to_16_bits",
            Self::EntryOutsideText => "entry_outside_text",
            Self::RaggedRelocations(_) => "ragged_relocations",
            Self::RelocationType => "relocation_type",
            Self::RelocationTarget => "relocation_target",
            Self::RelocationPlace => "relocation_place",
            Self::StoredBeyondAllocation(_) => "stored_beyond_allocation",
            Self::NoRoomToExpand => "no_room_to_expand",
            Self::UnknownCpu => "unknown_cpu",
            Self::UnknownVersion => "unknown_version",
            Self::NoText => "no_text",
            Self::NoFarText => "no_far_text",
            Self::EmptyCompressed(_) => "empty_compressed",
            Self::NotShorter(_) => "not_shorter",
            Self::Reserved => "reserved",
            Self::UnknownSymbols => "unknown_symbols",
            Self::LongSymbols => "long_symbols",
            Self::TrailingBytes => "trailing_bytes",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::Truncated
            | Self::BadMagic(_)
            | Self::BadHlen
            | Self::MixedEndian
            | Self::SectionPastEof(_)
            | Self::CutTo16Bits
            | Self::EntryOutsideText
            | Self::RaggedRelocations(_)
            | Self::RelocationType
            | Self::RelocationTarget
            | Self::RelocationPlace
            | Self::StoredBeyondAllocation(_)
            | Self::NoRoomToExpand => Severity::Error,
            Self::UnknownCpu
            | Self::UnknownVersion
            | Self::NoText
            | Self::NoFarText
            | Self::EmptyCompressed(_)
            | Self::NotShorter(_)
            | Self::Reserved
            | Self::UnknownSymbols
            | Self::LongSymbols
            | Self::TrailingBytes => Severity::Warning,
        }
    }

    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { rule, found, expected, .. } = *finding;
        let bound = expected.bound();
        match rule {
            Self::Truncated => {
                write!(
                    f,
                    "{found} bytes are too few for the header, which needs {expected}; copy or link the file again"
                )
            }
            Self::BadMagic(lookalike) => {
                write!(f, "{found:#06x} is not the a.out magic 0x0301; ")?;
                f.write_str(match lookalike {
                    Lookalike::Unknown => "this is no ELKS or Minix executable",
                    Lookalike::Elf => {
                        "this is an ELF file: convert it with `execfmt convert IN -o OUT --to elks`, or elf2elks"
                    }
                    Lookalike::Mz => {
                        "this is an MZ file: if it is an OS/2 program, convert it with `execfmt convert IN -o OUT --to elks`"
                    }
                    Lookalike::Script => "this is a script: its first line names the program that runs it",
                    Lookalike::Objects => "this is an object file or library: link it with bcc or ld86 first",
                })
            }
            Self::BadHlen => write!(
                f,
                "a header of {found:#x} bytes; 0x20 (plain), 0x30 (relocations) and 0x40 (far text, compression) are known, so the header is damaged"
            ),
            Self::MixedEndian => write!(
                f,
                "the cpu byte of {found:#010x} tells of bytes and words in different orders, as on a PDP-11; no a.out of such a machine is known, so the header is damaged"
            ),
            Self::SectionPastEof(section) => write!(
                f,
                "the {section} section is {found} bytes long, but the file holds {bound} from its start on; the file was cut short or its header is damaged: copy or link it again"
            ),
            Self::CutTo16Bits => write!(
                f,
                "{found:#x} does not fit 16 bits, and ELKS uses {:#x} without a word; make the section smaller",
                found & 0xffff
            ),
            Self::EntryOutsideText => {
                write!(
                    f,
                    "the program starts at {found:#x}, but its text has {} bytes; link it again",
                    bound.saturating_add(1)
                )
            }
            Self::RaggedRelocations(section) => {
                write!(
                    f,
                    "{found} bytes of {section} are not {expected}; ELKS refuses the file: link it again"
                )
            }
            Self::RelocationType => {
                write!(
                    f,
                    "type {found} is unknown to ELKS, which wants {bound} (R_SEGWORD); link the program again"
                )
            }
            Self::RelocationTarget => write!(
                f,
                "{found:#06x} is none of the segments text (0xfffe), data (0xfffd) and far text (0xfffb); ELKS refuses the file"
            ),
            Self::RelocationPlace => write!(
                f,
                "the word at {found:#x} does not lie within the section, whose last word is at {bound:#x}; ELKS does not check this and overwrites memory: link the program again"
            ),
            Self::StoredBeyondAllocation(section) => write!(
                f,
                "the compressed {section} takes {found} bytes, but is read into {bound} bytes of memory; ELKS does not check this and overwrites what follows: compress the file again"
            ),
            Self::NoRoomToExpand => write!(
                f,
                "expanding the data takes {found} bytes, but its segment has {bound}; ELKS does not check this and overwrites what follows: give the program more heap with chmem"
            ),
            Self::UnknownCpu => write!(f, "{:#04x} is no known processor", found >> 24),
            Self::UnknownVersion => write!(f, "version {found} is unknown; ELKS refuses all but 0 and 1"),
            Self::NoText => f.write_str("there is no text, so that nothing can run; ELKS refuses the file"),
            Self::NoFarText => f.write_str("a relocation against far text, but the file has none"),
            Self::EmptyCompressed(section) => {
                write!(f, "{found} stored bytes are given for the {section}, which is empty")
            }
            Self::NotShorter(section) => {
                write!(
                    f,
                    "the compressed {section} takes {found} bytes, no less than the plain one; store it plain"
                )
            }
            Self::Reserved => write!(f, "{found:#x} in a field that is reserved and 0 in every known file"),
            Self::UnknownSymbols => write!(
                f,
                "{found} bytes that are neither an ELKS symbol table nor a multiple of 16 bytes, as nlist symbols are"
            ),
            Self::LongSymbols => {
                write!(f, "the symbol table has {found} bytes, but programs on ELKS read {bound} at most")
            }
            Self::TrailingBytes => write!(
                f,
                "the file has {found} bytes, but its last section ends at {bound}; ELKS looks for a symbol table at the very end of the file"
            ),
        }
    }
}

/// A finding in an a.out file.
pub type AoutFinding = Finding<AoutRule>;

impl AoutRule {
    /// A finding in a field of the header.
    pub(crate) const fn in_header(self, field: AoutField, found: u64, expected: Expected) -> AoutFinding {
        Finding { rule: self, field, offset: field.header_offset(), found, expected }
    }
}
