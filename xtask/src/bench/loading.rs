//! Loading and converting through the crates, compared with memcpy of the same number of bytes.

use anyhow::{Context as _, Result};

use super::example;
use super::table::{Table, at_most};

/// Prefixes of the measured operations, and their maximum ratio to memcpy's time.
const TARGETS: [(&str, f64); 4] =
    [("load them page by page", 3.0), ("load all of its whole pages", 1.5), ("load ", 1.1), ("", 3.0)];

pub(super) fn measure() -> Result<String> {
    let mut table = Table::new(&["", "time", "memcpy", "ratio", "target", ""]);
    let lines =
        example("noff", "convert", "bench", &[])? + &example("aout-minix", "convert", "convert_bench", &[])?;
    for line in lines.lines() {
        let (name, times) = line.split_once('\t').with_context(|| line.to_owned())?;
        let (time, memcpy) = times.split_once('\t').with_context(|| line.to_owned())?;
        let ratio = time.parse::<f64>()? / memcpy.parse::<f64>()?;
        let target = TARGETS.iter().find(|(start, _)| name.starts_with(start)).map(|(_, most)| *most);
        let cells = [name.to_owned(), format!("{time} ns"), format!("{memcpy} ns"), format!("{ratio:.2}")];
        table.row(cells.into_iter().chain(at_most((ratio * 100.0).round() / 100.0, target, "")));
    }
    Ok(table.to_string())
}
