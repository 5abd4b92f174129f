//! A page with the picture, what was found, and the parts as a table.

use std::fmt::Write as _;

use execfmt_view::{Part, Region, View};

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
    let span = |region: &Region| format!("{:#06x}..{:#06x}", region.start, region.end);
    for Part { region, stored, placed } in view.parts() {
        let file = stored.map_or_else(|| "-".into(), span);
        let place = placed
            .map_or_else(|| "-".into(), |(memory, region)| format!("{} {}", memory.short, span(region)));
        let bytes = match (stored, placed) {
            (Some(stored), Some((_, region))) if stored.len() != region.len() => {
                format!("{} → {}", stored.len(), region.len())
            }
            _ => region.len().to_string(),
        };
        let letter = escaped(&region.role.letter().to_string());
        let _ = writeln!(
            out,
            "<tr><td><b>{letter}</b> {}<td>{file}<td>{}<td class=\"number\">{bytes}</tr>",
            escaped(&region.name),
            escaped(&place)
        );
    }
    out + "</tbody></table></main></body></html>\n"
}
