//! From the first bytes of a file to a header, and from a header to a program that is safe to load.

use core::fmt;

use execfmt_common::{ByteOrder, Expected, Severity};
use execfmt_detect::MagicBytes;
use zerocopy::byteorder::{BigEndian, LittleEndian};

use crate::check::{check, first, valid_end};
use crate::header::{Header, Layout};
use crate::rules::{NoffField, NoffFinding, NoffRule};
use crate::segment::{SegmentField, SegmentKind};
use crate::wire::{MAGIC, MAX_HEADER_SIZE};

/// How strict a parser is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// Errors refuse a file; warnings do not.
    #[default]
    Errors,
    /// Warnings refuse it too.
    Warnings,
}

/// What a parser needs to know besides the bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// The layout, where the caller knows it. `None` takes it from the file: the header is the one right
    /// after which the first segment's bytes begin.
    pub layout: Option<Layout>,
    /// Which findings refuse a file.
    pub strictness: Strictness,
}

impl Header {
    /// Reads a header without checking it: finds the byte order and the layout, and decodes the words.
    ///
    /// `prefix` is the beginning of the file: [`MAX_HEADER_SIZE`] bytes, or the whole of a shorter file;
    /// `file_len` is the length of the whole file in bytes. When `layout` is given, its header size is
    /// enough.
    ///
    /// # Errors
    /// [`Truncated`](NoffRule::Truncated), [`BadMagic`](NoffRule::BadMagic),
    /// [`UndecidableLayout`](NoffRule::UndecidableLayout), or [`SegmentPastEof`](NoffRule::SegmentPastEof)
    /// where that is why the layout cannot be decided. Both layouts have the same magic; they are
    /// distinguished by the fact that in all 411 real files the first segment's bytes begin right after the
    /// header.
    pub fn parse(prefix: &[u8], file_len: u32, layout: Option<Layout>) -> Result<Self, NoffFinding> {
        read(prefix, file_len, layout).ok_or_else(|| unreadable(prefix, file_len, layout))
    }
}

/// The part of the prefix that belongs to the file.
#[inline(always)]
fn within(prefix: &[u8], file_len: u32) -> &[u8] {
    usize::try_from(file_len).ok().and_then(|len| prefix.get(..len)).unwrap_or(prefix)
}

/// The header; `None` when it cannot be read, for which [`unreadable`] finds the reason.
#[inline(always)]
fn read(prefix: &[u8], file_len: u32, layout: Option<Layout>) -> Option<Header> {
    let prefix = within(prefix, file_len);
    let word = *prefix.first_chunk()?;
    if ByteOrder::Little.u32(word) == MAGIC {
        Header::decode::<LittleEndian>(prefix, layout, ByteOrder::Little)
    } else if ByteOrder::Big.u32(word) == MAGIC {
        Header::decode::<BigEndian>(prefix, layout, ByteOrder::Big)
    } else {
        None
    }
}

/// Why the header cannot be read.
#[cold]
#[inline(never)]
fn unreadable(prefix: &[u8], file_len: u32, layout: Option<Layout>) -> NoffFinding {
    let prefix = within(prefix, file_len);
    let byte_order = match byte_order(prefix) {
        Ok(byte_order) => byte_order,
        Err(finding) => return finding,
    };
    if let Some(layout) = layout {
        return truncated(prefix, layout.header_size());
    }
    if prefix.len() < MAX_HEADER_SIZE && (prefix.len() as u64) < u64::from(file_len) {
        return truncated(prefix, file_len.min(Layout::Four.header_size()));
    }
    let Some((words, _)) = prefix.split_first_chunk::<{ Layout::Three.header_size() as usize }>() else {
        return truncated(prefix, Layout::Three.header_size());
    };
    // The records of code and initData have the same offsets in both layouts, so an error in them is an error
    // in either.
    let field = SegmentField::InFileAddr;
    let word = |kind, field| Layout::Three.word(words, kind, field, byte_order);
    let mut lowest = None;
    for kind in [SegmentKind::Code, SegmentKind::InitData] {
        let found = word(kind, field);
        if word(kind, SegmentField::Size) == 0 {
            continue;
        }
        if found > file_len {
            return undecided(NoffRule::SegmentPastEof, kind, found, Expected::AtMost(file_len.into()));
        }
        if lowest.is_none_or(|(_, least)| found < least) {
            lowest = Some((kind, found));
        }
    }
    let [three, four] = Layout::ALL.map(|layout| layout.header_size().into());
    let (kind, found) = lowest.unwrap_or((SegmentKind::Code, word(SegmentKind::Code, field)));
    // Bytes that begin after one of the headers decide nothing where there are none, or others begin before them.
    let usual = Expected::Either(three, four);
    let expected = if usual.allows(found.into()) { Expected::AnythingBut(found.into()) } else { usual };
    undecided(NoffRule::UndecidableLayout, kind, found, expected)
}

fn undecided(rule: NoffRule, kind: SegmentKind, found: u32, expected: Expected) -> NoffFinding {
    let field = SegmentField::InFileAddr;
    let offset = Layout::Three.field_offset(kind, field).unwrap_or_default();
    rule.finding(NoffField::Segment(kind, field), offset, found.into(), expected)
}

/// The byte order of a file, from its magic.
///
/// # Errors
/// [`Truncated`](NoffRule::Truncated) or [`BadMagic`](NoffRule::BadMagic).
pub fn byte_order(prefix: &[u8]) -> Result<ByteOrder, NoffFinding> {
    let word = prefix.first_chunk().ok_or_else(|| truncated(prefix, Layout::Three.header_size()))?;
    let orders = [ByteOrder::Little, ByteOrder::Big];
    orders.into_iter().find(|order| order.u32(*word) == MAGIC).ok_or_else(|| {
        let rule = NoffRule::BadMagic(MagicBytes::new(*word));
        let found = u64::from(u32::from_le_bytes(*word));
        rule.finding(NoffField::NoffMagic, 0, found, Expected::Exactly(MAGIC.into()))
    })
}

fn truncated(prefix: &[u8], needed: u32) -> NoffFinding {
    let len = prefix.len() as u64;
    NoffRule::Truncated.finding(NoffField::FileLength, len, len, Expected::AtLeast(needed.into()))
}

/// A header that passed [`check`]: every address, size and file offset is safe to use.
///
/// This is for a kernel that has read only the first [`MAX_HEADER_SIZE`] bytes. Its arithmetic is in
/// [`page`](Self::page), [`page_count`](Self::page_count), [`stack_pointer`](Self::stack_pointer) and
/// [`load_with`](Self::load_with).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    header: Header,
    file_len: u32,
    memory_end: u32,
}

impl Program {
    /// Reads and checks a header, for a kernel that has read only the first [`MAX_HEADER_SIZE`] bytes of a file of
    /// `file_len` bytes (all of them when the file is shorter).
    ///
    /// # Errors
    /// Those of [`Header::parse`] and [`Program::new`].
    #[inline]
    pub fn parse(prefix: &[u8], file_len: u32, options: Options) -> Result<Self, NoffFinding> {
        let Some(header) = read(prefix, file_len, options.layout) else {
            return Err(unreadable(prefix, file_len, options.layout));
        };
        Self::new(header, file_len, options.strictness)
    }

    /// Checks a header.
    ///
    /// # Errors
    /// The first finding that `strictness` refuses.
    #[inline(always)]
    pub fn new(header: Header, file_len: u32, strictness: Strictness) -> Result<Self, NoffFinding> {
        match valid_end(&header, file_len) {
            Some(memory_end) if strictness == Strictness::Errors => Ok(Self { header, file_len, memory_end }),
            _ => {
                // Copied field by field, and the address taken of the copy instead of the header, so that the
                // header itself can stay in registers.
                let Header { layout, byte_order, code, init_data, readonly_data, uninit_data } = header;
                let copy = Header { layout, byte_order, code, init_data, readonly_data, uninit_data };
                Self::checked(&copy, file_len, strictness)
            }
        }
    }

    /// The same, with the reason for a refusal.
    #[cold]
    #[inline(never)]
    fn checked(header: &Header, file_len: u32, strictness: Strictness) -> Result<Self, NoffFinding> {
        let least = match strictness {
            Strictness::Errors => Severity::Error,
            Strictness::Warnings => Severity::Warning,
        };
        match first(header, file_len, least) {
            Some(finding) => Err(finding),
            // A header without errors has no address beyond 32 bits, so the end exists.
            None => {
                Ok(Self { header: *header, file_len, memory_end: header.memory_end().unwrap_or(u32::MAX) })
            }
        }
    }

    /// The header's numbers.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The length of the file in bytes, as given to the parser.
    pub const fn file_len(&self) -> u32 {
        self.file_len
    }

    /// One past the highest address of a segment: the size in bytes of a memory that begins at address 0.
    pub const fn memory_end(&self) -> u32 {
        self.memory_end
    }

    /// The warnings about the file.
    pub fn warnings(&self) -> impl Iterator<Item = NoffFinding> + '_ {
        check(&self.header, self.file_len)
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; memory up to {:#x}", self.header, self.memory_end)
    }
}
