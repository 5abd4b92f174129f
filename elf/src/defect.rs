use core::fmt;

use execfmt_common::Expected;

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DefectKind {
    /// Not an ELF file.
    NotElf,
    /// The file ends within its header.
    Truncated,
    /// The class, the byte order or the version is none that there is.
    Identification,
    /// A class that the caller does not read.
    Class,
    /// A byte order that the caller does not read.
    ByteOrder,
    /// A file for another machine.
    Machine,
    /// The program headers do not lie within the file.
    SegmentTable,
    /// The program headers are not of the size that they have in a file of this class.
    SegmentHeaderSize,
    /// The section headers do not lie within the file.
    SectionTable,
    /// The section headers are not of the size that they have in a file of this class.
    SectionHeaderSize,
    /// There is no section with the names of the sections.
    NoNames,
    /// A section's name does not begin and end within the names.
    Name,
    /// A section's address and size add up to more than an address holds.
    AddressOverflow,
    /// A section's bytes would lie beyond the end of the file.
    SectionPastEof,
    /// A segment's bytes would lie beyond the end of the file.
    SegmentPastEof,
    /// A segment has more bytes in the file than in memory.
    SegmentFileSize,
    /// A segment ends above the highest address.
    SegmentAddress,
    /// The symbols are not a whole number of records.
    Symbols,
    /// There is no section with the names of the symbols.
    NoSymbolNames,
    /// The relocations are not a whole number of records.
    Relocations,
}

impl DefectKind {
    /// What is wrong, without a full stop.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotElf => "this is not an ELF file",
            Self::Truncated => "the file ends within its header",
            Self::Identification => "the class, byte order or version is unknown",
            Self::Class => "the file is of another class",
            Self::ByteOrder => "the file has the other byte order",
            Self::Machine => "the file is for another machine",
            Self::SegmentTable => "the program headers do not lie within the file",
            Self::SegmentHeaderSize => "the program headers are of another size",
            Self::SectionTable => "the section header table does not lie within the file",
            Self::SectionHeaderSize => "the section headers are of another size",
            Self::NoNames => "there is no section with the names of the sections",
            Self::Name => "the section's name lies outside the string table",
            Self::AddressOverflow => "the section goes beyond the highest address",
            Self::SectionPastEof => "the section goes beyond the end of the file",
            Self::SegmentPastEof => "the segment goes beyond the end of the file",
            Self::SegmentFileSize => "the segment has more bytes in the file than in memory",
            Self::SegmentAddress => "the segment goes beyond the highest address",
            Self::Symbols => "the symbol table is not a whole number of symbols",
            Self::NoSymbolNames => "there is no section with the names of the symbols",
            Self::Relocations => "the relocations are not a whole number of records",
        }
    }
}

/// Something wrong with a file: the field, where it is, what it holds and what it should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// What is wrong.
    pub kind: DefectKind,
    /// The program header that the field is of; `None` for the file header and the section headers.
    pub segment: Option<u32>,
    /// The field, by the name that the ELF specification gives it.
    pub field: &'static str,
    /// Where the field is, in bytes from the start of the file.
    pub offset: u64,
    /// The value found.
    pub found: u64,
    /// The values that would have been fine.
    pub expected: Expected,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, segment, field, offset, found, expected } = self;
        if let Some(index) = segment {
            write!(f, "program header {index} ")?;
        }
        write!(f, "{field} at byte {offset}: {} ({found:#x} found, {expected} expected)", kind.reason())
    }
}

impl core::error::Error for Defect {}
