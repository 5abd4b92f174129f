//! The arithmetic of loading: whole, or page by page for demand paging.
//!
//! The stock loader computes `numPages = ceil((code + initData + uninitData + stack) / PageSize)` from the sizes and
//! `numPages * PageSize - 16` as the initial stack pointer. Sizes fall short where there are gaps; this module takes
//! the highest end address in their place and agrees with the stock loader everywhere else.

use core::fmt;

use crate::image::{Image, Program};
use crate::segment::{SegmentHeader, SegmentKind};
use execfmt_common::BufferTooSmall;

/// A page size in bytes: a power of two, at most 64 KiB. Nachos has 128.
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
}

impl Default for PageSize {
    fn default() -> Self {
        Self::NACHOS
    }
}

/// How much room Nachos leaves between the initial stack pointer and the end of the address space, in bytes: a MIPS
/// caller's argument area.
pub const STACK_RESERVE: u32 = 16;

/// The stack size of the stock kernel (`UserStackSize`), in bytes.
pub const USER_STACK_SIZE: u32 = 1024;

/// The physical pages of the stock kernel's machine (`NumPhysPages`).
pub const NUM_PHYS_PAGES: u32 = 32;

impl Program {
    /// The number of pages that the program and a stack of `stack_size` bytes take.
    pub const fn page_count(&self, page_size: PageSize, stack_size: u32) -> u64 {
        let bytes = (self.memory_end() as u64).wrapping_add(stack_size as u64);
        let last_byte = page_size.bytes().wrapping_sub(1) as u64;
        // No division: in a 32-bit kernel it would be a function call, and its check for zero a panic.
        bytes.wrapping_add(last_byte).wrapping_shr(page_size.bytes().trailing_zeros())
    }

    /// The initial stack pointer: [`STACK_RESERVE`] bytes below the end of the last page. `None` when that is not a
    /// 32-bit address, because the program and its stack take more than 4 GiB or less than the reserve.
    pub const fn stack_pointer(&self, page_size: PageSize, stack_size: u32) -> Option<u32> {
        let end = self.page_count(page_size, stack_size).wrapping_mul(page_size.bytes() as u64);
        match end.checked_sub(STACK_RESERVE as u64) {
            #[expect(clippy::cast_possible_truncation, reason = "guarded by the bound")]
            Some(pointer) if pointer <= u32::MAX as u64 => Some(pointer as u32),
            _ => None,
        }
    }

    /// What one virtual page holds. Pages beyond the program's end hold nothing: they are all zero.
    pub const fn page(&self, vpn: u32, page_size: PageSize) -> Page<'_> {
        let start = (vpn as u64).wrapping_mul(page_size.bytes() as u64);
        Page { program: self, start, end: start.wrapping_add(page_size.bytes() as u64) }
    }

    /// Loads the whole program into a flat memory, of which the first byte is address 0. `read` is called once per
    /// segment with a place in the file and the memory to fill. All other memory is zeroed, up to its end.
    ///
    /// # Errors
    /// [`LoadError::MemoryTooSmall`] before anything is written; [`LoadError::Read`] with the error of `read`.
    pub fn load_with<E>(
        &self,
        memory: &mut [u8],
        mut read: impl FnMut(u32, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), LoadError<E>> {
        let too_small = BufferTooSmall { needed: self.memory_end().into(), given: memory.len() as u64 };
        if too_small.given < too_small.needed {
            return Err(LoadError::MemoryTooSmall(too_small));
        }
        // Zeroed first: where bss begins within the padding of initData, the file's bytes must win.
        memory.fill(0);
        self.header().file_backed().try_for_each(|(_, segment)| {
            let place = slice_mut(memory, segment.virtual_addr, segment.size);
            let place = place.ok_or(LoadError::MemoryTooSmall(too_small))?;
            read(segment.in_file_addr, place).map_err(LoadError::Read)
        })
    }

    /// Fills one virtual page, of `frame.len()` bytes, as [`load_with`](Self::load_with) fills a whole memory.
    ///
    /// # Errors
    /// [`LoadError::PageSize`] when the frame's length is no page size; [`LoadError::Read`] with the error of `read`.
    pub fn load_page_with<E>(
        &self,
        vpn: u32,
        frame: &mut [u8],
        mut read: impl FnMut(u32, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), LoadError<E>> {
        let given = frame.len() as u64;
        let page_size =
            u32::try_from(given).ok().and_then(PageSize::new).ok_or(LoadError::PageSize(given))?;
        frame.fill(0);
        self.page(vpn, page_size).pieces().try_for_each(|piece| {
            let place = slice_mut(frame, piece.offset_in_page, piece.length);
            read(piece.file_offset, place.ok_or(LoadError::PageSize(given))?).map_err(LoadError::Read)
        })
    }
}

fn slice_mut(bytes: &mut [u8], start: u32, length: u32) -> Option<&mut [u8]> {
    bytes.get_mut(usize::try_from(start).ok()?..)?.get_mut(..usize::try_from(length).ok()?)
}

impl Image<'_> {
    /// Loads the whole program into a flat memory, of which the first byte is address 0. Memory that no segment
    /// fills is zeroed, up to its end.
    ///
    /// # Errors
    /// [`LoadError::MemoryTooSmall`], and nothing is written.
    pub fn load_into(&self, memory: &mut [u8]) -> Result<(), LoadError<EndOfFile>> {
        self.program().load_with(memory, |offset, place| self.copy(offset, place))
    }

    /// Fills one virtual page, of `frame.len()` bytes. What no segment fills is zeroed.
    ///
    /// # Errors
    /// [`LoadError::PageSize`], and nothing is written.
    pub fn read_page(&self, vpn: u32, frame: &mut [u8]) -> Result<(), LoadError<EndOfFile>> {
        self.program().load_page_with(vpn, frame, |offset, place| self.copy(offset, place))
    }

    fn copy(&self, offset: u32, place: &mut [u8]) -> Result<(), EndOfFile> {
        let length = u32::try_from(place.len()).map_err(|_| EndOfFile)?;
        place.copy_from_slice(self.file_range(offset, length).ok_or(EndOfFile)?);
        Ok(())
    }
}

/// A read beyond the end of the file. A checked [`Image`] does not cause it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndOfFile;

impl fmt::Display for EndOfFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the file ends within a segment; it was cut short after its header was read")
    }
}

impl core::error::Error for EndOfFile {}

/// Why a program could not be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError<E> {
    /// The memory does not reach up to the program's end.
    MemoryTooSmall(BufferTooSmall),
    /// A frame of so many bytes is no page: not a power of two, or above [`PageSize::MAX`].
    PageSize(u64),
    /// The file could not be read.
    Read(E),
}

impl<E: fmt::Display> fmt::Display for LoadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemoryTooSmall(size) => {
                write!(
                    f,
                    "the program reaches up to address {:#x}, but the memory has {} bytes",
                    size.needed, size.given
                )
            }
            Self::PageSize(bytes) => {
                write!(f, "{bytes} bytes are no page: expected a power of two up to {}", PageSize::MAX)
            }
            Self::Read(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for LoadError<E> {}

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
    /// Where it begins in the page, in bytes.
    pub offset_in_page: u32,
    /// Where it begins in the file, in bytes.
    pub file_offset: u32,
    /// Its length in bytes; at least 1.
    pub length: u32,
}

impl<'a> Page<'a> {
    /// The pieces that come from the file, in the order of the header's segments; four at most, by construction
    /// three. Every other byte of the page is zero.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> + use<'a> {
        let page = *self;
        self.program.header().file_backed().filter_map(move |(segment, place)| {
            let (low, high) = page.clip(place)?;
            let skipped = low.checked_sub(place.virtual_addr.into())?;
            Some(Piece {
                segment,
                offset_in_page: u32::try_from(low.checked_sub(page.start)?).ok()?,
                file_offset: place.in_file_addr.checked_add(u32::try_from(skipped).ok()?)?,
                length: u32::try_from(high.checked_sub(low)?).ok()?,
            })
        })
    }

    /// The segments that have a byte in the page, `uninitData` included.
    pub fn segments(&self) -> impl Iterator<Item = SegmentKind> + use<'a> {
        let page = *self;
        let touching =
            self.program.header().non_empty().filter(move |&(_, place)| page.clip(place).is_some());
        touching.map(|(kind, _)| kind)
    }

    /// True when every byte of the page belongs to a read-only segment (`code`, `readonlyData`). A page that they
    /// fill only in part may be written to: the rest may be data, or the lower end of the stack.
    pub fn is_read_only(&self) -> bool {
        let read_only = self.program.header().non_empty().filter(|(kind, _)| kind.is_read_only());
        // Segments of a checked program do not overlap, so the lengths add up.
        let covered = read_only
            .filter_map(|(_, place)| self.clip(place))
            .fold(0_u64, |sum, (low, high)| sum.saturating_add(high.saturating_sub(low)));
        covered == self.end.saturating_sub(self.start)
    }

    /// The part of a segment within the page, as addresses; `None` when there is none.
    fn clip(&self, place: SegmentHeader) -> Option<(u64, u64)> {
        let low = self.start.max(place.virtual_addr.into());
        let high = self.end.min(place.memory_end()?.into());
        (low < high).then_some((low, high))
    }
}
