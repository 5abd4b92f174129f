//! The terminal that is written to.

/// The columns of a terminal that does not say how many it has, and of a file.
const USUAL: usize = 80;

/// The fewest and the most columns that are drawn for.
const DRAWN: std::ops::RangeInclusive<usize> = 40..=200;

/// How many columns there are to draw in: what COLUMNS says, or the terminal.
pub(crate) fn columns() -> usize {
    let given = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| width.0.into());
    given.or_else(terminal).unwrap_or(USUAL).clamp(*DRAWN.start(), *DRAWN.end())
}
