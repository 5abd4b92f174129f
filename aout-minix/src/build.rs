//! Writing an a.out file.

use core::fmt;

use execfmt_common::{BufferTooSmall, ByteOrder};

use crate::header::{Header, Supplement};
use crate::header_check::must_divide;
use crate::image::Image;
use crate::relocation::{RELOCATION_SIZE, Relocation};
use crate::rules::AoutFinding;
use crate::section::Section;
use crate::types::FileType;

/// The contents of a loaded section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content<'a> {
    /// The bytes as they are in the file.
    pub stored: &'a [u8],
    /// The uncompressed size of the section in bytes, when `bytes` are compressed.
    pub expanded: Option<u32>,
}

impl<'a> Content<'a> {
    /// A section stored uncompressed.
    pub const fn plain(bytes: &'a [u8]) -> Self {
        Self { stored: bytes, expanded: None }
    }

    /// A section stored compressed, which is `size` bytes long once decompressed.
    pub const fn compressed(stored: &'a [u8], size: u32) -> Self {
        Self { stored, expanded: Some(size) }
    }
}

/// The relocations of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelocationTable<'a> {
    /// As numbers.
    List(&'a [Relocation]),
    /// As they are in the file.
    Bytes(&'a [u8]),
}

impl Default for RelocationTable<'_> {
    fn default() -> Self {
        Self::List(&[])
    }
}

impl<'a> From<&'a [Relocation]> for RelocationTable<'a> {
    fn from(list: &'a [Relocation]) -> Self {
        Self::List(list)
    }
}

impl<'a, const N: usize> From<&'a [Relocation; N]> for RelocationTable<'a> {
    fn from(list: &'a [Relocation; N]) -> Self {
        Self::List(list)
    }
}

impl RelocationTable<'_> {
    fn size(&self) -> usize {
        match self {
            Self::List(list) => list.len().saturating_mul(RELOCATION_SIZE),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    fn write_to(&self, out: &mut [u8], order: ByteOrder) -> Option<()> {
        match self {
            Self::Bytes(bytes) => out.get_mut(..bytes.len())?.copy_from_slice(bytes),
            Self::List(list) => {
                let places = out.chunks_exact_mut(RELOCATION_SIZE);
                places
                    .zip(*list)
                    .for_each(|(place, relocation)| place.copy_from_slice(&relocation.to_bytes(order)));
            }
        }
        Some(())
    }
}

/// Builds an a.out file from borrowed sections into a caller's buffer.
///
/// The header is as short as its contents allow: 0x20 bytes, 0x30 with relocations, 0x40 with far text or
/// compressed sections; [`min_hlen`](Self::min_hlen) makes it longer. A file that was parsed can be rebuilt
/// byte for byte.
///
/// ```
/// use aout_minix::{Builder, FileType, Relocation, SymbolIndex};
///
/// let far = [Relocation::segword(2, SymbolIndex::FTEXT)];
/// let builder = Builder::new(FileType::SPLITID_AHISTORICAL)
///     .version(1)
///     .text(&[0x9a, 0, 0, 0, 0])
///     .far_text(&[0xcb])
///     .text_relocations(&far);
/// let mut file = [0; 128];
/// let length = builder.write_to(&mut file)?;
/// assert_eq!(length, 64 + 5 + 1 + 8);
/// # Ok::<(), aout_minix::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Builder<'a> {
    /// The header fields that are not derived from the sections.
    header: Header,
    text: Content<'a>,
    far_text: Content<'a>,
    data: Content<'a>,
    relocations: [RelocationTable<'a>; 3],
    symbols: &'a [u8],
    trailing: &'a [u8],
}

impl<'a> Builder<'a> {
    /// A file without sections, version 0.
    pub fn new(file_type: FileType) -> Self {
        Self::from_header(&Header::empty(file_type))
    }

    /// A file without sections that takes type, version, bss, entry point, `chmem`, `minstack`, bases and
    /// reserved fields from a header, and has at least its `hlen`.
    pub fn from_header(header: &Header) -> Self {
        Self {
            header: *header,
            text: Content::default(),
            far_text: Content::default(),
            data: Content::default(),
            relocations: [RelocationTable::default(); 3],
            symbols: &[],
            trailing: &[],
        }
    }

    /// A copy of a parsed file. Built without changes, it is the same byte for byte.
    pub fn from_image(image: &Image<'a>) -> Self {
        let header = image.header();
        let Supplement { compr_tseg, compr_dseg, compr_ftseg, ftseg, .. } = header.supplement;
        let content = |section: Section, compressed: u16, size: u32| Content {
            stored: image.section(section),
            expanded: (compressed != 0).then_some(size),
        };
        let relocations = |section: Section| RelocationTable::Bytes(image.section(section));
        Self {
            header: *header,
            text: content(Section::Text, compr_tseg, header.tseg),
            far_text: content(Section::FarText, compr_ftseg, ftseg),
            data: content(Section::Data, compr_dseg, header.dseg),
            relocations: [
                relocations(Section::TextRelocations),
                relocations(Section::FarTextRelocations),
                relocations(Section::DataRelocations),
            ],
            symbols: image.section(Section::Symbols),
            trailing: image.trailing(),
        }
    }

    /// 0 or 1: determines what `chmem` and `minstack` mean.
    #[must_use]
    pub const fn version(mut self, version: u16) -> Self {
        self.header.version = version;
        self
    }

    /// The entry point, in bytes from the start of the text.
    #[must_use]
    pub const fn entry(mut self, entry: u32) -> Self {
        self.header.entry = entry;
        self
    }

    /// Version 1: bytes of heap. Version 0: bytes of data, bss, heap and stack together.
    #[must_use]
    pub const fn chmem(mut self, chmem: u16) -> Self {
        self.header.chmem = chmem;
        self
    }

    /// Version 1: bytes of stack.
    #[must_use]
    pub const fn minstack(mut self, minstack: u16) -> Self {
        self.header.minstack = minstack;
        self
    }

    /// Bytes of bss.
    #[must_use]
    pub const fn bss(mut self, size: u32) -> Self {
        self.header.bseg = size;
        self
    }

    /// Minimum size of the header in bytes: 0x20, 0x30 or 0x40.
    #[must_use]
    pub const fn min_hlen(mut self, hlen: u8) -> Self {
        self.header.hlen = hlen;
        self
    }

    /// The text.
    #[must_use]
    pub const fn text(self, bytes: &'a [u8]) -> Self {
        self.content(Section::Text, Content::plain(bytes))
    }

    /// The far text.
    #[must_use]
    pub const fn far_text(self, bytes: &'a [u8]) -> Self {
        self.content(Section::FarText, Content::plain(bytes))
    }

    /// The data.
    #[must_use]
    pub const fn data(self, bytes: &'a [u8]) -> Self {
        self.content(Section::Data, Content::plain(bytes))
    }

    /// Text, far text or data, uncompressed or compressed. Other sections are not set this way: nothing
    /// changes.
    #[must_use]
    pub const fn content(mut self, section: Section, content: Content<'a>) -> Self {
        match section {
            Section::Text => self.text = content,
            Section::FarText => self.far_text = content,
            Section::Data => self.data = content,
            _ => {}
        }
        self
    }

    /// The relocations of the text.
    #[must_use]
    pub fn text_relocations(mut self, table: impl Into<RelocationTable<'a>>) -> Self {
        let [text, ..] = &mut self.relocations;
        *text = table.into();
        self
    }

    /// The relocations of the far text.
    #[must_use]
    pub fn far_text_relocations(mut self, table: impl Into<RelocationTable<'a>>) -> Self {
        let [_, far_text, _] = &mut self.relocations;
        *far_text = table.into();
        self
    }

    /// The relocations of the data.
    #[must_use]
    pub fn data_relocations(mut self, table: impl Into<RelocationTable<'a>>) -> Self {
        let [.., data] = &mut self.relocations;
        *data = table.into();
        self
    }

    /// The symbol table, as it is in the file.
    #[must_use]
    pub const fn symbols(mut self, table: &'a [u8]) -> Self {
        self.symbols = table;
        self
    }

    /// The bytes after the last section.
    #[must_use]
    pub const fn trailing(mut self, bytes: &'a [u8]) -> Self {
        self.trailing = bytes;
        self
    }

    /// The header of the file that would be written.
    ///
    /// # Errors
    /// [`BuildError::TooLong`], [`BuildError::CompressedTooLong`], [`BuildError::EmptyCompressed`], or
    /// [`BuildError::Refused`] with the rule that prevents the file from being parsed.
    pub fn header(&self) -> Result<Header, BuildError> {
        let size = |length: usize| u32::try_from(length).map_err(|_| BuildError::TooLong);
        let plain_size = |section: Section, content: &Content<'_>| match content.expanded {
            // In the header, a stored size that is not 0 means a compressed section, and an empty far text is
            // not stored, whatever its stored size is.
            Some(expanded) if content.stored.is_empty() != (section == Section::FarText && expanded == 0) => {
                Err(BuildError::EmptyCompressed(section))
            }
            Some(expanded) => Ok(expanded),
            None => size(content.stored.len()),
        };
        let stored_size = |section: Section, content: &Content<'_>| match content.expanded {
            Some(_) => {
                u16::try_from(content.stored.len()).map_err(|_| BuildError::CompressedTooLong(section))
            }
            None => Ok(0),
        };
        let [text_table, far_text_table, data_table] = &self.relocations;
        let mut header = self.header;
        header.tseg = plain_size(Section::Text, &self.text)?;
        header.dseg = plain_size(Section::Data, &self.data)?;
        header.syms = size(self.symbols.len())?;
        header.supplement = Supplement {
            trsize: size(text_table.size())?,
            drsize: size(data_table.size())?,
            ftseg: plain_size(Section::FarText, &self.far_text)?,
            ftrsize: size(far_text_table.size())?,
            compr_tseg: stored_size(Section::Text, &self.text)?,
            compr_dseg: stored_size(Section::Data, &self.data)?,
            compr_ftseg: stored_size(Section::FarText, &self.far_text)?,
            ..header.supplement
        };
        // An empty far text is not stored, so of a parsed file only its stored size is kept.
        if self.far_text.expanded == Some(0) {
            header.supplement.compr_ftseg = self.header.supplement.compr_ftseg;
        }
        header.hlen = header.hlen.max(header.needed_hlen());
        must_divide(&header, u64::MAX).map_err(BuildError::Refused)?;
        Ok(header)
    }

    /// The length of the file in bytes.
    ///
    /// # Errors
    /// Those of [`header`](Self::header).
    pub fn written_len(&self) -> Result<usize, BuildError> {
        let end = self.header()?.end_of_sections().saturating_add(self.trailing.len() as u64);
        usize::try_from(end).map_err(|_| BuildError::TooLong)
    }

    /// Writes the file at the start of `out` and returns its length in bytes.
    ///
    /// # Errors
    /// Those of [`header`](Self::header), and [`BuildError::BufferTooSmall`]; nothing is written.
    pub fn write_to(&self, out: &mut [u8]) -> Result<usize, BuildError> {
        let header = self.header()?;
        let written = self.written_len()?;
        let too_small = BufferTooSmall { needed: written as u64, given: out.len() as u64 };
        let out = out.get_mut(..written).ok_or(BuildError::BufferTooSmall(too_small))?;
        self.write(&header, out).ok_or(BuildError::BufferTooSmall(too_small))?;
        Ok(written)
    }

    fn write(&self, header: &Header, out: &mut [u8]) -> Option<()> {
        let bytes = header.to_bytes();
        let (head, mut out) = out.split_at_mut_checked(header.hlen.into())?;
        head.copy_from_slice(bytes.get(..header.hlen.into())?);
        for part in [self.text.stored, self.far_text.stored, self.data.stored] {
            let (place, rest) = out.split_at_mut_checked(part.len())?;
            place.copy_from_slice(part);
            out = rest;
        }
        for table in &self.relocations {
            let (place, rest) = out.split_at_mut_checked(table.size())?;
            table.write_to(place, header.byte_order())?;
            out = rest;
        }
        for part in [self.symbols, self.trailing] {
            let (place, rest) = out.split_at_mut_checked(part.len())?;
            place.copy_from_slice(part);
            out = rest;
        }
        Some(())
    }

    /// The whole file.
    ///
    /// # Errors
    /// Those of [`header`](Self::header).
    #[cfg(feature = "alloc")]
    pub fn to_vec(&self) -> Result<alloc::vec::Vec<u8>, BuildError> {
        let mut file = alloc::vec![0; self.written_len()?];
        self.write_to(&mut file)?;
        Ok(file)
    }
}

/// Why a file could not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// A section is longer than 32-bit sizes can express.
    TooLong,
    /// A compressed section is longer than 16-bit sizes can express.
    CompressedTooLong(Section),
    /// A section is marked as compressed but has no bytes, or a far text that expands to nothing has some;
    /// the header cannot express that.
    EmptyCompressed(Section),
    /// A parser would refuse the file, for this reason.
    Refused(AoutFinding),
    /// The caller's buffer is too small.
    BufferTooSmall(BufferTooSmall),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("a section would be 4 GiB or longer"),
            Self::CompressedTooLong(section) => {
                write!(f, "the compressed {section} is longer than 65535 bytes; store it uncompressed")
            }
            Self::EmptyCompressed(section) => {
                write!(
                    f,
                    "the {section} is compressed from or to nothing, which a header cannot express; store it uncompressed"
                )
            }
            Self::Refused(finding) => finding.fmt(f),
            Self::BufferTooSmall(size) => size.fmt(f),
        }
    }
}

impl core::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Refused(finding) => Some(finding),
            Self::BufferTooSmall(size) => Some(size),
            _ => None,
        }
    }
}
