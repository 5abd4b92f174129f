//! `info`, `check` and `map`.

use std::io::{self, Write as _};
use std::path::Path;

use execfmt_common::Severity;
use serde_json::{Value, json as value};

use crate::args::{Check, Inspect, Map};
use crate::diagnostics::{Report, diagnostic};
use crate::files::{self, read_or_report};
use crate::findings::Findings;
use crate::formats::{self, Format};
use crate::json;
use crate::kernel::Kernel;
use crate::outcome::Outcome;

pub(crate) fn info(options: &Inspect) -> io::Result<Outcome> {
    each(options, Severity::Error, true, |format, _, name, out| format.info(name, out))
}

pub(crate) fn check(options: &Check) -> io::Result<Outcome> {
    let refusing = if options.strict { Severity::Warning } else { Severity::Error };
    each(&options.inspect, refusing, false, |_, found, name, out| {
        let tally = found.tally();
        match (tally.errors, tally.warnings) {
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
    let found = findings(format.as_ref(), options.formats.kernel);
    let findings = found.reports();
    findings
        .iter()
        .filter(|report| report.severity == Severity::Error)
        .try_for_each(|report| report.print(&name))?;
    if options.json {
        let mut facts = value!({
            "format": format.json().get("format").cloned().unwrap_or_default(),
            "file_regions": json::regions(&format.file_regions()),
            "memory": format.memory_json(),
        });
        facts = line(&options.file, facts, &findings);
        let mut out = io::stdout().lock();
        json::write(&mut out, &facts)?;
        writeln!(out)?;
        return Ok(outcome(&found, Severity::Error));
    }
    match format.map(&name) {
        Some(picture) => anstream::stdout().lock().write_all(picture.as_bytes())?,
        None if findings.iter().any(|report| report.severity == Severity::Error) => {}
        None => {
            // What is only a warning is why there is no memory to draw.
            findings.iter().try_for_each(|report| report.print(&name))?;
            diagnostic(&name, None, "nothing to draw: no kernel that is known here gives this file memory")?;
        }
    }
    Ok(outcome(&found, Severity::Error))
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
            let mut facts = format.json();
            if let Some(members) = facts.as_object_mut().filter(|_| all) {
                members.entry("kernels").or_insert_with(|| value!(format.kernels()));
                members.insert("derived".into(), format.derived());
                members.insert("header_fields".into(), format.tree().as_ref().map(json::tree).into());
                members.insert("file_regions".into(), json::regions(&format.file_regions()));
            }
            json::write(&mut out, &line(path, facts, &findings))?;
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

/// What is found in a file for a kernel.
fn findings(format: &dyn Format, kernel: Option<Kernel>) -> Findings {
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

fn outcome(findings: &Findings, refusing: Severity) -> Outcome {
    let tally = findings.tally();
    if tally.errors != 0 || refusing == Severity::Warning && tally.warnings != 0 {
        Outcome::Refused
    } else {
        Outcome::Success
    }
}

/// `file` first, then the format's own members, `findings` last.
fn line(path: &Path, facts: Value, findings: &[Report]) -> Value {
    let mut object = serde_json::Map::new();
    object.insert("file".into(), value!(files::text(path)));
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
