//! JSON on its way to a terminal or a pipe.

use std::io;

use execfmt_common::is_harmful;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// A value on one line. What a terminal obeys is written as `\uXXXX`, so that the text is the same for a program.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Harmless))?;
    Ok(())
}

struct Harmless;

impl Formatter for Harmless {
    /// A part of a string without what JSON itself escapes: quotes, backslashes and the first 32 characters.
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_harmful(*c)) {
            let (before, from) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))?;
            rest = from.get(c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn a_program_reads_the_same_text() {
        for text in ["plain", "\u{1b}[31m\n\0\"\\", "a\u{7f}b\u{9b}c\u{202e}d\u{e0041}", "grün \u{1f600}"] {
            let mut line = Vec::new();
            write(&mut line, &text).unwrap();
            assert_eq!(serde_json::from_slice::<String>(&line).unwrap(), text);
            let line = String::from_utf8(line).unwrap();
            assert!(!line.chars().any(execfmt_common::is_harmful), "{line}");
        }
    }
}
