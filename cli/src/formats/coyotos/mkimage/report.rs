//! Errors of scripts, with the line concerned.

use std::io::{self, Write as _};

use annotate_snippets::{Level, Renderer, Snippet};
use coyotos_mkimage::{Error, Location};
use execfmt_common::{Escaped, is_harmful};

use crate::diagnostics::shown;
use crate::invocation::Applet;

/// Text that a script prints, for a terminal: its lines and tabs are unchanged, other control characters are
/// escaped as everywhere.
pub(super) fn printed(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for piece in text.split_inclusive(['\n', '\t']) {
        let end = piece.trim_end_matches(['\n', '\t']);
        safe += &Escaped::of(end).to_string();
        safe += piece.get(end.len()..).unwrap_or_default();
    }
    safe
}

/// Prints an error with the line of the script, the calls that led to it, and advice.
pub(super) fn print(error: &Error, advice: Option<&str>) -> io::Result<()> {
    let title = shown(&error.cause().to_string());
    let line = error.at().and_then(Line::of);
    let mut notes = Vec::new();
    if let (Some(at), None) = (error.at(), &line) {
        notes.push(shown(&format!("at {}:{}:{}", at.file, at.line, at.column)));
    }
    notes.extend(calls(error));
    notes.extend(advice.map(shown));
    let mut message = Level::Error.title(&title);
    if let Some(line) = &line {
        let snippet = Snippet::source(&line.text).line_start(line.number).origin(&line.file);
        message = message.snippet(snippet.annotation(Level::Error.span(line.from..line.to)));
    }
    message = message.footers(notes.iter().map(|note| Level::Note.title(note)));
    let text = Renderer::styled().render(message).to_string();
    writeln!(anstream::stderr().lock(), "{}: {text}", Applet::current().name())
}

/// The line of a script, safe to show, and the range of bytes that is marked.
struct Line {
    file: String,
    number: usize,
    text: String,
    from: usize,
    to: usize,
}

impl Line {
    /// `None` for a line that is too long to show.
    fn of(at: &Location) -> Option<Self> {
        let whole = at.text.as_deref()?;
        let mut text = String::with_capacity(whole.len());
        let (mut from, mut to) = (None, None);
        let first = at.column.saturating_sub(1);
        let last = first.saturating_add(at.width);
        for (index, c) in whole.chars().enumerate() {
            if index == first {
                from = Some(text.len());
            }
            if index == last {
                to = Some(text.len());
            }
            // A tab counts as one blank: then the marks are below what they mark, and the column is that of
            // the file.
            text.push(match c {
                '\t' => ' ',
                c if is_harmful(c) => '\u{fffd}',
                c => c,
            });
        }
        let end = text.len();
        let (from, to) = (from.unwrap_or(end), to.unwrap_or(end));
        Some(Self { file: shown(&at.file), number: at.line, text, from, to })
    }
}

/// Number of calls listed before the ones left out.
const LISTED_FIRST: usize = 16;

/// The calls and imports that led to an error, innermost first.
fn calls(error: &Error) -> Vec<String> {
    let mut notes = Vec::new();
    for call in error.calls() {
        let how = if call.module { "imported" } else { "called" };
        let at = &call.at;
        notes.push(shown(&format!("{} was {how} at {}:{}:{}", call.name, at.file, at.line, at.column)));
    }
    if error.calls_left_out() > 0 {
        notes.insert(LISTED_FIRST.min(notes.len()), format!("... {} more calls", error.calls_left_out()));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::printed;

    #[test]
    fn what_acts_on_a_terminal_is_escaped() {
        assert_eq!(printed("a\tb\n\nc\u{1b}[2J\u{202e}\u{9b}é"), "a\tb\n\nc\\u{1b}[2J\\u{202e}\\u{9b}é");
    }
}
