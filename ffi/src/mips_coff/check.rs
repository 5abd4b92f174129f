use core::ffi::c_void;

use ::mips_coff::{CheckOptions, Loader, check_bytes, first_error};

use super::rules::field_number;
use super::types::{
    EXECFMT_COFF_FOR_ANY, EXECFMT_COFF_FOR_COFF2NOFF, EXECFMT_COFF_FOR_COFF2NOFF_RDATA,
    EXECFMT_COFF_FOR_NACHOS5J, execfmt_coff_options,
};
use crate::finding::{Report, any_to_c, execfmt_report_fn};
use crate::memory::{Caller, caller, status};
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};

fn options(caller: Caller<'_>, options: *const execfmt_coff_options) -> Result<CheckOptions, execfmt_status> {
    let c = caller.options(options)?;
    let loader = match c.loader {
        EXECFMT_COFF_FOR_ANY => Loader::Any,
        EXECFMT_COFF_FOR_COFF2NOFF => Loader::Coff2NoffThree,
        EXECFMT_COFF_FOR_COFF2NOFF_RDATA => Loader::Coff2NoffFour,
        EXECFMT_COFF_FOR_NACHOS5J => Loader::Nachos5j,
        _ => return Err(EXECFMT_E_ARGUMENT),
    };
    if c.scan_code > 1 {
        return Err(EXECFMT_E_ARGUMENT);
    }
    let mut found = CheckOptions { scan_code: c.scan_code != 0, ..CheckOptions::new(loader) };
    if c.frames != 0 {
        found.frames = c.frames;
    }
    Ok(found)
}

/// Checks a whole file of `length` bytes by the rules of the format and of the chosen loader. `report`, which
/// may be NULL, is called for each of the first 1,000 findings, in order, before this function returns.
/// Returns EXECFMT_OK when the loader accepts the file, else the status of the first error. `options` may be
/// NULL. Takes time proportional to the number of sections; a scan of the code gives only warnings, and takes
/// time proportional to the size of the code. Without `report` the check ends at the first error, and the
/// code is not scanned.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coff_check(
    bytes: *const u8,
    length: usize,
    options: *const execfmt_coff_options,
    report: execfmt_report_fn,
    context: *mut c_void,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let options = self::options(caller, options)?;
        let bytes = caller.values(bytes, length)?;
        if report.is_none() {
            return first_error(bytes, &options).map_or(Ok(()), |error| Err(error.rule.number()));
        }
        let mut report = Report::new(report, context);
        let verdict =
            check_bytes(bytes, &options, &mut |finding| report.take(&any_to_c(finding, field_number)));
        verdict.first_error.map_or(Ok(()), Err)
    })
}
