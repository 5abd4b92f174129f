//! Building files.

use core::fmt;

use execfmt_common::BufferTooSmall;
use zerocopy::{FromZeros, IntoBytes};

use crate::image::{Image, Segment, segment_flags};
use crate::relocation::{Relocation, Relocations};
use crate::wire::{
    MZ_HEADER_SIZE, MZ_MAGIC, MzHeader, NE_HEADER_SIZE, NE_MAGIC, NeHeader, RELOCATION_SIZE,
    RelocationRecord, SEGMENT_ENTRY_SIZE, SegmentEntry,
};

/// Relocations of a segment to be built.
#[derive(Clone, Debug)]
enum Table<'a> {
    New(&'a [Relocation]),
    Records(Relocations<'a>),
}

impl Table<'_> {
    fn count(&self) -> usize {
        match self {
            Self::New(relocations) => relocations.len(),
            Self::Records(records) => records.left().into(),
        }
    }

    fn records(&self) -> impl Iterator<Item = RelocationRecord> + '_ {
        let (new, records) = match self {
            Self::New(relocations) => (*relocations, None),
            Self::Records(records) => (&[][..], Some(records.clone())),
        };
        let records = records.into_iter().flatten().map_while(Result::ok).map(|(_, record)| record);
        new.iter().map(|&relocation| relocation.into()).chain(records)
    }
}

/// A segment of a file to be built.
#[derive(Clone, Debug)]
pub struct NewSegment<'a> {
    bytes: &'a [u8],
    zeros: u16,
    flags: u16,
    min_alloc: Option<u16>,
    relocations: Table<'a>,
}

impl<'a> NewSegment<'a> {
    /// Code.
    pub const fn code(bytes: &'a [u8]) -> Self {
        Self { bytes, zeros: 0, flags: segment_flags::LEVEL, min_alloc: None, relocations: Table::New(&[]) }
    }

    /// Data.
    pub const fn data(bytes: &'a [u8]) -> Self {
        let flags = segment_flags::LEVEL | segment_flags::DATA;
        Self { bytes, zeros: 0, flags, min_alloc: None, relocations: Table::New(&[]) }
    }

    /// A segment taken unchanged from a file.
    pub fn from_segment(segment: &Segment<'a>) -> Self {
        Self {
            bytes: segment.available(),
            zeros: 0,
            flags: segment.flags(),
            min_alloc: Some(segment.min_alloc()),
            relocations: Table::Records(segment.relocations()),
        }
    }

    /// Size in memory in bytes; by default the size in the file.
    #[must_use]
    pub const fn min_alloc(mut self, bytes: u16) -> Self {
        self.min_alloc = Some(bytes);
        self
    }

    /// Its [flags](segment_flags), except [`RELOCATIONS`](segment_flags::RELOCATIONS), which is set when
    /// there are relocations.
    #[must_use]
    pub const fn flags(mut self, flags: u16) -> Self {
        self.flags = flags;
        self
    }

    /// Number of zero bytes in memory after the bytes in the file.
    #[must_use]
    pub const fn zeros(mut self, count: u16) -> Self {
        self.zeros = count;
        self
    }

    /// Its relocations.
    #[must_use]
    pub const fn relocations(mut self, relocations: &'a [Relocation]) -> Self {
        self.relocations = Table::New(relocations);
        self
    }

    /// Number of bytes in the file, without relocations.
    fn size(&self) -> usize {
        self.bytes.len().saturating_add(self.zeros.into())
    }

    /// True when a relocation table follows: even an empty one, if the original file has that.
    fn has_table(&self) -> bool {
        self.relocations.count() != 0
            || matches!(self.relocations, Table::Records(_)) && self.flags & segment_flags::RELOCATIONS != 0
    }

    /// Number of bytes in the file, including relocations.
    fn length(&self) -> usize {
        let table = self.relocations.count().saturating_mul(RELOCATION_SIZE).saturating_add(2);
        self.size().saturating_add(if self.has_table() { table } else { 0 })
    }
}

/// Why a file could not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// More segments than the header can count.
    TooManySegments(usize),
    /// A segment, by its number, is longer than the segment table can express: 65,535 bytes.
    SegmentTooLong(u16, usize),
    /// A segment, by its number, has more relocations than can be counted: 65,535.
    TooManyRelocations(u16, usize),
    /// The file is too long for the offsets in the segment table: a larger shift is needed.
    ShiftTooSmall(u16),
    /// A shift larger than 15.
    ShiftTooLarge(u16),
    /// The caller's buffer is too small.
    BufferTooSmall(BufferTooSmall),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManySegments(count) => {
                write!(f, "too many segments for the segment table: {count}, but the maximum is 8184")
            }
            Self::SegmentTooLong(number, length) => {
                write!(f, "segment {number} has {length} bytes, but the maximum is 65535")
            }
            Self::TooManyRelocations(number, count) => {
                write!(f, "segment {number} has {count} relocations, but the maximum is 65535")
            }
            Self::ShiftTooSmall(shift) => {
                write!(
                    f,
                    "a segment begins beyond the offsets that a shift of {shift} can express; choose a larger one"
                )
            }
            Self::ShiftTooLarge(shift) => write!(f, "a shift of {shift} is larger than 15"),
            Self::BufferTooSmall(size) => size.fmt(f),
        }
    }
}

impl core::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::BufferTooSmall(size) => Some(size),
            _ => None,
        }
    }
}

/// Maximum number of segments whose table leaves the offsets of the tables after it within 16 bits.
const MAX_SEGMENTS: usize = 8184;

/// Number of bytes before the segments, apart from the segment table.
const FIXED: usize = MZ_HEADER_SIZE + NE_HEADER_SIZE + TABLES.len();

/// File offset of the NE header: there is no stub.
const NE_POSITION: u32 = 64;

/// Maximum shift: offsets of segments are then multiples of 32 KiB.
const MAX_SHIFT: u16 = 15;

/// Resident names (none), module references and imported names (none), and an entry table without entries:
/// what Open Watcom's linker writes between the segment table and the segments.
const TABLES: [u8; 6] = [0; 6];

/// Builds a file with the layout of Open Watcom's linker: MZ header, NE header, segment table, small tables,
/// then each segment with its relocations.
///
/// ```
/// use os2_ne::{Builder, NewSegment, elks};
///
/// let segments = [NewSegment::code(&[0xeb, 0xfe]), NewSegment::data(&[1, 0]).min_alloc(100)];
/// let mut file = [0; 256];
/// let length = Builder::new(&segments).heap(0xffff).write_to(&mut file)?;
/// let layout = *elks::execve(&file[..length], elks::Options::default())?.layout();
/// assert_eq!((layout.data_len, layout.t_enddata), (0xfff0, 100));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder<'a> {
    segments: &'a [NewSegment<'a>],
    ne: NeHeader,
    dos: [u8; 58],
}

impl<'a> Builder<'a> {
    /// A program of these segments, which are numbered from 1 in the order given. It starts at the beginning
    /// of the first code segment, its auto data segment is the first data segment, and it requests 4096 bytes
    /// each of stack and heap.
    pub fn new(segments: &'a [NewSegment<'a>]) -> Self {
        let first = |data: u16| {
            (1..)
                .zip(segments)
                .find(|(_, it)| it.flags & segment_flags::DATA == data)
                .map_or(1_u16, |(n, _)| n)
        };
        let auto = first(segment_flags::DATA);
        let mut ne = NeHeader::new_zeroed();
        ne.magic = NE_MAGIC;
        ne.linker_version = [5, 1];
        ne.program_flags = crate::elks::PROGRAM;
        ne.application_flags = 2;
        ne.auto_data_segment = auto.into();
        ne.heap = crate::elks::INIT_HEAP.into();
        ne.stack = crate::elks::INIT_STACK.into();
        ne.cs = first(0).into();
        ne.ss = auto.into();
        ne.shift = 1.into();
        ne.target_os = 1;
        Self { segments, ne, dos: [0; 58] }
    }

    /// Takes the header of a file, for the segments given here. Fields that depend on the positions and
    /// number of segments are recomputed.
    pub fn from_image(image: &Image<'_>, segments: &'a [NewSegment<'a>]) -> Self {
        let mut dos = [0; 58];
        if let Some(source) = image.bytes().get(2..60) {
            dos.copy_from_slice(source);
        }
        Self { segments, ne: image.header().ne, dos }
    }

    /// The entry point: number of the segment and offset in it.
    #[must_use]
    pub fn entry(mut self, segment: u16, offset: u16) -> Self {
        self.ne.cs = segment.into();
        self.ne.ip = offset.into();
        self
    }

    /// The auto data segment, which holds data, heap and stack.
    #[must_use]
    pub fn auto_data_segment(mut self, number: u16) -> Self {
        self.ne.auto_data_segment = number.into();
        self.ne.ss = number.into();
        self
    }

    /// Bytes of heap; 0 for 4096, FFFF hexadecimal for as much as fits into the segment.
    #[must_use]
    pub fn heap(mut self, bytes: u16) -> Self {
        self.ne.heap = bytes.into();
        self
    }

    /// Bytes of stack; 0 for 4096.
    #[must_use]
    pub fn stack(mut self, bytes: u16) -> Self {
        self.ne.stack = bytes.into();
        self
    }

    /// Segments begin at multiples of 2 to this power in the file; 0 to 15.
    #[must_use]
    pub fn shift(mut self, shift: u16) -> Self {
        self.ne.shift = shift.into();
        self
    }

    /// Changes any field of the header. Fields that depend on the positions and number of segments are
    /// recomputed.
    #[must_use]
    pub fn header(mut self, change: impl FnOnce(&mut NeHeader)) -> Self {
        change(&mut self.ne);
        self
    }

    /// Lowest file offset at which the segments may begin, in bytes.
    fn tables_end(&self) -> usize {
        let table = self.segments.len().saturating_mul(SEGMENT_ENTRY_SIZE);
        FIXED.saturating_add(table)
    }

    /// Checks the segments, and calls `place` with each one, its offset in bytes and in the table's units.
    fn place(&self, mut place: impl FnMut(&NewSegment<'_>, usize, u16)) -> Result<usize, BuildError> {
        if self.segments.len() > MAX_SEGMENTS {
            return Err(BuildError::TooManySegments(self.segments.len()));
        }
        let shift = self.ne.shift.get();
        let unit = Some(shift).filter(|&shift| shift <= MAX_SHIFT);
        let unit = 1_usize.wrapping_shl(unit.ok_or(BuildError::ShiftTooLarge(shift))?.into());
        let mut end = self.tables_end();
        for (number, segment) in (1..).zip(self.segments) {
            if u16::try_from(segment.size()).is_err() {
                return Err(BuildError::SegmentTooLong(number, segment.size()));
            }
            let count = segment.relocations.count();
            if u16::try_from(count).is_err() {
                return Err(BuildError::TooManyRelocations(number, count));
            }
            if segment.length() == 0 {
                place(segment, end, 0);
                continue;
            }
            let start = end.checked_next_multiple_of(unit);
            let start = start.ok_or(BuildError::ShiftTooSmall(shift))?;
            let offset = start.wrapping_shr(shift.into());
            let offset = u16::try_from(offset).map_err(|_| BuildError::ShiftTooSmall(shift))?;
            place(segment, start, offset);
            end = start.saturating_add(segment.length());
        }
        Ok(end)
    }

    /// The length of the file in bytes.
    ///
    /// # Errors
    /// [`BuildError`] when something does not fit the format.
    pub fn size(&self) -> Result<usize, BuildError> {
        self.place(|_, _, _| {})
    }

    /// Writes the file and returns its length.
    ///
    /// # Errors
    /// [`BuildError`] when something does not fit the format or the buffer; nothing is written then.
    pub fn write_to(&self, buffer: &mut [u8]) -> Result<usize, BuildError> {
        let (size, given) = (self.size()?, buffer.len());
        let file = buffer
            .get_mut(..size)
            .ok_or(BuildError::BufferTooSmall(BufferTooSmall { needed: size as u64, given: given as u64 }))?;
        file.fill(0);
        let mut at = 0;
        let mz = MzHeader { e_magic: MZ_MAGIC, dos: self.dos, e_lfanew: NE_POSITION.into() };
        put(file, &mut at, mz.as_bytes());
        put(file, &mut at, self.ne_header().as_bytes());
        self.place(|segment, start, offset| {
            let mut flags = segment.flags & !segment_flags::RELOCATIONS;
            if segment.has_table() {
                flags |= segment_flags::RELOCATIONS;
            }
            // Both were found to fit.
            let word = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
            let size = word(segment.size());
            let min_alloc = segment.min_alloc.unwrap_or(size);
            let entry = SegmentEntry {
                offset: offset.into(),
                size: size.into(),
                flags: flags.into(),
                min_alloc: min_alloc.into(),
            };
            put(file, &mut at, entry.as_bytes());
            let mut to = start;
            put(file, &mut to, segment.bytes);
            if segment.has_table() {
                to = to.saturating_add(segment.zeros.into());
                put(file, &mut to, &word(segment.relocations.count()).to_le_bytes());
                segment.relocations.records().for_each(|record| put(file, &mut to, record.as_bytes()));
            }
        })
    }

    /// The whole file.
    ///
    /// # Errors
    /// [`BuildError`] when something does not fit the format.
    #[cfg(feature = "alloc")]
    pub fn to_vec(&self) -> Result<alloc::vec::Vec<u8>, BuildError> {
        let mut file = alloc::vec![0; self.size()?];
        self.write_to(&mut file)?;
        Ok(file)
    }

    /// The header, with the fields that depend on the number of segments.
    fn ne_header(&self) -> NeHeader {
        let mut ne = self.ne;
        let word = |offset: usize| u16::try_from(offset).unwrap_or(u16::MAX);
        let table = word(self.segments.len().saturating_mul(SEGMENT_ENTRY_SIZE));
        let tables = word(NE_HEADER_SIZE).saturating_add(table);
        ne.num_segments = word(self.segments.len()).into();
        ne.segment_table = word(NE_HEADER_SIZE).into();
        ne.resource_table = tables.into();
        ne.resident_names = tables.into();
        // An empty list of names is one or two zero bytes, and each table's end is the next one's start.
        ne.module_table = tables.saturating_add(2).into();
        ne.imported_names = tables.saturating_add(2).into();
        ne.entry_table = tables.saturating_add(3).into();
        ne.entry_table_size = 2.into();
        ne.non_resident_size = 0.into();
        ne.non_resident_names = 0.into();
        ne
    }
}

/// Writes bytes at a position, and advances the position past them.
fn put(file: &mut [u8], at: &mut usize, bytes: &[u8]) {
    let end = at.saturating_add(bytes.len());
    // The size of the file was computed from the same lengths.
    if let Some(place) = file.get_mut(*at..end) {
        place.copy_from_slice(bytes);
    }
    *at = end;
}
