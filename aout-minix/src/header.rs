//! The header as numbers, and the file offsets of the sections that it determines.

use core::fmt;
use core::mem::size_of;

use execfmt_common::ByteOrder;
use zerocopy::byteorder::{BigEndian, LittleEndian, U16, U32};
use zerocopy::{FromBytes, IntoBytes};

use crate::section::Section;
use crate::types::{Cpu, FileType, Flags, MAGIC};
use crate::wire::{
    ExecHeader, FarSupplement, HLEN_FAR, HLEN_PLAIN, HLEN_RELOC, MAX_HEADER_SIZE, RelocSupplement,
};

/// The supplement as numbers. Fields that `hlen` excludes are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Supplement {
    /// Size of the text's relocations in bytes.
    pub trsize: u32,
    /// Size of the data's relocations in bytes.
    pub drsize: u32,
    /// Base of the text.
    pub tbase: u32,
    /// Base of the data.
    pub dbase: u32,
    /// Size of the far text in bytes, uncompressed.
    pub ftseg: u32,
    /// Size of the far text's relocations in bytes.
    pub ftrsize: u32,
    /// Size of the text as stored, in bytes; 0 when it is not compressed.
    pub compr_tseg: u16,
    /// Size of the data as stored, in bytes; 0 when it is not compressed.
    pub compr_dseg: u16,
    /// Size of the far text as stored, in bytes; 0 when it is not compressed.
    pub compr_ftseg: u16,
    /// Reserved: 0.
    pub reserved: u16,
}

impl Supplement {
    /// Size of a section as stored, in bytes, as the header has it; 0 for a section that is not compressed.
    pub const fn compressed_size(&self, section: Section) -> u16 {
        match section {
            Section::Text => self.compr_tseg,
            Section::FarText => self.compr_ftseg,
            Section::Data => self.compr_dseg,
            _ => 0,
        }
    }
}

/// The sizes of a section, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SectionSizes {
    /// In the file.
    pub stored: u32,
    /// In memory.
    pub uncompressed: u32,
    /// Whether it is stored compressed.
    pub is_compressed: bool,
}

/// A header as numbers: what the file contains, unchecked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// Flags and processor.
    pub file_type: FileType,
    /// The size of the whole header in bytes: 0x20, 0x30 or 0x40.
    pub hlen: u8,
    /// Reserved: 0.
    pub reserved1: u8,
    /// 0 or 1: determines what `chmem` and `minstack` mean.
    pub version: u16,
    /// Size of the text in bytes, uncompressed.
    pub tseg: u32,
    /// Size of the data in bytes, uncompressed.
    pub dseg: u32,
    /// Size of the bss in bytes.
    pub bseg: u32,
    /// The entry point, in bytes from the start of the text.
    pub entry: u32,
    /// Version 1: bytes of heap. Version 0: bytes of data, bss, heap and stack together. See
    /// [`ExecHeader::chmem`].
    pub chmem: u16,
    /// Version 1: bytes of stack.
    pub minstack: u16,
    /// Size of the symbol table in bytes.
    pub syms: u32,
    /// The supplement; zeros where `hlen` excludes it.
    pub supplement: Supplement,
}

impl Header {
    /// A header of 32 bytes without sections, version 0.
    pub const fn empty(file_type: FileType) -> Self {
        Self {
            file_type,
            hlen: HLEN_PLAIN,
            reserved1: 0,
            version: 0,
            tseg: 0,
            dseg: 0,
            bseg: 0,
            entry: 0,
            chmem: 0,
            minstack: 0,
            syms: 0,
            supplement: Supplement {
                trsize: 0,
                drsize: 0,
                tbase: 0,
                dbase: 0,
                ftseg: 0,
                ftrsize: 0,
                compr_tseg: 0,
                compr_dseg: 0,
                compr_ftseg: 0,
                reserved: 0,
            },
        }
    }

    /// The byte order of the file's words.
    pub const fn byte_order(&self) -> ByteOrder {
        self.file_type.cpu.byte_order()
    }

    /// `chmem` and `minstack` as Minix and dev86 read them: one word `a_total`, the bytes of data, bss, heap
    /// and stack together (and text, when it is not separate).
    pub const fn a_total(&self) -> u32 {
        let (first, second) = (self.chmem.to_le_bytes(), self.minstack.to_le_bytes());
        match self.byte_order() {
            ByteOrder::Little => u32::from_le_bytes([first[0], first[1], second[0], second[1]]),
            ByteOrder::Big => u32::from_le_bytes([second[0], second[1], first[0], first[1]]),
        }
    }

    /// Sets `chmem` and `minstack` from Minix' `a_total`.
    pub const fn set_a_total(&mut self, total: u32) {
        let [b0, b1, b2, b3] = total.to_le_bytes();
        let (low, high) = (u16::from_le_bytes([b0, b1]), u16::from_le_bytes([b2, b3]));
        (self.chmem, self.minstack) = match self.byte_order() {
            ByteOrder::Little => (low, high),
            ByteOrder::Big => (high, low),
        };
    }

    /// True when a section is stored compressed.
    pub const fn is_compressed(&self) -> bool {
        let Supplement { compr_tseg, compr_dseg, compr_ftseg, .. } = self.supplement;
        compr_tseg != 0 || compr_dseg != 0 || compr_ftseg != 0
    }

    /// The size of the shortest header that can express this one.
    pub const fn needed_hlen(&self) -> u8 {
        let Supplement { trsize, drsize, tbase, dbase, ftseg, ftrsize, reserved, .. } = self.supplement;
        if ftseg != 0 || ftrsize != 0 || reserved != 0 || self.is_compressed() {
            HLEN_FAR
        } else if trsize != 0 || drsize != 0 || tbase != 0 || dbase != 0 {
            HLEN_RELOC
        } else {
            HLEN_PLAIN
        }
    }

    /// The sizes of a section: in the file, and once decompressed.
    #[inline(always)]
    pub const fn sizes(&self, section: Section) -> SectionSizes {
        let supplement = &self.supplement;
        let uncompressed = match section {
            Section::Text => self.tseg,
            Section::FarText => supplement.ftseg,
            Section::Data => self.dseg,
            Section::TextRelocations => supplement.trsize,
            Section::FarTextRelocations => supplement.ftrsize,
            Section::DataRelocations => supplement.drsize,
            Section::Symbols => self.syms,
        };
        let compressed = supplement.compressed_size(section);
        // An empty far text is not stored, whatever its stored size is.
        let absent = matches!(section, Section::FarText) && uncompressed == 0;
        let is_compressed = compressed != 0 && !absent;
        let stored = if is_compressed { compressed as u32 } else { uncompressed };
        SectionSizes { stored, uncompressed, is_compressed }
    }

    /// Number of bytes that a section takes in the file.
    #[inline(always)]
    pub const fn stored_size(&self, section: Section) -> u32 {
        self.sizes(section).stored
    }

    /// File offset of a section in bytes: after the header and the sections before it.
    pub fn offset_of(&self, section: Section) -> u64 {
        let before = Section::ALL.into_iter().take_while(|&other| other != section);
        before.fold(self.hlen.into(), |sum, other| sum.saturating_add(self.stored_size(other).into()))
    }

    /// One past the last section's last byte in the file, in bytes.
    pub fn end_of_sections(&self) -> u64 {
        self.offset_of(Section::Symbols).saturating_add(self.syms.into())
    }

    /// Size of the header's supplement according to `hlen`, in bytes: 0, 16 or 32.
    #[inline(always)]
    pub(crate) const fn supplement_size(hlen: u8) -> usize {
        const RELOC: usize = size_of::<RelocSupplement<LittleEndian>>();
        const FAR: usize = size_of::<FarSupplement<LittleEndian>>();
        match hlen {
            HLEN_FAR.. => RELOC.saturating_add(FAR),
            HLEN_RELOC.. => RELOC,
            _ => 0,
        }
    }

    /// Reads a header, in the byte order that its cpu byte shows, with as few requirements as possible: for
    /// tools that show damaged files. A supplement that is cut short is read as zeros.
    ///
    /// `None` when there are fewer than 32 bytes or the magic is missing. [`read_header`](crate::read_header)
    /// returns the reason, and refuses a supplement that is cut short.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&MAGIC) { Self::decode(bytes) } else { None }
    }

    /// Like [`from_bytes`](Self::from_bytes), without checking the magic.
    #[inline(always)]
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        match Cpu(*bytes.get(3)?).byte_order() {
            ByteOrder::Little => Self::decode_in::<LittleEndian>(bytes),
            ByteOrder::Big => Self::decode_in::<BigEndian>(bytes),
        }
    }

    /// Like [`decode`](Self::decode), for callers that need only one byte order.
    #[inline(always)]
    pub(crate) fn decode_little(bytes: &[u8]) -> Option<Self> {
        Self::decode_in::<LittleEndian>(bytes)
    }

    #[inline(always)]
    fn decode_in<O: zerocopy::ByteOrder>(bytes: &[u8]) -> Option<Self> {
        let (wire, rest) = ExecHeader::<O>::ref_from_prefix(bytes).ok()?;
        let mut supplement = Supplement::default();
        if wire.hlen >= HLEN_RELOC {
            if let Ok((first, rest)) = RelocSupplement::<O>::ref_from_prefix(rest) {
                supplement.trsize = first.trsize.get();
                supplement.drsize = first.drsize.get();
                supplement.tbase = first.tbase.get();
                supplement.dbase = first.dbase.get();
                if wire.hlen >= HLEN_FAR {
                    if let Ok((second, _)) = FarSupplement::<O>::ref_from_prefix(rest) {
                        supplement.ftseg = second.ftseg.get();
                        supplement.ftrsize = second.ftrsize.get();
                        supplement.compr_tseg = second.compr_tseg.get();
                        supplement.compr_dseg = second.compr_dseg.get();
                        supplement.compr_ftseg = second.compr_ftseg.get();
                        supplement.reserved = second.reserved.get();
                    }
                }
            }
        }
        Some(Self {
            file_type: FileType { flags: Flags(wire.flags), cpu: Cpu(wire.cpu) },
            hlen: wire.hlen,
            reserved1: wire.reserved1,
            version: wire.version.get(),
            tseg: wire.tseg.get(),
            dseg: wire.dseg.get(),
            bseg: wire.bseg.get(),
            entry: wire.entry.get(),
            chmem: wire.chmem.get(),
            minstack: wire.minstack.get(),
            syms: wire.syms.get(),
            supplement,
        })
    }

    /// The header's bytes; the first `hlen` of them (at most 64) are in the file.
    pub fn to_bytes(&self) -> [u8; MAX_HEADER_SIZE] {
        let mut bytes = [0; MAX_HEADER_SIZE];
        // The array has room for all three records, so each of these writes succeeds.
        let _ = match self.byte_order() {
            ByteOrder::Little => self.encode_in::<LittleEndian>(&mut bytes),
            ByteOrder::Big => self.encode_in::<BigEndian>(&mut bytes),
        };
        bytes
    }

    fn encode_in<O: zerocopy::ByteOrder>(&self, out: &mut [u8; MAX_HEADER_SIZE]) -> Option<()> {
        let Supplement { trsize, drsize, tbase, dbase, ftseg, ftrsize, .. } = self.supplement;
        let Supplement { compr_tseg, compr_dseg, compr_ftseg, reserved, .. } = self.supplement;
        let header = ExecHeader::<O> {
            magic: MAGIC,
            flags: self.file_type.flags.0,
            cpu: self.file_type.cpu.0,
            hlen: self.hlen,
            reserved1: self.reserved1,
            version: U16::new(self.version),
            tseg: U32::new(self.tseg),
            dseg: U32::new(self.dseg),
            bseg: U32::new(self.bseg),
            entry: U32::new(self.entry),
            chmem: U16::new(self.chmem),
            minstack: U16::new(self.minstack),
            syms: U32::new(self.syms),
        };
        let first = RelocSupplement::<O> {
            trsize: U32::new(trsize),
            drsize: U32::new(drsize),
            tbase: U32::new(tbase),
            dbase: U32::new(dbase),
        };
        let second = FarSupplement::<O> {
            ftseg: U32::new(ftseg),
            ftrsize: U32::new(ftrsize),
            compr_tseg: U16::new(compr_tseg),
            compr_dseg: U16::new(compr_dseg),
            compr_ftseg: U16::new(compr_ftseg),
            reserved: U16::new(reserved),
        };
        header.write_to_prefix(out).ok()?;
        first.write_to_prefix(out.get_mut(usize::from(HLEN_PLAIN)..)?).ok()?;
        second.write_to_prefix(out.get_mut(usize::from(HLEN_RELOC)..)?).ok()
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a.out {}, header of {} bytes, version {}; text {}, data {}, bss {} bytes; entry {:#x}",
            self.file_type, self.hlen, self.version, self.tseg, self.dseg, self.bseg, self.entry
        )?;
        if self.supplement.ftseg != 0 {
            write!(f, "; far text {} bytes", self.supplement.ftseg)?;
        }
        if self.is_compressed() {
            f.write_str("; compressed")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_one_word_in_either_order() {
        for (word, chmem, minstack) in [(0x0420_0301, 0x5678, 0x1234), (0x0b20_0301, 0x1234, 0x5678)] {
            let mut header = Header::empty(FileType::from_word(word));
            header.set_a_total(0x1234_5678);
            assert_eq!((header.chmem, header.minstack), (chmem, minstack));
            assert_eq!(header.a_total(), 0x1234_5678);
            let bytes = header.to_bytes();
            let order = header.byte_order();
            assert_eq!(order.u32(*bytes[24..].first_chunk().unwrap()), 0x1234_5678);
            assert_eq!(Header::decode(&bytes), Some(header));
        }
    }

    #[test]
    fn every_field_has_its_place() {
        // Written by hand from the layout table: each word holds its own offset in the file.
        let mut bytes = [0; 64];
        bytes[..8].copy_from_slice(&[1, 3, 0x30, 4, 0x40, 5, 6, 0]);
        for at in [8_u8, 12, 16, 20, 28, 32, 36, 40, 44, 48, 52] {
            bytes[usize::from(at)] = at;
        }
        for at in [24_u8, 26, 56, 58, 60, 62] {
            bytes[usize::from(at)] = at;
        }
        let header = Header::decode(&bytes).unwrap();
        let supplement = Supplement {
            trsize: 32,
            drsize: 36,
            tbase: 40,
            dbase: 44,
            ftseg: 48,
            ftrsize: 52,
            compr_tseg: 56,
            compr_dseg: 58,
            compr_ftseg: 60,
            reserved: 62,
        };
        let expected = Header {
            file_type: FileType::SPLITID_AHISTORICAL,
            hlen: 0x40,
            reserved1: 5,
            version: 6,
            tseg: 8,
            dseg: 12,
            bseg: 16,
            entry: 20,
            chmem: 24,
            minstack: 26,
            syms: 28,
            supplement,
        };
        assert_eq!(header, expected);
        assert_eq!(header.to_bytes(), bytes);
        // File order: text, far text, data (compressed: 56, 60, 58), then relocations 32, 52, 36.
        let offsets = Section::ALL.map(|section| header.offset_of(section));
        assert_eq!(offsets, [64, 120, 180, 238, 270, 322, 358]);
        assert_eq!(header.end_of_sections(), 386);
        // A supplement that is cut short: half of it, or none.
        let half = Supplement { trsize: 32, drsize: 36, tbase: 40, dbase: 44, ..Supplement::default() };
        assert_eq!(Header::from_bytes(&bytes[..63]), Some(Header { supplement: half, ..expected }));
        let none = Header { supplement: Supplement::default(), ..expected };
        assert_eq!(Header::from_bytes(&bytes[..47]), Some(none));
        assert_eq!(Header::from_bytes(&bytes[..31]), None);
        assert_eq!(Header::from_bytes(&bytes[1..]), None);
    }
}
