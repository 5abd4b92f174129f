//! The contents of records of either class and byte order, as numbers.

use execfmt_common::ByteOrder;
use zerocopy::byteorder::{BigEndian, LittleEndian};
use zerocopy::{ByteOrder as Order, FromBytes, Immutable, KnownLayout, Unaligned};

use crate::wire::{
    Class, FileHeader32, FileHeader64, Layout, ProgramHeader32, ProgramHeader64, Relocation32, Relocation64,
    SectionHeader32, SectionHeader64, Symbol32, Symbol64,
};

macro_rules! numbers {
    ($Numbers:ident, $Narrow:ident, $Wide:ident, |$raw:ident| $numbers:expr) => {
        impl<O: Order> From<&$Narrow<O>> for $Numbers {
            fn from($raw: &$Narrow<O>) -> Self {
                $numbers
            }
        }

        impl<O: Order> From<&$Wide<O>> for $Numbers {
            #[allow(clippy::useless_conversion, reason = "the fields of the other class are narrower")]
            fn from($raw: &$Wide<O>) -> Self {
                $numbers
            }
        }

        impl $Numbers {
            /// From a record's bytes; `None` when there are too few.
            pub(crate) fn read(bytes: &[u8], layout: Layout) -> Option<Self> {
                match (layout.class, layout.byte_order) {
                    (Class::Elf32, ByteOrder::Little) => first::<$Narrow<LittleEndian>, Self>(bytes),
                    (Class::Elf32, ByteOrder::Big) => first::<$Narrow<BigEndian>, Self>(bytes),
                    (Class::Elf64, ByteOrder::Little) => first::<$Wide<LittleEndian>, Self>(bytes),
                    (Class::Elf64, ByteOrder::Big) => first::<$Wide<BigEndian>, Self>(bytes),
                }
            }
        }
    };
}

fn first<'a, Raw, Numbers>(bytes: &'a [u8]) -> Option<Numbers>
where
    Raw: FromBytes + Immutable + KnownLayout + Unaligned + 'a,
    Numbers: From<&'a Raw>,
{
    Raw::ref_from_prefix(bytes).ok().map(|(raw, _)| Numbers::from(raw))
}

/// The numbers of the file header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileNumbers {
    /// `EI_OSABI`.
    pub os_abi: u8,
    /// `EI_ABIVERSION`.
    pub abi_version: u8,
    /// `e_type`.
    pub kind: u16,
    /// `e_machine`.
    pub machine: u16,
    /// `e_entry`.
    pub entry: u64,
    /// `e_flags`.
    pub flags: u32,
    /// `e_phoff`.
    pub segments_offset: u64,
    /// `e_phentsize`.
    pub segment_size: u16,
    /// `e_phnum`.
    pub segments: u16,
    /// `e_shoff`.
    pub sections_offset: u64,
    /// `e_shentsize`.
    pub section_size: u16,
    /// `e_shnum`.
    pub sections: u16,
    /// `e_shstrndx`.
    pub names: u16,
}

numbers!(FileNumbers, FileHeader32, FileHeader64, |raw| FileNumbers {
    os_abi: raw.os_abi,
    abi_version: raw.abi_version,
    kind: raw.e_type.get(),
    machine: raw.e_machine.get(),
    entry: raw.e_entry.get().into(),
    flags: raw.e_flags.get(),
    segments_offset: raw.e_phoff.get().into(),
    segment_size: raw.e_phentsize.get(),
    segments: raw.e_phnum.get(),
    sections_offset: raw.e_shoff.get().into(),
    section_size: raw.e_shentsize.get(),
    sections: raw.e_shnum.get(),
    names: raw.e_shstrndx.get(),
});

/// The numbers of a program header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SegmentNumbers {
    /// `p_type`.
    pub kind: u32,
    /// `p_flags`.
    pub flags: u32,
    /// `p_offset`.
    pub file_offset: u64,
    /// `p_vaddr`.
    pub address: u64,
    /// `p_filesz`.
    pub file_size: u64,
    /// `p_memsz`.
    pub memory_size: u64,
}

numbers!(SegmentNumbers, ProgramHeader32, ProgramHeader64, |raw| SegmentNumbers {
    kind: raw.p_type.get(),
    flags: raw.p_flags.get(),
    file_offset: raw.p_offset.get().into(),
    address: raw.p_vaddr.get().into(),
    file_size: raw.p_filesz.get().into(),
    memory_size: raw.p_memsz.get().into(),
});

/// The numbers of a section header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SectionNumbers {
    /// `sh_name`.
    pub name: u32,
    /// `sh_type`.
    pub kind: u32,
    /// `sh_flags`.
    pub flags: u64,
    /// `sh_addr`.
    pub address: u64,
    /// `sh_offset`.
    pub file_offset: u64,
    /// `sh_size`.
    pub size: u64,
    /// `sh_link`.
    pub link: u32,
    /// `sh_info`.
    pub info: u32,
    /// `sh_addralign`.
    pub align: u64,
    /// `sh_entsize`.
    pub entry_size: u64,
}

numbers!(SectionNumbers, SectionHeader32, SectionHeader64, |raw| SectionNumbers {
    name: raw.sh_name.get(),
    kind: raw.sh_type.get(),
    flags: raw.sh_flags.get().into(),
    address: raw.sh_addr.get().into(),
    file_offset: raw.sh_offset.get().into(),
    size: raw.sh_size.get().into(),
    link: raw.sh_link.get(),
    info: raw.sh_info.get(),
    align: raw.sh_addralign.get().into(),
    entry_size: raw.sh_entsize.get().into(),
});

/// The numbers of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SymbolNumbers {
    /// `st_name`.
    pub name: u32,
    /// `st_value`.
    pub value: u64,
    /// `st_size`.
    pub size: u64,
    /// `st_info`.
    pub info: u8,
    /// `st_shndx`.
    pub section: u16,
}

numbers!(SymbolNumbers, Symbol32, Symbol64, |raw| SymbolNumbers {
    name: raw.st_name.get(),
    value: raw.st_value.get().into(),
    size: raw.st_size.get().into(),
    info: raw.st_info,
    section: raw.st_shndx.get(),
});

/// The numbers of a relocation without an addend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelocationNumbers {
    /// `r_offset`.
    pub address: u64,
    /// `r_info`: symbol and type.
    pub info: u64,
}

numbers!(RelocationNumbers, Relocation32, Relocation64, |raw| RelocationNumbers {
    address: raw.r_offset.get().into(),
    info: raw.r_info.get().into(),
});
