use ::noff::{Header, Layout, Options, Program, Strictness, check};

use super::rules::to_c;
use super::types::{
    EXECFMT_NOFF_REFUSE_ERRORS, EXECFMT_NOFF_REFUSE_WARNINGS, execfmt_noff, execfmt_noff_options, program,
};
use crate::base::{EXECFMT_E_ARGUMENT, EXECFMT_E_LENGTH, EXECFMT_END, execfmt_finding, execfmt_status};
use crate::memory;

/// # Safety
/// As for [`memory::read`]; NULL stands for the default.
unsafe fn options(options: *const execfmt_noff_options) -> Result<Options, execfmt_status> {
    if options.is_null() {
        return Ok(Options::default());
    }
    // SAFETY: the caller's promise.
    let options = unsafe { memory::read(options) }?;
    let layout = match options.layout {
        0 => None,
        count => Some(Layout::from_segment_count(count).ok_or(EXECFMT_E_ARGUMENT)?),
    };
    let strictness = match options.strictness {
        EXECFMT_NOFF_REFUSE_ERRORS => Strictness::Errors,
        EXECFMT_NOFF_REFUSE_WARNINGS => Strictness::Warnings,
        _ => return Err(EXECFMT_E_ARGUMENT),
    };
    Ok(Options { layout, strictness })
}

/// Reads and checks a whole file of `length` bytes. On success `*noff` is filled in; when the file is refused, the
/// status says why, and `*finding`, unless it is NULL, has the field, its place, the value found and the one expected.
/// `options` may be NULL.
///
/// # Safety
/// `file` must point to `length` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_parse(
    file: *const u8,
    length: usize,
    options: *const execfmt_noff_options,
    noff: *mut execfmt_noff,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    match u32::try_from(length) {
        // SAFETY: the caller's promise.
        Ok(file_len) => unsafe { execfmt_noff_parse_header(file, length, file_len, options, noff, finding) },
        Err(_) => EXECFMT_E_LENGTH,
    }
}

/// As execfmt_noff_parse, for a kernel that has read only the beginning of a file of `file_len` bytes: its first
/// EXECFMT_NOFF_MAX_HEADER_SIZE bytes, or all of a shorter file.
///
/// # Safety
/// `prefix` must point to `prefix_len` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_parse_header(
    prefix: *const u8,
    prefix_len: usize,
    file_len: u32,
    options: *const execfmt_noff_options,
    noff: *mut execfmt_noff,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::options(options) }.and_then(|options| {
        // SAFETY: the caller's promise.
        let prefix = unsafe { memory::slice(prefix, prefix_len) }?;
        memory::check(noff, 1)?;
        match Program::parse(prefix, file_len, options) {
            // SAFETY: the caller's promise.
            Ok(program) => unsafe { memory::write(noff, execfmt_noff::from(&program)) },
            Err(refusal) => {
                if !finding.is_null() {
                    // SAFETY: the caller's promise.
                    unsafe { memory::write(finding, to_c(&refusal)) }?;
                }
                Err(refusal.rule.number())
            }
        }
    });
    memory::status(outcome)
}

/// What is unusual about a program: the finding number `index`, from 0 on; EXECFMT_END behind the last one.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_check(
    noff: *const execfmt_noff,
    index: u32,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { program(noff) }.and_then(|program| {
        let index = usize::try_from(index).map_err(|_| EXECFMT_END)?;
        let found = check(program.header(), program.file_len()).nth(index).ok_or(EXECFMT_END)?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(finding, to_c(&found)) }
    });
    memory::status(outcome)
}

/// Everything that is wrong or unusual in a file, whether it is refused or not: the finding number `index`, from 0 on;
/// EXECFMT_END behind the last one. The other arguments are those of execfmt_noff_parse_header. A header that cannot be
/// read has one finding.
///
/// # Safety
/// `prefix` must point to `prefix_len` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_check_file(
    prefix: *const u8,
    prefix_len: usize,
    file_len: u32,
    options: *const execfmt_noff_options,
    index: u32,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::options(options) }.and_then(|options| {
        // SAFETY: the caller's promise.
        let prefix = unsafe { memory::slice(prefix, prefix_len) }?;
        let index = usize::try_from(index).map_err(|_| EXECFMT_END)?;
        let found = match Header::parse(prefix, file_len, options.layout) {
            Ok(header) => check(&header, file_len).nth(index),
            Err(refusal) => Some(refusal).filter(|_| index == 0),
        };
        // SAFETY: the caller's promise.
        unsafe { memory::write(finding, to_c(&found.ok_or(EXECFMT_END)?)) }
    });
    memory::status(outcome)
}
