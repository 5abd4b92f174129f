//! OS/2 NE: reading, building what was read, and the loader against a rendering of the kernel's arithmetic in C.

#![allow(unsafe_code)]

use std::cell::RefCell;
use std::ops::ControlFlow;

use os2_ne::elks::{
    self, ElksRule, Layout, LoadError, MAX_SEGMENTS, Memory, Options, Program, Returned, execve,
};
use os2_ne::{Builder, Image, NeRule, NewSegment, RepairError, check_bytes, repair};

use crate::words;

/// As in `reference/elks_ne.c`.
#[repr(C)]
#[derive(Debug, Default, PartialEq)]
struct KernelLayout {
    paras: [u16; MAX_SEGMENTS],
    data_len: u16,
    minstack: u16,
    enddata: u16,
    begstack: u16,
    endbrk: u16,
    entry: u16,
    entry_segment: u16,
}

unsafe extern "C" {
    fn elks_ne(
        bytes: *const u8,
        size: usize,
        arguments: u16,
        bases: *const u16,
        memory: *const *mut u8,
        layout: *mut KernelLayout,
    ) -> i32;
}

const BASES: [u16; MAX_SEGMENTS] = [0x1234, 0x5678, 0x1abc, 0x7def, 0x2222];

/// What the memory holds before anything is loaded.
const FILL: u8 = 0xcc;

/// As much as the C function may write to.
const ROOM: usize = 0x1_0000;

/// Some memory for each segment.
type Rooms = [Vec<u8>; MAX_SEGMENTS];

thread_local! {
    static ROOMS: RefCell<(Rooms, Rooms)> = RefCell::new(Default::default());
}

/// Every reader over any bytes; check and load agree.
pub fn ne_parse(data: &[u8]) {
    let [low, high, file @ ..] = data else { return };
    let options = Options { argument_bytes: u16::from_le_bytes([*low, *high]), ..Options::default() };
    let verdict = check_bytes(file, &options, &mut |finding| {
        words::finding(finding);
        let code = words::code_in::<NeRule>(finding).or_else(|| words::code_in::<ElksRule>(finding));
        assert_eq!(code, Some(finding.code()));
        ControlFlow::Continue(())
    });
    ROOMS.with_borrow_mut(|(rooms, _)| {
        rooms.iter_mut().for_each(|room| room.resize(ROOM, FILL));
        let loaded = elks::load(file, options, &mut memory(rooms));
        assert_eq!(loaded.is_ok(), verdict.is_accepted(), "check and load");
        loaded.err().iter().for_each(|error| words::error(error));
    });
    let image = match Image::parse(file) {
        Ok(image) => image,
        Err(finding) => {
            words::finding(&finding);
            words::rule(finding.rule);
            return repaired(file, None);
        }
    };
    words::said(&image.system());
    // A header can name 65,535 segments that lie on the same bytes.
    for segment in image.segments().take(MAX_SEGMENTS) {
        let relocations = segment.relocations();
        assert!(relocations.clone().filter(Result::is_err).count() <= 1, "an iterator ends with its error");
        let whole = segment.available().len() == usize::from(segment.size());
        assert_eq!(segment.bytes().is_ok(), whole);
        segment.bytes().err().iter().for_each(|finding| words::finding(finding));
        for record in relocations {
            let (_, record) = match record {
                Ok(record) => record,
                Err(finding) => {
                    words::finding(&finding);
                    continue;
                }
            };
            if let Ok(known) = record.known() {
                let shown = words::said(&known);
                let (place, target) = (record.source_offset.get(), record.target_segment);
                assert!(shown.starts_with(&format!("{place:04x}: ")), "{shown}");
                assert!(shown.contains(&format!("segment {target}")), "{shown}");
            }
        }
    }
    if usize::from(image.header().num_segments()) <= MAX_SEGMENTS {
        repaired(file, Some(&image));
    }
}

/// What a repaired file has: the same segments, with zeros for those without bytes.
fn repaired(file: &[u8], image: Option<&Image<'_>>) {
    let repaired = match repair(file) {
        Ok(repaired) => repaired,
        Err(error) => {
            words::error(&error);
            let segments = || image.into_iter().flat_map(Image::segments);
            match error {
                RepairError::Unreadable(_) => {}
                RepairError::Full64K(number) => {
                    let full = segments().find(|segment| segment.number == number).expect("a segment");
                    assert_eq!((full.size(), full.min_alloc()), (0, 0), "{error}");
                }
                // Whatever their shift, five segments begin within the offsets of a larger one; of one that is too large,
                // the segments are where nothing can be read.
                error => assert!(image.is_some_and(|image| image.header().ne.shift.get() > 15), "{error}"),
            }
            return;
        }
    };
    let (old, new) = (image.expect("only what can be read"), Image::parse(&repaired.bytes));
    let new = new.expect("what is written can be read");
    let mut empty = Vec::new();
    for (old, new) in old.segments().zip(new.segments()) {
        let (bytes, zeros) = new.available().split_at(old.size().into());
        assert_eq!(bytes, old.available());
        if old.size() == 0 {
            empty.push((old.number, new.size()));
            assert!(!zeros.is_empty() && zeros.iter().all(|&byte| byte == 0));
        }
        assert!(old.size() == 0 || zeros.is_empty());
    }
    assert_eq!(repaired.segments, empty);
}

/// What is built of a file that was read is read the same, and built the same again.
pub fn ne_roundtrip(data: &[u8]) {
    let Ok(image) = Image::parse(data) else { return };
    if usize::from(image.header().num_segments()) > MAX_SEGMENTS {
        return;
    }
    let segments: Vec<_> = image.segments().map(|segment| NewSegment::from_segment(&segment)).collect();
    let Ok(file) = Builder::from_image(&image, &segments).to_vec() else { return };
    let built = Image::parse(&file).expect("what is written can be read");
    for (old, new) in image.segments().zip(built.segments()) {
        // Of what is cut short, what there is is kept.
        assert_eq!(old.available(), new.bytes().expect("whole"));
        assert_eq!((old.min_alloc(), old.is_data()), (new.min_alloc(), new.is_data()));
        let records = |segment: &os2_ne::Segment<'_>| -> Vec<_> {
            segment.relocations().map_while(Result::ok).map(|(_, record)| record).collect()
        };
        if old.relocations().all(|record| record.is_ok()) {
            assert_eq!(records(&old), records(&new));
        }
    }
    if image.segments().any(|segment| segment.relocations().any(|record| record.is_err())) {
        return;
    }
    let segments: Vec<_> = built.segments().map(|segment| NewSegment::from_segment(&segment)).collect();
    assert_eq!(Builder::from_image(&built, &segments).to_vec().expect("built before"), file);
}

/// The size of the argument block, a file: the same number from execve, or the same layout and memory.
pub fn ne_elks_load(data: &[u8]) {
    let [low, high, file @ ..] = data else { return };
    let options = Options { argument_bytes: u16::from_le_bytes([*low, *high]), ..Options::default() };
    ROOMS.with_borrow_mut(|(ours, theirs)| compare(file, options, ours, theirs));
}

fn memory(rooms: &mut Rooms) -> Vec<Memory<'_>> {
    BASES.into_iter().zip(rooms).map(|(base, bytes)| Memory { base, bytes }).collect()
}

fn compare(file: &[u8], options: Options, ours: &mut Rooms, theirs: &mut Rooms) {
    for room in ours.iter_mut().chain(theirs.iter_mut()) {
        room.resize(ROOM, FILL);
    }
    let program = execve(file, options);
    // Memory is compared, and therefore filled, only as far as it is the program's.
    let sizes = program.iter().flat_map(|program| program.layout().segments()).map(|it| it.bytes() as usize);
    for ((size, ours), theirs) in sizes.zip(ours.iter_mut()).zip(theirs.iter_mut()) {
        ours[..size].fill(FILL);
        theirs[..size].fill(FILL);
    }
    // A kernel without support of OS/2 NE does not look further than the first two bytes.
    let without = execve(file, Options { os2: false, ..options }).expect_err("not configured");
    words::error(&without);
    words::rule(without.rule);
    let is_mz = file.starts_with(b"MZ");
    assert_eq!(without.rule == ElksRule::NotConfigured, is_mz);
    assert!(is_mz || program.as_ref().err() == Some(&without));
    let places = theirs.each_mut().map(|room| room.as_mut_ptr());
    let mut expected = KernelLayout::default();
    let bases = BASES.as_ptr();
    // SAFETY: the file has the stated length, there are five segments of 0x10000 bytes and five bases, and the function
    // writes a layout and, with 16-bit offsets, to these segments.
    let returned = unsafe {
        elks_ne(file.as_ptr(), file.len(), options.argument_bytes, bases, places.as_ptr(), &raw mut expected)
    };
    let program = match program {
        Ok(program) => program,
        Err(refusal) => {
            assert_eq!(refusal.returned(), returned, "{refusal}");
            words::finding(&refusal);
            return;
        }
    };
    assert_eq!(returned, 0, "ELKS returns {returned}");
    let layout = program.layout();
    assert_eq!(layout_words(layout), expected);
    assert_eq!(layout.total_paras(), layout.segments().map(|segment| u32::from(segment.paras)).sum::<u32>());
    let loaded = program.load(&mut memory(ours));
    too_little_memory(&program, ours);
    if let Err(error) = loaded {
        // ELKS would write outside of the segments, or start the program wrong.
        words::error(&error);
        return;
    }
    for ((segment, ours), theirs) in layout.segments().zip(ours).zip(theirs) {
        let size = segment.bytes() as usize;
        assert!(ours[..size] == theirs[..size], "the same memory");
    }
}

/// Into less memory nothing is loaded, and nothing is written.
fn too_little_memory(program: &Program<'_>, ours: &mut Rooms) {
    let count = program.layout().segments().count();
    let all = memory(ours);
    let before: Vec<u8> = all.iter().take(count).filter_map(|memory| memory.bytes.first().copied()).collect();
    let last = count - 1;
    let error = program.load_as_elks(&mut memory(ours)[..last]).expect_err("a segment less");
    assert_eq!(error, LoadError::TooFewSegments { needed: count, given: last });
    words::error(&error);
    let size = program.layout().segments().last().map_or(0, |segment| segment.bytes() as usize);
    if let Some(less) = size.checked_sub(1) {
        let mut short = memory(ours);
        short[last].bytes = &mut std::mem::take(&mut short[last].bytes)[..less];
        let error = program.load_as_elks(&mut short).expect_err("a byte less");
        let LoadError::MemoryTooSmall(number, room) = error else { panic!("{error}") };
        assert_eq!((usize::from(number), room.needed, room.given), (count, size as u64, less as u64));
        words::error(&error);
    }
    let after = ours.iter().take(count).filter_map(|room| room.first().copied());
    assert!(after.eq(before), "something is written");
}

fn layout_words(layout: &Layout) -> KernelLayout {
    let mut paras = [0; MAX_SEGMENTS];
    paras.iter_mut().zip(layout.segments()).for_each(|(paras, segment)| *paras = segment.paras);
    KernelLayout {
        paras,
        data_len: layout.data_len,
        minstack: layout.minstack,
        enddata: layout.t_enddata,
        begstack: layout.begstack,
        endbrk: layout.endbrk,
        entry: layout.entry,
        entry_segment: layout.entry_segment,
    }
}
