use core::fmt;

use execfmt_common::Detail;

/// A part of the file after the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// Code reached by near calls; the program starts in it.
    Text,
    /// Code reached by far calls (medium model).
    FarText,
    /// Initialised data.
    Data,
    /// Relocations of the text.
    TextRelocations,
    /// Relocations of the far text.
    FarTextRelocations,
    /// Relocations of the data.
    DataRelocations,
    /// The symbol table.
    Symbols,
}

impl Section {
    /// All, in file order.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::FarText,
        Self::Data,
        Self::TextRelocations,
        Self::FarTextRelocations,
        Self::DataRelocations,
        Self::Symbols,
    ];

    /// The sections that are loaded, in file order.
    pub const LOADED: [Self; 3] = [Self::Text, Self::FarText, Self::Data];

    /// The name used in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::FarText => "far text",
            Self::Data => "data",
            Self::TextRelocations => "text relocations",
            Self::FarTextRelocations => "far text relocations",
            Self::DataRelocations => "data relocations",
            Self::Symbols => "symbols",
        }
    }

    /// The relocations of a loaded section.
    pub const fn relocations(self) -> Option<Self> {
        match self {
            Self::Text => Some(Self::TextRelocations),
            Self::FarText => Some(Self::FarTextRelocations),
            Self::Data => Some(Self::DataRelocations),
            _ => None,
        }
    }
}

impl Detail for Section {
    /// The position in [`Section::ALL`].
    fn number(self) -> u32 {
        match self {
            Self::Text => 0,
            Self::FarText => 1,
            Self::Data => 2,
            Self::TextRelocations => 3,
            Self::FarTextRelocations => 4,
            Self::DataRelocations => 5,
            Self::Symbols => 6,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.number() == number)
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
