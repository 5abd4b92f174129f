//! The contents of strings: kept as in the script, and decoded when printed.

use alloc::string::String;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

use crate::error::Cause;

/// The one-letter escapes, and the characters they denote.
pub const ESCAPES: [(char, char); 8] = [
    ('n', '\n'),
    ('t', '\t'),
    ('r', '\r'),
    ('b', '\u{8}'),
    ('s', ' '),
    ('f', '\u{c}'),
    ('"', '"'),
    ('\\', '\\'),
];

/// The character an escape denotes, and the escape's length in bytes. `rest` begins after the backslash.
fn escape(rest: &str) -> Option<(char, usize)> {
    let first = rest.chars().next()?;
    if let Some(&(_, meaning)) = ESCAPES.iter().find(|(letter, _)| *letter == first) {
        return Some((meaning, 1));
    }
    let digits = rest.strip_prefix("{U+")?.split_once('}')?.0;
    // `from_str_radix` would accept a sign.
    let number =
        digits.chars().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16));
    Some((char::from_u32(number?.ok()?)?, digits.len().saturating_add(4)))
}

/// Accepts only blanks, graphic characters and escapes.
///
/// # Errors
/// What was found instead, and its range in bytes.
pub(crate) fn check(raw: &str) -> Result<(), (Cause, usize, usize)> {
    let mut at = 0_usize;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(c) = rest.chars().next() else { break };
        let mut next = at.saturating_add(c.len_utf8());
        if c == '\\' {
            let after = raw.get(next..).unwrap_or_default();
            let Some((_, length)) = escape(after) else {
                let end = next.saturating_add(after.chars().next().map_or(0, char::len_utf8));
                return Err((Cause::UnknownEscape, at, end));
            };
            next = next.saturating_add(length);
        } else if c != ' ' {
            let group = c.general_category_group();
            if matches!(group, GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator) {
                return Err((Cause::StringCharacter(c), at, next));
            }
        }
        at = next;
    }
    Ok(())
}

/// The text that a checked string denotes.
pub(crate) fn decoded(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let Some((meaning, length)) = escape(after) else { break };
        text.push(meaning);
        rest = after.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_checked_and_decoded() {
        let raw = r#"a\n\t\r\b\s\f\"\\\{U+e9}\{U+1F600}z"#;
        assert_eq!(check(raw), Ok(()));
        assert_eq!(decoded(raw), "a\n\t\r\u{8} \u{c}\"\\é\u{1F600}z");
    }

    #[test]
    fn other_escapes_and_control_characters_are_refused() {
        for (raw, at) in [
            ("ab\\q", 2),
            ("\\{U+}", 0),
            ("\\{U+d800}", 0),
            ("\\{U+110000}", 0),
            ("\\{U++41}", 0),
            ("\\{U+41", 0),
            ("\\", 0),
            ("a\tb", 1),
            ("a\u{a0}", 1),
            ("\u{200e}", 0),
        ] {
            assert_eq!(check(raw).map_err(|(_, from, _)| from), Err(at), "{raw:?}");
        }
    }
}
