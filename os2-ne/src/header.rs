//! The NE header, and its offset in the file.

use execfmt_common::{Expected, Refusal};
use execfmt_detect::MagicBytes;
use zerocopy::FromBytes;

use crate::field::NeField;
use crate::rules::{NeFinding, NeRule};
use crate::wire::{MZ_HEADER_SIZE, MZ_MAGIC, MzHeader, NE_HEADER_SIZE, NE_MAGIC, NeHeader};

/// The NE header of a file.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// File offset of the header in bytes.
    pub position: u32,
    /// The header as it is in the file.
    pub ne: NeHeader,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident)+) => {
        $($(#[$doc])* #[inline(always)] pub fn $name(&self) -> u16 {
            self.ne.$name.get()
        })+
    };
}

impl Header {
    /// Finds and reads the header of a file.
    ///
    /// # Errors
    /// The file ends too early, or it is not an NE file.
    #[inline(always)]
    pub fn parse(bytes: &[u8]) -> Result<Self, NeFinding> {
        match Self::read::<()>(bytes) {
            Ok(header) => Ok(header),
            Err(()) => Err(Self::explained(bytes)),
        }
    }

    /// Why the headers of a refused file cannot be read.
    #[cold]
    #[inline(never)]
    fn explained(bytes: &[u8]) -> NeFinding {
        Self::read(bytes).map_or_else(|finding| finding, |_| too_short(bytes, MZ_HEADER_SIZE as u64))
    }

    #[inline(always)]
    pub(crate) fn read<E: Refusal<NeRule>>(bytes: &[u8]) -> Result<Self, E> {
        let len = bytes.len() as u64;
        let short = |needed| Err(E::new(|| too_short(bytes, needed)));
        let Some(&magic) = bytes.first_chunk() else { return short(MZ_HEADER_SIZE as u64) };
        if magic != MZ_MAGIC {
            return NeRule::NotMz(MagicBytes::of(bytes)).refuse(
                NeField::Mz("e_magic"),
                0,
                word(magic),
                Expected::Exactly(word(MZ_MAGIC)),
            );
        }
        let Ok((mz, _)) = MzHeader::ref_from_prefix(bytes) else { return short(MZ_HEADER_SIZE as u64) };
        let position = mz.e_lfanew.get();
        let end = u64::from(position).saturating_add(NE_HEADER_SIZE as u64);
        let rest = from_offset(bytes, position);
        match rest.first_chunk() {
            Some(&NE_MAGIC) => {}
            Some(&magic) => {
                let expected = Expected::Exactly(word(NE_MAGIC));
                return NeRule::NotNe.refuse(
                    NeField::Header("magic"),
                    position.into(),
                    word(magic),
                    expected,
                );
            }
            // A DOS program has no NE header, and its e_lfanew is often past the end of the file.
            None => {
                let last = len.saturating_sub(NE_HEADER_SIZE as u64);
                let rule = NeRule::HeaderPastEof;
                return rule.refuse(NeField::Mz("e_lfanew"), 0, position.into(), Expected::AtMost(last));
            }
        }
        match NeHeader::ref_from_prefix(rest) {
            Ok((ne, _)) => Ok(Self { position, ne: *ne }),
            Err(_) => short(end),
        }
    }

    words! {
        /// Number of the auto data segment, which holds data, heap and stack, from 1.
        auto_data_segment
        /// Bytes of heap; 0 for 4096, FFFF hexadecimal for as much as fits into the segment.
        heap
        /// Bytes of stack; 0 for 4096.
        stack
        /// The entry point, in bytes from the start of segment `cs`.
        ip
        /// Number of the segment in which the program starts, from 1.
        cs
        /// Initial stack pointer; ELKS ignores it.
        sp
        /// Number of the stack segment; ELKS ignores it.
        ss
        /// Number of segments.
        num_segments
        /// Number of modules from which the program imports.
        num_modules
        /// Offset of the segment table in bytes, from the header.
        segment_table
        /// Number of movable entry points.
        num_movable
        /// File offsets in the segment table are in units of 2 to this power, in bytes.
        shift
        /// Number of resources.
        num_resources
    }

    /// The number of the target system.
    pub const fn target_os(&self) -> u8 {
        self.ne.target_os
    }

    /// File offset of the segment table in bytes, computed in 32 bits.
    #[inline(always)]
    pub fn segment_table_offset(&self) -> u32 {
        self.position.wrapping_add(self.segment_table().into())
    }

    /// File offset in bytes of the entry of a segment, numbered from 1.
    #[inline(always)]
    pub fn entry_offset(&self, number: u16) -> u64 {
        let before =
            u64::from(number.saturating_sub(1)).saturating_mul(crate::wire::SEGMENT_ENTRY_SIZE as u64);
        u64::from(self.segment_table_offset()).saturating_add(before)
    }

    /// File offset in bytes for an `offset` of the segment table, as ELKS computes it: in 32 bits, with the
    /// shift modulo 32; a shift of 0 is not replaced by a default.
    #[inline(always)]
    pub fn file_offset(&self, offset: u16) -> u32 {
        u32::from(offset).wrapping_shl(self.shift().into())
    }
}

pub(crate) fn too_short(bytes: &[u8], needed: u64) -> NeFinding {
    NeRule::Truncated.at(NeField::FileLength, 0, bytes.len() as u64, Expected::AtLeast(needed))
}

/// Two bytes as a number.
pub(crate) fn word(bytes: [u8; 2]) -> u64 {
    u16::from_le_bytes(bytes).into()
}

/// The rest of a file from an offset. Offsets are signed in ELKS: 2 GiB and more are past the end of every
/// file.
#[inline(always)]
pub(crate) fn from_offset(bytes: &[u8], offset: u32) -> &[u8] {
    let offset = i32::try_from(offset).ok().and_then(|offset| usize::try_from(offset).ok());
    offset.and_then(|offset| bytes.get(offset..)).unwrap_or_default()
}

impl NeRule {
    /// A finding in a field of the header.
    pub(crate) fn header(
        self,
        header: &Header,
        name: &'static str,
        found: impl Into<u64>,
        expected: Expected,
    ) -> NeFinding {
        self.at(NeField::Header(name), header.position.into(), found.into(), expected)
    }
}
