//! The records of an ELF file, of either class and byte order: the single description of their fields.

use execfmt_common::{ByteOrder, WireField, wire};
use zerocopy::byteorder::{LittleEndian, U16, U32, U64};
use zerocopy::{ByteOrder as Order, FromBytes, Immutable, KnownLayout, Unaligned};

/// The class of an ELF file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// 32 bits.
    Elf32,
    /// 64 bits.
    Elf64,
}

/// The layout of a file's records: its class and its byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// The class.
    pub class: Class,
    /// The byte order.
    pub byte_order: ByteOrder,
}

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Record {
    /// The file header.
    File,
    /// A program header.
    Segment,
    /// A section header.
    Section,
    /// A symbol.
    Symbol,
    /// A relocation without an addend.
    Relocation,
}

impl Record {
    /// The fields, in order.
    pub const fn fields(self, class: Class) -> &'static [WireField] {
        match (self, class) {
            (Self::File, Class::Elf32) => FileHeader32::<LittleEndian>::FIELDS,
            (Self::File, Class::Elf64) => FileHeader64::<LittleEndian>::FIELDS,
            (Self::Segment, Class::Elf32) => ProgramHeader32::<LittleEndian>::FIELDS,
            (Self::Segment, Class::Elf64) => ProgramHeader64::<LittleEndian>::FIELDS,
            (Self::Section, Class::Elf32) => SectionHeader32::<LittleEndian>::FIELDS,
            (Self::Section, Class::Elf64) => SectionHeader64::<LittleEndian>::FIELDS,
            (Self::Symbol, Class::Elf32) => Symbol32::<LittleEndian>::FIELDS,
            (Self::Symbol, Class::Elf64) => Symbol64::<LittleEndian>::FIELDS,
            (Self::Relocation, Class::Elf32) => Relocation32::<LittleEndian>::FIELDS,
            (Self::Relocation, Class::Elf64) => Relocation64::<LittleEndian>::FIELDS,
        }
    }

    /// The length in bytes.
    pub const fn size(self, class: Class) -> usize {
        match (self, class) {
            (Self::File, Class::Elf32) => size_of::<FileHeader32<LittleEndian>>(),
            (Self::File, Class::Elf64) => size_of::<FileHeader64<LittleEndian>>(),
            (Self::Segment, Class::Elf32) => size_of::<ProgramHeader32<LittleEndian>>(),
            (Self::Segment, Class::Elf64) => size_of::<ProgramHeader64<LittleEndian>>(),
            (Self::Section, Class::Elf32) => size_of::<SectionHeader32<LittleEndian>>(),
            (Self::Section, Class::Elf64) => size_of::<SectionHeader64<LittleEndian>>(),
            (Self::Symbol, Class::Elf32) => size_of::<Symbol32<LittleEndian>>(),
            (Self::Symbol, Class::Elf64) => size_of::<Symbol64<LittleEndian>>(),
            (Self::Relocation, Class::Elf32) => size_of::<Relocation32<LittleEndian>>(),
            (Self::Relocation, Class::Elf64) => size_of::<Relocation64<LittleEndian>>(),
        }
    }

    /// Offset of a field in the record, in bytes. For a sum of fields, such as `sh_offset + sh_size`, that of
    /// the first; 0 for an unknown name.
    pub fn offset(self, class: Class, name: &str) -> usize {
        let first = name.split(' ').next().unwrap_or(name);
        self.fields(class).iter().find(|field| field.name == first).map_or(0, |field| field.offset)
    }
}

macro_rules! records {
    ($($(#[doc = $doc:literal])+ struct $name:ident { $($fields:tt)+ })+) => {
        $(wire! {
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, FromBytes, Immutable, KnownLayout, Unaligned)]
            #[repr(C)]
            pub(crate) struct $name<O: Order> { $($fields)+ }
        })+
    };
}

/// The records whose fields have the same order in both classes: addresses, offsets and sizes are words of
/// the class.
macro_rules! records_of_words {
    ($word:ident, $file:ident, $section:ident, $relocation:ident) => {
        records! {
            /// The file header.
            struct $file {
                /// The magic number.
                pub(crate) magic: [u8; 4] = "e_ident",
                /// The class.
                pub(crate) class: u8 = "EI_CLASS",
                /// The byte order.
                pub(crate) data: u8 = "EI_DATA",
                /// The version of the identification.
                pub(crate) version: u8 = "EI_VERSION",
                /// The system whose extensions are used.
                pub(crate) os_abi: u8 = "EI_OSABI",
                /// The version of its binary interface.
                pub(crate) abi_version: u8 = "EI_ABIVERSION",
                /// Zeros.
                pub(crate) pad: [u8; 7] = "EI_PAD",
                /// Object file, program or shared object.
                pub(crate) e_type: U16<O>,
                /// The machine.
                pub(crate) e_machine: U16<O>,
                /// The version of the file.
                pub(crate) e_version: U32<O>,
                /// The entry point.
                pub(crate) e_entry: $word<O>,
                /// File offset of the program headers.
                pub(crate) e_phoff: $word<O>,
                /// File offset of the section headers.
                pub(crate) e_shoff: $word<O>,
                /// Flags that depend on the machine.
                pub(crate) e_flags: U32<O>,
                /// The length of this header in bytes.
                pub(crate) e_ehsize: U16<O>,
                /// The length of a program header in bytes.
                pub(crate) e_phentsize: U16<O>,
                /// The number of program headers.
                pub(crate) e_phnum: U16<O>,
                /// The length of a section header in bytes.
                pub(crate) e_shentsize: U16<O>,
                /// The number of section headers.
                pub(crate) e_shnum: U16<O>,
                /// The index of the section with the names of the sections.
                pub(crate) e_shstrndx: U16<O>,
            }
            /// A section header.
            struct $section {
                /// Offset of the name in the string table.
                pub(crate) sh_name: U32<O>,
                /// The type of the section.
                pub(crate) sh_type: U32<O>,
                /// Its flags.
                pub(crate) sh_flags: $word<O>,
                /// The address at which it is loaded.
                pub(crate) sh_addr: $word<O>,
                /// File offset of its bytes.
                pub(crate) sh_offset: $word<O>,
                /// The number of its bytes.
                pub(crate) sh_size: $word<O>,
                /// Index of a related section.
                pub(crate) sh_link: U32<O>,
                /// More information, depending on the type.
                pub(crate) sh_info: U32<O>,
                /// Its alignment in bytes.
                pub(crate) sh_addralign: $word<O>,
                /// The length of a record in it, in bytes.
                pub(crate) sh_entsize: $word<O>,
            }
            /// A relocation.
            struct $relocation {
                /// The address of what is relocated.
                pub(crate) r_offset: $word<O>,
                /// Symbol and type.
                pub(crate) r_info: $word<O>,
            }
        }
    };
}

records_of_words!(U32, FileHeader32, SectionHeader32, Relocation32);
records_of_words!(U64, FileHeader64, SectionHeader64, Relocation64);

// Program headers and symbols have different field orders in the two classes.
records! {
    /// A 32-bit program header.
    struct ProgramHeader32 {
        /// The type of the segment.
        pub(crate) p_type: U32<O>,
        /// File offset of its bytes.
        pub(crate) p_offset: U32<O>,
        /// The address at which it is loaded.
        pub(crate) p_vaddr: U32<O>,
        /// The physical address, for systems without virtual memory.
        pub(crate) p_paddr: U32<O>,
        /// The number of its bytes in the file.
        pub(crate) p_filesz: U32<O>,
        /// The number of its bytes in memory.
        pub(crate) p_memsz: U32<O>,
        /// Its rights.
        pub(crate) p_flags: U32<O>,
        /// Its alignment: offset and address are congruent modulo this number of bytes.
        pub(crate) p_align: U32<O>,
    }
    /// A 64-bit program header.
    struct ProgramHeader64 {
        /// The type of the segment.
        pub(crate) p_type: U32<O>,
        /// Its rights.
        pub(crate) p_flags: U32<O>,
        /// File offset of its bytes.
        pub(crate) p_offset: U64<O>,
        /// The address at which it is loaded.
        pub(crate) p_vaddr: U64<O>,
        /// The physical address, for systems without virtual memory.
        pub(crate) p_paddr: U64<O>,
        /// The number of its bytes in the file.
        pub(crate) p_filesz: U64<O>,
        /// The number of its bytes in memory.
        pub(crate) p_memsz: U64<O>,
        /// Its alignment: offset and address are congruent modulo this number of bytes.
        pub(crate) p_align: U64<O>,
    }
    /// A 32-bit symbol.
    struct Symbol32 {
        /// Offset of the name in the string table.
        pub(crate) st_name: U32<O>,
        /// The address.
        pub(crate) st_value: U32<O>,
        /// The size in bytes.
        pub(crate) st_size: U32<O>,
        /// Binding and type.
        pub(crate) st_info: u8,
        /// Its visibility.
        pub(crate) st_other: u8,
        /// The index of its section.
        pub(crate) st_shndx: U16<O>,
    }
    /// A 64-bit symbol.
    struct Symbol64 {
        /// Offset of the name in the string table.
        pub(crate) st_name: U32<O>,
        /// Binding and type.
        pub(crate) st_info: u8,
        /// Its visibility.
        pub(crate) st_other: u8,
        /// The index of its section.
        pub(crate) st_shndx: U16<O>,
        /// The address.
        pub(crate) st_value: U64<O>,
        /// The size in bytes.
        pub(crate) st_size: U64<O>,
    }
}
