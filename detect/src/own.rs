//! The formats of execfmt.

use crate::FileKind;
use execfmt_common::ByteOrder;

/// A format that a crate of execfmt reads, and that has a magic of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OwnFormat {
    /// Nachos NOFF, and the byte order of its header.
    Noff(ByteOrder),
    /// A Coyotos image, not compressed.
    CoyotosImage,
    /// ELKS or Minix a.out.
    AoutMinix,
}

impl OwnFormat {
    const MAGICS: [(Self, &'static [u8]); 3] = [
        (Self::CoyotosImage, b"coyimage"),
        (Self::Noff(ByteOrder::Little), &[0xad, 0xdf, 0xba, 0x00]),
        (Self::Noff(ByteOrder::Big), &[0x00, 0xba, 0xdf, 0xad]),
    ];

    /// A file of the format, with its article.
    pub const fn with_article(self) -> &'static str {
        match self {
            Self::Noff(_) => "a Nachos NOFF executable",
            Self::CoyotosImage => "a Coyotos image",
            Self::AoutMinix => "an ELKS or Minix a.out executable",
        }
    }
}

pub(crate) fn detect(start: &[u8], length: u64) -> Option<FileKind> {
    for (format, magic) in OwnFormat::MAGICS {
        if start.starts_with(magic) {
            return Some(FileKind::Own(format));
        }
        // Less than half of a magic would match too many other files.
        if magic.starts_with(start) && length == start.len() as u64 && start.len() >= magic.len() / 2 {
            return Some(FileKind::Cut(format));
        }
    }
    aout(start, length)
}

/// The magic of a.out has only two bytes: in addition, the header's length must be valid, as far as it is
/// present.
fn aout(start: &[u8], length: u64) -> Option<FileKind> {
    const MAGIC: [u8; 2] = [0x01, 0x03];
    /// The length of the shortest header.
    const HEADER: u64 = 32;
    /// The numbers of known processors: none, 8086, 68000, NS16032, 80386, SPARC.
    const CPUS: [u8; 6] = [0x00, 0x04, 0x0b, 0x0c, 0x10, 0x17];
    if !start.starts_with(&MAGIC) {
        return None;
    }
    let plausible_cpu = start.get(3).is_none_or(|cpu| CPUS.contains(cpu));
    let plausible_hlen = start.get(4).is_none_or(|hlen| matches!(hlen, 0x20 | 0x30 | 0x40));
    let is_one = length >= HEADER || plausible_cpu && plausible_hlen;
    Some(if is_one { FileKind::Own(OwnFormat::AoutMinix) } else { FileKind::AoutMagicOnly })
}
