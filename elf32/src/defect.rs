use execfmt_common::Expected;

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefectKind {
    /// Not an ELF file.
    NotElf,
    /// The file ends within its header.
    Truncated,
    /// A 64-bit file.
    Class64,
    /// A big-endian file.
    BigEndian,
    /// The identification is of no class or version that there is.
    Identification,
    /// A file for another machine.
    Machine,
    /// The section header table does not lie within the file.
    SectionTable,
    /// There is no section with the names of the sections.
    NoNames,
    /// A section's name lies outside of the names.
    Name,
    /// A section's address and size add up to more than 32 bits hold.
    AddressOverflow,
    /// A section's bytes would lie beyond the end of the file.
    SectionPastEof,
}

impl DefectKind {
    /// For the defects of structure that need no advice of a format's own: a reason, without a full stop.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotElf => "this is no ELF file",
            Self::Truncated => "the file ends within its header",
            Self::Class64 => "this is a 64-bit file",
            Self::BigEndian => "this is a big-endian file",
            Self::Identification => "the identification is not that of a 32-bit ELF file of version 1",
            Self::Machine => "the file is for another machine",
            Self::SectionTable => "the section header table does not lie within the file",
            Self::NoNames => "there is no section with the names of the sections",
            Self::Name => "the section's name lies outside the string table",
            Self::AddressOverflow => "the section goes beyond 32-bit addresses",
            Self::SectionPastEof => "the section goes beyond the end of the file",
        }
    }
}

/// Something wrong with a file: the field, where it is, what it holds and what it should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// What is wrong.
    pub kind: DefectKind,
    /// The field, by the name that the ELF specification gives it.
    pub field: &'static str,
    /// Where the field is, in bytes from the start of the file.
    pub offset: u64,
    /// The value found.
    pub found: u64,
    /// The values that would have been fine.
    pub expected: Expected,
}
