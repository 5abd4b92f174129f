use coyotos_image::elf::side_file;
use coyotos_image::space::SpaceError;

use super::convert::root;
use super::handle::{Handle, execfmt_coyotos_builder, handle, with};
use super::read::capability;
use super::types::execfmt_coyotos_capability;
use crate::allocator::unfailing;
use crate::base::{EXECFMT_E_BUFFER, EXECFMT_END, execfmt_status};
use crate::memory;

/// Keeps a program's debugging information: its symbols go into the image, and so does the build id of a side file for a
/// debugger, which execfmt_coyotos_builder_write_side_file gives. `space` is the root of the space that the program was
/// loaded into, as it stands in the finished image. In libraries that are built with std only, as all functions of side
/// files.
///
/// # Safety
/// `elf` must point to `length` readable bytes; the other pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_keep_debug(
    builder: *mut execfmt_coyotos_builder,
    elf: *const u8,
    length: usize,
    space: *const execfmt_coyotos_capability,
) -> execfmt_status {
    let made = || {
        // SAFETY: the caller's promise.
        let (space, elf) = unsafe { (capability(space)?, memory::slice(elf, length)?) };
        let keep = |handle: &mut Handle| {
            // What has no symbols has no side file: this is the order of the errors.
            root(space).map_err(|_| SpaceError::NotMemory(space.cap_type()))?;
            let made = unfailing(|| side_file(elf))
                .map_err(|bytes| SpaceError::OutOfMemory { bytes: bytes as u64 })??;
            handle.builder.keep_symbols(elf, space, Some(&made.build_id))?;
            handle.side = Some(made.bytes);
            Ok(())
        };
        // SAFETY: the caller's promise.
        unsafe { with(builder, keep) }
    };
    memory::status(made())
}

/// Stores the length of the side file that was made last; EXECFMT_END when none was.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_side_file_length(
    builder: *mut execfmt_coyotos_builder,
    length: *mut usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { handle(builder) }.and_then(|handle| {
        let side = handle.side.as_ref().ok_or(EXECFMT_END)?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(length, side.len()) }
    });
    memory::status(outcome)
}

/// Writes the side file that was made last into `buffer`, and stores its length in `*written`.
///
/// # Safety
/// `buffer` must point to `capacity` writable bytes; the other pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_write_side_file(
    builder: *mut execfmt_coyotos_builder,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { handle(builder) }.and_then(|handle| {
        let side = handle.side.as_ref().ok_or(EXECFMT_END)?;
        memory::check(written, 1)?;
        if capacity < side.len() {
            return Err(EXECFMT_E_BUFFER);
        }
        // SAFETY: the caller's promise.
        unsafe {
            memory::slice_mut(buffer, side.len())?.copy_from_slice(side);
            memory::write(written, side.len())
        }
    });
    memory::status(outcome)
}
