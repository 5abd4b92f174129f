//! `info` and `check`.

use std::io::{self, Write as _};
use std::path::Path;

use execfmt_common::Severity;
use execfmt_formats::inspect;
pub(crate) use execfmt_formats::inspect::{facts, findings, verdict};
use serde_json::Value;

use crate::args::{Check, Info, Inspect};
use crate::diagnostics::{Print as _, Report};
use crate::files::{self, read_or_report};
use crate::findings::Findings;
use crate::formats::{self, Format};
use crate::json;
use crate::outcome::Outcome;
use crate::recursive;
use crate::words;

pub(crate) fn info(options: &Info) -> io::Result<Outcome> {
    if options.recursive {
        return recursive::info(options);
    }
    each(&options.inspect, Severity::Error, true, |format, _, name, out| {
        words::write(&format.view(), name, out)
    })
}

pub(crate) fn check(options: &Check) -> io::Result<Outcome> {
    if options.recursive {
        return recursive::check(options);
    }
    each(&options.inspect, refusing(options), false, |_, found, name, out| {
        writeln!(out, "{name}: {}", verdict(found.tally()))
    })
}

/// Opens each file, prints its description (or JSON), and then the findings. In JSON, `all` includes the
/// fields of the header and the regions of the file.
fn each(
    options: &Inspect,
    refusing: Severity,
    all: bool,
    describe: impl Fn(&dyn Format, &Findings, &str, &mut dyn io::Write) -> io::Result<()>,
) -> io::Result<Outcome> {
    let mut worst = Outcome::Success;
    for path in &options.files {
        let Some(bytes) = read_or_report(path)? else {
            worst = Outcome::Failed;
            continue;
        };
        let format = formats::open(&bytes, &options.formats);
        let found = findings(format.as_ref(), options.formats.kernel);
        let findings = found.reports();
        let mut out = anstream::stdout().lock();
        if options.json {
            json::write(&mut out, &line(Some(path), facts(format.as_ref(), all), &findings))?;
            writeln!(out)?;
        } else {
            let name = files::name(path);
            describe(format.as_ref(), &found, &name, &mut out)?;
            out.flush()?;
            findings.iter().try_for_each(|report| report.print(&name))?;
        }
        worst = worst.max(outcome(&found, refusing));
    }
    Ok(worst)
}

/// The findings that refuse a file.
pub(crate) const fn refusing(options: &Check) -> Severity {
    if options.strict { Severity::Warning } else { Severity::Error }
}

pub(crate) fn outcome(findings: &Findings, refusing: Severity) -> Outcome {
    let tally = findings.tally();
    if tally.errors != 0 || refusing == Severity::Warning && tally.warnings != 0 {
        Outcome::Refused
    } else {
        Outcome::Success
    }
}

/// The line of JSON for a file, or for input without a name.
pub(crate) fn line(path: Option<&Path>, facts: Value, findings: &[Report]) -> Value {
    inspect::line(path.map(files::text).as_deref(), facts, findings)
}
