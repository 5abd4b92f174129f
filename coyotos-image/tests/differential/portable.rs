//! Random indices that are the same on machines of all widths: those of the generator are not.

use std::ops::{Bound, RangeBounds};

use fastrand::Rng;

pub(crate) trait Portable {
    /// An index in a range.
    fn index(&mut self, range: impl RangeBounds<usize>) -> usize;

    /// Puts items into a random order.
    fn mix<T>(&mut self, items: &mut [T]);
}

impl Portable for Rng {
    fn index(&mut self, range: impl RangeBounds<usize>) -> usize {
        let wide = |bound: Bound<&usize>| bound.map(|&index| index as u64);
        self.u64((wide(range.start_bound()), wide(range.end_bound()))) as usize
    }

    fn mix<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(..=last));
        }
    }
}
