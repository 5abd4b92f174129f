//! From bytes to a header, from a header to a program that may be loaded.

use core::fmt;

use execfmt_common::{ByteOrder, Expected};

use crate::check::check;
use crate::error::{Lookalike, NoffField, NoffFinding, NoffRule};
use crate::header::{Header, Layout, MAGIC, MAX_HEADER_SIZE};
use crate::segment::{SegmentField, SegmentKind};

/// How strict a parser is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// Errors refuse a file; what is merely unusual does not.
    #[default]
    Errors,
    /// Warnings refuse it too.
    Warnings,
}

/// What a parser is told besides the bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// The layout, where the caller knows it. `None` lets the file decide: the header is the one that the first
    /// segment's bytes begin right behind.
    pub layout: Option<Layout>,
    /// What refuses a file.
    pub strictness: Strictness,
}

/// Reads a header without judging it: finds the byte order and the layout, and decodes the words.
///
/// `prefix` is the beginning of the file, [`MAX_HEADER_SIZE`] bytes or the whole of a shorter file; `file_len` the
/// length of the whole file in bytes. With `layout` given, its header is enough.
///
/// # Errors
/// [`Truncated`](NoffRule::Truncated), [`BadMagic`](NoffRule::BadMagic) or
/// [`UndecidableLayout`](NoffRule::UndecidableLayout). Two layouts share one magic; what tells them apart is that in
/// 329 of 329 real files the first segment's bytes begin right behind the header.
pub fn read_header(prefix: &[u8], file_len: u32, layout: Option<Layout>) -> Result<Header, NoffFinding> {
    let prefix = usize::try_from(file_len).ok().and_then(|len| prefix.get(..len)).unwrap_or(prefix);
    let byte_order = byte_order(prefix)?;
    if let Some(layout) = layout {
        return Header::decode(prefix, layout, byte_order)
            .ok_or_else(|| truncated(prefix, layout.header_size()));
    }
    let candidates = Layout::ALL.into_iter().filter_map(|layout| Header::decode(prefix, layout, byte_order));
    let mut fitting = candidates
        .filter(|header| header.payload_start().is_some_and(|(_, at)| at == header.layout.header_size()));
    // At most one fits: both layouts share `code` and `initData`, whose bytes cannot begin at 40 and at 52.
    if let Some(header) = fitting.next() {
        return Ok(header);
    }
    if prefix.len() < MAX_HEADER_SIZE && (prefix.len() as u64) < u64::from(file_len) {
        return Err(truncated(prefix, file_len.min(Layout::Four.header_size())));
    }
    let three = Header::decode(prefix, Layout::Three, byte_order)
        .ok_or_else(|| truncated(prefix, Layout::Three.header_size()))?;
    let (kind, found) = three.payload_start().unwrap_or((SegmentKind::Code, three.code.in_file_addr));
    let field = SegmentField::InFileAddr;
    Err(NoffRule::UndecidableLayout.finding(
        NoffField::Segment(kind, field),
        Layout::Three.field_offset(kind, field).unwrap_or_default(),
        found.into(),
        Expected::Either(Layout::Three.header_size().into(), Layout::Four.header_size().into()),
    ))
}

/// The byte order that a file's magic shows.
///
/// # Errors
/// [`Truncated`](NoffRule::Truncated) or [`BadMagic`](NoffRule::BadMagic).
pub fn byte_order(prefix: &[u8]) -> Result<ByteOrder, NoffFinding> {
    let word = prefix.first_chunk().ok_or_else(|| truncated(prefix, Layout::Three.header_size()))?;
    let orders = [ByteOrder::Little, ByteOrder::Big];
    orders.into_iter().find(|order| order.u32(*word) == MAGIC).ok_or_else(|| {
        let rule = NoffRule::BadMagic(Lookalike::of(prefix));
        let found = u64::from(u32::from_le_bytes(*word));
        rule.finding(NoffField::NoffMagic, 0, found, Expected::Exactly(MAGIC.into()))
    })
}

fn truncated(prefix: &[u8], needed: u32) -> NoffFinding {
    let len = prefix.len() as u64;
    NoffRule::Truncated.finding(NoffField::FileLength, len, len, Expected::AtLeast(needed.into()))
}

/// A header that passed [`check`]: every address, size and place in the file may be used as it is.
///
/// This is what a kernel needs that has read no more than the first [`MAX_HEADER_SIZE`] bytes. Its arithmetic is in
/// [`page`](Self::page), [`page_count`](Self::page_count), [`stack_pointer`](Self::stack_pointer) and
/// [`load_with`](Self::load_with).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    header: Header,
    file_len: u32,
    memory_end: u32,
}

impl Program {
    /// Judges a header.
    ///
    /// # Errors
    /// The first finding that `strictness` refuses.
    pub fn new(header: Header, file_len: u32, strictness: Strictness) -> Result<Self, NoffFinding> {
        let refused = |finding: &NoffFinding| finding.is_error() || strictness == Strictness::Warnings;
        match check(&header, file_len).find(refused) {
            Some(finding) => Err(finding),
            // The checker has refused an address beyond 32 bits, so there is an end.
            None => Ok(Self { header, file_len, memory_end: header.memory_end().unwrap_or(u32::MAX) }),
        }
    }

    /// The header's numbers.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The length of the file in bytes, as it was given to the parser.
    pub const fn file_len(&self) -> u32 {
        self.file_len
    }

    /// The address just behind the highest segment, in bytes from address 0.
    pub const fn memory_end(&self) -> u32 {
        self.memory_end
    }

    /// What is unusual about the file.
    pub fn warnings(&self) -> impl Iterator<Item = NoffFinding> + '_ {
        check(&self.header, self.file_len)
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; memory up to {:#x}", self.header, self.memory_end)
    }
}

/// Reads and judges a header, for a kernel that has read only the first [`MAX_HEADER_SIZE`] bytes of a file of
/// `file_len` bytes (all of them when the file is shorter).
///
/// # Errors
/// Those of [`read_header`] and [`Program::new`].
pub fn parse_header(prefix: &[u8], file_len: u32, options: Options) -> Result<Program, NoffFinding> {
    Program::new(read_header(prefix, file_len, options.layout)?, file_len, options.strictness)
}

/// A whole file, borrowed: the program and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    program: Program,
    bytes: &'a [u8],
}

impl<'a> Image<'a> {
    /// The program's header and arithmetic.
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// The whole file.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// A segment's bytes in the file; none for `uninitData` and empty segments.
    pub fn segment_bytes(&self, kind: SegmentKind) -> &'a [u8] {
        let segment = self.program.header.segment(kind);
        if !kind.is_file_backed() || segment.size == 0 {
            return &[];
        }
        // The checker has refused a segment that does not lie within the file.
        self.file_range(segment.in_file_addr, segment.size).unwrap_or_default()
    }

    pub(crate) fn file_range(&self, start: u32, length: u32) -> Option<&'a [u8]> {
        let start = usize::try_from(start).ok()?;
        self.bytes.get(start..)?.get(..usize::try_from(length).ok()?)
    }
}

/// Reads and judges a whole file without copying it.
///
/// NOFF cannot address more than 4 GiB; of a longer file only so much counts. (The C library refuses it.)
///
/// # Errors
/// Those of [`parse_header`].
///
/// ```
/// use noff::{Builder, ByteOrder, Layout, Options, SegmentKind};
///
/// let mut file = [0; 64];
/// let written = Builder::new(Layout::Three, ByteOrder::Little).code(0, &[0x0c, 0, 0, 0]).write_to(&mut file)?;
/// let image = noff::parse(&file[..written], Options::default())?;
/// assert_eq!(image.program().memory_end(), 4);
/// assert_eq!(image.segment_bytes(SegmentKind::Code), [0x0c, 0, 0, 0]);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn parse(bytes: &[u8], options: Options) -> Result<Image<'_>, NoffFinding> {
    let file_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    Ok(Image { program: parse_header(bytes, file_len, options)?, bytes })
}
