//! All matches of a section, found once and used by every parse.
//!
//! Positions count from the end of the section: the stream describes its bytes from the last to the first,
//! and the encoder reverses them once.

use alloc::vec;
use alloc::vec::Vec;

/// The limits of the match finder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Maximum number of earlier positions examined, per position.
    pub(super) chain: usize,
    /// Maximum number of earlier positions examined per position on average. Programs stay below it; highly
    /// repetitive data does not.
    pub(super) looks: usize,
    /// A match of at least this length in bytes ends the search at its position.
    pub(super) enough: usize,
    /// Maximum number of earlier positions of the same byte, and of the same two bytes.
    pub(super) short: usize,
    /// A match is kept if it is longer than the nearer ones whose offset has the same number of bits and the
    /// same bits after the highest one; this is how many of those bits count.
    pub(super) detail: u32,
}

/// A match at some position: `len` bytes that also occur `offset` bytes earlier.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub(super) offset: u16,
    pub(super) len: u16,
    /// The [`Resumption`] after its last byte, or [`NONE`].
    pub(super) resumption: u32,
}

/// No resumption.
pub(super) const NONE: u32 = u32::MAX;

/// Where a match breaks off and, after one differing byte, continues with the same offset. The offset reuse
/// of the stream exists for this.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resumption {
    pub(super) offset: u16,
    /// The length after the differing byte.
    pub(super) len: u16,
    /// The resumption after those bytes, or [`NONE`].
    pub(super) next: u32,
    /// Another one at the same position, or [`NONE`].
    pub(super) sibling: u32,
}

/// The result of the finder, for the parser.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// For each position the end of its matches, which begin where those of the next position end.
    ends: Vec<u32>,
    matches: Vec<Match>,
    /// For each position the first resumption that breaks off there.
    first: Vec<u32>,
    pub(super) resumptions: Vec<Resumption>,
}

impl Matches {
    /// The matches that begin at a position, the longest first.
    pub(super) fn at(&self, position: usize) -> &[Match] {
        let bound = |at: usize| self.ends.get(at).map_or(0, |&end| end as usize);
        self.matches.get(bound(position.wrapping_add(1))..bound(position)).unwrap_or_default()
    }

    /// The resumptions of matches that break off in front of a position.
    pub(super) fn resumptions_at(&self, position: usize) -> impl Iterator<Item = (u32, Resumption)> + '_ {
        let get = |index: u32| Some((index, *self.resumptions.get(index as usize)?));
        let first = self.first.get(position).copied().unwrap_or(NONE);
        core::iter::successors(get(first), move |(_, one)| get(one.sibling))
    }
}

/// What is known about an offset as positions decrease: the last match with it.
#[derive(Clone, Copy)]
struct Trail {
    start: u32,
    end: u32,
    resumption: u32,
}

/// Maximum number of matches and resumptions kept on average, and how many more are allowed at the beginning.
/// They bound time and memory for highly repetitive data; programs stay far below.
const MATCHES: usize = 32;
const RESUMPTIONS: usize = 4;
const QUOTA: usize = 4096;

/// Maximum number of bits after the highest one that distinguish offsets.
const MAX_DETAIL: u32 = 4;

/// The number of bits of an offset, and the `detail` bits after the highest one.
fn magnitude(offset: usize, detail: u32) -> usize {
    let bits = usize::BITS.wrapping_sub(offset.leading_zeros());
    let below = offset.wrapping_shl(detail).wrapping_shr(bits.saturating_sub(1));
    let detail = 1_usize.wrapping_shl(detail);
    (bits as usize).wrapping_mul(detail) | below & detail.wrapping_sub(1)
}

/// The finder's state.
struct Finder<'a> {
    data: &'a [u8],
    effort: Effort,
    /// Indexed by offset.
    trails: Vec<Trail>,
    found: Matches,
    /// The matches of the current position.
    here: Vec<Match>,
    /// Number of earlier positions examined.
    looked: usize,
}

/// Finds the matches of `data`, which has at most 64 KiB.
pub(super) fn find(data: &[u8], effort: Effort) -> Matches {
    let unknown = Trail { start: u32::MAX, end: u32::MAX, resumption: NONE };
    let chains = [Chain::new(data, 3), Chain::new(data, 2), Chain::new(data, 1)];
    let found = Matches {
        ends: vec![0; data.len().wrapping_add(1)],
        matches: Vec::with_capacity(data.len().wrapping_mul(8)),
        first: vec![NONE; data.len().wrapping_add(1)],
        resumptions: Vec::new(),
    };
    let trails = vec![unknown; data.len().wrapping_add(1)];
    let mut finder = Finder { data, effort, trails, found, here: Vec::new(), looked: 0 };
    for position in (1..data.len()).rev() {
        finder.position(position, &chains);
    }
    finder.found
}

/// For each position the previous one with the same few bytes.
struct Chain {
    unit: usize,
    /// One more than the position; 0 is none.
    earlier: Vec<u32>,
}

impl Chain {
    fn new(data: &[u8], unit: usize) -> Self {
        let mut last = vec![0_u32; 0x1_0000];
        let mut earlier = vec![0_u32; data.len()];
        for ((one_more, bytes), earlier) in (1_u32..).zip(data.windows(unit)).zip(&mut earlier) {
            let key = bytes.iter().fold(0_u32, |key, &byte| key.wrapping_shl(8) | u32::from(byte));
            // Two bytes are their own key; three are hashed. The search compares the bytes.
            let key = if unit > 2 { key.wrapping_mul(0x9e37_79b1).wrapping_shr(16) } else { key };
            if let Some(last) = last.get_mut(key as usize) {
                *earlier = core::mem::replace(last, one_more);
            }
        }
        Self { unit, earlier }
    }

    /// The earlier positions, latest first.
    fn before(&self, position: usize) -> impl Iterator<Item = usize> + '_ {
        let step = |at: usize| (*self.earlier.get(at)? as usize).checked_sub(1);
        core::iter::successors(step(position), move |&at| step(at))
    }
}

impl Finder<'_> {
    fn position(&mut self, position: usize, chains: &[Chain; 3]) {
        self.here.clear();
        let [long, two, one] = chains;
        self.long(position, long);
        self.short(position, two);
        self.short(position, one);
        self.here.sort_unstable_by_key(|one| (core::cmp::Reverse(one.len), one.offset));
        self.found.matches.append(&mut self.here);
        let end = u32::try_from(self.found.matches.len()).unwrap_or(u32::MAX);
        if let Some(slot) = self.found.ends.get_mut(position) {
            *slot = end;
        }
    }

    /// Matches of three or more bytes.
    fn long(&mut self, position: usize, chain: &Chain) {
        let mut longest = 0;
        // The longest so far by the offset's magnitude: keeps distant matches that cost no more.
        let mut by_magnitude = [0_usize; 17 << MAX_DETAIL];
        let looks = self.quota(position, self.effort.looks).saturating_sub(self.looked);
        for earlier in chain.before(position).take(self.effort.chain.min(looks)) {
            self.looked = self.looked.wrapping_add(1);
            let offset = position.wrapping_sub(earlier);
            let (len, resumption) = self.measure(position, offset);
            if len < chain.unit {
                continue;
            }
            let best = by_magnitude.get_mut(magnitude(offset, self.effort.detail));
            let longer_here = best.is_some_and(|best| {
                let longer = len > *best;
                *best = len.max(*best);
                longer
            });
            let kept = self.found.matches.len().wrapping_add(self.here.len());
            let room = self.quota(position, MATCHES);
            if len > longest || kept < room && longer_here || kept < room / 2 && resumption != NONE {
                self.keep(offset, len, resumption);
            }
            longest = longest.max(len);
            if longest >= self.effort.enough {
                break;
            }
        }
    }

    /// Matches of exactly one or two bytes; longer ones were found earlier.
    fn short(&mut self, position: usize, chain: &Chain) {
        for earlier in chain.before(position).take(self.effort.short) {
            let offset = position.wrapping_sub(earlier);
            let (len, resumption) = self.measure(position, offset);
            if len == chain.unit {
                self.keep(offset, len, resumption);
            }
        }
    }

    /// Maximum count of something by the time that a position is done.
    fn quota(&self, position: usize, per_position: usize) -> usize {
        self.data.len().wrapping_sub(position).wrapping_mul(per_position).wrapping_add(QUOTA)
    }

    fn keep(&mut self, offset: usize, len: usize, resumption: u32) {
        if let (Ok(offset), Ok(len)) = (u16::try_from(offset), u16::try_from(len)) {
            self.here.push(Match { offset, len, resumption });
        }
    }

    /// The length of the match at a position with an offset, and its resumption.
    fn measure(&mut self, position: usize, offset: usize) -> (usize, u32) {
        let Some(&trail) = self.trails.get(offset) else { return (0, NONE) };
        // Known from the next position, or from another chain at this one.
        let ahead = (trail.start as usize).wrapping_sub(position);
        let (end, resumption) = if ahead < 2 && (ahead == 0 || self.continues(position, offset)) {
            (trail.end as usize, trail.resumption)
        } else {
            let end = position.wrapping_add(self.common(position, offset));
            let resumption = if end > position { self.resume(end, offset, trail) } else { NONE };
            (end, resumption)
        };
        if end == position {
            return (0, NONE);
        }
        if let (Some(trail), Ok(start), Ok(end)) =
            (self.trails.get_mut(offset), u32::try_from(position), u32::try_from(end))
        {
            *trail = Trail { start, end, resumption };
        }
        (end.wrapping_sub(position), resumption)
    }

    /// Whether the byte at a position equals the one `offset` before.
    fn continues(&self, position: usize, offset: usize) -> bool {
        let byte = |at: usize| self.data.get(at);
        byte(position) == byte(position.wrapping_sub(offset))
    }

    /// Number of bytes from `position` on that equal those `offset` before.
    fn common(&self, position: usize, offset: usize) -> usize {
        let here = self.data.get(position..).unwrap_or_default();
        let there = self.data.get(position.wrapping_sub(offset)..).unwrap_or_default();
        let mut len = 0_usize;
        let (mut left, mut right) = (here.chunks_exact(8), there.chunks_exact(8));
        while let (Some(a), Some(b)) = (left.next(), right.next()) {
            let (Ok(a), Ok(b)) = (<[u8; 8]>::try_from(a), <[u8; 8]>::try_from(b)) else { break };
            let different = u64::from_le_bytes(a) ^ u64::from_le_bytes(b);
            if different != 0 {
                return len.wrapping_add(different.trailing_zeros().wrapping_shr(3) as usize);
            }
            len = len.wrapping_add(8);
        }
        let rest = here.get(len..).unwrap_or_default().iter().zip(there.get(len..).unwrap_or_default());
        len.wrapping_add(rest.take_while(|(a, b)| a == b).count())
    }

    /// The resumption of a match that ends at `end`. Those that follow with the same offset are created with
    /// it, up to the last known one.
    fn resume(&mut self, end: usize, offset: usize, known: Trail) -> u32 {
        if known.end as usize == end {
            return known.resumption;
        }
        let (from, mut end, mut first, mut last) = (end, end, NONE, NONE);
        loop {
            let start = end.wrapping_add(1);
            let len = if start < self.data.len() { self.common(start, offset) } else { 0 };
            let next = if known.end as usize == end { known.resumption } else { NONE };
            let created = if next == NONE && len > 0 { self.create(from, end, offset, len) } else { next };
            let link = self.found.resumptions.get_mut(last as usize).map(|last| &mut last.next);
            *link.unwrap_or(&mut first) = created;
            if len == 0 || next != NONE || created == NONE {
                return first;
            }
            last = created;
            end = start.wrapping_add(len);
        }
    }

    fn create(&mut self, from: usize, end: usize, offset: usize, len: usize) -> u32 {
        if self.found.resumptions.len() >= self.quota(from, RESUMPTIONS) {
            return NONE;
        }
        let Some(sibling) = self.found.first.get_mut(end) else { return NONE };
        let (Ok(offset), Ok(len), Ok(index)) =
            (u16::try_from(offset), u16::try_from(len), u32::try_from(self.found.resumptions.len()))
        else {
            return NONE;
        };
        let sibling = core::mem::replace(sibling, index);
        self.found.resumptions.push(Resumption { offset, len, next: NONE, sibling });
        index
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const ALL: Effort = Effort { chain: 1000, looks: 1000, enough: 1000, short: 1000, detail: 4 };

    /// Every match and every resumption is one, and goes on as far as it can.
    fn check(data: &[u8]) {
        let common = |at: usize, offset: usize| {
            (at..data.len()).take_while(|&at| data[at] == data[at - offset]).count()
        };
        let found = find(data, ALL);
        for at in 1..data.len() {
            for one in found.at(at) {
                let (offset, len) = (usize::from(one.offset), usize::from(one.len));
                assert_eq!(common(at, offset), len, "{data:02x?} at {at}: {one:?}");
                let (mut end, mut next) = (at + len, one.resumption);
                while let Some(resumption) = found.resumptions.get(next as usize) {
                    let len = usize::from(resumption.len);
                    assert_eq!((usize::from(resumption.offset), common(end + 1, offset)), (offset, len));
                    (end, next) = (end + 1 + len, resumption.next);
                }
            }
        }
    }

    #[test]
    fn matches_are_equal_bytes() {
        let mut rng = fastrand::Rng::with_seed(0xf1d);
        for letters in [1, 2, 3, 10] {
            for _ in 0..300 {
                check(&(0..rng.usize(2..60)).map(|_| rng.u8(..letters)).collect::<Vec<_>>());
            }
        }
    }

    /// Three different bytes may have the same hash, in the middle of what is equal otherwise.
    #[test]
    fn an_equal_hash_is_no_match() {
        let hash = |bytes: [u8; 3]| {
            let [a, b, c] = bytes.map(u32::from);
            (a << 16 | b << 8 | c).wrapping_mul(0x9e37_79b1) >> 16
        };
        let mut checked = 0;
        for (a, c) in (0..=255).flat_map(|a| (0..=255).map(move |c| (a, c))) {
            for (more, less) in [(62, 4), (124, 8), (186, 12), (248, 16)] {
                let (Some(b), Some(d)) = (u8::checked_sub(a, more), u8::checked_add(c, less)) else {
                    continue;
                };
                if hash([a, 5, c]) == hash([b, 5, d]) {
                    check(&[1, 2, 3, b, 5, d, 6, 1, 2, 3, a, 5, c, 7]);
                    checked += 1;
                }
            }
        }
        assert!(checked > 1000, "{checked}");
    }
}
