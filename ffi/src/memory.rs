//! Conversion of raw pointers to references and back: every check of a pointer that is possible is made here,
//! and every promise that cannot be checked is represented by a value, [`Caller`].

use core::ffi::{c_char, c_void};
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::slice;

use crate::base::execfmt_read_fn;
use crate::status::{
    EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_E_LENGTH, EXECFMT_E_NULL, EXECFMT_E_READ, EXECFMT_OK,
    execfmt_status,
};

/// The promise of the caller of an exported function, for the duration of that call: what the
/// [crate](crate#safety) requires. Its methods convert pointers to references; they are safe functions, since
/// their preconditions are promised. (NULL, misaligned pointers and lengths that no object can have are
/// refused here, and need no promise.)
///
/// [`caller!`] makes one, in an exported function. From there on it is passed along.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a>(PhantomData<&'a ()>);

/// The [`Caller`] of an exported function. It compiles only in an `unsafe fn`, whose caller has made the
/// promise.
macro_rules! caller {
    () => {{
        #[allow(unsafe_op_in_unsafe_fn)]
        let caller = $crate::memory::Caller::promised();
        caller
    }};
}
pub(crate) use caller;

impl<'a> Caller<'a> {
    /// # Safety
    /// The promise above holds for `'a`.
    pub(crate) const unsafe fn promised() -> Self {
        Self(PhantomData)
    }

    /// A caller's values, for reading. The pointer to zero values may be anything, including NULL.
    pub(crate) fn values<T: Copy>(self, pointer: *const T, count: usize) -> Result<&'a [T], execfmt_status> {
        if count == 0 {
            return Ok(&[]);
        }
        check(pointer, count)?;
        // SAFETY: checked above, and promised.
        Ok(unsafe { slice::from_raw_parts(pointer, count) })
    }

    /// A caller's buffer, for writing. The pointer to an empty one may be anything, including NULL.
    pub(crate) fn buffer(self, pointer: *mut u8, count: usize) -> Result<&'a mut [u8], execfmt_status> {
        if count == 0 {
            return Ok(&mut []);
        }
        check(pointer, count)?;
        // SAFETY: checked above, and promised. Every byte is a valid u8.
        Ok(unsafe { slice::from_raw_parts_mut(pointer, count) })
    }

    /// A buffer for writing, which must not overlap what is read.
    pub(crate) fn buffer_beside(
        self,
        source: (*const u8, usize),
        target: (*mut u8, usize),
    ) -> Result<(&'a [u8], &'a mut [u8]), execfmt_status> {
        let read = self.values(source.0, source.1)?;
        if target.1 != 0 {
            check(target.0, target.1)?;
        }
        apart(source, (target.0.cast_const(), target.1))?;
        Ok((read, self.buffer(target.0, target.1)?))
    }

    /// A caller's memory as values of our own, whatever its contents.
    pub(crate) fn fresh<T: Copy + Default>(
        self,
        pointer: *mut T,
        count: usize,
    ) -> Result<&'a mut [T], execfmt_status> {
        if count == 0 {
            return Ok(&mut []);
        }
        check(pointer, count)?;
        for index in 0..count {
            // SAFETY: checked above, and promised: the value is within the memory.
            unsafe { pointer.add(index).write(T::default()) };
        }
        // SAFETY: checked above, and promised; every value has just been written.
        Ok(unsafe { slice::from_raw_parts_mut(pointer, count) })
    }

    /// A caller's string without its NUL. EXECFMT_E_BUFFER when it is longer than `limit`.
    pub(crate) fn string(self, pointer: *const c_char, limit: usize) -> Result<&'a [u8], execfmt_status> {
        let pointer = pointer.cast::<u8>();
        check(pointer, 1)?;
        let mut length = 0_usize;
        // SAFETY: promised: no byte before this one is the NUL.
        while unsafe { pointer.wrapping_add(length).read() } != 0 {
            if length >= limit {
                return Err(EXECFMT_E_BUFFER);
            }
            length = length.saturating_add(1);
        }
        self.values(pointer, length)
    }

    /// A caller's value.
    pub(crate) fn read<T: Copy>(self, pointer: *const T) -> Result<T, execfmt_status> {
        check(pointer, 1)?;
        // SAFETY: checked above, and promised.
        Ok(unsafe { pointer.read() })
    }

    /// Stores a result.
    pub(crate) fn write<T: Copy>(self, pointer: *mut T, value: T) -> Result<(), execfmt_status> {
        check(pointer, 1)?;
        // SAFETY: checked above, and promised.
        unsafe { pointer.write(value) };
        Ok(())
    }

    /// Stores a result that the caller may not want, which a NULL pointer indicates.
    pub(crate) fn write_if_wanted<T: Copy>(self, pointer: *mut T, value: T) -> Result<(), execfmt_status> {
        if pointer.is_null() { Ok(()) } else { self.write(pointer, value) }
    }

    /// A caller's options, of this version of the struct, an older or a newer one: the first member is the
    /// size of the struct. NULL, and a struct that is all 0, mean the defaults. Members that the caller's
    /// version lacks are 0; members that this library does not know must be 0.
    pub(crate) fn options<T: Options>(self, pointer: *const T) -> Result<T, execfmt_status> {
        // SAFETY: by the trait, all zeros is a value.
        let mut options = unsafe { MaybeUninit::<T>::zeroed().assume_init() };
        if pointer.is_null() {
            return Ok(options);
        }
        if !pointer.is_aligned() {
            return Err(EXECFMT_E_ARGUMENT);
        }
        let stated = usize::try_from(self.read(pointer.cast::<u32>())?).map_err(|_| EXECFMT_E_ARGUMENT)?;
        let size = if stated == 0 { T::FIRST_SIZE } else { stated };
        if size < T::FIRST_SIZE || size > LARGEST_OPTIONS {
            return Err(EXECFMT_E_ARGUMENT);
        }
        let bytes = self.values(pointer.cast::<u8>(), size)?;
        let (known, unknown) = bytes.split_at(size.min(size_of::<T>()));
        // A caller that sets a member but forgets the size gets an error.
        let must_be_zero = if stated == 0 { known } else { unknown };
        if must_be_zero.iter().any(|&byte| byte != 0) {
            return Err(EXECFMT_E_ARGUMENT);
        }
        // SAFETY: within both structs, of which any bits are a value by the trait.
        unsafe {
            core::ptr::copy_nonoverlapping(known.as_ptr(), (&raw mut options).cast::<u8>(), known.len())
        };
        Ok(options)
    }

    /// A caller's read function as a Rust one.
    pub(crate) fn reader(
        self,
        read: execfmt_read_fn,
        context: *mut c_void,
    ) -> Result<impl FnMut(u32, &mut [u8]) -> Result<(), execfmt_status>, execfmt_status> {
        let read = read.ok_or(EXECFMT_E_NULL)?;
        Ok(move |offset, place: &mut [u8]| {
            let length = u32::try_from(place.len()).map_err(|_| EXECFMT_E_LENGTH)?;
            // SAFETY: promised; `length` writable bytes.
            let done = unsafe { read(context, offset, place.as_mut_ptr().cast(), length) };
            if done == length { Ok(()) } else { Err(EXECFMT_E_READ) }
        })
    }

    /// Writes a sentence in the manner of snprintf: at most `capacity` bytes, including the terminating NUL.
    /// Returns the length of the whole sentence without the NUL; without a sentence an empty string, and 0.
    pub(crate) fn sentence(
        self,
        buffer: *mut c_char,
        capacity: usize,
        what: Option<impl core::fmt::Display>,
    ) -> usize {
        // The length is measured first: a caller that passes a capacity larger than the buffer is safe, as
        // with snprintf, as long as the sentence fits.
        let length = write_to(&mut [], what.as_ref());
        let kept = length.min(capacity.saturating_sub(1));
        let room = capacity.min(kept.saturating_add(1));
        if let Ok(room) = self.buffer(buffer.cast::<u8>(), room) {
            write_to(room, what.as_ref());
            if let Some(end) = room.get_mut(kept) {
                *end = 0;
            }
        }
        length
    }
}

/// Formats a value into a buffer; what does not fit is cut off. Returns the whole length.
pub(crate) fn write_to(room: &mut [u8], what: Option<impl core::fmt::Display>) -> usize {
    use core::fmt::Write as _;

    struct Text<'a> {
        room: &'a mut [u8],
        length: usize,
    }
    impl core::fmt::Write for Text<'_> {
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
    let mut text = Text { room, length: 0 };
    // This writer never fails; a formatted value only returns what the writer returned.
    let _ = what.iter().try_for_each(|what| write!(text, "{what}"));
    text.length
}

/// Stores text in an array of a struct for C: cut off if it does not fit, and always terminated by a NUL.
/// Returns its whole length.
pub(crate) fn fill_text<const N: usize>(array: &mut [c_char; N], text: impl IntoIterator<Item = u8>) -> u32 {
    let room = N.saturating_sub(1);
    *array = [0; N];
    let mut length = 0_usize;
    for byte in text {
        if let Some(place) = array.get_mut(..room).and_then(|array| array.get_mut(length)) {
            *place = c_char::from_ne_bytes([byte]);
        }
        length = length.saturating_add(1);
    }
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The same for a formatted value.
pub(crate) fn fill_display<const N: usize>(array: &mut [c_char; N], what: impl core::fmt::Display) -> u32 {
    let mut bytes = [0_u8; 64];
    let length = write_to(&mut bytes, Some(what));
    fill_text(array, bytes.into_iter().take(length))
}

/// No version of our options is larger: such a size is invalid.
const LARGEST_OPTIONS: usize = 4096;

/// A struct of options, whose first member is its size.
///
/// # Safety
/// `repr(C)`, without padding; the first member is a `u32`; all zeros and any other bits are a value.
pub(crate) unsafe trait Options: Copy {
    /// The size of the struct's first version.
    const FIRST_SIZE: usize;
}

/// Declares a struct of options, with the size of its first version.
macro_rules! options {
    ($options:ty, $size:expr) => {
        // SAFETY: numbers, pointers and functions, without padding between them; see the assertion.
        unsafe impl $crate::memory::Options for $options {
            const FIRST_SIZE: usize = $size;
        }
        static_assertions::const_assert_eq!(core::mem::offset_of!($options, size), 0);
    };
}
pub(crate) use options;

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

/// Refuses two memory ranges that share a byte.
pub(crate) fn apart<T, U>(first: (*const T, usize), second: (*const U, usize)) -> Result<(), execfmt_status> {
    let end = |address: usize, count: usize, size: usize| address.saturating_add(count.saturating_mul(size));
    let (a, b) = (first.0.addr(), second.0.addr());
    let (a_end, b_end) = (end(a, first.1, size_of::<T>()), end(b, second.1, size_of::<U>()));
    if a < a_end && b < b_end && a < b_end && b < a_end { Err(EXECFMT_E_ARGUMENT) } else { Ok(()) }
}

/// The status of a call.
#[inline(always)]
pub(crate) fn status(call: impl FnOnce() -> Result<(), execfmt_status>) -> execfmt_status {
    match call() {
        Ok(()) => EXECFMT_OK,
        Err(status) => status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    struct Two {
        size: u32,
        first: u32,
        second: u32,
    }
    options!(Two, 8);

    #[test]
    fn options_of_any_version_are_read() {
        // SAFETY: every pointer below is to an array of the length in the first word.
        let caller = unsafe { Caller::promised() };
        let read = |words: &[u32; 4]| caller.options(words.as_ptr().cast::<Two>());
        let ours = |first, second, size| Ok(Two { size, first, second });
        assert_eq!(caller.options(core::ptr::null::<Two>()), ours(0, 0, 0));
        assert_eq!(read(&[0, 0, 0, 0]), ours(0, 0, 0), "all 0");
        assert_eq!(read(&[0, 7, 0, 0]), Err(EXECFMT_E_ARGUMENT), "the size was forgotten");
        assert_eq!(read(&[8, 7, 9, 9]), ours(7, 0, 8), "an older caller");
        assert_eq!(read(&[12, 7, 8, 9]), ours(7, 8, 12), "this version");
        assert_eq!(read(&[16, 7, 8, 0]), ours(7, 8, 16), "a newer caller who wants nothing new");
        assert_eq!(read(&[16, 7, 8, 9]), Err(EXECFMT_E_ARGUMENT), "a newer caller who wants something new");
        for size in [4, 7, 4097, u32::MAX] {
            assert_eq!(read(&[size, 0, 0, 0]), Err(EXECFMT_E_ARGUMENT), "{size}");
        }
    }

    #[test]
    fn empty_files_are_at_null_and_empty_buffers_overlap_nothing() {
        // SAFETY: no pointer below is followed.
        let caller = unsafe { Caller::promised() };
        assert_eq!(caller.values(core::ptr::null::<u8>(), 0), Ok(&[][..]));
        assert_eq!(caller.values(core::ptr::null::<u8>(), 1), Err(EXECFMT_E_NULL));
        let bytes = [0_u8; 8];
        let at = bytes.as_ptr();
        assert_eq!(apart((at, 8), (at.wrapping_add(4), 0)), Ok(()));
        assert_eq!(apart((at, 4), (at.wrapping_add(4), 4)), Ok(()));
        assert_eq!(apart((at, 5), (at.wrapping_add(4), 4)), Err(EXECFMT_E_ARGUMENT));
    }

    #[test]
    fn sentences_stay_within_their_buffer() {
        const SENTENCE: &str = "six of";
        // SAFETY: every capacity below is at most what the array has.
        let caller = unsafe { Caller::promised() };
        for capacity in 0..=SENTENCE.len() + 2 {
            let mut array = [0xaa_u8; SENTENCE.len() + 4];
            let length = caller.sentence(array.as_mut_ptr().cast(), capacity, Some(SENTENCE));
            assert_eq!(length, SENTENCE.len());
            let kept = SENTENCE.len().min(capacity.saturating_sub(1));
            let end = &[0][..capacity.min(1)];
            let written = [&SENTENCE.as_bytes()[..kept], end].concat();
            let (start, rest) = array.split_at(written.len());
            assert_eq!(start, written, "capacity {capacity}");
            assert!(rest.iter().all(|byte| *byte == 0xaa), "capacity {capacity}: {array:?}");
        }
    }

    #[test]
    fn texts_are_cut_off_and_closed() {
        let mut array = [1; 4];
        assert_eq!((fill_text(&mut array, *b"ab"), array), (2, [97, 98, 0, 0]));
        assert_eq!((fill_text(&mut array, *b"abcdef"), array), (6, [97, 98, 99, 0]));
    }
}
