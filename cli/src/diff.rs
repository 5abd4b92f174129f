//! `diff`: how two files differ, in terms of their fields, parts, memory and verdicts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use execfmt_view::{Node, Region, Value, View};

use crate::args::Diff;
use crate::diagnostics::shown;
use crate::files::{self, read_or_report};
use crate::formats::{self, Format};
use crate::inspect::{findings, verdict};
use crate::outcome::Outcome;

/// `diff A B`. The exit code is that of diff: success when they are the same, refusal when they differ.
pub(crate) fn run(options: &Diff) -> io::Result<Outcome> {
    let (Some(a), Some(b)) = (read_or_report(&options.first)?, read_or_report(&options.second)?) else {
        return Ok(Outcome::Failed);
    };
    if a == b {
        return Ok(Outcome::Success);
    }
    let first = Side::new(files::name(&options.first), &a, formats::open(&a, &options.formats), options);
    let second = Side::new(files::name(&options.second), &b, formats::open(&b, &options.formats), options);
    let text = difference(&first, &second);
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Outcome::Refused)
}

struct Side<'a> {
    name: String,
    bytes: &'a [u8],
    format: Box<dyn Format + 'a>,
    view: View,
    verdict: String,
}

impl<'a> Side<'a> {
    fn new(name: String, bytes: &'a [u8], format: Box<dyn Format + 'a>, options: &Diff) -> Self {
        let verdict = verdict(findings(format.as_ref(), options.formats.kernel).tally());
        Self { name: shown(&name), bytes, view: format.view(), format, verdict }
    }

    fn contents(&self) -> &[u8] {
        self.format.contents().unwrap_or(self.bytes)
    }

    fn part(&self, region: &Region) -> &[u8] {
        let range = usize::try_from(region.start).ok().zip(usize::try_from(region.end).ok());
        range.and_then(|(start, end)| self.contents().get(start..end)).unwrap_or_default()
    }
}

fn difference(a: &Side<'_>, b: &Side<'_>) -> String {
    let mut rows = vec![Row::new(' ', "", a.name.clone(), b.name.clone(), String::new())];
    if a.view.facts.get("format") == b.view.facts.get("format") {
        rows.extend(fields(&a.view, &b.view));
        rows.extend(parts(a, b));
        rows.extend(memory(&a.view, &b.view));
        rows.extend(kernels(a, b));
    } else {
        rows.push(Row::new('~', "format", a.view.title.clone(), b.view.title.clone(), String::new()));
    }
    if a.verdict != b.verdict {
        rows.push(Row::new('~', "check", a.verdict.clone(), b.verdict.clone(), String::new()));
    }
    let mut text = String::new();
    if rows.len() == 1 {
        // If nothing that is described here differs, then bytes that belong to no part do, or the compression
        // of a gzip file.
        let place = a.bytes.iter().zip(b.bytes).position(|(a, b)| a != b);
        let place = place.unwrap_or_else(|| a.bytes.len().min(b.bytes.len()));
        let _ = writeln!(
            text,
            "{} {}: same fields and parts; the first difference is at byte {place}",
            a.name, b.name
        );
        return text;
    }
    let width =
        |cell: fn(&Row) -> &str| rows.iter().map(|row| cell(row).chars().count()).max().unwrap_or_default();
    let (what, left, right) = (width(|row| &row.what), width(|row| &row.left), width(|row| &row.right));
    for row in &rows {
        let line = format!(
            "{} {:<what$}  {:<left$}  {:<right$}  {}",
            row.sign, row.what, row.left, row.right, row.remark
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// A line: the subject, its value in the first file, and its value in the second.
struct Row {
    sign: char,
    what: String,
    left: String,
    right: String,
    remark: String,
}

impl Row {
    fn new(sign: char, what: impl Into<String>, left: String, right: String, remark: String) -> Self {
        Self { sign, what: what.into(), left, right, remark }
    }

    /// What only one of the files has, or both.
    fn of(what: &str, left: Option<String>, right: Option<String>, remark: String) -> Self {
        let sign = match (&left, &right) {
            (None, _) => '+',
            (_, None) => '-',
            _ => '~',
        };
        let cell = |value: Option<String>| value.unwrap_or_else(|| "-".into());
        Self::new(sign, what, cell(left), cell(right), remark)
    }
}

fn fields(a: &View, b: &View) -> Vec<Row> {
    let (of_a, of_b) = (leaves(a), leaves(b));
    let mut rows = Vec::new();
    let paths = of_a.iter().map(|(path, _)| path).chain(of_b.iter().map(|(path, _)| path));
    let mut seen = std::collections::BTreeSet::new();
    for path in paths.filter(|path| seen.insert(*path)) {
        let find = |leaves: &[(String, &Node)]| {
            leaves.iter().find(|(known, _)| known == path).map(|(_, node)| node.value.clone())
        };
        let (left, right) = (find(&of_a), find(&of_b));
        if left != right {
            let change = match (&left, &right) {
                (Some(Value::Unsigned(old)), Some(Value::Unsigned(new))) => {
                    let change = i128::from(*new) - i128::from(*old);
                    format!("{change:+}")
                }
                _ => String::new(),
            };
            rows.push(Row::of(path, left.as_ref().map(value), right.as_ref().map(value), change));
        }
    }
    rows
}

fn leaves(view: &View) -> Vec<(String, &Node)> {
    let mut leaves = Vec::new();
    view.fields.iter().for_each(|node| node.leaves("", &mut |path, leaf| leaves.push((path, leaf))));
    leaves
}

fn value(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "),
        number => number.shown().unwrap_or_default(),
    }
}

/// The parts of the files that are not headers, which are compared by field.
fn parts(a: &Side<'_>, b: &Side<'_>) -> Vec<Row> {
    let named = |side: &Side<'_>| -> Vec<Region> {
        let parts = side.view.file.iter().filter(|region| region.role != execfmt_view::Role::Header);
        parts.cloned().collect()
    };
    let (of_a, of_b) = (named(a), named(b));
    let place = |region: &Region| format!("{} bytes at {:#06x}", region.len(), region.start);
    let mut rows = Vec::new();
    for old in &of_a {
        let Some(new) = of_b.iter().find(|new| new.name == old.name) else {
            rows.push(Row::of(&old.name, Some(place(old)), None, String::new()));
            continue;
        };
        let (left, right) = (a.part(old), b.part(new));
        let memory = |region: &Region| region.becomes.map(|(_, start, end)| end.saturating_sub(start));
        let packed = |region: &Region| memory(region).is_some_and(|size| size != region.len());
        let remark = match left == right {
            true if old.start == new.start => continue,
            true => "moved".into(),
            false if memory(old) == memory(new) && packed(old) != packed(new) => {
                if packed(new) {
                    "compressed".into()
                } else {
                    "decompressed".into()
                }
            }
            false => {
                let first = left.iter().zip(right).position(|(a, b)| a != b);
                let first = first.unwrap_or_else(|| left.len().min(right.len()));
                let count =
                    left.iter().zip(right).filter(|(a, b)| a != b).count() + left.len().abs_diff(right.len());
                let bytes = if count == 1 { "byte differs" } else { "bytes differ" };
                format!("{count} {bytes}, the first at offset {first:#x}")
            }
        };
        let sign = if remark == "moved" { '=' } else { '~' };
        rows.push(Row::new(sign, &*old.name, place(old), place(new), remark));
    }
    let new = of_b.iter().filter(|new| of_a.iter().all(|old| old.name != new.name));
    rows.extend(new.map(|new| Row::of(&new.name, None, Some(place(new)), String::new())));
    rows
}

/// The memory that the files become: each run as a whole, and each part of it.
fn memory(a: &View, b: &View) -> Vec<Row> {
    let places = |view: &View| -> Vec<(String, String)> {
        let mut places = Vec::new();
        for memory in &view.memory {
            places.push((memory.short.to_string(), format!("{} bytes", memory.length)));
            let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
            for region in memory.regions.iter().filter(|region| !region.is_empty()) {
                let number = seen.entry(&region.name).and_modify(|number| *number += 1).or_insert(1);
                let which = if *number == 1 { String::new() } else { format!(" {number}") };
                let name = format!("{} {}{which}", memory.short, region.name);
                places.push((name, format!("{:#06x}..{:#06x}", region.start, region.end)));
            }
        }
        places
    };
    changes(&places(a), &places(b))
}

fn kernels(a: &Side<'_>, b: &Side<'_>) -> Vec<Row> {
    let verdicts = |side: &Side<'_>| -> Vec<(String, String)> {
        let kernels = side.format.kernels().into_iter();
        kernels.map(|kernel| (kernel.name.into(), kernel.reason.unwrap_or("runs").into())).collect()
    };
    changes(&verdicts(a), &verdicts(b))
}

/// The differences between two lists of named values.
fn changes(a: &[(String, String)], b: &[(String, String)]) -> Vec<Row> {
    let find = |list: &[(String, String)], name: &str| {
        list.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    let new = b.iter().filter(|(name, _)| find(a, name).is_none());
    a.iter()
        .chain(new)
        .filter_map(|(name, _)| {
            let (left, right) = (find(a, name), find(b, name));
            (left != right).then(|| Row::of(name, left, right, String::new()))
        })
        .collect()
}
