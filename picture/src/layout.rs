//! Layout: heights at a common scale, and labels that do not overlap. Pure arithmetic.

/// Minimum height of a part, which its letter fits into.
pub(crate) const LEAST: f64 = 12.0;
/// The height of a line of labels.
pub(crate) const LINE: f64 = 17.0;
/// Maximum height of a gap that only fills up to an alignment.
const THIN: f64 = 3.0;

/// The size of something to be drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Length {
    /// In bytes.
    pub(crate) bytes: f64,
    /// Whether it only fills up to an alignment: drawn as a line without a label.
    pub(crate) thin: bool,
}

/// The scale: pixels per byte, and its limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Pixels per byte.
    pub(crate) factor: f64,
    /// Maximum height.
    cap: f64,
    /// Number of parts that are not to scale; those that are shortened count twice.
    cost: u32,
}

impl Scale {
    /// The height of a part: to scale, or the minimum, or the maximum.
    pub(crate) fn height(&self, length: Length) -> f64 {
        let height = length.bytes * self.factor;
        if length.thin { height.clamp(1.0, THIN) } else { height.max(LEAST).min(self.cap.max(LEAST)) }
    }

    /// Whether a part is drawn enlarged.
    pub(crate) fn lifts(&self, length: Length) -> bool {
        !length.thin && length.bytes * self.factor < LEAST - 0.01
    }

    /// Whether a part is drawn shortened.
    pub(crate) fn cuts(&self, length: Length) -> bool {
        !length.thin && length.bytes * self.factor > self.cap + 0.1
    }

    /// Whether everything is to scale.
    pub(crate) const fn is_true(&self) -> bool {
        self.cost == 0
    }

    /// Of the scales at which all columns fit into a height, the one that changes the fewest parts; among
    /// equals the largest.
    pub(crate) fn choose(columns: &[Vec<Length>], height: f64) -> Self {
        let all = || columns.iter().flatten().copied().filter(|length| !length.thin);
        let mut best: Option<Self> = None;
        for share in [f64::INFINITY, 0.5, 0.33, 0.25, 0.16] {
            let cap = height * share;
            let fits = |factor: f64| {
                let scale = Self { factor, cap, cost: 0 };
                let needed =
                    |column: &Vec<Length>| column.iter().map(|length| scale.height(*length)).sum::<f64>();
                columns.iter().all(|column| needed(column) <= height)
            };
            let (mut low, mut high) = (0.0, 8.0);
            for _ in 0..48 {
                let middle = f64::midpoint(low, high);
                if fits(middle) { low = middle } else { high = middle }
            }
            // At the scale where a part just reaches the maximum, fewer parts are shortened.
            let reaches = all().map(|length| cap / length.bytes).filter(|factor| *factor <= low);
            for factor in std::iter::once(low).chain(reaches) {
                let mut scale = Self { factor, cap, cost: 0 };
                let cost = |length: Length| match (scale.lifts(length), scale.cuts(length)) {
                    (_, true) => 2,
                    (lifted, false) => u32::from(lifted),
                };
                scale.cost = all().map(cost).sum();
                let better = best.is_none_or(|best| {
                    scale.cost < best.cost || scale.cost == best.cost && scale.factor > best.factor
                });
                if better {
                    best = Some(scale);
                }
            }
        }
        best.unwrap_or(Self { factor: 1.0, cap: f64::INFINITY, cost: 0 })
    }
}

/// Places labels in order, [`LINE`] apart, each as near to its preferred position as possible, and within the
/// bounds if they all fit.
pub(crate) fn place(wanted: &[f64], low: f64, high: f64) -> Vec<f64> {
    // Without the spacing, labels may share a position, and only have to be in order: runs that are not are
    // merged to their mean.
    let mut runs: Vec<(f64, usize)> = Vec::new();
    let mut above = 0.0;
    for place in wanted {
        runs.push((place - above, 1));
        above += LINE;
        while let [.., (first, many), (second, more)] = runs[..] {
            if first < second {
                break;
            }
            let count = many.saturating_add(more);
            let mean = (first * many as f64 + second * more as f64) / count as f64;
            runs.pop();
            runs.pop();
            runs.push((mean, count));
        }
    }
    let last = (high - (above - LINE)).max(low);
    let places = runs.iter().flat_map(|(place, count)| std::iter::repeat_n(place.clamp(low, last), *count));
    places.enumerate().map(|(index, place)| place + index as f64 * LINE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_order_and_distance() {
        for wanted in [vec![], vec![5.0], vec![0.0; 9], vec![100.0, 90.0, 95.0, 400.0], vec![390.0; 7]] {
            let placed = place(&wanted, 8.0, 400.0);
            assert_eq!(placed.len(), wanted.len());
            assert!(placed.windows(2).all(|pair| pair[1] - pair[0] >= LINE - 1e-9), "{placed:?}");
            assert!(placed.iter().all(|place| (8.0..=400.0).contains(place)), "{placed:?}");
        }
        // What has room stays where it is wanted.
        assert_eq!(place(&[20.0, 60.0, 120.0], 0.0, 200.0), [20.0, 60.0, 120.0]);
    }

    #[test]
    fn one_scale_for_all_columns_fits_the_height() {
        let length = |bytes: f64| Length { bytes, thin: false };
        for column in [vec![40.0, 704.0, 176.0], vec![1.0; 30], vec![1.0, 60_000.0, 3.0], vec![1e9, 1.0]] {
            let columns = vec![column.iter().copied().map(length).collect::<Vec<_>>()];
            let scale = Scale::choose(&columns, 500.0);
            let total: f64 = columns[0].iter().map(|length| scale.height(*length)).sum();
            assert!(total <= 500.1, "{column:?}: {total}");
            assert!(columns[0].iter().all(|length| scale.height(*length) >= LEAST - 0.01), "{column:?}");
        }
        let whole = Scale::choose(&[vec![length(100.0), length(300.0)]], 400.0);
        assert!(whole.is_true() && (whole.factor - 1.0).abs() < 1e-6, "{whole:?}");
    }
}
