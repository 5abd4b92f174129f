//! The parts of a program, one a row: where each is in the file and in memory.

use std::fmt::Write as _;

use execfmt_view::{Memory, Region, Role, View};

use super::style;

/// Headers first, then each run of memory, then what stays in the file.
pub(super) fn table(view: &View) -> String {
    let mut text = format!("\n{:<26}{:<18}    {:<18}{:>12}\n", "", "file", "memory", "bytes");
    let stays = |region: &&Region| region.becomes.is_none() && !region.is_empty();
    let (headers, others): (Vec<_>, Vec<_>) =
        view.file.iter().filter(stays).partition(|region| region.role == Role::Header);
    for region in headers {
        row(&mut text, region, Some(region), None);
    }
    for (index, memory) in view.memory.iter().enumerate() {
        for region in memory.regions.iter().filter(|region| !region.is_empty()) {
            let becomes = (index, region.start, region.end);
            let stored = view.file.iter().find(|stored| stored.becomes == Some(becomes));
            row(&mut text, region, stored, Some((memory, region)));
        }
    }
    for region in others {
        row(&mut text, region, Some(region), None);
    }
    text
}

fn row(text: &mut String, named: &Region, stored: Option<&Region>, memory: Option<(&Memory, &Region)>) {
    let span = |region: &Region| format!("{:#06x}..{:#06x}", region.start, region.end);
    let style = style(named.role);
    let (letter, name) = (named.role.letter(), &named.name);
    let file = stored.map_or_else(|| "-".into(), span);
    let arrow = if stored.is_some() && memory.is_some() { "->" } else { "  " };
    let place =
        memory.map_or_else(|| "-".into(), |(memory, region)| format!("{} {}", memory.short, span(region)));
    let bytes = match (stored, memory) {
        (Some(stored), Some((_, region))) if stored.len() != region.len() => {
            format!("{} -> {}", stored.len(), region.len())
        }
        _ => named.len().to_string(),
    };
    let _ = writeln!(text, "{style}{letter}{style:#} {name:<24}{file:<18} {arrow} {place:<18}{bytes:>12}");
}
