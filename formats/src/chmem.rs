//! The memory that ELKS programs request, as `chmem` shows and changes it: a.out and OS/2 NE.

use std::fmt;

use aout_minix::chmem::{self as aout, ChmemError, Row};
use aout_minix::{AoutRule, Header};
use os2_ne::elks::{INIT_HEAP, MAX_HEAP, MAX_SEGMENTS};
use os2_ne::{Image, chmem as ne};
use serde::Serialize;

use crate::aout::errors;
use crate::{foreign, os2_ne as os2};

pub use aout_minix::chmem::{Change, HEADING, MinixChange};

/// The numbers of a row, in bytes.
#[derive(Debug, Serialize)]
pub struct Sizes {
    /// Text.
    pub text: u32,
    /// Far text.
    pub far_text: u32,
    /// Data.
    pub data: u32,
    /// Bss.
    pub bss: u32,
    /// Requested heap.
    pub heap: i64,
    /// Requested stack.
    pub stack: u32,
    /// The data segment.
    pub total_data: u64,
    /// All of it.
    pub total: u64,
    /// The text after the file's name.
    #[serde(skip)]
    pub remark: String,
}

impl From<&Header> for Sizes {
    fn from(header: &Header) -> Self {
        let row = Row::of(header);
        let Row { text, far_text, data, bss, heap, stack, total_data, total, .. } = row;
        let remark = row.remarks().to_string();
        Self { text, far_text, data, bss, heap, stack: stack.into(), total_data, total, remark }
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, far_text, data, bss, heap, stack, total_data, total, .. } = self;
        write!(f, "{text:5}  {far_text:5}  {data:5}  {bss:5}  {heap:5}  {stack:5}   {total_data:6} {total:6}")
    }
}

/// What to do.
#[derive(Clone, Copy, Debug)]
pub enum Task {
    /// Show the memory.
    Show,
    /// Set heap, stack or both.
    Change(Change),
    /// Change both together.
    Minix(MinixChange),
}

/// The result for a file.
#[derive(Debug, Default)]
pub struct Done {
    /// The row of the file that was given.
    pub before: Option<Sizes>,
    /// That of the changed one. Without it, nothing was changed.
    pub after: Option<Sizes>,
    /// Of a change in the way of Minix: the bytes of heap and stack together, before and after.
    pub together: Option<(i64, u64)>,
    /// What the heap was cut to, in bytes.
    pub truncated_to: Option<u16>,
    /// Why ELKS does not run what the file is now.
    pub warnings: Vec<String>,
    /// Why the file is refused, or the change.
    pub error: Option<String>,
}

impl Done {
    fn refused(self, why: impl Into<String>) -> Self {
        Self { error: Some(why.into()), ..self }
    }
}

/// The memory that a file requests.
///
/// # Errors
/// Why the file is refused.
pub fn sizes(bytes: &[u8]) -> Result<Sizes, String> {
    if is_ne(bytes) { ne_row(bytes) } else { accepted(bytes).map(|header| Sizes::from(&header)) }
}

/// The heap that means all that fits, of a file of this format; in a.out, each longer one does too.
pub fn all_that_fits(bytes: &[u8]) -> u16 {
    if is_ne(bytes) { MAX_HEAP } else { aout_minix::elks::MAX_HEAP }
}

/// Shows the memory of a file, or changes it in place; of a file that is refused nothing is changed.
pub fn run(bytes: &mut [u8], task: Task) -> Done {
    if is_ne(bytes) {
        return ne_file(bytes, task);
    }
    let header = match accepted(bytes) {
        Ok(header) => header,
        Err(refusal) => return Done::default().refused(refusal),
    };
    let done = Done { before: Some(Sizes::from(&header)), ..Done::default() };
    let changed = match task {
        Task::Show => return done,
        Task::Change(change) => aout::change(&header, change).map(|changed| (changed, None)),
        Task::Minix(change) => {
            aout::minix(&header, change).map(|minix| (minix.changed, Some((minix.before, minix.after))))
        }
    };
    let (changed, together) = match changed {
        Ok(changed) => changed,
        Err(error) => return done.refused(error.to_string()),
    };
    if let Err(error) = changed.write_to(bytes) {
        return done.refused(error.to_string());
    }
    // The original writes this row without a note.
    let after = Sizes { remark: String::new(), ..Sizes::from(&changed.header) };
    let (truncated_to, warnings) = (changed.truncated_to, errors(bytes));
    Done { after: Some(after), together, truncated_to, warnings, ..done }
}

/// The same for an OS/2 NE file.
fn ne_file(bytes: &mut [u8], task: Task) -> Done {
    let change = match task {
        Task::Minix(_) => {
            return Done::default()
                .refused("an OS/2 NE program has separate fields for heap and stack: use -h and -s");
        }
        Task::Change(change) => Some(change),
        Task::Show => None,
    };
    let before = match ne_row(bytes) {
        Ok(row) => row,
        Err(error) => return Done::default().refused(error),
    };
    let done = Done { before: Some(before), ..Done::default() };
    let Some(change) = change else { return done };
    match ne_change(bytes, change).and_then(|()| ne_row(bytes)) {
        Ok(row) => Done { after: Some(row), warnings: os2::refusals(bytes), ..done },
        Err(error) => done.refused(error),
    }
}

/// The header; if it is refused, the message is worded as in the original.
fn accepted(bytes: &[u8]) -> Result<Header, String> {
    foreign::expect_aout(bytes).map_err(|refusal| format!("not an executable: {refusal}"))?;
    let header = Header::parse(bytes).map_err(|finding| {
        let what = match finding.rule {
            AoutRule::BadMagic(_) => "not an executable",
            _ => "bad header",
        };
        format!("{what}: {finding}")
    })?;
    aout::accept(&header).map_err(|error| match error {
        ChmemError::BadHeader(_) => format!("bad header: {error}"),
        other => other.to_string(),
    })?;
    Ok(header)
}

/// True for a file that has an NE header.
pub fn is_ne(bytes: &[u8]) -> bool {
    os2_ne::Header::parse(bytes).is_ok()
}

/// The row of an OS/2 NE file, below the heading of a.out: text is all code, far text none, data and bss those of all data
/// segments.
///
/// # Errors
/// A header that cannot be read.
pub fn ne_row(bytes: &[u8]) -> Result<Sizes, String> {
    let image = Image::parse(bytes).map_err(|finding| finding.to_string())?;
    let asked = ne::MemoryAsked::of(image.header());
    let (mut code, mut data, mut bss, mut auto) = (0_u32, 0_u32, 0_u32, 0_u32);
    for segment in image.segments().take(MAX_SEGMENTS) {
        let (size, min_alloc) = (u32::from(segment.size()), u32::from(segment.min_alloc()));
        if segment.is_data() {
            data = data.saturating_add(size);
            bss = bss.saturating_add(min_alloc.saturating_sub(size));
        } else {
            code = code.saturating_add(min_alloc.max(size));
        }
        if segment.number == image.header().auto_data_segment() {
            auto = min_alloc;
        }
    }
    let stack = u32::from(asked.stack);
    let heap = match asked.heap {
        ne::Heap::All => u32::from(MAX_HEAP & !15).saturating_sub(auto.saturating_add(stack)),
        heap => heap.bytes().unwrap_or(INIT_HEAP).into(),
    };
    let total_data = data.saturating_add(bss).saturating_add(heap).saturating_add(stack);
    Ok(Sizes {
        text: code,
        far_text: 0,
        data,
        bss,
        heap: heap.into(),
        stack,
        total_data: total_data.into(),
        total: total_data.saturating_add(code).into(),
        remark: if asked.heap == ne::Heap::All { " (heap: all)".into() } else { String::new() },
    })
}

/// Changes heap and stack in an OS/2 NE file.
fn ne_change(bytes: &mut [u8], Change { heap, stack }: Change) -> Result<(), String> {
    let word = |what: &str, bytes: Option<u32>| {
        let word = bytes.map(u16::try_from).transpose();
        word.map_err(|_| format!("{} bytes of {what} is more than 65535", bytes.unwrap_or_default()))
    };
    let change =
        ne::Change { heap: word("heap", heap)?.map(ne::Heap::from_word), stack: word("stack", stack)? };
    change.apply_to_file(bytes).map_err(|finding| finding.to_string())?;
    Ok(())
}
