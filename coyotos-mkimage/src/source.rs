//! The files of a run, and positions in them.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Maximum size of a script, in bytes: far larger than any known one.
pub const MAX_SCRIPT_BYTES: usize = 1 << 24;

/// A range of bytes of a script, which has at most [`MAX_SCRIPT_BYTES`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    /// From the start of one to the end of another.
    pub(crate) const fn to(self, end: Self) -> Self {
        Self { start: self.start, end: end.end }
    }
}

/// A script, by its index in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId(usize);

#[derive(Debug)]
struct Source {
    name: Rc<str>,
    text: Rc<[u8]>,
    /// Where each line starts.
    lines: Vec<usize>,
}

/// The scripts that were read, kept for messages.
#[derive(Debug, Default)]
pub(crate) struct Sources(Vec<Source>);

impl Sources {
    pub(crate) fn add(&mut self, name: &str, text: Rc<[u8]>) -> FileId {
        let lines = line_starts(&text);
        self.0.push(Source { name: name.into(), text, lines });
        FileId(self.0.len().saturating_sub(1))
    }

    pub(crate) fn locate(&self, file: FileId, span: Span) -> Option<Location> {
        Some(Location::new(self.0.get(file.0)?, span))
    }

    /// The name of a script and the line, counted from 1, that contains a byte.
    pub(crate) fn line(&self, file: FileId, at: usize) -> Option<(&str, usize)> {
        let source = self.0.get(file.0)?;
        Some((&source.name, source.line(at).0))
    }
}

/// Maximum length of a line that is shown, in bytes.
const MAX_SHOWN_BYTES: usize = 1000;

/// A position in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The script's name, as the host gave it.
    pub file: String,
    /// The line, counted from 1. LF, CR and CR LF end a line.
    pub line: usize,
    /// The first character in the line, counted from 1.
    pub column: usize,
    /// Number of characters of the line concerned; 0 at the line's end.
    pub width: usize,
    /// The line without its terminator, unescaped: escape it before it reaches a terminal. `None` for a line
    /// of more than 1000 bytes.
    pub text: Option<String>,
}

impl Location {
    fn new(source: &Source, span: Span) -> Self {
        let (line, start) = source.line(span.start);
        let rest = source.text.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        let whole = rest.get(..length).unwrap_or_default();
        let characters = |bytes: Option<&[u8]>| {
            let chunks = bytes.unwrap_or_default().utf8_chunks();
            chunks.fold(0_usize, |count, chunk| {
                let invalid = usize::from(!chunk.invalid().is_empty());
                count.saturating_add(chunk.valid().chars().count()).saturating_add(invalid)
            })
        };
        let from = span.start.saturating_sub(start).min(length);
        let to = span.end.saturating_sub(start).clamp(from, length);
        Self {
            file: source.name.to_string(),
            line,
            column: characters(whole.get(..from)).saturating_add(1),
            width: characters(whole.get(from..to)),
            text: (length <= MAX_SHOWN_BYTES).then(|| String::from_utf8_lossy(whole).into_owned()),
        }
    }
}

impl Source {
    /// The line that contains a byte, counted from 1, and the offset at which that line starts.
    fn line(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|&start| start <= at);
        (line, self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default())
    }
}

fn line_starts(text: &[u8]) -> Vec<usize> {
    let mut starts = alloc::vec![0];
    for (index, byte) in text.iter().enumerate() {
        let next = index.saturating_add(1);
        // The CR of CR LF does not end a line: the LF does.
        if *byte == b'\n' || *byte == b'\r' && text.get(next) != Some(&b'\n') {
            starts.push(next);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locate(text: &[u8], span: Span) -> Location {
        let mut sources = Sources::default();
        let file = sources.add("f", text.into());
        sources.locate(file, span).expect("a location")
    }

    #[test]
    fn lines_end_in_lf_in_cr_and_in_both_together() {
        let text = b"a\nb\rc\r\nd\xc3\xa9e";
        for (byte, line, column) in [(0, 1, 1), (2, 2, 1), (4, 3, 1), (7, 4, 1), (10, 4, 3), (11, 4, 4)] {
            let location = locate(text, Span { start: byte, end: byte + 1 });
            assert_eq!((location.line, location.column), (line, column), "byte {byte}");
        }
    }

    #[test]
    fn a_range_is_cut_at_the_end_of_its_line() {
        let location = locate(b"ab\ncd\nef", Span { start: 4, end: 8 });
        assert_eq!((location.line, location.column, location.width), (2, 2, 1));
        assert_eq!(location.text.as_deref(), Some("cd"));
        assert_eq!(locate(&[b'a'; 1001], Span { start: 1, end: 2 }).text, None);
    }
}
