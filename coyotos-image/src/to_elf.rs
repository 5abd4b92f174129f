//! From an address space to an ELF program, for debuggers and disassemblers.

use alloc::vec::Vec;
use core::fmt;

use execfmt_elf::{Contents, NewElf, NewSection, NewSegment, NewSymbol, WriteError, elf};

use crate::capability::{Capability, Restr};
use crate::image::Image;
use crate::object::{ObjectId, ProcessAttrs};
use crate::space::{Mapping, SpaceError};
use crate::symbols::{SpaceId, SymbolKind};

/// Why a space could not be written as an ELF file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToElfError {
    /// The space cannot be walked to its end.
    Space(SpaceError),
    /// A page at an address of more than 32 bits.
    Address(u64),
    /// The pages add up to more bytes than the caller allows.
    TooLarge {
        /// The caller's limit in bytes.
        limit: u64,
    },
    /// No page is mapped.
    Empty,
    /// The file cannot be written.
    Write(WriteError),
}

impl fmt::Display for ToElfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Space(error) => error.fmt(f),
            Self::Address(address) => {
                write!(f, "a page is mapped at {address:#x}, which a 32-bit ELF file cannot express")
            }
            Self::TooLarge { limit } => {
                write!(
                    f,
                    "the pages of the space add up to more than {limit} bytes; raise the limit if you trust the image"
                )
            }
            Self::Empty => f.write_str("no page of the image is mapped in the space"),
            Self::Write(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ToElfError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Space(error) => Some(error),
            Self::Write(error) => Some(error),
            _ => None,
        }
    }
}

/// Contiguous pages with the same rights.
struct Run {
    address: u32,
    bytes: Vec<u8>,
    /// The size in memory: trailing pages of zeros take no room in the file.
    size: u64,
    restr: Restr,
}

impl Run {
    fn end(&self) -> u64 {
        u64::from(self.address).saturating_add(self.size)
    }

    fn flags(&self) -> u32 {
        let write = if self.restr.contains(Restr::RO) { 0 } else { elf::PF_W };
        let execute = if self.restr.contains(Restr::NX) { 0 } else { elf::PF_X };
        elf::PF_R | write | execute
    }

    fn section_flags(&self) -> u32 {
        let flags = self.flags();
        let write = if flags & elf::PF_W == 0 { 0 } else { elf::SHF_WRITE };
        elf::SHF_ALLOC | write | if flags & elf::PF_X == 0 { 0 } else { elf::SHF_EXECINSTR }
    }

    const fn section_name(&self) -> &'static [u8] {
        match (self.restr.contains(Restr::NX), self.restr.contains(Restr::RO)) {
            (false, _) => b".text",
            (true, true) => b".rodata",
            (true, false) => b".data",
        }
    }
}

/// A space of an image as an ELF program: one segment and one section for each run of contiguous pages with
/// the same rights, of which trailing zero pages have no bytes in the file; and the symbols that the image
/// keeps for the space. Its entry point is the start address of the first process of the space, or 0 when
/// none is to be started.
///
/// Leaves that are not pages of the image are omitted: windows, capability pages, physical pages. At most
/// `limit` bytes of pages are written. The program aborts when memory for this runs out.
///
/// # Errors
/// [`ToElfError`].
pub fn elf_of_space(image: &Image<'_>, root: Capability, limit: u64) -> Result<Vec<u8>, ToElfError> {
    let runs = runs(image, root, limit)?;
    let mut segments = Vec::new();
    let mut sections = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let size = u32::try_from(run.size).map_err(|_| ToElfError::Address(run.end()))?;
        let in_file = u32::try_from(run.bytes.len()).map_err(|_| ToElfError::Address(run.end()))?;
        let (address, bytes) = (run.address, &*run.bytes);
        segments.push(NewSegment { address, bytes, memory_size: size, flags: run.flags() });
        let mut section = |name, offset: u32, size| {
            let contents = Contents::Loaded { segment: index, offset, size };
            if size > 0 {
                sections.push(NewSection { name, flags: run.section_flags(), contents });
            }
        };
        section(run.section_name(), 0, in_file);
        section(b".bss", in_file, size.saturating_sub(in_file));
    }
    let symbols = symbols(image, root, &segments, &sections);
    let file = NewElf {
        byte_order: image.arch().byte_order(),
        // Of several machines the last one is the one that current tools support.
        machine: image.arch().elf_machines().last().copied().unwrap_or_default(),
        entry: u32::try_from(entry(image, root)).unwrap_or_default(),
        align: image.arch().page_size(),
        segments: &segments,
        sections: &sections,
        symbols: &symbols,
        ..NewElf::default()
    };
    file.write().map_err(ToElfError::Write)
}

fn runs(image: &Image<'_>, root: Capability, limit: u64) -> Result<Vec<Run>, ToElfError> {
    let mut runs: Vec<Run> = Vec::new();
    let mut total = 0_u64;
    for page in image.mapped_pages(root, image.walk_limits()) {
        let (Mapping { address, restr, .. }, page) = page.map_err(ToElfError::Space)?;
        let restr = restr.and(Restr::RO.with(Restr::NX));
        total = total.saturating_add(page.len() as u64);
        if total > limit {
            return Err(ToElfError::TooLarge { limit });
        }
        let last = address.saturating_add(page.len() as u64).saturating_sub(1);
        let start = u32::try_from(address).map_err(|_| ToElfError::Address(address))?;
        u32::try_from(last).map_err(|_| ToElfError::Address(last))?;
        let continues = runs.last().is_some_and(|run| run.end() == address && run.restr == restr);
        if !continues {
            runs.push(Run { address: start, bytes: Vec::new(), size: 0, restr });
        }
        if let Some(run) = runs.last_mut() {
            if page.iter().any(|&byte| byte != 0) {
                // Pages of zeros before it are in the file after all.
                run.bytes.resize(usize::try_from(run.size).unwrap_or(usize::MAX), 0);
                run.bytes.extend_from_slice(page);
            }
            run.size = run.size.saturating_add(page.len() as u64);
        }
    }
    if runs.is_empty() { Err(ToElfError::Empty) } else { Ok(runs) }
}

/// The start address of the first process that runs in the space.
fn entry(image: &Image<'_>, root: Capability) -> u64 {
    let mut processes = image.process_spaces().filter(|(_, space)| *space == root);
    let start = processes.find_map(|(oid, _)| {
        image.process(oid).filter(|process| process.fault_code == ProcessAttrs::FAULT_STARTUP)
    });
    start.map_or(0, |process| process.fault_info)
}

fn symbols<'a>(
    image: &Image<'a>,
    root: Capability,
    segments: &[NewSegment<'_>],
    sections: &[NewSection<'_>],
) -> Vec<NewSymbol<'a>> {
    let Some(space) = ObjectId::of(root).map(|root| SpaceId::of(root).to_u64()) else { return Vec::new() };
    // Sections are in the order of their addresses.
    let starts: Vec<u64> = sections
        .iter()
        .map(|section| match section.contents {
            Contents::Loaded { segment, offset, .. } => {
                let address = segments.get(segment).map_or(0, |segment| segment.address);
                u64::from(address).saturating_add(offset.into())
            }
            Contents::Bytes(_) => 0,
        })
        .collect();
    let of_space = image.symbols().iter().filter(|symbol| symbol.object == space);
    of_space
        .filter_map(|symbol| {
            Some(NewSymbol {
                name: symbol.name?,
                value: u32::try_from(symbol.value).ok()?,
                size: symbol.size,
                kind: match symbol.kind {
                    SymbolKind::Function => elf::STT_FUNC,
                    SymbolKind::Data => elf::STT_OBJECT,
                    _ => elf::STT_NOTYPE,
                },
                global: true,
                section: starts.partition_point(|&start| start <= symbol.value).checked_sub(1),
            })
        })
        .collect()
}
