//! Loading: sections to memory, bss zeroed, relocations applied.

use core::convert::Infallible;
use core::fmt;

use execfmt_common::{BufferTooSmall, ByteOrder};

use super::rules::ElksRefusal;
use super::{Program, check_relocation, check_table_size};
use crate::relocation::{RELOCATION_SIZE, Relocation, SymbolIndex};
use crate::section::Section;

/// The addresses of a program's two segments on the machine, in paragraphs: what relocations write into the
/// program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Segments {
    /// The text; `CS`.
    pub text: u16,
    /// The data; `DS`, `ES` and `SS`.
    pub data: u16,
}

/// The memory into which a program is loaded.
#[derive(Debug)]
pub struct Memory<'m> {
    /// The text segment: at least [`Layout::text_bytes`](super::Layout::text_bytes) bytes.
    pub text: &'m mut [u8],
    /// The data segment: at least [`Layout::data_len`](super::Layout::data_len) bytes.
    pub data: &'m mut [u8],
}

impl Memory<'_> {
    /// The memory of a loaded section's segment.
    fn of(&mut self, section: Section) -> &mut [u8] {
        match section {
            Section::Data => self.data,
            _ => self.text,
        }
    }
}

/// Why a program could not be loaded. `R` is the error of reading the file, `X` that of expanding a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError<R = Infallible, X = Infallible> {
    /// The memory for the segment of that section is too small.
    MemoryTooSmall(Section, BufferTooSmall),
    /// ELKS refuses the file.
    Refused(ElksRefusal),
    /// ELKS would overwrite memory that is not the program's: a relocation's word is outside its segment.
    WildRelocation {
        /// The section that the relocation is in.
        section: Section,
        /// The relocation.
        relocation: Relocation,
        /// Number of bytes that the segment has from the section's start on.
        area: u32,
    },
    /// ELKS would overwrite memory that is not the program's: a compressed section is longer than its segment.
    StoredBeyondAllocation {
        /// The section.
        section: Section,
        /// Its stored size in bytes.
        stored: u16,
        /// Number of bytes that the segment has from the section's start on.
        area: u32,
    },
    /// The file could not be read.
    Read(R),
    /// A compressed section could not be expanded. ELKS returns ENOEXEC.
    Expand(Section, X),
}

impl<R: fmt::Display, X: fmt::Display> fmt::Display for LoadError<R, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemoryTooSmall(section, size) => write!(f, "the memory for the {section}: {size}"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::WildRelocation { section, relocation, area } => write!(
                f,
                "the relocation {relocation} of the {section} changes a word outside its segment of {area} bytes; ELKS would overwrite another program's memory: link the program again"
            ),
            Self::StoredBeyondAllocation { section, stored, area } => write!(
                f,
                "the compressed {section} takes {stored} bytes, but its segment has {area}; ELKS would overwrite another program's memory: compress the program again"
            ),
            Self::Read(error) => error.fmt(f),
            Self::Expand(section, error) => write!(f, "the compressed {section} cannot be expanded: {error}"),
        }
    }
}

impl<R, X> core::error::Error for LoadError<R, X>
where
    R: core::error::Error + 'static,
    X: core::error::Error + 'static,
{
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::MemoryTooSmall(_, size) => Some(size),
            Self::Refused(refusal) => Some(refusal),
            Self::Read(error) => Some(error),
            Self::Expand(_, error) => Some(error),
            Self::WildRelocation { .. } | Self::StoredBeyondAllocation { .. } => None,
        }
    }
}

/// Number of relocations that are read at a time.
const BATCH: usize = 32;

impl Program {
    /// Loads the program: reads text, far text and data, zeroes the bss, applies the relocations. Heap and
    /// stack are not touched.
    ///
    /// `read` is called with a file offset and the memory to fill. `expand` is called for every compressed
    /// section, with the memory from the section's start to its segment's end, the number of stored bytes at
    /// the start of it, and the number of bytes to which it must expand them, in place.
    ///
    /// Relocations are applied as ELKS does: outside their section too, as long as they stay within the
    /// memory of the program's segment. Where ELKS would go beyond that, loading ends with an error.
    ///
    /// # Errors
    /// [`LoadError::MemoryTooSmall`] before anything is written; all others when they are encountered.
    pub fn load_with<R, X>(
        &self,
        mut memory: Memory<'_>,
        segments: Segments,
        mut read: impl FnMut(u64, &mut [u8]) -> Result<(), R>,
        mut expand: impl FnMut(&mut [u8], usize, usize) -> Result<(), X>,
    ) -> Result<(), LoadError<R, X>> {
        self.load_sections(&mut memory, &mut read, &mut expand)?;
        self.relocate_all(&mut memory, segments, &mut read)
    }

    fn load_sections<R, X>(
        &self,
        memory: &mut Memory<'_>,
        read: &mut impl FnMut(u64, &mut [u8]) -> Result<(), R>,
        expand: &mut impl FnMut(&mut [u8], usize, usize) -> Result<(), X>,
    ) -> Result<(), LoadError<R, X>> {
        for section in [Section::Text, Section::Data] {
            let needed = self.layout.area(section);
            let given = memory.of(section).len() as u64;
            let too_small = BufferTooSmall { needed: needed.into(), given };
            self.area(memory, section).ok_or(LoadError::MemoryTooSmall(section, too_small))?;
        }
        for section in Section::LOADED {
            let stored = self.stored(section);
            let beyond = LoadError::StoredBeyondAllocation {
                section,
                stored: stored.length,
                area: self.layout.area(section),
            };
            let Some(area) = self.area(memory, section) else { return Err(beyond) };
            let Some(place) = area.get_mut(..usize::from(stored.length)) else { return Err(beyond) };
            read(self.file_offset(section), place).map_err(LoadError::Read)?;
            // The kernel accepts anything for an empty section, whatever its decoder returns.
            if stored.is_compressed && stored.size != 0 {
                expand(area, stored.length.into(), stored.size.into())
                    .map_err(|error| LoadError::Expand(section, error))?;
            }
        }
        Ok(())
    }

    /// Applies all relocations, then zeroes the bss.
    fn relocate_all<R, X>(
        &self,
        memory: &mut Memory<'_>,
        segments: Segments,
        read: &mut impl FnMut(u64, &mut [u8]) -> Result<(), R>,
    ) -> Result<(), LoadError<R, X>> {
        for section in Section::LOADED {
            self.relocate(memory, segments, section, read)?;
        }
        let (data, bss) = (usize::from(self.layout.data), usize::from(self.layout.bss));
        let after = memory.data.get_mut(data..).unwrap_or_default();
        // The layout has room for data and bss.
        after.get_mut(..bss).unwrap_or_default().fill(0);
        Ok(())
    }

    /// The memory from a section's start to its segment's end.
    fn area<'m>(&self, memory: &'m mut Memory<'_>, section: Section) -> Option<&'m mut [u8]> {
        let start = if section == Section::FarText { self.layout.far_text_offset() } else { 0 };
        let size = usize::try_from(self.layout.area(section)).ok()?;
        memory.of(section).get_mut(usize::try_from(start).ok()?..)?.get_mut(..size)
    }

    fn relocate<R, X>(
        &self,
        memory: &mut Memory<'_>,
        segments: Segments,
        section: Section,
        read: &mut impl FnMut(u64, &mut [u8]) -> Result<(), R>,
    ) -> Result<(), LoadError<R, X>> {
        let (start, size) = self.relocation_table(section);
        check_table_size(section, size).map_err(LoadError::Refused)?;
        let (mut offset, end) = (start, start.saturating_add(size.into()));
        let mut batch = [0; RELOCATION_SIZE * BATCH];
        while offset < end {
            let length = usize::try_from(end.saturating_sub(offset)).unwrap_or(batch.len()).min(batch.len());
            let records = batch.get_mut(..length).unwrap_or_default();
            read(offset, records).map_err(LoadError::Read)?;
            for record in records.chunks_exact(RELOCATION_SIZE).filter_map(|record| record.first_chunk()) {
                let relocation = Relocation::from_bytes(*record, ByteOrder::Little);
                check_relocation(section, offset, relocation).map_err(LoadError::Refused)?;
                let value = self.segment(segments, relocation.symndx);
                let area = self.layout.area(section);
                let memory = self.area(memory, section).unwrap_or_default();
                let wild = LoadError::WildRelocation { section, relocation, area };
                put(memory, super::layout::low_word(relocation.vaddr), value).ok_or(wild)?;
                offset = offset.saturating_add(RELOCATION_SIZE as u64);
            }
        }
        Ok(())
    }

    /// The paragraph that a relocation writes into the program.
    fn segment(&self, segments: Segments, target: SymbolIndex) -> u16 {
        match target {
            SymbolIndex::TEXT => segments.text,
            SymbolIndex::FTEXT => segments.text.wrapping_add(self.layout.far_text_para),
            _ => segments.data,
        }
    }

    /// Loads the program from a whole file in memory. See [`load_with`](Self::load_with).
    ///
    /// # Errors
    /// Those of [`load_with`](Self::load_with); a file that ends too early is [refused](LoadError::Refused).
    pub fn load_file<X>(
        &self,
        file: &[u8],
        mut memory: Memory<'_>,
        segments: Segments,
        mut expand: impl FnMut(&mut [u8], usize, usize) -> Result<(), X>,
    ) -> Result<(), LoadError<Infallible, X>> {
        // In the kernel's order: a section that cannot be read or expanded is reported before a bad
        // relocation.
        for section in Section::LOADED {
            self.stored_bytes(file, section).map_err(LoadError::Refused)?;
        }
        // The bytes read below were found to be present.
        let mut read = |offset: u64, place: &mut [u8]| {
            let bytes =
                usize::try_from(offset).ok().and_then(|offset| file.get(offset..)?.get(..place.len()));
            if let Some(bytes) = bytes {
                place.copy_from_slice(bytes);
            }
            Ok(())
        };
        self.load_sections(&mut memory, &mut read, &mut expand)?;
        self.check_relocations(file).map_err(LoadError::Refused)?;
        self.relocate_all(&mut memory, segments, &mut read)
    }
}

/// Writes a word as the processor does: after offset FFFF comes offset 0.
fn put(memory: &mut [u8], vaddr: u16, value: u16) -> Option<()> {
    let [low, high] = value.to_le_bytes();
    let second = usize::from(vaddr.wrapping_add(1));
    if second >= memory.len() {
        return None;
    }
    *memory.get_mut(usize::from(vaddr))? = low;
    *memory.get_mut(second)? = high;
    Some(())
}
