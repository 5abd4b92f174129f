//! Where a decoder reads from and writes to.
//!
//! A position is the one just past a byte: both pointers move down, so the next byte is read at `inp - 1` and
//! the next one written at `out - 1`.

use super::error::{StreamField, StreamFinding, StreamRule};
use super::format::{IN_PLACE_MARGIN, MAX_DISTANCE};

/// A decoder's memory. Reading out of range gives 0 and writing does nothing: the decoder has checked the
/// position before.
pub(crate) trait Memory {
    /// The last position of the output: where its first byte will be.
    const END: usize;
    /// Whether output and input share one memory, as in the kernel.
    const IN_PLACE: bool;
    /// Whether there is an output at all.
    const WRITES: bool;

    fn input(&self) -> &[u8];

    fn output(&mut self) -> &mut [u8];

    /// Copies `len` bytes of the input that end at `inp`.
    fn literals(&mut self, out: usize, inp: usize, len: usize);

    /// Checks the distance of the pointers during an item: after its first byte, and after its last.
    fn check_distance(&mut self, inp: usize, first_out: usize, last_out: usize) -> Result<(), StreamFinding>;
}

/// The compressed bytes and a buffer of the section's size.
pub(crate) struct Apart<'a> {
    pub(crate) input: &'a [u8],
    pub(crate) output: &'a mut [u8],
}

impl Memory for Apart<'_> {
    const END: usize = 0;
    const IN_PLACE: bool = false;
    const WRITES: bool = true;

    #[inline(always)]
    fn input(&self) -> &[u8] {
        self.input
    }

    #[inline(always)]
    fn output(&mut self) -> &mut [u8] {
        self.output
    }

    fn literals(&mut self, out: usize, inp: usize, len: usize) {
        let from = self.input.get(inp.saturating_sub(len)..inp);
        let to = self.output.get_mut(out.saturating_sub(len)..out);
        if let (Some(from), Some(to)) = (from, to) {
            if from.len() == to.len() {
                to.copy_from_slice(from);
            }
        }
    }

    #[inline(always)]
    fn check_distance(
        &mut self,
        _inp: usize,
        _first_out: usize,
        _last_out: usize,
    ) -> Result<(), StreamFinding> {
        Ok(())
    }
}

/// As in the kernel: one memory of the section's size plus [`IN_PLACE_MARGIN`] bytes.
pub(crate) struct InPlace<'a> {
    pub(crate) area: &'a mut [u8],
}

impl Memory for InPlace<'_> {
    const END: usize = IN_PLACE_MARGIN;
    const IN_PLACE: bool = true;
    const WRITES: bool = true;

    #[inline(always)]
    fn input(&self) -> &[u8] {
        self.area
    }

    #[inline(always)]
    fn output(&mut self) -> &mut [u8] {
        self.area
    }

    fn literals(&mut self, out: usize, inp: usize, len: usize) {
        copy_within(self.area, inp, out, len);
    }

    fn check_distance(&mut self, inp: usize, first_out: usize, last_out: usize) -> Result<(), StreamFinding> {
        if let Some(passed @ 1..) = inp.checked_sub(last_out) {
            return Err(StreamRule::OutputOvertakes.at_most(StreamField::Distance, inp, passed, 0));
        }
        match first_out.checked_sub(inp) {
            Some(distance) if distance > MAX_DISTANCE => {
                let rule = StreamRule::DistanceTooLarge;
                Err(rule.at_most(StreamField::Distance, inp, distance, MAX_DISTANCE))
            }
            _ => Ok(()),
        }
    }
}

/// Only the input, without memory for the output: measures what the kernel would need.
pub(crate) struct Measure<'a> {
    pub(crate) input: &'a [u8],
    /// Maximum number of bytes by which the output, without any safety margin, would pass the input.
    pub(crate) overtaken: usize,
    /// Maximum number of bytes by which it is above the input, likewise.
    pub(crate) ahead: usize,
}

impl Memory for Measure<'_> {
    const END: usize = 0;
    const IN_PLACE: bool = false;
    const WRITES: bool = false;

    fn input(&self) -> &[u8] {
        self.input
    }

    fn output(&mut self) -> &mut [u8] {
        &mut []
    }

    fn literals(&mut self, _out: usize, _inp: usize, _len: usize) {}

    fn check_distance(&mut self, inp: usize, first_out: usize, last_out: usize) -> Result<(), StreamFinding> {
        self.overtaken = self.overtaken.max(inp.saturating_sub(last_out));
        self.ahead = self.ahead.max(first_out.saturating_sub(inp));
        Ok(())
    }
}

/// Copies `len` bytes that end at `from` so that they end at `to`. Nothing is copied when they are not within
/// `bytes`; the check is that of [`slice::copy_within`] and the function is never inlined, so the compiler
/// sees in one place that it cannot panic.
#[inline(never)]
pub(crate) fn copy_within(bytes: &mut [u8], from: usize, to: usize, len: usize) {
    let (start, target) = (from.wrapping_sub(len), to.wrapping_sub(len));
    let within = start <= from && from <= bytes.len();
    if within && target <= to && target <= bytes.len().wrapping_sub(from.wrapping_sub(start)) {
        bytes.copy_within(start..from, target);
    }
}

/// Writes a match: `len` bytes that end at `out`, each a copy of the byte `offset` above it.
///
/// The bytes from `out` to `out + offset` repeat downwards. Each copy is a whole number of repetitions, and
/// their number doubles each time: linear time, however small the offset.
pub(crate) fn copy_match(bytes: &mut [u8], out: usize, offset: usize, len: usize) {
    let (mut out, mut rest, mut reach) = (out, len, offset);
    while rest > 0 && reach > 0 {
        let part = rest.min(reach);
        copy_within(bytes, out.saturating_add(reach), out, part);
        out = out.saturating_sub(part);
        rest = rest.saturating_sub(part);
        reach = reach.saturating_mul(2);
    }
}
