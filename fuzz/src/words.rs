//! What findings and errors say: they can always be shown, and have a cause that can be shown, too.

use std::error::Error;

use execfmt_common::{AnyFinding, Rule};

/// An error, and each that it was caused by.
pub(crate) fn error(error: &dyn Error) {
    let mut next = Some(error);
    while let Some(error) = next {
        assert!(!error.to_string().is_empty());
        next = error.source();
    }
}

/// A finding: a sentence, and advice where there is some.
pub(crate) fn finding(finding: &dyn AnyFinding) {
    let sentence = finding.to_string();
    assert!(sentence.contains(&finding.field().to_string()), "{sentence}");
    assert!(
        finding.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    );
    assert!(finding.advice().is_none_or(|advice| !advice.to_string().is_empty()));
}

/// A rule is found again by the numbers that C has for it.
pub(crate) fn rule<R: Rule>(rule: R) {
    assert_eq!(R::from_number(rule.number(), rule.detail()), Some(rule));
}
