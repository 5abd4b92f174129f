//! The ELKS loader against a rendering of the kernel's arithmetic in C.

#![allow(unsafe_code)]

use std::cell::RefCell;
use std::io::Read as _;

use aout_minix::elks::{ElksRefusal, LoadError, Memory, Options, Program, Segments};
use aout_minix::{Section, compress};

use crate::words;

/// As in `reference/elks_exec.c`.
#[repr(C)]
struct Kernel {
    medium_model: i32,
    compression: i32,
    arguments: u16,
    text_seg: u16,
    data_seg: u16,
}

#[repr(C)]
struct KernelMemory {
    text: *mut u8,
    data: *mut u8,
}

#[repr(C)]
#[derive(Debug, Default, PartialEq)]
struct KernelLayout {
    text_paras: u16,
    far_text_para: u16,
    data_len: u16,
    minstack: u16,
    enddata: u16,
    endseg: u16,
    begstack: u16,
    endbrk: u16,
    entry: u16,
}

unsafe extern "C" {
    fn elks_exec(
        bytes: *const u8,
        size: usize,
        kernel: *const Kernel,
        layout: *mut KernelLayout,
        memory: *const KernelMemory,
    ) -> i32;
}

const SEGMENTS: Segments = Segments { text: 0x1234, data: 0x5678 };

/// What the memory holds before anything is loaded.
const FILL: u8 = 0xcc;

/// As much as the C function may write to.
const TEXT_ROOM: usize = 0x3_0000;
const DATA_ROOM: usize = 0x1_0001;

thread_local! {
    /// The C function's memory; of more than is compared its contents do not matter.
    static ROOMS: RefCell<(Vec<u8>, Vec<u8>)> = RefCell::new((vec![0; TEXT_ROOM], vec![0; DATA_ROOM]));
}

/// Options of the kernel, the size of the argument block, a file: the same errno, or the same layout and memory.
pub fn aout_elks_load(data: &[u8]) {
    let [flags, low, high, file @ ..] = data else { return };
    let options = Options {
        medium_model: flags & 1 != 0,
        compression: flags & 2 != 0,
        argument_bytes: u16::from_le_bytes([*low, *high]),
    };
    ROOMS.with_borrow_mut(|(text, data)| compare(file, options, text, data));
}

fn compare(file: &[u8], options: Options, text: &mut [u8], data: &mut [u8]) {
    // The rendering takes compressed sections for well-formed.
    let program = Program::new(file, options)
        .and_then(|program| program.check_file(file, |_, _, _| true).map(|()| program));
    if let Ok(program) = &program {
        let layout = program.layout();
        text[..layout.text_bytes() as usize].fill(FILL);
        data[..layout.data_len.into()].fill(FILL);
    }
    let kernel = Kernel {
        medium_model: options.medium_model.into(),
        compression: options.compression.into(),
        arguments: options.argument_bytes,
        text_seg: SEGMENTS.text,
        data_seg: SEGMENTS.data,
    };
    let mut layout = KernelLayout::default();
    let memory = KernelMemory { text: text.as_mut_ptr(), data: data.as_mut_ptr() };
    // SAFETY: the file has the length given, and the memory is as large as the function may ask for.
    let errno = unsafe {
        elks_exec(file.as_ptr(), file.len(), &raw const kernel, &raw mut layout, &raw const memory)
    };
    match program {
        Err(refusal) => {
            words::finding(&refusal);
            words::rule(refusal.rule);
            if let Ok(program) = Program::new(file, options) {
                not_loaded(&program, file, refusal);
            }
            assert_eq!(errno, -refusal.rule.errno().number(), "{refusal}");
            assert!(!refusal.expected.allows(refusal.found), "{refusal}");
        }
        Ok(program) => {
            assert_eq!((errno, &layout), (0, &layout_of(&program)));
            load(&program, file, text, data);
        }
    }
}

fn layout_of(program: &Program) -> KernelLayout {
    let layout = program.layout();
    KernelLayout {
        text_paras: layout.text_paras,
        far_text_para: layout.far_text_para,
        data_len: layout.data_len,
        minstack: layout.minstack,
        enddata: layout.t_enddata,
        endseg: layout.t_endseg,
        begstack: layout.begstack,
        endbrk: layout.endbrk,
        entry: layout.entry,
    }
}

/// Loads, and compares with the memory that C left, if there is one that is the kernel's.
fn load(program: &Program, file: &[u8], expected_text: &[u8], expected_data: &[u8]) {
    let layout = program.layout();
    let mut text = vec![FILL; layout.text_bytes() as usize];
    let mut data = vec![FILL; layout.data_len.into()];
    let memory = Memory { text: &mut text, data: &mut data };
    match program.load_file(file, memory, SEGMENTS, compress::decode_in_place) {
        Ok(()) => {
            assert!(data[layout.data.into()..layout.t_enddata.into()].iter().all(|&byte| byte == 0));
            if !program.header().is_compressed() {
                assert_eq!(text, expected_text[..text.len()]);
                assert_eq!(data, expected_data[..data.len()]);
            }
        }
        // The kernel has overwritten what is not the program's; there is nothing to compare.
        Err(error @ (LoadError::WildRelocation { .. } | LoadError::StoredBeyondAllocation { .. })) => {
            words::error(&error);
        }
        Err(error @ LoadError::Expand(..)) => {
            assert!(program.header().is_compressed(), "{error}");
            words::error(&error);
        }
        Err(error) => panic!("a program that passed its check is not loaded: {error}"),
    }
    let given = [(layout.text_bytes() as usize).checked_sub(1), usize::from(layout.data_len).checked_sub(1)];
    for (section, less) in [Section::Text, Section::Data].into_iter().zip(given) {
        let Some(less) = less else { continue };
        let mut rooms = [vec![FILL; layout.text_bytes() as usize], vec![FILL; layout.data_len.into()]];
        rooms[usize::from(section == Section::Data)].truncate(less);
        let [text, data] = &mut rooms;
        let memory = Memory { text, data };
        let error = program.load_file(file, memory, SEGMENTS, compress::decode_in_place);
        let error = error.expect_err("a byte less");
        assert!(matches!(error, LoadError::MemoryTooSmall(of, _) if of == section), "{error}");
        words::error(&error);
        assert!(rooms.iter().flatten().all(|&byte| byte == FILL), "something is written");
    }
}

/// A file that ELKS refuses after its header was read: whoever loads it piece by piece meets the same end.
fn not_loaded(program: &Program, file: &[u8], refusal: ElksRefusal) {
    let layout = program.layout();
    let mut text = vec![FILL; layout.text_bytes() as usize];
    let mut data = vec![FILL; layout.data_len.into()];
    let memory = Memory { text: &mut text, data: &mut data };
    let read = |offset: u64, place: &mut [u8]| {
        let mut rest = file.get(offset as usize..).unwrap_or_default();
        rest.read_exact(place)
    };
    let error = program.load_with(memory, SEGMENTS, read, compress::decode_in_place);
    let error = error.expect_err("a program is loaded that ELKS refuses");
    words::error(&error);
    if let LoadError::Refused(found) = error {
        assert_eq!(found.rule, refusal.rule);
    }
}
