//! `hex`: the bytes of a file, each under the field or the part that it belongs to.

use std::fmt::Write as _;
use std::io::{self, Write};

use execfmt_common::Severity;
use execfmt_view::{FieldLeaf, Region, Role, View};

use crate::args::Hex;
use crate::diagnostics::Report;
use crate::files::{self, read_or_report};
use crate::findings::Findings;
use crate::formats;
use crate::inspect::{findings, outcome, verdict};
use crate::map::style;
use crate::outcome::Outcome;
use crate::terminal;

/// Number of bytes in a row.
const ROW: usize = 16;
/// Number of rows of a part that are shown without `--all`.
const SHOWN: usize = 3;
/// Terminal width from which addresses in memory are shown beside the bytes.
const WIDE: usize = 100;
/// Maximum number of bytes of a field beside its name; longer ones continue in rows.
const FIELD: usize = 4;

/// `hex FILE`.
pub(crate) fn run(options: &Hex) -> io::Result<Outcome> {
    let name = files::name(&options.file);
    let Some(file) = read_or_report(&options.file)? else { return Ok(Outcome::Failed) };
    let format = formats::open(&file, &options.formats);
    let found = findings(format.as_ref(), options.formats.kernel);
    let view = format.view();
    let text = dump(format.contents().unwrap_or(&file), &view, &found, options.all, terminal::columns());
    let mut out = anstream::stdout().lock();
    writeln!(out, "{name}: {}", view.title)?;
    out.write_all(text.as_bytes())?;
    writeln!(out, "\n{name}: {}", verdict(found.tally()))?;
    Ok(outcome(&found, Severity::Error))
}

/// The bytes of a file that is seen so, with what was found in it.
pub(crate) fn dump(bytes: &[u8], view: &View, found: &Findings, all: bool, columns: usize) -> String {
    let mut text = String::new();
    Dump { bytes, view, all, columns }.write(found.reports(), &mut text);
    text
}

struct Dump<'a> {
    bytes: &'a [u8],
    view: &'a View,
    all: bool,
    columns: usize,
}

impl Dump<'_> {
    /// The headers field by field, then the parts in file order, with each finding below its subject.
    fn write(&self, mut findings: Vec<Report>, text: &mut String) {
        let leaves = self.view.leaves();
        let width = leaves.iter().map(|leaf| leaf.path.chars().count()).max().unwrap_or_default();
        if !leaves.is_empty() {
            text.push_str("\nheader\n");
        }
        for leaf in &leaves {
            self.field(leaf, width, text);
            let end = leaf.field.offset.saturating_add(leaf.field.size);
            self.findings(&mut findings, leaf.field.offset..end, text);
        }
        for (region, rest) in self.view.file_parts().iter().zip(self.view.parts_after(&leaves)) {
            if !rest.is_empty() {
                self.part(&rest, text);
            }
            self.findings(&mut findings, region.start..region.end, text);
        }
        if !findings.is_empty() {
            text.push_str("\nthe file as a whole\n");
        }
        self.findings(&mut findings, 0..u64::MAX, text);
    }

    fn field(&self, leaf: &FieldLeaf<'_>, width: usize, text: &mut String) {
        let FieldLeaf { path, field, role } = leaf;
        let start = usize::try_from(field.offset).unwrap_or(usize::MAX);
        let size = usize::try_from(field.size).unwrap_or(usize::MAX);
        let bytes = self.bytes.get(start..).unwrap_or_default();
        let bytes = bytes.get(..size).unwrap_or(bytes);
        let (first, rest) = bytes.split_at(bytes.len().min(FIELD));
        let shown: Vec<_> = first.iter().map(|byte| format!("{byte:02x}")).collect();
        let value = field.value.shown().unwrap_or_default();
        let style = style(*role);
        let shown = shown.join(" ");
        let line = format!("{shown:<13}  {path:<width$}  {value:<18}  ");
        let used = 9 + line.chars().count();
        // Its first sentence: the rest is in docs/fields.md.
        let meaning = field.meaning.split(". ").next().unwrap_or_default();
        let meaning = fit(meaning, self.columns.saturating_sub(used));
        let line = format!("{style}{}{style:#} {line}{meaning}", role.letter());
        let _ = writeln!(text, "{:#06x} {}", field.offset, line.trim_end());
        for (at, row) in (field.offset + FIELD as u64..).step_by(ROW).zip(rest.chunks(ROW)) {
            self::row(at, *role, row, None, text);
        }
    }

    fn part(&self, region: &Region, text: &mut String) {
        let length = self.bytes.len() as u64;
        let place = region.becomes.and_then(|(index, start, end)| {
            let memory = self.view.memory.get(index)?;
            let expanded = end.saturating_sub(start);
            let size = if expanded == region.len() { String::new() } else { format!(" -> {expanded}") };
            Some((format!("{size} bytes, at {} {start:#06x}", memory.short), start))
        });
        let same = region.becomes.is_some_and(|(_, start, end)| end.saturating_sub(start) == region.len());
        let (rest, address) = match place {
            Some((text, start)) => (text, Some(start).filter(|_| same)),
            None => (" bytes".into(), None),
        };
        let _ = writeln!(text, "\n{}, {}{rest}", region.name, region.len());
        if region.start >= length {
            let _ = writeln!(
                text,
                "       not in the file: it would begin at {:#06x}, but the file ends at {length:#06x}",
                region.start
            );
            return;
        }
        let end = region.end.min(length);
        let range = usize::try_from(region.start).ok().zip(usize::try_from(end).ok());
        let bytes = range.and_then(|(start, end)| self.bytes.get(start..end)).unwrap_or_default();
        self.rows(region, bytes, address, text);
        if region.end > length {
            let _ = writeln!(
                text,
                "       the file ends here, at {length:#06x}: {} of {} bytes are missing",
                region.end - length,
                region.len()
            );
        }
    }

    /// Rows; zeros that continue over several rows are folded.
    fn rows(&self, region: &Region, bytes: &[u8], address: Option<u64>, text: &mut String) {
        let count = bytes.len().div_ceil(ROW);
        let mut zeros = 0_usize;
        let fold = |zeros: &mut usize, text: &mut String| {
            if *zeros > 0 {
                let _ = writeln!(text, "       : {} of zeros", rows(*zeros));
            }
            *zeros = 0;
        };
        for (index, row) in bytes.chunks(ROW).enumerate() {
            if !self.all && index >= SHOWN && count > SHOWN + 1 {
                fold(&mut zeros, text);
                let _ = writeln!(text, "       : {} more; --all shows them", rows(count - index));
                return;
            }
            let folded = index != 0 && index + 1 != count && row.iter().all(|byte| *byte == 0);
            if folded {
                zeros += 1;
                continue;
            }
            fold(&mut zeros, text);
            let offset = (index * ROW) as u64;
            let memory = address.filter(|_| self.columns >= WIDE).map(|start| start + offset);
            self::row(region.start + offset, region.role, row, memory, text);
        }
        fold(&mut zeros, text);
    }

    /// Removes the findings of a range from the list, and writes them.
    fn findings(&self, findings: &mut Vec<Report>, range: std::ops::Range<u64>, text: &mut String) {
        let (here, rest): (Vec<_>, Vec<_>) =
            std::mem::take(findings).into_iter().partition(|report| range.contains(&report.offset));
        *findings = rest;
        for report in here {
            let label = format!("{}: ", report.severity.name());
            let indent = " ".repeat(9);
            for (index, line) in
                wrap(&format!("{label}{}", report.message), self.columns - 13).iter().enumerate()
            {
                let mark = if index == 0 { "^^^ " } else { "    " };
                let _ = writeln!(text, "{indent}{mark}{line}");
            }
        }
    }
}

/// Bytes in hexadecimal and as characters, with their address in memory.
fn row(offset: u64, role: Role, bytes: &[u8], memory: Option<u64>, text: &mut String) {
    let hex = |half: &[u8]| half.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let hex = bytes.chunks(8).map(hex).collect::<Vec<_>>().join("  ");
    let letter = |byte: &u8| if (0x20..=0x7e).contains(byte) { char::from(*byte) } else { '.' };
    let letters: String = bytes.iter().map(letter).collect();
    let memory = memory.map(|address| format!("  memory {address:#06x}")).unwrap_or_default();
    let line = format!("{hex:<50}{letters:<16}{memory}");
    let style = style(role);
    let _ = writeln!(text, "{offset:#06x} {style}{}{style:#} {}", role.letter(), line.trim_end());
}

fn rows(count: usize) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
}

/// As many words as fit.
fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.into();
    }
    let mut fitting = String::new();
    for word in text.split(' ') {
        if fitting.chars().count() + word.chars().count() + 2 > width {
            break;
        }
        fitting += word;
        fitting.push(' ');
    }
    if fitting.is_empty() { String::new() } else { fitting + "…" }
}

/// Lines of at most `width` characters; text from a file is escaped.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let text = crate::diagnostics::shown(text);
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().filter(|line| {
            line.is_empty() || line.chars().count() + 1 + word.chars().count() <= width.max(20)
        });
        match line {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.into()),
        }
    }
    lines
}
