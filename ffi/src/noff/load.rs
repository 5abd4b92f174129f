use core::ffi::c_void;

use ::noff::facts::EXECFMT_NOFF_E_PAST_EOF;
use ::noff::{LoadError, PageSize};

use super::rules::{EXECFMT_NOFF_E_NO_ADDRESS, EXECFMT_NOFF_E_NO_STACK, segment_code};
use super::types::{execfmt_noff, execfmt_noff_page, execfmt_noff_piece, program};
use crate::base::execfmt_read_fn;
use crate::memory::{caller, check, status};
use crate::status::{
    EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_E_LENGTH, EXECFMT_E_RANGE, execfmt_status,
};

fn page_size(bytes: u32) -> Result<PageSize, execfmt_status> {
    PageSize::new(bytes).ok_or(EXECFMT_E_ARGUMENT)
}

fn load_status(error: LoadError<execfmt_status>) -> execfmt_status {
    match error {
        LoadError::MemoryTooSmall(_) => EXECFMT_E_BUFFER,
        LoadError::Read(status) => status,
        _ => EXECFMT_E_ARGUMENT,
    }
}

/// The length of a frame; no slice is made when it is not a valid page size.
fn frame_len(page_size: u32) -> Result<usize, execfmt_status> {
    usize::try_from(self::page_size(page_size)?.bytes()).map_err(|_| EXECFMT_E_LENGTH)
}

/// Reads from a whole file in memory, like a caller's function that reads from its file.
fn read_from(file: &[u8]) -> impl FnMut(u32, &mut [u8]) -> Result<(), execfmt_status> + '_ {
    |offset, place| {
        let rest = usize::try_from(offset).ok().and_then(|offset| file.get(offset..));
        let bytes = rest.and_then(|rest| rest.get(..place.len()));
        place.copy_from_slice(bytes.ok_or(EXECFMT_NOFF_E_PAST_EOF)?);
        Ok(())
    }
}

/// Stores in `*pages` the number of pages of `page_size` bytes (a power of two, at most 65536) that the
/// program and a stack of `stack_size` bytes take. EXECFMT_E_RANGE when it exceeds 32 bits.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_page_count(
    noff: *const execfmt_noff,
    page_size: u32,
    stack_size: u32,
    pages: *mut u32,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let program = program(caller, noff)?;
        let count = program.page_count(self::page_size(page_size)?, stack_size);
        caller.write(pages, u32::try_from(count).map_err(|_| EXECFMT_E_RANGE)?)
    })
}

/// Stores in `*stack_pointer` the initial stack pointer: 16 bytes below the end of the last page.
/// EXECFMT_NOFF_E_NO_STACK when there is no such 32-bit address.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_stack_pointer(
    noff: *const execfmt_noff,
    page_size: u32,
    stack_size: u32,
    stack_pointer: *mut u32,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let program = program(caller, noff)?;
        let pointer =
            program.stack_pointer(self::page_size(page_size)?, stack_size).ok_or(EXECFMT_NOFF_E_NO_STACK)?;
        caller.write(stack_pointer, pointer)
    })
}

/// Stores in `*segment` the segment that contains an address: EXECFMT_NOFF_CODE or another of these
/// constants. EXECFMT_NOFF_E_NO_ADDRESS when no segment does.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_segment_at(
    noff: *const execfmt_noff,
    address: u32,
    segment: *mut u32,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let program = program(caller, noff)?;
        let kind = program.segment_at(address).ok_or(EXECFMT_NOFF_E_NO_ADDRESS)?;
        caller.write(segment, segment_code(kind))
    })
}

/// Stores in `*file_offset` the file offset of the byte at an address, and in `*length`, unless it is NULL,
/// the number of bytes from there to the end of its segment. EXECFMT_NOFF_E_NO_ADDRESS when the file has no
/// byte for it: in bss, on the stack, between segments.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_file_offset(
    noff: *const execfmt_noff,
    address: u32,
    file_offset: *mut u32,
    length: *mut u32,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let program = program(caller, noff)?;
        let (offset, rest) = program.file_offset(address).ok_or(EXECFMT_NOFF_E_NO_ADDRESS)?;
        check(file_offset, 1)?;
        if !length.is_null() {
            caller.write(length, rest)?;
        }
        caller.write(file_offset, offset)
    })
}

/// Describes virtual page `vpn`: which of its bytes come from where in the file (all others are zero), which
/// segments have a part in it, and whether it is read-only.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_describe_page(
    noff: *const execfmt_noff,
    vpn: u32,
    page_size: u32,
    page: *mut execfmt_noff_page,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let program = program(caller, noff)?;
        let source = program.page(vpn, self::page_size(page_size)?);
        let mut target = execfmt_noff_page { read_only: source.is_read_only().into(), ..Default::default() };
        for (place, piece) in target.pieces.iter_mut().zip(source.pieces()) {
            let segment = segment_code(piece.segment);
            let (offset_in_page, file_offset, length) =
                (piece.offset_in_page, piece.file_offset, piece.length);
            *place = execfmt_noff_piece { segment, offset_in_page, file_offset, length };
            target.piece_count = target.piece_count.saturating_add(1);
        }
        target.segments =
            source.segments().fold(0, |bits, kind| bits | 1_u32.wrapping_shl(segment_code(kind)));
        caller.write(page, target)
    })
}

/// Fills a frame of `page_size` bytes with virtual page `vpn`, from a file of `length` bytes in memory.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_read_page(
    noff: *const execfmt_noff,
    file: *const u8,
    length: usize,
    vpn: u32,
    frame: *mut u8,
    page_size: u32,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let program = program(caller, noff)?;
        let frame_len = frame_len(page_size)?;
        let (file, frame) = caller.buffer_beside((file, length), (frame, frame_len))?;
        program.load_page_with(vpn, frame, read_from(file)).map_err(load_status)
    })
}

/// Fills a frame of `page_size` bytes with virtual page `vpn`. `read` is called for each piece that comes
/// from the file, with `context`, and reads directly into the frame.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_load_page(
    noff: *const execfmt_noff,
    read: execfmt_read_fn,
    context: *mut c_void,
    vpn: u32,
    frame: *mut u8,
    page_size: u32,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let program = program(caller, noff)?;
        let frame_len = frame_len(page_size)?;
        let read = caller.reader(read, context)?;
        let frame = caller.buffer(frame, frame_len)?;
        program.load_page_with(vpn, frame, read).map_err(load_status)
    })
}

/// Fills consecutive virtual pages of `page_size` bytes, from page `first` on, in `memory`: `memory_len`
/// bytes, a multiple of `page_size`. `read` is called for each segment that has bytes in them, and the struct
/// is checked once for all of them. EXECFMT_E_ARGUMENT, with nothing written, when a length is invalid.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_load_pages(
    noff: *const execfmt_noff,
    read: execfmt_read_fn,
    context: *mut c_void,
    first: u32,
    page_size: u32,
    memory: *mut u8,
    memory_len: usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let program = program(caller, noff)?;
        let page_size = self::page_size(page_size)?;
        let read = caller.reader(read, context)?;
        let memory = caller.buffer(memory, memory_len)?;
        program.load_pages_with(first, page_size, memory, read).map_err(load_status)
    })
}

/// Loads the whole program into a flat memory of `memory_len` bytes, whose first byte is address 0. `read` is
/// called for each segment that comes from the file; all other memory is zeroed, up to its end.
/// EXECFMT_E_BUFFER, with nothing written, when the memory ends before memory_end.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_load(
    noff: *const execfmt_noff,
    read: execfmt_read_fn,
    context: *mut c_void,
    memory: *mut u8,
    memory_len: usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let program = program(caller, noff)?;
        let read = caller.reader(read, context)?;
        let memory = caller.buffer(memory, memory_len)?;
        program.load_with(memory, read).map_err(load_status)
    })
}
