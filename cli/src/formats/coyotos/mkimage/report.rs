//! Errors of scripts, with the line that they are about.

use std::io::{self, Write as _};

use annotate_snippets::{Level, Renderer, Snippet};
use coyotos_mkimage::{Error, Location};

use crate::invocation::Applet;

/// How many of the calls that led to an error are listed: the innermost and the outermost.
const INNERMOST: usize = 8;
const OUTERMOST: usize = 2;

/// True for characters that a terminal acts on, or that change the order of those around them.
fn acts(c: char) -> bool {
    let directs =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() && c != '\n' && c != '\t' || directs
}

/// Text from a file on its way to a terminal: what would act on it is written as an escape.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if acts(c) { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    safe
}

/// Prints an error with the line of the script, the calls that led there, and advice.
pub(super) fn print(error: &Error, advice: Option<&str>) -> io::Result<()> {
    let title = escaped(&error.cause().to_string());
    let shown = error.at().map(Line::of);
    let mut notes = calls(error);
    notes.extend(advice.map(escaped));
    let mut message = Level::Error.title(&title);
    if let Some(line) = &shown {
        let snippet = Snippet::source(&line.text).line_start(line.number).origin(&line.file);
        message = message.snippet(snippet.annotation(Level::Error.span(line.from..line.to)));
    }
    message = message.footers(notes.iter().map(|note| Level::Note.title(note)));
    let text = Renderer::styled().render(message).to_string();
    writeln!(anstream::stderr().lock(), "{}: {text}", Applet::current().name())
}

/// The line of a script, safe to show, and the bytes of it that are marked.
struct Line {
    file: String,
    number: usize,
    text: String,
    from: usize,
    to: usize,
}

impl Line {
    fn of(at: &Location) -> Self {
        let mut text = String::with_capacity(at.text.len());
        let (mut from, mut to) = (None, None);
        let first = at.column.saturating_sub(1);
        let last = first.saturating_add(at.width);
        for (index, c) in at.text.chars().enumerate() {
            if index == first {
                from = Some(text.len());
            }
            if index == last {
                to = Some(text.len());
            }
            // A tab as one blank: then the marks are below what they mark, and the column is that of the file.
            text.push(match c {
                '\t' => ' ',
                c if acts(c) => '\u{fffd}',
                c => c,
            });
        }
        let end = text.len();
        Self {
            file: escaped(&at.file),
            number: at.line,
            from: from.unwrap_or(end),
            to: to.unwrap_or(end),
            text,
        }
    }
}

/// The calls and imports that led to an error, the innermost first.
fn calls(error: &Error) -> Vec<String> {
    let calls = error.calls();
    let left_out = calls.len().saturating_sub(INNERMOST + OUTERMOST);
    let mut notes = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        if left_out > 0 && index == INNERMOST {
            notes.push(format!("... {left_out} more calls"));
        }
        if left_out > 0 && (INNERMOST..INNERMOST + left_out).contains(&index) {
            continue;
        }
        let how = if call.module { "imported" } else { "called" };
        let at = &call.at;
        notes.push(escaped(&format!("{} was {how} at {}:{}:{}", call.name, at.file, at.line, at.column)));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_acts_on_a_terminal_is_escaped() {
        assert_eq!(escaped("a\tb\nc\u{1b}[2J\u{202e}\u{9b}é"), "a\tb\nc\\u{1b}[2J\\u{202e}\\u{9b}é");
    }
}
