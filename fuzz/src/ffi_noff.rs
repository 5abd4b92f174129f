//! The C functions, as a hostile or careless C program would call them.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use arbitrary::{Arbitrary, Unstructured};
use execfmt::*;

use crate::callback::{File, read};

#[derive(Arbitrary, Debug)]
struct Call {
    options: Option<(u8, u8)>,
    /// Claims another length of the file than the parser was given.
    file_len: Option<u32>,
    vpn: u32,
    page_size: u32,
    stack_size: u32,
    index: u8,
    /// Which pointer is NULL, if any.
    null: u8,
    /// What the struct is overwritten with before it is used.
    damage: Option<(u8, u32)>,
    message_room: u8,
    short_read: Option<u8>,
}

/// Every function with hostile lengths, NULLs, damaged structs and failing read functions.
pub fn ffi_noff(data: &[u8]) {
    let mut source = Unstructured::new(data);
    let Ok(call) = Call::arbitrary(&mut source) else { return };
    let bytes = source.take_rest();
    // SAFETY: every pointer that is not NULL points to what its function wants.
    unsafe { all(&call, bytes) };
}

/// NULL in place of the pointer number `which`, when the call says so.
fn maybe<T>(call: &Call, which: u8, pointer: *mut T) -> *mut T {
    if call.null == which { ptr::null_mut() } else { pointer }
}

unsafe fn all(call: &Call, bytes: &[u8]) {
    let mut noff = execfmt_noff::default();
    let mut finding = execfmt_finding::default();
    let options = call.options.map(|(layout, strictness)| execfmt_noff_options {
        size: size_of::<execfmt_noff_options>() as u32,
        layout: (layout % 6).into(),
        strictness: (strictness % 3).into(),
    });
    let options = options.as_ref().map_or(ptr::null(), ptr::from_ref);
    let file = maybe(call, 1, bytes.as_ptr().cast_mut());
    let file_len = call.file_len.unwrap_or(bytes.len() as u32);
    // SAFETY: the caller's promise, here and below.
    let status = unsafe {
        let (noff, finding) = (maybe(call, 2, &raw mut noff), maybe(call, 3, &raw mut finding));
        execfmt_noff_parse(file, bytes.len(), options, noff, finding);
        execfmt_noff_parse_header(file, bytes.len(), file_len, options, noff, finding)
    };
    // SAFETY: the message is a static string.
    assert!(!unsafe { CStr::from_ptr(execfmt_status_message(status)) }.is_empty());
    assert!((status == EXECFMT_OK) != (status >= 100 || status < 10 && status > 0), "status {status}");
    message(call, &finding);
    // SAFETY: as above.
    unsafe { check(call, bytes, file, file_len, status) };

    let accepted = status == EXECFMT_OK && call.damage.is_none() && call.null == 0;
    if let Some((word, value)) = call.damage {
        let words: *mut u32 = (&raw mut noff).cast();
        // SAFETY: the struct is sixteen words long.
        unsafe { words.add(usize::from(word % 16)).write(value) };
    }
    let noff_pointer = maybe(call, 4, &raw mut noff).cast_const();
    // SAFETY: as above.
    unsafe {
        let mut number = 0;
        let count = execfmt_noff_page_count(noff_pointer, call.page_size, call.stack_size, &raw mut number);
        let pages = u64::from(number) * u64::from(call.page_size);
        assert!(count != EXECFMT_OK || pages >= u64::from(noff.memory_end) || call.damage.is_some());
        execfmt_noff_stack_pointer(
            noff_pointer,
            call.page_size,
            call.stack_size,
            maybe(call, 5, &raw mut number),
        );
    }
    // SAFETY: as above.
    unsafe {
        pages_and_memory(call, bytes, noff_pointer, &noff, accepted && file_len as usize <= bytes.len())
    };
    // SAFETY: as above.
    unsafe { addresses(call, bytes, noff_pointer, accepted && file_len as usize <= bytes.len()) };
    // SAFETY: as above.
    unsafe { arguments(call, bytes) };
    // SAFETY: as above.
    unsafe { build(call, bytes) };
}

/// What is done with findings: each has a sentence, and the first error is the verdict.
struct Heard {
    left: u8,
    first_error: execfmt_status,
}

unsafe extern "C" fn hear(context: *mut c_void, finding: *const execfmt_finding) -> i32 {
    // SAFETY: the context is given with this function; the finding is the library's promise.
    let (heard, finding) = unsafe { (&mut *context.cast::<Heard>(), *finding) };
    // SAFETY: no buffer.
    assert!(
        unsafe { execfmt_noff_finding_message(&raw const finding, ptr::null_mut(), 0) } > 20,
        "{finding:?}"
    );
    if finding.severity == EXECFMT_ERROR && heard.first_error == EXECFMT_OK {
        heard.first_error = finding.status;
    }
    heard.left = heard.left.saturating_sub(1);
    i32::from(heard.left == 0)
}

/// The checks, with and without a profile; without one they accept what the parser accepts.
unsafe fn check(call: &Call, bytes: &[u8], file: *const u8, file_len: u32, parsed: execfmt_status) {
    // SAFETY: a struct of numbers and pointers.
    let (mut profile, mut options): (execfmt_noff_profile, execfmt_noff_check_options) =
        unsafe { std::mem::zeroed() };
    options.size = size_of::<execfmt_noff_check_options>() as u32;
    options.layout = call.options.map_or(0, |(layout, _)| (layout % 6).into());
    for family in 0..8 {
        // SAFETY: the caller's promise, here and below.
        if unsafe { execfmt_noff_profile_at(family, &raw mut profile) } != EXECFMT_OK {
            options.profile = ptr::null();
        } else {
            if let Some((word, value)) = call.damage.filter(|(word, _)| word % 19 != 0) {
                // SAFETY: the struct is nineteen words long.
                unsafe { (&raw mut profile).cast::<u32>().add(usize::from(word % 19)).write(value) };
            }
            options.profile = &raw const profile;
        }
        for scan_code in [0, 1] {
            options.scan_code = scan_code;
            let mut heard = Heard { left: call.index, first_error: EXECFMT_OK };
            let (context, options) = ((&raw mut heard).cast(), &raw const options);
            // SAFETY: as above.
            let verdict = unsafe {
                if scan_code == 0 {
                    execfmt_noff_check_header(file, bytes.len(), file_len, options, Some(hear), context)
                } else {
                    execfmt_noff_check(file, bytes.len(), options, Some(hear), context)
                }
            };
            assert!(heard.first_error == EXECFMT_OK || heard.first_error == verdict);
            // The strict parser refuses warnings too.
            let strict = call.options.is_some_and(|(_, strictness)| strictness % 3 != 0);
            if scan_code == 0 && family > 6 && !strict && call.null == 0 {
                assert_eq!(verdict == EXECFMT_OK, parsed == EXECFMT_OK, "{verdict} {parsed}");
            }
        }
    }
}

/// A message fits its buffer, and is whole when there is room.
fn message(call: &Call, finding: &execfmt_finding) {
    let mut buffer = vec![0x7f; usize::from(call.message_room)];
    // SAFETY: the buffer has the length given.
    let length = unsafe { execfmt_noff_finding_message(finding, buffer.as_mut_ptr(), buffer.len()) };
    if length > 0 && !buffer.is_empty() {
        let end = buffer.iter().position(|&byte| byte == 0).expect("a closing NUL");
        assert_eq!(end, length.min(buffer.len() - 1));
    }
}

unsafe fn pages_and_memory(
    call: &Call,
    bytes: &[u8],
    pointer: *const execfmt_noff,
    noff: &execfmt_noff,
    sound: bool,
) {
    let mut page = execfmt_noff_page::default();
    let page_size = call.page_size % 0x2_0000;
    let mut frame = vec![0xa5; page_size as usize];
    let mut second = frame.clone();
    let file = File { bytes, short_read: call.short_read };
    let context = ptr::from_ref(&file).cast_mut().cast();
    // SAFETY: the caller's promise; the frames have the length given.
    let (described, read_page, loaded) = unsafe {
        (
            execfmt_noff_describe_page(pointer, call.vpn, page_size, maybe(call, 6, &raw mut page)),
            execfmt_noff_read_page(
                pointer,
                bytes.as_ptr(),
                bytes.len(),
                call.vpn,
                maybe(call, 7, frame.as_mut_ptr()),
                page_size,
            ),
            execfmt_noff_load_page(
                pointer,
                if call.null == 8 { None } else { Some(read) },
                context,
                call.vpn,
                second.as_mut_ptr(),
                page_size,
            ),
        )
    };
    if described == EXECFMT_OK {
        let pieces = &page.pieces[..page.piece_count as usize];
        assert!(pieces.iter().all(|p| p.offset_in_page + p.length <= page_size && p.length > 0));
    }
    if read_page == EXECFMT_OK && loaded == EXECFMT_OK {
        assert_eq!(frame, second);
    }
    let valid_size = page_size.is_power_of_two() && page_size <= 0x1_0000;
    if sound {
        assert_eq!(described == EXECFMT_OK, valid_size);
        assert_eq!(read_page == EXECFMT_OK, valid_size);
    }
    // A run of two pages is what its pages are.
    let mut run = vec![0xa5; 2 * frame.len()];
    let run_len = run.len().saturating_sub(usize::from(call.null == 10));
    // SAFETY: as above.
    let of_run = unsafe {
        let run = maybe(call, 11, run.as_mut_ptr());
        execfmt_noff_load_pages(pointer, Some(read), context, call.vpn, page_size, run, run_len)
    };
    if of_run == EXECFMT_OK && read_page == EXECFMT_OK && call.null == 0 {
        assert_eq!(run[..frame.len()], frame);
    }
    if sound && valid_size && call.short_read.is_none() {
        assert_eq!(of_run, EXECFMT_OK);
    }
    let memory_len = noff.memory_end.min(1 << 20) as usize;
    let mut memory = vec![0xa5; memory_len];
    // SAFETY: as above.
    let status = unsafe { execfmt_noff_load(pointer, Some(read), context, memory.as_mut_ptr(), memory_len) };
    if sound && call.short_read.is_none() && memory_len == noff.memory_end as usize {
        assert_eq!(status, EXECFMT_OK);
    }
}

unsafe fn addresses(call: &Call, bytes: &[u8], noff: *const execfmt_noff, sound: bool) {
    let (mut segment, mut offset, mut length) = (u32::MAX, 0, 0);
    // SAFETY: the caller's promise.
    let (of_segment, of_offset) = unsafe {
        (
            execfmt_noff_segment_at(noff, call.vpn, maybe(call, 12, &raw mut segment)),
            execfmt_noff_file_offset(noff, call.vpn, &raw mut offset, maybe(call, 13, &raw mut length)),
        )
    };
    assert!(of_segment != EXECFMT_OK || segment <= EXECFMT_NOFF_UNINIT_DATA);
    if sound && of_offset == EXECFMT_OK {
        assert!(of_segment == EXECFMT_OK && length > 0);
        assert!(u64::from(offset) + u64::from(length) <= bytes.len() as u64);
    }
}

/// Strings cut from the file, laid out in a stack of any size.
unsafe fn arguments(call: &Call, bytes: &[u8]) {
    let strings: Vec<Vec<u8>> =
        bytes.split(|&byte| byte == 0).take(20).map(|text| [text, &[0]].concat()).collect();
    let argv: Vec<_> = strings.iter().map(|text| text.as_ptr().cast::<c_char>()).collect();
    let mut stack = vec![0xa5; usize::from(call.message_room) * 4];
    let mut place = execfmt_noff_arguments::default();
    let (top, length) = (call.stack_size, stack.len());
    let (list, count) = (maybe(call, 14, argv.as_ptr().cast_mut()), argv.len() as u32);
    // SAFETY: the caller's promise.
    let pushed =
        unsafe { execfmt_noff_push_arguments(list, count, top, stack.as_mut_ptr(), length, &raw mut place) };
    if pushed == EXECFMT_OK {
        assert!(place.argc == count && place.stack_pointer + 16 <= place.argv && place.argv <= top);
        assert!(u64::from(place.stack_pointer) + length as u64 >= u64::from(top));
    }
    // SAFETY: the caller's promise.
    unsafe { execfmt_noff_argument_page(list, count, top, stack.as_mut_ptr(), length, &raw mut place) };
}

unsafe fn build(call: &Call, bytes: &[u8]) {
    let (code, data) = bytes.split_at(bytes.len() / 2);
    let payload = |bytes: &[u8], virtual_addr| execfmt_noff_payload {
        bytes: maybe(call, 9, bytes.as_ptr().cast_mut()),
        length: bytes.len(),
        virtual_addr,
    };
    let contents = execfmt_noff_contents {
        layout: u32::from(call.index % 6),
        byte_order: call.stack_size % 4,
        code: payload(code, 0),
        init_data: payload(data, call.vpn % 0x1_0000),
        readonly_data: payload(&[], 0),
        uninit_addr: call.page_size,
        uninit_size: call.stack_size,
    };
    let mut length = 0;
    let mut written = 0;
    // SAFETY: the caller's promise; the buffer has the length given.
    unsafe {
        if execfmt_noff_built_len(&raw const contents, &raw mut length) != EXECFMT_OK {
            return;
        }
        let mut buffer = vec![0; length];
        let short =
            execfmt_noff_build(&raw const contents, buffer.as_mut_ptr(), length - 1, &raw mut written);
        assert_eq!(short, EXECFMT_E_BUFFER);
        let status = execfmt_noff_build(&raw const contents, buffer.as_mut_ptr(), length, &raw mut written);
        assert_eq!((status, written), (EXECFMT_OK, length));
        let mut noff = execfmt_noff::default();
        let parsed = execfmt_noff_parse(buffer.as_ptr(), length, ptr::null(), &raw mut noff, ptr::null_mut());
        assert_eq!(parsed, EXECFMT_OK);
    }
}
