//! Findings of a COFF file or of MIPS code as reports, up to the number that is listed of one file.

use std::ops::ControlFlow;

use execfmt_common::{Finding, Rule, Tally};

use crate::diagnostics::Report;

/// Collects what `find` reports: the first findings, and the first error in any case. The last one says that there are
/// more.
pub(crate) fn reports<R: Rule, T>(
    find: impl FnOnce(&mut dyn FnMut(Finding<R>) -> ControlFlow<()>) -> T,
) -> Vec<Report> {
    let (mut reports, mut tally) = (Vec::new(), Tally::default());
    find(&mut |finding| {
        let listed = tally.count(finding.severity());
        if listed || finding.is_error() && tally.errors == 1 {
            reports.push(Report::from(&finding));
        }
        ControlFlow::Continue(())
    });
    if let Some(last) = reports.last_mut().filter(|_| tally.unlisted() > 0) {
        last.message += &format!(" ({} findings more are not listed)", tally.unlisted());
    }
    reports
}
