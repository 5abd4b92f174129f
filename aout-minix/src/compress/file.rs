//! From an uncompressed file to a compressed one.

use alloc::vec::Vec;
use core::fmt;

use super::expand::expanded_header;
use crate::build::{BuildError, Builder, Content};
use crate::codec::{Footprint, IN_PLACE_MARGIN, Level, StreamFinding, check_kernel_limits, encode};
use crate::elks::{self, Program};
use crate::header::Header;
use crate::image::Image;
use crate::section::Section;
use crate::types::FileType;
use crate::wire::HLEN_FAR;

/// Why a section is stored uncompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlainReason {
    /// It is empty.
    Empty,
    /// Its compressed size in bytes, which is not smaller.
    Grows(u32),
    /// The kernel would not decompress it.
    Kernel(StreamFinding),
    /// It is not one of the sections chosen.
    NotChosen,
    /// Data: the program requests so little memory beyond it that the kernel would write past the segment
    /// when decompressing.
    NoRoom,
}

impl fmt::Display for PlainReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::NotChosen => f.write_str("not one of the sections chosen"),
            Self::Grows(size) => write!(f, "compressed, it would take {size} bytes"),
            Self::Kernel(finding) => finding.fmt(f),
            Self::NoRoom => write!(
                f,
                "fewer than {IN_PLACE_MARGIN} bytes of the data segment follow the data; request more heap"
            ),
        }
    }
}

/// How a section is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Uncompressed.
    Plain(PlainReason),
    /// Compressed, to this number of bytes.
    Compressed(u32, Footprint),
}

/// The result for a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionReport {
    /// Text, far text or data.
    pub section: Section,
    /// Its size before.
    pub before: u32,
    /// How it is stored.
    pub stored: Stored,
}

impl SectionReport {
    /// Number of bytes that it takes in the file.
    pub const fn after(&self) -> u32 {
        match self.stored {
            Stored::Plain(_) => self.before,
            Stored::Compressed(size, _) => size,
        }
    }
}

/// The result for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// Text, far text and data.
    pub sections: [SectionReport; 3],
    /// The file's length before, in bytes.
    pub before: usize,
    /// The file's length after, in bytes; unchanged when nothing is gained.
    pub after: usize,
    /// Number of additional bytes of memory that the program takes when loaded: 16 (one paragraph) where text
    /// or far text is compressed, otherwise 0.
    pub extra_memory: u32,
    /// The length of the header that [`expand_file`](super::expand_file) produces, where it differs from the
    /// original. Nothing else differs then.
    pub restored_hlen: Option<u8>,
}

/// A file, compressed or unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompressedFile {
    /// The new file.
    Written(Vec<u8>, FileReport),
    /// It would not become shorter, so it should stay unchanged.
    NothingGained(FileReport),
    /// It is already compressed, so it should stay unchanged.
    AlreadyCompressed,
}

/// Why a file could not be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompressError {
    /// Not of a type that the ELKS kernel loads.
    NotElks(FileType),
    /// The new file cannot be built.
    Build(BuildError),
}

impl fmt::Display for CompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotElks(found) => {
                write!(
                    f,
                    "ELKS does not load files of type {found}, and no other system decompresses sections"
                )
            }
            Self::Build(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CompressError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Build(error) => Some(error),
            Self::NotElks(_) => None,
        }
    }
}

/// Compresses the sections that become shorter and that the kernel can decompress. Relocations, symbols and
/// trailing bytes are kept; a header of 0x20 or 0x30 bytes becomes one of 0x40.
///
/// # Errors
/// [`CompressError`].
pub fn compress_file(image: &Image<'_>, level: Level) -> Result<CompressedFile, CompressError> {
    compress_sections(image, level, &Section::LOADED)
}

/// Like [`compress_file`], but only the `chosen` ones of text, far text and data.
///
/// # Errors
/// [`CompressError`].
pub fn compress_sections(
    image: &Image<'_>,
    level: Level,
    chosen: &[Section],
) -> Result<CompressedFile, CompressError> {
    let header = image.header();
    if header.is_compressed() {
        return Ok(CompressedFile::AlreadyCompressed);
    }
    if ![FileType::SPLITID, FileType::SPLITID_AHISTORICAL].contains(&header.file_type) {
        return Err(CompressError::NotElks(header.file_type));
    }
    let before = image.bytes().len();
    // Without a program ELKS refuses the file, whether or not sections are compressed.
    let program = Program::new(image.bytes(), elks::Options::default()).ok();
    let [text, far_text, data] = Section::LOADED.map(|section| {
        let level = chosen.contains(&section).then_some(level);
        compress_section(header, program.as_ref(), section, image.section(section), level)
    });
    let sections = [text.0, far_text.0, data.0];
    let compressed_text = [text.0, far_text.0].iter().any(|one| matches!(one.stored, Stored::Compressed(..)));
    let mut builder = Builder::from_image(image).min_hlen(HLEN_FAR);
    for (report, stored) in [&text, &far_text, &data] {
        if let Stored::Compressed(..) = report.stored {
            builder = builder.content(report.section, Content::compressed(stored, report.before));
        }
    }
    let after = builder.written_len().map_err(CompressError::Build)?;
    let restored_hlen = expanded_header(header).hlen;
    let gained = after < before;
    let report = FileReport {
        sections,
        before,
        after: after.min(before),
        extra_memory: if gained && compressed_text { 16 } else { 0 },
        restored_hlen: (gained && restored_hlen != header.hlen).then_some(restored_hlen),
    };
    if !gained {
        return Ok(CompressedFile::NothingGained(report));
    }
    let file = builder.to_vec().map_err(CompressError::Build)?;
    Ok(CompressedFile::Written(file, report))
}

fn compress_section(
    header: &Header,
    program: Option<&Program>,
    section: Section,
    bytes: &[u8],
    level: Option<Level>,
) -> (SectionReport, Vec<u8>) {
    let before = header.sizes(section).uncompressed;
    let result = try_section(program, section, bytes, level);
    let (stored, packed) = match result {
        Ok((packed, footprint)) => (Stored::Compressed(size_of(&packed), footprint), packed),
        Err(reason) => (Stored::Plain(reason), Vec::new()),
    };
    (SectionReport { section, before, stored }, packed)
}

fn try_section(
    program: Option<&Program>,
    section: Section,
    bytes: &[u8],
    level: Option<Level>,
) -> Result<(Vec<u8>, Footprint), PlainReason> {
    if bytes.is_empty() {
        return Err(PlainReason::Empty);
    }
    let level = level.ok_or(PlainReason::NotChosen)?;
    // The data is decompressed within the data segment.
    let room = program.map(|program| usize::from(program.layout().data_len).saturating_sub(bytes.len()));
    if section == Section::Data && room.is_some_and(|room| room < IN_PLACE_MARGIN) {
        return Err(PlainReason::NoRoom);
    }
    let packed = encode(bytes, level).map_err(PlainReason::Kernel)?;
    if packed.len() >= bytes.len() {
        return Err(PlainReason::Grows(size_of(&packed)));
    }
    let footprint = check_kernel_limits(&packed, bytes.len()).map_err(PlainReason::Kernel)?;
    Ok((packed, footprint))
}

fn size_of(packed: &[u8]) -> u32 {
    u32::try_from(packed.len()).unwrap_or(u32::MAX)
}
