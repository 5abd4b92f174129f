//! Writing a NOFF file.

use core::fmt;

use execfmt_common::{BufferTooSmall, ByteOrder, Expected};

use crate::check::check;
use crate::header::{Header, Layout};
use crate::rules::{NoffField, NoffFinding, NoffRule};
use crate::segment::{SegmentField, SegmentHeader, SegmentKind};

/// Builds a NOFF file from borrowed segments into a caller's buffer.
///
/// The segments' bytes follow the header without gaps, in the order of the calls.
/// Records of empty segments are written as zeros, and so is the `in_file_addr` of `uninitData`.
///
/// ```
/// use noff::{Builder, ByteOrder, Layout};
///
/// let builder = Builder::new(Layout::Three, ByteOrder::Little)
///     .code(0, &[0x0c, 0, 0, 0])
///     .init_data(4, b"Nachos\0\0")
///     .uninit_data(12, 100);
/// assert_eq!(builder.written_len()?, 40 + 4 + 8);
/// let mut file = [0; 52];
/// builder.write_to(&mut file)?;
/// # Ok::<(), noff::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Builder<'a> {
    layout: Layout,
    byte_order: ByteOrder,
    payloads: [Option<Payload<'a>>; 3],
    uninit_data: SegmentHeader,
}

#[derive(Clone, Copy, Debug)]
struct Payload<'a> {
    kind: SegmentKind,
    virtual_addr: u32,
    bytes: &'a [u8],
}

impl<'a> Builder<'a> {
    /// A file without segments.
    pub const fn new(layout: Layout, byte_order: ByteOrder) -> Self {
        let uninit_data = SegmentHeader::NONE;
        Self { layout, byte_order, payloads: [None; 3], uninit_data }
    }

    /// Instructions, loaded at `virtual_addr`.
    #[must_use]
    pub fn code(self, virtual_addr: u32, bytes: &'a [u8]) -> Self {
        self.payload(SegmentKind::Code, virtual_addr, bytes)
    }

    /// Initialised data, loaded at `virtual_addr`.
    #[must_use]
    pub fn init_data(self, virtual_addr: u32, bytes: &'a [u8]) -> Self {
        self.payload(SegmentKind::InitData, virtual_addr, bytes)
    }

    /// Constants, loaded at `virtual_addr`. A three-segment header has no record for them.
    #[must_use]
    pub fn readonly_data(self, virtual_addr: u32, bytes: &'a [u8]) -> Self {
        self.payload(SegmentKind::ReadonlyData, virtual_addr, bytes)
    }

    /// `size` bytes of zeroed data at `virtual_addr`.
    #[must_use]
    pub fn uninit_data(mut self, virtual_addr: u32, size: u32) -> Self {
        self.uninit_data = if size == 0 {
            SegmentHeader::default()
        } else {
            SegmentHeader { virtual_addr, size, in_file_addr: 0 }
        };
        self
    }

    fn payload(mut self, kind: SegmentKind, virtual_addr: u32, bytes: &'a [u8]) -> Self {
        // There is one slot per kind, so either the slot of this kind or a free one is found.
        let slot = self.payloads.iter_mut().find(|slot| slot.is_none_or(|payload| payload.kind == kind));
        if let Some(slot) = slot {
            *slot = Some(Payload { kind, virtual_addr, bytes });
        }
        self
    }

    fn payloads(&self) -> impl Iterator<Item = Payload<'a>> + '_ {
        self.payloads.iter().flatten().copied().filter(|payload| !payload.bytes.is_empty())
    }

    /// The header, and the length of the whole file in bytes.
    fn plan(&self) -> Result<(Header, u32), BuildError> {
        let mut header = Header::empty(self.layout, self.byte_order);
        let mut end = self.layout.header_size();
        for Payload { kind, virtual_addr, bytes } in self.payloads() {
            if self.layout.field_offset(kind, SegmentField::Size).is_none() {
                return Err(BuildError::NoSuchSegment(kind));
            }
            let size = u32::try_from(bytes.len()).map_err(|_| BuildError::TooLong)?;
            header.set_segment(kind, SegmentHeader { virtual_addr, in_file_addr: end, size });
            end = end.checked_add(size).ok_or(BuildError::TooLong)?;
        }
        header.set_segment(SegmentKind::UninitData, self.uninit_data);
        Ok((header, end))
    }

    /// The header of the file that would be written.
    ///
    /// [`BuildError::NoSuchSegment`], [`BuildError::TooLong`], or [`BuildError::Refused`] with the rule that
    /// a parser would report: addresses beyond 32 bits, segments that overlap, or no segment with bytes, so
    /// that the layout could not be recognised.
    pub fn header(&self) -> Result<Header, BuildError> {
        let (header, end) = self.plan()?;
        if let Some(finding) = check(&header, end).find(NoffFinding::is_error) {
            return Err(BuildError::Refused(finding));
        }
        if header.payload_start().is_none() {
            let field = NoffField::Segment(SegmentKind::Code, SegmentField::Size);
            let offset = self.layout.field_offset(SegmentKind::Code, SegmentField::Size).unwrap_or_default();
            return Err(BuildError::Refused(NoffRule::NoCode.finding(
                field,
                offset,
                0,
                Expected::AtLeast(1),
            )));
        }
        Ok(header)
    }

    /// The length of the file in bytes.
    ///
    /// # Errors
    /// Those of [`header`](Self::header).
    pub fn written_len(&self) -> Result<usize, BuildError> {
        self.header()?;
        let (_, end) = self.plan()?;
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
        header.encode(out).ok_or(BuildError::BufferTooSmall(too_small))?;
        for Payload { kind, bytes, .. } in self.payloads() {
            let start = usize::try_from(header.segment(kind).in_file_addr).ok();
            let place = start.and_then(|start| out.get_mut(start..)?.get_mut(..bytes.len()));
            place.ok_or(BuildError::BufferTooSmall(too_small))?.copy_from_slice(bytes);
        }
        Ok(written)
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
    /// The layout has no such segment: `readonlyData` in a three-segment file.
    NoSuchSegment(SegmentKind),
    /// The file would be longer than its 32-bit offsets can express.
    TooLong,
    /// A parser would refuse the file, for this reason.
    Refused(NoffFinding),
    /// The caller's buffer is too small.
    BufferTooSmall(BufferTooSmall),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchSegment(kind) => {
                write!(
                    f,
                    "a NOFF header with three segments has no {kind}; use four segments, or put it into code or initData"
                )
            }
            Self::TooLong => f.write_str("the file would be 4 GiB or longer"),
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
            Self::NoSuchSegment(_) | Self::TooLong => None,
        }
    }
}
