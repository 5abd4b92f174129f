//! The cheapest encoding of a section for given prices.
//!
//! A dynamic programme from the last position to the first. The cost of an item depends on the items before it: right
//! after a match and one literal item a match begins with a bit that indicates whether the last offset is reused.
//! So each position has three costs-to-go, and each point where a match breaks off and resumes has one of its own:
//!
//! ```text
//! free      the last two items are literals (or the section begins): no such bit
//! matched   the last item is a match
//! single    the last item is a literal, the one before a match: a match takes one more bit
//! resumed   the last item is a match that would go on with the same offset after one literal
//! ```
//!
//! # The kernel's distance
//!
//! The kernel decompresses in place and tolerates output that is at most [`MAX_DISTANCE`] bytes above its
//! input. With `n` bytes of output left, at least `n + IN_PLACE_MARGIN - MAX_DISTANCE` bytes of input must be
//! left: a lower bound on each cost-to-go, which only very compressible sections of more than 32,751 bytes
//! approach. The bound falls by 8 bits per byte, as a run of literals does. So where a parse [keeps the
//! distance](Parser::keep_distance), matches that leave less are not taken, and literals hold the cost at the
//! bound, which is the cheapest possible encoding.

use alloc::vec;
use alloc::vec::Vec;

use super::format::{IN_PLACE_MARGIN, MAX_DISTANCE};
use super::matches::{Match, Matches, NONE, Resumption};
use super::tables::Prices;

/// An item of the stream: `len` literals when the offset is 0, otherwise a match. More than one literal is a
/// run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) offset: u16,
    pub(super) len: u16,
}

impl Item {
    pub(super) const LITERAL: Self = Self { offset: 0, len: 1 };
}

/// Number of bits of a single literal.
pub(super) const LITERAL_BITS: u32 = 9;
/// Number of bits of a run of literals, without the literals.
pub(super) const RUN_BITS: u32 = 35;
/// Number of bits of a literal in a run.
pub(super) const RUN_LITERAL_BITS: u32 = 8;

const NEVER: u32 = u32::MAX / 4;

/// More bits than a literal and a match take together.
const MOST_BITS: u32 = 80;

/// The best match at a position.
#[derive(Clone, Copy)]
struct Choice {
    len: u16,
    offset: u16,
    resumption: u32,
}

/// The arrays of the dynamic programme, kept from parse to parse.
pub(super) struct Parser<'a> {
    matches: &'a Matches,
    len: usize,
    /// Number of lengths at either end of a long range that are tried.
    scan: usize,
    /// Costs-to-go by position: see the module. `run_*` are those within a run of literals.
    free: Vec<u32>,
    single: Vec<u32>,
    matched: Vec<u32>,
    run_free: Vec<u32>,
    run_single: Vec<u32>,
    /// The cost of the best match, and its identity.
    best: Vec<u32>,
    choices: Vec<Choice>,
    /// Whether the kernel's distance is kept.
    keep_distance: bool,
    /// By resumption: its cost-to-go, and the length of the match after the literal, 0 when it does not pay.
    resumed: Vec<(u32, u16)>,
}

fn value(costs: &[u32], at: usize) -> u32 {
    costs.get(at).copied().unwrap_or(NEVER)
}

fn set<T>(slots: &mut [T], at: usize, value: T) {
    if let Some(slot) = slots.get_mut(at) {
        *slot = value;
    }
}

impl<'a> Parser<'a> {
    pub(super) fn new(matches: &'a Matches, len: usize, scan: usize) -> Self {
        let costs = || vec![0_u32; len.wrapping_add(1)];
        Self {
            matches,
            len,
            scan,
            free: costs(),
            single: costs(),
            matched: costs(),
            run_free: costs(),
            run_single: costs(),
            best: costs(),
            choices: vec![Choice { len: 0, offset: 0, resumption: NONE }; len.wrapping_add(1)],
            keep_distance: false,
            resumed: vec![(NEVER, 0); matches.resumptions.len()],
        }
    }

    /// From here on, parses keep output and input as close as the kernel requires. The result must be written
    /// with the tables from which the prices come: others could make it too short.
    pub(super) const fn keep_distance(&mut self) {
        self.keep_distance = true;
    }

    /// The minimum number of bits that must be left to read after an item at a position, rounded up by what
    /// the bit buffer may hold; 0 where there is no minimum.
    fn least_left(&self, at: usize) -> u32 {
        const SLACK: usize = 2;
        let left = self.len.wrapping_sub(at).wrapping_add(IN_PLACE_MARGIN).wrapping_add(SLACK);
        let bytes = if self.keep_distance { left.saturating_sub(MAX_DISTANCE) } else { 0 };
        u32::try_from(bytes).unwrap_or(NEVER).wrapping_mul(8)
    }

    /// The section's length.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The items after the first literal.
    pub(super) fn parse(&mut self, prices: &Prices, items: &mut Vec<Item>) {
        set(&mut self.run_free, self.len, NEVER);
        set(&mut self.run_single, self.len, NEVER);
        for position in (1..self.len).rev() {
            self.position(position, prices);
        }
        self.resumptions_at(self.len, prices);
        self.trace(items);
    }

    fn position(&mut self, at: usize, prices: &Prices) {
        let after = at.wrapping_add(1);
        let (free, single) = (value(&self.free, after), value(&self.single, after));
        let run_free = value(&self.run_free, after).min(free).wrapping_add(RUN_LITERAL_BITS);
        let run_single = value(&self.run_single, after).min(single).wrapping_add(RUN_LITERAL_BITS);
        set(&mut self.run_free, at, run_free);
        set(&mut self.run_single, at, run_single);

        let (mut best, mut choice) = self.best_match(at, prices);
        let least = self.least_left(at);
        if least != 0 && best < least.wrapping_add(MOST_BITS) {
            (best, choice) = (NEVER, Choice { len: 0, offset: 0, resumption: NONE });
        }
        set(&mut self.best, at, best);
        set(&mut self.choices, at, choice);

        let literals = free.wrapping_add(LITERAL_BITS).min(run_free.wrapping_add(RUN_BITS));
        set(&mut self.free, at, literals.min(best));
        set(&mut self.single, at, literals.min(best.wrapping_add(1)));
        let literals = single.wrapping_add(LITERAL_BITS).min(run_single.wrapping_add(RUN_BITS));
        set(&mut self.matched, at, literals.min(best));
        self.resumptions_at(at, prices);
    }

    /// The cheapest match at a position, with its flag.
    fn best_match(&self, at: usize, prices: &Prices) -> (u32, Choice) {
        let [ones, twos, longs] = &prices.offsets;
        let price = |list: &[u8], offset: u16| list.get(usize::from(offset)).map_or(NEVER, |&p| u32::from(p));
        let behind = self.matched.get(at..).unwrap_or_default();
        let mut best = (NEVER, Choice { len: 0, offset: 0, resumption: NONE });
        // The cheapest offsets of one, two, and more bytes so far, and the longest length not yet examined.
        let (mut one, mut two, mut long) = ((NEVER, 0), (NEVER, 0), (NEVER, 0));
        let mut upper = 0_usize;
        for &Match { offset, len, resumption } in self.matches.at(at) {
            let full = usize::from(len);
            if upper != full && upper > 2 {
                self.range(full.max(2), upper, long, prices, behind, &mut best);
            }
            upper = full;
            if len > 2 {
                long = long.min((price(longs, offset), offset));
            }
            if len > 1 {
                two = two.min((price(twos, offset), offset));
            }
            one = one.min((price(ones, offset), offset));
            if let Some(&(resumed, _)) = self.resumed.get(resumption as usize) {
                let offset_price = price(
                    if len > 2 {
                        longs
                    } else if len > 1 {
                        twos
                    } else {
                        ones
                    },
                    offset,
                );
                let length_price = price(&prices.lengths, len);
                let cost = resumed.wrapping_add(offset_price).wrapping_add(length_price);
                if cost < best.0 {
                    best = (cost, Choice { len, offset, resumption });
                }
            }
        }
        if upper > 2 {
            self.range(2, upper, long, prices, behind, &mut best);
        }
        for (len, (offset_price, offset)) in [(2, two), (1, one)] {
            let cost = value(behind, usize::from(len))
                .wrapping_add(offset_price)
                .wrapping_add(price(&prices.lengths, len));
            if cost < best.0 {
                best = (cost, Choice { len, offset, resumption: NONE });
            }
        }
        (best.0.wrapping_add(1), best.1)
    }

    /// Tries the lengths above `lower` up to `upper` with the cheapest offset available for all of them.
    fn range(
        &self,
        lower: usize,
        upper: usize,
        (offset_price, offset): (u32, u16),
        prices: &Prices,
        behind: &[u32],
        best: &mut (u32, Choice),
    ) {
        if upper.wrapping_sub(lower) > self.scan.wrapping_mul(2) {
            self.range(lower, lower.wrapping_add(self.scan), (offset_price, offset), prices, behind, best);
            let lower = upper.wrapping_sub(self.scan);
            return self.range(lower, upper, (offset_price, offset), prices, behind, best);
        }
        let from = lower.wrapping_add(1);
        let lengths = prices.lengths.get(from..).unwrap_or_default();
        let behind = behind.get(from..=upper).unwrap_or_default();
        let mut cheapest = best.0.wrapping_sub(offset_price);
        if offset_price >= best.0 {
            return;
        }
        let mut found = usize::MAX;
        for (index, (price, behind)) in lengths.iter().zip(behind).enumerate() {
            let cost = behind.wrapping_add(u32::from(*price));
            if cost < cheapest {
                cheapest = cost;
                found = index;
            }
        }
        if found != usize::MAX {
            let len = u16::try_from(from.wrapping_add(found)).unwrap_or(u16::MAX);
            *best = (cheapest.wrapping_add(offset_price), Choice { len, offset, resumption: NONE });
        }
    }

    /// The costs-to-go of the matches that break off in front of a position.
    fn resumptions_at(&mut self, at: usize, prices: &Prices) {
        let matched = value(&self.matched, at);
        let start = at.wrapping_add(1);
        let behind = self.matched.get(start..).unwrap_or_default();
        for (index, Resumption { len, next, .. }) in self.matches.resumptions_at(at) {
            let full = usize::from(len);
            let mut best = (NEVER, 0);
            let lengths = prices.lengths.iter().zip(behind).enumerate().skip(1);
            for (len, (price, behind)) in lengths.take(full.min(self.scan)) {
                let cost = behind.wrapping_add(u32::from(*price));
                if cost < best.0 {
                    best = (cost, u16::try_from(len).unwrap_or(0));
                }
            }
            if let Some(&price) = prices.lengths.get(full) {
                let behind = self.resumed.get(next as usize).map_or(value(behind, full), |next| next.0);
                let cost = behind.wrapping_add(u32::from(price));
                if cost <= best.0 {
                    best = (cost, len);
                }
            }
            // A literal, the flag of the match, and the bit that means the same offset.
            let cost = best.0.wrapping_add(LITERAL_BITS).wrapping_add(2);
            let least = self.least_left(at);
            let too_near = least != 0 && cost < least.wrapping_add(MOST_BITS);
            let entry = if cost < matched && !too_near { (cost, best.1) } else { (matched, 0) };
            set(&mut self.resumed, index as usize, entry);
        }
    }

    /// Follows the cheapest path from the first position on.
    fn trace(&self, items: &mut Vec<Item>) {
        #[derive(Clone, Copy, PartialEq)]
        enum After {
            Literals,
            Literal,
            Match(u32),
        }
        items.clear();
        let (mut at, mut after) = (1_usize, After::Literals);
        while at < self.len {
            let resumed = match after {
                After::Match(index) => self.resumed.get(index as usize).copied(),
                _ => None,
            };
            if let (After::Match(index), Some((_, len @ 1..))) = (after, resumed) {
                let Some(one) = self.matches.resumptions.get(index as usize) else { return };
                items.push(Item::LITERAL);
                items.push(Item { offset: one.offset, len });
                at = at.wrapping_add(1).wrapping_add(len.into());
                after = After::Match(if len == one.len { one.next } else { NONE });
                continue;
            }
            let best = value(&self.best, at);
            let (cost, match_cost, literals, then) = match after {
                After::Literals => (value(&self.free, at), best, &self.free, After::Literals),
                After::Literal => {
                    (value(&self.single, at), best.wrapping_add(1), &self.free, After::Literals)
                }
                After::Match(_) => (value(&self.matched, at), best, &self.single, After::Literal),
            };
            let Some(choice) = self.choices.get(at) else { return };
            if cost == match_cost && choice.len > 0 {
                items.push(Item { offset: choice.offset, len: choice.len });
                at = at.wrapping_add(choice.len.into());
                after = After::Match(choice.resumption);
                continue;
            }
            let mut len = 1_u16;
            if cost != value(literals, at.wrapping_add(1)).wrapping_add(LITERAL_BITS) {
                let run = |len: u16| {
                    let bytes = u32::from(len).wrapping_mul(RUN_LITERAL_BITS).wrapping_add(RUN_BITS);
                    value(literals, at.wrapping_add(len.into())).wrapping_add(bytes)
                };
                len = (2..u16::MAX).find(|&len| cost == run(len)).unwrap_or(1);
            }
            items.push(Item { offset: 0, len });
            at = at.wrapping_add(len.into());
            after = then;
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use std::collections::HashMap;

    use super::super::format::{ENTRIES, Tables};
    use super::super::matches::{Effort, find};
    use super::*;

    /// The items before a position, as far as later ones depend on them. The offset is 0 where a match does not break off
    /// at a differing byte, after which it could go on.
    #[derive(Clone, Copy, PartialEq, Eq, Hash)]
    enum After {
        Literals,
        Literal(usize),
        Match(usize),
    }

    /// Every sequence of items is tried, by the definition of the stream.
    struct Reference<'a> {
        data: &'a [u8],
        prices: &'a Prices,
        known: HashMap<(usize, After), u64>,
    }

    fn price(list: &[u8], value: usize) -> u64 {
        list.get(value).map_or(1 << 40, |&price| price.into())
    }

    /// Number of bytes from a position on that equal those `offset` before.
    fn common(data: &[u8], at: usize, offset: usize) -> usize {
        (at..data.len()).take_while(|&at| data[at] == data[at - offset]).count()
    }

    impl Reference<'_> {
        /// The bits of a match, and what it leaves for the next one.
        fn matched(&self, at: usize, after: After, offset: usize, len: usize) -> (u64, After) {
            let [ones, twos, longs] = &self.prices.offsets;
            let flag = u64::from(matches!(after, After::Literal(_)));
            let reused = after == After::Literal(offset);
            let list = [ones, twos, longs][len.min(3) - 1];
            let offset_price = if reused { 0 } else { price(list, offset) };
            let breaks_off = common(self.data, at, offset) == len;
            let cost = 1 + flag + price(&self.prices.lengths, len) + offset_price;
            (cost, After::Match(if breaks_off { offset } else { 0 }))
        }

        fn literals(after: After, len: usize) -> (u64, After) {
            let cost = if len == 1 { 9 } else { 35 + 8 * len as u64 };
            let then = match after {
                After::Match(offset) => After::Literal(if len == 1 { offset } else { 0 }),
                _ => After::Literals,
            };
            (cost, then)
        }

        fn cheapest(&mut self, at: usize, after: After) -> u64 {
            let left = self.data.len() - at;
            if left == 0 {
                return 0;
            }
            if let Some(&known) = self.known.get(&(at, after)) {
                return known;
            }
            let literals = (1..=left).map(|len| (len, Self::literals(after, len)));
            let mut steps: Vec<_> = literals.collect();
            for offset in 1..=at {
                let lengths = 1..=common(self.data, at, offset);
                steps.extend(lengths.map(|len| (len, self.matched(at, after, offset, len))));
            }
            let costs = steps.into_iter().map(|(len, (cost, then))| cost + self.cheapest(at + len, then));
            let best = costs.min().unwrap();
            self.known.insert((at, after), best);
            best
        }

        /// The bits of given items, which must give the data.
        fn cost_of(&self, items: &[Item]) -> u64 {
            let (mut at, mut after, mut sum) = (1, After::Literals, 0);
            for item in items {
                let (offset, len) = (usize::from(item.offset), usize::from(item.len));
                let (cost, then) = if offset == 0 {
                    Self::literals(after, len)
                } else {
                    assert!((1..=common(self.data, at, offset)).contains(&len), "{item:?} at {at}");
                    self.matched(at, after, offset, len)
                };
                (at, after, sum) = (at + len, then, sum + cost);
            }
            assert_eq!(at, self.data.len());
            sum
        }
    }

    /// No other sequence of items takes fewer bits, whatever the tables are.
    #[test]
    fn the_items_are_the_cheapest_ones() {
        let mut rng = fastrand::Rng::with_seed(0xc0de);
        let all = Effort { chain: 1000, looks: 1000, enough: 1000, short: 1000, detail: 4 };
        for _ in 0..1500 {
            let letters = rng.u8(1..4);
            let data: Vec<u8> = (0..rng.usize(2..26)).map(|_| rng.u8(..letters)).collect();
            let mut bits = [0; ENTRIES];
            let most = rng.u8(1..8);
            bits.fill_with(|| rng.u8(..=most));
            let prices = Prices::new(&Tables::new(&bits), data.len());
            let matches = find(&data, all);
            let mut items = Vec::new();
            Parser::new(&matches, data.len(), 128).parse(&prices, &mut items);
            let mut reference = Reference { data: &data, prices: &prices, known: HashMap::new() };
            let cheapest = reference.cheapest(1, After::Literals);
            assert_eq!(reference.cost_of(&items), cheapest, "{data:?} {bits:?} {items:?}");
        }
    }
}
