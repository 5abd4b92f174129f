//! From bytes to a header, from a header to the sections of a file.

use core::fmt;

use execfmt_common::{Expected, Refusal};
use execfmt_detect::MagicBytes;

use crate::field::AoutField;
use crate::header::Header;
use crate::header_check::must_divide;
use crate::relocation::Relocations;
use crate::rules::{AoutFinding, AoutRule};
use crate::section::Section;
use crate::symbols::Symbols;
use crate::types::MAGIC;
use crate::wire::HLEN_PLAIN;

/// The same as [`Header::parse`].
///
/// # Errors
/// Those of [`Header::parse`].
#[inline(always)]
pub fn read_header(prefix: &[u8]) -> Result<Header, AoutFinding> {
    Header::parse(prefix)
}

impl Header {
    /// Reads a header without checking it.
    ///
    /// `prefix` is the beginning of the file: [`MAX_HEADER_SIZE`](crate::MAX_HEADER_SIZE) bytes, or the whole
    /// of a shorter file.
    ///
    /// # Errors
    /// [`Truncated`](AoutRule::Truncated) or [`BadMagic`](AoutRule::BadMagic).
    #[inline(always)]
    pub fn parse(prefix: &[u8]) -> Result<Self, AoutFinding> {
        match read::<()>(prefix) {
            Ok(header) => Ok(header),
            Err(()) => Err(explained(prefix)),
        }
    }
}

/// Why the header of a refused file cannot be read.
#[cold]
#[inline(never)]
fn explained(prefix: &[u8]) -> AoutFinding {
    read(prefix).map_or_else(|finding| finding, |_: Header| too_short(prefix, HLEN_PLAIN.into()))
}

fn too_short(bytes: &[u8], needed: usize) -> AoutFinding {
    let expected = Expected::AtLeast(needed as u64);
    AoutRule::Truncated.in_header(AoutField::FileLength, bytes.len() as u64, expected)
}

#[inline(always)]
fn read<E: Refusal<AoutRule>>(prefix: &[u8]) -> Result<Header, E> {
    let truncated = |needed| Err(E::new(|| too_short(prefix, needed)));
    let Some(magic) = prefix.first_chunk() else { return truncated(HLEN_PLAIN.into()) };
    if *magic != MAGIC {
        return Err(E::new(|| {
            let rule = AoutRule::BadMagic(MagicBytes::of(prefix));
            let (found, expected) = (u16::from_le_bytes(*magic), u16::from_le_bytes(MAGIC));
            rule.in_header(AoutField::Type, found.into(), Expected::Exactly(expected.into()))
        }));
    }
    let Some(header) = Header::decode(prefix) else { return truncated(HLEN_PLAIN.into()) };
    let needed = usize::from(HLEN_PLAIN).saturating_add(Header::supplement_size(header.hlen));
    if prefix.len() < needed { truncated(needed) } else { Ok(header) }
}

/// A whole file, borrowed: every section lies within it.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    header: Header,
    bytes: &'a [u8],
}

/// The same as [`Image::parse`].
///
/// # Errors
/// Those of [`Image::parse`].
#[inline(always)]
pub fn parse(bytes: &[u8]) -> Result<Image<'_>, AoutFinding> {
    Image::parse(bytes)
}

impl<'a> Image<'a> {
    /// Reads a whole file without copying it.
    ///
    /// Only what prevents a file from being split into sections is refused here: [`check`](crate::check)
    /// reports all other findings, [`check_bytes`](crate::check_bytes) whether a kernel runs it.
    ///
    /// # Errors
    /// Those of [`Header::parse`], [`BadHlen`](AoutRule::BadHlen), [`MixedEndian`](AoutRule::MixedEndian) or
    /// [`SectionPastEof`](AoutRule::SectionPastEof).
    ///
    /// ```
    /// use aout_minix::{Builder, FileType, Section};
    ///
    /// let mut file = [0; 64];
    /// let written = Builder::new(FileType::SPLITID).text(&[0xcd, 0x80]).data(b"hi").bss(4).write_to(&mut file)?;
    /// let image = aout_minix::Image::parse(&file[..written])?;
    /// assert_eq!(image.section(Section::Text), [0xcd, 0x80]);
    /// assert_eq!(image.section(Section::Data), b"hi");
    /// assert_eq!(image.header().bseg, 4);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[inline(always)]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, AoutFinding> {
        match Self::read::<()>(bytes) {
            Ok(image) => Ok(image),
            Err(()) => Err(Self::explained(bytes)),
        }
    }

    /// Why a refused file cannot be split into sections.
    #[cold]
    #[inline(never)]
    fn explained(bytes: &'a [u8]) -> AoutFinding {
        Self::read(bytes).map_or_else(|finding| finding, |image| too_short(bytes, image.header.hlen.into()))
    }

    #[inline(always)]
    fn read<E: Refusal<AoutRule>>(bytes: &'a [u8]) -> Result<Self, E> {
        let header = read(bytes)?;
        must_divide(&header, bytes.len() as u64)?;
        Ok(Self { header, bytes })
    }

    /// The header's numbers.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The whole file.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// A section's bytes as they are in the file: compressed, if the header says so.
    pub fn section(&self, section: Section) -> &'a [u8] {
        let range = usize::try_from(self.header.offset_of(section)).ok().and_then(|start| {
            let size = usize::try_from(self.header.stored_size(section)).ok()?;
            self.bytes.get(start..)?.get(..size)
        });
        // The parser has refused sections that are not within the file.
        range.unwrap_or_default()
    }

    /// The sections in file order, each with its bytes as they are in the file.
    pub fn sections(&self) -> impl Iterator<Item = (Section, &'a [u8])> + use<'_, 'a> {
        Section::ALL.into_iter().map(|section| (section, self.section(section)))
    }

    /// The bytes after the last section.
    pub fn trailing(&self) -> &'a [u8] {
        let end = usize::try_from(self.header.end_of_sections()).ok();
        end.and_then(|end| self.bytes.get(end..)).unwrap_or_default()
    }

    /// The relocations of text, far text or data; none for other sections.
    pub fn relocations(&self, section: Section) -> Relocations<'a> {
        let table = section.relocations().map(|table| self.section(table)).unwrap_or_default();
        Relocations::new(table, self.header.byte_order())
    }

    /// The symbols, in whichever format the file has them.
    pub fn symbols(&self) -> Symbols<'a> {
        Symbols::of(self.section(Section::Symbols), self.header.byte_order())
    }
}

impl fmt::Display for Image<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {} bytes", self.header, self.bytes.len())
    }
}
