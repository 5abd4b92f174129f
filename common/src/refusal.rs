use crate::{Finding, Rule};

/// How much a check returns when it refuses: the [`Finding`], or, as `()`, only the fact.
///
/// A check that is generic over this is written once and compiled twice. With `()`, only its guards remain:
/// that is the path of a well-formed file. A file that they refuse is checked again for the finding, in a
/// separate function, so that building findings costs well-formed files neither registers nor time.
///
/// ```
/// execfmt_common::rules! {
///     /// What can be wrong with a greeting.
///     pub enum GreetingRule for &'static str, in greeting_facts {
///         /// The first byte is not `H`.
///         BadFirst = 9000, EXECFMT_GREETING_E_FIRST, Error, "bad_first", "greeting: it does not begin with H",
///             |finding, f| write!(f, "{:#x} is not 'H'", finding.found);
///     }
/// }
/// use execfmt_common::{Expected, Finding, Refusal};
///
/// fn greeting<E: Refusal<GreetingRule>>(text: &[u8]) -> Result<(), E> {
///     match text {
///         [b'H', ..] => Ok(()),
///         _ => Err(E::new(|| Finding {
///             rule: GreetingRule::BadFirst,
///             field: "text",
///             offset: 0,
///             found: text.first().copied().unwrap_or(0).into(),
///             expected: Expected::Exactly(b'H'.into()),
///         })),
///     }
/// }
/// assert_eq!(greeting::<()>(b"Hello"), Ok(()));
/// assert_eq!(greeting::<()>(b"hello"), Err(()));
/// let finding: Finding<GreetingRule> = greeting(b"hello").unwrap_err();
/// assert_eq!(finding.to_string(), "text at byte 0: 0x68 is not 'H'");
/// ```
pub trait Refusal<R: Rule>: Sized {
    /// The same amount, for another list of rules.
    type Of<T: Rule>: Refusal<T>;

    /// Refuses.
    fn new(finding: impl FnOnce() -> Finding<R>) -> Self;

    /// Refuses with a refusal from another list of rules.
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
