use ::os2_ne::chmem::{Change, Heap};

use super::types::{EXECFMT_NE_KEEP, execfmt_ne};
use crate::finding::execfmt_finding;
use crate::finding::refused;
use crate::memory::{caller, status};
use crate::status::{EXECFMT_E_RANGE, execfmt_status};

/// A word to set; `None` for one to keep.
fn word(value: u32) -> Result<Option<u16>, execfmt_status> {
    if value == EXECFMT_NE_KEEP {
        return Ok(None);
    }
    u16::try_from(value).map(Some).map_err(|_| EXECFMT_E_RANGE)
}

/// Sets heap and stack in the header of a file in memory, as chmem does: `heap` is EXECFMT_NE_HEAP_DEFAULT,
/// EXECFMT_NE_HEAP_ALL or a number of bytes, `stack` a number of bytes or 0 for the default, and
/// EXECFMT_NE_KEEP keeps either unchanged; EXECFMT_E_RANGE for more than 65535. `*before` and `*after`,
/// unless the pointers are NULL, are set to the header before and after the change. Whether ELKS accepts the
/// file is not checked: see execfmt_ne_check. When the file cannot be read, nothing is written, and
/// `*finding`, unless `finding` is NULL, is the reason.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_ne_chmem(
    bytes: *mut u8,
    length: usize,
    heap: u32,
    stack: u32,
    before: *mut execfmt_ne,
    after: *mut execfmt_ne,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let change = Change { heap: word(heap)?.map(Heap::from_word), stack: word(stack)? };
        let file = caller.buffer(bytes, length)?;
        let (old, new) = change.apply_to_file(file).map_err(|refusal| refused(caller, &refusal, finding))?;
        caller.write_if_wanted(before, execfmt_ne::from(&old))?;
        caller.write_if_wanted(after, execfmt_ne::from(&new))
    })
}
