//! The optimal tables for given items.

use alloc::vec;
use alloc::vec::Vec;

use super::format::{ENTRIES, Entry, LENGTHS, OFFSETS_LONG, OFFSETS_ONE, OFFSETS_TWO, Table, Tables};

/// Number of occurrences of each value: the index is the value.
#[derive(Clone, Debug)]
pub(super) struct Histogram(Vec<u32>);

impl Histogram {
    pub(super) fn new(values: usize) -> Self {
        Self(vec![0; values.wrapping_add(1)])
    }

    pub(super) fn add(&mut self, value: usize, times: u32) {
        if let Some(count) = self.0.get_mut(value) {
            *count = count.saturating_add(times);
        }
    }
}

/// The number of bits that select an entry.
pub(super) fn index_cost(table: Table, index: usize) -> u32 {
    let unary = u32::try_from(index.wrapping_add(1)).unwrap_or(u32::MAX);
    if table.start == LENGTHS.start { unary } else { table.index_bits }
}

/// A cost that no choice of bits can have.
const IMPOSSIBLE: u32 = u32::MAX / 2;

/// The entries with which a histogram's values cost the fewest bits.
///
/// A dynamic programme over (entries left, first value not covered). Among choices of equal cost, the one
/// with the most bits is taken, so that the next parse has more values to choose from.
pub(super) fn optimise(table: Table, histogram: &Histogram, bits: &mut [u8; ENTRIES]) {
    let end = histogram.0.iter().rposition(|&count| count > 0).map_or(1, |last| last.wrapping_add(1));
    // below[b]: the number of values less than b. Past `end` nothing changes any more; the row is long enough
    // for the largest interval.
    let width = end.wrapping_add(1);
    let reach = width.next_power_of_two();
    let largest = reach.trailing_zeros().min(15);
    let row = width.wrapping_add(reach);
    let mut sum = 0_u32;
    let mut below = Vec::with_capacity(row);
    below.push(0);
    below.extend(histogram.0.iter().take(end).map(|count| {
        sum = sum.saturating_add(*count);
        sum
    }));
    below.resize(row, sum);

    // costs[i][b]: the values from b on, with the entries from i on.
    let mut costs = vec![vec![0_u32; row]; table.len.wrapping_add(1)];
    if let Some(last) = costs.last_mut() {
        last.iter_mut()
            .zip(&below)
            .for_each(|(cost, &below)| *cost = if below < sum { IMPOSSIBLE } else { 0 });
    }
    for index in (0..table.len).rev() {
        let Some(([.., here], [next, ..])) = costs.split_at_mut_checked(index.wrapping_add(1)) else {
            continue;
        };
        if let Some(here) = here.get_mut(..width) {
            here.fill(IMPOSSIBLE);
        }
        for k in 0..=largest {
            let weight = index_cost(table, index).wrapping_add(k);
            let step = 1_usize.wrapping_shl(k);
            let ahead =
                below.get(step..).unwrap_or_default().iter().zip(next.get(step..).unwrap_or_default());
            for ((here, below), (below_end, next)) in here.iter_mut().take(width).zip(&below).zip(ahead) {
                let cost = below_end.wrapping_sub(*below).wrapping_mul(weight).wrapping_add(*next);
                *here = cost.min(*here);
            }
        }
    }

    let mut base = 1_usize;
    let chosen = bits.iter_mut().skip(table.start).take(table.len);
    for (index, chosen) in chosen.enumerate() {
        let cost = |k: u32| {
            let end = base.wrapping_add(1_usize.wrapping_shl(k)).min(width);
            let count = below.get(end)?.wrapping_sub(*below.get(base)?);
            let weight = index_cost(table, index).wrapping_add(k);
            Some(count.wrapping_mul(weight).wrapping_add(*costs.get(index.wrapping_add(1))?.get(end)?))
        };
        let best = (0..=15).rev().min_by_key(|&k| cost(k).unwrap_or(u32::MAX)).unwrap_or(0);
        *chosen = u8::try_from(best).unwrap_or(0);
        base = base.wrapping_add(1_usize.wrapping_shl(best)).min(width);
    }
}

/// The cost in bits of every length and offset with given tables, as plain arrays.
#[derive(Clone, Debug)]
pub(super) struct Prices {
    /// By length: index and field, without the flag of an item.
    pub(super) lengths: Vec<u8>,
    /// By offset, for matches of one, two, and more bytes.
    pub(super) offsets: [Vec<u8>; 3],
}

impl Prices {
    /// Prices of the values up to `largest` that the tables cover.
    pub(super) fn new(tables: &Tables, largest: usize) -> Self {
        let list = |table: Table| {
            // No value is 0; its price is prohibitive.
            let mut prices = vec![u8::MAX];
            for index in 0..table.len {
                let Entry { bits, .. } = tables.entry(table.start.wrapping_add(index));
                let price = u8::try_from(index_cost(table, index)).unwrap_or(u8::MAX).wrapping_add(bits);
                let len = prices.len().wrapping_add(1_usize.wrapping_shl(bits.into()));
                prices.resize(len.min(largest.wrapping_add(1)), price);
            }
            prices
        };
        Self { lengths: list(LENGTHS), offsets: [OFFSETS_ONE, OFFSETS_TWO, OFFSETS_LONG].map(list) }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use super::*;

    /// The number of bits of all values with these entries; a huge number where they leave one out.
    fn cost(table: Table, counts: &[(usize, u32)], bits: &[u8]) -> u64 {
        let price = |value: usize| {
            let mut base = 1;
            for (index, &bits) in bits.iter().enumerate() {
                base += 1_usize << bits;
                if value < base {
                    return u64::from(index_cost(table, index)) + u64::from(bits);
                }
            }
            1_000_000
        };
        counts.iter().map(|&(value, count)| u64::from(count) * price(value)).sum()
    }

    /// No other choice of bits is better: all are tried.
    #[test]
    fn the_tables_are_the_best_ones() {
        let mut rng = fastrand::Rng::with_seed(0x7ab1e);
        for round in 0..40 {
            // A length table reduced to four entries, and the offset table that has four.
            let table = if round % 2 == 0 { Table { len: 4, ..LENGTHS } } else { OFFSETS_ONE };
            let reach = 1 + rng.usize(1..70);
            let counts: Vec<_> =
                (0..rng.usize(1..12)).map(|_| (rng.usize(1..=reach), rng.u32(1..20))).collect();
            let mut histogram = Histogram::new(reach);
            counts.iter().for_each(|&(value, count)| histogram.add(value, count));
            let mut bits = [0; ENTRIES];
            optimise(table, &histogram, &mut bits);
            let found = cost(table, &counts, &bits[table.start..][..4]);
            let all = (0..8_u32.pow(4)).map(|choice| [9, 6, 3, 0].map(|at| (choice >> at & 7) as u8));
            let best = all.map(|bits| cost(table, &counts, &bits)).min();
            assert_eq!(Some(found), best, "{table:?} {counts:?}");
        }
    }
}
