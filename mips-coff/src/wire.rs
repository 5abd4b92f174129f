//! The records as they are in the file, generic over the byte order `O`: the single definition for reading
//! and building.
//!
//! Sources: `coff.h` of the converters, whose field names are used here; 373 real files.

use core::mem::{offset_of, size_of};

use execfmt_common::wire;
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{LittleEndian, U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// `f_magic` of little-endian MIPS I files: the bytes 62 01.
pub const MAGIC_LITTLE: u16 = 0x0162;

/// `f_magic` of big-endian MIPS I files: the bytes 01 60.
pub const MAGIC_BIG: u16 = 0x0160;

/// `f_flags`: no relocations are left.
pub const F_RELFLG: u16 = 0x0001;

/// `f_flags`: linked, ready to run.
pub const F_EXEC: u16 = 0x0002;

/// `f_flags`: no line numbers are left.
pub const F_LNNO: u16 = 0x0004;

/// `f_flags`: the words are those of a little-endian 32-bit machine.
pub const F_AR32WR: u16 = 0x0100;

/// The optional header's `magic` of a program linked with `-N`: text is writable, nothing is page-aligned.
pub const OMAGIC: u16 = 0o407;

/// The optional header's `magic` of a program with read-only text.
pub const NMAGIC: u16 = 0o410;

/// The optional header's `magic` of a program that is demand-paged from its file.
pub const ZMAGIC: u16 = 0o413;

/// `s_flags`: instructions.
pub const STYP_TEXT: u32 = 0x20;
/// `s_flags`: initialised data.
pub const STYP_DATA: u32 = 0x40;
/// `s_flags`: zeroed data.
pub const STYP_BSS: u32 = 0x80;
/// `s_flags`: constants.
pub const STYP_RDATA: u32 = 0x100;
/// `s_flags`: initialised data reached through `$gp`.
pub const STYP_SDATA: u32 = 0x200;
/// `s_flags`: zeroed data reached through `$gp`.
pub const STYP_SBSS: u32 = 0x400;
/// `s_flags`: instructions of `.fini`.
pub const STYP_FINI: u32 = 0x0100_0000;
/// `s_flags`: comments, which no loader loads.
pub const STYP_COMMENT: u32 = 0x0210_0000;
/// `s_flags`: constants of eight bytes.
pub const STYP_LIT8: u32 = 0x0800_0000;
/// `s_flags`: constants of four bytes.
pub const STYP_LIT4: u32 = 0x1000_0000;
/// `s_flags`: instructions of `.init`.
pub const STYP_INIT: u32 = 0x8000_0000;

wire! {
    /// The file header: 20 bytes at the start.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct FileHeader<O: zerocopy::ByteOrder> {
        /// 0x0162 for little-endian MIPS I, 0x0160 for big-endian.
        pub f_magic: U16<O>,
        /// Number of sections.
        pub f_nscns: U16<O>,
        /// When the file was made, in seconds since 1970-01-01 00:00 UTC.
        pub f_timdat: U32<O>,
        /// File offset of the symbolic header; 0 without symbols.
        pub f_symptr: U32<O>,
        /// Size of the symbolic header in bytes.
        pub f_nsyms: U32<O>,
        /// Size of the optional header in bytes: 56.
        pub f_opthdr: U16<O>,
        /// Bit 0: no relocations; bit 1: linked; bit 2: no line numbers; bit 8: 32-bit little-endian.
        pub f_flags: U16<O>,
    }
}

wire! {
    /// The optional header: 56 bytes, at byte 20.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct OptionalHeader<O: zerocopy::ByteOrder> {
        /// 0407 octal (OMAGIC) for a program linked with `-N`.
        pub magic: U16<O>,
        /// Version of the tool that wrote the file.
        pub vstamp: U16<O>,
        /// Size of the text in bytes.
        pub tsize: U32<O>,
        /// Size of the initialised data in bytes, constants included.
        pub dsize: U32<O>,
        /// Size of the zeroed data in bytes.
        pub bsize: U32<O>,
        /// Address at which the program starts.
        pub entry: U32<O>,
        /// Address of the text.
        pub text_start: U32<O>,
        /// Address of the initialised data, constants included.
        pub data_start: U32<O>,
        /// Address of the zeroed data.
        pub bss_start: U32<O>,
        /// General registers in use.
        pub gprmask: U32<O>,
        /// Registers of coprocessor 0 in use.
        pub cprmask0: U32<O>,
        /// Registers of coprocessor 1 in use.
        pub cprmask1: U32<O>,
        /// Registers of coprocessor 2 in use.
        pub cprmask2: U32<O>,
        /// Registers of coprocessor 3 in use.
        pub cprmask3: U32<O>,
        /// The value of `$gp`.
        pub gp_value: U32<O>,
    }
}

wire! {
    /// A section header: 40 bytes, after the optional header.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct SectionHeader<O: zerocopy::ByteOrder> {
        /// The name, padded with zeros; a name of eight characters has no terminator.
        pub s_name: [u8; 8],
        /// Physical address: the one that the converters use.
        pub s_paddr: U32<O>,
        /// Virtual address: the one that Nachos 5.0j uses; equal to `s_paddr` in all real files.
        pub s_vaddr: U32<O>,
        /// Size in bytes.
        pub s_size: U32<O>,
        /// File offset of the section's bytes.
        pub s_scnptr: U32<O>,
        /// File offset of its relocations.
        pub s_relptr: U32<O>,
        /// File offset of its line numbers.
        pub s_lnnoptr: U32<O>,
        /// Number of relocations.
        pub s_nreloc: U16<O>,
        /// Number of line numbers.
        pub s_nlnno: U16<O>,
        /// What the section holds: 0x20 text, 0x40 data, 0x80 bss, 0x100 constants.
        pub s_flags: U32<O>,
    }
}

/// `magicSym`, the first word of every symbolic header.
pub const SYMBOLIC_MAGIC: u16 = 0x7009;

wire! {
    /// The symbolic header, at file offset `f_symptr`: 96 bytes. For each table it has a number of entries
    /// and a file offset.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct SymbolicHeader<O: zerocopy::ByteOrder> {
        /// 0x7009.
        pub magic: U16<O>,
        /// Version of the tool that wrote the tables.
        pub vstamp: U16<O>,
        /// Number of line numbers.
        pub iline_max: U32<O> = "ilineMax",
        /// Size of the packed line numbers in bytes.
        pub cb_line: U32<O> = "cbLine",
        /// File offset of the line numbers.
        pub cb_line_offset: U32<O> = "cbLineOffset",
        /// Number of dense numbers.
        pub idn_max: U32<O> = "idnMax",
        /// File offset of the dense numbers.
        pub cb_dn_offset: U32<O> = "cbDnOffset",
        /// Number of procedures.
        pub ipd_max: U32<O> = "ipdMax",
        /// File offset of the procedures.
        pub cb_pd_offset: U32<O> = "cbPdOffset",
        /// Number of local symbols.
        pub isym_max: U32<O> = "isymMax",
        /// File offset of the local symbols.
        pub cb_sym_offset: U32<O> = "cbSymOffset",
        /// Number of entries of the optimisation table.
        pub iopt_max: U32<O> = "ioptMax",
        /// File offset of the optimisation table.
        pub cb_opt_offset: U32<O> = "cbOptOffset",
        /// Number of auxiliary entries.
        pub iaux_max: U32<O> = "iauxMax",
        /// File offset of the auxiliary entries.
        pub cb_aux_offset: U32<O> = "cbAuxOffset",
        /// Size of the string table of local symbols in bytes.
        pub iss_max: U32<O> = "issMax",
        /// File offset of the string table of local symbols.
        pub cb_ss_offset: U32<O> = "cbSsOffset",
        /// Size of the string table of external symbols in bytes.
        pub iss_ext_max: U32<O> = "issExtMax",
        /// File offset of the string table of external symbols.
        pub cb_ss_ext_offset: U32<O> = "cbSsExtOffset",
        /// Number of file descriptors, one per source file.
        pub ifd_max: U32<O> = "ifdMax",
        /// File offset of the file descriptors.
        pub cb_fd_offset: U32<O> = "cbFdOffset",
        /// Number of relative file descriptors.
        pub crfd: U32<O>,
        /// File offset of the relative file descriptors.
        pub cb_rfd_offset: U32<O> = "cbRfdOffset",
        /// Number of external symbols.
        pub iext_max: U32<O> = "iextMax",
        /// File offset of the external symbols.
        pub cb_ext_offset: U32<O> = "cbExtOffset",
    }
}

wire! {
    /// An external symbol: 16 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct ExternalSymbol<O: zerocopy::ByteOrder> {
        /// Flags, which link editors use.
        pub bits: [u8; 2],
        /// Index of the file descriptor of its source file.
        pub ifd: U16<O>,
        /// Offset of its name in the string table of external symbols.
        pub iss: U32<O>,
        /// Its value: an address, unless it is absolute.
        pub value: U32<O>,
        /// 6 bits of type, 5 of storage class, 1 reserved, 20 of index: from the least significant bit up in
        /// little-endian files, from the most significant bit down in big-endian files.
        pub type_class_index: U32<O> = "st, sc, index",
    }
}

/// Storage class: no value.
pub const SC_NIL: u8 = 0;
/// Storage class: in `.text`.
pub const SC_TEXT: u8 = 1;
/// Storage class: in `.data`.
pub const SC_DATA: u8 = 2;
/// Storage class: in `.bss`.
pub const SC_BSS: u8 = 3;
/// Storage class: a number that is not an address.
pub const SC_ABS: u8 = 5;
/// Storage class: defined elsewhere.
pub const SC_UNDEFINED: u8 = 6;
/// Storage class: in `.sdata`.
pub const SC_SDATA: u8 = 13;
/// Storage class: in `.sbss`.
pub const SC_SBSS: u8 = 14;
/// Storage class: in `.rdata`.
pub const SC_RDATA: u8 = 15;
/// Storage class: not yet allocated.
pub const SC_COMMON: u8 = 17;
/// Storage class: not yet allocated, small.
pub const SC_SCOMMON: u8 = 18;
/// Storage class: defined elsewhere, small.
pub const SC_SUNDEFINED: u8 = 21;
/// Storage class: in `.init`.
pub const SC_INIT: u8 = 22;
/// Storage class: in `.fini`.
pub const SC_FINI: u8 = 26;

/// Size of the symbolic header in bytes.
pub const SYMBOLIC_HEADER_SIZE: u32 = 96;

/// Size of an external symbol in bytes.
pub const EXTERNAL_SYMBOL_SIZE: u32 = 16;

/// Size of the file header in bytes.
pub const FILE_HEADER_SIZE: u32 = 20;

/// Size of the usual optional header in bytes.
pub const OPTIONAL_HEADER_SIZE: u32 = 56;

/// Size of a section header in bytes.
pub const SECTION_HEADER_SIZE: u32 = 40;

type Le = LittleEndian;
const_assert_eq!(size_of::<FileHeader<Le>>(), FILE_HEADER_SIZE as usize);
const_assert_eq!(size_of::<OptionalHeader<Le>>(), OPTIONAL_HEADER_SIZE as usize);
const_assert_eq!(size_of::<SectionHeader<Le>>(), SECTION_HEADER_SIZE as usize);
const_assert_eq!(size_of::<SymbolicHeader<Le>>(), SYMBOLIC_HEADER_SIZE as usize);
const_assert_eq!(size_of::<ExternalSymbol<Le>>(), EXTERNAL_SYMBOL_SIZE as usize);
const_assert_eq!(offset_of!(FileHeader<Le>, f_opthdr), 16);
const_assert_eq!(offset_of!(SymbolicHeader<Le>, iext_max), 88);
const_assert_eq!(offset_of!(OptionalHeader<Le>, entry), 16);
const_assert_eq!(offset_of!(OptionalHeader<Le>, gp_value), 52);
const_assert_eq!(offset_of!(SectionHeader<Le>, s_flags), 36);
