//! The parts of a program, one per row: the position of each in the file and in memory.

use std::fmt::Write as _;

use execfmt_view::{Part, Region, View};

use super::style;

/// One row per part.
pub(super) fn table(view: &View) -> String {
    let mut text = format!("\n{:<26}{:<18}    {:<18}{:>12}\n", "", "file", "memory", "bytes");
    let span = |region: &Region| format!("{:#06x}..{:#06x}", region.start, region.end);
    for Part { region, stored, placed } in view.parts() {
        let style = style(region.role);
        let (letter, name) = (region.role.letter(), &region.name);
        let file = stored.map_or_else(|| "-".into(), span);
        let arrow = if stored.is_some() && placed.is_some() { "->" } else { "  " };
        let place = placed
            .map_or_else(|| "-".into(), |(memory, region)| format!("{} {}", memory.short, span(region)));
        let bytes = match (stored, placed) {
            (Some(stored), Some((_, region))) if stored.len() != region.len() => {
                format!("{} -> {}", stored.len(), region.len())
            }
            _ => region.len().to_string(),
        };
        let _ =
            writeln!(text, "{style}{letter}{style:#} {name:<24}{file:<18} {arrow} {place:<18}{bytes:>12}");
    }
    text
}
