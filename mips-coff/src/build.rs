//! Writing a COFF file.

use core::fmt;

use execfmt_common::{BufferTooSmall, ByteOrder};
use zerocopy::IntoBytes;
use zerocopy::byteorder::{BigEndian, LittleEndian};

use crate::header::{Header, OptionalHeader};
use crate::nachos5j::MAX_SECTIONS;
use crate::section::{SectionHeader, SectionKind, SectionName};
use crate::wire::{
    self, F_AR32WR, F_EXEC, F_LNNO, F_RELFLG, FILE_HEADER_SIZE, OMAGIC, OPTIONAL_HEADER_SIZE,
    SECTION_HEADER_SIZE,
};

/// Sizes of sections, and the file offsets of their bytes, are multiples of this number of bytes, as the old
/// linker wrote them.
pub const GRANULARITY: u32 = 16;

/// `vstamp` of the linker with which course programs were built.
const VSTAMP: u16 = 0x020b;

/// Builds a linked COFF file from borrowed sections: with the layout, order and flags of the old linker's
/// files, which the converters and Nachos 5.0j accept. Sections are in the file in the order of the calls.
///
/// Addresses are the caller's: a builder cannot move code. Sizes are rounded up to [`GRANULARITY`], unless
/// the next section's address forbids it. For Nachos 5.0j each section, even an empty one, must begin at the
/// page after the one before.
///
/// ```
/// let builder = mips_coff::Builder::nachos().text(0, &[0x0c, 0, 0, 0]).data(0x400, b"Nachos\0\0").bss(0x800, 100);
/// let mut file = [0; 512];
/// let length = builder.write_to(&mut file)?;
/// assert_eq!(mips_coff::Header::parse(&file[..length]).unwrap().nscns, 3);
/// # Ok::<(), mips_coff::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Builder<'a> {
    byte_order: ByteOrder,
    entry: u32,
    sections: [Option<NewSection<'a>>; MAX_SECTIONS as usize],
    too_many: bool,
    granularity: u32,
}

/// A section to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSection<'a> {
    /// Its name.
    pub name: SectionName,
    /// What it holds: its flags in the file.
    pub kind: SectionKind,
    /// Its address, virtual and physical.
    pub address: u32,
    /// Its bytes; empty for zeroed data.
    pub bytes: &'a [u8],
    /// Its size in bytes if it is zeroed data; otherwise the length of `bytes` counts.
    pub zeroed: u32,
}

impl NewSection<'_> {
    fn size(&self) -> Option<u32> {
        if self.kind.is_file_backed() { u32::try_from(self.bytes.len()).ok() } else { Some(self.zeroed) }
    }
}

impl<'a> Builder<'a> {
    /// A little-endian file without sections, for Nachos; the program starts at 0.
    pub const fn nachos() -> Self {
        Self {
            byte_order: ByteOrder::Little,
            entry: 0,
            sections: [None; MAX_SECTIONS as usize],
            too_many: false,
            granularity: GRANULARITY,
        }
    }

    /// The byte order of the headers' words; the sections' bytes are taken unchanged.
    #[must_use]
    pub const fn byte_order(mut self, byte_order: ByteOrder) -> Self {
        self.byte_order = byte_order;
        self
    }

    /// The address at which the program starts.
    #[must_use]
    pub const fn entry(mut self, entry: u32) -> Self {
        self.entry = entry;
        self
    }

    /// The number of bytes to whose multiples sizes are rounded up, instead of [`GRANULARITY`]; 1 keeps them
    /// unchanged.
    #[must_use]
    pub const fn granularity(mut self, bytes: u32) -> Self {
        self.granularity = bytes;
        self
    }

    /// `.text`: instructions, loaded at `address`.
    #[must_use]
    pub fn text(self, address: u32, bytes: &'a [u8]) -> Self {
        self.file_backed(SectionKind::Text, address, bytes)
    }

    /// `.rdata`: constants, loaded at `address`.
    #[must_use]
    pub fn rdata(self, address: u32, bytes: &'a [u8]) -> Self {
        self.file_backed(SectionKind::Rdata, address, bytes)
    }

    /// `.data`: initialised data, loaded at `address`.
    #[must_use]
    pub fn data(self, address: u32, bytes: &'a [u8]) -> Self {
        self.file_backed(SectionKind::Data, address, bytes)
    }

    /// `.bss`: `size` bytes of zeroed data at `address`.
    #[must_use]
    pub fn bss(self, address: u32, size: u32) -> Self {
        let kind = SectionKind::Bss;
        self.section(NewSection { name: usual_name(kind), kind, address, bytes: &[], zeroed: size })
    }

    fn file_backed(self, kind: SectionKind, address: u32, bytes: &'a [u8]) -> Self {
        self.section(NewSection { name: usual_name(kind), kind, address, bytes, zeroed: 0 })
    }

    /// A section of any name. More than ten sections are refused when the file is written.
    #[must_use]
    pub fn section(mut self, section: NewSection<'a>) -> Self {
        match self.sections.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => *slot = Some(section),
            None => self.too_many = true,
        }
        self
    }

    fn new_sections(&self) -> impl Iterator<Item = NewSection<'a>> + '_ {
        self.sections.iter().map_while(|slot| *slot)
    }

    /// A section's size as written: rounded up, but not into the next higher section.
    fn padded(&self, section: &NewSection<'a>) -> Result<u32, BuildError> {
        let size = section.size().ok_or(BuildError::TooLong)?;
        let rounded = round_up(size, self.granularity).ok_or(BuildError::TooLong)?;
        let end = section.address.checked_add(size).ok_or(BuildError::AddressOverflow(section.name))?;
        let above = self.new_sections().filter(|other| other.address >= end && other != section);
        let room = above.map(|other| other.address.saturating_sub(section.address)).min();
        let room = room.unwrap_or(u32::MAX.saturating_sub(section.address));
        Ok(rounded.min(room.max(size)))
    }

    /// The headers, the section headers, and the length of the whole file in bytes.
    fn plan(&self) -> Result<Plan, BuildError> {
        if self.too_many {
            return Err(BuildError::TooManySections);
        }
        let count = self.new_sections().count();
        let nscns = u16::try_from(count).map_err(|_| BuildError::TooManySections)?;
        let table = u32::from(nscns)
            .saturating_mul(SECTION_HEADER_SIZE)
            .saturating_add(FILE_HEADER_SIZE)
            .saturating_add(OPTIONAL_HEADER_SIZE);
        let mut end = round_up(table, GRANULARITY).ok_or(BuildError::TooLong)?;
        let mut sections = [None; MAX_SECTIONS as usize];
        let mut sums =
            OptionalHeader { magic: OMAGIC, vstamp: VSTAMP, entry: self.entry, ..OptionalHeader::default() };
        let [mut text, mut data, mut bss] = [None; 3];
        for (slot, section) in sections.iter_mut().zip(self.new_sections()) {
            let size = self.padded(&section)?;
            let scnptr = if section.kind.is_file_backed() && size != 0 { end } else { 0 };
            let (start, sum) = match section.kind {
                SectionKind::Text => (&mut text, &mut sums.tsize),
                SectionKind::Rdata | SectionKind::Data => (&mut data, &mut sums.dsize),
                SectionKind::Bss => (&mut bss, &mut sums.bsize),
            };
            start.get_or_insert(section.address);
            *sum = sum.checked_add(size).ok_or(BuildError::TooLong)?;
            if section.kind.is_file_backed() {
                let past = end.checked_add(size).and_then(|past| round_up(past, GRANULARITY));
                end = past.ok_or(BuildError::TooLong)?;
            }
            *slot = Some(SectionHeader {
                name: section.name,
                paddr: section.address,
                vaddr: section.address,
                size,
                scnptr,
                relptr: 0,
                lnnoptr: 0,
                nreloc: 0,
                nlnno: 0,
                flags: section.kind.flags(),
            });
        }
        let after = |start: Option<u32>, size: u32| start.unwrap_or(0).saturating_add(size);
        sums.text_start = text.unwrap_or(0);
        sums.data_start = data.unwrap_or(after(text, sums.tsize));
        sums.bss_start = bss.unwrap_or(after(data, sums.dsize));
        let header = Header {
            byte_order: self.byte_order,
            nscns,
            timdat: 0,
            symptr: 0,
            nsyms: 0,
            opthdr: 0,
            flags: F_RELFLG
                | F_EXEC
                | F_LNNO
                | if self.byte_order == ByteOrder::Little { F_AR32WR } else { 0 },
            optional: Some(sums),
            entry: Some(self.entry),
        };
        Ok(Plan { header, sections, end })
    }

    /// The length of the file in bytes.
    ///
    /// # Errors
    /// All of [`BuildError`] except [`BuildError::BufferTooSmall`].
    pub fn written_len(&self) -> Result<usize, BuildError> {
        usize::try_from(self.plan()?.end).map_err(|_| BuildError::TooLong)
    }

    /// Writes the file at the start of `out` and returns its length in bytes.
    ///
    /// # Errors
    /// All of [`BuildError`]; nothing is written.
    pub fn write_to(&self, out: &mut [u8]) -> Result<usize, BuildError> {
        let plan = self.plan()?;
        let needed = self.written_len()?;
        let too_small =
            BuildError::BufferTooSmall(BufferTooSmall { needed: needed as u64, given: out.len() as u64 });
        let out = out.get_mut(..needed).ok_or(too_small)?;
        out.fill(0);
        plan.header.encode(out).ok_or(too_small)?;
        let mut table = FILE_HEADER_SIZE.saturating_add(OPTIONAL_HEADER_SIZE);
        for (header, section) in plan.sections.iter().flatten().zip(self.new_sections()) {
            let at = slice_from(out, table).ok_or(too_small)?;
            encode_section(*header, self.byte_order, at).ok_or(too_small)?;
            table = table.saturating_add(SECTION_HEADER_SIZE);
            if section.kind.is_file_backed() && !section.bytes.is_empty() {
                let at = slice_from(out, header.scnptr).and_then(|at| at.get_mut(..section.bytes.len()));
                at.ok_or(too_small)?.copy_from_slice(section.bytes);
            }
        }
        Ok(needed)
    }

    /// The whole file.
    ///
    /// # Errors
    /// All of [`BuildError`] except [`BuildError::BufferTooSmall`].
    #[cfg(feature = "alloc")]
    pub fn to_vec(&self) -> Result<alloc::vec::Vec<u8>, BuildError> {
        let mut file = alloc::vec![0; self.written_len()?];
        self.write_to(&mut file)?;
        Ok(file)
    }
}

struct Plan {
    header: Header,
    sections: [Option<SectionHeader>; MAX_SECTIONS as usize],
    end: u32,
}

fn usual_name(kind: SectionKind) -> SectionName {
    SectionName::from_bytes(kind.name().as_bytes()).unwrap_or(SectionName::new([0; 8]))
}

fn round_up(size: u32, multiple: u32) -> Option<u32> {
    size.checked_next_multiple_of(multiple.max(1))
}

fn slice_from(bytes: &mut [u8], start: u32) -> Option<&mut [u8]> {
    bytes.get_mut(usize::try_from(start).ok()?..)
}

fn encode_section(header: SectionHeader, byte_order: ByteOrder, out: &mut [u8]) -> Option<()> {
    match byte_order {
        ByteOrder::Little => wire::SectionHeader::<LittleEndian>::from(header).write_to_prefix(out).ok(),
        ByteOrder::Big => wire::SectionHeader::<BigEndian>::from(header).write_to_prefix(out).ok(),
    }
}

/// Why a file could not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// More sections than the ten that Nachos 5.0j takes.
    TooManySections,
    /// A section's addresses go beyond 32 bits.
    AddressOverflow(SectionName),
    /// The file would be longer than its 32-bit offsets can express.
    TooLong,
    /// The caller's buffer is too small.
    BufferTooSmall(BufferTooSmall),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManySections => write!(f, "a COFF program has at most {MAX_SECTIONS} sections"),
            Self::AddressOverflow(name) => write!(f, "the addresses of {name} go beyond 32 bits"),
            Self::TooLong => f.write_str("the file would be 4 GiB or longer"),
            Self::BufferTooSmall(size) => size.fmt(f),
        }
    }
}

impl core::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::BufferTooSmall(size) => Some(size),
            _ => None,
        }
    }
}
