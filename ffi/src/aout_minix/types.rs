use core::ffi::CStr;
use core::mem::offset_of;

use ::aout_minix::elks::ElksRule;
use ::aout_minix::minix2::Minix2Rule;
use ::aout_minix::{AoutFinding, AoutRule, FileType, Header, Rule, Section, Supplement};
use execfmt_common::Detail as _;
use static_assertions::const_assert_eq;

use super::check::field_code;
use crate::base::{EXECFMT_E_ARGUMENT, execfmt_finding, execfmt_status, finding_for_c};

/// How many bytes of a file decide its header in every case.
pub const EXECFMT_AOUT_MAX_HEADER_SIZE: u32 = 64;
const_assert_eq!(EXECFMT_AOUT_MAX_HEADER_SIZE as usize, ::aout_minix::MAX_HEADER_SIZE);

/// Error: the file, or the prefix given, ends within the header.
pub const EXECFMT_AOUT_E_TRUNCATED: execfmt_status = 200;
/// Error: not an a.out file. `detail` says what it looks like: EXECFMT_AOUT_LOOKS_UNKNOWN and so on.
pub const EXECFMT_AOUT_E_BAD_MAGIC: execfmt_status = 201;
/// Error: the header's size is none of 0x20, 0x30 and 0x40.
pub const EXECFMT_AOUT_E_HLEN: execfmt_status = 202;
/// Error: bytes and words of the processor are ordered differently.
pub const EXECFMT_AOUT_E_MIXED_ENDIAN: execfmt_status = 203;
/// Error: a section goes beyond the end of the file; `detail` is the section.
pub const EXECFMT_AOUT_E_PAST_EOF: execfmt_status = 204;
/// Error: ELKS cuts a size to 16 bits.
pub const EXECFMT_AOUT_E_CUT_TO_16_BITS: execfmt_status = 205;
/// Error: the program starts outside its text.
pub const EXECFMT_AOUT_E_ENTRY: execfmt_status = 206;
/// Error: the size of the relocations is not a multiple of 8; `detail` is their section.
pub const EXECFMT_AOUT_E_RAGGED_RELOCATIONS: execfmt_status = 207;
/// Error: a relocation of a type that ELKS does not know.
pub const EXECFMT_AOUT_E_RELOCATION_TYPE: execfmt_status = 208;
/// Error: a relocation against none of text, far text and data.
pub const EXECFMT_AOUT_E_RELOCATION_TARGET: execfmt_status = 209;
/// Error: a relocation outside its section.
pub const EXECFMT_AOUT_E_RELOCATION_PLACE: execfmt_status = 210;
/// Error: a compressed section is longer than its segment; `detail` is the section.
pub const EXECFMT_AOUT_E_STORED_TOO_LONG: execfmt_status = 211;
/// Error: compressed data have no room to expand.
pub const EXECFMT_AOUT_E_NO_ROOM: execfmt_status = 212;
/// Error, when loading: a compressed section cannot be expanded; `detail` is the section.
pub const EXECFMT_AOUT_E_EXPAND: execfmt_status = 213;
/// Error, when building: a section is too long for the header.
pub const EXECFMT_AOUT_E_TOO_LONG: execfmt_status = 214;
/// Error, when building: a section is said to be compressed and has no bytes.
pub const EXECFMT_AOUT_E_EMPTY_COMPRESSED: execfmt_status = 215;
/// Error: a table of symbols or relocations ends within a record, or goes on behind its end.
pub const EXECFMT_AOUT_E_TABLE: execfmt_status = 216;
/// Error, when converting: the input cannot be converted; the message says why.
pub const EXECFMT_AOUT_E_CONVERT: execfmt_status = 217;
/// Error, of chmem: the header is too short or its version unknown.
pub const EXECFMT_AOUT_E_CHMEM_HEADER: execfmt_status = 220;
/// Error, of chmem: more heap than 65535 bytes.
pub const EXECFMT_AOUT_E_CHMEM_HEAP: execfmt_status = 221;
/// Error, of chmem: more stack than 65520 bytes.
pub const EXECFMT_AOUT_E_CHMEM_STACK: execfmt_status = 222;
/// Error, of chmem: the heap of a version 0 file is not known; give one.
pub const EXECFMT_AOUT_E_CHMEM_TOTAL: execfmt_status = 223;
/// Error, of chmem: data and stack leave no heap.
pub const EXECFMT_AOUT_E_CHMEM_NO_HEAP: execfmt_status = 224;

/// Warning: an unknown processor.
pub const EXECFMT_AOUT_W_CPU: execfmt_status = 230;
/// Warning: an unknown version.
pub const EXECFMT_AOUT_W_VERSION: execfmt_status = 231;
/// Warning: there is no text.
pub const EXECFMT_AOUT_W_NO_TEXT: execfmt_status = 232;
/// Warning: relocations of far text, but no far text.
pub const EXECFMT_AOUT_W_NO_FAR_TEXT: execfmt_status = 233;
/// Warning: an empty section is compressed; `detail` is the section.
pub const EXECFMT_AOUT_W_EMPTY_COMPRESSED: execfmt_status = 234;
/// Warning: a compressed section is not shorter; `detail` is the section.
pub const EXECFMT_AOUT_W_NOT_SHORTER: execfmt_status = 235;
/// Warning: a reserved field is not 0.
pub const EXECFMT_AOUT_W_RESERVED: execfmt_status = 236;
/// Warning: a symbol table of no known format.
pub const EXECFMT_AOUT_W_SYMBOLS: execfmt_status = 237;
/// Warning: a symbol table that is longer than the target's reader takes.
pub const EXECFMT_AOUT_W_LONG_SYMBOLS: execfmt_status = 238;
/// Warning: the file goes on behind its last section.
pub const EXECFMT_AOUT_W_TRAILING_BYTES: execfmt_status = 239;

/// ELKS refuses the file. This number plus the number of the rule, in the order of the kernel's checks;
/// execfmt_aout_elks_errno gives the errno that execve returns there, `detail` the section, where the rule is about one.
pub const EXECFMT_AOUT_E_ELKS: execfmt_status = 250;
/// The last number of a refusal by ELKS.
pub const EXECFMT_AOUT_E_ELKS_LAST: execfmt_status = 279;

/// `detail` of EXECFMT_AOUT_E_BAD_MAGIC: nothing known.
pub const EXECFMT_AOUT_LOOKS_UNKNOWN: u32 = 0;
/// `detail` of EXECFMT_AOUT_E_BAD_MAGIC: an ELF file.
pub const EXECFMT_AOUT_LOOKS_ELF: u32 = 1;
/// `detail` of EXECFMT_AOUT_E_BAD_MAGIC: an MZ file.
pub const EXECFMT_AOUT_LOOKS_MZ: u32 = 2;
/// `detail` of EXECFMT_AOUT_E_BAD_MAGIC: a script.
pub const EXECFMT_AOUT_LOOKS_SCRIPT: u32 = 3;
/// `detail` of EXECFMT_AOUT_E_BAD_MAGIC: an object file or library of bcc.
pub const EXECFMT_AOUT_LOOKS_OBJECTS: u32 = 4;

/// errno of ELKS: argument list too long.
pub const EXECFMT_ELKS_E2BIG: u32 = 7;
/// errno of ELKS: not an executable.
pub const EXECFMT_ELKS_ENOEXEC: u32 = 8;
/// errno of ELKS: invalid argument.
pub const EXECFMT_ELKS_EINVAL: u32 = 22;
/// errno of ELKS: file too large.
pub const EXECFMT_ELKS_EFBIG: u32 = 27;

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

/// A header as numbers, each in 32 bits whatever it takes in the file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_aout {
    /// Magic, flags and cpu: 0x04300301 and so on.
    pub file_type: u32,
    /// The size of the header: 0x20, 0x30 or 0x40.
    pub hlen: u32,
    /// Reserved byte.
    pub reserved1: u32,
    /// 0 or 1: what chmem and minstack mean.
    pub version: u32,
    /// Bytes of text, expanded.
    pub tseg: u32,
    /// Bytes of data, expanded.
    pub dseg: u32,
    /// Bytes of bss.
    pub bseg: u32,
    /// Where the program starts.
    pub entry: u32,
    /// Version 1: bytes of heap; version 0: bytes of data, bss, heap and stack together.
    pub chmem: u32,
    /// Version 1: bytes of stack.
    pub minstack: u32,
    /// Bytes of the symbol table.
    pub syms: u32,
    /// Bytes of the text's relocations. From here on 0 where hlen leaves it out.
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
    /// Bytes of text as stored; 0 when it is plain.
    pub compr_tseg: u32,
    /// Bytes of data as stored; 0 when they are plain.
    pub compr_dseg: u32,
    /// Bytes of far text as stored; 0 when it is plain.
    pub compr_ftseg: u32,
    /// Reserved word.
    pub reserved: u32,
}

/// A relocation.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_aout_relocation {
    /// Its place: an offset in its own section.
    pub vaddr: u32,
    /// What it is against: FFFE text, FFFD data, FFFC bss, FFFB far text, FFFF absolute.
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

/// A place in a symbol table. All 0 is its beginning.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_aout_cursor {
    /// Bytes from the start of the table.
    pub offset: usize,
    /// EXECFMT_AOUT_SYMBOLS_ELKS or EXECFMT_AOUT_SYMBOLS_NLIST once the first symbol was read; 0 before.
    pub format: u32,
}

/// The longest name of a symbol that is given, in bytes, the closing NUL included.
pub const EXECFMT_AOUT_NAME_SIZE: usize = 256;

/// A symbol of either format.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_aout_symbol {
    /// The offset in its segment, or the value.
    pub value: u32,
    /// The letter that nm prints.
    pub letter: u32,
    /// The length of the whole name in bytes; what does not fit `name` is cut off there.
    pub name_length: u32,
    /// The name, closed by a NUL.
    pub name: [u8; EXECFMT_AOUT_NAME_SIZE],
}

impl Default for execfmt_aout_symbol {
    fn default() -> Self {
        Self { value: 0, letter: 0, name_length: 0, name: [0; EXECFMT_AOUT_NAME_SIZE] }
    }
}

impl From<&Header> for execfmt_aout {
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

/// A caller's struct as a header; refused when a number does not fit its field.
pub(super) fn header(c: &execfmt_aout) -> Result<Header, execfmt_status> {
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

pub(super) fn for_c(finding: &AoutFinding) -> execfmt_finding {
    finding_for_c(finding, finding.rule.number(), finding.rule.detail(), field_code(finding.field))
}

pub(super) const fn status_of(finding: &AoutFinding) -> execfmt_status {
    finding.rule.number()
}

/// The sentence for a rule's number, if the rule is one of `R`.
pub(crate) fn sentence<R: Rule>(status: execfmt_status) -> Option<&'static CStr> {
    let index = R::NUMBERS.iter().position(|&number| number == status)?;
    let text = R::SENTENCES.as_bytes().split_inclusive(|&byte| byte == 0).nth(index)?;
    CStr::from_bytes_with_nul(text).ok()
}

pub(crate) fn message(status: execfmt_status) -> Option<&'static CStr> {
    Some(match status {
        EXECFMT_AOUT_E_EXPAND => c"a.out: a compressed section cannot be expanded",
        EXECFMT_AOUT_E_TOO_LONG => c"a.out: a section is too long for the header",
        EXECFMT_AOUT_E_EMPTY_COMPRESSED => c"a.out: a section is said to be compressed and has no bytes",
        EXECFMT_AOUT_E_TABLE => c"a.out: a table ends within a record, or goes on after its end",
        EXECFMT_AOUT_E_CONVERT => c"a.out: the input cannot be converted",
        EXECFMT_AOUT_E_CHMEM_HEADER => c"a.out: chmem takes headers of 32 bytes or more and versions 0 and 1",
        EXECFMT_AOUT_E_CHMEM_HEAP => c"a.out: heap too large: 65535 bytes are the most",
        EXECFMT_AOUT_E_CHMEM_STACK => c"a.out: stack too large: 65520 bytes are the most",
        EXECFMT_AOUT_E_CHMEM_TOTAL => c"a.out: the heap of this version 0 file is not known; give one",
        EXECFMT_AOUT_E_CHMEM_NO_HEAP => c"a.out: heap+stack too large: data and stack leave no heap",
        _ => {
            return sentence::<AoutRule>(status)
                .or_else(|| sentence::<ElksRule>(status))
                .or_else(|| sentence::<Minix2Rule>(status));
        }
    })
}
