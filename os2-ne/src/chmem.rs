//! Heap and stack in the header: what a program requests, and changing it.

use execfmt_common::BufferTooSmall;
use zerocopy::IntoBytes;

use crate::elks::{INIT_HEAP, INIT_STACK, MAX_HEAP};
use crate::header::Header;
use crate::rules::NeFinding;
use crate::wire::NE_HEADER_SIZE;

/// How much heap a program requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heap {
    /// The default of ELKS: 4096 bytes.
    Default,
    /// A number of bytes: 1 to 65,534.
    Bytes(u16),
    /// As much as fits into the segment.
    All,
}

impl Heap {
    /// The request that a word of the header expresses.
    pub const fn from_word(word: u16) -> Self {
        match word {
            0 => Self::Default,
            MAX_HEAP => Self::All,
            bytes => Self::Bytes(bytes),
        }
    }

    /// The word of the header that expresses the request.
    pub const fn word(self) -> u16 {
        match self {
            Self::Default => 0,
            Self::Bytes(bytes) => bytes,
            Self::All => MAX_HEAP,
        }
    }

    /// The number of bytes requested; `None` for as many as fit.
    pub const fn bytes(self) -> Option<u16> {
        match self {
            Self::Default => Some(INIT_HEAP),
            Self::Bytes(bytes) => Some(bytes),
            Self::All => None,
        }
    }
}

/// The memory that a program requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemoryAsked {
    /// The heap.
    pub heap: Heap,
    /// Bytes of stack; 4096 when the header has 0.
    pub stack: u16,
}

impl MemoryAsked {
    /// The memory that a header requests.
    pub fn of(header: &Header) -> Self {
        let stack = if header.stack() == 0 { INIT_STACK } else { header.stack() };
        Self { heap: Heap::from_word(header.heap()), stack }
    }
}

/// What to change; `None` leaves a word as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Change {
    /// The heap.
    pub heap: Option<Heap>,
    /// Bytes of stack; 0 for the default.
    pub stack: Option<u16>,
}

impl Change {
    /// A header with the change made. Nothing is checked: run [`check_bytes`](crate::check_bytes) on the
    /// resulting file to find out whether ELKS accepts it.
    #[must_use]
    pub fn apply(&self, header: &Header) -> Header {
        let mut header = *header;
        header.ne.heap = self.heap.map_or(header.ne.heap, |heap| heap.word().into());
        header.ne.stack = self.stack.map_or(header.ne.stack, Into::into);
        header
    }

    /// Changes a file in place, and returns the header before and after.
    ///
    /// # Errors
    /// Those of [`Header::parse`].
    pub fn apply_to_file(&self, file: &mut [u8]) -> Result<(Header, Header), NeFinding> {
        let before = Header::parse(file)?;
        let after = self.apply(&before);
        // The header was read from that offset.
        let place =
            usize::try_from(after.position).ok().and_then(|at| file.get_mut(at..)?.get_mut(..NE_HEADER_SIZE));
        if let Some(place) = place {
            place.copy_from_slice(after.ne.as_bytes());
        }
        Ok((before, after))
    }
}

/// Writes a header where it was read, for callers that hold only that part of a file.
///
/// # Errors
/// The buffer is shorter than a header.
pub fn write_header(header: &Header, place: &mut [u8]) -> Result<(), BufferTooSmall> {
    let given = place.len() as u64;
    let place =
        place.get_mut(..NE_HEADER_SIZE).ok_or(BufferTooSmall { needed: NE_HEADER_SIZE as u64, given })?;
    place.copy_from_slice(header.ne.as_bytes());
    Ok(())
}
