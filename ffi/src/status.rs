use core::ffi::CStr;

use execfmt_common::Rule;

/// The result of a function: EXECFMT_OK, or why it did nothing. Codes from 100 on belong to a format. Numbers
/// never change their meaning.
pub type execfmt_status = i32;

/// Success.
pub const EXECFMT_OK: execfmt_status = 0;
/// A pointer that must not be NULL is NULL.
pub const EXECFMT_E_NULL: execfmt_status = 1;
/// A length is larger than any object in memory.
pub const EXECFMT_E_LENGTH: execfmt_status = 2;
/// An argument is out of its range, a pointer is not aligned, or two buffers overlap.
pub const EXECFMT_E_ARGUMENT: execfmt_status = 3;
/// The caller's buffer is too small.
pub const EXECFMT_E_BUFFER: execfmt_status = 4;
/// The caller's read function returned fewer bytes than requested.
pub const EXECFMT_E_READ: execfmt_status = 5;
/// The result does not fit into 32 bits.
pub const EXECFMT_E_RANGE: execfmt_status = 6;
/// There is no more: the index is past the last one.
pub const EXECFMT_END: execfmt_status = 7;

/// The sentence for a status that belongs to no format.
pub(crate) const fn general_message(status: execfmt_status) -> Option<&'static CStr> {
    Some(match status {
        EXECFMT_OK => c"the call succeeded",
        EXECFMT_E_NULL => c"a pointer that must not be NULL is NULL",
        EXECFMT_E_LENGTH => c"a length is larger than any object in memory",
        EXECFMT_E_ARGUMENT => {
            c"an argument is out of its range, a pointer is not aligned, or two buffers overlap"
        }
        EXECFMT_E_BUFFER => c"the buffer is too small",
        EXECFMT_E_READ => c"the file could not be read in full",
        EXECFMT_E_RANGE => c"the result does not fit into 32 bits",
        EXECFMT_END => c"there is no more",
        _ => return None,
    })
}

/// The sentence of a rule by its number, if the rule is one of `R`: each is terminated by a NUL, in the order
/// of the numbers.
pub(crate) fn sentence<R: Rule>(status: execfmt_status) -> Option<&'static CStr> {
    let index = R::NUMBERS.iter().position(|&number| number == status)?;
    let sentence = R::SENTENCES.as_bytes().split_inclusive(|&byte| byte == 0).nth(index)?;
    CStr::from_bytes_with_nul(sentence).ok()
}
