use core::ffi::{c_char, c_void};

use crate::status::{execfmt_status, general_message};
use execfmt_detect::Magic;

/// The version of the header, as `execfmt_version` gives that of the library: the first number.
pub const EXECFMT_VERSION_MAJOR: u32 = 0;
/// The version of the header, the second number.
pub const EXECFMT_VERSION_MINOR: u32 = 1;
/// The version of the header, the third number.
pub const EXECFMT_VERSION_PATCH: u32 = 0;

/// errno of ELKS: argument list too long.
pub const EXECFMT_ELKS_E2BIG: u32 = 7;
/// errno of ELKS: not an executable.
pub const EXECFMT_ELKS_ENOEXEC: u32 = 8;
/// errno of ELKS: invalid argument.
pub const EXECFMT_ELKS_EINVAL: u32 = 22;
/// errno of ELKS: file too large.
pub const EXECFMT_ELKS_EFBIG: u32 = 27;

/// Reads `length` bytes from byte `file_offset` of a file on into `destination`, and returns how many it read:
/// anything but `length` ends the call that needed them with EXECFMT_E_READ. `context` is what the caller gave
/// along. The function may call any function of this library; it must return: no exception and no longjmp may leave it.
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

/// What a file of another kind looks like: EXECFMT_LOOKS_ELF and so on. `first_four_bytes` are those of the file, the first
/// one the least significant, as `detail` of a finding about a file's magic has them.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_looks_like(first_four_bytes: u32) -> u32 {
    Magic::of(&first_four_bytes.to_le_bytes()).number()
}

/// A sentence for any status, in English; for an unknown one a sentence that says so. The string is static: do not
/// free it.
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
