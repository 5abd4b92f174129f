use coyotos_image::{NewSymbol, SymbolKind};

use super::handle::{Handle, bytes, execfmt_coyotos_builder, handle, with};
use super::read::capability;
use super::types::{execfmt_coyotos_capability, execfmt_coyotos_symbol};
use crate::base::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_END, execfmt_status};
use crate::memory;

/// Keeps a program's debugging information: its symbols go into the image, and so does the build id of a side file for a
/// debugger, which execfmt_coyotos_builder_write_side_file gives. `space` is the root of the space that the program was
/// loaded into, as it stands in the finished image.
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
            handle.side = Some(handle.builder.keep_debug(elf, space)?.bytes);
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

/// Adds symbols to the image. Of each, `size` is cut to 0xffffff, and `name` must hold no NUL; what is no UTF-8 in it
/// is replaced. The table is sorted by space and address.
///
/// # Safety
/// `symbols` must point to `count` structs, and their names to their bytes; `builder` must be NULL or a builder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_add_symbols(
    builder: *mut execfmt_coyotos_builder,
    symbols: *const execfmt_coyotos_symbol,
    count: usize,
) -> execfmt_status {
    let made = || {
        // SAFETY: the caller's promise.
        unsafe { handle(builder) }?;
        // SAFETY: the caller's promise.
        let symbols = unsafe { memory::slice(symbols, count) }?;
        let new = symbols.iter().map(|symbol| {
            // SAFETY: the caller's promise.
            let name = unsafe { bytes(symbol.name.cast(), symbol.name_length) }?;
            let kind = u8::try_from(symbol.kind).map_err(|_| EXECFMT_E_ARGUMENT)?;
            Ok(NewSymbol {
                object: symbol.object,
                value: symbol.value,
                size: symbol.size.into(),
                kind: SymbolKind::from_number(kind),
                name: String::from_utf8_lossy(name).into_owned(),
            })
        });
        let new = new.collect::<Result<Vec<_>, execfmt_status>>()?;
        // SAFETY: the caller's promise.
        unsafe { with(builder, |handle| Ok(handle.builder.add_symbols(new)?)) }
    };
    memory::status(made())
}
