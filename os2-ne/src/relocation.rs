//! Relocations: words and far pointers that refer to segments.

use core::fmt;

use execfmt_common::{Expected, Refusal};
use zerocopy::FromBytes;

use crate::field::NeField;
use crate::rules::{NeFinding, NeRule};
use crate::wire::{RELOCATION_SIZE, RelocationRecord};

/// What a relocation changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A word, which is set to the target's segment.
    Segment,
    /// Two words, which are set to the target's offset and segment.
    FarPointer,
}

impl Source {
    /// Number of bytes that are changed.
    pub const fn width(self) -> u16 {
        match self {
            Self::Segment => 2,
            Self::FarPointer => 4,
        }
    }

    /// The number in the file.
    pub const fn number(self) -> u8 {
        match self {
            Self::Segment => 2,
            Self::FarPointer => 3,
        }
    }
}

/// A relocation that ELKS supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Relocation {
    /// What is changed.
    pub source: Source,
    /// Whether the value in the file is added to the offset: only of far pointers.
    pub additive: bool,
    /// Offset of the changed bytes in their segment.
    pub source_offset: u16,
    /// Number of the target segment, from 1.
    pub target_segment: u8,
    /// Offset in the target segment in bytes; not used for [`Source::Segment`].
    pub target_offset: u16,
}

/// Bit of a record's flags: the value in the file is added.
pub const ADDITIVE: u8 = 4;

/// Bits of a record's flags: the kind of the target, 0 for one of the file's segments.
pub const TARGET_MASK: u8 = 3;

impl RelocationRecord {
    /// The relocation, if ELKS supports it.
    ///
    /// # Errors
    /// The name of the unsupported field, its value, and the values that ELKS supports.
    #[inline(always)]
    pub fn known(&self) -> Result<Relocation, (&'static str, u8, Expected)> {
        if self.flags & TARGET_MASK != 0 {
            return Err(("flags", self.flags, Expected::Exactly((self.flags & !TARGET_MASK).into())));
        }
        let additive = self.flags & ADDITIVE != 0;
        let source = match self.source_type {
            2 if additive => {
                return Err(("flags", self.flags, Expected::Exactly((self.flags & !ADDITIVE).into())));
            }
            2 => Source::Segment,
            3 => Source::FarPointer,
            other => return Err(("source_type", other, Expected::Either(2, 3))),
        };
        Ok(Relocation {
            source,
            additive,
            source_offset: self.source_offset.get(),
            target_segment: self.target_segment,
            target_offset: self.target_offset.get(),
        })
    }
}

impl From<Relocation> for RelocationRecord {
    fn from(it: Relocation) -> Self {
        Self {
            source_type: it.source.number(),
            flags: if it.additive { ADDITIVE } else { 0 },
            source_offset: it.source_offset.into(),
            target_segment: it.target_segment,
            reserved: 0,
            target_offset: it.target_offset.into(),
        }
    }
}

impl fmt::Display for Relocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source_offset, target_segment, target_offset, .. } = self;
        match (self.source, self.additive) {
            (Source::Segment, _) => write!(f, "{source_offset:04x}: segment {target_segment}"),
            (Source::FarPointer, false) => {
                write!(f, "{source_offset:04x}: far pointer to segment {target_segment}:{target_offset:04x}")
            }
            (Source::FarPointer, true) => {
                write!(
                    f,
                    "{source_offset:04x}: far pointer to segment {target_segment}:{target_offset:04x} added to"
                )
            }
        }
    }
}

/// The relocation records after a segment's bytes. The iterator ends after an error.
#[derive(Clone, Debug)]
pub struct Relocations<'a> {
    segment: u16,
    table: &'a [u8],
    offset: u64,
    left: u16,
    count_missing: bool,
}

impl<'a> Relocations<'a> {
    /// No records.
    pub(crate) const NONE: Self = Self { segment: 0, table: &[], offset: 0, left: 0, count_missing: false };

    /// The records in the bytes after a segment, which begin at a file offset.
    #[inline(always)]
    pub(crate) fn new(segment: u16, rest: &'a [u8], offset: u64) -> Self {
        let (count, table) = match rest.split_first_chunk() {
            Some((count, table)) => (Some(u16::from_le_bytes(*count)), table),
            None => (None, rest),
        };
        let skip = if count.is_some() { 2 } else { 0 };
        Self {
            segment,
            table,
            offset: offset.saturating_add(skip),
            left: count.unwrap_or_default(),
            count_missing: count.is_none(),
        }
    }

    /// Number of records still to come, from the count in the file.
    pub const fn left(&self) -> u16 {
        self.left
    }

    /// File offset of the next record in bytes.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The next record and its file offset, for a check that needs only the verdict, or the reason too.
    #[inline(always)]
    pub(crate) fn read<E: Refusal<NeRule>>(&mut self) -> Option<Result<(u64, RelocationRecord), E>> {
        let (rule, field, offset) =
            (NeRule::RelocationsPastEof, NeField::RelocationCount(self.segment), self.offset);
        if core::mem::take(&mut self.count_missing) {
            return Some(rule.refuse(field, offset, self.table.len() as u64, Expected::AtLeast(2)));
        }
        let left = self.left.checked_sub(1)?;
        let Ok((record, rest)) = RelocationRecord::read_from_prefix(self.table) else {
            let found = core::mem::take(&mut self.left);
            let whole = self.table.len().checked_div(RELOCATION_SIZE).unwrap_or_default();
            return Some(rule.refuse(field, offset, found.into(), Expected::AtMost(whole as u64)));
        };
        self.left = left;
        self.table = rest;
        self.offset = offset.saturating_add(RELOCATION_SIZE as u64);
        Some(Ok((offset, record)))
    }
}

impl Iterator for Relocations<'_> {
    type Item = Result<(u64, RelocationRecord), NeFinding>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.read()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(usize::from(self.left).saturating_add(1)))
    }
}

impl core::iter::FusedIterator for Relocations<'_> {}
