//! The description of a file, for people and as JSON.

use execfmt_common::{Severity, Tally};
use execfmt_picture::Mark;
use serde_json::{Value, json as value};

use crate::findings::Findings;
use crate::kernel::Kernel;
use crate::report::Report;
use crate::{Format, json};

/// The facts of a line of JSON; with `all` also the fields of the header and the regions of the file.
pub fn facts(format: &dyn Format, all: bool) -> Value {
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

/// The verdict in a few words.
pub fn verdict(tally: Tally) -> String {
    match (tally.errors, tally.warnings) {
        (0, 0) => "ok".into(),
        (0, warnings) => format!("accepted, {}", number(warnings, "warning")),
        (errors, 0) => format!("refused, {}", number(errors, "error")),
        (errors, warnings) => {
            format!("refused, {}, {}", number(errors, "error"), number(warnings, "warning"))
        }
    }
}

/// The findings of a file for a kernel.
pub fn findings(format: &dyn Format, kernel: Option<Kernel>) -> Findings {
    let found = format.findings();
    match other_kernel(format, kernel) {
        Some(other) => found.and(other.into()),
        None => found,
    }
}

/// Reports that the chosen kernel loads no files of this format.
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

/// A line of JSON: first `file`, if there is a name, then the format's own members, finally `findings`.
pub fn line(file: Option<&str>, facts: Value, findings: &[Report]) -> Value {
    let mut object = serde_json::Map::new();
    object.extend(file.map(|file| ("file".into(), value!(file))));
    if let Value::Object(facts) = facts {
        object.extend(facts);
    }
    object.insert("findings".into(), value!(findings));
    Value::Object(object)
}

/// The findings, as a picture marks them.
pub fn marks(findings: &[Report]) -> Vec<Mark> {
    let mark = |report: &Report| Mark {
        offset: report.offset,
        is_error: report.severity == Severity::Error,
        message: report.message.clone(),
    };
    findings.iter().map(mark).collect()
}

/// A number with its noun: `1 warning`, `2 warnings`.
fn number(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
