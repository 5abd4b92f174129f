//! A whole file in memory.

use execfmt_common::ByteOrder;
use mips_scan::Code;

use crate::program::{Options, Program};
use crate::rules::NoffFinding;
use crate::segment::{SegmentHeader, SegmentKind};

/// A whole file, borrowed: the program and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    program: Program,
    bytes: &'a [u8],
}

/// A segment with its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageSegment<'a> {
    /// Which one.
    pub kind: SegmentKind,
    /// Its record in the header.
    pub header: SegmentHeader,
    /// Its bytes in the file; none for `uninitData`.
    pub bytes: &'a [u8],
}

impl<'a> Image<'a> {
    /// Reads and checks a whole file without copying it.
    ///
    /// Offsets in NOFF are 32-bit: of a file longer than 4 GiB only the first 4 GiB count. (The C library
    /// refuses it.)
    ///
    /// # Errors
    /// Those of [`Program::parse`].
    ///
    /// ```
    /// use noff::{Builder, ByteOrder, Image, Layout, Options};
    ///
    /// let mut file = [0; 64];
    /// let written = Builder::new(Layout::Three, ByteOrder::Little).code(0, &[0x0c, 0, 0, 0]).write_to(&mut file)?;
    /// let image = Image::parse(&file[..written], Options::default())?;
    /// assert_eq!(image.program().memory_end(), 4);
    /// let code = image.segments().next().unwrap();
    /// assert_eq!((code.header.virtual_addr, code.bytes), (0, &[0x0c, 0, 0, 0][..]));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn parse(bytes: &'a [u8], options: Options) -> Result<Self, NoffFinding> {
        let file_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Ok(Self::of(Program::parse(bytes, file_len, options)?, bytes))
    }

    /// A program that was parsed from the beginning of these bytes.
    pub(crate) const fn of(program: Program, bytes: &'a [u8]) -> Self {
        Self { program, bytes }
    }

    /// The program: its header and page arithmetic.
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// The whole file.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The non-empty segments in header order, with their bytes.
    pub fn segments(&self) -> impl Iterator<Item = ImageSegment<'a>> + '_ {
        let segments = self.program.header().non_empty();
        segments.map(|(kind, header)| ImageSegment { kind, header, bytes: self.segment_bytes(kind) })
    }

    /// A segment's bytes in the file; empty for `uninitData` and empty segments.
    pub fn segment_bytes(&self, kind: SegmentKind) -> &'a [u8] {
        let segment = self.program.header().segment(kind);
        if !kind.is_file_backed() || segment.size == 0 {
            return &[];
        }
        // The segments of a program lie within the file.
        self.file_range(segment.in_file_addr, segment.size).unwrap_or_default()
    }

    /// The program's instructions: the words of the code segment up to the last return, since linkers put
    /// constants after it where the layout has no segment for them.
    pub fn code(&self) -> Code<'a> {
        let code = self.program.header().code;
        let bytes = self.segment_bytes(SegmentKind::Code);
        instructions(bytes, code.virtual_addr, code.in_file_addr.into()).up_to_last_return()
    }

    #[inline]
    pub(crate) fn file_range(&self, start: u32, length: u32) -> Option<&'a [u8]> {
        let start = usize::try_from(start).ok()?;
        self.bytes.get(start..)?.get(..usize::try_from(length).ok()?)
    }
}

/// Code as Nachos runs it: little-endian, whatever the byte order of the header.
pub(crate) const fn instructions(bytes: &[u8], address: u32, file_offset: u64) -> Code<'_> {
    Code { bytes, address, file_offset, byte_order: ByteOrder::Little }
}
