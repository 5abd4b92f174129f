use core::ffi::c_void;

use ::os2_ne::check_bytes;

use super::rules::field_number;
use super::types::execfmt_ne_options;
use crate::finding::{Report, any_to_c, execfmt_report_fn};
use crate::memory::{caller, status};
use crate::status::execfmt_status;

/// Checks a whole file of `length` bytes: the rules of ELKS, then what ELKS does not check and handles
/// incorrectly. `report`, which may be NULL, is called for each of the first 1,000 findings, in order, before
/// this function returns. Returns EXECFMT_OK when ELKS starts the program and no error was found, which is
/// exactly when execfmt_ne_elks_load succeeds; else the status of the first error. `options` may be NULL.
/// Takes time proportional to the file's length.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_ne_check(
    bytes: *const u8,
    length: usize,
    options: *const execfmt_ne_options,
    report: execfmt_report_fn,
    context: *mut c_void,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let options = execfmt_ne_options::of(caller, options)?;
        let bytes = caller.values(bytes, length)?;
        let mut report = Report::new(report, context);
        let verdict =
            check_bytes(bytes, &options, &mut |finding| report.take(&any_to_c(finding, field_number)));
        verdict.first_error.map_or(Ok(()), Err)
    })
}
