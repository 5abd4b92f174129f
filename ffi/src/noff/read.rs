use ::noff::{Layout, Options, Program, Strictness};

use super::types::{
    EXECFMT_NOFF_REFUSE_ERRORS, EXECFMT_NOFF_REFUSE_WARNINGS, execfmt_noff, execfmt_noff_options,
};
use crate::finding::{execfmt_finding, refused};
use crate::memory::{Caller, caller, check, status};
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_E_LENGTH, execfmt_status};

fn options(caller: Caller<'_>, options: *const execfmt_noff_options) -> Result<Options, execfmt_status> {
    let options = caller.options(options)?;
    let strictness = match options.strictness {
        EXECFMT_NOFF_REFUSE_ERRORS => Strictness::Errors,
        EXECFMT_NOFF_REFUSE_WARNINGS => Strictness::Warnings,
        _ => return Err(EXECFMT_E_ARGUMENT),
    };
    Ok(Options { layout: layout(options.layout)?, strictness })
}

/// The layout that a caller chose; `None` for 0, which takes it from the file.
pub(super) fn layout(count: u32) -> Result<Option<Layout>, execfmt_status> {
    match count {
        0 => Ok(None),
        count => Layout::from_segment_count(count).map(Some).ok_or(EXECFMT_E_ARGUMENT),
    }
}

/// Reads and checks a whole file of `length` bytes. On success `*noff` is filled in; when the file is
/// refused, the status is the reason, and `*finding`, unless `finding` is NULL, has the field, its offset,
/// the value found and the value expected. `options` may be NULL.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_parse(
    bytes: *const u8,
    length: usize,
    options: *const execfmt_noff_options,
    noff: *mut execfmt_noff,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    match u32::try_from(length) {
        Ok(file_len) => parse(caller, (bytes, length), file_len, options, noff, finding),
        Err(_) => EXECFMT_E_LENGTH,
    }
}

/// Like execfmt_noff_parse, for a kernel that has read only the beginning of a file of `file_len` bytes:
/// `prefix` is its first EXECFMT_NOFF_MAX_HEADER_SIZE bytes, or all of a shorter file.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_parse_header(
    prefix: *const u8,
    prefix_len: usize,
    file_len: u32,
    options: *const execfmt_noff_options,
    noff: *mut execfmt_noff,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    parse(caller!(), (prefix, prefix_len), file_len, options, noff, finding)
}

fn parse(
    caller: Caller<'_>,
    (prefix, prefix_len): (*const u8, usize),
    file_len: u32,
    options: *const execfmt_noff_options,
    noff: *mut execfmt_noff,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    status(|| {
        let options = self::options(caller, options)?;
        let prefix = caller.values(prefix, prefix_len)?;
        check(noff, 1)?;
        match Program::parse(prefix, file_len, options) {
            Ok(program) => caller.write(noff, execfmt_noff::from(&program)),
            Err(refusal) => Err(refused(caller, &refusal, finding)),
        }
    })
}
