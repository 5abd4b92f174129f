//! The C functions for OS/2 NE and MIPS COFF, as a hostile or careless C program would call them, against the crates.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::ops::ControlFlow;
use std::ptr;

use ::os2_ne::elks::{Memory, execve};
use ::os2_ne::{Image, Options, check_bytes};
use execfmt::*;

/// The first bytes of the input say how the functions are called.
struct Call {
    /// Which pointer is NULL, if any.
    null: u8,
    arguments: u16,
    protected_mode: bool,
    /// How many findings are wanted.
    enough: u8,
    /// How much less memory is given than is needed.
    short: u8,
    heap: u32,
    damage: (u8, u32),
}

/// Every function with hostile files, lengths, NULLs and damaged structs.
pub fn ffi_ne(data: &[u8]) {
    let Some((&[null, a, b, mode, enough, short, h, i, j, k, at, d, e, f, g, _], file)) =
        data.split_first_chunk()
    else {
        return;
    };
    let call = Call {
        null,
        arguments: u16::from_le_bytes([a, b]),
        protected_mode: mode & 1 != 0,
        enough,
        short,
        heap: u32::from_le_bytes([h, i, j, k]),
        damage: (at, u32::from_le_bytes([d, e, f, g])),
    };
    check(&call, file);
    walk(&call, file);
    load(&call, file);
    chmem(&call, file);
    coff(&call, file);
}

/// NULL in place of the pointer number `which`, when the call says so.
fn maybe<T>(call: &Call, which: u8, pointer: *mut T) -> *mut T {
    if call.null == which { ptr::null_mut() } else { pointer }
}

/// A status is one that the header has, with a message.
fn known(status: execfmt_status) -> execfmt_status {
    // SAFETY: the message is a static string.
    let message = unsafe { CStr::from_ptr(execfmt_status_message(status)) };
    assert!(!message.to_bytes().starts_with(b"unknown"), "status {status}");
    status
}

fn options(call: &Call) -> (execfmt_ne_options, Options) {
    let size = size_of::<execfmt_ne_options>() as u32;
    let (protected_mode, argument_bytes) = (call.protected_mode, call.arguments.into());
    let c = execfmt_ne_options { size, without: 0, protected_mode: protected_mode.into(), argument_bytes };
    let smallest = Options::default().argument_bytes;
    let argument_bytes = if call.arguments == 0 { smallest } else { call.arguments };
    (c, Options { protected_mode, argument_bytes, ..Options::default() })
}

type Heard = (
    usize,
    Vec<(execfmt_finding, String)>,
    unsafe extern "C" fn(*const execfmt_finding, *mut c_char, usize) -> usize,
);

unsafe extern "C" fn hear(context: *mut c_void, finding: *const execfmt_finding) -> i32 {
    // SAFETY: the context is given with this function; the finding is the library's promise.
    let (heard, finding) = unsafe { (&mut *context.cast::<Heard>(), *finding) };
    let mut sentence = [0x7f; 600];
    // SAFETY: the buffer has this room.
    let length = unsafe { heard.2(&raw const finding, sentence.as_mut_ptr(), sentence.len()) };
    assert!(length > 20 && length < sentence.len(), "{finding:?}");
    let text = sentence[..length].iter().map(|&byte| char::from(byte.to_ne_bytes()[0])).collect();
    heard.1.push((finding, text));
    i32::from(heard.1.len() >= heard.0)
}

fn check(call: &Call, file: &[u8]) {
    let (c, ours) = options(call);
    let mut expected = Vec::new();
    let verdict = check_bytes(file, &ours, &mut |finding| {
        expected.push((finding.number(), finding.offset(), finding.found(), finding.to_string()));
        ControlFlow::Continue(())
    });
    let mut heard: Heard = (usize::from(call.enough).max(1), Vec::new(), execfmt_ne_finding_message);
    // SAFETY: the pointers are to their values.
    let status = unsafe {
        let context = (&raw mut heard).cast();
        known(execfmt_ne_check(file.as_ptr(), file.len(), &raw const c, Some(hear), context))
    };
    assert_eq!(status, verdict.first_error.unwrap_or(EXECFMT_OK));
    assert_eq!(heard.1.len(), expected.len().min(heard.0));
    for ((c, sentence), (number, offset, found, ours)) in heard.1.iter().zip(&expected) {
        assert_eq!((c.status, c.offset, c.found), (*number, *offset, *found));
        if ours.is_ascii() {
            assert_eq!(sentence, ours);
        }
    }
}

fn walk(call: &Call, file: &[u8]) {
    let bytes = maybe(call, 1, file.as_ptr().cast_mut());
    let (mut ne, mut finding) = (execfmt_ne::default(), execfmt_finding::default());
    // SAFETY: every pointer that is not NULL is to its value, here and below.
    let parsed = unsafe {
        let (ne, finding) = (maybe(call, 2, &raw mut ne), maybe(call, 3, &raw mut finding));
        known(execfmt_ne_parse(bytes, file.len(), ne, finding))
    };
    if call.null == 0 {
        assert_eq!(parsed == EXECFMT_OK, Image::parse(file).is_ok());
        assert_eq!(finding.status, parsed);
    }
    let mut segment = execfmt_ne_segment::default();
    // SAFETY: a struct of numbers.
    let mut relocation: execfmt_ne_relocation = unsafe { std::mem::zeroed() };
    for number in 1..=20 {
        // SAFETY: as above.
        let status = unsafe {
            known(execfmt_ne_segment_at(bytes, file.len(), number, maybe(call, 4, &raw mut segment)))
        };
        if status != EXECFMT_OK {
            break;
        }
        assert!(segment.available <= segment.size && segment.number == number);
        for index in (0..300).chain([u32::MAX]) {
            // SAFETY: as above.
            let status = unsafe {
                known(execfmt_ne_relocation_at(bytes, file.len(), number, index, &raw mut relocation))
            };
            if status != EXECFMT_OK {
                break;
            }
            assert!(index < segment.relocation_count && relocation.file_offset + 8 <= file.len() as u64);
            assert!(relocation.target.contains(&0));
        }
    }
    let (at, value) = call.damage;
    for mut cursor in [
        execfmt_ne_cursor::default(),
        execfmt_ne_cursor { table: 1, index: 0, offset: 0 },
        execfmt_ne_cursor { table: (at % 3).into(), index: value, offset: value },
    ] {
        let (mut name, mut count) = (execfmt_ne_name::default(), 0);
        // SAFETY: as above.
        while unsafe { known(execfmt_ne_next_name(bytes, file.len(), &raw mut cursor, &raw mut name)) }
            == EXECFMT_OK
        {
            count += 1;
            assert!(count <= file.len() && name.name_length <= 255, "the walk ends");
        }
    }
}

fn load(call: &Call, file: &[u8]) {
    let (c, ours) = options(call);
    let (mut layout, mut finding) = (execfmt_elks_ne_layout::default(), execfmt_finding::default());
    // SAFETY: the pointers are to their values.
    let status = unsafe {
        let (layout, finding) = (&raw mut layout, maybe(call, 3, &raw mut finding));
        known(execfmt_ne_elks_layout(file.as_ptr(), file.len(), &raw const c, layout, finding))
    };
    let program = execve(file, ours);
    assert_eq!(status, program.as_ref().err().map_or(EXECFMT_OK, |refusal| refusal.rule.number()));
    let errno = program.as_ref().err().map_or(0, |refusal| refusal.rule.errno().number());
    assert_eq!(execfmt_ne_elks_errno(status), errno.unsigned_abs());
    let Ok(program) = program else { return };
    let count = layout.segment_count as usize;
    let room = |paras: u32| (paras as usize * 16).saturating_sub(call.short.into());
    let rooms = layout.segments[..count].iter().map(|segment| vec![0xa5; room(segment.paras)]);
    let mut ours: Vec<_> = rooms.collect();
    let mut theirs = ours.clone();
    let base = |index: usize| 0x1000 + 0x111 * index as u16;
    let mut memories: Vec<_> =
        ours.iter_mut().enumerate().map(|(at, bytes)| Memory { base: base(at), bytes }).collect();
    let loaded = program.load(&mut memories).is_ok();
    let memories: Vec<_> = theirs
        .iter_mut()
        .enumerate()
        .map(|(at, bytes)| execfmt_ne_memory {
            bytes: maybe(call, 5, bytes.as_mut_ptr()),
            length: bytes.len(),
            base: base(at).into(),
        })
        .collect();
    // SAFETY: as above; the memories have the lengths given.
    let status = unsafe {
        let memory = maybe(call, 6, memories.as_ptr().cast_mut());
        known(execfmt_ne_elks_load(
            file.as_ptr(),
            file.len(),
            &raw const c,
            memory,
            memories.len(),
            &raw mut finding,
        ))
    };
    if call.null != 5 && call.null != 6 {
        assert_eq!(status == EXECFMT_OK, loaded, "status {status}");
        assert_eq!(ours, theirs);
    } else {
        assert_eq!(status, EXECFMT_E_NULL);
    }
}

fn chmem(call: &Call, file: &[u8]) {
    let mut changed = file.to_vec();
    let (mut before, mut after) = (execfmt_ne::default(), execfmt_ne::default());
    let stack = call.damage.1;
    // SAFETY: the pointers are to their values.
    let status = unsafe {
        let (before, after) = (maybe(call, 7, &raw mut before), maybe(call, 8, &raw mut after));
        let (bytes, length) = (changed.as_mut_ptr(), changed.len());
        known(execfmt_ne_chmem(bytes, length, call.heap, stack, before, after, ptr::null_mut()))
    };
    let differences = changed.iter().zip(file).filter(|(new, old)| new != old).count();
    assert!(differences <= 4 && (status == EXECFMT_OK || differences == 0));
    if status == EXECFMT_OK && call.null != 7 && call.null != 8 {
        let asked = |value, old| if value == EXECFMT_NE_KEEP { old } else { value };
        assert_eq!((after.heap, after.stack), (asked(call.heap, before.heap), asked(stack, before.stack)));
    }
}

/// The same file as COFF: every function.
fn coff(call: &Call, file: &[u8]) {
    let size = size_of::<execfmt_coff_options>() as u32;
    let (loader, frames) = ((call.damage.0 % 5).into(), call.enough.into());
    let options = execfmt_coff_options { size, loader, frames, scan_code: call.damage.1 % 3 };
    let mut heard: Heard = (usize::from(call.enough).max(1), Vec::new(), execfmt_coff_finding_message);
    let (mut coff, mut finding) = (execfmt_coff::default(), execfmt_finding::default());
    let mut section = execfmt_coff_section::default();
    // SAFETY: every pointer that is not NULL is to its value.
    unsafe {
        let (bytes, context) = (maybe(call, 1, file.as_ptr().cast_mut()), (&raw mut heard).cast());
        known(execfmt_coff_check(bytes, file.len(), &raw const options, Some(hear), context));
        let parsed =
            known(execfmt_coff_parse(bytes, file.len(), &raw mut coff, maybe(call, 3, &raw mut finding)));
        if call.null != 1 {
            assert_eq!(parsed == EXECFMT_OK, ::mips_coff::Image::parse(file).is_ok());
        }
        for index in (0..40).chain([u32::MAX]) {
            let section_at = &raw mut section;
            let status =
                known(execfmt_coff_section_at(bytes, file.len(), index, section_at, ptr::null_mut()));
            if status == EXECFMT_OK && section.file_length > 0 {
                assert!(u64::from(section.file_offset) + u64::from(section.file_length) <= file.len() as u64);
            }
        }
    }
}
