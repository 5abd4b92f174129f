use crate::finding::{execfmt_finding, to_c};
#[cfg(feature = "compress")]
use crate::memory::check;
use crate::memory::{Caller, caller, status};
#[cfg(feature = "compress")]
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER};
use crate::status::{EXECFMT_E_LENGTH, execfmt_status};
use ::aout_minix::compress::{self, StreamFinding};
use static_assertions::const_assert_eq;

/// Number of bytes after a section that decompressing in place needs. The ELKS kernel provides this many.
pub const EXECFMT_AOUT_IN_PLACE_MARGIN: usize = 16;
/// Maximum size of a section that can be compressed, in bytes.
pub const EXECFMT_AOUT_MAX_SECTION: usize = 65519;
const_assert_eq!(EXECFMT_AOUT_IN_PLACE_MARGIN, compress::IN_PLACE_MARGIN);
const_assert_eq!(EXECFMT_AOUT_MAX_SECTION, compress::MAX_SIZE);

/// Level: fastest.
pub const EXECFMT_AOUT_FAST: u32 = 1;
/// Level: compromise between time and size.
pub const EXECFMT_AOUT_DEFAULT: u32 = 2;
/// Level: smallest result; takes seconds.
pub const EXECFMT_AOUT_BEST: u32 = 3;

/// What decompressing a section in place requires.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_aout_footprint {
    /// Number of bytes above the section that keep the output from overtaking the input; at most
    /// EXECFMT_AOUT_IN_PLACE_MARGIN.
    pub safety: u32,
    /// Maximum number of bytes by which the kernel's write pointer is above its read pointer.
    pub distance: u32,
}

/// Stores a finding if the caller wants one, and returns its status.
fn refuse(caller: Caller<'_>, found: &StreamFinding, place: *mut execfmt_finding) -> execfmt_status {
    match caller.write_if_wanted(place, to_c(found)) {
        Ok(()) => found.rule.number(),
        Err(status) => status,
    }
}

/// Decompresses a section of `size` bytes from its `compressed_len` compressed bytes into a buffer that does
/// not overlap them. Only the stream format counts, not the kernel's limits on decompressing in place. On
/// failure, the contents of the buffer are unspecified, and `*finding`, unless `finding` is NULL, describes
/// what is wrong at which byte.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_decode(
    compressed: *const u8,
    compressed_len: usize,
    section: *mut u8,
    size: usize,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    let outcome = caller.buffer_beside((compressed, compressed_len), (section, size));
    status(|| {
        outcome.and_then(|(compressed, section)| {
            compress::decode(compressed, section).map_err(|found| refuse(caller, &found, finding))
        })
    })
}

/// Decompresses a section of `size` bytes as the kernel does: the first `compressed_len` bytes of `area` are
/// the compressed ones, and in the end the first `size` bytes are the section. `area_len` must be at least
/// `size` + EXECFMT_AOUT_IN_PLACE_MARGIN; the bytes after the section are unspecified afterwards. A section
/// that exceeds the kernel's limits is refused. On failure, the contents of `area` are unspecified, and
/// `*finding`, unless `finding` is NULL, describes what is wrong at which byte.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_decode_in_place(
    area: *mut u8,
    area_len: usize,
    compressed_len: usize,
    size: usize,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    let outcome = caller.buffer(area, area_len);
    status(|| {
        outcome.and_then(|area| {
            compress::decode_in_place(area, compressed_len, size)
                .map_err(|found| refuse(caller, &found, finding))
        })
    })
}

/// Determines whether the kernel decompresses a section, by walking through its compressed bytes without
/// producing output; stores in `*footprint` what that requires. For a section that exceeds the kernel's
/// limits the status is EXECFMT_AOUT_STREAM_E_OVERTAKES or EXECFMT_AOUT_STREAM_E_DISTANCE, and it must be
/// stored uncompressed.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_check_kernel_limits(
    compressed: *const u8,
    compressed_len: usize,
    size: usize,
    footprint: *mut execfmt_aout_footprint,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    let outcome = caller.values(compressed, compressed_len);
    status(|| {
        outcome.and_then(|compressed| {
            let found = compress::check_kernel_limits(compressed, size)
                .map_err(|found| refuse(caller, &found, finding))?;
            let number = |value: usize| u32::try_from(value).map_err(|_| EXECFMT_E_LENGTH);
            let target =
                execfmt_aout_footprint { safety: number(found.safety)?, distance: number(found.distance)? };
            caller.write(footprint, target)
        })
    })
}

/// Maximum number of bytes that a section of `size` bytes takes when compressed: a buffer for execfmt_aout_encode.
#[cfg(feature = "compress")]
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_aout_encode_bound(size: usize) -> usize {
    compress::encode_bound(size)
}

/// Compresses a section of `size` bytes into a buffer of `capacity` bytes that does not overlap it, and
/// stores the compressed size in `*written`. `level` is EXECFMT_AOUT_FAST, EXECFMT_AOUT_DEFAULT or
/// EXECFMT_AOUT_BEST. EXECFMT_E_BUFFER when the buffer is too small: `*written` is then the number of bytes
/// needed. Call execfmt_aout_check_kernel_limits before the result goes into a file. This function allocates
/// at most about 20 MiB, and frees all of it.
///
/// # Safety
/// As the [crate](crate#safety) says.
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
    let caller = caller!();
    status(|| {
        let level = match level {
            EXECFMT_AOUT_FAST => compress::Level::Fast,
            EXECFMT_AOUT_DEFAULT => compress::Level::Default,
            EXECFMT_AOUT_BEST => compress::Level::Best,
            _ => return Err(EXECFMT_E_ARGUMENT),
        };
        check(written, 1)?;
        let (section, place) = caller.buffer_beside((section, size), (compressed, capacity))?;
        let packed = compress::encode(section, level).map_err(|found| refuse(caller, &found, finding))?;
        let place = place.get_mut(..packed.len());
        caller.write(written, packed.len())?;
        place.ok_or(EXECFMT_E_BUFFER)?.copy_from_slice(&packed);
        Ok(())
    })
}
