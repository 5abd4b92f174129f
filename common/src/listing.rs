//! What a check does with its findings: all are counted, and up to a limit they are passed on.

use core::ops::ControlFlow;

use crate::finding::{AnyFinding, Severity, Tally};

/// Counts findings, and passes on those that are to be listed.
pub struct Listing<'a> {
    found: &'a mut dyn FnMut(&dyn AnyFinding) -> ControlFlow<()>,
    broken: bool,
    tally: Tally,
    first_error: Option<i32>,
}

impl<'a> Listing<'a> {
    /// A list for `found`, which is called until it breaks.
    pub fn new(found: &'a mut dyn FnMut(&dyn AnyFinding) -> ControlFlow<()>) -> Self {
        Self { found, broken: false, tally: Tally { errors: 0, warnings: 0 }, first_error: None }
    }

    /// Counts a finding, and passes it on when it is among the first [`MAX_LISTED`](crate::MAX_LISTED).
    pub fn add(&mut self, finding: &dyn AnyFinding) {
        if finding.severity() == Severity::Error && self.first_error.is_none() {
            self.first_error = Some(finding.number());
        }
        if self.tally.count(finding.severity()) && !self.broken {
            self.broken = (self.found)(finding).is_break();
        }
    }

    /// Number of findings.
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// Rule number of the first error, which is a status code in C.
    pub const fn first_error(&self) -> Option<i32> {
        self.first_error
    }
}
