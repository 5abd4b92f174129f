use core::ffi::c_void;

use ::noff::{CheckOptions, Profile, check_bytes, check_prefix};

use super::profile::{execfmt_noff_profile, profile};
use super::read::layout;
use super::rules::field_number;
use crate::finding::{Report, any_to_c, execfmt_report_fn};
use crate::memory::{Caller, caller, options, status};
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};

/// What a file is checked for. All 0 is the default: what all kernels have in common, without a look at the code.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_noff_check_options {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// 3 or 4 segments, or 0 to let the file decide.
    pub layout: u32,
    /// 1 to look also for instructions that the simulated machine of Nachos lacks, else 0.
    pub scan_code: u32,
    /// 0.
    pub reserved: u32,
    /// The kernels that are to load the file; NULL for any.
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

/// Checks a whole file of `length` bytes: every error and warning, also by the rules of the kernels that the
/// options name. `report`, which may be NULL, is called for each of the first 1,000 findings, in order, before this function
/// returns. Returns EXECFMT_OK when those kernels load the file, or any where none is named; else the status of the first
/// error. `options` may be NULL. What a scan of the code finds are warnings; it takes time in proportion to the code.
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

/// As execfmt_noff_check, for a kernel that has read only the beginning of a file of `file_len` bytes: `prefix` are its
/// first EXECFMT_NOFF_MAX_HEADER_SIZE bytes, or all of a shorter file. The code is not looked at: EXECFMT_E_ARGUMENT when the
/// options ask for that.
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
