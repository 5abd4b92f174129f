//! The progress of a run over many files.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for `len` files, on a terminal and for several files; otherwise one that is not drawn.
pub(crate) fn bar(len: usize) -> ProgressBar {
    if len < 2 || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(len as u64);
    match ProgressStyle::with_template("{bar:40} {pos} of {len} files, {elapsed}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
