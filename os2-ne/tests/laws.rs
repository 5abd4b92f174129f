//! Laws over damaged files, and the small cases that a person reads.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test, which may panic"
)]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use execfmt_common::Rule;
use execfmt_testkit::{Mutator, damaged};
use os2_ne::chmem::{Change, Heap};
use os2_ne::elks::{self, ElksRule, Errno, Memory, Options, Returned, execve};
use os2_ne::{
    Builder, Header, Image, NeRule, NewSegment, Relocation, RepairError, Source, System, check_bytes, repair,
};

const ARGUMENTS: Options = Options { os2: true, protected_mode: false, argument_bytes: 40 };

fn far_pointer(source_offset: u16, target_segment: u8, target_offset: u16, additive: bool) -> Relocation {
    Relocation { source: Source::FarPointer, additive, source_offset, target_segment, target_offset }
}

const CODE: [u8; 32] = [0xff; 32];
const DATA: [u8; 18] = [0xff; 18];

/// Three segments with the auto data segment in the middle, and relocations.
fn sample() -> Vec<u8> {
    let (code, data) = ([far_pointer(1, 3, 0, false)], [far_pointer(2, 2, 4, true)]);
    let segments = [
        NewSegment::code(&CODE).relocations(&code),
        NewSegment::data(&DATA).min_alloc(70).relocations(&data),
        NewSegment::code(&CODE[..20]),
    ];
    Builder::new(&segments).to_vec().unwrap()
}

fn codes(file: &[u8], options: &Options) -> (BTreeSet<&'static str>, bool) {
    let mut codes = BTreeSet::new();
    let verdict = check_bytes(file, options, &mut |finding| {
        codes.insert(finding.code());
        assert!(!finding.to_string().is_empty());
        ControlFlow::Continue(())
    });
    (codes, verdict.is_accepted())
}

fn loads(file: &[u8], options: Options) -> bool {
    thread_local! {
        static MEMORIES: RefCell<Vec<Vec<u8>>> = RefCell::new(vec![vec![0; 0x10000]; elks::MAX_SEGMENTS]);
    }
    MEMORIES.with_borrow_mut(|memories| {
        let mut memory: Vec<_> = memories.iter_mut().map(|bytes| Memory { base: 0x2000, bytes }).collect();
        elks::load(file, options, &mut memory).is_ok()
    })
}

fn walk(file: &[u8]) {
    assert_eq!(codes(file, &ARGUMENTS).1, loads(file, ARGUMENTS), "check and load of {file:02x?}");
    let Ok(image) = Image::parse(file) else { return };
    for segment in image.segments() {
        let errors = segment.relocations().filter(Result::is_err).count();
        assert!(errors <= 1, "an iterator ends with its error");
        assert_eq!(segment.bytes().is_ok(), segment.available().len() == usize::from(segment.size()));
    }
    if let Ok(repaired) = repair(file) {
        let refusal = execve(&repaired.bytes, ARGUMENTS).err().map(|refusal| refusal.rule);
        assert_ne!(refusal, Some(ElksRule::NoBytes));
    }
}

#[test]
fn check_accepts_exactly_what_loads() {
    damaged(&sample(), 0x98, walk);
    let mut mutator = Mutator::new("ne laws", 0x4e45_0002);
    let mut accepted = 0;
    for _ in 0..100_000 {
        let file = mutator.mutate(&sample(), 0x98);
        walk(&file);
        accepted += u32::from(loads(&file, ARGUMENTS));
    }
    assert!((10_000..90_000).contains(&accepted), "{accepted} accepted: the mutations test too little");
}

#[test]
fn building_what_was_read_gives_the_same_file() {
    let file = sample();
    let image = Image::parse(&file).unwrap();
    let segments: Vec<_> = image.segments().map(|segment| NewSegment::from_segment(&segment)).collect();
    assert_eq!(Builder::from_image(&image, &segments).to_vec().unwrap(), file);
    let mut small = vec![0; file.len() - 1];
    assert!(Builder::from_image(&image, &segments).write_to(&mut small).is_err());
}

/// Bytes in the file, in memory, whether data; the auto data segment; then `begstack`, `endbrk` and paragraphs for an
/// argument block of 40 bytes, as the kernel's own code gives them.
#[test]
fn layouts_that_the_kernel_gives() {
    type Case = (&'static [(usize, u16, bool)], u16, u16, u16, u16, &'static [u16]);
    let cases: [Case; 4] = [
        (&[(32, 32, false), (48, 48, true)], 2, 0x2060, 0x2038, 0x30, &[2, 0x206]),
        (&[(16, 16, false), (70, 70, true), (32, 32, false)], 2, 0x2080, 0x2058, 0x46, &[1, 0x208, 2]),
        (&[(32, 32, false), (18, 18, true)], 2, 0x2050, 0x2028, 0x12, &[2, 0x205]),
        (&[(32, 32, false), (6, 6, true)], 2, 0x2040, 0x2018, 6, &[2, 0x204]),
    ];
    for (segments, auto, t_endseg, begstack, endbrk, paras) in cases {
        let bytes = [0xff; 128];
        let new = segments.iter().map(|&(size, min_alloc, data)| {
            let bytes = &bytes[..size];
            (if data { NewSegment::data(bytes) } else { NewSegment::code(bytes) }).min_alloc(min_alloc)
        });
        let new: Vec<_> = new.collect();
        let file = Builder::new(&new).to_vec().unwrap();
        assert_eq!(codes(&file, &ARGUMENTS), (BTreeSet::new(), true));
        let program = execve(&file, ARGUMENTS).unwrap();
        let layout = program.layout();
        assert_eq!(
            (layout.auto_data_segment, layout.t_endseg, layout.begstack, layout.endbrk, layout.minstack),
            (auto, t_endseg, begstack, endbrk, 0x1000)
        );
        assert_eq!(layout.segments().map(|it| it.paras).collect::<Vec<_>>(), paras);
    }
}

/// The file with a word of the NE header changed.
fn with(change: impl FnOnce(&mut os2_ne::NeHeader)) -> Vec<u8> {
    let segments = [NewSegment::code(&CODE), NewSegment::data(&DATA)];
    Builder::new(&segments).header(change).to_vec().unwrap()
}

#[test]
fn refusals_with_errno() {
    use ElksRule as R;
    let none = NewSegment::data(&[]).min_alloc(256);
    let far_data = [NewSegment::code(&CODE), NewSegment::data(&DATA), none];
    let far_data = Builder::new(&far_data).to_vec().unwrap();
    let six: Vec<_> = (0..6).map(|_| NewSegment::data(&DATA)).collect();
    let six = Builder::new(&six).to_vec().unwrap();
    let long = vec![0xff; 50_000];
    let cut = Builder::new(&[NewSegment::code(&long), NewSegment::data(&DATA)]).to_vec().unwrap();
    let start = Image::parse(&cut).unwrap().segment(1).unwrap().offset as usize;
    let cut = cut[..start + 40_000].to_vec();
    let kind = |record: Relocation, at: usize, value: u8| {
        let relocations = [record];
        let segments = [NewSegment::code(&CODE).relocations(&relocations), NewSegment::data(&DATA)];
        let mut file = Builder::new(&segments).to_vec().unwrap();
        let end = usize::try_from(Image::parse(&file).unwrap().segment(1).unwrap().end()).unwrap();
        file[end + 2 + at] = value;
        file
    };
    let record = far_pointer(0, 2, 0, false);
    let sample = sample();
    let cases: Vec<(Vec<u8>, R, i32)> = vec![
        (vec![b'M'], R::Empty, 8),
        (vec![1, 3, 0, 0], R::NotMz, 8),
        (sample[..63].to_vec(), R::MzShort, 22),
        (sample[..127].to_vec(), R::HeaderShort, 22),
        (with(|ne| ne.magic = *b"LE"), R::NotNe, 22),
        (with(|ne| ne.target_os = 2), R::TargetSystem(System::Windows), 22),
        (with(|ne| ne.program_flags = 0x0a), R::ProgramFlags, 22),
        (with(|ne| ne.auto_data_segment = 0.into()), R::AutoSegment, 22),
        (with(|ne| ne.auto_data_segment = 3.into()), R::AutoSegment, 22),
        (with(|ne| ne.num_modules = 1.into()), R::Modules, 22),
        (with(|ne| ne.num_movable = 1.into()), R::Movable, 22),
        (with(|ne| ne.num_resources = 1.into()), R::Resources, 22),
        (six, R::TooManySegments, 7),
        (sample[..0x80 + 8].to_vec(), R::SegmentTableShort, 22),
        (far_data, R::NoBytes, 22),
        (with(|ne| ne.heap = 0xefc0.into()), R::AutoTooLarge, 7),
        (with(|ne| ne.cs = 3.into()), R::EntrySegment, 22),
        (cut, R::SegmentShort, 25_536),
        (sample[..sample.len() - 1].to_vec(), R::SegmentShort, 22),
        (kind(record, 0, 5), R::RelocationKind, 22),
        (kind(record, 0, 0x12), R::RelocationKind, 22),
        (kind(record, 1, 3), R::RelocationKind, 22),
    ];
    for (file, rule, number) in cases {
        let refusal = execve(&file, ARGUMENTS).expect_err(rule.code());
        assert_eq!((refusal.rule, refusal.returned()), (rule, number), "{refusal}");
        assert!(refusal.rule.errno() != Errno::Efbig && !codes(&file, &ARGUMENTS).1);
    }
    let unconfigured = Options { os2: false, ..ARGUMENTS };
    let refusal = execve(&sample, unconfigured).unwrap_err();
    assert_eq!((refusal.rule, refusal.rule.errno()), (R::NotConfigured, Errno::Enoexec));
}

#[test]
fn faults_that_the_kernel_does_not_see() {
    let seg = |code: NewSegment<'_>| Builder::new(&[code, NewSegment::data(&DATA)]).to_vec().unwrap();
    let relocated = |record: Relocation| {
        let records = [record];
        seg(NewSegment::code(&CODE).relocations(&records))
    };
    let twice = [far_pointer(0, 1, 0, false), far_pointer(3, 1, 0, false)];
    let to_data = [far_pointer(0, 2, 0, false)];
    let overlay = |change: fn(&mut os2_ne::SegmentEntry)| {
        use zerocopy::{FromBytes, IntoBytes};
        let mut file = with(|_| {});
        let place = &mut file[0x80..0x88];
        let mut entry = os2_ne::SegmentEntry::read_from_bytes(place).unwrap();
        change(&mut entry);
        place.copy_from_slice(entry.as_bytes());
        file
    };
    let zeros = [0; 8];
    let auto = |change: fn(NewSegment<'static>) -> NewSegment<'static>| {
        let segments = [NewSegment::code(&CODE), change(NewSegment::data(&DATA))];
        Builder::new(&segments).auto_data_segment(2).to_vec().unwrap()
    };
    let cases: Vec<(Vec<u8>, &str, bool)> = vec![
        (seg(NewSegment::code(&CODE).min_alloc(16)), "written_beyond_allocation", false),
        (seg(NewSegment::code(&CODE[..30]).min_alloc(20)), "file_larger_than_memory", true),
        (auto(|data| data.min_alloc(10)), "heap_on_data", false),
        (with(|ne| ne.heap = 0xf000.into()), "sizes_wrap", false),
        (with(|ne| (ne.heap, ne.stack) = (0xf000.into(), 0x0fd0.into())), "arguments_outside", false),
        (relocated(far_pointer(0, 9, 0, false)), "relocation_target", false),
        (relocated(far_pointer(0, 255, 0, false)), "relocation_target", false),
        (relocated(far_pointer(29, 1, 0, false)), "relocation_outside", false),
        (relocated(far_pointer(0xffff, 1, 0, false)), "relocation_outside", false),
        (with(|ne| ne.ip = 32.into()), "entry_outside", false),
        (with(|ne| ne.cs = 2.into()), "entry_in_data", true),
        (auto(|data| data.flags(0x0c00)), "auto_is_code", true),
        (with(|ne| ne.shift = 0.into()), "shift_zero", true),
        (with(|ne| ne.application_flags = 0x20), "link_errors", true),
        (with(|ne| ne.application_flags = 0x80), "library", true),
        (with(|ne| ne.program_flags = 0x42), "processor", true),
        (with(|ne| ne.ss = 1.into()), "other_stack", true),
        (with(|ne| ne.sp = 2.into()), "sp_ignored", true),
        (seg(NewSegment::code(&CODE).flags(0x0c08)), "iterated", true),
        (seg(NewSegment::code(&CODE).flags(0x2c00)), "wide", true),
        (seg(NewSegment::code(&CODE).relocations(&twice)), "relocations_overlap", true),
        (seg(NewSegment::code(&CODE).relocations(&to_data)), "data_segment_words", true),
        (overlay(|entry| entry.offset = 0.into()), "segment_on_headers", true),
        (overlay(|entry| entry.offset = (entry.offset.get() + 8).into()), "segments_overlap", true),
        (with(|ne| (ne.heap, ne.stack) = (0xf000.into(), 0x2000.into())), "no_heap", false),
    ];
    for (file, code, accepted) in cases {
        let (codes, is_accepted) = codes(&file, &ARGUMENTS);
        assert!(codes.contains(code), "{code} is not among {codes:?}");
        assert_eq!(is_accepted, accepted, "{code}: {codes:?}");
    }
    let chain = [far_pointer(0, 1, 0, false)];
    let file = seg(NewSegment::code(&zeros).relocations(&chain));
    assert_eq!(codes(&file, &ARGUMENTS), (BTreeSet::from(["chain"]), true));
    let beyond = [far_pointer(6, 1, 0, false)];
    let file = seg(NewSegment::code(&zeros).min_alloc(16).relocations(&beyond));
    assert_eq!(codes(&file, &ARGUMENTS), (BTreeSet::from(["relocation_beyond_bytes"]), true));
    let protected = Options { protected_mode: true, ..ARGUMENTS };
    assert_eq!(codes(&with(|_| {}), &protected), (BTreeSet::from(["protected_mode"]), true));
}

#[test]
fn segments_without_bytes_are_repaired() {
    let none = NewSegment::data(&[]).min_alloc(256);
    let segments = [NewSegment::code(&CODE), NewSegment::data(&DATA), none];
    let file = Builder::new(&segments).to_vec().unwrap();
    let repaired = repair(&file).unwrap();
    assert_eq!(repaired.segments, [(3, 2)]);
    let program = execve(&repaired.bytes, ARGUMENTS).unwrap();
    assert_eq!(program.layout().segment(3).unwrap().paras, 16);
    let full = [NewSegment::code(&CODE), NewSegment::data(&DATA), NewSegment::data(&[]).min_alloc(0)];
    let full = Builder::new(&full).to_vec().unwrap();
    assert_eq!(repair(&full).unwrap_err(), RepairError::Full64K(3));
}

#[test]
fn heap_and_stack_are_changed_in_place() {
    let mut file = sample();
    let change = Change { heap: Some(Heap::All), stack: Some(0x2000) };
    let (before, after) = change.apply_to_file(&mut file).unwrap();
    assert_eq!((before.heap(), before.stack()), (0x1000, 0x1000));
    assert_eq!((after.heap(), after.stack()), (0xffff, 0x2000));
    assert_eq!(Header::parse(&file).unwrap().heap(), 0xffff);
    let layout = *execve(&file, ARGUMENTS).unwrap().layout();
    assert_eq!((layout.data_len, layout.minstack), (0xfff0, 0x2000));
}

#[test]
fn relocated_words() {
    let mut memories = vec![vec![0xcc; 0x10000]; 3];
    let mut memory: Vec<_> =
        (1..).zip(&mut memories).map(|(number, bytes)| Memory { base: number * 0x1000, bytes }).collect();
    let mut file = sample();
    let data = Image::parse(&file).unwrap().segment(2).unwrap().offset as usize;
    file[data + 2..data + 4].copy_from_slice(&8_u16.to_le_bytes());
    elks::load(&file, ARGUMENTS, &mut memory).unwrap();
    assert_eq!(memories[0][1..5], [0, 0, 0, 0x30], "offset 0 of segment 3");
    assert_eq!(memories[1][2..6], [12, 0, 0, 0x20], "8 in the file and 4 in the record, of segment 2");
    assert_eq!(memories[1][18..70], [0; 52], "zeros up to min_alloc");
    assert_eq!(memories[1][70], 0xcc, "heap is left as it was");
}

#[test]
fn numbers_and_codes_are_unique() {
    let rows = NeRule::TABLE.iter().chain(ElksRule::TABLE);
    let numbers: BTreeSet<_> = rows.clone().map(|row| row.number).collect();
    assert_eq!(numbers.len(), NeRule::TABLE.len() + ElksRule::TABLE.len());
    assert!(numbers.iter().all(|number| (600..700).contains(number)));
}

/// Every pair of relocations around the middle and the end of a segment, where the checker changes its table, and one far
/// from both: each is reported that changes a byte which one before it changes.
#[test]
fn relocations_that_change_the_same_bytes_are_found_wherever_they_are() {
    let near = |middle: u16| (0..12).map(move |step| middle.wrapping_sub(6).wrapping_add(step));
    let starts: Vec<u16> = near(0).chain(near(0x8000)).chain([0x1234]).collect();
    let sources = [(Source::Segment, 2), (Source::FarPointer, 4)];
    for (&first, (one, one_width)) in starts.iter().flat_map(|start| sources.map(|source| (start, source))) {
        for (&second, (other, other_width)) in
            starts.iter().flat_map(|start| sources.map(|source| (start, source)))
        {
            let of = |source, source_offset| Relocation {
                source,
                additive: false,
                source_offset,
                target_segment: 1,
                target_offset: 0,
            };
            // The one in the middle is far from both, so that the second is not simply the last.
            let relocations = [of(one, first), of(Source::Segment, 0x4000), of(other, second)];
            let segments = [NewSegment::code(&CODE).relocations(&relocations), NewSegment::data(&DATA)];
            let file = Builder::new(&segments).to_vec().unwrap();
            let mut overlaps = Vec::new();
            check_bytes(&file, &ARGUMENTS, &mut |finding| {
                if finding.code() == "relocations_overlap" {
                    overlaps.push(finding.found());
                }
                ControlFlow::Continue(())
            });
            let bytes = |start: u16, width: u16| (0..width).map(move |byte| start.wrapping_add(byte));
            let shared =
                bytes(second, other_width).any(|byte| bytes(first, one_width).any(|own| own == byte));
            let expected: Vec<u64> = shared.then_some(second.into()).into_iter().collect();
            assert_eq!(overlaps, expected, "{one:?} at {first:#x}, {other:?} at {second:#x}");
        }
    }
}
