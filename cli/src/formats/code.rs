//! Findings that a crate hands out as values, of a COFF file or of MIPS code, up to the number that is listed.

use std::ops::ControlFlow;

use execfmt_common::{Finding, Rule};

use crate::findings::Findings;

/// Collects what `find` reports.
pub(crate) fn findings<R: Rule, T>(
    find: impl FnOnce(&mut dyn FnMut(Finding<R>) -> ControlFlow<()>) -> T,
) -> Findings {
    Findings::of(|report| find(&mut |finding| report(&finding)))
}
