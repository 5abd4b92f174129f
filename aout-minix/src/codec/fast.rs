//! The decoder's fast loop.
//!
//! A match without whole bytes in its length needs one look at 64 bits: the rest of the last byte read, and
//! the bytes below it. Literals need none: as long as the flags in the last byte read are ones, the literals'
//! bytes are neighbours, and up to eight of them are copied at once.

use super::format::{MAX_DISTANCE, OFFSETS_LONG, OFFSETS_ONE, Tables, offsets_of};
use super::memory::Memory;
use super::state::State;

/// Maximum number of input bytes that one round may read: eight literals, a word, and the bytes of a value.
const INPUT_ROOM: usize = 32;
/// Maximum number of output bytes that one round may write beyond those of a match or of literals.
const OUTPUT_ROOM: usize = 32;
/// The in-place distance of the pointers beyond which the careful loop must check.
const FAR: usize = MAX_DISTANCE - INPUT_ROOM;

/// The eight bytes that end at `end`; the one read first is the highest.
#[inline(always)]
fn word(bytes: &[u8], end: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(end.wrapping_sub(8)..end)?.first_chunk()?))
}

#[inline(always)]
fn put_word(bytes: &mut [u8], end: usize, word: u64) -> Option<()> {
    *bytes.get_mut(end.wrapping_sub(8)..end)?.first_chunk_mut()? = word.to_le_bytes();
    Some(())
}

/// The first `count` bits of `bits`; `count` is at most 16.
#[inline(always)]
const fn take(bits: u64, count: u32) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "16 bits")]
    let value = bits.wrapping_shr(1).wrapping_shr(63_u32.wrapping_sub(count)) as usize;
    value
}

/// Number of bits covered by one look at [`Lookup`].
const PREFIX_BITS: u32 = 10;

/// What the bits after a match's flag determine of its length, for lengths up to 255 whose index and field
/// are short enough.
pub(super) struct Lookup {
    prefixes: [u16; 1 << PREFIX_BITS],
    /// Indexed by the table's position and the four bits that choose an entry. Matches of one byte have two
    /// such bits: each of their entries is repeated four times.
    offsets: [OffsetEntry; 64],
}

/// An entry of a table of offsets, ready for arithmetic.
#[derive(Clone, Copy, Default)]
struct OffsetEntry {
    base: u16,
    /// Number of bits of index and field.
    used: u8,
    /// Number of bits of the field.
    mask: u8,
    /// All ones where a whole byte follows, otherwise 0.
    whole: u8,
}

impl OffsetEntry {
    /// The offset given by the bits from the index on and the whole byte after them.
    #[inline(always)]
    fn value(self, bits: u64, whole: u8) -> usize {
        let field = take(bits, self.used.into()) & usize::from(self.mask);
        let shift = u32::from(self.whole & 8);
        usize::from(self.base).wrapping_add(field.wrapping_shl(shift) | usize::from(whole & self.whole))
    }
}

/// A length, the number of bits that it takes with its flag, and a sixteenth of the position of its offset
/// table. The latter is never 0; 0 means that there are too few bits.
#[derive(Clone, Copy)]
struct Prefix(u16);

impl Prefix {
    #[inline(always)]
    fn new(len: u16, used: u32) -> Option<Self> {
        let len = u8::try_from(len).ok().filter(|&len| len > 0)?;
        let table = u8::try_from(offsets_of(len.into()).start.wrapping_shr(4)).ok()?;
        let used = u8::try_from(used).ok()?;
        Some(Self(u16::from_be_bytes([len, used | table.wrapping_shl(4)])))
    }

    #[inline(always)]
    fn len(self) -> usize {
        self.0.wrapping_shr(8).into()
    }

    #[inline(always)]
    fn used(self) -> u32 {
        (self.0 & 15).into()
    }

    #[inline(always)]
    fn table(self) -> usize {
        (self.0 & 0x30).into()
    }
}

impl Lookup {
    pub(super) fn new(tables: &Tables) -> Self {
        let mut prefixes = [0; 1 << PREFIX_BITS];
        let mut rest = prefixes.as_mut_slice();
        // Indices in unary: the first takes the upper half of what is left, and so on.
        for index in 0..PREFIX_BITS {
            let half = rest.len().wrapping_shr(1);
            let (below, here) = core::mem::take(&mut rest).split_at_mut_checked(half).unwrap_or_default();
            rest = below;
            let entry = tables.entry(index as usize);
            let Some(each) = half.checked_shr(entry.bits.into()).filter(|&each| each > 0) else { continue };
            if entry.has_byte() {
                continue;
            }
            let used = u32::from(entry.bits).wrapping_add(index).wrapping_add(2);
            // Not `chunks`, which panics for a size of 0: at some optimisation levels the compiler does not
            // see that the size is never 0.
            let mut values = 0_u16..;
            let mut left = here;
            while let Some((run, after)) = core::mem::take(&mut left).split_at_mut_checked(each) {
                let value = values.next().unwrap_or_default();
                if let Some(prefix) = Prefix::new(entry.base.wrapping_add(value), used) {
                    run.fill(prefix.0);
                }
                left = after;
            }
        }
        let mut offsets = [OffsetEntry::default(); 64];
        for (index, offset) in offsets.iter_mut().enumerate().skip(OFFSETS_LONG.start) {
            let one = index >= OFFSETS_ONE.start;
            let (entry, index_bits) = if one {
                let place = index.wrapping_sub(OFFSETS_ONE.start).wrapping_shr(2);
                (tables.entry(OFFSETS_ONE.start.wrapping_add(place)), 2)
            } else {
                (tables.entry(index), 4)
            };
            *offset = OffsetEntry {
                base: entry.base,
                used: (entry.bits & 7).wrapping_add(index_bits),
                mask: 1_u8.wrapping_shl(entry.low_bits()).wrapping_sub(1),
                whole: if entry.has_byte() { 0xff } else { 0 },
            };
        }
        Self { prefixes, offsets }
    }

    /// The prefix at the beginning of some bits, including the flag of the match.
    #[inline(always)]
    fn prefix(&self, look: u64) -> Prefix {
        Prefix(self.prefixes.get(take(look.wrapping_shl(1), PREFIX_BITS)).copied().unwrap_or(0))
    }

    /// The table entry that some bits select.
    #[inline(always)]
    fn offset(&self, table: usize, bits: u64) -> OffsetEntry {
        self.offsets.get((table | take(bits, 4)) & 63).copied().unwrap_or_default()
    }
}

/// Decodes items as long as they are common ones and far from both ends, and leaves the state between two
/// items.
pub(super) fn run<M: Memory>(
    memory: &mut M,
    tables: &Tables,
    lookup: &Lookup,
    state: &mut State,
    top: usize,
) {
    let mut now = *state;
    loop {
        let floor = if M::IN_PLACE { now.inp } else { 0 };
        let near_an_end = now.inp < INPUT_ROOM || now.out < floor.wrapping_add(OUTPUT_ROOM);
        if near_an_end || M::IN_PLACE && now.out.wrapping_sub(now.inp) > FAR {
            break;
        }
        let Some(behind) = literals(memory, now) else { break };
        now = behind;
        if now.count == 0 {
            continue;
        }
        let Some(behind) = match_item(memory, tables, lookup, now, top) else { break };
        now = behind;
    }
    *state = now;
}

/// Up to eight single literals: those whose flags remain in the bit buffer.
#[inline(always)]
fn literals<M: Memory>(memory: &mut M, state: State) -> Option<State> {
    let State { mut inp, out, mut bits, mut count, .. } = state;
    if count == 0 {
        bits = word(memory.input(), inp)? & 0xff00_0000_0000_0000;
        inp = inp.wrapping_sub(1);
        count = 8;
    }
    let flags = bits.leading_ones();
    if flags == 0 {
        return Some(State { inp, bits, count, ..state });
    }
    let bytes = word(memory.input(), inp)?;
    put_word(memory.output(), out, bytes)?;
    Some(State {
        inp: inp.wrapping_sub(flags as usize),
        out: out.wrapping_sub(flags as usize),
        bits: bits.wrapping_shl(flags),
        count: count.wrapping_sub(flags),
        literals: state.literals.wrapping_add(flags),
        ..state
    })
}

/// A match whose flag is the next bit. Nothing is changed when the result is `None`.
#[inline(always)]
fn match_item<M: Memory>(
    memory: &mut M,
    tables: &Tables,
    lookup: &Lookup,
    state: State,
    top: usize,
) -> Option<State> {
    let State { mut inp, out, bits, count, literals, mut offset } = state;
    let look = bits | word(memory.input(), inp)?.wrapping_shr(count);
    let prefix = lookup.prefix(look);
    let mut len = prefix.len();
    let mut used = prefix.used();
    let mut table = prefix.table();
    if table == 0 {
        let zeros = look.leading_zeros();
        let length = tables.entry(zeros.wrapping_sub(1) as usize);
        if zeros > 16 || length.has_byte() {
            return None;
        }
        used = zeros.wrapping_add(1);
        len = usize::from(length.base).wrapping_add(take(look.wrapping_shl(used), length.low_bits()));
        used = used.wrapping_add(length.low_bits());
        table = offsets_of(len).start;
    }
    let mut rest = look.wrapping_shl(used);
    let mut again = false;
    if literals == 1 {
        again = rest.leading_ones() > 0;
        rest = rest.wrapping_shl(1);
        used = used.wrapping_add(1);
    }
    let mut entry = OffsetEntry::default();
    if !again {
        entry = lookup.offset(table, rest);
        used = used.wrapping_add(entry.used.into());
    }
    // The bytes that were begun, and the bits that remain of the last of them.
    let bytes = used.saturating_sub(count).div_ceil(8);
    inp = inp.wrapping_sub(bytes as usize);
    let count = bytes.wrapping_mul(8).wrapping_add(count).wrapping_sub(used);
    let bits = look.wrapping_shl(used) & !u64::MAX.wrapping_shr(count);
    if !again {
        let mut whole = 0;
        if entry.whole != 0 {
            inp = inp.wrapping_sub(1);
            whole = *memory.input().get(inp)?;
        }
        offset = entry.value(rest, whole);
    }
    let floor = if M::IN_PLACE { inp } else { 0 };
    let room = out.checked_sub(floor.wrapping_add(OUTPUT_ROOM))?;
    // Neither is 0.
    if offset.wrapping_sub(1) >= top.wrapping_sub(out) || len.wrapping_sub(1) >= room {
        return None;
    }
    copy(memory.output(), out, offset, len)?;
    Some(State { inp, out: out.wrapping_sub(len), bits, count, literals: 0, offset })
}

/// Writes a match, and up to 15 bytes below it.
#[inline(always)]
fn copy(bytes: &mut [u8], out: usize, offset: usize, len: usize) -> Option<()> {
    if offset >= 16 {
        let mut done = 0;
        loop {
            let end = out.wrapping_sub(done);
            let from = end.wrapping_add(offset);
            let copied: [u8; 16] = *bytes.get(from.wrapping_sub(16)..from)?.first_chunk()?;
            *bytes.get_mut(end.wrapping_sub(16)..end)?.first_chunk_mut()? = copied;
            done = done.wrapping_add(16);
            if done >= len {
                return Some(());
            }
        }
    }
    if offset >= 8 {
        let mut done = 0;
        while done < len {
            let end = out.wrapping_sub(done);
            put_word(bytes, end, word(bytes, end.wrapping_add(offset))?)?;
            done = done.wrapping_add(8);
        }
        return Some(());
    }
    // The bytes that repeat, from the top of a word down, as often as they fit.
    let width = u32::try_from(offset).ok()?.wrapping_mul(8);
    let mut pattern = word(bytes, out.wrapping_add(offset))?;
    pattern &= !u64::MAX.wrapping_shr(width);
    for times in [1, 2, 4] {
        pattern |= pattern.checked_shr(width.wrapping_mul(times)).unwrap_or(0);
    }
    let step = *[8, 8, 8, 6, 8, 5, 6, 7].get(offset & 7)?;
    let mut done = 0;
    while done < len {
        put_word(bytes, out.wrapping_sub(done), pattern)?;
        done = done.wrapping_add(step);
    }
    Some(())
}
