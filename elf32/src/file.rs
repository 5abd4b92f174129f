use alloc::string::{String, ToString};
use core::mem::offset_of;

use execfmt_common::Expected;
use object::elf::{self, FileHeader32, SectionHeader32};
use object::read::elf::{FileHeader, SectionHeader, SectionTable};
use object::{LittleEndian, SectionIndex};

use crate::defect::{Defect, DefectKind};

/// The file header.
pub type Elf = FileHeader32<LittleEndian>;
/// A section header.
pub type Header = SectionHeader32<LittleEndian>;

/// The byte order that the `object` crate asks for with every field.
pub const LE: LittleEndian = LittleEndian;

/// The four bytes that begin an ELF file, as a little-endian word.
pub const MAGIC: u32 = u32::from_le_bytes(elf::ELFMAG);

/// The longest section name that is looked at, in bytes. Names may share their bytes, so that a file can hold many
/// times its own length of them.
pub const MAX_NAME: usize = 64;

/// A file whose header and section header table are sound.
#[derive(Clone, Copy, Debug)]
pub struct ElfFile<'a> {
    bytes: &'a [u8],
    header: &'a Elf,
    table: SectionTable<'a, Elf>,
    names: &'a [u8],
}

impl<'a> ElfFile<'a> {
    /// Reads the headers of a file for one of the given machines (`e_machine`).
    ///
    /// # Errors
    /// The first [`Defect`]: of the file header's fields in their order, then of the section header table.
    pub fn open(bytes: &'a [u8], machines: &[u16]) -> Result<Self, Defect> {
        let header = header(bytes, machines)?;
        let table = header.sections(LE, bytes).map_err(|_| Defect {
            kind: DefectKind::SectionTable,
            field: "e_shoff",
            offset: offset_of!(Elf, e_shoff) as u64,
            found: header.e_shoff(LE).into(),
            expected: Expected::AtMost(bytes.len() as u64),
        })?;
        let index = header.shstrndx(LE, bytes).unwrap_or_default();
        let section = usize::try_from(index).ok().and_then(|index| table.section(SectionIndex(index)).ok());
        let names = section.and_then(|section| section.data(LE, bytes).ok()).ok_or(Defect {
            kind: DefectKind::NoNames,
            field: "e_shstrndx",
            offset: offset_of!(Elf, e_shstrndx) as u64,
            found: index.into(),
            expected: Expected::AtMost((table.len() as u64).saturating_sub(1)),
        })?;
        Ok(Self { bytes, header, table, names })
    }

    /// The file header.
    pub const fn header(&self) -> &'a Elf {
        self.header
    }

    /// The section header table, as the `object` crate reads it.
    pub const fn table(&self) -> &SectionTable<'a, Elf> {
        &self.table
    }

    /// The whole file.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The sections in the order of their table, the empty first one included.
    pub fn sections(&self) -> impl Iterator<Item = ElfSection<'a>> + use<'a> {
        let (bytes, names) = (self.bytes, self.names);
        let entry = u64::from(self.header.e_shentsize(LE));
        let start = u64::from(self.header.e_shoff(LE));
        self.table.iter().enumerate().map(move |(index, header)| {
            let offset = start.saturating_add((index as u64).saturating_mul(entry));
            ElfSection { index, offset, header, bytes, names }
        })
    }
}

/// The file header, if it is that of a 32-bit little-endian file for one of the machines. Its first fields are looked
/// at one by one, for a better word than that it is not of this kind.
fn header<'a>(bytes: &'a [u8], machines: &[u16]) -> Result<&'a Elf, Defect> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let defect = |kind, field, offset: usize, found: u64, expected| {
        Err(Defect { kind, field, offset: offset as u64, found, expected })
    };
    if !bytes.starts_with(&elf::ELFMAG) {
        let found = bytes.first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
        return defect(DefectKind::NotElf, "magic", 0, found.into(), Expected::Exactly(MAGIC.into()));
    }
    let class_at = offset_of!(elf::Ident, class);
    let class = Expected::Exactly(elf::ELFCLASS32.into());
    if byte(class_at) == elf::ELFCLASS64 {
        return defect(DefectKind::Class64, "EI_CLASS", class_at, elf::ELFCLASS64.into(), class);
    }
    let len = bytes.len();
    if len < size_of::<Elf>() {
        let expected = Expected::AtLeast(size_of::<Elf>() as u64);
        return defect(DefectKind::Truncated, "file length", len, len as u64, expected);
    }
    let data_at = offset_of!(elf::Ident, data);
    if byte(data_at) == elf::ELFDATA2MSB {
        let expected = Expected::Exactly(elf::ELFDATA2LSB.into());
        return defect(DefectKind::BigEndian, "EI_DATA", data_at, elf::ELFDATA2MSB.into(), expected);
    }
    let Ok(header) = Elf::parse(bytes) else {
        return defect(DefectKind::Identification, "e_ident", class_at, byte(class_at).into(), class);
    };
    let machine = header.e_machine(LE);
    if !machines.contains(&machine) {
        let expected = Expected::Exactly(machines.first().copied().unwrap_or_default().into());
        let at = offset_of!(Elf, e_machine);
        return defect(DefectKind::Machine, "e_machine", at, machine.into(), expected);
    }
    Ok(header)
}

/// A section of a file.
#[derive(Clone, Copy, Debug)]
pub struct ElfSection<'a> {
    /// Its number.
    pub index: usize,
    /// Where its header is in the file, in bytes.
    pub offset: u64,
    /// Its header.
    pub header: &'a Header,
    bytes: &'a [u8],
    names: &'a [u8],
}

impl<'a> ElfSection<'a> {
    /// Where a field of its header is in the file, the field given by its offset in the header.
    pub const fn field(&self, offset: usize) -> u64 {
        self.offset.saturating_add(offset as u64)
    }

    /// Its name, up to [`MAX_NAME`] bytes of it, with what is not printable escaped.
    ///
    /// # Errors
    /// [`DefectKind::Name`].
    pub fn name(&self) -> Result<String, Defect> {
        let start = self.header.sh_name(LE);
        let name = usize::try_from(start).ok().and_then(|start| self.names.get(start..)).ok_or(Defect {
            kind: DefectKind::Name,
            field: "sh_name",
            offset: self.field(offset_of!(Header, sh_name)),
            found: start.into(),
            expected: Expected::AtMost(self.names.len() as u64),
        })?;
        let name = name.get(..MAX_NAME).unwrap_or(name);
        let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
        Ok(name.get(..end).unwrap_or_default().escape_ascii().to_string())
    }

    /// The address just behind it.
    ///
    /// # Errors
    /// [`DefectKind::AddressOverflow`].
    pub fn end_address(&self) -> Result<u32, Defect> {
        let (address, size) = (self.header.sh_addr(LE), self.header.sh_size(LE));
        address.checked_add(size).ok_or(Defect {
            kind: DefectKind::AddressOverflow,
            field: "sh_size",
            offset: self.field(offset_of!(Header, sh_size)),
            found: size.into(),
            expected: Expected::AtMost(u32::MAX.saturating_sub(address).into()),
        })
    }

    /// Its bytes in the file; none when it has none.
    ///
    /// # Errors
    /// [`DefectKind::SectionPastEof`].
    pub fn contents(&self) -> Result<&'a [u8], Defect> {
        let header = self.header;
        self.header.data(LE, self.bytes).map_err(|_| Defect {
            kind: DefectKind::SectionPastEof,
            field: "sh_offset + sh_size",
            offset: self.field(offset_of!(Header, sh_offset)),
            found: u64::from(header.sh_offset(LE)).saturating_add(header.sh_size(LE).into()),
            expected: Expected::AtMost(self.bytes.len() as u64),
        })
    }
}
