use core::ops::Deref;

use execfmt_common::Expected;

use crate::defect::{Defect, DefectKind};
use crate::elf;
use crate::file::ElfFile;
use crate::numbers::SegmentNumbers;
use crate::table::Table;
use crate::wire::{Class, Layout, Record};

/// The program headers of a file.
#[derive(Clone, Copy, Debug)]
pub struct Segments<'a> {
    table: Table<'a>,
    bytes: &'a [u8],
    layout: Layout,
}

impl<'a> Segments<'a> {
    pub(crate) const fn new(file: &ElfFile<'a>, table: Table<'a>) -> Self {
        Self { table, bytes: file.bytes(), layout: file.layout() }
    }

    /// All segments, in file order.
    pub fn iter(&self) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        let Self { table, bytes, layout } = *self;
        (0..table.len()).map_while(move |index| {
            let (offset, record) = table.get(index)?;
            let numbers = SegmentNumbers::read(record, layout)?;
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            Some(Segment { index, offset, numbers, bytes, class: layout.class })
        })
    }
}

/// A segment: the [numbers](SegmentNumbers) of its program header.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Its index among all program headers.
    pub index: u32,
    /// File offset of its header, in bytes.
    pub offset: u64,
    numbers: SegmentNumbers,
    bytes: &'a [u8],
    class: Class,
}

impl Deref for Segment<'_> {
    type Target = SegmentNumbers;

    fn deref(&self) -> &SegmentNumbers {
        &self.numbers
    }
}

impl<'a> Segment<'a> {
    /// File offset of a field of its header; for a sum of fields, that of the first.
    pub fn field(&self, name: &str) -> u64 {
        self.offset.saturating_add(Record::Segment.offset(self.class, name) as u64)
    }

    fn defect(&self, kind: DefectKind, field: &'static str, found: u64, most: u64) -> Defect {
        let offset = self.field(field);
        Defect { kind, segment: Some(self.index), field, offset, found, expected: Expected::AtMost(most) }
    }

    /// Its bytes in the file: `p_filesz` of them, which must not exceed its size in memory, and its addresses
    /// must not wrap around. The offset of a segment without bytes is ignored, whatever its header contains.
    ///
    /// # Errors
    /// [`DefectKind::SegmentPastEof`], [`DefectKind::SegmentFileSize`], [`DefectKind::SegmentAddress`].
    pub fn contents(&self) -> Result<&'a [u8], Defect> {
        let SegmentNumbers { file_offset, file_size, memory_size, address, .. } = self.numbers;
        let range = || {
            if file_size == 0 {
                return Some(&[][..]);
            }
            let rest = self.bytes.get(usize::try_from(file_offset).ok()?..)?;
            rest.get(..usize::try_from(file_size).ok()?)
        };
        let Some(contents) = range() else {
            let (end, len) = (file_offset.saturating_add(file_size), self.bytes.len() as u64);
            return Err(self.defect(DefectKind::SegmentPastEof, "p_offset + p_filesz", end, len));
        };
        if file_size > memory_size {
            return Err(self.defect(DefectKind::SegmentFileSize, "p_filesz", file_size, memory_size));
        }
        let top = if self.class == Class::Elf32 { 1 << 32 } else { u64::MAX };
        let room = u64::saturating_sub(top, address);
        if memory_size > room {
            return Err(self.defect(DefectKind::SegmentAddress, "p_memsz", memory_size, room));
        }
        Ok(contents)
    }
}

impl<'a> ElfFile<'a> {
    /// The program headers.
    ///
    /// # Errors
    /// [`DefectKind::SegmentHeaderSize`], [`DefectKind::SegmentTable`]; for more than 65,534 of them also
    /// those of section 0, which holds their number.
    pub fn segments(&self) -> Result<Segments<'a>, Defect> {
        let numbers = self.numbers();
        let none = Segments::new(self, Table::EMPTY);
        // No table has this offset, so how many it would hold is not looked up.
        if numbers.segments_offset == 0 {
            return Ok(none);
        }
        let count = match numbers.segments {
            elf::PN_XNUM => self.section_zero()?.map_or(elf::PN_XNUM.into(), |zero| zero.info.into()),
            count => u64::from(count),
        };
        if count == 0 {
            return Ok(none);
        }
        let size = Record::Segment.size(self.layout().class);
        self.entry_size(DefectKind::SegmentHeaderSize, "e_phentsize", numbers.segment_size, size)?;
        let fields = ("e_phoff", "e_phnum");
        let table = self.table(DefectKind::SegmentTable, fields, numbers.segments_offset, count, size)?;
        Ok(Segments::new(self, table))
    }
}
