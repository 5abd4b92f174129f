use core::ffi::c_void;

use coyotos_image::{CoyotosFinding, CycleScratch, Image, Options, Rules, check as findings, find_cycles};
use static_assertions::{const_assert, const_assert_eq};

use super::convert::{packing, rules};
use super::read::image;
use super::types::execfmt_coyotos_image;
use crate::finding::{Report, execfmt_report_fn, to_c};
use crate::memory::{caller, options, status};
use crate::status::{EXECFMT_E_BUFFER, execfmt_status};

/// What an image is checked for. All 0 is the default: every rule, and bit-fields packed as in every file
/// that the original wrote.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_coyotos_check_options {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// EXECFMT_COYOTOS_FULL or EXECFMT_COYOTOS_REFERENCE.
    pub rules: u32,
    /// EXECFMT_COYOTOS_AS_WRITTEN or EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN.
    pub packing: u32,
}
options!(execfmt_coyotos_check_options, 12);

/// Passes findings to a caller's function; the status of the first error is the result.
fn report_all(
    found: impl Iterator<Item = CoyotosFinding>,
    report: execfmt_report_fn,
    context: *mut c_void,
) -> Result<(), execfmt_status> {
    let mut report = Report::new(report, context);
    for finding in found {
        if report.take(&to_c(&finding)).is_break() {
            break;
        }
    }
    report.verdict()
}

/// Checks an uncompressed image of `length` bytes by the chosen rules, in time linear in the image. `report`,
/// which may be NULL, is called for everything that breaks a rule, in order, before this function returns.
/// Returns EXECFMT_OK when there are no errors, else the status of the first error. `options` may be NULL. If
/// you already have an execfmt_coyotos_image, pass its bytes, length and packing.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_check(
    bytes: *const u8,
    length: usize,
    options: *const execfmt_coyotos_check_options,
    report: execfmt_report_fn,
    context: *mut c_void,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let c = caller.options(options)?;
        let (rules, packing): (Rules, _) = (rules(c.rules)?, packing(c.packing)?);
        let bytes = caller.values(bytes, length)?;
        match Image::parse(bytes, Options { packing, ..Options::default() }) {
            Ok(image) => report_all(findings(&image, rules), report, context),
            Err(refusal) => report_all(core::iter::once(refusal), report, context),
        }
    })
}

const_assert_eq!(size_of::<CycleScratch>(), size_of::<u64>());
const_assert!(align_of::<u64>() >= align_of::<CycleScratch>());

/// Finds every slot of a GPT that leads back to a GPT above it, in linear time, and calls `report` for each,
/// as a warning. `scratch` is memory for one 64-bit word per GPT (n_gpt of the header), EXECFMT_E_BUFFER when
/// it is smaller; its initial contents do not matter.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_check_cycles(
    image: *const execfmt_coyotos_image,
    scratch: *mut u64,
    scratch_count: usize,
    report: execfmt_report_fn,
    context: *mut c_void,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = self::image(caller, image)?;
        let scratch = caller.fresh(scratch.cast::<CycleScratch>(), scratch_count)?;
        report_all(find_cycles(&image, scratch).ok_or(EXECFMT_E_BUFFER)?, report, context)
    })
}
