//! The C functions for a.out, as a hostile or careless C program would call them.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use arbitrary::{Arbitrary, Unstructured};
use execfmt::*;

use crate::callback::{File, read};

#[derive(Arbitrary, Debug)]
struct Call {
    /// Which pointer is NULL, if any.
    null: u8,
    index: u8,
    section: u8,
    cursor: (u16, u8),
    kernel: Option<(u8, u32)>,
    segments: (u16, u16),
    short_read: Option<u8>,
    /// How much less memory is given than is needed.
    short_memory: Option<u8>,
    memory: (u32, u32),
    /// What a header is overwritten with before it is used.
    damage: Option<(u8, u32)>,
    convert: Option<[u16; 6]>,
    message_room: u8,
}

/// Every function with hostile lengths, NULLs, damaged structs and failing read functions.
pub fn ffi_aout(data: &[u8]) {
    let mut source = Unstructured::new(data);
    let Ok(call) = Call::arbitrary(&mut source) else { return };
    let bytes = source.take_rest();
    // SAFETY: every pointer that is not NULL points to what its function wants.
    unsafe {
        let mut aout = execfmt_aout::default();
        let parsed = parse(&call, bytes, &mut aout);
        walk(&call, bytes, parsed);
        elks(&call, bytes);
        if parsed && call.null == 0 {
            rebuild(bytes, &aout);
        }
        if let Some((word, value)) = call.damage {
            let words: *mut u32 = (&raw mut aout).cast();
            words.add(usize::from(word) % (size_of::<execfmt_aout>() / 4)).write(value);
        }
        change(&call, aout);
        build(&call, bytes, aout);
        convert(&call, bytes);
    }
}

/// NULL in place of the pointer number `which`, when the call says so.
fn maybe<T>(call: &Call, which: u8, pointer: *mut T) -> *mut T {
    if call.null == which { ptr::null_mut() } else { pointer }
}

/// A status is one that the header has, with a message.
fn known(status: execfmt_status) -> execfmt_status {
    // SAFETY: the message is a static string.
    assert!(!unsafe { CStr::from_ptr(execfmt_status_message(status)) }.is_empty());
    assert!(status <= EXECFMT_END || (200..310).contains(&status), "status {status}");
    status
}

/// A sentence fits its buffer, and is whole when there is room.
fn sentence(room: u8, write: impl FnOnce(*mut c_char, usize) -> usize) {
    let mut buffer = vec![0x7f; room.into()];
    let length = write(buffer.as_mut_ptr(), buffer.len());
    if !buffer.is_empty() {
        let end = buffer.iter().position(|&byte| byte == 0).expect("a closing NUL");
        assert_eq!(end, length.min(buffer.len() - 1));
    }
}

/// What is done with findings.
struct Heard {
    room: u8,
    /// How many more are wanted.
    left: u32,
    errors: u32,
}

unsafe extern "C" fn hear(context: *mut c_void, finding: *const execfmt_finding) -> i32 {
    // SAFETY: it is given with this function, and points to a `Heard`.
    let heard = unsafe { &mut *context.cast::<Heard>() };
    // SAFETY: the library's promise.
    let found = unsafe { *finding };
    known(found.status);
    heard.errors += u32::from(found.severity == EXECFMT_ERROR);
    sentence(heard.room, |buffer, room| {
        // SAFETY: the buffer has so much room.
        let length = unsafe { execfmt_aout_finding_message(finding, buffer, room) };
        assert!(length > 20, "a sentence about {found:?}");
        length
    });
    heard.left = heard.left.saturating_sub(1);
    i32::from(heard.left == 0)
}

/// True when the file was parsed.
unsafe fn parse(call: &Call, bytes: &[u8], aout: &mut execfmt_aout) -> bool {
    let mut finding = execfmt_finding::default();
    let mut header = execfmt_aout::default();
    let file = maybe(call, 1, bytes.as_ptr().cast_mut());
    // SAFETY: the caller's promise, here and below.
    unsafe {
        let (out, why) = (maybe(call, 2, &raw mut header), maybe(call, 3, &raw mut finding));
        let read = known(execfmt_aout_read_header(file, bytes.len(), out, why));
        let parsed = known(execfmt_aout_parse(file, bytes.len(), maybe(call, 2, &raw mut *aout), why));
        if parsed == EXECFMT_OK {
            assert_eq!((read, &header), (EXECFMT_OK, &*aout));
        } else if read == EXECFMT_OK && why == &raw mut finding {
            assert_eq!((finding.status, finding.severity), (parsed, EXECFMT_ERROR));
        }
        let mut heard = Heard { room: call.message_room, left: call.index.into(), errors: 0 };
        let options = call.kernel.map(|(kernel, argument_bytes)| execfmt_aout_check_options {
            size: size_of::<execfmt_aout_check_options>() as u32,
            kernel: (kernel % 5).into(),
            argument_bytes: argument_bytes % 0x1_0010,
            keep_compressed: (kernel / 128).into(),
        });
        let options = options.as_ref().map_or(ptr::null(), ptr::from_ref);
        let context = (&raw mut heard).cast();
        let verdict = known(execfmt_aout_check(file, bytes.len(), options, Some(hear), context));
        assert!(verdict >= 200 || heard.errors == 0, "{verdict}: {} errors", heard.errors);
        // Whatever the call leaves out, the caller is to know.
        execfmt_aout_parse(file, bytes.len(), &raw mut *aout, ptr::null_mut()) == EXECFMT_OK
    }
}

/// Sections, relocations and symbols lie in the file, and the walks end.
unsafe fn walk(call: &Call, bytes: &[u8], parsed: bool) {
    let file = maybe(call, 1, bytes.as_ptr().cast_mut());
    let (mut offset, mut size) = (0, 0);
    for section in (0..=EXECFMT_AOUT_SYMBOLS).chain([call.section.into()]) {
        // SAFETY: the caller's promise, here and below.
        let status = unsafe {
            let (offset, size) = (maybe(call, 4, &raw mut offset), maybe(call, 5, &raw mut size));
            known(execfmt_aout_section(file, bytes.len(), section, offset, size))
        };
        if status == EXECFMT_OK {
            assert!(parsed && offset + size <= bytes.len());
        }
        let mut relocation = execfmt_aout_relocation::default();
        for index in (0..=(bytes.len() / 8) as u32 + 1).chain([u32::MAX, call.memory.0]) {
            // SAFETY: as above.
            let status = unsafe {
                let relocation = maybe(call, 6, &raw mut relocation);
                known(execfmt_aout_relocation_at(file, bytes.len(), section, index, relocation))
            };
            if status != EXECFMT_OK {
                break;
            }
            assert!((index as usize) < bytes.len() / 8, "a relocation from nowhere");
        }
    }
    let (at, format) = call.cursor;
    for hostile in [false, true] {
        let mut cursor = execfmt_aout_cursor::default();
        if hostile {
            (cursor.offset, cursor.format) = (at.into(), u32::from(format % 4));
        }
        let mut symbol = execfmt_aout_symbol::default();
        let mut count = 0;
        // SAFETY: as above.
        while unsafe {
            let (cursor, symbol) = (maybe(call, 7, &raw mut cursor), maybe(call, 8, &raw mut symbol));
            known(execfmt_aout_next_symbol(file, bytes.len(), cursor, symbol))
        } == EXECFMT_OK
        {
            count += 1;
            assert!(parsed && count <= bytes.len(), "the walk does not end");
            let end = symbol.name.iter().position(|&byte| byte == 0).expect("a closing NUL");
            assert!(end <= symbol.name_length as usize);
        }
    }
}

/// The verdict, its reason, and loading.
unsafe fn elks(call: &Call, bytes: &[u8]) {
    let options = call
        .kernel
        .map(|(without, arguments)| execfmt_elks_options {
            size: size_of::<execfmt_elks_options>() as u32,
            without: (without % 5).into(),
            argument_bytes: arguments % 0x1_0010,
        })
        .unwrap_or_default();
    let options = if call.kernel.is_some() { &raw const options } else { ptr::null() };
    let file = maybe(call, 1, bytes.as_ptr().cast_mut());
    let (mut early, mut layout) = (execfmt_elks_layout::default(), execfmt_elks_layout::default());
    let mut finding = execfmt_finding::default();
    // SAFETY: the caller's promise, here and below.
    let status = unsafe {
        let (out, why) = (maybe(call, 2, &raw mut early), maybe(call, 3, &raw mut finding));
        let of_header = known(execfmt_aout_elks_layout(file, bytes.len(), options, out, why));
        let out = maybe(call, 2, &raw mut layout);
        let status = known(execfmt_aout_elks_exec(file, bytes.len(), options, out, why));
        if of_header != EXECFMT_OK {
            assert_eq!(status, of_header);
        }
        if status >= EXECFMT_AOUT_E_ELKS && call.null != 3 {
            let errno = execfmt_aout_elks_errno(status);
            assert!(finding.status == status && matches!(errno, 7 | 8 | 22 | 27));
        }
        sentence(call.message_room, |buffer, room| {
            let length = execfmt_aout_elks_explain(file, bytes.len(), options, buffer, room);
            assert!((length > 0) == (status >= EXECFMT_AOUT_E_ELKS) || call.null == 2);
            length
        });
        status
    };
    if status == EXECFMT_OK {
        assert_eq!(early, layout);
        assert!(layout.t_enddata <= layout.data_len && layout.begstack <= layout.t_endseg);
    }
    let less = usize::from(call.short_memory.unwrap_or(0));
    let text_len = (layout.text_paras as usize * 16).saturating_sub(less);
    let (mut text, mut data) = (vec![0xa5; text_len], vec![0xa5; layout.data_len as usize]);
    let source = File { bytes, short_read: call.short_read };
    let memory = execfmt_elks_memory {
        text: maybe(call, 10, text.as_mut_ptr()),
        text_len: text.len(),
        data: maybe(call, 11, data.as_mut_ptr()),
        data_len: data.len(),
        text_segment: call.segments.0.into(),
        data_segment: call.segments.1.into(),
    };
    // SAFETY: as above.
    let loaded = unsafe {
        known(execfmt_aout_elks_load(
            file,
            bytes.len(),
            options,
            &raw const memory,
            if call.null == 9 { None } else { Some(read) },
            ptr::from_ref(&source).cast_mut().cast(),
        ))
    };
    if loaded == EXECFMT_OK {
        assert!(status == EXECFMT_OK || call.null == 2, "a program is loaded that ELKS refuses: {status}");
    }
    if status == EXECFMT_OK && call.null == 0 && call.short_read.is_none() && less == 0 {
        let expected = [
            EXECFMT_OK,
            EXECFMT_AOUT_E_RELOCATION_PLACE,
            EXECFMT_AOUT_E_STORED_TOO_LONG,
            EXECFMT_AOUT_E_EXPAND,
        ];
        assert!(expected.contains(&loaded), "status {loaded}");
    }
    if status == EXECFMT_OK && call.null == 0 && less > 0 {
        assert_eq!(loaded, EXECFMT_E_BUFFER);
        assert!(text.iter().chain(&data).all(|&byte| byte == 0xa5), "nothing is written");
    }
}

fn part(bytes: &[u8]) -> execfmt_aout_bytes {
    execfmt_aout_bytes { bytes: bytes.as_ptr(), length: bytes.len() }
}

/// A parsed file is built again byte for byte.
unsafe fn rebuild(bytes: &[u8], aout: &execfmt_aout) {
    let mut end = aout.hlen as usize;
    let sections: [_; 7] = std::array::from_fn(|section| {
        let (mut offset, mut size) = (0, 0);
        // SAFETY: the caller's promise, here and below.
        let status = unsafe {
            execfmt_aout_section(bytes.as_ptr(), bytes.len(), section as u32, &raw mut offset, &raw mut size)
        };
        assert_eq!(status, EXECFMT_OK);
        assert_eq!(offset, end, "sections follow each other");
        end += size;
        part(&bytes[offset..offset + size])
    });
    let [text, far_text, data, text_relocations, far_text_relocations, data_relocations, symbols] = sections;
    let contents = execfmt_aout_contents {
        header: *aout,
        text,
        far_text,
        data,
        text_relocations,
        far_text_relocations,
        data_relocations,
        symbols,
        trailing: part(&bytes[end..]),
    };
    let mut again = vec![0xa5; bytes.len()];
    let mut written = 0;
    // SAFETY: as above.
    let status =
        unsafe { execfmt_aout_build(&raw const contents, again.as_mut_ptr(), again.len(), &raw mut written) };
    assert_eq!((status, written), (EXECFMT_OK, bytes.len()));
    assert_eq!(again, bytes);
}

/// chmem on a header that may be damaged.
unsafe fn change(call: &Call, mut aout: execfmt_aout) {
    let (mut row, mut heap, mut written) = (execfmt_aout_row::default(), 0, 0);
    let mut bytes = [0xa5; EXECFMT_AOUT_MAX_HEADER_SIZE as usize];
    let before = aout;
    // SAFETY: the caller's promise.
    unsafe {
        let header = maybe(call, 12, &raw mut aout);
        known(execfmt_aout_chmem_row(header, maybe(call, 13, &raw mut row)));
        let truncated = maybe(call, 14, &raw mut heap);
        let status = known(execfmt_aout_chmem(header, call.memory.0, call.memory.1, truncated));
        if status == EXECFMT_OK {
            let chmem = aout.chmem;
            assert_eq!((aout.version, aout.tseg, aout.syms), (1, before.tseg, before.syms));
            assert!(
                [before.chmem, call.memory.0, heap].contains(&chmem)
                    || before.version == 0
                    || call.null == 14
            );
        } else {
            assert_eq!(aout, before, "nothing changes");
        }
        let room = usize::from(call.message_room).min(bytes.len());
        let status = known(execfmt_aout_encode_header(header, bytes.as_mut_ptr(), room, &raw mut written));
        if status == EXECFMT_OK {
            assert!(written as u32 == aout.hlen && written <= room);
            assert!(bytes[written..].iter().all(|&byte| byte == 0xa5), "nothing is written past the header");
        }
    }
}

/// Any header with any sections.
unsafe fn build(call: &Call, bytes: &[u8], header: execfmt_aout) {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let (text, data) = (part(first), part(second));
    let none = part(&[]);
    let missing = execfmt_aout_bytes { bytes: ptr::null(), length: usize::from(call.null == 15) };
    let contents = execfmt_aout_contents {
        header,
        text,
        far_text: if call.index & 1 == 0 { none } else { data },
        data,
        text_relocations: missing,
        far_text_relocations: none,
        data_relocations: if call.index & 2 == 0 { none } else { text },
        symbols: if call.index & 4 == 0 { none } else { data },
        trailing: none,
    };
    let (mut length, mut written) = (0, 0);
    // SAFETY: the caller's promise; the buffer has the length given.
    unsafe {
        if known(execfmt_aout_built_len(&raw const contents, &raw mut length)) != EXECFMT_OK {
            return;
        }
        let mut buffer = vec![0; length];
        let short =
            execfmt_aout_build(&raw const contents, buffer.as_mut_ptr(), length - 1, &raw mut written);
        assert_eq!(short, EXECFMT_E_BUFFER);
        let status = execfmt_aout_build(&raw const contents, buffer.as_mut_ptr(), length, &raw mut written);
        assert_eq!((status, written), (EXECFMT_OK, length));
        let mut aout = execfmt_aout::default();
        let parsed = execfmt_aout_parse(buffer.as_ptr(), length, &raw mut aout, ptr::null_mut());
        assert_eq!(parsed, EXECFMT_OK);
    }
}

/// The converter: the length first, then the file.
unsafe fn convert(call: &Call, bytes: &[u8]) {
    let options = call.convert.map(|[flags, aout_seg, data_seg, first, second, third]| {
        let (total_data, chmem) = if flags & 8 == 0 { (0, 0) } else { (first, second) };
        execfmt_aout_convert_options {
            size: size_of::<execfmt_aout_convert_options>() as u32,
            tiny: (flags & 1).into(),
            symtab: (flags & 2).into(),
            rom: (flags & 4).into(),
            aout_seg,
            data_seg,
            total_data,
            chmem,
            stack: third,
            heap: if flags & 16 == 0 { 0 } else { first },
        }
    });
    let options = options.as_ref().map_or(ptr::null(), ptr::from_ref);
    let file = maybe(call, 1, bytes.as_ptr().cast_mut());
    let (mut needed, mut written) = (0, 0);
    let mut message = vec![0x7f; call.message_room.into()];
    // SAFETY: the caller's promise; the buffers have the lengths given.
    unsafe {
        let status = known(execfmt_aout_convert(
            file,
            bytes.len(),
            options,
            ptr::null_mut(),
            0,
            maybe(call, 16, &raw mut needed),
            message.as_mut_ptr(),
            message.len(),
        ));
        if status == EXECFMT_AOUT_E_CONVERT && !message.is_empty() {
            assert!(message.contains(&0));
        }
        if status != EXECFMT_OK {
            return;
        }
        let mut buffer = vec![0; needed];
        for (capacity, expected) in [(needed - 1, EXECFMT_E_BUFFER), (needed, EXECFMT_OK)] {
            let status = execfmt_aout_convert(
                file,
                bytes.len(),
                options,
                buffer.as_mut_ptr(),
                capacity,
                &raw mut written,
                ptr::null_mut(),
                0,
            );
            assert_eq!(status, expected);
        }
        assert_eq!(written, needed);
        let mut aout = execfmt_aout::default();
        let parsed = execfmt_aout_parse(buffer.as_ptr(), needed, &raw mut aout, ptr::null_mut());
        assert_eq!(parsed, EXECFMT_OK);
    }
}
