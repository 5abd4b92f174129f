use core::ffi::c_char;

use ::noff::{Arguments, ArgumentsTooLong, argument_page, push_arguments};

use super::types::execfmt_noff_arguments;
use crate::memory::{Caller, apart, caller, check, status};
use crate::status::{EXECFMT_E_BUFFER, EXECFMT_E_LENGTH, execfmt_status};

/// A caller's strings, each checked once.
fn strings<'a>(
    caller: Caller<'a>,
    strings: *const *const c_char,
    count: u32,
    target: (*mut u8, usize),
) -> Result<impl Iterator<Item = &'a [u8]> + Clone, execfmt_status> {
    let count = usize::try_from(count).map_err(|_| EXECFMT_E_LENGTH)?;
    check(target.0, target.1)?;
    let pointers = caller.values(strings, count)?;
    let limit = target.1;
    for &pointer in pointers {
        let string = caller.string(pointer, limit)?;
        apart((string.as_ptr(), string.len().saturating_add(1)), (target.0.cast_const(), target.1))?;
    }
    Ok(pointers.iter().map(move |&pointer| caller.string(pointer, limit).unwrap_or_default()))
}

fn finish(
    caller: Caller<'_>,
    outcome: Result<Arguments, ArgumentsTooLong>,
    arguments: *mut execfmt_noff_arguments,
) -> Result<(), execfmt_status> {
    let Arguments { argc, argv, stack_pointer, .. } = outcome.map_err(|_| EXECFMT_E_BUFFER)?;
    caller.write(arguments, execfmt_noff_arguments { argc, argv, stack_pointer })
}

/// Writes `argc` strings at the end of a stack, below them the array of their addresses, and leaves room for
/// the first function called, as course kernels derived from Nachos 3.4 and 4.0 do. `stack` is the stack, or
/// its upper part, of `length` bytes, and `top` the address one past its last byte. `*arguments` is set to
/// the values for registers 4, 5 and 29. EXECFMT_E_BUFFER when the strings do not fit; the stack is then
/// partly written.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_push_arguments(
    argv: *const *const c_char,
    argc: u32,
    top: u32,
    stack: *mut u8,
    length: usize,
    arguments: *mut execfmt_noff_arguments,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        check(arguments, 1).and_then(|()| {
            let strings = strings(caller, argv, argc, (stack, length))?;
            finish(caller, push_arguments(strings, top, caller.buffer(stack, length)?), arguments)
        })
    })
}

/// Writes the argument page of Nachos 5.0j, which is the page after the stack: the array of addresses, then
/// the strings, then zeros. `address` is that of the page. `*arguments` is set to the values for registers 4,
/// 5 and 29. EXECFMT_E_BUFFER when the strings do not fit; the page is then partly written.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_argument_page(
    argv: *const *const c_char,
    argc: u32,
    address: u32,
    page: *mut u8,
    length: usize,
    arguments: *mut execfmt_noff_arguments,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        check(arguments, 1).and_then(|()| {
            let strings = strings(caller, argv, argc, (page, length))?;
            finish(caller, argument_page(strings, address, caller.buffer(page, length)?), arguments)
        })
    })
}
