use core::any::Any;
use core::fmt;

use crate::{Advice, Row};

/// The severity of a [`Finding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Unusual: no real file has it, or some loaders handle it incorrectly. The file is still accepted.
    Warning,
    /// The file breaks a rule and is refused.
    Error,
}

impl Severity {
    /// `"warning"` or `"error"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The values that would have been accepted instead of the one found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expected {
    /// This value and no other.
    Exactly(u64),
    /// Either of the two.
    Either(u64, u64),
    /// At least this value.
    AtLeast(u64),
    /// At most this value.
    AtMost(u64),
    /// A multiple of this value.
    MultipleOf(u64),
    /// Any value except this one, where no single bound is available.
    AnythingBut(u64),
}

impl Expected {
    /// The bound as a number: for [`Either`](Self::Either), the first.
    pub const fn bound(self) -> u64 {
        match self {
            Self::Exactly(n) | Self::Either(n, _) => n,
            Self::AtLeast(n) | Self::AtMost(n) | Self::MultipleOf(n) | Self::AnythingBut(n) => n,
        }
    }

    /// True when `found` meets the expectation.
    #[inline(always)]
    pub const fn allows(self, found: u64) -> bool {
        match self {
            Self::Exactly(n) => found == n,
            Self::Either(a, b) => found == a || found == b,
            Self::AtLeast(n) => found >= n,
            Self::AtMost(n) => found <= n,
            Self::MultipleOf(n) => matches!(found.checked_rem(n), Some(0)),
            Self::AnythingBut(n) => found != n,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(n) => write!(f, "{n:#x}"),
            Self::Either(a, b) => write!(f, "{a} or {b}"),
            Self::AtLeast(n) => write!(f, "at least {n}"),
            Self::AtMost(n) => write!(f, "at most {n}"),
            Self::MultipleOf(n) => write!(f, "a multiple of {n}"),
            Self::AnythingBut(n) => write!(f, "anything but {n}"),
        }
    }
}

/// A format's list of the rules that its files can break, declared with [`rules!`](crate::rules).
pub trait Rule: Copy + Eq + fmt::Debug {
    /// Identifies a field of the format. Displayed by its name in the format's specification.
    type Field: Copy + Eq + fmt::Debug + fmt::Display + 'static;

    /// All rules, as declared.
    const TABLE: &'static [Row];

    /// The rules' numbers, in table order.
    const NUMBERS: &'static [i32];

    /// The rules' sentences for C in the same order, each terminated by a NUL.
    const SENTENCES: &'static str;

    /// The stable name of the rule in snake case, for programs to act on.
    fn code(self) -> &'static str;

    /// Whether a file that breaks the rule is refused.
    fn severity(self) -> Severity;

    /// The rule's number, which is a status code in C.
    fn number(self) -> i32;

    /// The number of the rule's detail; 0 when it has none.
    fn detail(self) -> u32;

    /// The rule with a number and a detail.
    fn from_number(number: i32, detail: u32) -> Option<Self>;

    /// Writes the sentence that explains the finding, without the field, its offset or a closing full stop.
    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// What to do next, if the rule provides it as a value.
    fn advice(finding: &Finding<Self>) -> Option<Advice>;
}

/// An error or a warning about a file: the rule that it breaks, the field, the field's file offset, the value
/// found and the value expected.
///
/// A plain value: no allocation, `Copy`, comparable. [`Display`](fmt::Display) gives a sentence such as
///
/// ```text
/// initData.size at byte 24: the segment ends at byte 5000 of a file of 408 bytes; …
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding<R: Rule> {
    /// The rule.
    pub rule: R,
    /// The field that breaks it.
    pub field: R::Field,
    /// File offset of the field, in bytes.
    pub offset: u64,
    /// The value found.
    pub found: u64,
    /// The values that would have been accepted.
    pub expected: Expected,
}

impl<R: Rule> Finding<R> {
    /// The severity of the rule.
    pub fn severity(&self) -> Severity {
        self.rule.severity()
    }

    /// True when the file is refused because of this.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}

impl<R: Rule> fmt::Display for Finding<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: ", self.field, self.offset)?;
        R::explain(self, f)?;
        R::advice(self).map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}

impl<R: Rule> core::error::Error for Finding<R> {}

/// A finding of any format. Checks of a whole file report through this trait, since a file is checked by the
/// rules of its format, of a kernel and of a compression, which are different types.
pub trait AnyFinding: fmt::Display {
    /// The severity of the rule.
    fn severity(&self) -> Severity;

    /// The stable name of the rule in snake case.
    fn code(&self) -> &'static str;

    /// The rule's number, which is a status code in C.
    fn number(&self) -> i32;

    /// The number of the rule's detail; 0 when it has none.
    fn detail(&self) -> u32;

    /// The field that breaks the rule.
    fn field(&self) -> &dyn fmt::Display;

    /// The same as a value of the format's own type, for callers that number fields.
    fn field_value(&self) -> &dyn Any;

    /// File offset of the field, in bytes.
    fn offset(&self) -> u64;

    /// The value found.
    fn found(&self) -> u64;

    /// The values that would have been accepted.
    fn expected(&self) -> Expected;

    /// Writes the explanation, without field, offset, advice or closing full stop.
    fn explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// What to do next.
    fn advice(&self) -> Option<Advice>;
}

impl<R: Rule> AnyFinding for Finding<R> {
    fn severity(&self) -> Severity {
        self.rule.severity()
    }

    fn code(&self) -> &'static str {
        self.rule.code()
    }

    fn number(&self) -> i32 {
        self.rule.number()
    }

    fn detail(&self) -> u32 {
        self.rule.detail()
    }

    fn field(&self) -> &dyn fmt::Display {
        &self.field
    }

    fn field_value(&self) -> &dyn Any {
        &self.field
    }

    fn offset(&self) -> u64 {
        self.offset
    }

    fn found(&self) -> u64 {
        self.found
    }

    fn expected(&self) -> Expected {
        self.expected
    }

    fn explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        R::explain(self, f)
    }

    fn advice(&self) -> Option<Advice> {
        R::advice(self)
    }
}

/// Maximum number of findings that are listed for one file; the others are only counted.
pub const MAX_LISTED: u64 = 1000;

/// Counts findings, and determines which of them are listed: the same limit for all formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of errors.
    pub errors: u64,
    /// Number of warnings.
    pub warnings: u64,
}

impl Tally {
    /// Counts a finding. Returns true when it is among the first [`MAX_LISTED`].
    pub const fn count(&mut self, severity: Severity) -> bool {
        match severity {
            Severity::Error => self.errors = self.errors.saturating_add(1),
            Severity::Warning => self.warnings = self.warnings.saturating_add(1),
        }
        self.total() <= MAX_LISTED
    }

    /// Number of findings.
    pub const fn total(&self) -> u64 {
        self.errors.saturating_add(self.warnings)
    }

    /// Number of findings that were counted but not listed.
    pub const fn unlisted(&self) -> u64 {
        self.total().saturating_sub(MAX_LISTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_allows_what_it_says() {
        for (expected, inside, outside) in [
            (Expected::Exactly(7), 7, 8),
            (Expected::Either(40, 52), 52, 41),
            (Expected::AtLeast(4), 4, 3),
            (Expected::AtMost(4), 4, 5),
            (Expected::MultipleOf(16), 32, 33),
        ] {
            assert!(expected.allows(inside), "{expected} allows {inside}");
            assert!(!expected.allows(outside), "{expected} refuses {outside}");
        }
        assert!(
            !Expected::MultipleOf(0).allows(0),
            "no number is a multiple of nothing, and none divides by it"
        );
    }

    #[test]
    fn tally_lists_the_first_thousand() {
        let mut tally = Tally::default();
        let listed =
            (0..1500).filter(|i| tally.count(if i % 2 == 0 { Severity::Error } else { Severity::Warning }));
        assert_eq!(listed.count(), 1000);
        assert_eq!((tally.errors, tally.warnings, tally.unlisted()), (750, 750, 500));
    }
}
