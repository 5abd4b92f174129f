use core::ffi::{c_char, c_void};

use crate::status::{execfmt_status, general_message};
use execfmt_detect::Magic;

/// The version of this header: major. Compare it with `execfmt_version`, the version of the library.
pub const EXECFMT_VERSION_MAJOR: u32 = 0;
/// The version of this header: minor.
pub const EXECFMT_VERSION_MINOR: u32 = 1;
/// The version of this header: patch.
pub const EXECFMT_VERSION_PATCH: u32 = 0;

/// errno of ELKS: argument list too long.
pub const EXECFMT_ELKS_E2BIG: u32 = 7;
/// errno of ELKS: not an executable.
pub const EXECFMT_ELKS_ENOEXEC: u32 = 8;
/// errno of ELKS: invalid argument.
pub const EXECFMT_ELKS_EINVAL: u32 = 22;
/// errno of ELKS: file too large.
pub const EXECFMT_ELKS_EFBIG: u32 = 27;

/// Reads `length` bytes at offset `file_offset` of a file into `destination`, and returns the number of bytes
/// read. Any value other than `length` makes the calling function fail with EXECFMT_E_READ. `context` is the
/// pointer that the caller passed. The function may call any function of this library; it must return: no
/// exception and no longjmp may leave it.
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

/// Identifies a file by its first four bytes: EXECFMT_LOOKS_ELF or another of these constants. The first byte
/// is the least significant one of `first_four_bytes`, as in the `detail` of a finding about a file's magic.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_looks_like(first_four_bytes: u32) -> u32 {
    Magic::of(&first_four_bytes.to_le_bytes()).number()
}

/// The sentence for a status, in English; for an unknown status a sentence that reports that. The string is
/// static: do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_status_message(status: execfmt_status) -> *const c_char {
    let of_formats = [
        crate::noff::message,
        crate::mips_coff::message,
        crate::aout_minix::message,
        crate::os2_ne::message,
        crate::coyotos_image::message,
    ];
    let message = general_message(status).or_else(|| of_formats.iter().find_map(|message| message(status)));
    message.unwrap_or(c"unknown status: is the library older than its header?").as_ptr()
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
