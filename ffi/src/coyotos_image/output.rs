use core::ptr;

use super::handle::{execfmt_coyotos_builder, handle, with};
use super::types::EXECFMT_COYOTOS_E_MEMORY;
use crate::base::{EXECFMT_E_BUFFER, EXECFMT_E_LENGTH, EXECFMT_E_NULL, execfmt_status};
use crate::memory;

/// Judges what the builder holds as writing does: by the original's 16 rules, or, after
/// execfmt_coyotos_builder_create_from, by the thorough ones on objects.
///
/// # Safety
/// `builder` must be NULL or a builder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_validate(
    builder: *mut execfmt_coyotos_builder,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    memory::status(unsafe { with(builder, |handle| Ok(handle.builder.validate()?)) })
}

/// Stores the length of the image in bytes.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_length(
    builder: *mut execfmt_coyotos_builder,
    length: *mut usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { with(builder, |handle| Ok(handle.builder.written_len()?)) }.and_then(|found| {
        let found = usize::try_from(found).map_err(|_| EXECFMT_E_LENGTH)?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(length, found) }
    });
    memory::status(outcome)
}

/// Writes the image into `buffer` and stores its length in `*written`. What breaks a rule is refused with the status of
/// the rule, and nothing is written. execfmt_coyotos_builder_length says how much room it takes.
///
/// # Safety
/// `buffer` must point to `capacity` writable bytes; the other pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_write(
    builder: *mut execfmt_coyotos_builder,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> execfmt_status {
    let made = || {
        memory::check(written, 1)?;
        // SAFETY: the caller's promise.
        let needed = unsafe { with(builder, |handle| Ok(handle.builder.written_len()?)) }?;
        let needed = usize::try_from(needed).map_err(|_| EXECFMT_E_LENGTH)?;
        if capacity < needed {
            return Err(EXECFMT_E_BUFFER);
        }
        // SAFETY: the caller's promise.
        let buffer = unsafe { memory::slice_mut(buffer, needed) }?;
        // SAFETY: the caller's promise.
        let length = unsafe { with(builder, |handle| Ok(handle.builder.write_to(buffer)?)) }?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(written, length) }
    };
    memory::status(made())
}

/// The whole image in memory of the caller's malloc, to be given back with the caller's free; NULL hooks have none.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_image(
    builder: *mut execfmt_coyotos_builder,
    image: *mut *mut u8,
    length: *mut usize,
) -> execfmt_status {
    let made = || {
        memory::check(image, 1)?;
        memory::check(length, 1)?;
        // SAFETY: the caller's promise.
        let (hooks, needed) = unsafe {
            let hooks = handle(builder)?.hooks.ok_or(EXECFMT_E_NULL)?;
            (hooks, with(builder, |handle| Ok(handle.builder.written_len()?))?)
        };
        let needed = usize::try_from(needed).map_err(|_| EXECFMT_E_LENGTH)?;
        let place = hooks.malloc(needed);
        if place.is_null() {
            return Err(EXECFMT_COYOTOS_E_MEMORY);
        }
        // SAFETY: memory of this size, which its giver does not use until it gets it back.
        let written = unsafe {
            ptr::write_bytes(place, 0, needed);
            memory::slice_mut(place, needed)
                .and_then(|room| with(builder, |handle| Ok(handle.builder.write_to(room)?)))
        };
        let written = written.inspect_err(|_| hooks.free(place))?;
        // SAFETY: the caller's promise.
        unsafe {
            memory::write(length, written)?;
            memory::write(image, place)
        }
    };
    memory::status(made())
}
