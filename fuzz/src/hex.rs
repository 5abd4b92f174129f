//! The text of `hex`.

use anstream::adapter::strip_str;
use execfmt_cli::embed;

use crate::view::is_obeyed;

/// The widths of a terminal that are tried.
const COLUMNS: [usize; 3] = [40, 80, 200];

/// Shows the bytes, and reads them back from what is shown.
pub fn hex(bytes: &[u8]) {
    for columns in COLUMNS {
        for all in [false, true] {
            let (text, shown) = embed::hex(bytes, &[], all, columns).expect("no option is wrong");
            let plain = strip_str(&text).to_string();
            assert!(!plain.chars().any(|c| c != '\n' && is_obeyed(c)), "{plain:?}");
            let seen = Seen::of(&plain, shown.len());
            for (offset, byte) in seen.bytes.iter().enumerate() {
                match byte {
                    Some(byte) => assert_eq!(*byte, shown[offset], "at {offset:#x} of\n{plain}"),
                    None => assert!(!all, "the byte at {offset:#x} is not shown:\n{plain}"),
                }
            }
        }
    }
}

/// Bytes of a row, and columns of a row's bytes.
const ROW: usize = 16;
const WIDE: usize = 50;

/// The bytes that stand in a text, by their places in the file.
struct Seen {
    bytes: Vec<Option<u8>>,
    end: usize,
}

impl Seen {
    fn of(text: &str, length: usize) -> Self {
        let mut seen = Self { bytes: vec![None; length], end: 0 };
        for line in text.lines() {
            seen.line(line);
        }
        seen
    }

    /// `0x0010 C 61 62` or, for rows that are left out, `: 12 rows of zeros`.
    fn line(&mut self, line: &str) {
        if let Some(rows) = line.trim_start().strip_prefix(": ") {
            let count = rows.split(' ').next().and_then(|count| count.parse::<usize>().ok());
            if let Some(count) = count.filter(|_| rows.ends_with("of zeros")) {
                (0..count * ROW).for_each(|_| self.put(0));
            }
            return;
        }
        let Some((offset, rest)) = line.strip_prefix("0x").and_then(|rest| rest.split_once(' ')) else {
            return;
        };
        let Ok(offset) = usize::from_str_radix(offset, 16) else { return };
        self.end = offset;
        let bytes = rest.get(2..).unwrap_or_default();
        // A field's few bytes are followed by its path, in a place where a row has nothing or goes on.
        let blank = |at: usize| bytes.get(at..=at).is_none_or(|c| c == " ");
        let width = if blank(12) && !blank(15) { 13 } else { WIDE };
        let width = width.min(bytes.len());
        for byte in bytes[..width].split_whitespace() {
            self.put(u8::from_str_radix(byte, 16).expect("a byte"));
        }
    }

    fn put(&mut self, byte: u8) {
        let place = self.bytes.get_mut(self.end).expect("a byte of the file");
        *place = Some(byte);
        self.end += 1;
    }
}
