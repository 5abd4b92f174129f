//! What every conversion returns.

use execfmt_common::{Finding, Rule, Severity};

use crate::report::Report;

/// The outcome of a conversion.
#[derive(Debug)]
pub struct Converted {
    /// The new file.
    pub bytes: Vec<u8>,
    /// Whether who may execute the input may execute the output.
    pub executable: bool,
    /// What a user should know of it; without a severity, for information.
    pub notes: Vec<(Option<Severity>, String)>,
}

/// Why there is none.
#[derive(Debug)]
pub enum Failure {
    /// The file cannot be converted.
    Refused(String),
    /// The file cannot be converted, for what was found in it.
    Found(Report),
    /// Options that do not go with the file.
    Usage(String),
}

impl<R: Rule> From<Finding<R>> for Failure {
    fn from(finding: Finding<R>) -> Self {
        Self::Found(Report::from(&finding))
    }
}
