//! A page with the picture, the findings, and the parts and fields as tables.

use std::fmt::Write as _;

use execfmt_view::{FieldLeaf, Part, Region, View};

use crate::fields::{bytes, value};
use crate::part::Mark;
use crate::shape::Width;
use crate::style::rules;
use crate::svg::drawn;
use crate::text::escaped;

/// The styles of the page around the picture, which is present in three widths: the one that fits is shown.
const RULES: &str = "body.map{margin:1.5rem;font:15px/1.45 system-ui,sans-serif}h1{font-size:1.2rem;overflow-wrap:anywhere}\
    h2{font-size:1rem;margin:2rem 0 0}svg{max-width:100%;height:auto;display:block}.middle,.narrow{display:none}\
    svg{font:12px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace}\
    table{border-collapse:collapse;margin-top:.5rem}\
    th,td{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--edge)}\
    td[data-of]{font:13px/1.65 ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace}\
    td:first-child{overflow-wrap:anywhere}td.number{text-align:right}li{overflow-wrap:anywhere;margin:.2rem 0}li.error b,td.error{color:var(--err)}\
    li.warning b,td.warning{color:var(--warn)}\
    @media (max-width:70rem){.wide{display:none}.middle{display:block}}\
    @media (max-width:42rem){body.map{margin:.75rem}td{overflow-wrap:anywhere}.middle{display:none}.narrow{display:block}\
    td{display:block;border:0;padding:0}tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--edge)}\
    thead{display:none}td.number{text-align:left}td[data-of]:not(:empty)::before{content:attr(data-of) ' '}}\
    @media print{.wide{display:block}.middle,.narrow,.hint{display:none}}";

/// Maximum number of findings listed.
const MOST: usize = 50;

/// The page. `title` describes the file, `marks` are its findings.
pub fn page(view: &View, title: &str, marks: &[Mark]) -> String {
    let name = escaped(title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{name}</title><style>{}{RULES}</style></head>\n\
         <body class=\"map\"><main><h1>{name}</h1>\n",
        rules()
    );
    findings(&mut out, marks);
    for (width, class) in Width::ALL {
        let _ = write!(out, "<div class=\"{class}\">{}</div>", drawn(view, title, marks, width, class, ""));
    }
    parts(&mut out, view);
    fields(&mut out, view, marks);
    out + "</main></body></html>\n"
}

fn findings(out: &mut String, marks: &[Mark]) {
    if marks.is_empty() {
        return;
    }
    out.push_str("<ul>");
    for mark in marks.iter().take(MOST) {
        let class = if mark.is_error { "error" } else { "warning" };
        let _ = writeln!(out, "<li class=\"{class}\"><b>{class}</b>: {}</li>", escaped(&mark.message));
    }
    if let Some(more) = marks.len().checked_sub(MOST).filter(|more| *more != 0) {
        let _ = writeln!(out, "<li>and {more} more</li>");
    }
    out.push_str("</ul>\n");
}

fn parts(out: &mut String, view: &View) {
    out.push_str("<h2>Parts</h2><table><thead><tr><th>part<th>file<th>memory<th>bytes</tr></thead><tbody>\n");
    let span = |region: &Region| format!("{:#06x}..{:#06x}", region.start, region.end);
    // A run of memory needs no name if it is the only one.
    let is_one = view.memory.len() == 1;
    for Part { region, stored, placed } in view.parts() {
        let file = stored.map_or_else(|| "-".into(), span);
        let place = placed.map_or_else(
            || "-".into(),
            |(memory, region)| {
                let place = span(region);
                if is_one { place } else { format!("{} {place}", memory.short) }
            },
        );
        let bytes = match (stored, placed) {
            (Some(stored), Some((_, region))) if stored.len() != region.len() => {
                format!("{} → {}", stored.len(), region.len())
            }
            _ => region.len().to_string(),
        };
        let letter = escaped(&region.role.letter().to_string());
        let _ = writeln!(
            out,
            "<tr><td><b>{letter}</b> {}<td data-of=\"file\">{file}<td data-of=\"memory\">{}\
             <td class=\"number\" data-of=\"bytes\">{bytes}</tr>",
            escaped(&region.name),
            escaped(&place)
        );
    }
    out.push_str("</tbody></table>\n");
}

fn fields(out: &mut String, view: &View, marks: &[Mark]) {
    let leaves = view.leaves();
    if leaves.is_empty() {
        return;
    }
    out.push_str(
        "<h2>Header</h2><table><thead><tr><th>field<th>at<th>bytes<th>value<th>meaning<th>found</tr></thead><tbody>\n",
    );
    for FieldLeaf { path, field: node, .. } in leaves {
        let end = node.offset.saturating_add(node.size);
        let marks = || marks.iter().filter(|mark| (node.offset..end).contains(&mark.offset));
        let class = if marks().any(|mark| mark.is_error) { "error" } else { "warning" };
        let found: Vec<_> = marks().map(|mark| escaped(&mark.message)).collect();
        let number = if node.value.shown().is_some() { value(node) } else { String::new() };
        let _ = writeln!(
            out,
            "<tr><td><b>{}</b><td data-of=\"at\">{:#06x}<td data-of=\"bytes\">{}<td data-of=\"value\">{}<td>{}<td class=\"{class}\">{}</tr>",
            escaped(&path),
            node.offset,
            bytes(node),
            escaped(&number),
            escaped(node.meaning),
            found.join("<br>")
        );
    }
    out.push_str("</tbody></table>\n");
}
