//! Text files as editors on other systems save them.

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// The text of a file without the byte order mark that editors on Windows put before it.
///
/// # Errors
/// UTF-16, as PowerShell's `>` writes it: what the file is, and what to do.
pub(crate) fn unmarked(bytes: &[u8]) -> Result<&[u8], &'static str> {
    if UTF16_MARKS.into_iter().any(|mark| bytes.starts_with(mark)) {
        return Err("this text is UTF-16; save it as UTF-8");
    }
    Ok(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes))
}

#[cfg(test)]
mod tests {
    use super::unmarked;

    #[test]
    fn a_mark_is_skipped_once_and_only_before_the_text() {
        for (bytes, text) in [
            (&b"\xef\xbb\xbfarch"[..], &b"arch"[..]),
            (b"arch", b"arch"),
            (b"", b""),
            (b"\xef\xbb", b"\xef\xbb"),
            (b"a\xef\xbb\xbf", b"a\xef\xbb\xbf"),
            (b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb\xbf"),
        ] {
            assert_eq!(unmarked(bytes), Ok(text), "{bytes:?}");
        }
        for bytes in [&b"\xff\xfea\0"[..], b"\xfe\xff\0a"] {
            assert!(unmarked(bytes).is_err_and(|why| why.contains("UTF-16")), "{bytes:?}");
        }
    }
}
