use execfmt_common::{ByteOrder, Expected};

use crate::defect::{Defect, DefectKind};
use crate::elf;
use crate::numbers::{FileNumbers, SectionNumbers};
use crate::table::Table;
use crate::wire::{Class, Layout, Record};

/// The four bytes that begin an ELF file, as a big-endian word: in file order.
pub const MAGIC: u32 = u32::from_be_bytes(elf::ELFMAG);

/// The files that a caller accepts. By default either class and byte order, for any machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The only class accepted.
    pub class: Option<Class>,
    /// The only byte order accepted.
    pub byte_order: Option<ByteOrder>,
    /// The machines (`e_machine`), the first of which an error reports as expected. Empty for any machine.
    pub machines: &'a [u16],
}

/// A file with a complete file header, and a known class, byte order and version.
#[derive(Clone, Copy, Debug)]
pub struct ElfFile<'a> {
    bytes: &'a [u8],
    layout: Layout,
    numbers: FileNumbers,
}

impl<'a> ElfFile<'a> {
    /// Reads the file header.
    ///
    /// # Errors
    /// The first [`Defect`], in the order of the fields.
    pub fn parse(bytes: &'a [u8], wanted: &Wanted<'_>) -> Result<Self, Defect> {
        if !bytes.starts_with(&elf::ELFMAG) {
            let found = bytes.first_chunk().map_or(0, |word| u32::from_be_bytes(*word));
            return Err(ident(DefectKind::NotElf, "e_ident", found.into(), Expected::Exactly(MAGIC.into())));
        }
        let class = class(bytes, wanted.class)?;
        let size = Record::File.size(class);
        if bytes.len() < size {
            let (found, expected) = (bytes.len() as u64, Expected::AtLeast(size as u64));
            let field = "file length";
            return Err(Defect {
                kind: DefectKind::Truncated,
                segment: None,
                field,
                offset: found,
                found,
                expected,
            });
        }
        let byte_order = byte_order(bytes, wanted.byte_order)?;
        let version = ident_byte(bytes, "EI_VERSION");
        if version != elf::EV_CURRENT {
            let expected = Expected::Exactly(elf::EV_CURRENT.into());
            return Err(ident(DefectKind::Identification, "EI_VERSION", version.into(), expected));
        }
        let layout = Layout { class, byte_order };
        // The length was checked above.
        let Some(numbers) = FileNumbers::read(bytes, layout) else {
            return Err(ident(DefectKind::Truncated, "e_ident", 0, Expected::AtLeast(size as u64)));
        };
        let file = Self { bytes, layout, numbers };
        if !wanted.machines.is_empty() && !wanted.machines.contains(&numbers.machine) {
            let expected = match *wanted.machines {
                [one, other] => Expected::Either(one.into(), other.into()),
                [one, ..] => Expected::Exactly(one.into()),
                [] => Expected::Exactly(0),
            };
            return Err(file.defect(DefectKind::Machine, "e_machine", numbers.machine.into(), expected));
        }
        Ok(file)
    }

    /// The whole file.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Its class and byte order.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// The numbers of the file header.
    pub const fn numbers(&self) -> &FileNumbers {
        &self.numbers
    }

    /// File offset of a field of the file header, in bytes.
    pub fn field(&self, name: &str) -> u64 {
        Record::File.offset(self.layout.class, name) as u64
    }

    /// A defect of a field of the file header.
    pub(crate) fn defect(
        &self,
        kind: DefectKind,
        field: &'static str,
        found: u64,
        expected: Expected,
    ) -> Defect {
        Defect { kind, segment: None, field, offset: self.field(field), found, expected }
    }

    /// The first section header, which describes no section and holds the numbers that do not fit into the
    /// file header.
    pub(crate) fn section_zero(&self) -> Result<Option<SectionNumbers>, Defect> {
        let start = self.numbers.sections_offset;
        if start == 0 {
            return Ok(None);
        }
        let size = Record::Section.size(self.layout.class);
        self.entry_size(DefectKind::SectionHeaderSize, "e_shentsize", self.numbers.section_size, size)?;
        let at = usize::try_from(start).ok();
        let zero = at.and_then(|at| SectionNumbers::read(self.bytes.get(at..)?, self.layout));
        let expected = Expected::AtMost((self.bytes.len() as u64).saturating_sub(size as u64));
        zero.map(Some).ok_or_else(|| self.defect(DefectKind::SectionTable, "e_shoff", start, expected))
    }

    pub(crate) fn entry_size(
        &self,
        kind: DefectKind,
        field: &'static str,
        found: u16,
        size: usize,
    ) -> Result<(), Defect> {
        if usize::from(found) == size {
            return Ok(());
        }
        Err(self.defect(kind, field, found.into(), Expected::Exactly(size as u64)))
    }

    /// A table of the file. A refusal blames the field at fault: the number of records when no offset would
    /// be valid.
    pub(crate) fn table(
        &self,
        kind: DefectKind,
        (start_field, count_field): (&'static str, &'static str),
        start: u64,
        count: u64,
        size: usize,
    ) -> Result<Table<'a>, Defect> {
        let (len, size) = (self.bytes.len() as u64, size as u64);
        let most = len.checked_div(size).unwrap_or_default();
        if count > most {
            return Err(self.defect(kind, count_field, count, Expected::AtMost(most)));
        }
        let last = len.saturating_sub(count.saturating_mul(size));
        let table = Table::within(self.bytes, start, count, size).filter(|_| start <= last);
        table.ok_or_else(|| self.defect(kind, start_field, start, Expected::AtMost(last)))
    }
}

fn ident(kind: DefectKind, field: &'static str, found: u64, expected: Expected) -> Defect {
    // The identification is the same in both classes.
    let offset = Record::File.offset(Class::Elf32, field) as u64;
    Defect { kind, segment: None, field, offset, found, expected }
}

fn ident_byte(bytes: &[u8], field: &str) -> u8 {
    bytes.get(Record::File.offset(Class::Elf32, field)).copied().unwrap_or_default()
}

/// The two valid values of a byte of the identification, and their meanings.
fn class(bytes: &[u8], wanted: Option<Class>) -> Result<Class, Defect> {
    let found = ident_byte(bytes, "EI_CLASS");
    let (narrow, wide) = (elf::ELFCLASS32.into(), elf::ELFCLASS64.into());
    let class = match found {
        elf::ELFCLASS32 => Class::Elf32,
        elf::ELFCLASS64 => Class::Elf64,
        _ => {
            let expected = match wanted {
                None => Expected::Either(narrow, wide),
                Some(Class::Elf32) => Expected::Exactly(narrow),
                Some(Class::Elf64) => Expected::Exactly(wide),
            };
            return Err(ident(DefectKind::Identification, "EI_CLASS", found.into(), expected));
        }
    };
    match wanted {
        Some(wanted) if wanted != class => {
            let expected = Expected::Exactly(if wanted == Class::Elf32 { narrow } else { wide });
            Err(ident(DefectKind::Class, "EI_CLASS", found.into(), expected))
        }
        _ => Ok(class),
    }
}

fn byte_order(bytes: &[u8], wanted: Option<ByteOrder>) -> Result<ByteOrder, Defect> {
    let found = ident_byte(bytes, "EI_DATA");
    let (little, big) = (elf::ELFDATA2LSB.into(), elf::ELFDATA2MSB.into());
    let order = match found {
        elf::ELFDATA2LSB => ByteOrder::Little,
        elf::ELFDATA2MSB => ByteOrder::Big,
        _ => {
            let expected = match wanted {
                None => Expected::Either(little, big),
                Some(ByteOrder::Little) => Expected::Exactly(little),
                Some(ByteOrder::Big) => Expected::Exactly(big),
            };
            return Err(ident(DefectKind::Identification, "EI_DATA", found.into(), expected));
        }
    };
    match wanted {
        Some(wanted) if wanted != order => {
            let expected = Expected::Exactly(if wanted == ByteOrder::Little { little } else { big });
            Err(ident(DefectKind::ByteOrder, "EI_DATA", found.into(), expected))
        }
        _ => Ok(order),
    }
}
