use core::ffi::c_char;
use core::mem::offset_of;

use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};
use ::aout_minix::{FileType, Header, Section, Supplement};
use execfmt_common::Detail as _;
use static_assertions::const_assert_eq;

/// Number of bytes at the start of a file that always contain the whole header.
pub const EXECFMT_AOUT_MAX_HEADER_SIZE: u32 = 64;
const_assert_eq!(EXECFMT_AOUT_MAX_HEADER_SIZE as usize, ::aout_minix::MAX_HEADER_SIZE);

/// Relocation target: the text.
pub const EXECFMT_AOUT_AGAINST_TEXT: u32 = 0xfffe;
/// Relocation target: the data.
pub const EXECFMT_AOUT_AGAINST_DATA: u32 = 0xfffd;
/// Relocation target: the bss.
pub const EXECFMT_AOUT_AGAINST_BSS: u32 = 0xfffc;
/// Relocation target: the far text.
pub const EXECFMT_AOUT_AGAINST_FAR_TEXT: u32 = 0xfffb;
/// Relocation target: none, an absolute number.
pub const EXECFMT_AOUT_AGAINST_ABSOLUTE: u32 = 0xffff;

/// Section: text.
pub const EXECFMT_AOUT_TEXT: u32 = 0;
/// Section: far text.
pub const EXECFMT_AOUT_FAR_TEXT: u32 = 1;
/// Section: data.
pub const EXECFMT_AOUT_DATA: u32 = 2;
/// Section: relocations of the text.
pub const EXECFMT_AOUT_TEXT_RELOCATIONS: u32 = 3;
/// Section: relocations of the far text.
pub const EXECFMT_AOUT_FAR_TEXT_RELOCATIONS: u32 = 4;
/// Section: relocations of the data.
pub const EXECFMT_AOUT_DATA_RELOCATIONS: u32 = 5;
/// Section: the symbol table.
pub const EXECFMT_AOUT_SYMBOLS: u32 = 6;

/// A header as numbers, each in 32 bits whatever its size in the file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_aout {
    /// Magic, flags and cpu: for example 0x04300301.
    pub file_type: u32,
    /// The size of the header: 0x20, 0x30 or 0x40.
    pub hlen: u32,
    /// Reserved byte.
    pub reserved1: u32,
    /// 0 or 1: determines what chmem and minstack mean.
    pub version: u32,
    /// Bytes of text, expanded.
    pub tseg: u32,
    /// Bytes of data, expanded.
    pub dseg: u32,
    /// Bytes of bss.
    pub bseg: u32,
    /// The entry point, in bytes from the start of the text.
    pub entry: u32,
    /// Version 1: bytes of heap; version 0: bytes of data, bss, heap and stack together.
    pub chmem: u32,
    /// Version 1: bytes of stack.
    pub minstack: u32,
    /// Bytes of the symbol table.
    pub syms: u32,
    /// Bytes of the text's relocations. This and the fields after it are 0 where hlen excludes them.
    pub trsize: u32,
    /// Bytes of the data's relocations.
    pub drsize: u32,
    /// Base of the text.
    pub tbase: u32,
    /// Base of the data.
    pub dbase: u32,
    /// Bytes of far text, expanded.
    pub ftseg: u32,
    /// Bytes of the far text's relocations.
    pub ftrsize: u32,
    /// Bytes of text as stored; 0 when it is not compressed.
    pub compr_tseg: u32,
    /// Bytes of data as stored; 0 when it is not compressed.
    pub compr_dseg: u32,
    /// Bytes of far text as stored; 0 when it is not compressed.
    pub compr_ftseg: u32,
    /// Reserved word.
    pub reserved: u32,
}

/// A relocation.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_aout_relocation {
    /// Offset of the word in the relocation's own section, in bytes.
    pub vaddr: u32,
    /// Its target: EXECFMT_AOUT_AGAINST_TEXT or another of these constants.
    pub symndx: u16,
    /// Its type: 80 is a segment word.
    pub relocation_type: u16,
}

type Wire = ::aout_minix::Reloc<zerocopy::NativeEndian>;
const_assert_eq!(size_of::<execfmt_aout_relocation>(), size_of::<Wire>());
const_assert_eq!(offset_of!(execfmt_aout_relocation, symndx), offset_of!(Wire, symndx));

/// Format of symbols: the records of ELKS.
pub const EXECFMT_AOUT_SYMBOLS_ELKS: u32 = 1;
/// Format of symbols: the nlist entries of Minix and ld86.
pub const EXECFMT_AOUT_SYMBOLS_NLIST: u32 = 2;

/// A position in a symbol table. All 0 is its beginning.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_aout_cursor {
    /// Offset in the table, in bytes.
    pub offset: usize,
    /// EXECFMT_AOUT_SYMBOLS_ELKS or EXECFMT_AOUT_SYMBOLS_NLIST once the first symbol was read; 0 before that.
    pub format: u32,
}

/// Size of the array for a symbol's name, in bytes, including the terminating NUL; longer names are cut off.
pub const EXECFMT_AOUT_NAME_SIZE: usize = 256;

/// A symbol of either format.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_aout_symbol {
    /// The offset in its segment, or the value.
    pub value: u32,
    /// The length of the whole name in bytes; `name` may hold only the beginning.
    pub name_length: u32,
    /// The letter that nm prints.
    pub letter: c_char,
    /// The name, terminated by a NUL. Its bytes come from the file and may have any value.
    pub name: [c_char; EXECFMT_AOUT_NAME_SIZE],
    /// 0.
    pub reserved: [u8; 3],
}

impl Default for execfmt_aout_symbol {
    fn default() -> Self {
        Self { value: 0, letter: 0, name_length: 0, name: [0; EXECFMT_AOUT_NAME_SIZE], reserved: [0; 3] }
    }
}

impl From<&Header> for execfmt_aout {
    #[inline(always)]
    fn from(header: &Header) -> Self {
        let s = &header.supplement;
        Self {
            file_type: header.file_type.word(),
            hlen: header.hlen.into(),
            reserved1: header.reserved1.into(),
            version: header.version.into(),
            tseg: header.tseg,
            dseg: header.dseg,
            bseg: header.bseg,
            entry: header.entry,
            chmem: header.chmem.into(),
            minstack: header.minstack.into(),
            syms: header.syms,
            trsize: s.trsize,
            drsize: s.drsize,
            tbase: s.tbase,
            dbase: s.dbase,
            ftseg: s.ftseg,
            ftrsize: s.ftrsize,
            compr_tseg: s.compr_tseg.into(),
            compr_dseg: s.compr_dseg.into(),
            compr_ftseg: s.compr_ftseg.into(),
            reserved: s.reserved.into(),
        }
    }
}

/// A caller's struct as a header; refused when a number does not fit into its field.
pub(crate) fn header(c: &execfmt_aout) -> Result<Header, execfmt_status> {
    let word = |value: u32| u16::try_from(value).map_err(|_| EXECFMT_E_ARGUMENT);
    let byte = |value: u32| u8::try_from(value).map_err(|_| EXECFMT_E_ARGUMENT);
    let file_type = FileType::from_word(c.file_type);
    if file_type.word() != c.file_type {
        return Err(EXECFMT_E_ARGUMENT);
    }
    Ok(Header {
        file_type,
        hlen: byte(c.hlen)?,
        reserved1: byte(c.reserved1)?,
        version: word(c.version)?,
        tseg: c.tseg,
        dseg: c.dseg,
        bseg: c.bseg,
        entry: c.entry,
        chmem: word(c.chmem)?,
        minstack: word(c.minstack)?,
        syms: c.syms,
        supplement: Supplement {
            trsize: c.trsize,
            drsize: c.drsize,
            tbase: c.tbase,
            dbase: c.dbase,
            ftseg: c.ftseg,
            ftrsize: c.ftrsize,
            compr_tseg: word(c.compr_tseg)?,
            compr_dseg: word(c.compr_dseg)?,
            compr_ftseg: word(c.compr_ftseg)?,
            reserved: word(c.reserved)?,
        },
    })
}

pub(super) fn section(code: u32) -> Result<Section, execfmt_status> {
    Section::from_number(code).ok_or(EXECFMT_E_ARGUMENT)
}
