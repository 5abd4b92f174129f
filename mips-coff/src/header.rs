//! The file header and the optional header as numbers.

use core::fmt;
use core::mem::offset_of;

use execfmt_common::{ByteOrder, Expected, Refusal};
use execfmt_detect::MagicBytes;
use zerocopy::byteorder::{BigEndian, LittleEndian, U16, U32};
use zerocopy::{FromBytes, IntoBytes};

use crate::error::{CoffField, CoffFinding, CoffRule};
use crate::wire::{
    self, FILE_HEADER_SIZE, MAGIC_BIG, MAGIC_LITTLE, OPTIONAL_HEADER_SIZE, SECTION_HEADER_SIZE,
};

/// File header and optional header as numbers. [`parse`](Self::parse) checks only the magic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// The byte order of all words of the file, code and data included.
    pub byte_order: ByteOrder,
    /// Number of sections.
    pub nscns: u16,
    /// When the file was made, in seconds since 1970-01-01 00:00 UTC.
    pub timdat: u32,
    /// File offset of the symbolic header; 0 without symbols.
    pub symptr: u32,
    /// Size of the symbolic header in bytes.
    pub nsyms: u32,
    /// Size of the optional header in bytes; the section headers follow it.
    pub opthdr: u16,
    /// [`F_EXEC`](wire::F_EXEC) and other flags.
    pub flags: u16,
    /// The optional header; `None` when the file or `opthdr` is too small to hold it.
    pub optional: Option<OptionalHeader>,
    /// The word at byte 36, where Nachos 5.0j reads the entry point whatever `opthdr` is; `None` when the
    /// file ends before it.
    pub entry: Option<u32>,
}

/// Why the headers of a refused file cannot be read.
#[cold]
#[inline(never)]
fn explained(bytes: &[u8]) -> CoffFinding {
    Header::read(bytes).map_or_else(|finding| finding, |_| too_short(bytes, FILE_HEADER_SIZE))
}

pub(crate) fn too_short(bytes: &[u8], needed: u32) -> CoffFinding {
    let len = bytes.len() as u64;
    CoffRule::Truncated.finding(CoffField::FileLength, len, len, Expected::AtLeast(needed.into()))
}

/// Refuses a file that is shorter than `needed` bytes.
#[inline(always)]
pub(crate) fn truncated<T, E: Refusal<CoffRule>>(bytes: &[u8], needed: u32) -> Result<T, E> {
    Err(E::new(|| too_short(bytes, needed)))
}

/// The optional header as numbers, without the register masks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OptionalHeader {
    /// [`OMAGIC`](wire::OMAGIC), [`NMAGIC`](wire::NMAGIC) or [`ZMAGIC`](wire::ZMAGIC).
    pub magic: u16,
    /// Version of the tool that wrote the file.
    pub vstamp: u16,
    /// Size of the text in bytes.
    pub tsize: u32,
    /// Size of the initialised data in bytes, constants included.
    pub dsize: u32,
    /// Size of the zeroed data in bytes.
    pub bsize: u32,
    /// Address at which the program starts.
    pub entry: u32,
    /// Address of the text.
    pub text_start: u32,
    /// Address of the initialised data.
    pub data_start: u32,
    /// Address of the zeroed data.
    pub bss_start: u32,
    /// The value of `$gp`.
    pub gp_value: u32,
}

impl Header {
    /// Reads the headers at the start of a file.
    ///
    /// # Errors
    /// [`CoffRule::Truncated`] when the file is shorter than the file header, [`CoffRule::WrongMagic`].
    #[inline(always)]
    pub fn parse(bytes: &[u8]) -> Result<Self, CoffFinding> {
        match Self::read::<()>(bytes) {
            Ok(header) => Ok(header),
            Err(()) => Err(explained(bytes)),
        }
    }

    #[inline(always)]
    pub(crate) fn read<E: Refusal<CoffRule>>(bytes: &[u8]) -> Result<Self, E> {
        let parsed = match bytes.first_chunk().map(|magic| u16::from_le_bytes(*magic)) {
            Some(MAGIC_LITTLE) => Self::read_in::<LittleEndian>(bytes, ByteOrder::Little),
            Some(magic) if magic == MAGIC_BIG.swap_bytes() => {
                Self::read_in::<BigEndian>(bytes, ByteOrder::Big)
            }
            Some(magic) => {
                return Err(E::new(|| {
                    let (field, expected) =
                        (CoffField::File("f_magic"), Expected::Exactly(MAGIC_LITTLE.into()));
                    CoffRule::WrongMagic(MagicBytes::of(bytes)).finding(field, 0, magic.into(), expected)
                }));
            }
            None => None,
        };
        match parsed {
            Some(header) => Ok(header),
            None => truncated(bytes, FILE_HEADER_SIZE),
        }
    }

    #[inline(always)]
    fn read_in<O: zerocopy::ByteOrder>(bytes: &[u8], byte_order: ByteOrder) -> Option<Self> {
        let (file, rest) = wire::FileHeader::<O>::ref_from_prefix(bytes).ok()?;
        let opthdr = file.f_opthdr.get();
        let optional = rest.get(..opthdr.into()).and_then(|optional| {
            let (optional, _) = wire::OptionalHeader::<O>::ref_from_prefix(optional).ok()?;
            Some(OptionalHeader::from(optional))
        });
        let entry = rest.get(offset_of!(wire::OptionalHeader<O>, entry)..).and_then(|at| {
            let (entry, _) = U32::<O>::ref_from_prefix(at).ok()?;
            Some(entry.get())
        });
        Some(Self {
            byte_order,
            nscns: file.f_nscns.get(),
            timdat: file.f_timdat.get(),
            symptr: file.f_symptr.get(),
            nsyms: file.f_nsyms.get(),
            opthdr,
            flags: file.f_flags.get(),
            optional,
            entry,
        })
    }

    /// File offset of the first section header, in bytes.
    pub const fn section_table(&self) -> u32 {
        FILE_HEADER_SIZE.wrapping_add(self.opthdr as u32)
    }

    /// File offset of a section header, in bytes.
    pub const fn section_header_offset(&self, index: u16) -> u32 {
        self.section_table().wrapping_add((index as u32).wrapping_mul(SECTION_HEADER_SIZE))
    }

    /// One past the file offset of the last section header, in bytes.
    pub const fn table_end(&self) -> u32 {
        self.section_header_offset(self.nscns)
    }

    /// Writes both headers at the start of `out`, with an optional header of 56 bytes. Returns `None` when
    /// there is too little room.
    pub(crate) fn encode(&self, out: &mut [u8]) -> Option<()> {
        match self.byte_order {
            ByteOrder::Little => self.encode_in::<LittleEndian>(MAGIC_LITTLE, out),
            ByteOrder::Big => self.encode_in::<BigEndian>(MAGIC_BIG, out),
        }
    }

    fn encode_in<O: zerocopy::ByteOrder>(&self, magic: u16, out: &mut [u8]) -> Option<()> {
        let file = wire::FileHeader::<O> {
            f_magic: U16::new(magic),
            f_nscns: U16::new(self.nscns),
            f_timdat: U32::new(self.timdat),
            f_symptr: U32::new(self.symptr),
            f_nsyms: U32::new(self.nsyms),
            f_opthdr: U16::new(u16::try_from(OPTIONAL_HEADER_SIZE).ok()?),
            f_flags: U16::new(self.flags),
        };
        let optional = wire::OptionalHeader::<O>::from(self.optional.unwrap_or_default());
        file.write_to_prefix(out).ok()?;
        optional.write_to_prefix(out.get_mut(usize::try_from(FILE_HEADER_SIZE).ok()?..)?).ok()
    }
}

impl<O: zerocopy::ByteOrder> From<&wire::OptionalHeader<O>> for OptionalHeader {
    #[inline(always)]
    fn from(wire: &wire::OptionalHeader<O>) -> Self {
        Self {
            magic: wire.magic.get(),
            vstamp: wire.vstamp.get(),
            tsize: wire.tsize.get(),
            dsize: wire.dsize.get(),
            bsize: wire.bsize.get(),
            entry: wire.entry.get(),
            text_start: wire.text_start.get(),
            data_start: wire.data_start.get(),
            bss_start: wire.bss_start.get(),
            gp_value: wire.gp_value.get(),
        }
    }
}

impl<O: zerocopy::ByteOrder> From<OptionalHeader> for wire::OptionalHeader<O> {
    fn from(header: OptionalHeader) -> Self {
        Self {
            magic: U16::new(header.magic),
            vstamp: U16::new(header.vstamp),
            tsize: U32::new(header.tsize),
            dsize: U32::new(header.dsize),
            bsize: U32::new(header.bsize),
            entry: U32::new(header.entry),
            text_start: U32::new(header.text_start),
            data_start: U32::new(header.data_start),
            bss_start: U32::new(header.bss_start),
            gprmask: U32::ZERO,
            cprmask0: U32::ZERO,
            cprmask1: U32::ZERO,
            cprmask2: U32::ZERO,
            cprmask3: U32::ZERO,
            gp_value: U32::new(header.gp_value),
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MIPS COFF, {}, {} sections", self.byte_order, self.nscns)?;
        self.entry.map_or(Ok(()), |entry| write!(f, ", entry {entry:#x}"))
    }
}
