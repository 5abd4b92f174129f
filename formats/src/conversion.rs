//! The result of every conversion.

use execfmt_common::{Finding, Rule, Severity};

use crate::report::Report;

/// The result of a conversion.
#[derive(Debug)]
pub struct Converted {
    /// The new file.
    pub bytes: Vec<u8>,
    /// Whether the output is executable for those who may execute the input.
    pub executable: bool,
    /// Notes for the user; without a severity they are information.
    pub notes: Vec<(Option<Severity>, String)>,
}

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// The file cannot be converted.
    Refused(String),
    /// The file cannot be converted, because of this finding.
    Found(Report),
    /// Options that the file does not allow.
    Usage(String),
}

impl<R: Rule> From<Finding<R>> for Failure {
    fn from(finding: Finding<R>) -> Self {
        Self::Found(Report::from(&finding))
    }
}
