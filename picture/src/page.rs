//! A page with the picture, what was found, and the parts as a table.

use std::fmt::Write as _;

use execfmt_view::{Region, View};

use crate::part::Mark;
use crate::svg::{escaped, svg};

/// The rules of the page around the picture.
const RULES: &str = "body{margin:1.5rem;font:15px/1.45 system-ui,sans-serif}h1{font-size:1.2rem}\
    svg{max-width:100%;height:auto;display:block}table{border-collapse:collapse;margin-top:1rem}\
    th,td{padding:.2rem .8rem .2rem 0;text-align:left;border-bottom:1px solid var(--edge);font-variant-numeric:tabular-nums}\
    td.number{text-align:right}li.error,li.warning{margin:.2rem 0}li.error b{color:var(--err)}li.warning b{color:var(--warn)}\
    .it:focus-visible{outline:2px solid var(--acc)}@media (max-width:40rem){td,th{display:block;border:0;padding:0}\
    tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--edge)}thead{display:none}td.number{text-align:left}\
    td:nth-child(2)::before{content:'file '}td:nth-child(3)::before{content:'memory '}td:nth-child(4)::after{content:' bytes'}}";

/// The page. `title` says what the file is, `marks` what is wrong with it.
pub fn page(view: &View, title: &str, marks: &[Mark]) -> String {
    let name = escaped(title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{name}</title><style>{RULES}</style></head>\n\
         <body class=\"map\"><main><h1>{name}</h1>\n"
    );
    if !marks.is_empty() {
        out += "<ul>";
        for mark in marks {
            let class = if mark.is_error { "error" } else { "warning" };
            let _ = writeln!(out, "<li class=\"{class}\"><b>{class}</b>: {}</li>", escaped(&mark.message));
        }
        out += "</ul>\n";
    }
    out += &svg(view, title, marks);
    out += "<table><thead><tr><th>part<th>file<th>memory<th>bytes</tr></thead><tbody>\n";
    for region in &view.file {
        let memory = region.becomes.and_then(|(index, start, end)| {
            let memory = view.memory.get(index)?;
            Some((format!("{} {start:#06x}..{end:#06x}", memory.short), end.saturating_sub(start)))
        });
        row(&mut out, region, Some(region), memory);
    }
    for (index, memory) in view.memory.iter().enumerate() {
        for region in memory.regions.iter().filter(|region| !region.is_empty()) {
            let from_file = |stored: &Region| stored.becomes == Some((index, region.start, region.end));
            if !view.file.iter().any(from_file) {
                let place = format!("{} {:#06x}..{:#06x}", memory.short, region.start, region.end);
                row(&mut out, region, None, Some((place, region.len())));
            }
        }
    }
    out + "</tbody></table></main></body></html>\n"
}

fn row(out: &mut String, region: &Region, file: Option<&Region>, memory: Option<(String, u64)>) {
    let stored =
        file.map_or_else(|| "-".into(), |region| format!("{:#06x}..{:#06x}", region.start, region.end));
    let (place, bytes) = match memory {
        Some((place, size)) if file.is_some_and(|file| file.len() != size) => {
            (place, format!("{} → {size}", region.len()))
        }
        Some((place, size)) => (place, size.to_string()),
        None => ("-".into(), region.len().to_string()),
    };
    let letter = escaped(&region.role.letter().to_string());
    let _ = writeln!(
        out,
        "<tr><td><b>{letter}</b> {}<td>{stored}<td>{}<td class=\"number\">{bytes}</tr>",
        escaped(&region.name),
        escaped(&place)
    );
}
