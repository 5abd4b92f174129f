//! From bytes to tokens. Source: specification section 1.

use core::str;

use unicode_ident::{is_xid_continue, is_xid_start};

use crate::error::Cause;
use crate::source::Span;
use crate::text;

/// The words of the grammar.
pub const KEYWORDS: [&str; 13] = [
    "capreg", "def", "do", "else", "enum", "export", "if", "import", "module", "new", "print", "return",
    "while",
];

/// Reserved words, which cannot be names. So are all that begin with `__`.
pub const RESERVED: [&str; 5] = ["external", "false", "for", "lambda", "true"];

/// The operators and punctuation marks; of two with the same beginning the longer one comes first.
pub const OPERATORS: [&str; 22] = [
    "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "=", ".", ",", ";", "(", ")", "[", "]",
    "{", "}",
];

/// The tokens of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A name.
    Identifier(&'a str),
    /// One of [`KEYWORDS`].
    Keyword(&'a str),
    /// A reserved word, which can be used only in the names of modules.
    Reserved(&'a str),
    /// Digits with their prefix.
    Number(&'a str),
    /// The text between the quotes, with undecoded escapes.
    Text(&'a str),
    /// One of [`OPERATORS`].
    Operator(&'static str),
    /// The end of the file.
    End,
}

#[derive(Clone, Debug)]
pub(crate) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Lexed<T> = Result<T, (Cause, Span)>;

impl<'a> Lexer<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.bytes.len());
    }

    /// Skips what is between tokens. A comment may contain any bytes, and may end at the end of the file.
    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let length = match rest {
                [b' ' | b'\t' | b'\n' | b'\r', ..] => 1,
                [b'/', b'/', ..] => {
                    rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
                }
                [b'/', b'*', body @ ..] => match body.windows(2).position(|pair| pair == b"*/") {
                    Some(end) => end.saturating_add(4),
                    None => rest.len(),
                },
                _ => return,
            };
            self.skip(length);
        }
    }

    /// The first character of some bytes, if they begin with a valid one.
    fn character(bytes: &[u8]) -> Option<char> {
        let length = match bytes.first()? {
            0..=0x7f => 1,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        str::from_utf8(bytes.get(..length)?).ok()?.chars().next()
    }

    /// Number of leading bytes that are characters from a set.
    fn run(&self, belongs: impl Fn(char) -> bool) -> usize {
        let (rest, mut length) = (self.rest(), 0_usize);
        while let Some(c) = rest.get(length..).and_then(Self::character).filter(|&c| belongs(c)) {
            length = length.saturating_add(c.len_utf8());
        }
        length
    }

    /// Consumes bytes that are known to be characters.
    fn take(&mut self, length: usize) -> (&'a str, Span) {
        let taken =
            self.rest().get(..length).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default();
        let start = self.at;
        self.skip(length);
        (taken, Span { start, end: self.at })
    }

    pub(crate) fn next(&mut self) -> Lexed<(Token<'a>, Span)> {
        self.skip_blanks();
        let rest = self.rest();
        let Some(&first) = rest.first() else {
            return Ok((Token::End, Span { start: self.at, end: self.at }));
        };
        if let Some(operator) = OPERATORS.into_iter().find(|operator| rest.starts_with(operator.as_bytes())) {
            return Ok((Token::Operator(operator), self.take(operator.len()).1));
        }
        match first {
            b'"' => self.text(),
            b'0'..=b'9' => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Lexed<(Token<'a>, Span)> {
        let first = Self::character(self.rest());
        if !first.is_some_and(|c| c == '_' || is_xid_start(c)) {
            let span = Span { start: self.at, end: self.at.saturating_add(first.map_or(1, char::len_utf8)) };
            return Err((first.map_or(Cause::NotUtf8, Cause::UnknownCharacter), span));
        }
        let (word, span) = self.take(self.run(is_xid_continue));
        let token = if KEYWORDS.contains(&word) {
            Token::Keyword(word)
        } else if RESERVED.contains(&word) || word.starts_with("__") {
            Token::Reserved(word)
        } else {
            Token::Identifier(word)
        };
        Ok((token, span))
    }

    /// A number extends over all letters and digits that follow, so that `08` and `1a` are not read as two
    /// tokens.
    fn number(&mut self) -> Lexed<(Token<'a>, Span)> {
        let (digits, span) = self.take(self.run(|c| c == '_' || is_xid_continue(c)));
        let (radix, of_radix) = radix(digits);
        if of_radix.is_empty() || !of_radix.chars().all(|digit| digit.is_digit(radix)) {
            return Err((Cause::BadNumber { text: digits.into(), radix }, span));
        }
        Ok((Token::Number(digits), span))
    }

    fn text(&mut self) -> Lexed<(Token<'a>, Span)> {
        let rest = self.rest();
        let body = rest.get(1..).unwrap_or_default();
        let (mut length, mut escaped) = (0_usize, false);
        loop {
            match body.get(length) {
                None | Some(b'\n' | b'\r') => {
                    let end = self.at.saturating_add(length).saturating_add(1);
                    return Err((Cause::StringOpen, Span { start: self.at, end }));
                }
                Some(b'"') if !escaped => break,
                Some(byte) => escaped = *byte == b'\\' && !escaped,
            }
            length = length.saturating_add(1);
        }
        let start = self.at.saturating_add(1);
        let bytes = body.get(..length).unwrap_or_default();
        let raw = str::from_utf8(bytes).map_err(|error| {
            let at = start.saturating_add(error.valid_up_to());
            (Cause::NotUtf8, Span { start: at, end: at.saturating_add(1) })
        })?;
        text::check(raw).map_err(|(cause, from, to)| {
            (cause, Span { start: start.saturating_add(from), end: start.saturating_add(to) })
        })?;
        let span = self.take(length.saturating_add(2)).1;
        Ok((Token::Text(raw), span))
    }
}

/// The radix of a number, and its digits without the prefix.
pub(crate) fn radix(digits: &str) -> (u32, &str) {
    match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(rest) => (16, rest),
        None if digits.starts_with('0') => (8, digits),
        None => (10, digits),
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn tokens(text: &[u8]) -> Vec<Token<'_>> {
        let mut lexer = Lexer::new(text);
        let mut tokens = Vec::new();
        loop {
            match lexer.next().expect("tokens").0 {
                Token::End => return tokens,
                token => tokens.push(token),
            }
        }
    }

    #[test]
    fn tokens_need_no_blanks_between_them() {
        let expected = [
            Token::Keyword("print"),
            Token::Identifier("a"),
            Token::Operator("!="),
            Token::Number("0x1F"),
            Token::Operator("<="),
            Token::Operator("-"),
            Token::Text("b\\\"c"),
            Token::Operator(";"),
            Token::Reserved("__x"),
            Token::Reserved("true"),
            Token::Identifier("é_1"),
        ];
        assert_eq!(tokens("print a!=0x1F<=-\"b\\\"c\";__x true é_1".as_bytes()), expected);
    }

    #[test]
    fn comments_hold_any_bytes_and_may_be_open() {
        assert_eq!(tokens(b"a// \xff\rb/* * / \xfe */c"), ["a", "b", "c"].map(Token::Identifier));
        assert_eq!(tokens(b"a /* b"), [Token::Identifier("a")]);
        assert_eq!(tokens(b"a // b"), [Token::Identifier("a")]);
    }

    #[test]
    fn what_begins_no_token_is_an_error_at_its_place() {
        for (text, start, end) in [
            ("a & b", 2, 3),
            ("1a", 0, 2),
            ("08", 0, 2),
            ("0x", 0, 2),
            ("é €", 3, 6),
            ("\"abc", 0, 4),
            ("\"ab\nc\"", 0, 3),
            ("\"a\\q\"", 2, 4),
            ("\0", 0, 1),
        ] {
            let mut lexer = Lexer::new(text.as_bytes());
            let span = loop {
                match lexer.next() {
                    Ok((Token::End, _)) => panic!("{text:?} has no error"),
                    Ok(_) => {}
                    Err((_, span)) => break span,
                }
            };
            assert_eq!(span, Span { start, end }, "{text:?}");
        }
    }
}
