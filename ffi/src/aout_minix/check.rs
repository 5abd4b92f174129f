use core::ffi::c_void;

use ::aout_minix::elks::MIN_ARGUMENT_BYTES;
use ::aout_minix::{CheckOptions, Loader, check_bytes};
use static_assertions::const_assert_eq;

use super::rules::field_number;
use crate::finding::{Report, any_to_c, execfmt_report_fn};
use crate::memory::{Caller, caller, options, status};
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};

/// Kernel: the one for which the file is made.
pub const EXECFMT_AOUT_FOR_INTENDED: u32 = 0;
/// Kernel: ELKS with medium model and compression.
pub const EXECFMT_AOUT_FOR_ELKS: u32 = 1;
/// Kernel: ELKS without medium model and compression.
pub const EXECFMT_AOUT_FOR_ELKS_MINIMAL: u32 = 2;
/// Kernel: Minix 2.
pub const EXECFMT_AOUT_FOR_MINIX2: u32 = 3;

/// The smallest argument block that a real execve of ELKS passes, in bytes.
pub const EXECFMT_ELKS_MIN_ARGUMENT_BYTES: u32 = 10;
const_assert_eq!(EXECFMT_ELKS_MIN_ARGUMENT_BYTES, MIN_ARGUMENT_BYTES as u32);

/// What a file is checked for. All 0 is the default: the kernel for which the file is made, and the smallest
/// argument block that a real execve passes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_aout_check_options {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// EXECFMT_AOUT_FOR_INTENDED or another of these constants.
    pub kernel: u32,
    /// The size of the argument block in bytes, at most 65535; 0 for EXECFMT_ELKS_MIN_ARGUMENT_BYTES.
    pub argument_bytes: u32,
    /// Not 0 to assume that compressed sections are well-formed, instead of decompressing them.
    pub keep_compressed: u32,
}
options!(execfmt_aout_check_options, 16);

/// The size of an argument block; 0 means the smallest one.
pub(super) fn argument_bytes(bytes: u32) -> Result<u16, execfmt_status> {
    match u16::try_from(bytes) {
        Ok(0) => Ok(MIN_ARGUMENT_BYTES),
        other => other.map_err(|_| EXECFMT_E_ARGUMENT),
    }
}

fn options(
    caller: Caller<'_>,
    options: *const execfmt_aout_check_options,
) -> Result<CheckOptions, execfmt_status> {
    let c = caller.options(options)?;
    let loader = match c.kernel {
        EXECFMT_AOUT_FOR_INTENDED => Loader::Intended,
        EXECFMT_AOUT_FOR_ELKS => Loader::Elks,
        EXECFMT_AOUT_FOR_ELKS_MINIMAL => Loader::ElksMinimal,
        EXECFMT_AOUT_FOR_MINIX2 => Loader::Minix2,
        _ => return Err(EXECFMT_E_ARGUMENT),
    };
    let argument_bytes = argument_bytes(c.argument_bytes)?;
    Ok(CheckOptions { loader, argument_bytes, decompress: c.keep_compressed == 0 })
}

/// Checks a whole file of `length` bytes by every rule of the format and of the chosen kernel, with
/// compressed sections decompressed as that kernel does. `report`, which may be NULL, is called for each of
/// the first 1,000 findings, in order, before this function returns; a refusal by a kernel other than the
/// chosen one is a warning. Returns EXECFMT_OK when the kernel runs the file, else the status of the first
/// error: a rule of the format, of ELKS (from EXECFMT_AOUT_E_ELKS on) or of Minix 2. `options` may be NULL.
/// Takes time proportional to the file's length.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_check(
    bytes: *const u8,
    length: usize,
    options: *const execfmt_aout_check_options,
    report: execfmt_report_fn,
    context: *mut c_void,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let options = self::options(caller, options)?;
        let bytes = caller.values(bytes, length)?;
        let mut report = Report::new(report, context);
        let verdict =
            check_bytes(bytes, &options, &mut |finding| report.take(&any_to_c(finding, field_number)));
        verdict.first_error.map_or(Ok(()), Err)
    })
}
