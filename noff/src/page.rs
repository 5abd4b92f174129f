//! The arithmetic of virtual pages, for demand paging and for reports.
//!
//! The stock loader computes `numPages = ceil((code + initData + uninitData + stack) / PageSize)` from the
//! sizes and `numPages * PageSize - 16` as the initial stack pointer. The sum of sizes is too small where
//! there are gaps; this module uses the highest end address instead and agrees with the stock loader
//! everywhere else.

use crate::header::{Header, Layout};
use crate::program::Program;
use crate::segment::{SegmentHeader, SegmentKind};

/// A page size in bytes: a power of two, at most 64 KiB. Stock Nachos uses 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageSize(u32);

impl PageSize {
    /// The page size of the stock Nachos machine.
    pub const NACHOS: Self = Self(128);

    /// The largest page size, in bytes.
    pub const MAX: u32 = 0x1_0000;

    /// `None` when `bytes` is not a power of two or is above [`MAX`](Self::MAX).
    pub const fn new(bytes: u32) -> Option<Self> {
        if bytes.is_power_of_two() && bytes <= Self::MAX { Some(Self(bytes)) } else { None }
    }

    /// The size in bytes.
    pub const fn bytes(self) -> u32 {
        self.0
    }

    /// The number of the page that contains an address. (A shift, because in a 32-bit kernel a 64-bit
    /// division is a function call, and its check for zero a panic.)
    pub(crate) const fn page_of(self, address: u64) -> u64 {
        address.wrapping_shr(self.0.trailing_zeros())
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self::NACHOS
    }
}

/// Number of bytes that Nachos leaves between the initial stack pointer and the end of the address space: the
/// argument area of a MIPS caller.
pub const STACK_RESERVE: u32 = 16;

/// The stack size of the stock kernel (`UserStackSize`), in bytes.
pub const USER_STACK_SIZE: u32 = 1024;

/// The physical pages of the stock kernel's machine (`NumPhysPages`).
pub const NUM_PHYS_PAGES: u32 = 32;

impl Program {
    /// The number of pages of the program and a stack of `stack_size` bytes together.
    pub const fn page_count(&self, page_size: PageSize, stack_size: u32) -> u64 {
        let bytes = (self.memory_end() as u64).wrapping_add(stack_size as u64);
        let last_byte = page_size.bytes().wrapping_sub(1) as u64;
        page_size.page_of(bytes.wrapping_add(last_byte))
    }

    /// The initial stack pointer: [`STACK_RESERVE`] bytes below the end of the last page. `None` when that is
    /// not a 32-bit address: the program and its stack take more than 4 GiB, or less than the reserve.
    pub const fn stack_pointer(&self, page_size: PageSize, stack_size: u32) -> Option<u32> {
        let end = self.page_count(page_size, stack_size).wrapping_mul(page_size.bytes() as u64);
        match end.checked_sub(STACK_RESERVE as u64) {
            #[expect(clippy::cast_possible_truncation, reason = "guarded by the bound")]
            Some(pointer) if pointer <= u32::MAX as u64 => Some(pointer as u32),
            _ => None,
        }
    }

    /// The segment that contains an address. In the padding of `initData` it is `initData`, not the bss that
    /// begins there.
    pub fn segment_at(&self, address: u32) -> Option<SegmentKind> {
        let contains = |(_, segment): &(SegmentKind, SegmentHeader)| {
            segment.virtual_addr <= address && segment.memory_end().is_none_or(|end| address < end)
        };
        self.header().non_empty().find(contains).map(|(kind, _)| kind)
    }

    /// File offset of the byte at an address, and the number of bytes from there to the end of its segment.
    /// `None` where the file has no byte for it: in bss, on the stack, between segments.
    pub fn file_offset(&self, address: u32) -> Option<(u32, u32)> {
        let segment = self.header().segment(self.segment_at(address).filter(|kind| kind.is_file_backed())?);
        let skipped = address.checked_sub(segment.virtual_addr)?;
        Some((segment.in_file_addr.checked_add(skipped)?, segment.size.checked_sub(skipped)?))
    }

    /// The contents of one virtual page. Pages beyond the program's end are all zero.
    pub const fn page(&self, vpn: u32, page_size: PageSize) -> Page<'_> {
        self.page_at(vpn as u64, page_size)
    }

    const fn page_at(&self, number: u64, page_size: PageSize) -> Page<'_> {
        let start = number.wrapping_mul(page_size.bytes() as u64);
        Page { program: self, start, end: start.wrapping_add(page_size.bytes() as u64) }
    }

    /// Runs of pages that hold parts of the same segments, from page 0 up to the end of a stack of `stack_size` bytes.
    ///
    /// Pages differ only where a segment begins or ends, so there are at most two dozen runs, however large
    /// the program is. What is true of the first page of a run is true of all its pages.
    ///
    /// ```
    /// use noff::{Builder, ByteOrder, Image, Layout, Options, PageSize};
    ///
    /// let mut file = [0; 400];
    /// let builder = Builder::new(Layout::Three, ByteOrder::Little).code(0, &[0; 256]).uninit_data(256, 64);
    /// let written = builder.write_to(&mut file)?;
    /// let image = Image::parse(&file[..written], Options::default())?;
    /// let runs: Vec<_> = image.program().page_runs(PageSize::NACHOS, 128).collect();
    /// let described = runs.iter().map(|run| (run.first, run.last, run.page.is_read_only()));
    /// assert!(described.eq([(0, 0, true), (1, 1, true), (2, 2, false), (3, 3, false)]));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn page_runs(&self, page_size: PageSize, stack_size: u32) -> PageRuns<'_> {
        PageRuns { program: self, page_size, next: 0, end: self.page_count(page_size, stack_size) }
    }

    /// The pages in order, from page 0 up to the end of a stack of `stack_size` bytes. There may be many: a
    /// header of a few bytes can request 4 GiB.
    pub fn pages(&self, page_size: PageSize, stack_size: u32) -> impl Iterator<Item = Page<'_>> {
        let count = self.page_count(page_size, stack_size);
        (0..count).map(move |number| self.page_at(number, page_size))
    }
}

/// One virtual page of a program.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    program: &'a Program,
    start: u64,
    end: u64,
}

/// A run of bytes that a page takes from the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Piece {
    /// The segment that it belongs to.
    pub segment: SegmentKind,
    /// Offset of its first byte in the page, in bytes.
    pub offset_in_page: u32,
    /// Offset of its first byte in the file, in bytes.
    pub file_offset: u32,
    /// Its length in bytes; at least 1.
    pub length: u32,
}

/// The segments whose bytes come from the file.
const FILE_BACKED: [SegmentKind; 3] = [SegmentKind::Code, SegmentKind::InitData, SegmentKind::ReadonlyData];

impl<'a> Page<'a> {
    /// A range of memory of any length, to be filled as a page is.
    pub(crate) const fn stretch(program: &'a Program, start: u64, length: u64) -> Self {
        Self { program, start, end: start.wrapping_add(length) }
    }

    /// The page's first address.
    pub const fn address(&self) -> u64 {
        self.start
    }

    /// The pieces that come from the file, in the order of the header's segments; three at most. Every other byte of
    /// the page is zero.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> + use<'a> {
        let page = *self;
        FILE_BACKED.into_iter().filter_map(move |kind| page.piece(kind))
    }

    /// The piece that comes from one segment.
    #[inline(always)]
    pub(crate) fn piece(&self, segment: SegmentKind) -> Option<Piece> {
        let header = self.program.header();
        if segment == SegmentKind::ReadonlyData && header.layout == Layout::Three {
            return None;
        }
        let SegmentHeader { virtual_addr, in_file_addr, size } = header.segment(segment);
        let (start, end) = (u64::from(virtual_addr), u64::from(virtual_addr).wrapping_add(size.into()));
        let (low, high) = (self.start.max(start), self.end.min(end));
        if low >= high {
            return None;
        }
        Some(Piece {
            segment,
            offset_in_page: u32::try_from(low.wrapping_sub(self.start)).ok()?,
            file_offset: in_file_addr.checked_add(u32::try_from(low.wrapping_sub(start)).ok()?)?,
            length: u32::try_from(high.wrapping_sub(low)).ok()?,
        })
    }

    /// The file offset of the page when a single segment fills all of it from the file, which is true of most
    /// pages.
    #[inline(always)]
    pub(crate) fn within_one(&self) -> Option<u32> {
        let Header { layout, code, init_data, readonly_data, .. } = *self.program.header();
        // A segment beyond 32-bit addresses is an error, so a page that begins there is in no segment.
        let start = u32::try_from(self.start).ok()?;
        let length = u32::try_from(self.end.wrapping_sub(self.start)).ok()?;
        let filled = |segment: SegmentHeader| {
            // An address before the segment wraps around to one beyond its end.
            let skipped = start.wrapping_sub(segment.virtual_addr);
            let fits = segment.size.checked_sub(length).is_some_and(|room| skipped <= room);
            fits.then_some(segment.in_file_addr.wrapping_add(skipped))
        };
        let constants = || if layout == Layout::Four { filled(readonly_data) } else { None };
        filled(code).or_else(|| filled(init_data)).or_else(constants)
    }

    /// The segments that have a byte in the page, `uninitData` included, in header order.
    pub fn segments(&self) -> impl Iterator<Item = SegmentKind> + use<'a> {
        let page = *self;
        let touching =
            self.program.header().non_empty().filter(move |&(_, segment)| page.clip(segment).is_some());
        touching.map(|(kind, _)| kind)
    }

    /// True when segments of more than one kind have a byte in the page.
    pub fn is_shared(&self) -> bool {
        self.segments().nth(1).is_some()
    }

    /// True when every byte of the page belongs to a read-only segment (`code`, `readonlyData`). A page that
    /// they fill only in part may be written to: the rest may be data, or the low end of the stack.
    pub fn is_read_only(&self) -> bool {
        let read_only = self.program.header().non_empty().filter(|(kind, _)| kind.is_read_only());
        // Segments of a checked program do not overlap, so the lengths add up.
        let covered = read_only
            .filter_map(|(_, segment)| self.clip(segment))
            .fold(0_u64, |sum, (low, high)| sum.saturating_add(high.saturating_sub(low)));
        covered == self.end.saturating_sub(self.start)
    }

    /// The part of a segment within the page, as addresses; `None` when there is none.
    fn clip(&self, segment: SegmentHeader) -> Option<(u64, u64)> {
        let low = self.start.max(segment.virtual_addr.into());
        let high = self.end.min(segment.memory_end()?.into());
        (low < high).then_some((low, high))
    }
}

/// Consecutive pages that hold parts of the same segments.
#[derive(Clone, Copy, Debug)]
pub struct PageRun<'a> {
    /// The number of the first page.
    pub first: u64,
    /// The number of the last page.
    pub last: u64,
    /// The first page. Its segments and its writability are those of all the others.
    pub page: Page<'a>,
}

/// The iterator that [`Program::page_runs`] returns.
#[derive(Clone, Debug)]
pub struct PageRuns<'a> {
    program: &'a Program,
    page_size: PageSize,
    next: u64,
    end: u64,
}

impl<'a> Iterator for PageRuns<'a> {
    type Item = PageRun<'a>;

    fn next(&mut self) -> Option<PageRun<'a>> {
        let (first, size) = (self.next, self.page_size);
        if first >= self.end {
            return None;
        }
        // A page that contains an edge of a segment differs from those before and after it.
        let edges = self.program.header().non_empty().flat_map(|(_, segment)| {
            let end = u64::from(segment.virtual_addr).saturating_add(segment.size.into());
            let pages =
                [segment.virtual_addr.into(), end.saturating_sub(1)].map(|address| size.page_of(address));
            let [low, high] = pages;
            [low, low.saturating_add(1), high, high.saturating_add(1)]
        });
        self.next = edges.filter(|&edge| edge > first).fold(self.end, u64::min);
        let page = self.program.page_at(first, size);
        Some(PageRun { first, last: self.next.saturating_sub(1), page })
    }
}
