//! Loading: the segments to memory, zeros after them, relocations applied.

use core::fmt;

use execfmt_common::BufferTooSmall;

use super::{ElksRefusal, Options, Program, execve};
use crate::check::faults;
use crate::image::Segment;
use crate::relocation::{Relocation, Source};
use crate::rules::NeFinding;

/// The memory of one segment.
#[derive(Debug)]
pub struct Memory<'m> {
    /// Its address on the machine, in paragraphs.
    pub base: u16,
    /// Its bytes: at least [`SegmentLayout::bytes`](super::SegmentLayout::bytes).
    pub bytes: &'m mut [u8],
}

/// Why a program could not be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// Memory was given for fewer segments than the program has.
    TooFewSegments {
        /// Number of segments of the program.
        needed: usize,
        /// Number of segments for which memory was given.
        given: usize,
    },
    /// The memory for the segment with this number is too small.
    MemoryTooSmall(u16, BufferTooSmall),
    /// ELKS refuses the file.
    Refused(ElksRefusal),
    /// ELKS would start the program, but overwrite memory that is not the program's, or start it incorrectly.
    Fault(NeFinding),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewSegments { needed, given } => {
                write!(f, "the program has {needed} segments, but memory was given for {given}")
            }
            Self::MemoryTooSmall(number, size) => write!(f, "the memory for segment {number}: {size}"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Fault(finding) => finding.fmt(f),
        }
    }
}

impl core::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::TooFewSegments { .. } => None,
            Self::MemoryTooSmall(_, size) => Some(size),
            Self::Refused(refusal) => Some(refusal),
            Self::Fault(finding) => Some(finding),
        }
    }
}

impl Program<'_> {
    /// Loads the program: copies the segments' bytes, zeroes up to `min_alloc`, applies the relocations. The
    /// rest of each segment, including heap and stack, is not touched.
    ///
    /// # Errors
    /// An error that [`faults`] finds, or too little memory; nothing has been written then.
    pub fn load(&self, memory: &mut [Memory<'_>]) -> Result<(), LoadError> {
        let mut fault = None;
        // The arguments are in the layout, and the kernel's mode affects only warnings, not errors.
        faults(self.image(), Some(self.layout()), Options::default(), &mut |finding| {
            if fault.is_none() && finding.is_error() {
                fault = Some(finding);
            }
        });
        if let Some(finding) = fault {
            return Err(LoadError::Fault(finding));
        }
        self.load_as_elks(memory)
    }

    /// Loads the program as ELKS does, including its defects as far as they stay within the segments' memory:
    /// bytes of the file and relocations that would fall outside it are skipped.
    ///
    /// # Errors
    /// Too little memory; nothing has been written then.
    pub fn load_as_elks(&self, memory: &mut [Memory<'_>]) -> Result<(), LoadError> {
        let (needed, given) = (self.layout.segments().count(), memory.len());
        if given < needed {
            return Err(LoadError::TooFewSegments { needed, given });
        }
        for ((number, segment), memory) in (1..).zip(self.layout.segments()).zip(memory.iter()) {
            let (needed, given) = (u64::from(segment.bytes()), memory.bytes.len() as u64);
            if given < needed {
                return Err(LoadError::MemoryTooSmall(number, BufferTooSmall { needed, given }));
            }
        }
        let mut bases = [0_u16; super::MAX_SEGMENTS];
        for (base, memory) in bases.iter_mut().zip(memory.iter()) {
            *base = memory.base;
        }
        for ((segment, layout), memory) in self.image.segments().zip(self.layout.segments()).zip(memory) {
            let area = usize::try_from(layout.bytes()).ok().and_then(|bytes| memory.bytes.get_mut(..bytes));
            load_segment(&segment, area.unwrap_or_default(), &bases);
        }
        Ok(())
    }
}

fn load_segment(segment: &Segment<'_>, memory: &mut [u8], bases: &[u16]) {
    let bytes = segment.available();
    for (place, byte) in memory.iter_mut().zip(bytes) {
        *place = *byte;
    }
    if let Some(zeros) = memory.get_mut(bytes.len()..segment.min_alloc().into()) {
        zeros.fill(0);
    }
    for (_, record) in segment.relocations().map_while(Result::ok) {
        if let Ok(relocation) = record.known() {
            apply(relocation, memory, bases);
        }
    }
}

/// Changes the bytes that a relocation changes. Offsets wrap around at 64 KiB within the segment.
fn apply(relocation: Relocation, memory: &mut [u8], bases: &[u16]) {
    let base = usize::from(relocation.target_segment).checked_sub(1).and_then(|index| bases.get(index));
    let base = base.copied().unwrap_or_default();
    let place = relocation.source_offset;
    match relocation.source {
        Source::Segment => put(memory, place, base),
        Source::FarPointer => {
            let held = if relocation.additive { word_at(memory, place) } else { 0 };
            put(memory, place, relocation.target_offset.wrapping_add(held));
            put(memory, place.wrapping_add(2), base);
        }
    }
}

fn word_at(memory: &[u8], place: u16) -> u16 {
    let byte = |offset: u16| memory.get(usize::from(place.wrapping_add(offset))).copied().unwrap_or_default();
    u16::from_le_bytes([byte(0), byte(1)])
}

fn put(memory: &mut [u8], place: u16, value: u16) {
    for (offset, byte) in (0..).zip(value.to_le_bytes()) {
        if let Some(slot) = memory.get_mut(usize::from(place.wrapping_add(offset))) {
            *slot = byte;
        }
    }
}

/// Checks a file as the kernel does and loads it.
///
/// # Errors
/// Those of [`execve`] and of [`Program::load`].
pub fn load<'a>(
    file: &'a [u8],
    options: Options,
    memory: &mut [Memory<'_>],
) -> Result<Program<'a>, LoadError> {
    let program = execve(file, options).map_err(LoadError::Refused)?;
    program.load(memory)?;
    Ok(program)
}
