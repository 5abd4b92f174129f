//! `chmem`: what it prints about a program's memory, and how it changes it.
//!
//! Pure functions on a header; reading and writing files is left to the caller. The arithmetic is that of the
//! ELKS tool. Its defects are fixed here, and each case has a test:
//!
//! | the original | here |
//! |---|---|
//! | `-s` alone on a version 0 file stores the file's total as the heap of version 1 | the heap is what the row shows: the total without data and bss |
//! | a heap that would be reduced below 0 is written as 64,912 (FD90) | an error, [`ChmemError::HeapStackTooLarge`], as where it would be reduced below the size of data and bss |
//! | the row of the changed file leaves far text out of TOTAL | it is counted |
//! | the supplement is read only with `hlen` 0x40, so the relocations of a 0x30 header are not seen | it is read whenever it is there: [`Row::relocations`] |
//! | version 0's second word, the high half of Minix' total, becomes the stack of version 1 | it is not a stack: the default is kept |
//! | the file is written in place, so that a crash can leave it damaged | nothing is written here; the caller can replace the file in one step |

use core::fmt;

use crate::elks::{INIT_HEAP, INIT_STACK, MAX_HEAP};
use execfmt_common::BufferTooSmall;

use crate::header::Header;
use crate::types::Cpu;
use crate::wire::HLEN_PLAIN;

/// The heading above the rows.
pub const HEADING: &str = " TEXT  FTEXT   DATA    BSS   HEAP  STACK  TOTDATA  TOTAL";

/// Number of bytes reserved for arguments when a heap is reduced to fit.
pub const ARGUMENT_RESERVE: u32 = 128;

/// Maximum size of a data segment, in bytes.
const MAX_DATA: u64 = MAX_HEAP as u64;

/// The numbers of a row. [`Display`](fmt::Display) gives the columns of the original, without the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// Bytes of text.
    pub text: u32,
    /// Bytes of far text.
    pub far_text: u32,
    /// Bytes of data.
    pub data: u32,
    /// Bytes of bss.
    pub bss: u32,
    /// Bytes of heap as requested: 0 for the default. Negative for a version 0 file that requests less than
    /// its data takes, which no kernel runs.
    pub heap: i64,
    /// Bytes of stack as requested: 0 for the default.
    pub stack: u16,
    /// Size of the data segment in bytes.
    pub total_data: u64,
    /// Total memory in bytes.
    pub total: u64,
    /// Size of the relocations in bytes. The original has no column for it.
    pub relocations: u64,
    /// True for a version 0 header.
    pub is_version_0: bool,
    /// The stored sizes of text, far text and data in bytes, when any of them is compressed.
    pub compressed: Option<[u16; 3]>,
}

impl Row {
    /// The row of a header.
    pub fn of(header: &Header) -> Self {
        let default_heap = i64::from(INIT_HEAP);
        let data_size = data_size(header);
        let heap = displayed_heap(header);
        let counted_heap = if header.chmem == 0 { default_heap } else { heap };
        let stack = match (header.version, header.minstack) {
            (0, _) => 0,
            (_, 0) => INIT_STACK,
            (_, stack) => stack,
        };
        let supplement = &header.supplement;
        let sum = data_size.saturating_add(stack.into()).saturating_add_signed(counted_heap);
        let is_max = header.chmem >= MAX_HEAP;
        let total_data = if is_max { MAX_DATA } else { sum };
        let separate = is_max || header.file_type.is_separate();
        let text = if separate { u64::from(header.tseg) } else { 0 };
        Self {
            text: header.tseg,
            far_text: supplement.ftseg,
            data: header.dseg,
            bss: header.bseg,
            heap,
            stack: header.minstack,
            total_data,
            total: total_data.saturating_add(text).saturating_add(supplement.ftseg.into()),
            relocations: u64::from(supplement.trsize)
                .saturating_add(supplement.drsize.into())
                .saturating_add(supplement.ftrsize.into()),
            is_version_0: header.version == 0,
            compressed: header.is_compressed().then_some([
                supplement.compr_tseg,
                supplement.compr_ftseg,
                supplement.compr_dseg,
            ]),
        }
    }

    /// What the original prints after the file's name: ` (v0 header)` and the stored sizes.
    pub fn remarks(&self) -> impl fmt::Display + use<> {
        Remarks(*self)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, far_text, data, bss, heap, stack, total_data, total, .. } = self;
        write!(f, "{text:5}  {far_text:5}  {data:5}  {bss:5}  {heap:5}  {stack:5}   {total_data:6} {total:6}")
    }
}

struct Remarks(Row);

impl fmt::Display for Remarks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_version_0 {
            f.write_str(" (v0 header)")?;
        }
        match self.0.compressed {
            Some([text, far_text, data]) => write!(f, " ({text} {far_text} {data})"),
            None => Ok(()),
        }
    }
}

/// Size of data and bss in bytes, and of the text when it is not separate.
fn data_size(header: &Header) -> u64 {
    let text = if header.file_type.is_separate() { 0 } else { header.tseg };
    u64::from(text).saturating_add(header.dseg.into()).saturating_add(header.bseg.into())
}

fn displayed_heap(header: &Header) -> i64 {
    match (header.chmem, header.version) {
        (0, _) => 0,
        (total, 0) => i64::from(total).saturating_sub_unsigned(data_size(header)),
        (heap, _) => heap.into(),
    }
}

/// What to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Change {
    /// `-h`: bytes of heap; 0 for the default of 4096, FFF0 hexadecimal and above for as much as fits.
    pub heap: Option<u32>,
    /// `-s`: bytes of stack; 0 for the default of 4096.
    pub stack: Option<u32>,
}

/// The result of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The header to write: its first 32 bytes differ.
    pub header: Header,
    /// The heap, if it had to be reduced to fit: `Warning: heap truncated to N`.
    pub truncated_to: Option<u16>,
}

/// Why `chmem` does not accept a file, or cannot make a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChmemError {
    /// The header is shorter than 32 bytes.
    BadHeader(u8),
    /// The version is neither 0 nor 1.
    UnknownVersion(u16),
    /// More than 65,535 bytes of heap.
    HeapTooLarge(u32),
    /// More than 65,520 bytes of stack.
    StackTooLarge(u32),
    /// A version 0 file requests less memory than its data and bss take, so its heap is unknown. Give `-h`.
    TotalTooSmall {
        /// The total that the file requests, in bytes.
        total: u16,
        /// Size of data and bss, in bytes.
        data: u64,
    },
    /// The heap would have to be reduced below the size of data and bss: the original then reduces nothing
    /// and refuses.
    HeapStackTooLarge {
        /// Maximum of heap and stack together, in bytes.
        most: u64,
        /// Data and bss, in bytes.
        data: u64,
    },
    /// The result of a Minix-style change is below 0 or above what the header can request.
    AmountOutOfRange {
        /// The resulting total of data, bss, heap and stack, in bytes; `None` when it is below data and bss.
        total: Option<u64>,
        /// Maximum that the header can request.
        most: u64,
    },
}

impl fmt::Display for ChmemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadHeader(hlen) => {
                write!(f, "the header has {hlen} bytes, but the minimum is {HLEN_PLAIN}")
            }
            Self::UnknownVersion(version) => write!(f, "unsupported a.out version {version}"),
            Self::HeapTooLarge(heap) => write!(f, "heap too large: {heap} bytes, but the maximum is 65535"),
            Self::StackTooLarge(stack) => {
                write!(f, "stack too large: {stack} bytes, but the maximum is {MAX_HEAP}")
            }
            Self::TotalTooSmall { total, data } => write!(
                f,
                "the version 0 header requests {total} bytes, but data and bss take {data}; give the size of the heap with -h"
            ),
            Self::HeapStackTooLarge { most, data } => write!(
                f,
                "heap+stack too large: {most} (of {MAX_HEAP} bytes data and bss take {data}, and arguments {ARGUMENT_RESERVE}); request less of either"
            ),
            Self::AmountOutOfRange { total: Some(total), most } => {
                write!(f, "{total} bytes in total are more than the {most} that the header can request")
            }
            Self::AmountOutOfRange { total: None, .. } => {
                f.write_str("the amount is larger than heap and stack together")
            }
        }
    }
}

impl core::error::Error for ChmemError {}

/// Whether `chmem` accepts a file.
///
/// # Errors
/// [`ChmemError::BadHeader`] and [`ChmemError::UnknownVersion`].
pub const fn accept(header: &Header) -> Result<(), ChmemError> {
    if header.hlen < HLEN_PLAIN {
        return Err(ChmemError::BadHeader(header.hlen));
    }
    if header.version > 1 {
        return Err(ChmemError::UnknownVersion(header.version));
    }
    Ok(())
}

/// Sets heap and stack. The header becomes a version 1 header.
///
/// # Errors
/// [`ChmemError`]; the table in the module's documentation shows where the original reports none.
///
/// ```
/// use aout_minix::chmem::{self, Change};
/// use aout_minix::{FileType, Header};
///
/// let old = Header { tseg: 3000, dseg: 20_000, version: 1, ..Header::empty(FileType::SPLITID) };
/// let new = chmem::change(&old, Change { heap: Some(40_000), stack: Some(8192) })?;
/// assert_eq!(new.truncated_to, Some(65_520 - 20_000 - 8192 - 128));
/// assert_eq!((new.header.chmem, new.header.minstack), (37_200, 8192));
/// # Ok::<(), chmem::ChmemError>(())
/// ```
pub fn change(header: &Header, change: Change) -> Result<Changed, ChmemError> {
    accept(header)?;
    let is_version_0 = header.version == 0;
    let data = data_size(header);
    let heap = match change.heap {
        Some(heap) => u16::try_from(heap).map_err(|_| ChmemError::HeapTooLarge(heap))?,
        None if is_version_0 && header.chmem != 0 => {
            let too_small = ChmemError::TotalTooSmall { total: header.chmem, data };
            u16::try_from(displayed_heap(header)).ok().filter(|&heap| heap != 0).ok_or(too_small)?
        }
        None => header.chmem,
    };
    let stack = match change.stack {
        Some(stack) => u16::try_from(stack).ok().filter(|&stack| stack <= MAX_HEAP),
        None if is_version_0 => Some(0),
        None => Some(header.minstack).filter(|&stack| stack <= MAX_HEAP),
    };
    let stack = stack.ok_or(ChmemError::StackTooLarge(change.stack.unwrap_or(header.minstack.into())))?;
    let counted_stack = if stack == 0 { INIT_STACK } else { stack };
    let counted_heap = if heap == 0 { INIT_HEAP } else { heap };
    let taken = data.saturating_add(counted_stack.into());
    let mut changed = Changed { header: *header, truncated_to: None };
    if counted_heap < MAX_HEAP && taken.saturating_add(counted_heap.into()) > MAX_DATA {
        let left = MAX_DATA.checked_sub(taken).and_then(|left| left.checked_sub(ARGUMENT_RESERVE.into()));
        // A heap of 0 would mean the default of 4096.
        let left = left.filter(|&left| left >= data.max(1)).and_then(|left| u16::try_from(left).ok());
        changed.truncated_to = left;
        let most = MAX_DATA.saturating_sub(data).saturating_sub(ARGUMENT_RESERVE.into());
        changed.header.chmem = left.ok_or(ChmemError::HeapStackTooLarge { most, data })?;
    } else {
        changed.header.chmem = heap;
    }
    changed.header.minstack = stack;
    changed.header.version = 1;
    Ok(changed)
}

impl Changed {
    /// Writes the new header over that of a file, in which only these bytes change.
    ///
    /// # Errors
    /// [`BufferTooSmall`] when `file` is shorter than a header of 32 bytes.
    pub fn write_to(&self, file: &mut [u8]) -> Result<(), BufferTooSmall> {
        let given = file.len() as u64;
        let too_small = BufferTooSmall { needed: HLEN_PLAIN.into(), given };
        let place = file.first_chunk_mut::<{ HLEN_PLAIN as usize }>().ok_or(too_small)?;
        let bytes = self.header.to_bytes();
        *place = *bytes.first_chunk().ok_or(too_small)?;
        Ok(())
    }
}

/// A Minix-style change of the size of heap and stack together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MinixChange {
    /// `=`: set to this number of bytes.
    Exactly(u32),
    /// `+`: increase by this number of bytes.
    More(u32),
    /// `-`: decrease by this number of bytes.
    Less(u32),
}

/// The result of a Minix-style change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinixChanged {
    /// The header to write.
    pub changed: Changed,
    /// Bytes of heap and stack together before the change.
    pub before: i64,
    /// Bytes of heap and stack together after it.
    pub after: u64,
}

/// Sets heap and stack together: the total of version 0, which both Minix and ELKS honour.
///
/// # Errors
/// [`ChmemError::UnknownVersion`] for a header that is not of version 0, [`ChmemError::BadHeader`], or
/// [`ChmemError::AmountOutOfRange`]: the memory of an 8086 program is at most 65,535 bytes.
///
/// ```
/// use aout_minix::chmem::{self, MinixChange};
/// use aout_minix::{FileType, Header};
///
/// let old = Header { tseg: 3000, dseg: 2000, bseg: 500, chmem: 10_000, ..Header::empty(FileType::SPLITID) };
/// let new = chmem::minix(&old, MinixChange::More(1000))?;
/// assert_eq!((new.before, new.after, new.changed.header.a_total()), (7500, 8500, 11_000));
/// # Ok::<(), chmem::ChmemError>(())
/// ```
pub fn minix(header: &Header, change: MinixChange) -> Result<MinixChanged, ChmemError> {
    accept(header)?;
    if header.version != 0 {
        return Err(ChmemError::UnknownVersion(header.version));
    }
    let data = data_size(header);
    let before = i64::from(header.a_total()).saturating_sub_unsigned(data);
    let most = if header.file_type.cpu == Cpu::I8086 { u64::from(u16::MAX) } else { u32::MAX.into() };
    let after = match change {
        MinixChange::Exactly(amount) => Some(amount.into()),
        MinixChange::More(amount) => before.checked_add(amount.into()),
        MinixChange::Less(amount) => before.checked_sub(amount.into()),
    };
    let after = after.and_then(|after| u64::try_from(after).ok());
    let after = after.ok_or(ChmemError::AmountOutOfRange { total: None, most })?;
    let total = data.saturating_add(after);
    let out_of_range = ChmemError::AmountOutOfRange { total: Some(total), most };
    let narrow = u32::try_from(total).ok().filter(|_| total <= most).ok_or(out_of_range)?;
    let mut new = *header;
    new.set_a_total(narrow);
    Ok(MinixChanged { changed: Changed { header: new, truncated_to: None }, before, after })
}
