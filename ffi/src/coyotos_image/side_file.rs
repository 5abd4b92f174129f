use coyotos_image::elf::side_file;
use coyotos_image::space::SpaceError;

use super::builder::{Handle, execfmt_coyotos_builder, handle, with};
use super::convert::root;
use super::read::capability;
use super::types::execfmt_coyotos_capability;
use crate::allocator::unfailing;
use crate::memory::{caller, check, status};
use crate::status::{EXECFMT_E_BUFFER, EXECFMT_END, execfmt_status};

/// Keeps a program's debugging information: its symbols go into the image, and so does the build ID of a side
/// file for a debugger, which execfmt_coyotos_builder_write_side_file writes. `space` is the root of the
/// space into which the program was loaded, as in the finished image. Like all functions of side files, this
/// is only in libraries built with std.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "std")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_keep_debug(
    builder: *mut execfmt_coyotos_builder,
    elf: *const u8,
    length: usize,
    space: *const execfmt_coyotos_capability,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let (space, elf) = (capability(caller, space)?, caller.values(elf, length)?);
        let keep = |handle: &mut Handle| {
            // A program without symbols has no side file: this determines the order of the errors.
            root(space).map_err(|_| SpaceError::NotMemory(space.cap_type()))?;
            let made = unfailing(|| side_file(elf))
                .map_err(|bytes| SpaceError::OutOfMemory { bytes: bytes as u64 })??;
            handle.builder.keep_symbols(elf, space, Some(&made.build_id))?;
            handle.side = Some(made.bytes);
            Ok(())
        };
        with(caller, builder, keep)
    })
}

/// Stores the length of the last side file made; EXECFMT_END when none was.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "std")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_side_file_length(
    builder: *mut execfmt_coyotos_builder,
    length: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let handle = handle(caller, builder)?;
        let side = handle.side.as_ref().ok_or(EXECFMT_END)?;
        caller.write(length, side.len())
    })
}

/// Writes the last side file made into `buffer`, and stores its length in `*written`.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "std")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_write_side_file(
    builder: *mut execfmt_coyotos_builder,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let handle = handle(caller, builder)?;
        let side = handle.side.as_ref().ok_or(EXECFMT_END)?;
        check(written, 1)?;
        if capacity < side.len() {
            return Err(EXECFMT_E_BUFFER);
        }
        caller.buffer(buffer, side.len())?.copy_from_slice(side);
        caller.write(written, side.len())
    })
}
