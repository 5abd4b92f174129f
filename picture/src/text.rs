//! Text in pictures: fitting it into a width, and escaping markup.

use std::fmt::Write as _;

/// Width of the widest letter of common monospaced fonts at 12 pixels. Text is never measured.
pub(crate) const LETTER: f64 = 7.44;

/// Number of letters that fit into a width.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most the width of a picture, and not negative"
)]
pub(crate) fn letters(width: f64) -> usize {
    (width / LETTER).max(0.0) as usize
}

/// A name, with its middle omitted if it is too long.
pub(crate) fn shortened(name: &str, most: usize) -> String {
    let letters: Vec<char> = visible(name).chars().collect();
    if letters.len() <= most {
        return letters.into_iter().collect();
    }
    let half = most.saturating_sub(1) / 2;
    let start: String = letters.iter().take(most.saturating_sub(half).saturating_sub(1)).collect();
    let end: String = letters.iter().skip(letters.len().saturating_sub(half)).collect();
    format!("{start}…{end}")
}

/// Text in lines of limited length, broken at blanks if there are any. If there are more than `most` lines,
/// the last one ends in an ellipsis.
pub(crate) fn wrapped(text: &str, width: usize, most: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in visible(text).split(' ') {
        let used = line.chars().count();
        if used != 0 && used.saturating_add(1).saturating_add(word.chars().count()) > width {
            lines.push(std::mem::take(&mut line));
        } else if used != 0 {
            line.push(' ');
        }
        for letter in word.chars() {
            if line.chars().count() >= width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
    }
    lines.push(line);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = last.chars().take(width.saturating_sub(1)).chain(std::iter::once('…')).collect();
        }
    }
    lines
}

/// A precision of a tenth of a pixel is enough.
pub(crate) fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(String::from).unwrap_or(text)
}

/// Text without characters that XML forbids or a reader cannot see. Visible characters are unchanged.
fn visible(text: &str) -> String {
    let mut visible = String::new();
    for c in text.chars() {
        match c {
            '\u{20}'..='\u{7e}' | '…' | '▲' | '△' => visible.push(c),
            c if c.is_alphanumeric() => visible.push(c),
            c => _ = write!(visible, "\\u{{{:x}}}", u32::from(c)),
        }
    }
    visible
}

/// The same, with markup escaped.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in visible(text).chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => _ = write!(escaped, "&#{};", u32::from(c)),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{shortened, wrapped};

    #[test]
    fn lines_are_as_long_as_they_may_be() {
        for (text, width, most, expected) in [
            ("one two three", 7, 9, &["one two", "three"][..]),
            ("one", 3, 1, &["one"]),
            ("abcdefgh i", 3, 9, &["abc", "def", "gh", "i"]),
            ("one two three", 5, 2, &["one", "two…"]),
            ("", 5, 2, &[""]),
        ] {
            assert_eq!(wrapped(text, width, most), expected, "{text}");
        }
        assert_eq!(shortened("room to expand", 9), "room…pand");
    }
}
