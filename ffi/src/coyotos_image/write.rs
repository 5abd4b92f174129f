use core::ptr;

use super::builder::{execfmt_coyotos_builder, handle, with};
use super::types::EXECFMT_COYOTOS_E_MEMORY;
use crate::memory::{caller, check, status};
use crate::status::{EXECFMT_E_BUFFER, EXECFMT_E_LENGTH, EXECFMT_E_NULL, execfmt_status};

/// Checks the builder's contents as writing does: by the original's 16 rules, or, after
/// execfmt_coyotos_builder_create_from, by the full rules on objects.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_validate(
    builder: *mut execfmt_coyotos_builder,
) -> execfmt_status {
    let caller = caller!();
    status(|| with(caller, builder, |handle| Ok(handle.builder.validate()?)))
}

/// Stores the length of the image in bytes.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_length(
    builder: *mut execfmt_coyotos_builder,
    length: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        with(caller, builder, |handle| Ok(handle.builder.written_len()?)).and_then(|found| {
            let found = usize::try_from(found).map_err(|_| EXECFMT_E_LENGTH)?;
            caller.write(length, found)
        })
    })
}

/// Writes the image into `buffer` and stores its length in `*written`. Contents that break a rule are refused
/// with the status of the rule, and nothing is written. execfmt_coyotos_builder_length returns the size
/// needed.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_write(
    builder: *mut execfmt_coyotos_builder,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        check(written, 1)?;
        let needed = with(caller, builder, |handle| Ok(handle.builder.written_len()?))?;
        let needed = usize::try_from(needed).map_err(|_| EXECFMT_E_LENGTH)?;
        if capacity < needed {
            return Err(EXECFMT_E_BUFFER);
        }
        let buffer = caller.buffer(buffer, needed)?;
        let length = with(caller, builder, |handle| Ok(handle.builder.write_to(buffer)?))?;
        caller.write(written, length)
    })
}

/// The whole image in memory from the caller's malloc, to be freed with the caller's free; a builder with
/// NULL hooks has none.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_image(
    builder: *mut execfmt_coyotos_builder,
    image: *mut *mut u8,
    length: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        check(image, 1)?;
        check(length, 1)?;
        let hooks = handle(caller, builder)?.hooks.ok_or(EXECFMT_E_NULL)?;
        let needed = with(caller, builder, |handle| Ok(handle.builder.written_len()?))?;
        let needed = usize::try_from(needed).map_err(|_| EXECFMT_E_LENGTH)?;
        let place = hooks.malloc(needed);
        if place.is_null() {
            return Err(EXECFMT_COYOTOS_E_MEMORY);
        }
        // SAFETY: memory of this size, which its owner does not use until it is returned.
        unsafe { ptr::write_bytes(place, 0, needed) };
        let written = caller
            .buffer(place, needed)
            .and_then(|room| with(caller, builder, |handle| Ok(handle.builder.write_to(room)?)));
        let written = written.inspect_err(|_| hooks.free(place))?;
        caller.write(length, written)?;
        caller.write(image, place)
    })
}
