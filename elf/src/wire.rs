//! The records of an ELF file, of either class and byte order: the one description of their fields.

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

/// How the records of a file are laid out: its class and its byte order.
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

    /// Where a field begins, in bytes from the start of the record. Of a sum of fields, such as `sh_offset + sh_size`,
    /// it is the first that counts; a name that no field has stands for the record's start.
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

/// The records whose fields have the same order in both classes: the addresses, offsets and sizes are words of the class.
macro_rules! records_of_words {
    ($word:ident, $file:ident, $section:ident, $relocation:ident) => {
        records! {
            /// The file header.
            struct $file {
                /// The four bytes that begin the file.
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
                /// The address at which the program starts.
                pub(crate) e_entry: $word<O>,
                /// Where the program headers are in the file.
                pub(crate) e_phoff: $word<O>,
                /// Where the section headers are in the file.
                pub(crate) e_shoff: $word<O>,
                /// What the code asks of its machine.
                pub(crate) e_flags: U32<O>,
                /// The length of this header.
                pub(crate) e_ehsize: U16<O>,
                /// The length of a program header.
                pub(crate) e_phentsize: U16<O>,
                /// The number of program headers.
                pub(crate) e_phnum: U16<O>,
                /// The length of a section header.
                pub(crate) e_shentsize: U16<O>,
                /// The number of section headers.
                pub(crate) e_shnum: U16<O>,
                /// The index of the section with the names of the sections.
                pub(crate) e_shstrndx: U16<O>,
            }
            /// A section header.
            struct $section {
                /// Where the name begins among the names.
                pub(crate) sh_name: U32<O>,
                /// What the section holds.
                pub(crate) sh_type: U32<O>,
                /// Its rights, and more.
                pub(crate) sh_flags: $word<O>,
                /// Where it is loaded.
                pub(crate) sh_addr: $word<O>,
                /// Where its bytes are in the file.
                pub(crate) sh_offset: $word<O>,
                /// The number of its bytes.
                pub(crate) sh_size: $word<O>,
                /// Another section that it goes with.
                pub(crate) sh_link: U32<O>,
                /// More about it.
                pub(crate) sh_info: U32<O>,
                /// What its address is a multiple of.
                pub(crate) sh_addralign: $word<O>,
                /// The length of a record in it.
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

// In program headers and symbols the order is another.
records! {
    /// A program header of 32 bits.
    struct ProgramHeader32 {
        /// What the segment is for.
        pub(crate) p_type: U32<O>,
        /// Where its bytes are in the file.
        pub(crate) p_offset: U32<O>,
        /// Where it is loaded.
        pub(crate) p_vaddr: U32<O>,
        /// Where it is loaded without virtual memory.
        pub(crate) p_paddr: U32<O>,
        /// The number of its bytes in the file.
        pub(crate) p_filesz: U32<O>,
        /// The number of its bytes in memory.
        pub(crate) p_memsz: U32<O>,
        /// Its rights.
        pub(crate) p_flags: U32<O>,
        /// What offset and address are congruent by.
        pub(crate) p_align: U32<O>,
    }
    /// A program header of 64 bits.
    struct ProgramHeader64 {
        /// What the segment is for.
        pub(crate) p_type: U32<O>,
        /// Its rights.
        pub(crate) p_flags: U32<O>,
        /// Where its bytes are in the file.
        pub(crate) p_offset: U64<O>,
        /// Where it is loaded.
        pub(crate) p_vaddr: U64<O>,
        /// Where it is loaded without virtual memory.
        pub(crate) p_paddr: U64<O>,
        /// The number of its bytes in the file.
        pub(crate) p_filesz: U64<O>,
        /// The number of its bytes in memory.
        pub(crate) p_memsz: U64<O>,
        /// What offset and address are congruent by.
        pub(crate) p_align: U64<O>,
    }
    /// A symbol of 32 bits.
    struct Symbol32 {
        /// Where the name begins among the names.
        pub(crate) st_name: U32<O>,
        /// The address.
        pub(crate) st_value: U32<O>,
        /// The size in bytes.
        pub(crate) st_size: U32<O>,
        /// Binding and type.
        pub(crate) st_info: u8,
        /// Who sees it.
        pub(crate) st_other: u8,
        /// The section that it is in.
        pub(crate) st_shndx: U16<O>,
    }
    /// A symbol of 64 bits.
    struct Symbol64 {
        /// Where the name begins among the names.
        pub(crate) st_name: U32<O>,
        /// Binding and type.
        pub(crate) st_info: u8,
        /// Who sees it.
        pub(crate) st_other: u8,
        /// The section that it is in.
        pub(crate) st_shndx: U16<O>,
        /// The address.
        pub(crate) st_value: U64<O>,
        /// The size in bytes.
        pub(crate) st_size: U64<O>,
    }
}
