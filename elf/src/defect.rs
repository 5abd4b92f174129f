use core::fmt;

use execfmt_common::Expected;

/// The kind of defect of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DefectKind {
    /// Not an ELF file.
    NotElf,
    /// The file ends within its header.
    Truncated,
    /// The class, the byte order or the version is invalid.
    Identification,
    /// A class that the caller does not accept.
    Class,
    /// A byte order that the caller does not accept.
    ByteOrder,
    /// A file for another machine.
    Machine,
    /// The program headers are not within the file.
    SegmentTable,
    /// The size of a program header is not that of the file's class.
    SegmentHeaderSize,
    /// The section headers are not within the file.
    SectionTable,
    /// The size of a section header is not that of the file's class.
    SectionHeaderSize,
    /// There is no section with the names of the sections.
    NoNames,
    /// A section's name is not within the string table.
    Name,
    /// A section's address plus its size is beyond the highest address.
    AddressOverflow,
    /// A section's bytes extend past the end of the file.
    SectionPastEof,
    /// A segment's bytes extend past the end of the file.
    SegmentPastEof,
    /// A segment has more bytes in the file than in memory.
    SegmentFileSize,
    /// A segment extends past the highest address.
    SegmentAddress,
    /// The size of the symbol table is not a multiple of that of a symbol.
    Symbols,
    /// There is no section with the names of the symbols.
    NoSymbolNames,
    /// The size of the relocations is not a multiple of that of a relocation.
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
            Self::SegmentTable => "the program headers are not within the file",
            Self::SegmentHeaderSize => "the program headers have the wrong size",
            Self::SectionTable => "the section header table is not within the file",
            Self::SectionHeaderSize => "the section headers have the wrong size",
            Self::NoNames => "no section holds the names of the sections",
            Self::Name => "the section's name is outside the string table",
            Self::AddressOverflow => "the section extends past the highest address",
            Self::SectionPastEof => "the section extends past the end of the file",
            Self::SegmentPastEof => "the segment extends past the end of the file",
            Self::SegmentFileSize => "the segment has more bytes in the file than in memory",
            Self::SegmentAddress => "the segment extends past the highest address",
            Self::Symbols => "the symbol table is not a whole number of symbols",
            Self::NoSymbolNames => "no section holds the names of the symbols",
            Self::Relocations => "the relocations are not a whole number of records",
        }
    }
}

/// A defect of a file: the field, its file offset, the value found and the values expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The kind of defect.
    pub kind: DefectKind,
    /// The program header that contains the field; `None` for the file header and the section headers.
    pub segment: Option<u32>,
    /// The field, by its name in the ELF specification.
    pub field: &'static str,
    /// File offset of the field, in bytes.
    pub offset: u64,
    /// The value found.
    pub found: u64,
    /// The values that would have been accepted.
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
