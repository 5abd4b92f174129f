//! The fields that findings name, each taken from the wire struct that contains it.

use core::fmt;
use core::mem::{offset_of, size_of};

use zerocopy::byteorder::LittleEndian;

use crate::relocation::Reloc;
use crate::section::Section;
use crate::wire::{ExecHeader, FarSupplement, RelocSupplement};

type Exec = ExecHeader<LittleEndian>;
type First = RelocSupplement<LittleEndian>;
type Second = FarSupplement<LittleEndian>;
type Record = Reloc<LittleEndian>;

/// Offset of each record of the header, in bytes.
const EXEC: usize = 0;
const FIRST: usize = size_of::<Exec>();
const SECOND: usize = FIRST + size_of::<First>();

macro_rules! fields {
    ($($(#[doc = $doc:literal])+ $name:ident = $start:ident, $record:ident.$field:ident;)+) => {
        /// A field of an a.out file. Displayed by its name in the format's headers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum AoutField {
            /// The file as a whole; the value is its length in bytes.
            FileLength,
            /// The first word: magic, flags and cpu.
            Type,
            $($(#[doc = $doc])+ $name,)+
            /// The address in its own section that a relocation of that section changes.
            RelocationVaddr(Section),
            /// The segment of a relocation of that section.
            RelocationSymndx(Section),
            /// The type of a relocation of that section.
            RelocationType(Section),
            /// The symbol table's bytes.
            SymbolTable,
        }

        impl AoutField {
            /// The fields of the header, in its order.
            pub const HEADER: &'static [Self] = &[Self::Type, $(Self::$name),+];

            /// Offset of a field of the header, in bytes; `None` for other fields.
            pub const fn in_header(self) -> Option<u64> {
                Some(match self {
                    Self::Type => 0,
                    $(Self::$name => ($start + offset_of!($record, $field)) as u64,)+
                    _ => return None,
                })
            }

            const fn name(self) -> &'static str {
                match self {
                    Self::FileLength => "file length",
                    Self::Type => "type",
                    $(Self::$name => stringify!($field),)+
                    Self::RelocationVaddr(_) => "vaddr",
                    Self::RelocationSymndx(_) => "symndx",
                    Self::RelocationType(_) => "type",
                    Self::SymbolTable => "symbol table",
                }
            }
        }
    };
}

fields! {
    /// Size of the header.
    Hlen = EXEC, Exec.hlen;
    /// Reserved byte.
    Reserved1 = EXEC, Exec.reserved1;
    /// Version.
    Version = EXEC, Exec.version;
    /// Size of the text.
    Tseg = EXEC, Exec.tseg;
    /// Size of the data.
    Dseg = EXEC, Exec.dseg;
    /// Size of the bss.
    Bseg = EXEC, Exec.bseg;
    /// Entry point.
    Entry = EXEC, Exec.entry;
    /// Heap, or data memory in total.
    Chmem = EXEC, Exec.chmem;
    /// Stack.
    Minstack = EXEC, Exec.minstack;
    /// Size of the symbol table.
    Syms = EXEC, Exec.syms;
    /// Size of the text relocations.
    Trsize = FIRST, First.trsize;
    /// Size of the data relocations.
    Drsize = FIRST, First.drsize;
    /// Base of the text.
    Tbase = FIRST, First.tbase;
    /// Base of the data.
    Dbase = FIRST, First.dbase;
    /// Size of the far text.
    Ftseg = SECOND, Second.ftseg;
    /// Size of the far text relocations.
    Ftrsize = SECOND, Second.ftrsize;
    /// Stored size of the text.
    ComprTseg = SECOND, Second.compr_tseg;
    /// Stored size of the data.
    ComprDseg = SECOND, Second.compr_dseg;
    /// Stored size of the far text.
    ComprFtseg = SECOND, Second.compr_ftseg;
    /// Reserved word of the supplement.
    Reserved = SECOND, Second.reserved;
}

impl AoutField {
    /// Offset of a field of the header in bytes; 0 for other fields.
    pub const fn header_offset(self) -> u64 {
        match self.in_header() {
            Some(offset) => offset,
            None => 0,
        }
    }

    /// Offset of a field within the record of a relocation, in bytes; 0 for other fields.
    pub(crate) const fn record_offset(self) -> u64 {
        (match self {
            Self::RelocationSymndx(_) => offset_of!(Record, symndx),
            Self::RelocationType(_) => offset_of!(Record, r#type),
            _ => offset_of!(Record, vaddr),
        }) as u64
    }

    /// The header field that holds the number of bytes that a section takes in the file.
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
        match self {
            Self::RelocationVaddr(section)
            | Self::RelocationSymndx(section)
            | Self::RelocationType(section) => {
                write!(f, "{section} relocation {}", self.name())
            }
            _ => f.write_str(self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layout table of the format, written by hand.
    #[test]
    fn fields_are_where_the_format_has_them() {
        let offsets = [0, 4, 5, 6, 8, 12, 16, 20, 24, 26, 28, 32, 36, 40, 44, 48, 52, 56, 58, 60, 62];
        let found: std::vec::Vec<_> = AoutField::HEADER.iter().map(|field| field.header_offset()).collect();
        assert_eq!(found, offsets);
        let record = [AoutField::RelocationVaddr, AoutField::RelocationSymndx, AoutField::RelocationType];
        assert_eq!(record.map(|field| field(Section::Text).record_offset()), [0, 4, 6]);
        assert_eq!(Exec::FIELDS[1].name, "flags");
        assert_eq!((Record::FIELDS[2].name, Record::FIELDS[2].offset), ("type", 6));
    }
}
