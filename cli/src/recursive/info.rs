//! `info -r`: what each file of a known format is, in the order of their names.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

use execfmt_common::Severity;
use execfmt_view::Data;
use serde_json::Value;

use super::Below;
use crate::args::Info;
use crate::diagnostics::{Print as _, Report, print_error};
use crate::files;
use crate::formats;
use crate::inspect::{facts, findings, line, outcome};
use crate::json;
use crate::outcome::Outcome;
use crate::words;

/// Number of files that are described before they are printed: their descriptions are in memory together.
const TOGETHER: usize = 4096;

/// The result for a file.
enum Described {
    /// It has a format that is read here.
    Known {
        format: String,
        outcome: Outcome,
        /// The output: text, or a line of JSON; empty with `-q`.
        text: Vec<u8>,
        reports: Vec<Report>,
    },
    /// It is of another kind: folders contain such files too.
    Foreign,
    Unreadable(io::Error),
}

/// Describes the files of known formats, and counts all.
pub(crate) fn info(options: &Info) -> io::Result<Outcome> {
    let below = Below::of(&options.inspect.files)?;
    let mut worst = Outcome::Success;
    let mut known: BTreeMap<String, u64> = BTreeMap::new();
    let (mut foreign, mut unreadable) = (0, 0);
    for paths in below.paths.chunks(TOGETHER) {
        let described = below.each(paths, |path, bytes| describe(path, bytes, options));
        for (path, described) in paths.iter().zip(described) {
            match described {
                Described::Known { format, outcome, text, reports } => {
                    *known.entry(format).or_default() += 1;
                    worst = worst.max(outcome);
                    below.bar.suspend(|| print(path, &text, &reports))?;
                }
                Described::Foreign => foreign += 1,
                Described::Unreadable(error) => {
                    unreadable += 1;
                    worst = Outcome::Failed;
                    below.bar.suspend(|| print_error(format_args!("{}: {error}", files::name(path))))?;
                }
            }
        }
    }
    below.bar.finish_and_clear();
    if !options.inspect.json {
        let known = known.iter().map(|(format, count)| (*count, format.as_str()));
        let counts = known.chain([(foreign, "of other kinds"), (unreadable, "unreadable")]);
        writeln!(io::stdout(), "{}", below.summary(counts, "nothing to describe"))?;
    }
    Ok(if below.failed { Outcome::Failed } else { worst })
}

fn describe(path: &Path, bytes: io::Result<Vec<u8>>, options: &Info) -> Described {
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return Described::Unreadable(error),
    };
    let inspect = &options.inspect;
    let format = formats::open(&bytes, &inspect.formats);
    if !format.is_known() {
        return Described::Foreign;
    }
    let found = findings(format.as_ref(), inspect.formats.kernel);
    let outcome = outcome(&found, Severity::Error);
    let (mut text, mut reports) = (Vec::new(), Vec::new());
    // Writing to memory cannot fail.
    let name = if inspect.json {
        let facts = facts(format.as_ref(), true);
        let name = facts.get("format").and_then(Value::as_str).unwrap_or_default().to_string();
        let _ = json::write(&mut text, &line(Some(path), facts, &found.reports()));
        name
    } else {
        let view = format.view();
        if !options.quiet {
            let _ = words::write(&view, &files::name(path), &mut text);
            reports = found.reports();
        }
        match view.facts.get("format") {
            Some(Data::Text(name)) => name.to_string(),
            _ => String::new(),
        }
    };
    Described::Known { format: name, outcome, text, reports }
}

/// Prints a description and a line that separates it from the next, then the findings.
fn print(path: &Path, text: &[u8], reports: &[Report]) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    out.write_all(text)?;
    writeln!(out)?;
    if !reports.is_empty() {
        out.flush()?;
        let name = files::name(path);
        reports.iter().try_for_each(|report| report.print(&name))?;
    }
    Ok(())
}
