//! Archives of `ar`.

use core::fmt;

use crate::FileKind;

/// The kind of an archive's first member, apart from its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Contents {
    /// Object files of bcc's assembler, as ar86 archives them.
    Bcc,
    /// ELF object files.
    Elf,
    /// Another kind, or no member.
    Other,
}

/// An archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Archive {
    /// The kind of its members.
    pub contents: Contents,
    /// Whether it contains only the names of its members, which are separate files.
    pub thin: bool,
}

impl fmt::Display for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.thin, self.contents) {
            (true, _) => "a thin archive, with the names of object files",
            (_, Contents::Bcc) => "a library of bcc's object files",
            (_, Contents::Elf) => "a library of ELF object files",
            (_, Contents::Other) => "an archive of ar",
        })
    }
}

pub(crate) fn detect(start: &[u8]) -> Option<FileKind> {
    if start.starts_with(b"!<thin>\n") {
        return Some(FileKind::Archive(Archive { contents: Contents::Other, thin: true }));
    }
    let members = start.strip_prefix(b"!<arch>\n")?;
    let contents = first_object(members).unwrap_or(Contents::Other);
    Some(FileKind::Archive(Archive { contents, thin: false }))
}

/// Skips the tables of symbols and of long names, of which there are at most two.
fn first_object(mut members: &[u8]) -> Option<Contents> {
    const HEADER: usize = 60;
    for _ in 0..3 {
        let (header, rest) = members.split_at_checked(HEADER)?;
        let is_table = [&b"/ "[..], b"//", b"__.SYMDEF"].iter().any(|name| header.starts_with(name));
        if !is_table {
            return Some(match rest {
                [0xa3, 0x86, ..] => Contents::Bcc,
                [0x7f, b'E', b'L', b'F', ..] => Contents::Elf,
                _ => Contents::Other,
            });
        }
        let digits = core::str::from_utf8(header.get(48..58)?).ok()?;
        let size: usize = digits.trim_ascii_end().parse().ok()?;
        // Members begin at even offsets.
        members = rest.get(size.checked_next_multiple_of(2)?..)?;
    }
    None
}
