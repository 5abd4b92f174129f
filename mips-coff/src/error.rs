//! The errors and warnings of a file: one table.

use core::fmt;
use core::mem::offset_of;

use execfmt_common::{Advice, Expected, Finding, Target, WireField, rules};
use execfmt_detect::{Magic, MagicBytes};
use zerocopy::byteorder::LittleEndian;

use crate::wire;

/// A field of a section header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SectionField {
    /// `s_name`
    Name,
    /// `s_paddr`
    Paddr,
    /// `s_vaddr`
    Vaddr,
    /// `s_size`
    Size,
    /// `s_scnptr`
    Scnptr,
    /// `s_nreloc`
    Nreloc,
    /// `s_flags`
    Flags,
}

impl SectionField {
    /// The field's name in the format's headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "s_name",
            Self::Paddr => "s_paddr",
            Self::Vaddr => "s_vaddr",
            Self::Size => "s_size",
            Self::Scnptr => "s_scnptr",
            Self::Nreloc => "s_nreloc",
            Self::Flags => "s_flags",
        }
    }

    /// Offset in the section header, in bytes.
    pub const fn offset(self) -> u64 {
        type Wire = wire::SectionHeader<LittleEndian>;
        let offset = match self {
            Self::Name => offset_of!(Wire, s_name),
            Self::Paddr => offset_of!(Wire, s_paddr),
            Self::Vaddr => offset_of!(Wire, s_vaddr),
            Self::Size => offset_of!(Wire, s_size),
            Self::Scnptr => offset_of!(Wire, s_scnptr),
            Self::Nreloc => offset_of!(Wire, s_nreloc),
            Self::Flags => offset_of!(Wire, s_flags),
        };
        offset as u64
    }
}

/// A field of a COFF file. Displayed as `f_magic`, `optional header magic`, `section 2 s_vaddr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CoffField {
    /// The file as a whole; the value is its length in bytes.
    FileLength,
    /// A field of the file header.
    File(&'static str),
    /// A field of the optional header.
    Optional(&'static str),
    /// A field of a section header; sections are numbered from 0.
    Section(u16, SectionField),
    /// A field of the symbolic header.
    Symbolic(&'static str),
}

impl CoffField {
    /// A field of the file header by its name, and its offset in the file.
    pub fn file(name: &'static str) -> (Self, u64) {
        (Self::File(name), offset_in(wire::FileHeader::<LittleEndian>::FIELDS, name))
    }

    /// A field of the optional header by its name, and its offset in the file.
    pub fn optional(name: &'static str) -> (Self, u64) {
        let within = offset_in(wire::OptionalHeader::<LittleEndian>::FIELDS, name);
        (Self::Optional(name), within.saturating_add(wire::FILE_HEADER_SIZE.into()))
    }

    /// A field of the symbolic header by its name, and its offset in that header.
    pub fn symbolic(name: &'static str) -> (Self, u64) {
        (Self::Symbolic(name), offset_in(wire::SymbolicHeader::<LittleEndian>::FIELDS, name))
    }
}

fn offset_in(fields: &[WireField], name: &str) -> u64 {
    fields.iter().find(|field| field.name == name).map_or(0, |field| field.offset as u64)
}

impl fmt::Display for CoffField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileLength => f.write_str("file length"),
            Self::File(name) => f.write_str(name),
            Self::Optional(name) => write!(f, "optional header {name}"),
            Self::Section(index, field) => write!(f, "section {index} {}", field.name()),
            Self::Symbolic(name) => write!(f, "symbolic header {name}"),
        }
    }
}

/// A finding in a COFF file.
pub type CoffFinding = Finding<CoffRule>;

impl CoffRule {
    /// A finding of this rule.
    pub(crate) const fn finding(
        self,
        field: CoffField,
        offset: u64,
        found: u64,
        expected: Expected,
    ) -> CoffFinding {
        Finding { rule: self, field, offset, found, expected }
    }
}

rules! {
    /// The rules that a MIPS COFF file can break. 700 to 714: of every reader; 715 to 724: of the converters
    /// (`coff2noff`); 725 to 739: of Nachos 5.0j's loader, determined by running its Java machine.
    pub enum CoffRule for CoffField, in coff_facts {
        /// The file is shorter than its headers.
        Truncated = 700, EXECFMT_COFF_E_TRUNCATED, Error, "truncated", "COFF: the file is shorter than its headers",
            |finding, f| write!(f, "the file has {} bytes, but its headers need {}", finding.found, finding.expected.bound());
        /// The magic number is not that of MIPS COFF, 0x0162 or, big-endian, 0x0160. `detail` is the file's
        /// first four bytes, from which its actual format may be recognised.
        WrongMagic(start: MagicBytes) = 701, EXECFMT_COFF_E_MAGIC, Error, "wrong_magic", "COFF: the magic number is not that of MIPS COFF",
            |finding, f| {
                write!(f, "{:#06x} is not the magic number of MIPS COFF, {:#06x}", finding.found, finding.expected.bound())?;
                match start.magic() {
                    // MIPS II or III, which no Nachos kernel loads.
                    Magic::Unknown | Magic::MipsCoff(_) => Ok(()),
                    like => write!(f, "; this is {like}"),
                }
            },
            advice match start.magic() {
                Magic::Elf => Some(Advice::Convert(Target::Coff)),
                Magic::MipsCoff(_) => Some(Advice::CompileForMips1),
                like => like.advice(),
            };
        /// A section's addresses go beyond 32 bits.
        AddressOverflow = 702, EXECFMT_COFF_E_ADDRESS_OVERFLOW, Error, "address_overflow", "COFF: a section's addresses go beyond 32 bits",
            |finding, f| write!(f, "the section at {:#x} goes beyond 32-bit addresses; expected a start of at most {:#x}", finding.found, finding.expected.bound());
        /// A section's bytes extend past the end of the file.
        SectionPastEof = 703, EXECFMT_COFF_E_SECTION_PAST_EOF, Error, "section_past_eof", "COFF: a section's bytes extend past the end of the file",
            |finding, f| write!(f, "the section's bytes extend past the end of the file: found {}, expected {}", finding.found, finding.expected);
        /// All sections are empty.
        NoSections = 704, EXECFMT_COFF_E_NO_SECTIONS, Error, "no_sections", "COFF: all sections are empty",
            |_finding, f| f.write_str("all sections are empty");
        /// Two sections share addresses.
        SectionsOverlap = 705, EXECFMT_COFF_W_SECTIONS_OVERLAP, Warning, "sections_overlap", "COFF: two sections share addresses",
            |finding, f| write!(f, "the section at {:#x} overlaps one that ends at {:#x}", finding.found, finding.expected.bound());
        /// The physical and the virtual address differ: the converters use the former, Nachos 5.0j the
        /// latter.
        TwoAddresses = 706, EXECFMT_COFF_W_TWO_ADDRESSES, Warning, "two_addresses", "COFF: a section's physical and virtual addresses differ",
            |finding, f| write!(f, "the virtual address is {:#x}, the physical address {:#x}: Nachos 5.0j uses the former, the converters the latter", finding.found, finding.expected.bound());
        /// The entry point is not in a section that has bytes in the file.
        EntryWithoutBytes = 707, EXECFMT_COFF_W_ENTRY, Warning, "entry_without_bytes", "COFF: the file has no bytes at the entry point",
            |finding, f| write!(f, "the program starts at {:#x}, where no section has bytes in the file", finding.found);
        /// The symbols cannot be read. No loader reads them.
        SymbolTable = 708, EXECFMT_COFF_W_SYMBOL_TABLE, Warning, "symbol_table", "COFF: the symbols cannot be read",
            |finding, f| write!(f, "the symbols cannot be read: found {:#x}, expected {}", finding.found, finding.expected);
        /// The optional header is too short to be that of a program.
        OptionalHeaderSize = 715, EXECFMT_COFF_E_OPTIONAL_SIZE, Error, "optional_header_size", "COFF: the optional header is too short; the file is not linked",
            |finding, f| write!(f, "the optional header has {} bytes, expected {}: not a linked program", finding.found, finding.expected.bound());
        /// The converters take only programs linked with `-N` (OMAGIC).
        OptionalMagic = 716, EXECFMT_COFF_E_OPTIONAL_MAGIC, Error, "optional_magic", "COFF: not an OMAGIC file, the only kind that the converters accept",
            |finding, f| write!(f, "{:#o} is not OMAGIC, {:#o}, the only magic that the converters accept: link with -N", finding.found, finding.expected.bound());
        /// A converter to three segments refuses a file in which both data and constants are not empty.
        DataAndRdata = 717, EXECFMT_COFF_E_DATA_AND_RDATA, Error, "data_and_rdata", "COFF: both .data and .rdata have contents, which three segments cannot express",
            |finding, f| write!(f, "both .data and .rdata have contents; a converter to three segments accepts only one of them"),
            advice Advice::FourSegments;
        /// A section whose name the converters do not know.
        UnknownSection = 718, EXECFMT_COFF_W_UNKNOWN_SECTION, Warning, "unknown_section", "COFF: the converters do not know a section",
            |finding, f| write!(f, "the converters do not know this section of {} bytes: some stop, others omit it", finding.found);
        /// The converters drop the entry point: a NOFF program starts at 0.
        EntryNotKept = 719, EXECFMT_COFF_W_ENTRY_NOT_KEPT, Warning, "entry_not_kept", "COFF: the entry point is not 0, and NOFF has no field for it",
            |finding, f| write!(f, "the entry point is {:#x}, but NOFF has no field for it: most kernels start at 0", finding.found);
        /// The converters read little-endian files only.
        BigEndian = 720, EXECFMT_COFF_E_BIG_ENDIAN, Error, "big_endian", "COFF: the file is big-endian",
            |finding, f| write!(f, "the file is big-endian ({:#06x}), expected little-endian ({:#06x})", finding.found, finding.expected.bound());
        /// Nachos 5.0j reads 48 bytes before anything else.
        TooShort5j = 725, EXECFMT_COFF_E_5J_LENGTH, Error, "nachos5j_length", "COFF: shorter than what Nachos 5.0j reads first",
            |finding, f| write!(f, "the file has {} bytes, but Nachos 5.0j begins by reading {}", finding.found, finding.expected.bound());
        /// Nachos 5.0j accepts 2 to 10 sections.
        SectionCount5j = 726, EXECFMT_COFF_E_5J_SECTIONS, Error, "nachos5j_section_count", "COFF: Nachos 5.0j accepts 2 to 10 sections",
            |finding, f| write!(f, "{} sections; Nachos 5.0j accepts {} to {}", finding.found, crate::nachos5j::MIN_SECTIONS, crate::nachos5j::MAX_SECTIONS);
        /// Nachos 5.0j accepts linked files without relocations: bits 0 and 1 of the flags.
        NotLinked5j = 727, EXECFMT_COFF_E_5J_FLAGS, Error, "nachos5j_not_linked", "COFF: Nachos 5.0j accepts only linked files without relocations",
            |finding, f| write!(f, "{:#x} lacks bit 0 (no relocations) or bit 1 (linked): not a linked program", finding.found);
        /// Nachos 5.0j refuses a section with relocations.
        Relocations5j = 728, EXECFMT_COFF_E_5J_RELOCATIONS, Error, "nachos5j_relocations", "COFF: Nachos 5.0j refuses a section with relocations",
            |finding, f| write!(f, "{} relocations remain; Nachos 5.0j applies none", finding.found);
        /// Nachos 5.0j recognises text, data, bss and constants by their flags, and nothing else.
        SectionFlags5j = 729, EXECFMT_COFF_E_5J_SECTION_FLAGS, Error, "nachos5j_section_flags", "COFF: Nachos 5.0j does not recognise a section's flags",
            |finding, f| write!(f, "the lowest 12 bits of {:#x} are not 0x20 (text), 0x40 (data), 0x80 (bss) or 0x100 (constants)", finding.found);
        /// Nachos 5.0j requires each section to begin at the start of a page of 1024 bytes.
        Unaligned5j = 730, EXECFMT_COFF_E_5J_UNALIGNED, Error, "nachos5j_unaligned", "COFF: a section is not aligned to the pages of Nachos 5.0j",
            |finding, f| write!(f, "the section begins at {:#x}, not at the start of a page of {} bytes", finding.found, finding.expected.bound()),
            advice Advice::Convert(Target::Coff);
        /// Nachos 5.0j reads a size as a signed number.
        NegativeSize5j = 731, EXECFMT_COFF_E_5J_NEGATIVE_SIZE, Error, "nachos5j_negative_size", "COFF: a section's size is negative to Nachos 5.0j",
            |finding, f| write!(f, "a size of {:#x} is negative to Nachos 5.0j", finding.found);
        /// Nachos 5.0j requires each section to begin at the page after the one before, from page 0 on, empty
        /// sections included.
        Fragmented5j = 732, EXECFMT_COFF_E_5J_FRAGMENTED, Error, "nachos5j_fragmented", "COFF: the sections are not contiguous pages (\"fragmented executable\")",
            |finding, f| write!(f, "the section begins at page {}, but the next page in order is {} (\"fragmented executable\")", finding.found, finding.expected.bound()),
            advice Advice::Convert(Target::Coff);
        /// Many copies of Nachos 5.0j load the last page of such a section as zeros.
        LastPage5j = 733, EXECFMT_COFF_W_5J_LAST_PAGE, Warning, "nachos5j_last_page", "COFF: many copies of Nachos 5.0j lose the last page of a section of whole pages",
            |finding, f| write!(f, "the size, {:#x}, is a multiple of {}: many copies of Nachos 5.0j load the last page as zeros; 16 bytes more avoid it", finding.found, crate::nachos5j::PAGE_SIZE);
        /// The program, its stack and its arguments need more frames than the machine has.
        TooManyPages5j = 734, EXECFMT_COFF_E_5J_PAGES, Error, "nachos5j_pages", "COFF: the program needs more frames than the machine has",
            |finding, f| write!(f, "with stack and arguments the program needs {} pages, but the machine has {} frames", finding.found, finding.expected.bound());
    }
}
