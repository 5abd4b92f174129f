//! A finding as it appears in JSON.

use execfmt_common::{AnyFinding, Finding, Rule, Severity};
use serde::Serialize;

use crate::advice::Sentence;

/// A finding of any format, as it appears in JSON (docs/json.md).
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether it is an error, for which the file is refused.
    #[serde(serialize_with = "severity")]
    pub severity: Severity,
    /// The code of its rule.
    pub code: &'static str,
    /// The field concerned.
    pub field: String,
    /// File offset of that field, in bytes.
    pub offset: u64,
    /// The value found.
    pub found: u64,
    /// The expected value, as text.
    pub expected: String,
    /// A sentence, with what to do next.
    pub message: String,
}

fn severity<S: serde::Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.name())
}

impl From<&dyn AnyFinding> for Report {
    fn from(finding: &dyn AnyFinding) -> Self {
        Self {
            severity: finding.severity(),
            code: finding.code(),
            field: finding.field().to_string(),
            offset: finding.offset(),
            found: finding.found(),
            expected: finding.expected().to_string(),
            message: Sentence(finding).to_string(),
        }
    }
}

impl<R: Rule> From<&Finding<R>> for Report {
    fn from(finding: &Finding<R>) -> Self {
        Self::from(finding as &dyn AnyFinding)
    }
}
