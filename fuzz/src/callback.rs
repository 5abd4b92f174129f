//! The read function of a C program.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr;

/// What a C program reads from.
pub(crate) struct File<'a> {
    pub(crate) bytes: &'a [u8],
    /// By how many bytes it falls short of the request.
    pub(crate) short_read: Option<u8>,
}

/// A read function that stays within its buffer for any request.
pub(crate) unsafe extern "C" fn read(
    context: *mut c_void,
    offset: u32,
    destination: *mut c_void,
    length: u32,
) -> u32 {
    // SAFETY: the context is the File that the target passed.
    let file = unsafe { &*context.cast::<File<'_>>() };
    let rest = file.bytes.get(offset as usize..).unwrap_or_default();
    let length = (length as usize).min(rest.len()).saturating_sub(file.short_read.unwrap_or(0).into());
    // SAFETY: the library asks for `length` writable bytes or more.
    unsafe { ptr::copy_nonoverlapping(rest.as_ptr(), destination.cast(), length) };
    length as u32
}
