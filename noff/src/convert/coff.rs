//! MIPS COFF (ECOFF), what `coff2noff` was made for. Facts measured on 298 distinct real files.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem::{offset_of, size_of};

use execfmt_common::Expected;
use static_assertions::const_assert_eq;
use zerocopy::byteorder::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::error::ConvertError;
use super::names::is_metadata;
use super::rules::InputRule;
use super::{Executable, Note, Role, Section, Source, Span};
use crate::lookalike::Lookalike;

/// `f_magic` of a little-endian MIPS I file.
pub(super) const MAGIC: u16 = 0x0162;

/// The file header: 20 bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct FileHeader {
    /// 0x0162 for little-endian MIPS I.
    pub f_magic: U16,
    /// The number of sections.
    pub f_nscns: U16,
    /// When the file was made.
    pub f_timdat: U32,
    /// Where the symbols begin in the file.
    pub f_symptr: U32,
    /// The size of the symbolic header.
    pub f_nsyms: U32,
    /// The size of the optional header in bytes: 56.
    pub f_opthdr: U16,
    /// Bit 1: linked, ready to run.
    pub f_flags: U16,
}

/// The optional header: 56 bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct OptionalHeader {
    /// 0407 octal (OMAGIC) for a program linked with `-N`.
    pub magic: U16,
    /// The version of the tool that wrote the file.
    pub vstamp: U16,
    /// Size of the text in bytes.
    pub tsize: U32,
    /// Size of the initialised data in bytes.
    pub dsize: U32,
    /// Size of the zeroed data in bytes.
    pub bsize: U32,
    /// The address at which the program starts.
    pub entry: U32,
    /// Address of the text.
    pub text_start: U32,
    /// Address of the initialised data.
    pub data_start: U32,
    /// Address of the zeroed data.
    pub bss_start: U32,
    /// Registers in use.
    pub gprmask: U32,
    /// Coprocessor registers in use.
    pub cprmask: [U32; 4],
    /// The value of `$gp`.
    pub gp_value: U32,
}

/// A section header: 40 bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SectionHeader {
    /// The name, padded with zeros, which a name of eight characters does not have.
    pub s_name: [u8; 8],
    /// Physical address: the one that the converters use.
    pub s_paddr: U32,
    /// Virtual address: the same in all real files.
    pub s_vaddr: U32,
    /// Size in bytes.
    pub s_size: U32,
    /// Where the section's bytes begin in the file.
    pub s_scnptr: U32,
    /// Where its relocations begin in the file.
    pub s_relptr: U32,
    /// Where its line numbers begin in the file.
    pub s_lnnoptr: U32,
    /// The number of relocations.
    pub s_nreloc: U16,
    /// The number of line numbers.
    pub s_nlnno: U16,
    /// What the section holds.
    pub s_flags: U32,
}

const_assert_eq!(size_of::<FileHeader>(), 20);
const_assert_eq!(size_of::<OptionalHeader>(), 56);
const_assert_eq!(size_of::<SectionHeader>(), 40);
const_assert_eq!(offset_of!(FileHeader, f_opthdr), 16);
const_assert_eq!(offset_of!(OptionalHeader, entry), 16);
const_assert_eq!(offset_of!(SectionHeader, s_flags), 36);

/// `f_flags`: the file is linked.
const F_EXEC: u16 = 0x0002;

const OMAGIC: u16 = 0o407;
const NMAGIC: u16 = 0o410;
const ZMAGIC: u16 = 0o413;

const STYP_TEXT: u32 = 0x20;
const STYP_DATA: u32 = 0x40;
const STYP_BSS: u32 = 0x80;
const STYP_RDATA: u32 = 0x100;
const STYP_SDATA: u32 = 0x200;
const STYP_SBSS: u32 = 0x400;
const STYP_FINI: u32 = 0x0100_0000;
const STYP_LIT8: u32 = 0x0800_0000;
const STYP_LIT4: u32 = 0x1000_0000;
const STYP_INIT: u32 = 0x8000_0000;

impl SectionHeader {
    fn name(&self) -> String {
        let end = self.s_name.iter().position(|&byte| byte == 0).unwrap_or(self.s_name.len());
        self.s_name.get(..end).unwrap_or_default().escape_ascii().to_string()
    }

    /// What the section holds, by its flags, or by its name where it has none. `None` for what a loader does not
    /// load, such as comments.
    fn role(&self, name: &str) -> Option<Role> {
        let flags = self.s_flags.get();
        let has = |bits: u32| flags & bits != 0;
        if has(STYP_TEXT | STYP_INIT | STYP_FINI) {
            Some(Role::Code)
        } else if has(STYP_BSS | STYP_SBSS) {
            Some(Role::Zero)
        } else if has(STYP_RDATA | STYP_LIT8 | STYP_LIT4) {
            Some(Role::ReadOnly)
        } else if has(STYP_DATA | STYP_SDATA) {
            Some(Role::Data)
        } else {
            match name {
                ".text" | ".init" | ".fini" => Some(Role::Code),
                ".rdata" | ".lit8" | ".lit4" => Some(Role::ReadOnly),
                ".data" | ".sdata" => Some(Role::Data),
                ".bss" | ".sbss" => Some(Role::Zero),
                _ => None,
            }
        }
    }
}

/// A wire struct at an offset in the file.
fn at<T: FromBytes + KnownLayout + Immutable + Unaligned>(
    bytes: &[u8],
    offset: usize,
) -> Result<&T, ConvertError> {
    let wire = bytes.get(offset..).and_then(|rest| T::ref_from_prefix(rest).ok());
    let needed = offset.saturating_add(size_of::<T>()) as u64;
    let len = bytes.len() as u64;
    let error = || InputRule::Truncated.error("file length", len, len, Expected::AtLeast(needed));
    wire.map(|(wire, _)| wire).ok_or_else(error)
}

pub(super) fn read(bytes: &[u8]) -> Result<Executable<'_>, ConvertError> {
    let file: &FileHeader = at(bytes, 0)?;
    let magic = file.f_magic.get();
    if magic != MAGIC {
        let big = Lookalike::of(bytes) == Lookalike::CoffBig;
        let rule = if big { InputRule::BigEndian } else { InputRule::WrongMachine };
        return Err(rule.error("f_magic", 0, magic.into(), Expected::Exactly(MAGIC.into())));
    }
    let opthdr = usize::from(file.f_opthdr.get());
    if opthdr < size_of::<OptionalHeader>() {
        let offset = offset_of!(FileHeader, f_opthdr) as u64;
        let expected = Expected::AtLeast(size_of::<OptionalHeader>() as u64);
        return Err(InputRule::NotLinked.error("f_opthdr", offset, opthdr as u64, expected));
    }
    let optional: &OptionalHeader = at(bytes, size_of::<FileHeader>())?;
    let mut notes = Vec::new();
    match optional.magic.get() {
        OMAGIC => {}
        magic @ (NMAGIC | ZMAGIC) => notes.push(Note::NotOmagic { magic }),
        magic => {
            let offset = size_of::<FileHeader>() as u64;
            return Err(InputRule::OptionalMagic.error(
                "magic",
                offset,
                magic.into(),
                Expected::Exactly(OMAGIC.into()),
            ));
        }
    }
    let table = size_of::<FileHeader>().saturating_add(opthdr);
    let headers_end =
        table.saturating_add(usize::from(file.f_nscns.get()).saturating_mul(size_of::<SectionHeader>()));
    let mut sections = Vec::new();
    let mut relocations = 0_u32;
    for index in 0..usize::from(file.f_nscns.get()) {
        let offset = table.saturating_add(index.saturating_mul(size_of::<SectionHeader>()));
        let header: &SectionHeader = at(bytes, offset)?;
        relocations = relocations.saturating_add(header.s_nreloc.get().into());
        let (name, size) = (header.name(), header.s_size.get());
        if size == 0 {
            continue;
        }
        let Some(role) = header.role(&name).filter(|_| !is_metadata(&name)) else {
            notes.push(Note::Dropped { name, size });
            continue;
        };
        let section = section(bytes, header, offset as u64, headers_end, name, role)?;
        if header.s_flags.get() & (STYP_SDATA | STYP_SBSS) != 0
            || matches!(&*section.name, ".sdata" | ".sbss")
        {
            notes.push(Note::SmallData { name: section.name.clone() });
        }
        if header.s_vaddr != header.s_paddr {
            let (name, physical) = (section.name.clone(), header.s_paddr.get());
            notes.push(Note::TwoAddresses { name, physical, virtual_addr: header.s_vaddr.get() });
        }
        sections.push(section);
    }
    if sections.is_empty() {
        let nscns = file.f_nscns.get().into();
        let offset = offset_of!(FileHeader, f_nscns) as u64;
        return Err(InputRule::NoSections.error("f_nscns", offset, nscns, Expected::AtLeast(1)));
    }
    if relocations != 0 && file.f_flags.get() & F_EXEC == 0 {
        notes.push(Note::Relocations { count: relocations });
    }
    let entry = Some(optional.entry.get());
    let entry_at = size_of::<FileHeader>().saturating_add(offset_of!(OptionalHeader, entry)) as u64;
    let executable = Executable { source: Source::Coff, entry, sections, notes };
    executable.bounded(bytes.len())?.with_bytes_at_entry("entry", entry_at)
}

fn section<'a>(
    bytes: &'a [u8],
    header: &SectionHeader,
    offset: u64,
    headers_end: usize,
    name: String,
    role: Role,
) -> Result<Section<'a>, ConvertError> {
    let (address, size) = (header.s_paddr.get(), header.s_size.get());
    let size_at = offset.saturating_add(offset_of!(SectionHeader, s_size) as u64);
    let Some(span) = Span::new(address, size) else {
        let room = Expected::AtMost(u32::MAX.saturating_sub(address).into());
        return Err(InputRule::AddressOverflow.error("s_size", size_at, size.into(), room).in_section(&name));
    };
    if role == Role::Zero {
        return Ok(Section { name, span, role, bytes: &[] });
    }
    let scnptr_at = offset.saturating_add(offset_of!(SectionHeader, s_scnptr) as u64);
    let (scnptr, headers_end) = (u64::from(header.s_scnptr.get()), headers_end as u64);
    if scnptr < headers_end {
        let expected = Expected::AtLeast(headers_end);
        return Err(InputRule::SectionInHeaders
            .error("s_scnptr", scnptr_at, scnptr, expected)
            .in_section(&name));
    }
    let Some(data) = file_range(bytes, header.s_scnptr.get(), size) else {
        let end = scnptr.saturating_add(size.into());
        let expected = Expected::AtMost(bytes.len() as u64);
        return Err(InputRule::SectionPastEof
            .error("s_scnptr + s_size", scnptr_at, end, expected)
            .in_section(&name));
    };
    Ok(Section { name, span, role, bytes: data })
}

/// A section's bytes, if the file holds them all.
fn file_range(bytes: &[u8], start: u32, size: u32) -> Option<&[u8]> {
    bytes.get(usize::try_from(start).ok()?..)?.get(..usize::try_from(size).ok()?)
}
