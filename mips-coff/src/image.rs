//! A file as its headers and sections: a borrowed view.

use execfmt_common::{ByteOrder, Expected, Refusal};
use mips_scan::Code;
use zerocopy::FromBytes;
use zerocopy::byteorder::{BigEndian, LittleEndian};

use crate::error::{CoffField, CoffFinding, CoffRule, SectionField};
use crate::header::{Header, too_short, truncated};
use crate::section::{SectionHeader, SectionKind};
use crate::wire;

/// A COFF file whose headers can be read: all section headers are in the file. Whether the sections' bytes
/// are, [`sections`](Self::sections) reports for each of them.
///
/// ```
/// use mips_coff::{Builder, Image, SectionKind};
///
/// let mut file = [0; 256];
/// let length = Builder::nachos().text(0, &[0x0c, 0, 0, 0]).write_to(&mut file)?;
/// let image = Image::parse(&file[..length])?;
/// let text = image.sections().next().unwrap()?;
/// assert_eq!(text.header.kind(), Some(SectionKind::Text));
/// assert_eq!(text.bytes[..4], [0x0c, 0, 0, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    bytes: &'a [u8],
    header: Header,
}

/// A section with its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// Its number, from 0.
    pub index: u16,
    /// Its header.
    pub header: SectionHeader,
    /// Its bytes in the file: empty for zeroed data and empty sections.
    pub bytes: &'a [u8],
}

impl<'a> Image<'a> {
    /// Reads a file's headers.
    ///
    /// # Errors
    /// Those of [`Header::parse`], and [`CoffRule::Truncated`] when the file ends within the section headers.
    #[inline(always)]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, CoffFinding> {
        match Self::read::<()>(bytes) {
            Ok(image) => Ok(image),
            Err(()) => Err(Self::explained(bytes)),
        }
    }

    /// Why the headers of a refused file cannot be read.
    #[cold]
    #[inline(never)]
    fn explained(bytes: &'a [u8]) -> CoffFinding {
        Self::read(bytes).map_or_else(|finding| finding, |image| too_short(bytes, image.header.table_end()))
    }

    #[inline(always)]
    fn read<E: Refusal<CoffRule>>(bytes: &'a [u8]) -> Result<Self, E> {
        let header = Header::read(bytes)?;
        let end = header.table_end();
        if (bytes.len() as u64) < u64::from(end) {
            return truncated(bytes, end);
        }
        Ok(Self { bytes, header })
    }

    /// File header and optional header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The whole file.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The section headers, in order, including those of empty sections.
    pub fn section_headers(&self) -> impl Iterator<Item = (u16, SectionHeader)> + use<'a> {
        let image = *self;
        (0..image.header.nscns).map_while(move |index| Some((index, image.section_header(index)?)))
    }

    fn section_header(&self, index: u16) -> Option<SectionHeader> {
        let offset = usize::try_from(self.header.section_header_offset(index)).ok()?;
        let at = self.bytes.get(offset..)?;
        Some(match self.header.byte_order {
            ByteOrder::Little => wire::SectionHeader::<LittleEndian>::ref_from_prefix(at).ok()?.0.into(),
            ByteOrder::Big => wire::SectionHeader::<BigEndian>::ref_from_prefix(at).ok()?.0.into(),
        })
    }

    /// The sections, in order, including empty ones. A section that is not in the file, or whose addresses go
    /// beyond 32 bits, is an error in its place; the iterator continues with the next one.
    pub fn sections(&self) -> impl Iterator<Item = Result<Section<'a>, CoffFinding>> + use<'a> {
        let image = *self;
        image.section_headers().map(move |(index, header)| image.section(index, header))
    }

    /// A section by its number, from 0; `None` past the last one.
    pub fn section_at(&self, index: u16) -> Option<Result<Section<'a>, CoffFinding>> {
        let header = (index < self.header.nscns).then(|| self.section_header(index))??;
        Some(self.section(index, header))
    }

    fn section(&self, index: u16, header: SectionHeader) -> Result<Section<'a>, CoffFinding> {
        let finding = |rule: CoffRule, field: SectionField, found: u64, expected| {
            rule.finding(CoffField::Section(index, field), self.section_field(index, field), found, expected)
        };
        if header.memory_end().is_none() {
            let room = Expected::AtMost(u32::MAX.wrapping_sub(header.size).into());
            let vaddr = header.vaddr.into();
            return Err(finding(CoffRule::AddressOverflow, SectionField::Vaddr, vaddr, room));
        }
        if header.size == 0 || header.kind() == Some(SectionKind::Bss) {
            return Ok(Section { index, header, bytes: &[] });
        }
        let len = self.bytes.len() as u64;
        let Some(bytes) = self.file_range(header.scnptr, header.size) else {
            let (field, found, bound) = match len.checked_sub(header.scnptr.into()) {
                None => (SectionField::Scnptr, header.scnptr, len),
                Some(rest) => (SectionField::Size, header.size, rest),
            };
            return Err(finding(CoffRule::SectionPastEof, field, found.into(), Expected::AtMost(bound)));
        };
        Ok(Section { index, header, bytes })
    }

    /// The instructions of each section that holds some, limited in total to the length of the file:
    /// sections of a damaged file may use the same bytes many times over.
    pub fn code(&self) -> impl Iterator<Item = Code<'a>> + use<'a> {
        let byte_order = self.header.byte_order;
        let mut left = self.bytes.len();
        let text = |section: &Section<'_>| section.header.kind() == Some(SectionKind::Text);
        self.sections().filter_map(Result::ok).filter(text).map_while(move |section| {
            left = left.checked_sub(section.bytes.len())?;
            let (address, file_offset) = (section.header.vaddr, section.header.scnptr.into());
            Some(Code { bytes: section.bytes, address, file_offset, byte_order })
        })
    }

    /// File offset of a field of a section header, in bytes.
    pub const fn section_field(&self, index: u16, field: SectionField) -> u64 {
        (self.header.section_header_offset(index) as u64).wrapping_add(field.offset())
    }

    /// `length` bytes of the file from `start` on; `None` unless the file has them all.
    pub fn file_range(&self, start: u32, length: u32) -> Option<&'a [u8]> {
        self.bytes.get(usize::try_from(start).ok()?..)?.get(..usize::try_from(length).ok()?)
    }
}
