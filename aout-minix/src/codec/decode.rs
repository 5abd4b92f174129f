//! The decoder.
//!
//! Two loops over the items share one state. The fast one reads the bit buffer as part of a 64-bit word and
//! copies eight bytes at a time; it stops before anything that is rare, invalid or near an end. The careful
//! one takes one item bit by bit, checks everything, and is the source of all errors.

use execfmt_common::Expected;

use super::error::{StreamField, StreamFinding, StreamRule, check_size};
use super::fast;
use super::format::{
    END_INDEX, ENTRIES, Entry, IN_PLACE_MARGIN, MAX_DISTANCE, RUN_INDEX, Tables, offsets_of,
};
use super::memory::{Apart, InPlace, Measure, Memory, copy_match, copy_within};
use super::state::State;

/// Decompresses a section into a buffer of exactly its size.
///
/// This implements the stream format itself: the kernel's limits on decompressing in place do not apply. On
/// failure, the contents of the buffer are unspecified.
///
/// # Errors
/// The first rule that the stream breaks. `out` must have 1 to [`MAX_SIZE`](super::MAX_SIZE) bytes.
pub fn decode(compressed: &[u8], out: &mut [u8]) -> Result<(), StreamFinding> {
    let size = out.len();
    check_size(size)?;
    run(&mut Apart { input: compressed, output: out }, compressed.len(), size)
}

/// Decompresses a section as the kernel does: the compressed bytes are the first `compressed_size` of `area`,
/// which has at least `size + IN_PLACE_MARGIN` bytes; afterwards the section is in the first `size`. The
/// bytes after it are unspecified.
///
/// # Errors
/// The first rule that the stream breaks, including the kernel's limits: the output must not overtake the
/// input, nor be more than [`MAX_DISTANCE`] bytes above it.
pub fn decode_in_place(area: &mut [u8], compressed_size: usize, size: usize) -> Result<(), StreamFinding> {
    check_size(size)?;
    let needed = size.saturating_add(IN_PLACE_MARGIN);
    check_area(area.len(), compressed_size, size)?;
    run(&mut InPlace { area }, compressed_size, needed)?;
    copy_within(area, needed, size, size);
    Ok(())
}

/// What decompressing a section in place requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Number of bytes above the section that keep the output from overtaking the input. The kernel provides
    /// [`IN_PLACE_MARGIN`].
    pub safety: usize,
    /// Maximum number of bytes by which the kernel's write pointer is above its read pointer. The kernel
    /// tolerates [`MAX_DISTANCE`].
    pub distance: usize,
}

/// Walks through a stream as the kernel does, without memory for the output.
///
/// # Errors
/// The first rule that the stream itself breaks.
pub fn footprint(compressed: &[u8], size: usize) -> Result<Footprint, StreamFinding> {
    check_size(size)?;
    let mut memory = Measure { input: compressed, overtaken: 0, ahead: 0 };
    run(&mut memory, compressed.len(), size)?;
    Ok(Footprint { safety: memory.overtaken, distance: memory.ahead.saturating_add(IN_PLACE_MARGIN) })
}

/// Determines by simulation whether the kernel decompresses a section in the memory of its segment: the same
/// result as [`decode_in_place`] in an area of `area` bytes, without needing the memory.
///
/// # Errors
/// The rule that the stream breaks, or the limit of the kernel that it exceeds.
pub fn check_in_place(compressed: &[u8], size: usize, area: usize) -> Result<Footprint, StreamFinding> {
    check_size(size)?;
    check_area(area, compressed.len(), size)?;
    let footprint = footprint(compressed, size)?;
    if let Some(passed @ 1..) = footprint.safety.checked_sub(IN_PLACE_MARGIN) {
        return Err(StreamRule::OutputOvertakes.at_most(StreamField::Distance, 0, passed, 0));
    }
    if footprint.distance > MAX_DISTANCE {
        let rule = StreamRule::DistanceTooLarge;
        return Err(rule.at_most(StreamField::Distance, 0, footprint.distance, MAX_DISTANCE));
    }
    Ok(footprint)
}

/// Determines by simulation whether the kernel decompresses a section in memory of its size plus
/// [`IN_PLACE_MARGIN`] bytes.
///
/// # Errors
/// The rule that the stream breaks, or the limit of the kernel that it exceeds: then the section must be stored
/// uncompressed.
pub fn check_kernel_limits(compressed: &[u8], size: usize) -> Result<Footprint, StreamFinding> {
    check_in_place(compressed, size, size.saturating_add(IN_PLACE_MARGIN))
}

/// Refuses memory that is too small for the section with its margin, or for the compressed bytes.
fn check_area(area: usize, compressed_size: usize, size: usize) -> Result<(), StreamFinding> {
    let least = size.saturating_add(IN_PLACE_MARGIN).max(compressed_size);
    if area < least {
        let expected = Expected::AtLeast(least as u64);
        return Err(StreamRule::AreaTooSmall.finding(StreamField::Area, 0, area, expected));
    }
    Ok(())
}

/// A number of literals after which no match can reuse the offset.
const NO_REUSE: u32 = 2;

fn run<M: Memory>(memory: &mut M, inp: usize, out: usize) -> Result<(), StreamFinding> {
    let mut reader = Reader {
        state: State { inp, out, bits: 0, count: 0, literals: NO_REUSE, offset: 0 },
        len: inp,
        top: out,
    };
    let tables = reader.header(memory)?;
    reader.literal(memory)?;
    let lookup = fast::Lookup::new(&tables);
    loop {
        if M::WRITES {
            fast::run(memory, &tables, &lookup, &mut reader.state, out);
        }
        if reader.item(memory, &tables)? {
            return Ok(());
        }
    }
}

struct Reader {
    state: State,
    /// The length of the stream in bytes.
    len: usize,
    /// The position where the output began.
    top: usize,
}

impl Reader {
    fn byte<M: Memory>(&mut self, memory: &M) -> Result<u8, StreamFinding> {
        let byte = self.state.inp.checked_sub(1).and_then(|at| Some((at, *memory.input().get(at)?)));
        let (at, byte) = byte.ok_or_else(|| {
            let more = Expected::AtLeast(self.len.saturating_add(1) as u64);
            StreamRule::Truncated.finding(StreamField::Compressed, 0, self.len, more)
        })?;
        self.state.inp = at;
        Ok(byte)
    }

    fn bit<M: Memory>(&mut self, memory: &M) -> Result<bool, StreamFinding> {
        if self.state.count == 0 {
            self.state.bits = u64::from(self.byte(memory)?).wrapping_shl(56);
            self.state.count = 8;
        }
        let bit = self.state.bits.leading_ones() > 0;
        self.state.bits = self.state.bits.wrapping_shl(1);
        self.state.count = self.state.count.saturating_sub(1);
        Ok(bit)
    }

    fn bits<M: Memory>(&mut self, memory: &M, count: u32) -> Result<u16, StreamFinding> {
        (0..count).try_fold(0_u16, |value, _| Ok(value.wrapping_shl(1) | u16::from(self.bit(memory)?)))
    }

    /// A value from an interval.
    fn value<M: Memory>(&mut self, memory: &M, entry: Entry) -> Result<u16, StreamFinding> {
        let mut field = self.bits(memory, entry.low_bits())?;
        if entry.has_byte() {
            field = field.wrapping_shl(8) | u16::from(self.byte(memory)?);
        }
        Ok(entry.base.wrapping_add(field))
    }

    /// The first byte and the tables.
    fn header<M: Memory>(&mut self, memory: &M) -> Result<Tables, StreamFinding> {
        // The lowest set bit ends the payload bits. No set bit at all is how the kernel's bit buffer looks
        // when it is empty.
        let first = self.byte(memory)?;
        self.state.count = 7_u32.saturating_sub(first.trailing_zeros());
        let payload = u64::from(first & first.wrapping_sub(1));
        self.state.bits = payload.wrapping_shl(56);
        let mut bits = [0; ENTRIES];
        for entry in &mut bits {
            let low = self.bits(memory, 3)?;
            let high = self.bits(memory, 1)?;
            *entry = u8::try_from(low | high.wrapping_shl(3)).unwrap_or_default();
        }
        Ok(Tables::new(&bits))
    }

    fn room<M: Memory>(&self) -> usize {
        self.state.out.saturating_sub(M::END)
    }

    /// Checks and reserves the room for `len` bytes of output. The kernel counts in 16 bits and down to zero,
    /// so a length of 0 means 65,536.
    fn claim<M: Memory>(&mut self, at: usize, len: u16) -> Result<(usize, usize), StreamFinding> {
        let room = self.room::<M>();
        let len = if len == 0 { 0x1_0000 } else { usize::from(len) };
        if len > room {
            return Err(StreamRule::TooLong.at_most(StreamField::Length, at, len, room));
        }
        let out = self.state.out;
        self.state.out = out.saturating_sub(len);
        Ok((out, len))
    }

    fn literal<M: Memory>(&mut self, memory: &mut M) -> Result<(), StreamFinding> {
        let (out, _) = self.claim::<M>(self.state.inp, 1)?;
        self.copy_literals(memory, out, 1)
    }

    fn copy_literals<M: Memory>(
        &mut self,
        memory: &mut M,
        out: usize,
        len: usize,
    ) -> Result<(), StreamFinding> {
        let from = self.state.inp;
        self.state.inp = from.checked_sub(len).ok_or_else(|| {
            let needed = self.len.saturating_add(len).saturating_sub(from);
            let expected = Expected::AtLeast(needed as u64);
            StreamRule::Truncated.finding(StreamField::Compressed, 0, self.len, expected)
        })?;
        memory.check_distance(self.state.inp, self.state.out, self.state.out)?;
        memory.literals(out, from, len);
        self.state.literals = self.state.literals.saturating_add(1);
        Ok(())
    }

    /// Decodes one item. Returns true when it was the end mark and the section is complete.
    fn item<M: Memory>(&mut self, memory: &mut M, tables: &Tables) -> Result<bool, StreamFinding> {
        // The read position at the item's first bit.
        let at = self.state.inp.saturating_sub(usize::from(self.state.count == 0));
        if self.bit(memory)? {
            return self.literal(memory).map(|()| false);
        }
        let mut index = 0_usize;
        while !self.bit(memory)? {
            index = index.saturating_add(1);
            if index >= ENTRIES {
                let last = ENTRIES.saturating_sub(1);
                return Err(StreamRule::BadLengthIndex.at_most(StreamField::LengthIndex, at, index, last));
            }
        }
        match index {
            END_INDEX => match self.room::<M>() {
                0 => Ok(true),
                rest => Err(StreamRule::TooShort.at_most(StreamField::Size, at, rest, 0)),
            },
            RUN_INDEX => {
                let len = u16::from_be_bytes([self.byte(memory)?, self.byte(memory)?]);
                let (out, len) = self.claim::<M>(at, len)?;
                self.copy_literals(memory, out, len)?;
                Ok(false)
            }
            _ => {
                let len = self.value(memory, tables.entry(index))?;
                self.copy(memory, tables, at, len)?;
                Ok(false)
            }
        }
    }

    fn copy<M: Memory>(
        &mut self,
        memory: &mut M,
        tables: &Tables,
        at: usize,
        len: u16,
    ) -> Result<(), StreamFinding> {
        let (out, count) = self.claim::<M>(at, len)?;
        if self.state.literals != 1 || !self.bit(memory)? {
            let table = offsets_of(count);
            let index = usize::from(self.bits(memory, table.index_bits)?);
            let entry = tables.entry(table.start.saturating_add(index));
            self.state.offset = self.value(memory, entry)?.into();
        }
        let (offset, written) = (self.state.offset, self.top.saturating_sub(out));
        if offset == 0 || offset > written {
            let bound = if offset == 0 { Expected::AtLeast(1) } else { Expected::AtMost(written as u64) };
            return Err(StreamRule::OffsetOutside.finding(StreamField::Offset, at, offset, bound));
        }
        memory.check_distance(self.state.inp, out.saturating_sub(1), self.state.out)?;
        if M::WRITES {
            copy_match(memory.output(), out, offset, count);
        }
        self.state.literals = 0;
        Ok(())
    }
}
