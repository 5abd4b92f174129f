//! Parts stacked vertically.

use crate::layout::{LINE, Scale, place};
use crate::part::Part;

/// A column with the positions of its parts and of their labels.
pub(crate) struct Column {
    pub(crate) title: String,
    pub(crate) top: f64,
    pub(crate) parts: Vec<Part>,
    /// The vertical range of each part.
    pub(crate) spans: Vec<(f64, f64)>,
    /// The position of each part's label; none for a thin part, or in a column without labels.
    pub(crate) labels: Vec<Option<f64>>,
    pub(crate) bottom: f64,
}

impl Column {
    pub(crate) fn new(title: String, top: f64, parts: Vec<Part>, scale: &Scale, has_labels: bool) -> Self {
        let (mut y, mut spans) = (top, Vec::new());
        for part in &parts {
            let next = y + scale.height(part.length());
            spans.push((y, next));
            y = next;
        }
        let named = (0..parts.len()).filter(|&index| parts.get(index).is_some_and(|part| !part.thin));
        let named: Vec<usize> = named.filter(|_| has_labels).collect();
        let bottom = y.max(top + named.len() as f64 * LINE + 2.0);
        let wanted: Vec<f64> =
            named.iter().filter_map(|&index| spans.get(index)).map(|(a, b)| f64::midpoint(*a, *b)).collect();
        let mut labels = vec![None; parts.len()];
        for (index, y) in named.into_iter().zip(place(&wanted, top + 8.0, bottom - 8.0)) {
            if let Some(label) = labels.get_mut(index) {
                *label = Some(y);
            }
        }
        Self { title, top, parts, spans, labels, bottom }
    }

    /// The vertical position of a byte.
    pub(crate) fn at(&self, byte: u64) -> Option<f64> {
        let holds = |part: &&Part| (part.start..part.end).contains(&byte);
        let (part, (from, to)) = self.parts.iter().zip(&self.spans).find(|(part, _)| holds(part))?;
        Some(from + byte.saturating_sub(part.start) as f64 / part.len().max(1) as f64 * (to - from))
    }

    /// The end of its last part.
    pub(crate) fn end(&self) -> f64 {
        self.spans.last().map_or(self.top, |(_, end)| *end)
    }
}
