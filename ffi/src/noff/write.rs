use ::noff::{BuildError, Builder, Layout};

use super::rules::{EXECFMT_NOFF_E_NO_SUCH_SEGMENT, EXECFMT_NOFF_E_TOO_LONG};
use super::types::{execfmt_noff_contents, execfmt_noff_payload};
use crate::finding::byte_order;
use crate::memory::{Caller, apart, caller, check, status};
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, execfmt_status};

fn builder<'a>(
    caller: Caller<'a>,
    contents: *const execfmt_noff_contents,
) -> Result<Builder<'a>, execfmt_status> {
    let contents = caller.read(contents)?;
    let layout = Layout::from_segment_count(contents.layout).ok_or(EXECFMT_E_ARGUMENT)?;
    let payload = |payload: &execfmt_noff_payload| caller.values(payload.bytes, payload.length);
    let (code, readonly) = (payload(&contents.code)?, payload(&contents.readonly_data)?);
    let init = payload(&contents.init_data)?;
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

/// Stores in `*length` the length that the file will have, in bytes.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_built_len(
    contents: *const execfmt_noff_contents,
    length: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let builder = builder(caller, contents)?;
        caller.write(length, builder.written_len().map_err(build_status)?)
    })
}

/// Writes a file into `buffer` and stores its length in `*written`. A file that could not be parsed back is
/// refused with the status of the rule that it breaks, and nothing is written.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_build(
    contents: *const execfmt_noff_contents,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let builder = builder(caller, contents)?;
        let length = builder.written_len().map_err(build_status)?;
        // First, so that nothing is built whose length the caller could not receive.
        check(written, 1)?;
        if capacity < length {
            return Err(EXECFMT_E_BUFFER);
        }
        let contents = caller.read(contents)?;
        for payload in [contents.code, contents.readonly_data, contents.init_data] {
            apart((payload.bytes, payload.length), (buffer.cast_const(), length))?;
        }
        let buffer = caller.buffer(buffer, length)?;
        let length = builder.write_to(buffer).map_err(build_status)?;
        caller.write(written, length)
    })
}
