use core::ffi::{c_char, c_void};

use execfmt_common::{ByteOrder, Expected, Finding, Rule, Severity};

use crate::memory;

/// What a function has to say: EXECFMT_OK, or why it did nothing. Codes from 100 on belong to a format. Numbers never
/// change their meaning.
pub type execfmt_status = i32;

/// All went well.
pub const EXECFMT_OK: execfmt_status = 0;
/// A pointer that must not be NULL is NULL.
pub const EXECFMT_E_NULL: execfmt_status = 1;
/// A length is beyond what memory can hold.
pub const EXECFMT_E_LENGTH: execfmt_status = 2;
/// An argument is out of its range, a pointer is not aligned, or two buffers overlap.
pub const EXECFMT_E_ARGUMENT: execfmt_status = 3;
/// The caller's buffer is too small.
pub const EXECFMT_E_BUFFER: execfmt_status = 4;
/// The caller's read function returned fewer bytes than it was asked for.
pub const EXECFMT_E_READ: execfmt_status = 5;
/// The result does not fit 32 bits.
pub const EXECFMT_E_RANGE: execfmt_status = 6;
/// There is no more: the index is behind the last one.
pub const EXECFMT_END: execfmt_status = 7;

/// The version of the header, as `execfmt_version` gives that of the library: the first number.
pub const EXECFMT_VERSION_MAJOR: u32 = 0;
/// The version of the header, the second number.
pub const EXECFMT_VERSION_MINOR: u32 = 1;
/// The version of the header, the third number.
pub const EXECFMT_VERSION_PATCH: u32 = 0;

/// Byte order: least significant byte first.
pub const EXECFMT_LITTLE_ENDIAN: u32 = 1;
/// Byte order: most significant byte first.
pub const EXECFMT_BIG_ENDIAN: u32 = 2;

/// Severity: unusual, but accepted.
pub const EXECFMT_WARNING: u32 = 1;
/// Severity: the file is refused.
pub const EXECFMT_ERROR: u32 = 2;

/// Expectation: exactly `expected`.
pub const EXECFMT_EXACTLY: u32 = 1;
/// Expectation: `expected` or `expected_other`.
pub const EXECFMT_EITHER: u32 = 2;
/// Expectation: `expected` or more.
pub const EXECFMT_AT_LEAST: u32 = 3;
/// Expectation: `expected` or less.
pub const EXECFMT_AT_MOST: u32 = 4;
/// Expectation: a multiple of `expected`.
pub const EXECFMT_MULTIPLE_OF: u32 = 5;
/// Expectation: anything but `expected`, where no single bound says what would be right.
pub const EXECFMT_ANYTHING_BUT: u32 = 6;

/// One thing that is wrong or unusual in a file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_finding {
    /// Where the field is, in bytes from the start of the file.
    pub offset: u64,
    /// The value found.
    pub found: u64,
    /// The value expected; `relation` says how it is meant.
    pub expected: u64,
    /// The other value, with EXECFMT_EITHER.
    pub expected_other: u64,
    /// The rule that is broken, as a status of the format.
    pub status: execfmt_status,
    /// EXECFMT_WARNING or EXECFMT_ERROR.
    pub severity: u32,
    /// The field, as a constant of the format.
    pub field: u32,
    /// EXECFMT_EXACTLY, EXECFMT_EITHER, EXECFMT_AT_LEAST, EXECFMT_AT_MOST, EXECFMT_MULTIPLE_OF or
    /// EXECFMT_ANYTHING_BUT.
    pub relation: u32,
    /// More about the rule, with a meaning of the format's own.
    pub detail: u32,
    /// 0.
    pub reserved: u32,
}

/// Reads `length` bytes from byte `file_offset` of a file on into `destination`, and returns how many it read:
/// anything but `length` ends the call that needed them with EXECFMT_E_READ. `context` is what the caller gave along.
pub type execfmt_read_fn = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        file_offset: u32,
        destination: *mut c_void,
        length: u32,
    ) -> u32,
>;

/// The version of the library, such as "0.1.0". The string is static: do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// A sentence for any status, in English; for an unknown one a sentence that says so. The string is static: do not
/// free it.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_status_message(status: execfmt_status) -> *const c_char {
    let general = match status {
        EXECFMT_OK => Some(c"all went well"),
        EXECFMT_E_NULL => Some(c"a pointer that must not be NULL is NULL"),
        EXECFMT_E_LENGTH => Some(c"a length is beyond what memory can hold"),
        EXECFMT_E_ARGUMENT => {
            Some(c"an argument is out of its range, a pointer is not aligned, or two buffers overlap")
        }
        EXECFMT_E_BUFFER => Some(c"the buffer is too small"),
        EXECFMT_E_READ => Some(c"the file could not be read in full"),
        EXECFMT_E_RANGE => Some(c"the result does not fit 32 bits"),
        EXECFMT_END => Some(c"there is no more"),
        _ => None,
    };
    let message = general.or_else(|| crate::noff::message(status));
    let message = message.or_else(|| crate::aout_minix::message(status));
    let message = message.or_else(|| crate::aout_compress::message(status));
    let message = message.or_else(|| crate::coyotos_image::message(status));
    message.unwrap_or(c"unknown status: is the library older than its header?").as_ptr()
}

pub(crate) const fn byte_order_code(byte_order: ByteOrder) -> u32 {
    match byte_order {
        ByteOrder::Little => EXECFMT_LITTLE_ENDIAN,
        ByteOrder::Big => EXECFMT_BIG_ENDIAN,
    }
}

pub(crate) const fn byte_order(code: u32) -> Result<ByteOrder, execfmt_status> {
    match code {
        EXECFMT_LITTLE_ENDIAN => Ok(ByteOrder::Little),
        EXECFMT_BIG_ENDIAN => Ok(ByteOrder::Big),
        _ => Err(EXECFMT_E_ARGUMENT),
    }
}

/// A finding for C; the format gives the numbers of its rule and field.
pub(crate) fn finding_for_c<R: Rule>(
    finding: &Finding<R>,
    status: execfmt_status,
    detail: u32,
    field: u32,
) -> execfmt_finding {
    let (relation, expected_other) = match finding.expected {
        Expected::Exactly(_) => (EXECFMT_EXACTLY, 0),
        Expected::Either(_, other) => (EXECFMT_EITHER, other),
        Expected::AtLeast(_) => (EXECFMT_AT_LEAST, 0),
        Expected::AtMost(_) => (EXECFMT_AT_MOST, 0),
        Expected::MultipleOf(_) => (EXECFMT_MULTIPLE_OF, 0),
        Expected::AnythingBut(_) => (EXECFMT_ANYTHING_BUT, 0),
    };
    execfmt_finding {
        offset: finding.offset,
        found: finding.found,
        expected: finding.expected.bound(),
        expected_other,
        status,
        severity: match finding.severity() {
            Severity::Warning => EXECFMT_WARNING,
            Severity::Error => EXECFMT_ERROR,
        },
        field,
        relation,
        detail,
        reserved: 0,
    }
}

/// A finding back from C, for the sentence about it. `None` when the struct holds none.
pub(crate) fn finding_from_c<R: Rule>(c: &execfmt_finding, rule: R, field: R::Field) -> Option<Finding<R>> {
    let expected = match c.relation {
        EXECFMT_EXACTLY => Expected::Exactly(c.expected),
        EXECFMT_EITHER => Expected::Either(c.expected, c.expected_other),
        EXECFMT_AT_LEAST => Expected::AtLeast(c.expected),
        EXECFMT_AT_MOST => Expected::AtMost(c.expected),
        EXECFMT_MULTIPLE_OF => Expected::MultipleOf(c.expected),
        EXECFMT_ANYTHING_BUT => Expected::AnythingBut(c.expected),
        _ => return None,
    };
    Some(Finding { rule, field, offset: c.offset, found: c.found, expected })
}

/// A caller's read function as a Rust one.
pub(crate) fn reader(
    read: execfmt_read_fn,
    context: *mut c_void,
) -> Result<impl FnMut(u32, &mut [u8]) -> Result<(), execfmt_status>, execfmt_status> {
    let read = read.ok_or(EXECFMT_E_NULL)?;
    Ok(move |offset, place: &mut [u8]| {
        let length = u32::try_from(place.len()).map_err(|_| EXECFMT_E_LENGTH)?;
        // SAFETY: the caller's own function, called as its type says, on `length` writable bytes.
        let done = unsafe { read(context, offset, place.as_mut_ptr().cast(), length) };
        if done == length { Ok(()) } else { Err(EXECFMT_E_READ) }
    })
}

/// Writes a sentence as snprintf does: `capacity` bytes at most, the closing NUL among them. Returns the length of
/// the whole sentence without the NUL; for nothing an empty one, and 0.
///
/// # Safety
/// As for [`memory::slice_mut`].
pub(crate) unsafe fn write_sentence(
    buffer: *mut c_char,
    capacity: usize,
    what: Option<impl core::fmt::Display>,
) -> usize {
    use core::fmt::Write as _;

    struct Sentence<'a> {
        room: &'a mut [u8],
        length: usize,
    }
    impl core::fmt::Write for Sentence<'_> {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            for &byte in text.as_bytes() {
                if let Some(place) = self.room.get_mut(self.length) {
                    *place = byte;
                }
                self.length = self.length.saturating_add(1);
            }
            Ok(())
        }
    }
    // Measured first: a caller who gives a capacity beyond the end of the buffer, as with snprintf, is safe as long as
    // the sentence fits.
    let mut sentence = Sentence { room: &mut [], length: 0 };
    // The sentence itself never fails; what it displays returns what it returned.
    let _ = what.iter().try_for_each(|what| write!(sentence, "{what}"));
    let kept = sentence.length.min(capacity.saturating_sub(1));
    let room = capacity.min(kept.saturating_add(1));
    // SAFETY: the caller's promise.
    if let Ok(room) = unsafe { memory::slice_mut(buffer.cast::<u8>(), room) } {
        let mut sentence = Sentence { room, length: 0 };
        let _ = what.iter().try_for_each(|what| write!(sentence, "{what}"));
        if let Some(end) = room.get_mut(kept) {
            *end = 0;
        }
    }
    sentence.length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_and_library_have_one_version() {
        let header = format!("{EXECFMT_VERSION_MAJOR}.{EXECFMT_VERSION_MINOR}.{EXECFMT_VERSION_PATCH}");
        assert_eq!(header, env!("CARGO_PKG_VERSION"));
    }
}
