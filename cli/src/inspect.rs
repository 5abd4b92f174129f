//! `info`, `check` and `map`.

use std::io::{self, Write as _};
use std::path::Path;

use execfmt_common::Severity;
use serde_json::{Value, json};

use crate::args::{Check, Inspect, Map};
use crate::diagnostics::Report;
use crate::files::{self, read_or_report};
use crate::formats::{self, Format};
use crate::outcome::Outcome;

pub(crate) fn info(options: &Inspect) -> io::Result<Outcome> {
    each(options, Severity::Error, |format, name, out| format.info(name, out))
}

pub(crate) fn check(options: &Check) -> io::Result<Outcome> {
    let refusing = if options.strict { Severity::Warning } else { Severity::Error };
    each(&options.inspect, refusing, |format, name, out| {
        let findings = format.findings();
        let count = |severity| findings.iter().filter(|report| report.severity == severity).count();
        match (count(Severity::Error), count(Severity::Warning)) {
            (0, 0) => writeln!(out, "{name}: ok"),
            (0, warnings) => writeln!(out, "{name}: accepted, {}", number(warnings, "warning")),
            (errors, 0) => writeln!(out, "{name}: refused, {}", number(errors, "error")),
            (errors, warnings) => {
                writeln!(out, "{name}: refused, {}, {}", number(errors, "error"), number(warnings, "warning"))
            }
        }
    })
}

pub(crate) fn map(options: &Map) -> io::Result<Outcome> {
    let name = files::name(&options.file);
    let Some(bytes) = read_or_report(&options.file)? else { return Ok(Outcome::Failed) };
    let format = formats::open(&bytes, &options.formats);
    let findings = format.findings();
    findings
        .iter()
        .filter(|report| report.severity == Severity::Error)
        .try_for_each(|report| report.print(&name))?;
    if let Some(picture) = format.map(&name) {
        anstream::stdout().lock().write_all(picture.as_bytes())?;
    }
    Ok(outcome(&findings, Severity::Error))
}

/// Opens each file, prints its description (or JSON), and then what was found.
fn each(
    options: &Inspect,
    refusing: Severity,
    describe: impl Fn(&dyn Format, &str, &mut dyn io::Write) -> io::Result<()>,
) -> io::Result<Outcome> {
    let mut worst = Outcome::Success;
    for path in &options.files {
        let Some(bytes) = read_or_report(path)? else {
            worst = Outcome::Failed;
            continue;
        };
        let format = formats::open(&bytes, &options.formats);
        let findings = format.findings();
        let mut out = anstream::stdout().lock();
        if options.json {
            writeln!(out, "{}", line(path, format.json(), &findings))?;
        } else {
            let name = files::name(path);
            describe(format.as_ref(), &name, &mut out)?;
            out.flush()?;
            findings.iter().try_for_each(|report| report.print(&name))?;
        }
        worst = worst.max(outcome(&findings, refusing));
    }
    Ok(worst)
}

fn outcome(findings: &[Report], refusing: Severity) -> Outcome {
    if findings.iter().any(|report| report.severity >= refusing) {
        Outcome::Refused
    } else {
        Outcome::Success
    }
}

/// `file` first, then the format's own members, `findings` last.
fn line(path: &Path, facts: Value, findings: &[Report]) -> Value {
    let mut object = serde_json::Map::new();
    object.insert("file".into(), json!(path.to_string_lossy()));
    if let Value::Object(facts) = facts {
        object.extend(facts);
    }
    object.insert("findings".into(), json!(findings));
    Value::Object(object)
}

/// A number of things: `1 warning`, `2 warnings`.
fn number(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
