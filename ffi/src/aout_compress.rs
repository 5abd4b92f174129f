use core::ffi::{CStr, c_char};

use aout_minix::Rule as _;
use aout_minix::compress::{self, StreamField, StreamFinding, StreamRule};
use static_assertions::const_assert_eq;

#[cfg(feature = "compress")]
use crate::base::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER};
use crate::base::{
    EXECFMT_E_LENGTH, execfmt_finding, execfmt_status, finding_for_c, finding_from_c, write_sentence,
};
use crate::memory;

/// The bytes behind a section that unpacking in place needs. The ELKS kernel leaves so many.
pub const EXECFMT_AOUT_SAFETY: usize = 16;
/// The longest section that can be compressed, in bytes.
pub const EXECFMT_AOUT_MAX_SECTION: usize = 65519;
const_assert_eq!(EXECFMT_AOUT_SAFETY, compress::IN_PLACE_MARGIN);
const_assert_eq!(EXECFMT_AOUT_MAX_SECTION, compress::MAX_SIZE);

/// The compressed bytes are used up before the end mark.
pub const EXECFMT_AOUT_STREAM_E_TRUNCATED: execfmt_status = 300;
/// A length index is beyond all tables.
pub const EXECFMT_AOUT_STREAM_E_LENGTH_INDEX: execfmt_status = 301;
/// A match copies bytes that are not written yet.
pub const EXECFMT_AOUT_STREAM_E_OFFSET: execfmt_status = 302;
/// There are more bytes than the section has.
pub const EXECFMT_AOUT_STREAM_E_TOO_LONG: execfmt_status = 303;
/// The end mark comes before the section is complete.
pub const EXECFMT_AOUT_STREAM_E_TOO_SHORT: execfmt_status = 304;
/// In place, the output would overtake the input. The kernel refuses this too.
pub const EXECFMT_AOUT_STREAM_E_OVERTAKES: execfmt_status = 305;
/// In place, output and input are too far apart for the kernel.
pub const EXECFMT_AOUT_STREAM_E_DISTANCE: execfmt_status = 306;
/// The section is empty or longer than EXECFMT_AOUT_MAX_SECTION.
pub const EXECFMT_AOUT_STREAM_E_SIZE: execfmt_status = 307;
/// The memory to unpack in is too small.
pub const EXECFMT_AOUT_STREAM_E_AREA: execfmt_status = 308;

/// Field of a finding: the compressed bytes; the value is their number.
pub const EXECFMT_AOUT_STREAM_FIELD_COMPRESSED: u32 = 1;
/// Field of a finding: the section's size.
pub const EXECFMT_AOUT_STREAM_FIELD_SIZE: u32 = 2;
/// Field of a finding: the memory to unpack in; the value is its length.
pub const EXECFMT_AOUT_STREAM_FIELD_AREA: u32 = 3;
/// Field of a finding: a length index.
pub const EXECFMT_AOUT_STREAM_FIELD_LENGTH_INDEX: u32 = 4;
/// Field of a finding: a length.
pub const EXECFMT_AOUT_STREAM_FIELD_LENGTH: u32 = 5;
/// Field of a finding: an offset.
pub const EXECFMT_AOUT_STREAM_FIELD_OFFSET: u32 = 6;
/// Field of a finding: the distance of output and input.
pub const EXECFMT_AOUT_STREAM_FIELD_DISTANCE: u32 = 7;

/// Level: little time.
pub const EXECFMT_AOUT_FAST: u32 = 1;
/// Level: the balance.
pub const EXECFMT_AOUT_DEFAULT: u32 = 2;
/// Level: the smallest result; takes seconds.
pub const EXECFMT_AOUT_BEST: u32 = 3;

/// What unpacking a section in place takes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_aout_footprint {
    /// The bytes above the section that keep the output from overtaking the input; at most EXECFMT_AOUT_SAFETY.
    pub safety: u32,
    /// The most bytes by which the kernel's write pointer is above its read pointer.
    pub distance: u32,
}

pub(crate) const fn stream_field_code(field: StreamField) -> u32 {
    match field {
        StreamField::Compressed => EXECFMT_AOUT_STREAM_FIELD_COMPRESSED,
        StreamField::Size => EXECFMT_AOUT_STREAM_FIELD_SIZE,
        StreamField::Area => EXECFMT_AOUT_STREAM_FIELD_AREA,
        StreamField::LengthIndex => EXECFMT_AOUT_STREAM_FIELD_LENGTH_INDEX,
        StreamField::Length => EXECFMT_AOUT_STREAM_FIELD_LENGTH,
        StreamField::Offset => EXECFMT_AOUT_STREAM_FIELD_OFFSET,
        StreamField::Distance => EXECFMT_AOUT_STREAM_FIELD_DISTANCE,
        _ => 0,
    }
}

pub(crate) fn stream_field(code: u32) -> Option<StreamField> {
    StreamField::ALL.into_iter().find(|&field| stream_field_code(field) == code)
}

pub(crate) fn message(status: execfmt_status) -> Option<&'static CStr> {
    crate::aout_minix::sentence::<StreamRule>(status)
}

/// Stores a finding where the caller wants one, and gives its status.
///
/// # Safety
/// `place` may be NULL, or else must point to a finding that can be written.
unsafe fn refuse(found: &StreamFinding, place: *mut execfmt_finding) -> execfmt_status {
    let status = found.rule.number();
    if !place.is_null() {
        let finding = finding_for_c(found, status, 0, stream_field_code(found.field));
        // SAFETY: the caller's promise.
        if let Err(status) = unsafe { memory::write(place, finding) } {
            return status;
        }
    }
    status
}

/// Unpacks a section of `size` bytes from its `compressed_len` compressed ones into a buffer that does not overlap
/// them. The stream's own meaning alone counts, not the kernel's limits of unpacking in place. When it fails, the
/// buffer's contents are unspecified, and where `finding` is not NULL it says what is wrong at which byte.
///
/// # Safety
/// The pointers must be as the declaration says; see docs/c-library.md.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_decode(
    compressed: *const u8,
    compressed_len: usize,
    section: *mut u8,
    size: usize,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { memory::slices((compressed, compressed_len), (section, size)) };
    memory::status(outcome.and_then(|(compressed, section)| {
        // SAFETY: the caller's promise.
        compress::decode(compressed, section).map_err(|found| unsafe { refuse(&found, finding) })
    }))
}

/// Unpacks a section of `size` bytes as the kernel does: the first `compressed_len` bytes of `area` are the compressed
/// ones, and in the end the first `size` are the section. `area_len` must be `size` + EXECFMT_AOUT_SAFETY or more; what
/// lies behind the section is unspecified then. What breaks the kernel's limits is refused. When it fails, the contents
/// of `area` are unspecified, and where `finding` is not NULL it says what is wrong at which byte.
///
/// # Safety
/// The pointers must be as the declaration says; see docs/c-library.md.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_decode_in_place(
    area: *mut u8,
    area_len: usize,
    compressed_len: usize,
    size: usize,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { memory::slice_mut(area, area_len) };
    memory::status(outcome.and_then(|area| {
        compress::decode_in_place(area, compressed_len, size)
            // SAFETY: the caller's promise.
            .map_err(|found| unsafe { refuse(&found, finding) })
    }))
}

/// Says whether the kernel unpacks a section, by going through its compressed bytes without unpacking them; stores in
/// `*footprint` what that takes. A section that breaks the kernel's limits gives EXECFMT_AOUT_STREAM_E_OVERTAKES or
/// EXECFMT_AOUT_STREAM_E_DISTANCE and must be stored plain.
///
/// # Safety
/// The pointers must be as the declaration says; see docs/c-library.md.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_check_kernel_limits(
    compressed: *const u8,
    compressed_len: usize,
    size: usize,
    footprint: *mut execfmt_aout_footprint,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { memory::slice(compressed, compressed_len) };
    memory::status(outcome.and_then(|compressed| {
        let found = compress::check_kernel_limits(compressed, size)
            // SAFETY: the caller's promise.
            .map_err(|found| unsafe { refuse(&found, finding) })?;
        let number = |value: usize| u32::try_from(value).map_err(|_| EXECFMT_E_LENGTH);
        let target =
            execfmt_aout_footprint { safety: number(found.safety)?, distance: number(found.distance)? };
        // SAFETY: the caller's promise.
        unsafe { memory::write(footprint, target) }
    }))
}

/// The most bytes that a section of `size` bytes can take when compressed: a buffer for execfmt_aout_encode.
#[cfg(feature = "compress")]
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_aout_encode_bound(size: usize) -> usize {
    compress::encode_bound(size)
}

/// Compresses a section of `size` bytes into a buffer of `capacity` bytes that does not overlap it, and stores in
/// `*written` how many bytes it takes. `level` is EXECFMT_AOUT_FAST, EXECFMT_AOUT_DEFAULT or EXECFMT_AOUT_BEST.
/// EXECFMT_E_BUFFER when the buffer is too small: `*written` then holds the number of bytes that it takes. Before the
/// result goes into a file, execfmt_aout_check_kernel_limits should be asked. This function allocates, some 20 MiB at
/// most, and frees it all.
///
/// # Safety
/// The pointers must be as the declaration says; see docs/c-library.md.
#[cfg(feature = "compress")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_encode(
    section: *const u8,
    size: usize,
    level: u32,
    compressed: *mut u8,
    capacity: usize,
    written: *mut usize,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let outcome = || {
        let level = match level {
            EXECFMT_AOUT_FAST => compress::Level::Fast,
            EXECFMT_AOUT_DEFAULT => compress::Level::Default,
            EXECFMT_AOUT_BEST => compress::Level::Best,
            _ => return Err(EXECFMT_E_ARGUMENT),
        };
        memory::check(written, 1)?;
        // SAFETY: the caller's promise.
        let (section, place) = unsafe { memory::slices((section, size), (compressed, capacity))? };
        // SAFETY: the caller's promise.
        let packed = compress::encode(section, level).map_err(|found| unsafe { refuse(&found, finding) })?;
        let place = place.get_mut(..packed.len());
        // SAFETY: the caller's promise.
        unsafe { memory::write(written, packed.len())? };
        place.ok_or(EXECFMT_E_BUFFER)?.copy_from_slice(&packed);
        Ok(())
    };
    memory::status(outcome())
}

/// Writes a sentence about a finding of this header's functions as snprintf does: at most `capacity` bytes into
/// `buffer`, the closing NUL among them. Returns the length of the whole sentence without the NUL; 0, and an empty
/// string, when the struct holds no such finding. `buffer` may be NULL with a `capacity` of 0, to learn the length.
///
/// # Safety
/// The pointers must be as the declaration says; see docs/c-library.md.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_stream_finding_message(
    finding: *const execfmt_finding,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: the caller's promise.
    let finding = unsafe { memory::read(finding) }.ok().and_then(|c| {
        let rule = StreamRule::from_number(c.status, 0)?;
        let field = stream_field(c.field)?;
        finding_from_c(&c, rule, field)
    });
    // SAFETY: the caller's promise.
    unsafe { write_sentence(buffer, capacity, finding) }
}
