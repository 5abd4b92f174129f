//! From raw pointers to references and back: every check that can be made of a pointer is made here.

use core::ffi::c_char;
use core::ops::Range;
use core::slice;

use crate::base::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_E_LENGTH, EXECFMT_E_NULL, execfmt_status};

/// Refuses NULL, misaligned pointers and lengths that no object can have.
pub(crate) fn check<T>(pointer: *const T, count: usize) -> Result<(), execfmt_status> {
    if pointer.is_null() {
        return Err(EXECFMT_E_NULL);
    }
    if !pointer.is_aligned() {
        return Err(EXECFMT_E_ARGUMENT);
    }
    let bytes = count.checked_mul(size_of::<T>()).filter(|&bytes| isize::try_from(bytes).is_ok());
    let end = bytes.and_then(|bytes| pointer.addr().checked_add(bytes));
    end.map(|_| ()).ok_or(EXECFMT_E_LENGTH)
}

/// A caller's buffer, to read.
///
/// # Safety
/// A pointer that passes the checks must point to `count` readable values, unchanged for the life of the result.
pub(crate) unsafe fn slice<'a, T>(pointer: *const T, count: usize) -> Result<&'a [T], execfmt_status> {
    check(pointer, count)?;
    // SAFETY: checked above, and the caller's promise.
    Ok(unsafe { slice::from_raw_parts(pointer, count) })
}

/// A caller's buffer, to write.
///
/// # Safety
/// A pointer that passes the checks must point to `count` writable values that nothing else uses for the life of the
/// result.
pub(crate) unsafe fn slice_mut<'a>(pointer: *mut u8, count: usize) -> Result<&'a mut [u8], execfmt_status> {
    check(pointer, count)?;
    // SAFETY: checked above, and the caller's promise. Every byte is a valid u8.
    Ok(unsafe { slice::from_raw_parts_mut(pointer, count) })
}

/// A caller's memory as values of our own, whatever it holds.
///
/// # Safety
/// As for [`slice_mut`], for `count` values.
pub(crate) unsafe fn fresh<'a, T: Copy + Default>(
    pointer: *mut T,
    count: usize,
) -> Result<&'a mut [T], execfmt_status> {
    check(pointer, count)?;
    for index in 0..count {
        // SAFETY: checked above, and the caller's promise: the value lies within the memory.
        unsafe { pointer.add(index).write(T::default()) };
    }
    // SAFETY: checked above, and the caller's promise; every value has just been written.
    Ok(unsafe { slice::from_raw_parts_mut(pointer, count) })
}

/// A caller's string without its NUL. EXECFMT_E_BUFFER when it is longer than `limit`.
///
/// # Safety
/// A pointer that passes the checks must point to bytes that end with a NUL, or to more than `limit` readable ones,
/// unchanged for the life of the result.
pub(crate) unsafe fn string<'a>(pointer: *const c_char, limit: usize) -> Result<&'a [u8], execfmt_status> {
    let pointer = pointer.cast::<u8>();
    check(pointer, 1)?;
    let mut length = 0_usize;
    // SAFETY: the caller's promise: no byte before this one is the NUL.
    while unsafe { pointer.wrapping_add(length).read() } != 0 {
        if length >= limit {
            return Err(EXECFMT_E_BUFFER);
        }
        length = length.saturating_add(1);
    }
    // SAFETY: the caller's promise, and all of these bytes have been read.
    unsafe { slice(pointer, length) }
}

/// Two buffers, one to read and one to write, that must not overlap.
///
/// # Safety
/// As for [`slice()`] and [`slice_mut`].
pub(crate) unsafe fn slices<'a>(
    source: (*const u8, usize),
    target: (*mut u8, usize),
) -> Result<(&'a [u8], &'a mut [u8]), execfmt_status> {
    check(source.0, source.1)?;
    check(target.0, target.1)?;
    let range = |address: usize, length: usize| Range { start: address, end: address.saturating_add(length) };
    let (a, b) = (range(source.0.addr(), source.1), range(target.0.addr(), target.1));
    if a.start < b.end && b.start < a.end {
        return Err(EXECFMT_E_ARGUMENT);
    }
    // SAFETY: checked above, not overlapping, and the caller's promise.
    unsafe { Ok((slice(source.0, source.1)?, slice_mut(target.0, target.1)?)) }
}

/// A caller's struct, by value.
///
/// # Safety
/// As for [`slice()`]; every pattern of bits must be a valid `T`.
pub(crate) unsafe fn read<T: Copy>(pointer: *const T) -> Result<T, execfmt_status> {
    check(pointer, 1)?;
    // SAFETY: checked above, and the caller's promise.
    Ok(unsafe { pointer.read() })
}

/// Stores a result.
///
/// # Safety
/// As for [`slice_mut`].
pub(crate) unsafe fn write<T: Copy>(pointer: *mut T, value: T) -> Result<(), execfmt_status> {
    check(pointer, 1)?;
    // SAFETY: checked above, and the caller's promise.
    unsafe { pointer.write(value) };
    Ok(())
}

/// The status of a call.
pub(crate) fn status(outcome: Result<(), execfmt_status>) -> execfmt_status {
    match outcome {
        Ok(()) => crate::base::EXECFMT_OK,
        Err(status) => status,
    }
}
