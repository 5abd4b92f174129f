//! The encoder: alternates between parsing and choosing tables until nothing is gained.

use alloc::vec::Vec;

use super::decode::check_kernel_limits;
use super::error::{StreamFinding, StreamRule, check_size};
use super::format::{
    ENTRIES, HEADER_BITS, LENGTHS, OFFSETS_LONG, OFFSETS_ONE, OFFSETS_TWO, Tables, offsets_of,
};
use super::matches::{Effort, Matches, find};
use super::parse::{Item, LITERAL_BITS, Parser, RUN_BITS, RUN_LITERAL_BITS};
use super::tables::{Histogram, Prices, optimise};
use super::write::{Coded, coded, write};

/// The compromise between the encoder's time and the size of its output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// One set of initial tables, few rounds: the fastest.
    Fast,
    /// The compromise for everyday use.
    #[default]
    Default,
    /// All searches that were found to help: the smallest output.
    Best,
}

/// Maximum number of bytes that a section of `size` bytes can take when encoded.
pub const fn encode_bound(size: usize) -> usize {
    // Tables, one run of literals, the end mark and the first byte: 8 + 208 + 35 + 18 bits, plus the
    // literals.
    size.saturating_add(36)
}

/// Initial tables: for programs, for text and small sections, and for data that repeats at large distances.
const STARTS: [[u8; ENTRIES]; 3] = [
    [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 9, 11, 14, //
        3, 4, 5, 5, 6, 7, 7, 8, 8, 9, 9, 10, 11, 12, 13, 14, //
        1, 2, 3, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10, 11, 12, //
        2, 3, 4, 5,
    ],
    [
        0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, //
        5, 6, 7, 7, 8, 8, 9, 9, 10, 10, 10, 11, 11, 12, 13, 14, //
        3, 4, 5, 6, 6, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 12, //
        3, 4, 4, 5,
    ],
    [
        0, 1, 0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 9, 11, 14, //
        0, 3, 5, 7, 8, 9, 10, 11, 11, 12, 12, 12, 12, 13, 13, 14, //
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11, 11, 12, 13, //
        0, 2, 3, 5,
    ],
];

/// The parameters of a level's search. A round is a parse with given tables, followed by choosing the best
/// tables for its result.
struct Plan {
    effort: Effort,
    /// Maximum length of a section for which all of [`STARTS`] are tried; longer ones begin with the first.
    try_all_starts: usize,
    /// Maximum number of rounds from each of [`STARTS`]; the best of them continues.
    start_rounds: usize,
    /// Maximum number of rounds from other tables.
    rounds: usize,
    /// Number of consecutive small changes to the best tables without a gain after which the search ends.
    patience: usize,
    /// The gain that a round must reach to be followed by another, as a right shift of the size.
    least_gain: u32,
    /// Maximum number of positions parsed before another change is tried.
    budget: usize,
    /// The match search of the final rounds, which begin with the best tables found.
    polish: Option<Effort>,
}

impl Level {
    const fn plan(self) -> Plan {
        match self {
            Self::Fast => Plan {
                effort: Effort { chain: 32, looks: 32, enough: 64, short: 4, detail: 0 },
                try_all_starts: 0,
                start_rounds: 1,
                rounds: 2,
                patience: 0,
                least_gain: 10,
                budget: 0,
                polish: None,
            },
            Self::Default => Plan {
                effort: Effort { chain: 256, looks: 48, enough: 512, short: 8, detail: 0 },
                try_all_starts: 16 << 10,
                start_rounds: 1,
                rounds: 2,
                patience: 0,
                least_gain: 12,
                budget: 0,
                polish: None,
            },
            Self::Best => Plan {
                effort: Effort { chain: 512, looks: 512, enough: 1024, short: 8, detail: 1 },
                try_all_starts: usize::MAX,
                start_rounds: 100,
                rounds: 100,
                patience: 25,
                least_gain: 16,
                budget: 6 << 20,
                polish: Some(Effort { chain: 4096, looks: 4096, enough: 4096, short: 16, detail: 4 }),
            },
        }
    }
}

/// Compresses a section. What the kernel could decompress only beyond its distance limit is compressed less
/// tightly, to stay within it.
///
/// # Errors
/// [`StreamRule::BadSize`](super::StreamRule::BadSize) when `data` does not have 1 to
/// [`MAX_SIZE`](super::MAX_SIZE) bytes.
pub fn encode(data: &[u8], level: Level) -> Result<Vec<u8>, StreamFinding> {
    pack(data, &level.plan())
}

/// Like [`Level::Best`], with another number of consecutive changes without a gain that ends the search: for
/// the plot of size against time in docs/benchmarks.md.
///
/// # Errors
/// Those of [`encode`].
#[doc(hidden)]
pub fn encode_patiently(data: &[u8], patience: usize) -> Result<Vec<u8>, StreamFinding> {
    pack(data, &Plan { patience, ..Level::Best.plan() })
}

fn pack(data: &[u8], plan: &Plan) -> Result<Vec<u8>, StreamFinding> {
    check_size(data.len())?;
    let data: Vec<u8> = data.iter().rev().copied().collect();
    let mut best = search(&find(&data, plan.effort), data.len(), plan);
    if let Some(effort) = plan.polish {
        let matches = find(&data, effort);
        let start = best.bits;
        settle(&mut Parser::new(&matches, data.len(), SCAN), &start, plan.rounds, plan, &mut best);
    }
    let stream = write(&data, &best.items, &best.bits);
    match check_kernel_limits(&stream, data.len()) {
        Err(finding) if finding.rule == StreamRule::DistanceTooLarge => Ok(nearer(&data, plan, best)),
        _ => Ok(stream),
    }
}

/// The smallest stream that stays within the kernel's distance of output and input. The first tables tried
/// are those of the best stream that does not, then those that fit the result.
fn nearer(data: &[u8], plan: &Plan, mut coding: Coding) -> Vec<u8> {
    const ROUNDS: usize = 4;
    let matches = find(data, plan.effort);
    let mut parser = Parser::new(&matches, data.len(), SCAN);
    parser.keep_distance();
    let mut best = write(data, &coding.items, &coding.bits);
    let mut kept = false;
    for _ in 0..ROUNDS {
        let prices = Prices::new(&Tables::new(&coding.bits), data.len());
        parser.parse(&prices, &mut coding.items);
        let stream = write(data, &coding.items, &coding.bits);
        if check_kernel_limits(&stream, data.len()).is_ok() && (!kept || stream.len() < best.len()) {
            (best, kept) = (stream, true);
        }
        refit(&mut coding, data.len());
    }
    best
}

/// Number of lengths at either end of a long range that are tried.
const SCAN: usize = 128;

/// An encoding of a section as items, and its tables.
#[derive(Clone)]
struct Coding {
    bits: [u8; ENTRIES],
    items: Vec<Item>,
    cost: u64,
}

fn search(matches: &Matches, len: usize, plan: &Plan) -> Coding {
    let mut parser = Parser::new(matches, len, SCAN);
    let mut best = Coding { bits: [0; ENTRIES], items: Vec::new(), cost: u64::MAX };
    let starts = if len > plan.try_all_starts { 1 } else { STARTS.len() };
    for start in STARTS.iter().take(starts) {
        settle(&mut parser, start, plan.start_rounds, plan, &mut best);
    }
    let start = best.bits;
    settle(&mut parser, &start, plan.rounds, plan, &mut best);
    let mut random = Random(0x9e37_79b9);
    let (mut parsed, mut without_gain) = (0_usize, 0_usize);
    while without_gain < plan.patience && parsed < plan.budget {
        let before = best.cost;
        let start = random.changed(&best.bits);
        let rounds = settle(&mut parser, &start, plan.rounds, plan, &mut best);
        parsed = parsed.saturating_add(rounds.saturating_mul(len));
        without_gain = if best.cost < before { 0 } else { without_gain.saturating_add(1) };
    }
    best
}

/// Alternates between parsing and choosing tables until neither gains. Keeps results that are better than
/// `best`, and returns the number of rounds.
fn settle(
    parser: &mut Parser<'_>,
    start: &[u8; ENTRIES],
    rounds: usize,
    plan: &Plan,
    best: &mut Coding,
) -> usize {
    let mut now = Coding { bits: *start, items: Vec::new(), cost: u64::MAX };
    for round in 0..rounds {
        let before = now.cost;
        let prices = Prices::new(&Tables::new(&now.bits), parser.len());
        parser.parse(&prices, &mut now.items);
        refit(&mut now, parser.len());
        if now.cost < best.cost {
            best.clone_from(&now);
        }
        // A result that is far worse after two rounds does not catch up.
        let hopeless = round > 0 && now.cost.saturating_sub(best.cost) > best.cost.wrapping_shr(8);
        let least = before.wrapping_shr(plan.least_gain);
        if before != u64::MAX && before.saturating_sub(now.cost) <= least || hopeless {
            return round.saturating_add(1);
        }
    }
    rounds
}

/// A deterministic pseudo-random number generator.
struct Random(u32);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0.wrapping_shl(13);
        self.0 ^= self.0.wrapping_shr(17);
        self.0 ^= self.0.wrapping_shl(5);
        (self.0 as usize).checked_rem(below).unwrap_or(0)
    }

    /// The tables with a few entries made one bit wider or narrower.
    fn changed(&mut self, bits: &[u8; ENTRIES]) -> [u8; ENTRIES] {
        let mut bits = *bits;
        for _ in 0..self.next(4).saturating_add(2) {
            let wider = self.next(2) == 0;
            let index = self.next(ENTRIES);
            if let Some(bits) = bits.get_mut(index) {
                *bits = if wider { bits.saturating_add(1).min(15) } else { bits.saturating_sub(1) };
            }
        }
        bits
    }
}

/// Gives an encoding the best tables for its items.
fn refit(coding: &mut Coding, len: usize) {
    let mut lengths = Histogram::new(len);
    let mut offsets = [OFFSETS_ONE, OFFSETS_TWO, OFFSETS_LONG].map(|table| (table, Histogram::new(len)));
    for Coded { item, again } in coded(&coding.items) {
        if item.offset == 0 {
            continue;
        }
        lengths.add(item.len.into(), 1);
        if again != Some(true) {
            let table = offsets_of(item.len.into());
            let list = offsets.iter_mut().find(|(of, _)| *of == table);
            list.into_iter().for_each(|(_, list)| list.add(item.offset.into(), 1));
        }
    }
    optimise(LENGTHS, &lengths, &mut coding.bits);
    for (table, list) in &offsets {
        optimise(*table, list, &mut coding.bits);
    }
    let prices = Prices::new(&Tables::new(&coding.bits), len);
    coding.cost = cost(&coding.items, &prices);
}

/// The size of all items in bits, without the parts common to all streams.
fn cost(items: &[Item], prices: &Prices) -> u64 {
    let [ones, twos, longs] = &prices.offsets;
    let price =
        |list: &[u8], value: u16| list.get(usize::from(value)).map_or(1000, |&price| u32::from(price));
    coded(items).fold(u64::from(HEADER_BITS), |sum, Coded { item, again }| {
        let bits = match (item.offset, item.len) {
            (0, 1) => LITERAL_BITS,
            (0, len) => u32::from(len).wrapping_mul(RUN_LITERAL_BITS).wrapping_add(RUN_BITS),
            (offset, len) => {
                let offset = match (again, len) {
                    (Some(true), _) => 0,
                    (_, 1) => price(ones, offset),
                    (_, 2) => price(twos, offset),
                    _ => price(longs, offset),
                };
                let again = u32::from(again.is_some());
                price(&prices.lengths, len).wrapping_add(offset).wrapping_add(again).wrapping_add(1)
            }
        };
        sum.wrapping_add(bits.into())
    })
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::super::decode::{decode, decode_in_place};
    use super::super::format::IN_PLACE_MARGIN;
    use super::*;

    /// Bits of the first byte of the section, and of the end mark.
    const COMMON: u64 = 8 + 18;

    #[test]
    fn what_the_search_counts_is_what_the_stream_takes() {
        let mut rng = fastrand::Rng::with_seed(0x5123);
        for (round, level) in
            (0..40).flat_map(|round| [Level::Fast, Level::Default, Level::Best].map(|level| (round, level)))
        {
            let letters = [1, 2, 4, 30, 255][round % 5];
            let data: Vec<u8> = (0..rng.usize(2..400)).map(|_| rng.u8(..letters)).collect();
            let plan = level.plan();
            let coding = search(&find(&data, plan.effort), data.len(), &plan);
            let stream = write(&data, &coding.items, &coding.bits);
            // It is read from its end on. Of that byte the lowest one and the zeros below it do not count.
            let unused = 1 + stream.last().unwrap().trailing_zeros();
            let bits = 8 * stream.len() as u64 - u64::from(unused);
            assert_eq!(bits, coding.cost + COMMON, "{level:?} {data:?}");
        }
    }

    /// A pattern that repeats, and bytes that take nine bits each: where they begin, the kernel's output is close to its input.
    /// Other encoders may write such a stream.
    #[test]
    fn output_that_is_close_to_its_input_does_not_reach_it() {
        let mut rng = fastrand::Rng::with_seed(0x9a9);
        let mut verdicts = [0, 0];
        for _ in 0..2000 {
            let (period, repeated, single) = (rng.usize(1..13), rng.usize(20..200), rng.usize(60..140));
            let pattern: Vec<u8> = (0..period).map(|_| rng.u8(..)).collect();
            let bytes = |_| rng.u8(..);
            let data: Vec<u8> = pattern
                .iter()
                .copied()
                .cycle()
                .take(period + repeated)
                .chain((0..single).map(bytes))
                .collect();
            let mut items = alloc::vec![Item::LITERAL; period - 1];
            let mut left = repeated;
            while left > 0 {
                let len = rng.usize(1..=left);
                items.push(Item { offset: u16::try_from(period).unwrap(), len: u16::try_from(len).unwrap() });
                left -= len;
            }
            items.resize(items.len() + single, Item::LITERAL);
            let stream = write(&data, &items, &STARTS[0]);
            let section: Vec<u8> = data.iter().rev().copied().collect();
            let mut apart = alloc::vec![0; section.len()];
            decode(&stream, &mut apart).unwrap();
            assert_eq!(apart, section);
            let mut area = alloc::vec![0xcc; section.len() + IN_PLACE_MARGIN];
            if stream.len() > area.len() {
                continue;
            }
            area[..stream.len()].copy_from_slice(&stream);
            let result = decode_in_place(&mut area, stream.len(), section.len());
            match check_kernel_limits(&stream, section.len()) {
                Ok(_) => {
                    assert_eq!(result, Ok(()));
                    assert!(area.starts_with(&section), "{period} {repeated} {single}");
                }
                Err(finding) => {
                    assert_eq!(finding.rule, StreamRule::OutputOvertakes);
                    assert_eq!(result.unwrap_err().rule, StreamRule::OutputOvertakes);
                }
            }
            verdicts[usize::from(result.is_ok())] += 1;
        }
        assert!(verdicts.iter().all(|&count| count > 100), "{verdicts:?}");
    }
}
