//! The findings of a file: those that are listed, and how many there are.

use std::ops::ControlFlow;

use execfmt_common::{AnyFinding, MAX_LISTED, Severity, Tally};

use crate::report::Report;

/// Findings up to the maximum number listed for one file; the others are only counted.
#[derive(Clone, Default)]
pub struct Findings {
    reports: Vec<Report>,
    tally: Tally,
}

impl Findings {
    /// All findings that `find` reports.
    pub fn of<T>(find: impl FnOnce(&mut dyn FnMut(&dyn AnyFinding) -> ControlFlow<()>) -> T) -> Self {
        let mut found = Self::default();
        find(&mut |finding| found.add(finding));
        found
    }

    /// Counts a finding; the first ones are listed, and in any case the first error.
    pub fn add(&mut self, finding: &dyn AnyFinding) -> ControlFlow<()> {
        let listed = self.tally.count(finding.severity());
        if listed || finding.severity() == Severity::Error && self.tally.errors == 1 {
            self.reports.push(Report::from(finding));
        }
        ControlFlow::Continue(())
    }

    /// The same with the counts of a check that counts by itself, and reports only what is listed.
    pub fn counted(self, tally: Tally) -> Self {
        Self { tally, ..self }
    }

    /// Appends other findings of the same file.
    pub fn and(mut self, other: Self) -> Self {
        self.reports.extend(other.reports);
        self.tally.errors = self.tally.errors.saturating_add(other.tally.errors);
        self.tally.warnings = self.tally.warnings.saturating_add(other.tally.warnings);
        self
    }

    /// Number of findings.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// The first error.
    pub fn first_error(&self) -> Option<&Report> {
        self.reports.iter().find(|report| report.severity == Severity::Error)
    }

    /// The listed findings. If there are more, the last one reports that: made here for all formats.
    pub fn reports(&self) -> Vec<Report> {
        let Tally { errors, warnings } = self.tally;
        let more = self.tally.total().saturating_sub(self.reports.len() as u64);
        let unlisted = (more != 0).then(|| Report {
            severity: if errors == 0 { Severity::Warning } else { Severity::Error },
            code: "unlisted",
            field: "file".into(),
            offset: 0,
            found: self.tally.total(),
            expected: format!("at most {MAX_LISTED}"),
            message: format!("{more} more findings: {errors} errors and {warnings} warnings in total"),
        });
        self.reports.iter().cloned().chain(unlisted).collect()
    }
}

impl From<Report> for Findings {
    fn from(report: Report) -> Self {
        let mut tally = Tally::default();
        tally.count(report.severity);
        Self { reports: vec![report], tally }
    }
}
