//! Text.

use crate::FileKind;

/// Number of bytes that are examined.
const LOOKED_AT: usize = 512;

pub(crate) fn detect(start: &[u8]) -> Option<FileKind> {
    is_text(start.get(..LOOKED_AT).unwrap_or(start)).then_some(FileKind::Text)
}

/// UTF-8 without control characters, except white space and terminal escapes.
fn is_text(start: &[u8]) -> bool {
    let text = match core::str::from_utf8(start) {
        Ok(text) => text,
        // The last character may be incomplete.
        Err(error) if error.error_len().is_none() => {
            let valid = start.get(..error.valid_up_to()).unwrap_or_default();
            core::str::from_utf8(valid).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let allowed = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}');
    !text.is_empty() && text.chars().all(allowed)
}
