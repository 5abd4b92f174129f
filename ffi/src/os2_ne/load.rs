use ::os2_ne::elks::{Layout, LoadError, MAX_SEGMENTS, Memory, execve};

use super::types::{execfmt_elks_ne_layout, execfmt_ne_memory, execfmt_ne_options};
use crate::finding::{execfmt_finding, refused};
use crate::memory::{apart, caller, check, status};
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, execfmt_status};

/// The verdict of execve of ELKS on a whole file: on success `*layout` is filled in. A refusal has a status
/// from EXECFMT_ELKS_NE_E_EMPTY on, whose errno is returned by execfmt_ne_elks_errno, and `*finding`, unless
/// `finding` is NULL, has the details. A program that ELKS starts may still not run correctly: see
/// execfmt_ne_check. `options` may be NULL.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_ne_elks_layout(
    bytes: *const u8,
    length: usize,
    options: *const execfmt_ne_options,
    layout: *mut execfmt_elks_ne_layout,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let options = execfmt_ne_options::of(caller, options)?;
        let bytes = caller.values(bytes, length)?;
        check(layout, 1)?;
        let mut found = Layout::EMPTY;
        match found.read(bytes, options) {
            Ok(()) => caller.write(layout, (&found).into()),
            Err(refusal) => Err(refused(caller, &refusal, finding)),
        }
    })
}

/// Loads a program as ELKS does: copies the bytes of each segment, zeroes up to min_alloc, and applies
/// relocations. `memory` is an array of `memory_count` memory ranges, one per segment in file order, each of
/// at least 16 * paras bytes; heap, stack and the end of the last paragraph are not touched. Refuses what
/// execfmt_ne_check refuses, and then `*finding`, unless `finding` is NULL, is the reason; EXECFMT_E_BUFFER
/// for too little memory, EXECFMT_E_ARGUMENT for memory that overlaps the file or other memory. Nothing is
/// written unless every check passes. `options` may be NULL.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_ne_elks_load(
    bytes: *const u8,
    length: usize,
    options: *const execfmt_ne_options,
    memory: *const execfmt_ne_memory,
    memory_count: usize,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let options = execfmt_ne_options::of(caller, options)?;
        let file = caller.values(bytes, length)?;
        let program = execve(file, options).map_err(|refusal| refused(caller, &refusal, finding))?;
        let count = program.layout().segments().count();
        // No more than the program has: the rest is ignored.
        let given = caller.values(memory, memory_count.min(count))?;
        for (index, one) in given.iter().enumerate() {
            check(one.bytes, one.length)?;
            apart((bytes, length), (one.bytes.cast_const(), one.length))?;
            for other in given.iter().take(index) {
                apart((one.bytes.cast_const(), one.length), (other.bytes.cast_const(), other.length))?;
            }
        }
        let mut memories: [Memory<'_>; MAX_SEGMENTS] =
            core::array::from_fn(|_| Memory { base: 0, bytes: &mut [] });
        for (place, one) in memories.iter_mut().zip(given) {
            place.base = u16::try_from(one.base).map_err(|_| EXECFMT_E_ARGUMENT)?;
            place.bytes = caller.buffer(one.bytes, one.length)?;
        }
        let memories = memories.get_mut(..given.len()).unwrap_or_default();
        program.load(memories).map_err(|error| match error {
            LoadError::Refused(refusal) => refused(caller, &refusal, finding),
            LoadError::Fault(fault) => refused(caller, &fault, finding),
            _ => EXECFMT_E_BUFFER,
        })
    })
}
