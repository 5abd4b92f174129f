use core::ffi::c_char;

use ::noff::{Arguments, ArgumentsTooLong, argument_page, push_arguments};

use super::types::execfmt_noff_arguments;
use crate::base::{EXECFMT_E_BUFFER, EXECFMT_E_LENGTH, execfmt_status};
use crate::memory;

/// A caller's strings, each checked once.
///
/// # Safety
/// `strings` must point to `count` pointers to strings that end with a NUL.
unsafe fn strings<'a>(
    strings: *const *const c_char,
    count: u32,
    target: (*mut u8, usize),
) -> Result<impl Iterator<Item = &'a [u8]> + Clone, execfmt_status> {
    let count = usize::try_from(count).map_err(|_| EXECFMT_E_LENGTH)?;
    // SAFETY: the caller's promise.
    let pointers = if count == 0 { &[][..] } else { unsafe { memory::slice(strings, count) }? };
    let limit = target.1;
    for &pointer in pointers {
        // SAFETY: the caller's promise.
        let string = unsafe { memory::string(pointer, limit) }?;
        // SAFETY: the same. Only that the two do not overlap is wanted here.
        unsafe { memory::slices((string.as_ptr(), string.len().saturating_add(1)), target) }?;
    }
    // SAFETY: each of them has just been read.
    Ok(pointers.iter().map(move |&pointer| unsafe { memory::string(pointer, limit) }.unwrap_or_default()))
}

fn finish(
    outcome: Result<Arguments, ArgumentsTooLong>,
    arguments: *mut execfmt_noff_arguments,
) -> Result<(), execfmt_status> {
    let Arguments { argc, argv, stack_pointer, .. } = outcome.map_err(|_| EXECFMT_E_BUFFER)?;
    // SAFETY: its callers have checked the pointer, and promise the rest.
    unsafe { memory::write(arguments, execfmt_noff_arguments { argc, argv, stack_pointer }) }
}

/// Writes `argc` strings at the end of a stack, below them the array of their addresses, and leaves room for the first
/// function called: as course kernels derived from Nachos 3.4 and 4.0 do. `stack` is the stack, or its upper part, of
/// `length` bytes, and `top` the address of the byte after it. `*arguments` then has what goes into the registers 4, 5
/// and 29. EXECFMT_E_BUFFER when they do not fit; the stack is then partly written.
///
/// # Safety
/// `argv` must point to `argc` pointers to strings that end with a NUL, `stack` to `length` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_push_arguments(
    argv: *const *const c_char,
    argc: u32,
    top: u32,
    stack: *mut u8,
    length: usize,
    arguments: *mut execfmt_noff_arguments,
) -> execfmt_status {
    let outcome = memory::check(arguments, 1).and_then(|()| {
        // SAFETY: the caller's promise.
        let strings = unsafe { strings(argv, argc, (stack, length)) }?;
        // SAFETY: the caller's promise.
        finish(push_arguments(strings, top, unsafe { memory::slice_mut(stack, length) }?), arguments)
    });
    memory::status(outcome)
}

/// Writes the page of arguments of Nachos 5.0j, which is the page after the stack: the array of addresses, then the
/// strings, then zeros. `address` is that of the page. `*arguments` then has what goes into the registers 4, 5 and 29.
/// EXECFMT_E_BUFFER when they do not fit; the page is then partly written.
///
/// # Safety
/// `argv` must point to `argc` pointers to strings that end with a NUL, `page` to `length` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_argument_page(
    argv: *const *const c_char,
    argc: u32,
    address: u32,
    page: *mut u8,
    length: usize,
    arguments: *mut execfmt_noff_arguments,
) -> execfmt_status {
    let outcome = memory::check(arguments, 1).and_then(|()| {
        // SAFETY: the caller's promise.
        let strings = unsafe { strings(argv, argc, (page, length)) }?;
        // SAFETY: the caller's promise.
        finish(argument_page(strings, address, unsafe { memory::slice_mut(page, length) }?), arguments)
    });
    memory::status(outcome)
}
