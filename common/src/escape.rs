use core::fmt;

/// Bytes that come from a file or a user (a name, a path, a symbol, a line) as text that cannot control a
/// terminal and stays on its line: control characters, bidirectional marks, and zero-width characters appear
/// as `
/// ` or `\u{1b}`, and invalid UTF-8 as `\xff`. Everything else is unchanged, including backslashes, so
/// escaping twice is the same as once.
///
/// ```
/// use execfmt_common::Escaped;
///
/// assert_eq!(Escaped::of("a\u{1b}[31m\nb").to_string(), r"a\u{1b}[31m\nb");
/// assert_eq!(Escaped::of(b"caf\xe9").to_string(), r"caf\xe9");
/// assert_eq!(Escaped::of("grün").to_string(), "grün");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(&'a [u8]);

impl<'a> Escaped<'a> {
    /// The bytes, which may be text or not.
    pub fn of(bytes: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self(bytes.as_ref())
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            let mut rest = chunk.valid();
            // Runs of harmless text are written at once.
            while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_harmful(*c)) {
                f.write_str(rest.get(..at).unwrap_or_default())?;
                match c {
                    '\n' => f.write_str("\\n"),
                    '\r' => f.write_str("\\r"),
                    '\t' => f.write_str("\\t"),
                    '\0' => f.write_str("\\0"),
                    other => write!(f, "{}", other.escape_unicode()),
                }?;
                rest = rest.get(at.saturating_add(c.len_utf8())..).unwrap_or_default();
            }
            f.write_str(rest)?;
            chunk.invalid().iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))?;
        }
        Ok(())
    }
}

/// True for a character that controls a terminal or makes text look different: control characters, line and
/// paragraph separators, bidirectional marks, zero-width characters, tags.
pub const fn is_harmful(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::ToString as _;

    use super::*;

    #[test]
    fn nothing_harmful_is_left_and_the_rest_stays() {
        for (bytes, text) in [
            (&b"plain \\ text"[..], "plain \\ text"),
            (b"", ""),
            (b"\0\t\r\n\x07\x7f", "\\0\\t\\r\\n\\u{7}\\u{7f}"),
            ("\u{9b}31m".as_bytes(), "\\u{9b}31m"),
            ("a\u{202e}b\u{2066}c\u{200f}".as_bytes(), "a\\u{202e}b\\u{2066}c\\u{200f}"),
            (b"\xff\xc3", "\\xff\\xc3"),
            (b"a\xe2\x80", "a\\xe2\\x80"),
            ("\u{e0041}\u{feff}".as_bytes(), "\\u{e0041}\\u{feff}"),
        ] {
            let escaped = Escaped::of(bytes).to_string();
            assert_eq!(escaped, text);
            assert_eq!(Escaped::of(&escaped).to_string(), escaped, "twice changes nothing");
            assert!(!escaped.chars().any(is_harmful));
        }
    }
}
