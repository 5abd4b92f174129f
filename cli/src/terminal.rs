//! The terminal for output.

/// The width of a terminal that does not report it, and of a file.
const USUAL: usize = 80;

/// Minimum and maximum width for drawing.
const DRAWN: std::ops::RangeInclusive<usize> = 40..=200;

/// The width for drawing: the value of COLUMNS, or that of the terminal.
pub(crate) fn columns() -> usize {
    let given = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| width.0.into());
    given.or_else(terminal).unwrap_or(USUAL).clamp(*DRAWN.start(), *DRAWN.end())
}
