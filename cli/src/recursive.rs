//! `check -r`: every file below folders.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::args::Check;
use crate::diagnostics::{Report, print_error};
use crate::files;
use crate::formats;
use crate::inspect::{facts, findings, line, outcome, refusing, verdict};
use crate::json;
use crate::outcome::Outcome;
use crate::progress;

/// What came of a file.
enum Judged {
    /// It is of a format that is read here.
    Known {
        outcome: Outcome,
        verdict: String,
        warned: bool,
        reports: Vec<Report>,
        /// The line of JSON, if it was asked for.
        line: Option<serde_json::Value>,
    },
    /// It is of another kind: folders have such files too.
    Foreign,
    Unreadable(String),
}

/// Judges the files side by side, and lists those that are not fine: what is refused first. The others are counted.
pub(crate) fn check(options: &Check) -> io::Result<Outcome> {
    let mut failed = false;
    let mut paths = Vec::new();
    for root in &options.inspect.files {
        for entry in WalkDir::new(root).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_file() => paths.push(entry.into_path()),
                Ok(_) => {}
                Err(error) => {
                    print_error(error)?;
                    failed = true;
                }
            }
        }
    }
    let bar = progress::bar(paths.len());
    let judge = |path: &PathBuf| {
        let judged = judge(path, options);
        bar.inc(1);
        judged
    };
    let judged: Vec<Judged> = paths.par_iter().map(judge).collect();
    bar.finish_and_clear();
    let worst = report(options, &paths, &judged)?;
    Ok(if failed { Outcome::Failed } else { worst })
}

fn judge(path: &Path, options: &Check) -> Judged {
    let bytes = match files::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Judged::Unreadable(error.to_string()),
    };
    let inspect = &options.inspect;
    let format = formats::open(&bytes, &inspect.formats);
    if !format.is_known() {
        return Judged::Foreign;
    }
    let found = findings(format.as_ref(), inspect.formats.kernel);
    let reports = found.reports();
    let line = inspect.json.then(|| line(Some(path), facts(format.as_ref(), false), &reports));
    Judged::Known {
        outcome: outcome(&found, refusing(options)),
        verdict: verdict(found.tally()),
        warned: found.tally().total() != 0,
        reports,
        line,
    }
}

fn report(options: &Check, paths: &[PathBuf], judged: &[Judged]) -> io::Result<Outcome> {
    let (mut fine, mut warned, mut refused, mut foreign, mut unreadable) = (0, 0, 0, 0, 0);
    let mut worst = Outcome::Success;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for wanted in [Outcome::Failed, Outcome::Refused, Outcome::Success] {
        for (path, judged) in paths.iter().zip(judged) {
            let name = files::name(path);
            match judged {
                Judged::Known { outcome, verdict, warned: has_warnings, reports, line }
                    if *outcome == wanted =>
                {
                    match (outcome, has_warnings) {
                        (Outcome::Success, false) => fine += 1,
                        (Outcome::Success, true) => warned += 1,
                        _ => refused += 1,
                    }
                    worst = worst.max(*outcome);
                    if let Some(line) = line {
                        json::write(&mut out, line)?;
                        writeln!(out)?;
                    } else if *has_warnings && !options.quiet {
                        writeln!(out, "{name}: {verdict}")?;
                        out.flush()?;
                        reports.iter().try_for_each(|report| report.print(&name))?;
                    }
                }
                Judged::Foreign if wanted == Outcome::Success => foreign += 1,
                Judged::Unreadable(error) if wanted == Outcome::Failed => {
                    unreadable += 1;
                    worst = Outcome::Failed;
                    print_error(format_args!("{name}: {error}"))?;
                }
                _ => {}
            }
        }
    }
    if !options.inspect.json {
        let counts = [
            (fine, "ok"),
            (warned, "accepted with warnings"),
            (refused, "refused"),
            (foreign, "of other kinds"),
            (unreadable, "unreadable"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count != 0);
        let counts: Vec<_> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        let files = if paths.len() == 1 { "1 file".into() } else { format!("{} files", paths.len()) };
        writeln!(
            out,
            "{files}: {}",
            if counts.is_empty() { "nothing to check".into() } else { counts.join(", ") }
        )?;
    }
    out.flush()?;
    Ok(worst)
}
