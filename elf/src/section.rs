use alloc::string::{String, ToString};
use core::ops::Deref;

use execfmt_common::Expected;

use crate::defect::{Defect, DefectKind};
use crate::elf;
use crate::file::ElfFile;
use crate::names::Names;
use crate::numbers::SectionNumbers;
use crate::symbol::{Relocations, Symbols};
use crate::table::Table;
use crate::wire::{Class, Layout, Record};

/// Maximum number of bytes of a section name that [`Section::name`] reads. Names may share their bytes, so a
/// file can contain many times its own length of them.
pub const MAX_NAME: usize = 64;

/// The sections of a file.
#[derive(Clone, Copy, Debug)]
pub struct Sections<'a> {
    table: Table<'a>,
    names: Names<'a>,
    bytes: &'a [u8],
    layout: Layout,
}

impl<'a> Sections<'a> {
    pub(crate) const fn empty(file: &ElfFile<'a>) -> Self {
        Self { table: Table::EMPTY, names: Names::EMPTY, bytes: file.bytes(), layout: file.layout() }
    }

    /// For a table that is not empty, with the section that contains the names.
    pub(crate) fn new(file: &ElfFile<'a>, table: Table<'a>, zero: &SectionNumbers) -> Result<Self, Defect> {
        let mut sections = Self { table, ..Self::empty(file) };
        let extended = file.numbers().names == elf::SHN_XINDEX;
        let index = if extended { zero.link } else { file.numbers().names.into() };
        let section = sections.linked(index).ok_or_else(|| {
            let expected = sections.linkable(index);
            if extended {
                let first = sections.get(0);
                let offset = first.map_or(0, |first| first.field("sh_link"));
                let field = "sh_link";
                Defect {
                    kind: DefectKind::NoNames,
                    segment: None,
                    field,
                    offset,
                    found: index.into(),
                    expected,
                }
            } else {
                file.defect(DefectKind::NoNames, "e_shstrndx", index.into(), expected)
            }
        })?;
        sections.names = Names::new(section.contents()?);
        Ok(sections)
    }

    /// The number of sections, including the empty first one.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether the file has no section headers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A section by its index.
    pub fn get(&self, index: usize) -> Option<Section<'a>> {
        let (offset, record) = self.table.get(index)?;
        let numbers = SectionNumbers::read(record, self.layout)?;
        let Self { bytes, names, layout: Layout { class, .. }, .. } = *self;
        Some(Section { index, offset, numbers, bytes, names, class })
    }

    /// All sections, in table order, including the empty first one.
    pub fn iter(&self) -> impl Iterator<Item = Section<'a>> + use<'a> {
        let sections = *self;
        (0..self.len()).map_while(move |index| sections.get(index))
    }

    /// The symbols: those of the first section of type `SHT_SYMTAB`, or none.
    ///
    /// # Errors
    /// [`DefectKind::Symbols`], [`DefectKind::NoSymbolNames`], [`DefectKind::SectionPastEof`] of either section.
    pub fn symbols(&self) -> Result<Symbols<'a>, Defect> {
        let Some(section) = self.iter().find(|section| section.kind == elf::SHT_SYMTAB) else {
            return Ok(Symbols::empty(self.layout));
        };
        let table = self.records(&section, Record::Symbol, DefectKind::Symbols)?;
        let names = match section.link {
            // No names, and no section index.
            0 => Names::EMPTY,
            link => {
                let names = self.linked(link).ok_or_else(|| {
                    section.defect(DefectKind::NoSymbolNames, "sh_link", link.into(), self.linkable(link))
                })?;
                Names::new(names.contents()?)
            }
        };
        Ok(Symbols::new(table, names, section.info, self.layout))
    }

    /// The relocations of a section of type `SHT_REL`.
    ///
    /// # Errors
    /// [`DefectKind::Relocations`], [`DefectKind::SectionPastEof`].
    pub fn relocations(&self, section: &Section<'a>) -> Result<Relocations<'a>, Defect> {
        let table = self.records(section, Record::Relocation, DefectKind::Relocations)?;
        Ok(Relocations::new(table, self.layout))
    }

    fn records(&self, section: &Section<'a>, record: Record, kind: DefectKind) -> Result<Table<'a>, Defect> {
        let contents = section.contents()?;
        let (len, size) = (contents.len() as u64, record.size(self.layout.class) as u64);
        let count = len.checked_div(size).unwrap_or_default();
        if count.saturating_mul(size) != len {
            return Err(section.defect(kind, "sh_size", len, Expected::MultipleOf(size)));
        }
        if len == 0 {
            return Ok(Table::EMPTY);
        }
        Ok(Table::within(self.bytes, section.file_offset, count, size).unwrap_or(Table::EMPTY))
    }

    /// A section to which another one refers by index: not the first, which is not an actual section.
    fn linked(&self, index: u32) -> Option<Section<'a>> {
        self.get(usize::try_from(index).ok().filter(|&index| index != 0)?)
    }

    /// The valid indices of sections, for an index that is not.
    fn linkable(&self, index: u32) -> Expected {
        match index {
            0 => Expected::AtLeast(1),
            _ => Expected::AtMost((self.len() as u64).saturating_sub(1)),
        }
    }
}

/// A section of a file: the [numbers](SectionNumbers) of its section header.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    /// Its index.
    pub index: usize,
    /// File offset of its header, in bytes.
    pub offset: u64,
    numbers: SectionNumbers,
    bytes: &'a [u8],
    names: Names<'a>,
    class: Class,
}

impl Deref for Section<'_> {
    type Target = SectionNumbers;

    fn deref(&self) -> &SectionNumbers {
        &self.numbers
    }
}

impl<'a> Section<'a> {
    /// File offset of a field of its header; for a sum of fields, that of the first.
    pub fn field(&self, name: &str) -> u64 {
        self.offset.saturating_add(Record::Section.offset(self.class, name) as u64)
    }

    fn defect(&self, kind: DefectKind, field: &'static str, found: u64, expected: Expected) -> Defect {
        Defect { kind, segment: None, field, offset: self.field(field), found, expected }
    }

    /// Whether a flag is set.
    pub fn has(&self, flag: u32) -> bool {
        self.flags & u64::from(flag) != 0
    }

    /// Its name, at most `most` bytes of it.
    ///
    /// # Errors
    /// [`DefectKind::Name`].
    pub fn name_bytes(&self, most: usize) -> Result<&'a [u8], Defect> {
        self.names.get(self.numbers.name, most).ok_or_else(|| {
            let found = self.numbers.name.into();
            // A name that begins after the last NUL has no end.
            let last = self.names.last_end().map(|end| Expected::AtMost(end as u64));
            self.defect(DefectKind::Name, "sh_name", found, last.unwrap_or(Expected::AnythingBut(found)))
        })
    }

    /// Its name, at most [`MAX_NAME`] bytes of it, with non-printable characters escaped.
    ///
    /// # Errors
    /// [`DefectKind::Name`].
    pub fn name(&self) -> Result<String, Defect> {
        Ok(self.name_bytes(MAX_NAME)?.escape_ascii().to_string())
    }

    /// One past its last address.
    ///
    /// # Errors
    /// [`DefectKind::AddressOverflow`].
    pub fn end_address(&self) -> Result<u64, Defect> {
        let top = if self.class == Class::Elf32 { u32::MAX.into() } else { u64::MAX };
        let room = u64::saturating_sub(top, self.address);
        if self.size > room {
            let expected = Expected::AtMost(room);
            return Err(self.defect(DefectKind::AddressOverflow, "sh_size", self.size, expected));
        }
        Ok(self.address.saturating_add(self.size))
    }

    /// Its bytes in the file. The offset of a section without bytes (`SHT_NOBITS`, or of size 0) is ignored,
    /// whatever its header contains.
    ///
    /// # Errors
    /// [`DefectKind::SectionPastEof`].
    pub fn contents(&self) -> Result<&'a [u8], Defect> {
        if self.kind == elf::SHT_NOBITS || self.size == 0 {
            return Ok(&[]);
        }
        let range = || {
            let rest = self.bytes.get(usize::try_from(self.file_offset).ok()?..)?;
            rest.get(..usize::try_from(self.size).ok()?)
        };
        range().ok_or_else(|| {
            let end = self.file_offset.saturating_add(self.size);
            let expected = Expected::AtMost(self.bytes.len() as u64);
            self.defect(DefectKind::SectionPastEof, "sh_offset + sh_size", end, expected)
        })
    }
}

impl<'a> ElfFile<'a> {
    /// The section headers, and the names of the sections. Empty for a file without section headers.
    ///
    /// # Errors
    /// [`DefectKind::SectionHeaderSize`], [`DefectKind::SectionTable`], [`DefectKind::NoNames`];
    /// [`DefectKind::SectionPastEof`] for the names.
    pub fn sections(&self) -> Result<Sections<'a>, Defect> {
        let Some(zero) = self.section_zero()? else { return Ok(Sections::empty(self)) };
        let count = if self.numbers().sections == 0 { zero.size } else { self.numbers().sections.into() };
        if count == 0 {
            return Ok(Sections::empty(self));
        }
        let size = Record::Section.size(self.layout().class);
        let fields = ("e_shoff", "e_shnum");
        let table =
            self.table(DefectKind::SectionTable, fields, self.numbers().sections_offset, count, size)?;
        Sections::new(self, table, &zero)
    }
}
