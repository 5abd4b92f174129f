//! A program as Nachos 5.0j loads it: pages of 1024 bytes, the stack, the arguments.

use core::fmt;
use core::ops::ControlFlow;

use execfmt_common::BufferTooSmall;

use crate::check::{self, CheckOptions};
use crate::error::CoffFinding;
use crate::image::Image;
use crate::nachos5j::{self, ARGUMENT_PAGES, PAGE_SIZE, STACK_PAGES};
use crate::section::SectionKind;

/// A program that Nachos 5.0j loads: it breaks no error rule of [`check_bytes`](crate::check_bytes) for that
/// loader.
///
/// ```
/// use mips_coff::{Builder, Program};
///
/// let mut file = [0; 512];
/// let builder = Builder::nachos().text(0, &[0x0c, 0, 0, 0]).data(0x400, b"Nachos\0\0").bss(0x800, 100);
/// let length = builder.write_to(&mut file)?;
/// let program = Program::parse(&file[..length], mips_coff::nachos5j::FRAMES)?;
/// assert_eq!((program.pages(), program.stack_pointer()), (3 + 8 + 1, 11 * 1024));
/// assert!(program.page(0).unwrap().is_read_only);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    image: Image<'a>,
    section_pages: u32,
}

/// One virtual page: the bytes that it takes from the file; all others are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// The section that it belongs to; `None` for stack and arguments.
    pub section: Option<u16>,
    /// True when the program cannot write to it: it is a page of text or constants.
    pub is_read_only: bool,
    /// File offset of its bytes; 0 when there are none.
    pub file_offset: u32,
    /// Its bytes in the file, from the start of the page on: at most one page.
    pub bytes: &'a [u8],
}

/// The registers that a program starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The program counter: the file's entry point.
    pub pc: u32,
    /// The stack pointer, register 29.
    pub stack_pointer: u32,
    /// The number of arguments, register 4.
    pub argc: u32,
    /// Address of the array of argument addresses, register 5.
    pub argv: u32,
}

impl<'a> Program<'a> {
    /// Reads a file as Nachos 5.0j does, for a machine with `frames` frames.
    ///
    /// # Errors
    /// The first error that [`check_bytes`](crate::check_bytes) reports for [`Loader::Nachos5j`](crate::Loader::Nachos5j).
    pub fn parse(bytes: &'a [u8], frames: u32) -> Result<Self, CoffFinding> {
        let options = CheckOptions { frames, ..CheckOptions::nachos5j() };
        let mut error = None;
        let _ = check::findings(bytes, &options, &mut |finding| {
            if finding.is_error() {
                error = Some(finding);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        if let Some(finding) = error {
            return Err(finding);
        }
        let image = Image::parse(bytes)?;
        let pages = image.section_headers().map(|(_, section)| section.size.div_ceil(PAGE_SIZE));
        Ok(Self { image, section_pages: pages.fold(0, u32::saturating_add) })
    }

    /// The file.
    pub const fn image(&self) -> &Image<'a> {
        &self.image
    }

    /// Number of pages of the sections.
    pub const fn section_pages(&self) -> u32 {
        self.section_pages
    }

    /// Number of pages in total: sections, stack, arguments.
    pub const fn pages(&self) -> u32 {
        self.section_pages.saturating_add(STACK_PAGES).saturating_add(ARGUMENT_PAGES)
    }

    /// The address at which the program starts.
    pub fn entry(&self) -> u32 {
        self.image.header().entry.unwrap_or(0)
    }

    /// The initial stack pointer: one past the last byte of the stack, which is also the address of the
    /// argument page.
    pub const fn stack_pointer(&self) -> u32 {
        self.section_pages.saturating_add(STACK_PAGES).saturating_mul(PAGE_SIZE)
    }

    /// Size of the program's memory in bytes.
    pub const fn memory_size(&self) -> u64 {
        (self.pages() as u64).wrapping_mul(PAGE_SIZE as u64)
    }

    /// A page by its number; `None` past the last.
    pub fn page(&self, vpn: u32) -> Option<Page<'a>> {
        let rest = Page { section: None, is_read_only: false, file_offset: 0, bytes: &[] };
        if vpn >= self.section_pages {
            return (vpn < self.pages()).then_some(rest);
        }
        let mut first = 0_u32;
        for (index, section) in self.image.section_headers() {
            let end = first.saturating_add(section.size.div_ceil(PAGE_SIZE));
            if vpn >= end {
                first = end;
                continue;
            }
            let kind = nachos5j::kind(section.flags)?;
            let page =
                Page { section: Some(index), is_read_only: kind.is_read_only(), file_offset: 0, bytes: &[] };
            if kind == SectionKind::Bss {
                return Some(page);
            }
            let within = vpn.checked_sub(first)?.checked_mul(PAGE_SIZE)?;
            let length = section.size.checked_sub(within)?.min(PAGE_SIZE);
            let file_offset = section.scnptr.checked_add(within)?;
            let bytes = self.image.file_range(file_offset, length)?;
            return Some(Page { file_offset, bytes, ..page });
        }
        None
    }

    /// Loads the program with its arguments into a flat memory whose first byte is address 0.
    ///
    /// # Errors
    /// [`LoadError`]; nothing is written.
    pub fn load_into(&self, memory: &mut [u8], arguments: &[&[u8]]) -> Result<Start, LoadError> {
        let size = self.memory_size();
        let too_small =
            LoadError::MemoryTooSmall(BufferTooSmall { needed: size, given: memory.len() as u64 });
        let needed = arguments.iter().fold(0, |sum: u64, argument| {
            sum.saturating_add(argument.len() as u64).saturating_add(ARGUMENT_OVERHEAD.into())
        });
        if needed > PAGE_SIZE.into() {
            return Err(LoadError::ArgumentsTooLong { needed });
        }
        let used = usize::try_from(size).ok().and_then(|size| memory.get_mut(..size)).ok_or(too_small)?;
        used.fill(0);
        let frame_size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
        for (vpn, frame) in (0..self.section_pages).zip(used.chunks_mut(frame_size)) {
            let page = self.page(vpn).ok_or(too_small)?;
            frame.get_mut(..page.bytes.len()).ok_or(too_small)?.copy_from_slice(page.bytes);
        }
        let argv = self.stack_pointer();
        let argc = u32::try_from(arguments.len()).unwrap_or(u32::MAX);
        let mut array = argv;
        let mut string = argv.saturating_add(argc.saturating_mul(4));
        for argument in arguments {
            write_at(used, array, &string.to_le_bytes()).ok_or(too_small)?;
            write_at(used, string, argument).ok_or(too_small)?;
            array = array.saturating_add(4);
            let length = u32::try_from(argument.len()).unwrap_or(u32::MAX);
            string = string.saturating_add(length).saturating_add(1);
        }
        Ok(Start { pc: self.entry(), stack_pointer: argv, argc, argv })
    }
}

/// What an argument takes in the argument page besides its characters, in bytes: its address in the array,
/// and a NUL.
const ARGUMENT_OVERHEAD: u32 = 5;

fn write_at(memory: &mut [u8], address: u32, bytes: &[u8]) -> Option<()> {
    memory.get_mut(usize::try_from(address).ok()?..)?.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(())
}

/// Why a program could not be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// The memory is smaller than the program's pages.
    MemoryTooSmall(BufferTooSmall),
    /// The arguments do not fit into their page.
    ArgumentsTooLong {
        /// The number of bytes that they need: the length of each plus 5.
        needed: u64,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemoryTooSmall(size) => {
                write!(f, "the program needs {} bytes of memory, but {} were given", size.needed, size.given)
            }
            Self::ArgumentsTooLong { needed } => {
                write!(f, "the arguments need {needed} bytes, but their page has {PAGE_SIZE}")
            }
        }
    }
}

impl core::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::MemoryTooSmall(size) => Some(size),
            Self::ArgumentsTooLong { .. } => None,
        }
    }
}
