use core::ffi::c_char;

use ::mips_coff::{Header, Section, SectionHeader, SectionKind};

use crate::finding::byte_order_code;
use crate::memory::{fill_text, options};

/// Loader: any reader, by the rules of the format alone.
pub const EXECFMT_COFF_FOR_ANY: u32 = 0;
/// Loader: coff2noff that writes three segments.
pub const EXECFMT_COFF_FOR_COFF2NOFF: u32 = 1;
/// Loader: coff2noff that writes four segments.
pub const EXECFMT_COFF_FOR_COFF2NOFF_RDATA: u32 = 2;
/// Loader: Nachos 5.0j.
pub const EXECFMT_COFF_FOR_NACHOS5J: u32 = 3;

/// Kind of section: none that a loader loads, such as comments.
pub const EXECFMT_COFF_OTHER: u32 = 0;
/// Kind of section: instructions.
pub const EXECFMT_COFF_TEXT: u32 = 1;
/// Kind of section: constants.
pub const EXECFMT_COFF_RDATA: u32 = 2;
/// Kind of section: initialised data.
pub const EXECFMT_COFF_DATA: u32 = 3;
/// Kind of section: zeroed data, without bytes in the file.
pub const EXECFMT_COFF_BSS: u32 = 4;

/// Size of the array for a section's name and its NUL, in bytes.
pub const EXECFMT_COFF_NAME_SIZE: usize = 9;

/// What a file is checked for. All 0 is the default: only the rules of the format, without scanning the code.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coff_options {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// EXECFMT_COFF_FOR_ANY or another of these constants.
    pub loader: u32,
    /// For Nachos 5.0j: number of physical pages of its machine; 0 for 64, as shipped.
    pub frames: u32,
    /// 1 to scan the code too, for instructions that the simulated machine of Nachos lacks or executes
    /// differently, else 0.
    pub scan_code: u32,
}
options!(execfmt_coff_options, 16);

/// The contents of a file's headers, unchecked.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coff {
    /// EXECFMT_LITTLE_ENDIAN or EXECFMT_BIG_ENDIAN: the byte order of all words of the file, including its
    /// code.
    pub byte_order: u32,
    /// Number of sections.
    pub section_count: u32,
    /// When the file was made, in seconds since 1970-01-01 00:00 UTC.
    pub timdat: u32,
    /// File offset of the symbolic header; 0 without symbols.
    pub symptr: u32,
    /// The size of the symbolic header in bytes.
    pub nsyms: u32,
    /// The size of the optional header in bytes.
    pub opthdr: u32,
    /// Flags of the file.
    pub flags: u32,
    /// 1 when the file has an optional header, else 0: then the numbers below are 0, except `entry`.
    pub has_optional: u32,
    /// The magic of the optional header.
    pub magic: u32,
    /// The size of the text in bytes.
    pub tsize: u32,
    /// The size of the initialised data in bytes.
    pub dsize: u32,
    /// The size of the zeroed data in bytes.
    pub bsize: u32,
    /// The entry point.
    pub entry: u32,
    /// The address of the text.
    pub text_start: u32,
    /// The address of the initialised data.
    pub data_start: u32,
    /// The address of the zeroed data.
    pub bss_start: u32,
    /// The value of $gp.
    pub gp_value: u32,
}

impl From<&Header> for execfmt_coff {
    #[inline(always)]
    fn from(header: &Header) -> Self {
        let optional = header.optional.unwrap_or_default();
        Self {
            byte_order: byte_order_code(header.byte_order),
            section_count: header.nscns.into(),
            timdat: header.timdat,
            symptr: header.symptr,
            nsyms: header.nsyms,
            opthdr: header.opthdr.into(),
            flags: header.flags.into(),
            has_optional: header.optional.is_some().into(),
            magic: optional.magic.into(),
            tsize: optional.tsize,
            dsize: optional.dsize,
            bsize: optional.bsize,
            entry: header.entry.unwrap_or(0),
            text_start: optional.text_start,
            data_start: optional.data_start,
            bss_start: optional.bss_start,
            gp_value: optional.gp_value,
        }
    }
}

/// A section of a file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coff_section {
    /// Its index, from 0.
    pub index: u32,
    /// EXECFMT_COFF_TEXT or another of these constants.
    pub kind: u32,
    /// Its flags in the file.
    pub flags: u32,
    /// The physical address: the one that coff2noff uses.
    pub paddr: u32,
    /// The virtual address: the one that Nachos 5.0j uses.
    pub vaddr: u32,
    /// Its size in bytes.
    pub size: u32,
    /// File offset of its bytes.
    pub file_offset: u32,
    /// Number of its bytes in the file: 0 for zeroed data.
    pub file_length: u32,
    /// Its name as in the file, terminated by a NUL. Its bytes may have any value.
    pub name: [c_char; EXECFMT_COFF_NAME_SIZE],
    /// 0.
    pub reserved: [u8; 3],
}

pub(super) const fn kind_code(kind: Option<SectionKind>) -> u32 {
    match kind {
        Some(SectionKind::Text) => EXECFMT_COFF_TEXT,
        Some(SectionKind::Rdata) => EXECFMT_COFF_RDATA,
        Some(SectionKind::Data) => EXECFMT_COFF_DATA,
        Some(SectionKind::Bss) => EXECFMT_COFF_BSS,
        _ => EXECFMT_COFF_OTHER,
    }
}

impl From<Section<'_>> for execfmt_coff_section {
    fn from(section: Section<'_>) -> Self {
        let SectionHeader { name, paddr, vaddr, size, scnptr, flags, .. } = section.header;
        let mut c = Self {
            index: section.index.into(),
            kind: kind_code(section.header.kind()),
            flags,
            paddr,
            vaddr,
            size,
            file_offset: scnptr,
            file_length: u32::try_from(section.bytes.len()).unwrap_or(u32::MAX),
            ..Self::default()
        };
        fill_text(&mut c.name, name.as_bytes().iter().copied());
        c
    }
}
