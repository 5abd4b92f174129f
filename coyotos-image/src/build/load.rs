//! The default loader: each virtual page holds exactly what the ELF file specifies.

use alloc::vec::Vec;
use core::fmt;
use core::iter::repeat;

use execfmt_common::Expected;

use super::process::PROTO_CODE;
use super::{BuildError, Builder};
use crate::arch::Arch;
use crate::bits::{hi, lo};
use crate::capability::{CapType, Capability, Restr};
use crate::elf::{Demands, ElfError, ElfFinding, ElfRule, Segment, read, restr_of, sorted};
use crate::object::ObjectType;
use crate::space::SpaceError;
use crate::try_vec::{OutOfMemory, copy, copy_of, push, zeros};

/// A program loaded into an address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadedElf {
    /// Its start address.
    pub entry: u64,
    /// The address space.
    pub space: Capability,
    /// Whether the start address is mapped executable. Always true from [`Builder::load_elf`]; the original
    /// does not check it.
    pub entry_executable: bool,
}

/// Why a program could not be loaded. The builder is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// The program breaks a rule.
    Elf(ElfFinding),
    /// The builder failed.
    Build(BuildError),
}

impl From<ElfError> for LoadError {
    fn from(error: ElfError) -> Self {
        match error {
            ElfError::Refused(finding) => Self::Elf(finding),
            ElfError::OutOfMemory { bytes } => SpaceError::OutOfMemory { bytes }.into(),
        }
    }
}

impl From<OutOfMemory> for LoadError {
    fn from(error: OutOfMemory) -> Self {
        SpaceError::from(error).into()
    }
}

impl From<BuildError> for LoadError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<SpaceError> for LoadError {
    fn from(error: SpaceError) -> Self {
        Self::Build(error.into())
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elf(finding) => finding.fmt(f),
            Self::Build(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Elf(finding) => Some(finding),
            Self::Build(error) => Some(error),
        }
    }
}

impl Builder {
    /// Loads a linked program into a new address space: each virtual page that a segment touches becomes a
    /// page of its own, with the bytes of the file, zeros elsewhere, and the combined rights of all segments
    /// that touch it.
    ///
    /// Accepts ELF32 and ELF64 files for the architecture's machines and byte order, linked to fixed
    /// addresses (`ET_EXEC`). Overlapping segments are refused unless they agree byte for byte.
    ///
    /// # Errors
    /// [`LoadError`]; the builder is unchanged.
    pub fn load_elf(&mut self, bank: Capability, bytes: &[u8]) -> Result<LoadedElf, LoadError> {
        let program = read(bytes, self.arch(), Demands::Runnable)?;
        let mut segments = program.segments;
        segments.retain(|segment| segment.memory_size > 0);
        let segments = sorted(&segments, |segment| segment.address)?;
        self.atomically(|builder| {
            let space = builder.map_segments(bank, &segments)?;
            let entry = program.entry;
            if !builder.is_executable(space, entry) {
                return Err(BuildError::EntryNotExecutable(entry).into());
            }
            Ok(LoadedElf { entry, space, entry_executable: true })
        })
    }

    /// The page of a `ProtoSpace` program, for [`constructor_form`](Self::constructor_form): an ELF program
    /// of one page at address 0, whose code and start address are at byte [`PROTO_CODE`].
    ///
    /// # Errors
    /// Those of [`load_elf`](Self::load_elf), and [`BuildError::NotProtoSpace`].
    pub fn proto_space_of_elf(arch: Arch, elf: &[u8]) -> Result<Vec<u8>, LoadError> {
        let mut builder = Self::try_new(arch)?;
        let bank = builder.prime_bank();
        let program = builder.load_elf(bank, elf)?;
        let refused = BuildError::NotProtoSpace { entry: program.entry };
        // Page 0 of an image holds its header.
        let one_page = builder.count(ObjectType::Page) == 2;
        if program.entry != PROTO_CODE || !one_page {
            return Err(refused.into());
        }
        let leaf = builder.leaf(program.space, 0)?;
        let contents = builder.page(leaf.capability)?;
        Ok(copy_of(contents.ok_or(refused)?)?)
    }

    /// Whether an address is mapped to an executable page.
    pub fn is_executable(&self, space: Capability, address: u64) -> bool {
        let leaf = self.leaf(space, address);
        leaf.is_ok_and(|leaf| leaf.capability.cap_type() == CapType::PAGE && !leaf.restr.contains(Restr::NX))
    }

    fn map_segments(&mut self, bank: Capability, segments: &[Segment<'_>]) -> Result<Capability, LoadError> {
        let (log2, page_size) = (u32::from(self.arch().page_size_log2()), u64::from(self.arch().page_size()));
        let mut space = Capability::NULL;
        let mut waiting = segments.iter().peekable();
        let mut active: Vec<&Segment<'_>> = Vec::new();
        let mut address = 0;
        let mut frame = Frame::new(usize::try_from(page_size).unwrap_or(usize::MAX))?;
        loop {
            active.retain(|segment| segment.end() > address);
            if active.is_empty() {
                match waiting.peek() {
                    Some(next) => address = hi(next.address, log2).max(address),
                    None => return Ok(space),
                }
            }
            // The last byte and not the end, which may be 2^64.
            let last = address | lo(u64::MAX, log2);
            while let Some(segment) = waiting.next_if(|segment| segment.address <= last) {
                push(&mut active, segment)?;
            }
            let flags = active.iter().fold(0, |flags, segment| flags | segment.flags);
            frame.fill(&active, address, last)?;
            let mut page = match frame.contents() {
                Some(contents) => self.page_with(bank, contents)?,
                None => self.alloc(ObjectType::Page, bank)?,
            };
            page.set_restr(restr_of(flags));
            space = self.add(bank, space, address, page, 0)?;
            match address.checked_add(page_size) {
                Some(next) => address = next,
                None => return Ok(space),
            }
        }
    }
}

/// One virtual page while it is being filled.
struct Frame {
    bytes: Vec<u8>,
    /// The bytes that a segment has claimed; kept only while several segments share the page.
    claimed: Vec<bool>,
    from_file: bool,
}

impl Frame {
    fn new(page_len: usize) -> Result<Self, OutOfMemory> {
        Ok(Self { bytes: zeros(page_len)?, claimed: zeros(page_len)?, from_file: false })
    }

    /// The bytes; `None` when none came from the file.
    fn contents(&self) -> Option<&[u8]> {
        self.from_file.then_some(&*self.bytes)
    }

    fn fill(&mut self, segments: &[&Segment<'_>], address: u64, last: u64) -> Result<(), LoadError> {
        if self.from_file {
            self.bytes.fill(0);
        }
        self.from_file = false;
        if let &[only] = segments {
            if let Some((at, bytes)) = part(only, address, last) {
                copy(bytes, self.bytes.get_mut(at..).unwrap_or_default());
                self.from_file = true;
            }
            return Ok(());
        }
        self.claimed.fill(false);
        segments.iter().try_for_each(|segment| self.claim(segment, address, last))
    }

    fn claim(&mut self, segment: &Segment<'_>, address: u64, last: u64) -> Result<(), LoadError> {
        let start = segment.address.max(address);
        let length = segment.end().min(last.saturating_add(1)).saturating_sub(start);
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let place = size(start.saturating_sub(address));
        let mine = place..place.saturating_add(size(length));
        let (_, from_file) = part(segment, address, last).unwrap_or_default();
        let (Some(bytes), Some(claimed)) = (self.bytes.get_mut(mine.clone()), self.claimed.get_mut(mine))
        else {
            return Ok(());
        };
        // The bytes of the file are followed by the zeros of the bss.
        let in_file = from_file.len().min(bytes.len());
        let (file, bss) = bytes.split_at_mut(in_file);
        let (file_claimed, bss_claimed) = claimed.split_at(in_file);
        if differ(file, file_claimed, from_file.iter()) || differ(bss, bss_claimed, repeat(&0)) {
            let wanted = from_file.iter().chain(repeat(&0));
            let other = file.iter().chain(&*bss).zip(&*claimed).zip(wanted);
            let index =
                other.map(|((byte, claimed), wanted)| *claimed && byte != wanted).position(|differs| differs);
            let at = start.saturating_add(index.unwrap_or_default() as u64);
            let expected = Expected::AtLeast(at.saturating_add(1));
            return Err(segment.finding(ElfRule::Overlap, "p_vaddr", at, expected).into());
        }
        copy(from_file, file);
        bss.fill(0);
        claimed.fill(true);
        self.from_file |= in_file > 0;
        Ok(())
    }
}

/// Whether any claimed byte differs from the wanted one. Compares all of them: that is faster than stopping
/// at the first difference, which would require comparing byte by byte.
fn differ<'a>(bytes: &[u8], claimed: &[bool], wanted: impl Iterator<Item = &'a u8>) -> bool {
    let pairs = bytes.iter().zip(claimed).zip(wanted);
    pairs.fold(false, |differ, ((byte, claimed), wanted)| differ | (*claimed & (byte != wanted)))
}

/// The bytes of the file that a segment has in a page, and their offset in it.
fn part<'a>(segment: &Segment<'a>, address: u64, last: u64) -> Option<(usize, &'a [u8])> {
    let start = segment.address.max(address);
    let end = segment.file_end().min(last.saturating_add(1));
    let length = end.checked_sub(start).filter(|&length| length > 0)?;
    let skipped = usize::try_from(start.checked_sub(segment.address)?).ok()?;
    let bytes = segment.bytes.get(skipped..)?.get(..usize::try_from(length).ok()?)?;
    Some((usize::try_from(start.checked_sub(address)?).ok()?, bytes))
}
