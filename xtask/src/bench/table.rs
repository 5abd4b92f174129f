//! Tables of results, in Markdown that is readable on a terminal too.

use std::fmt;

pub(super) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|cell| (*cell).to_owned()).collect(), rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = || std::iter::once(&self.header).chain(&self.rows);
        let width = |column: usize| {
            rows()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
                .max(3)
        };
        let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
        for (index, row) in rows().enumerate() {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                // Names are left-aligned, numbers right-aligned.
                if column == 0 { format!("| {cell:<width$} ") } else { format!("| {cell:>width$} ") }
            });
            writeln!(f, "{}|", cells.collect::<String>())?;
            if index == 0 {
                let rules = widths.iter().enumerate().map(|(column, width)| {
                    if column == 0 {
                        format!("|{}", "-".repeat(width + 2))
                    } else {
                        format!("|{}:", "-".repeat(width + 1))
                    }
                });
                writeln!(f, "{}|", rules.collect::<String>())?;
            }
        }
        Ok(())
    }
}

/// A target that is an upper bound, and whether it was reached.
pub(super) fn at_most(result: f64, target: Option<f64>, unit: &str) -> [String; 2] {
    verdict(result, target, unit, "at most", |result, target| result <= target)
}

/// The same for a lower bound.
pub(super) fn at_least(result: f64, target: Option<f64>, unit: &str) -> [String; 2] {
    verdict(result, target, unit, "at least", |result, target| result >= target)
}

/// The target, and the word that follows the results.
fn verdict(
    result: f64,
    target: Option<f64>,
    unit: &str,
    bound: &str,
    reached: fn(f64, f64) -> bool,
) -> [String; 2] {
    let Some(target) = target else { return ["-".into(), "-".into()] };
    let word = if reached(result, target) { "reached" } else { "**not reached**" };
    [format!("{bound} {target}{unit}"), word.into()]
}

#[cfg(test)]
mod tests {
    use super::{Table, at_least, at_most};

    #[test]
    fn columns_are_as_wide_as_their_cells() {
        let mut table = Table::new(&["what", "ns"]);
        table.row(["a long name".into(), "7".into()]);
        table.row(["é".into(), "1234".into()]);
        let lines = [
            "| what        |   ns |",
            "|-------------|-----:|",
            "| a long name |    7 |",
            "| é           | 1234 |",
        ];
        assert_eq!(table.to_string(), lines.join("\n") + "\n");
    }

    #[test]
    fn a_bound_belongs_to_what_it_allows() {
        for (result, most, least) in [
            (1.5, "reached", "reached"),
            (1.6, "**not reached**", "reached"),
            (1.4, "reached", "**not reached**"),
        ] {
            assert_eq!(at_most(result, Some(1.5), ""), ["at most 1.5", most]);
            assert_eq!(at_least(result, Some(1.5), " s"), ["at least 1.5 s", least]);
        }
        assert_eq!(at_most(1.0, None, ""), ["-", "-"]);
    }
}
