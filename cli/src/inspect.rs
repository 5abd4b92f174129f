//! `info` and `check`.

use std::io::{self, Write as _};
use std::path::Path;

use execfmt_common::{Severity, Tally};
use serde_json::{Value, json as value};

use crate::args::{Check, Info, Inspect};
use crate::diagnostics::Report;
use crate::files::{self, read_or_report};
use crate::findings::Findings;
use crate::formats::{self, Format};
use crate::json;
use crate::kernel::Kernel;
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

/// Opens each file, prints its description (or JSON), and then what was found. In JSON, `all` asks for the fields of the
/// header and the regions of the file too.
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

/// The facts of a line of JSON; with `all` the fields of the header and the regions of the file too.
pub(crate) fn facts(format: &dyn Format, all: bool) -> Value {
    let view = format.view();
    let mut facts = json::facts(&view.facts);
    if let Some(members) = facts.as_object_mut() {
        members.insert("kernels".into(), value!(format.kernels()));
        if all {
            members.insert("derived".into(), json::facts(&view.derived));
            members.insert("header_fields".into(), view.fields.as_ref().map(json::tree).into());
            members.insert("file_regions".into(), json::regions(&view.file));
        }
    }
    facts
}

/// What refuses a file.
pub(crate) const fn refusing(options: &Check) -> Severity {
    if options.strict { Severity::Warning } else { Severity::Error }
}

/// The verdict in a few words.
pub(crate) fn verdict(tally: Tally) -> String {
    match (tally.errors, tally.warnings) {
        (0, 0) => "ok".into(),
        (0, warnings) => format!("accepted, {}", number(warnings, "warning")),
        (errors, 0) => format!("refused, {}", number(errors, "error")),
        (errors, warnings) => {
            format!("refused, {}, {}", number(errors, "error"), number(warnings, "warning"))
        }
    }
}

/// What is found in a file for a kernel.
pub(crate) fn findings(format: &dyn Format, kernel: Option<Kernel>) -> Findings {
    let found = format.findings();
    match other_kernel(format, kernel) {
        Some(other) => found.and(other.into()),
        None => found,
    }
}

/// That the kernel which is asked about loads no file of this format.
fn other_kernel(format: &dyn Format, kernel: Option<Kernel>) -> Option<Report> {
    let kernel = kernel.filter(|kernel| !format.is_for(*kernel))?.name();
    Some(Report {
        severity: Severity::Error,
        code: "other_kernel",
        field: "file".into(),
        offset: 0,
        found: 0,
        expected: format!("a file that {kernel} loads"),
        message: format!(
            "{kernel} loads no files of this format; leave out --for {kernel}, or name another kernel"
        ),
    })
}

pub(crate) fn outcome(findings: &Findings, refusing: Severity) -> Outcome {
    let tally = findings.tally();
    if tally.errors != 0 || refusing == Severity::Warning && tally.warnings != 0 {
        Outcome::Refused
    } else {
        Outcome::Success
    }
}

/// `file` first, for what has a name, then the format's own members, `findings` last.
pub(crate) fn line(path: Option<&Path>, facts: Value, findings: &[Report]) -> Value {
    let mut object = serde_json::Map::new();
    if let Some(path) = path {
        object.insert("file".into(), value!(files::text(path)));
    }
    if let Value::Object(facts) = facts {
        object.extend(facts);
    }
    object.insert("findings".into(), value!(findings));
    Value::Object(object)
}

/// A number of things: `1 warning`, `2 warnings`.
fn number(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
