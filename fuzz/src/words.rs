//! What findings, errors, notes and advice say: they can always be shown, and have a cause that can be shown, too.

use std::error::Error;
use std::fmt::Display;

use execfmt_common::{Advice, AnyFinding, Rule};
use execfmt_detect::{FileKind, detect};

use crate::view::is_obeyed;

/// The most causes of one error, one of the other.
const MOST_CAUSES: usize = 8;

/// A sentence: it is there, and no terminal obeys it.
pub(crate) fn said(what: &dyn Display) -> String {
    let text = what.to_string();
    assert!(!text.trim().is_empty(), "nothing is said");
    assert!(!text.chars().any(is_obeyed), "{text:?}");
    text
}

/// An error, and each that it was caused by.
pub(crate) fn error(error: &dyn Error) {
    let mut next = Some(error);
    for _ in 0..MOST_CAUSES {
        let Some(error) = next else { return };
        said(error);
        next = error.source();
    }
    assert!(next.is_none(), "the causes of {error} do not end");
}

/// A finding: a sentence that names the field and its place, and ends with the advice where there is some.
pub(crate) fn finding(finding: &dyn AnyFinding) {
    let sentence = said(finding);
    assert!(
        sentence.starts_with(&format!("{} at byte {}: ", finding.field(), finding.offset())),
        "{sentence}"
    );
    assert!(
        !finding.expected().allows(finding.found()),
        "{} is what is expected of {sentence}",
        finding.found()
    );
    assert_eq!(finding.severity().to_string(), finding.severity().name());
    assert!(
        finding.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    );
    assert!(finding.advice().is_none_or(|it| sentence.ends_with(&advice(&it))), "{sentence}");
}

/// What to do next: something to do, which is no sentence of its own.
pub(crate) fn advice(advice: &Advice) -> String {
    let text = said(advice);
    assert!(!text.ends_with('.') && text.starts_with(|first: char| first.is_ascii_lowercase()), "{text}");
    text
}

/// What a file is, by its first bytes or by all of them, and what to do with it.
pub(crate) fn kind(bytes: &[u8]) {
    let length = bytes.len() as u64;
    for start in [bytes, &bytes[..bytes.len().min(512)]] {
        let kind = detect(start, length);
        said(&kind);
        kind.advice().iter().for_each(|it| _ = advice(it));
        assert_eq!(kind == FileKind::Empty, bytes.is_empty());
    }
}

/// A rule is found again by the numbers that C has for it.
pub(crate) fn rule<R: Rule>(rule: R) {
    assert_eq!(R::from_number(rule.number(), rule.detail()), Some(rule));
}

/// What a format calls the rule of a finding of any format, by the numbers that C has for it.
pub(crate) fn code_in<R: Rule>(finding: &dyn AnyFinding) -> Option<&'static str> {
    let rule = R::from_number(finding.number(), finding.detail())?;
    // A refusal by a kernel that nobody asked for is a warning.
    assert!(finding.severity() <= rule.severity() && finding.detail() == rule.detail());
    Some(rule.code())
}
