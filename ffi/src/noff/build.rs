use ::noff::{BuildError, Builder, Layout};

use super::rules::{EXECFMT_NOFF_E_NO_SUCH_SEGMENT, EXECFMT_NOFF_E_TOO_LONG};
use super::types::{execfmt_noff_contents, execfmt_noff_payload};
use crate::base::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, byte_order, execfmt_status};
use crate::memory;

/// # Safety
/// The payload's pointer must be NULL or point to its bytes.
unsafe fn payload<'a>(payload: &execfmt_noff_payload) -> Result<&'a [u8], execfmt_status> {
    if payload.length == 0 {
        return Ok(&[]);
    }
    // SAFETY: the caller's promise.
    unsafe { memory::slice(payload.bytes, payload.length) }
}

/// # Safety
/// The struct's pointers must be NULL or point to their bytes.
unsafe fn builder<'a>(contents: *const execfmt_noff_contents) -> Result<Builder<'a>, execfmt_status> {
    // SAFETY: the caller's promise.
    let contents = unsafe { memory::read(contents) }?;
    let layout = Layout::from_segment_count(contents.layout).ok_or(EXECFMT_E_ARGUMENT)?;
    // SAFETY: the caller's promise.
    let [code, readonly, init] = unsafe {
        [payload(&contents.code)?, payload(&contents.readonly_data)?, payload(&contents.init_data)?]
    };
    Ok(Builder::new(layout, byte_order(contents.byte_order)?)
        .code(contents.code.virtual_addr, code)
        .readonly_data(contents.readonly_data.virtual_addr, readonly)
        .init_data(contents.init_data.virtual_addr, init)
        .uninit_data(contents.uninit_addr, contents.uninit_size))
}

fn build_status(error: BuildError) -> execfmt_status {
    match error {
        BuildError::NoSuchSegment(_) => EXECFMT_NOFF_E_NO_SUCH_SEGMENT,
        BuildError::TooLong => EXECFMT_NOFF_E_TOO_LONG,
        BuildError::Refused(finding) => finding.rule.number(),
        BuildError::BufferTooSmall(_) => EXECFMT_E_BUFFER,
        _ => EXECFMT_E_ARGUMENT,
    }
}

/// Stores in `*length` how many bytes the file will have.
///
/// # Safety
/// The pointers must be NULL or point to their values, those within `*contents` to their bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_built_len(
    contents: *const execfmt_noff_contents,
    length: *mut usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { builder(contents) }.and_then(|builder| {
        // SAFETY: the caller's promise.
        unsafe { memory::write(length, builder.written_len().map_err(build_status)?) }
    });
    memory::status(outcome)
}

/// Writes a file into `buffer` and stores its length in `*written`. What could not be parsed back is refused with the
/// status of the rule that it breaks, and nothing is written.
///
/// # Safety
/// `buffer` must point to `capacity` writable bytes that overlap none of the contents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_build(
    contents: *const execfmt_noff_contents,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { builder(contents) }.and_then(|builder| {
        let length = builder.written_len().map_err(build_status)?;
        // First, so that nothing is built that the caller would not learn of.
        memory::check(written, 1)?;
        if capacity < length {
            return Err(EXECFMT_E_BUFFER);
        }
        // SAFETY: the caller's promise.
        let contents = unsafe { memory::read(contents) }?;
        for payload in [contents.code, contents.readonly_data, contents.init_data] {
            if payload.length != 0 {
                // SAFETY: the caller's promise. Only that the two do not overlap is wanted here.
                unsafe { memory::slices((payload.bytes, payload.length), (buffer, length)) }?;
            }
        }
        // SAFETY: the caller's promise; not overlapping, as was just seen.
        let buffer = unsafe { memory::slice_mut(buffer, length) }?;
        let length = builder.write_to(buffer).map_err(build_status)?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(written, length) }
    });
    memory::status(outcome)
}
