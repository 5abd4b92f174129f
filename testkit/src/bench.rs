//! Timing comparisons.

use std::hint::black_box;
use std::time::Instant;

/// The best of many short runs of two things in turn, in nanoseconds per call of each: a disturbance of the
/// machine affects both. Each run has this many calls.
pub fn side_by_side(
    calls: u32,
    mut first: impl FnMut() -> u64,
    mut second: impl FnMut() -> u64,
) -> (f64, f64) {
    let once = |call: &mut dyn FnMut() -> u64| {
        let started = Instant::now();
        for _ in 0..calls {
            black_box(call());
        }
        started.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
    };
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..400 {
        best = (best.0.min(once(&mut first)), best.1.min(once(&mut second)));
    }
    best
}
