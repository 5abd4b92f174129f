use core::ffi::c_void;

use ::noff::{CheckOptions, Profile, check_bytes, check_prefix};

use super::profile::{execfmt_noff_profile, profile};
use super::read::layout;
use super::rules::field_number;
use crate::finding::{Report, any_to_c, execfmt_report_fn};
use crate::memory::{Caller, caller, options, status};
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};

/// What a file is checked for. All 0 is the default: what all kernels have in common, without scanning the
/// code.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_noff_check_options {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// 3 or 4 segments, or 0 to take the layout from the file.
    pub layout: u32,
    /// 1 to scan the code too, for instructions that the simulated machine of Nachos lacks or executes
    /// differently, else 0.
    pub scan_code: u32,
    /// 0.
    pub reserved: u32,
    /// The kernels that will load the file; NULL for any.
    pub profile: *const execfmt_noff_profile,
}
options!(execfmt_noff_check_options, size_of::<execfmt_noff_check_options>());

struct Asked<'p> {
    options: execfmt_noff_check_options,
    profile: Option<Profile<'p>>,
}

impl<'p> Asked<'p> {
    fn of(caller: Caller<'p>, options: *const execfmt_noff_check_options) -> Result<Self, execfmt_status> {
        let options = caller.options(options)?;
        if options.scan_code > 1 || options.reserved != 0 {
            return Err(EXECFMT_E_ARGUMENT);
        }
        let profile = if options.profile.is_null() { None } else { Some(profile(caller, options.profile)?) };
        Ok(Self { options, profile })
    }

    fn for_format(&self) -> Result<CheckOptions<'_>, execfmt_status> {
        let (layout, scan_code) = (layout(self.options.layout)?, self.options.scan_code != 0);
        Ok(CheckOptions { layout, profile: self.profile.as_ref(), scan_code })
    }
}

/// Checks a whole file of `length` bytes and reports every error and warning, including those of the kernels
/// given in the options. `report`, which may be NULL, is called for each of the first 1,000 findings, in
/// order, before this function returns. Returns EXECFMT_OK when those kernels load the file, or any kernel if
/// none is given; else the status of the first error. `options` may be NULL. A scan of the code gives only
/// warnings; it takes time proportional to the size of the code.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_check(
    bytes: *const u8,
    length: usize,
    options: *const execfmt_noff_check_options,
    report: execfmt_report_fn,
    context: *mut c_void,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let asked = Asked::of(caller, options)?;
        let for_format = asked.for_format()?;
        let bytes = caller.values(bytes, length)?;
        let mut report = Report::new(report, context);
        let verdict =
            check_bytes(bytes, &for_format, &mut |finding| report.take(&any_to_c(finding, field_number)));
        verdict.first_error.map_or(Ok(()), Err)
    })
}

/// Like execfmt_noff_check, for a kernel that has read only the beginning of a file of `file_len` bytes:
/// `prefix` is its first EXECFMT_NOFF_MAX_HEADER_SIZE bytes, or all of a shorter file. The code is not
/// scanned: EXECFMT_E_ARGUMENT when the options request that.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_check_header(
    prefix: *const u8,
    prefix_len: usize,
    file_len: u32,
    options: *const execfmt_noff_check_options,
    report: execfmt_report_fn,
    context: *mut c_void,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let asked = Asked::of(caller, options)?;
        if asked.options.scan_code != 0 {
            return Err(EXECFMT_E_ARGUMENT);
        }
        let for_format = asked.for_format()?;
        let prefix = caller.values(prefix, prefix_len)?;
        let mut report = Report::new(report, context);
        let mut take =
            |finding: &dyn execfmt_common::AnyFinding| report.take(&any_to_c(finding, field_number));
        check_prefix(prefix, file_len, &for_format, &mut take).first_error.map_or(Ok(()), Err)
    })
}
