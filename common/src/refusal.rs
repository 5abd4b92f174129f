use crate::{Finding, Rule};

/// How much a check says when it refuses: the [`Finding`], or, as `()`, only that it does.
///
/// A check that is generic over this is written once and compiled twice. With `()`, only the guards are left of it: that is
/// what a well-formed file goes through. A file that they refuse is checked again for the finding, in a function of its
/// own, so that building a finding takes no registers and no time of the files that have none.
pub trait Refusal<R: Rule>: Sized {
    /// As much, of another list of rules.
    type Of<T: Rule>: Refusal<T>;

    /// Refuses.
    fn new(finding: impl FnOnce() -> Finding<R>) -> Self;

    /// Refuses what another list of rules refuses.
    fn translated<T: Rule>(other: Self::Of<T>, translate: impl FnOnce(Finding<T>) -> Finding<R>) -> Self;
}

impl<R: Rule> Refusal<R> for Finding<R> {
    type Of<T: Rule> = Finding<T>;

    fn new(finding: impl FnOnce() -> Self) -> Self {
        finding()
    }

    fn translated<T: Rule>(other: Finding<T>, translate: impl FnOnce(Finding<T>) -> Self) -> Self {
        translate(other)
    }
}

impl<R: Rule> Refusal<R> for () {
    type Of<T: Rule> = ();

    #[inline(always)]
    fn new(_: impl FnOnce() -> Finding<R>) -> Self {}

    #[inline(always)]
    fn translated<T: Rule>((): (), _: impl FnOnce(Finding<T>) -> Finding<R>) -> Self {}
}
