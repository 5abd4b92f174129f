//! Loading: whole, a run of pages, or page by page.

use core::fmt;

use execfmt_common::BufferTooSmall;

use crate::image::Image;
use crate::page::{Page, PageSize};
use crate::program::Program;
use crate::segment::SegmentKind;

impl Program {
    /// Loads the whole program into a flat memory whose first byte is address 0. `read` is called once per
    /// segment with a file offset and the memory to fill. All other memory is zeroed, up to its end.
    ///
    /// # Errors
    /// [`LoadError::MemoryTooSmall`] before anything is written; [`LoadError::Read`] with the error that
    /// `read` returned.
    pub fn load_with<E>(
        &self,
        memory: &mut [u8],
        read: impl FnMut(u32, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), LoadError<E>> {
        let size = BufferTooSmall { needed: self.memory_end().into(), given: memory.len() as u64 };
        if size.given < size.needed {
            return Err(LoadError::MemoryTooSmall(size));
        }
        Page::stretch(self, 0, memory.len() as u64).load_long(memory, read)
    }

    /// Fills one virtual page, of `frame.len()` bytes, as [`load_with`](Self::load_with) fills a whole memory.
    ///
    /// # Errors
    /// [`LoadError::PageSize`] when the frame's length is not a valid page size; [`LoadError::Read`] with the
    /// error that `read` returned.
    #[inline]
    pub fn load_page_with<E>(
        &self,
        vpn: u32,
        frame: &mut [u8],
        mut read: impl FnMut(u32, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), LoadError<E>> {
        let given = frame.len() as u64;
        let page_size =
            u32::try_from(given).ok().and_then(PageSize::new).ok_or(LoadError::PageSize(given))?;
        let page = self.page(vpn, page_size);
        // Most pages lie within one segment, which fills them: nothing needs to be cleared.
        match page.within_one() {
            Some(file_offset) => read(file_offset, frame).map_err(LoadError::Read),
            None => page.load_short(frame, read),
        }
    }

    /// Fills consecutive virtual pages, from page `first` on: as many as `memory` holds. `read` is called
    /// once per segment.
    ///
    /// # Errors
    /// [`LoadError::PageSize`] when the memory's length is not a multiple of the page size;
    /// [`LoadError::Read`] with the error that `read` returned.
    pub fn load_pages_with<E>(
        &self,
        first: u32,
        page_size: PageSize,
        memory: &mut [u8],
        read: impl FnMut(u32, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), LoadError<E>> {
        let (length, size) = (memory.len() as u64, u64::from(page_size.bytes()));
        if length & size.wrapping_sub(1) != 0 {
            return Err(LoadError::PageSize(length));
        }
        Page::stretch(self, u64::from(first).wrapping_mul(size), length).load_long(memory, read)
    }
}

impl Page<'_> {
    /// Fills a page that several segments share, or that none touches.
    #[inline(never)]
    fn load_short<E>(
        self,
        frame: &mut [u8],
        read: impl FnMut(u32, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), LoadError<E>> {
        // Clearing all of it is faster than finding out what needs to be cleared.
        frame.fill(0);
        self.read_pieces(frame, read)
    }

    /// Fills a long range of memory, writing each byte once.
    fn load_long<E>(
        self,
        memory: &mut [u8],
        read: impl FnMut(u32, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), LoadError<E>> {
        self.clear_gaps(memory);
        self.read_pieces(memory, read)
    }

    fn read_pieces<E>(
        self,
        memory: &mut [u8],
        mut read: impl FnMut(u32, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), LoadError<E>> {
        let given = memory.len() as u64;
        for kind in [SegmentKind::Code, SegmentKind::InitData, SegmentKind::ReadonlyData] {
            if let Some(piece) = self.piece(kind) {
                let place = slice_mut(memory, piece.offset_in_page, piece.length);
                read(piece.file_offset, place.ok_or(LoadError::PageSize(given))?).map_err(LoadError::Read)?;
            }
        }
        Ok(())
    }

    /// Clears what no segment fills from the file. (Where bss begins within the padding of `initData`, the
    /// bytes from the file take precedence.)
    fn clear_gaps(&self, memory: &mut [u8]) {
        let (mut rest, mut done) = (memory, 0_u32);
        // Each round advances to the lowest remaining piece; pieces of a program do not overlap.
        while let Some(next) = self
            .pieces()
            .filter(|piece| piece.offset_in_page >= done)
            .min_by_key(|piece| piece.offset_in_page)
        {
            let gap = usize::try_from(next.offset_in_page.wrapping_sub(done)).unwrap_or(usize::MAX);
            let filled = usize::try_from(next.length).unwrap_or(usize::MAX);
            if let Some(gap) = rest.get_mut(..gap) {
                gap.fill(0);
            }
            rest = core::mem::take(&mut rest).get_mut(gap.saturating_add(filled)..).unwrap_or_default();
            done = next.offset_in_page.saturating_add(next.length);
        }
        rest.fill(0);
    }
}

fn slice_mut(bytes: &mut [u8], start: u32, length: u32) -> Option<&mut [u8]> {
    bytes.get_mut(usize::try_from(start).ok()?..)?.get_mut(..usize::try_from(length).ok()?)
}

impl Image<'_> {
    /// Loads the whole program into a flat memory whose first byte is address 0. Memory that no segment fills
    /// is zeroed, up to its end.
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
    #[inline]
    pub fn read_page(&self, vpn: u32, frame: &mut [u8]) -> Result<(), LoadError<EndOfFile>> {
        self.program().load_page_with(vpn, frame, |offset, place| self.copy(offset, place))
    }

    #[inline]
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
#[non_exhaustive]
pub enum LoadError<E> {
    /// The memory ends before the program does.
    MemoryTooSmall(BufferTooSmall),
    /// A length in bytes that is not a valid page size, or not a multiple of the page size.
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
                    "the program ends at address {:#x}, but the memory has only {} bytes",
                    size.needed, size.given
                )
            }
            Self::PageSize(bytes) => write!(
                f,
                "{bytes} bytes is not a number of whole pages: a page size is a power of two of at most {}",
                PageSize::MAX
            ),
            Self::Read(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for LoadError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Read(error) => Some(error),
            Self::MemoryTooSmall(size) => Some(size),
            Self::PageSize(_) => None,
        }
    }
}
