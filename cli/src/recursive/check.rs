//! `check -r`: files with findings are listed, the others counted.

use std::io::{self, Write as _};
use std::path::Path;

use super::Below;
use crate::args::Check;
use crate::diagnostics::{Print as _, Report, print_error};
use crate::files;
use crate::formats;
use crate::inspect::{facts, findings, line, outcome, refusing, verdict};
use crate::json;
use crate::outcome::Outcome;

/// The result for a file.
enum Checked {
    /// It has a format that is read here.
    Known {
        outcome: Outcome,
        verdict: String,
        warned: bool,
        reports: Vec<Report>,
        /// The line of JSON, if requested.
        line: Option<serde_json::Value>,
    },
    /// It is of another kind: folders contain such files too.
    Foreign,
    Unreadable(String),
}

/// Checks the files, and lists those with findings: refused files first. The others are counted.
pub(crate) fn check(options: &Check) -> io::Result<Outcome> {
    let below = Below::of(&options.inspect.files)?;
    let checked = below.each(&below.paths, |path, bytes| check_file(path, bytes, options));
    below.bar.finish_and_clear();
    let worst = report(options, &below, &checked)?;
    Ok(if below.failed { Outcome::Failed } else { worst })
}

fn check_file(path: &Path, bytes: io::Result<Vec<u8>>, options: &Check) -> Checked {
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return Checked::Unreadable(error.to_string()),
    };
    let inspect = &options.inspect;
    let format = formats::open(&bytes, &inspect.formats);
    if !format.is_known() {
        return Checked::Foreign;
    }
    let found = findings(format.as_ref(), inspect.formats.kernel);
    let reports = found.reports();
    let line = inspect.json.then(|| line(Some(path), facts(format.as_ref(), false), &reports));
    Checked::Known {
        outcome: outcome(&found, refusing(options)),
        verdict: verdict(found.tally()),
        warned: found.tally().total() != 0,
        reports,
        line,
    }
}

fn report(options: &Check, below: &Below, checked: &[Checked]) -> io::Result<Outcome> {
    let (mut fine, mut warned, mut refused, mut foreign, mut unreadable) = (0, 0, 0, 0, 0);
    let mut worst = Outcome::Success;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for wanted in [Outcome::Failed, Outcome::Refused, Outcome::Success] {
        for (path, checked) in below.paths.iter().zip(checked) {
            let name = || files::name(path);
            match checked {
                Checked::Known { outcome, verdict, warned: has_warnings, reports, line }
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
                        let name = name();
                        writeln!(out, "{name}: {verdict}")?;
                        out.flush()?;
                        reports.iter().try_for_each(|report| report.print(&name))?;
                    }
                }
                Checked::Foreign if wanted == Outcome::Success => foreign += 1,
                Checked::Unreadable(error) if wanted == Outcome::Failed => {
                    unreadable += 1;
                    worst = Outcome::Failed;
                    print_error(format_args!("{}: {error}", name()))?;
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
        writeln!(out, "{}", below.summary(counts, "nothing to check"))?;
    }
    out.flush()?;
    Ok(worst)
}
