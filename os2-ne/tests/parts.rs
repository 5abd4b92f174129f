//! What the parts of the crate answer by themselves: systems, fields, segments, relocations, memory, errors.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

mod support;

use std::collections::BTreeSet;
use std::error::Error;

use execfmt_common::{BufferTooSmall, Detail, Expected};
use os2_ne::chmem::{Heap, MemoryAsked, write_header};
use os2_ne::{
    BuildError, Builder, Image, NeField, NeFinding, NewSegment, Options, Relocation, RelocationRecord,
    RepairError, Source, System, repair, segment_flags,
};
use support::reported;
use zerocopy::{FromBytes, IntoBytes};

/// Two segments of code, the first with two relocations, and data; the new header and the segment table are in front of them.
fn sample() -> Vec<u8> {
    let relocations = [far(4, 3, 2, true), word(0, 3)];
    let segments = [
        NewSegment::code(&[0x90; 16]).relocations(&relocations),
        NewSegment::code(&[0x90; 6]).min_alloc(32),
        NewSegment::data(&[1; 10]).min_alloc(64),
    ];
    Builder::new(&segments).to_vec().unwrap()
}

fn far(source_offset: u16, target_segment: u8, target_offset: u16, additive: bool) -> Relocation {
    Relocation { source: Source::FarPointer, additive, source_offset, target_segment, target_offset }
}

fn word(source_offset: u16, target_segment: u8) -> Relocation {
    Relocation { source: Source::Segment, additive: false, source_offset, target_segment, target_offset: 0 }
}

#[test]
fn systems_by_number_and_by_what_they_require() {
    let table = [
        (0, System::Unknown, "an unspecified system"),
        (1, System::Os2, "OS/2"),
        (2, System::Windows, "16-bit Windows"),
        (3, System::Dos4, "DOS 4"),
        (4, System::Windows386, "Windows in 386 mode"),
        (0x100, System::Elks, "ELKS"),
        (9, System::Other(9), "the unknown system 9"),
    ];
    for (number, system, name) in table {
        assert_eq!((system.number(), System::from_number(number)), (number, Some(system)));
        assert_eq!(system.to_string(), name);
    }
    assert_eq!(System::from_number(0x101), None);
    let header = *Image::parse(&sample()).unwrap().header();
    assert_eq!(System::of(&header), System::Elks);
    for (number, system, _) in table.into_iter().filter(|(number, ..)| *number < 0x100) {
        let mut other = header;
        other.ne.target_os = u8::try_from(number).unwrap();
        let expected = if system == System::Os2 { System::Elks } else { system };
        assert_eq!(System::of(&other), expected);
    }
    // Modules, movable entries or resources are the tables of OS/2, each alone.
    for change in [
        |ne: &mut os2_ne::NeHeader| ne.num_modules.set(1),
        |ne: &mut os2_ne::NeHeader| ne.num_movable.set(1),
        |ne: &mut os2_ne::NeHeader| ne.num_resources.set(1),
    ] {
        let mut other = header;
        change(&mut other.ne);
        assert_eq!(System::of(&other), System::Os2);
    }
}

#[test]
fn fields_have_a_place_and_a_name() {
    // Offsets in the headers, by the layout that OS/2 documents.
    for (field, offset, name) in [
        (NeField::FileLength, 0, "file length"),
        (NeField::Mz("e_lfanew"), 60, "e_lfanew"),
        (NeField::Header("heap"), 16, "heap"),
        (NeField::Header("target_os"), 54, "target_os"),
        (NeField::Segment(3, "min_alloc"), 6, "segment 3 min_alloc"),
        (NeField::RelocationCount(3), 0, "segment 3 relocation count"),
        (NeField::Relocation(2, "target_segment"), 4, "segment 2 relocation target_segment"),
    ] {
        assert_eq!((field.offset_in_record(), field.to_string()), (offset, name.to_string()));
    }
}

#[test]
fn segments_are_where_the_table_says() {
    let file = sample();
    let image = Image::parse(&file).unwrap();
    let header = image.header();
    let table = header.segment_table_offset();
    // The table follows the header of 64 bytes.
    assert_eq!(u64::from(table), u64::from(header.position) + 64);
    for (number, offset) in [(1, 0), (2, 8), (3, 16)] {
        assert_eq!(header.entry_offset(number), u64::from(table) + offset);
        let entry = &file[header.entry_offset(number) as usize..][..8];
        let half = |at: usize| u16::from_le_bytes([entry[at], entry[at + 1]]);
        let segment = image.segment(number).unwrap();
        assert_eq!((segment.number, segment.entry_offset), (number, header.entry_offset(number)));
        assert_eq!((segment.size(), segment.flags(), segment.min_alloc()), (half(2), half(4), half(6)));
        assert_eq!(u32::from(half(0)) << header.shift(), segment.offset);
        assert_eq!(segment.end(), u64::from(segment.offset) + u64::from(segment.size()));
        assert_eq!((segment.has_relocations(), segment.is_data()), (number == 1, number == 3));
    }
    assert!(image.segment(0).is_none() && image.segment(4).is_none());
    let sizes: Vec<_> = image.segments().map(|segment| (segment.size(), segment.min_alloc())).collect();
    assert_eq!(sizes, [(16, 16), (6, 32), (10, 64)]);
}

#[test]
fn relocations_are_counted_and_placed() {
    let file = sample();
    let segment = Image::parse(&file).unwrap().segment(1).unwrap();
    let mut relocations = segment.relocations();
    let table = segment.end();
    // The count comes before the records of 8 bytes.
    for (left, offset, expected) in [(2, 2, far(4, 3, 2, true)), (1, 10, word(0, 3))] {
        assert_eq!((relocations.left(), relocations.offset()), (left, table + offset));
        assert_eq!(relocations.size_hint(), (0, Some(usize::from(left) + 1)));
        let (at, record) = relocations.next().unwrap().unwrap();
        assert_eq!((at, record.known()), (table + offset, Ok(expected)));
        assert_eq!(RelocationRecord::from(expected).as_bytes(), record.as_bytes());
    }
    assert_eq!((relocations.left(), relocations.size_hint()), (0, (0, Some(1))));
    assert!(relocations.next().is_none());
    let none = Image::parse(&file).unwrap().segment(2).unwrap().relocations();
    assert_eq!((none.left(), none.size_hint()), (0, (0, Some(1))));
}

#[test]
fn relocations_that_elks_supports() {
    let record = |source_type: u8, flags: u8| {
        RelocationRecord::read_from_bytes(&[source_type, flags, 0x34, 0x12, 5, 0, 0x78, 0x56]).unwrap()
    };
    let known = |source, additive, target_offset| Relocation {
        source,
        additive,
        source_offset: 0x1234,
        target_segment: 5,
        target_offset,
    };
    assert_eq!(record(2, 0).known(), Ok(known(Source::Segment, false, 0x5678)));
    assert_eq!(record(3, 0).known(), Ok(known(Source::FarPointer, false, 0x5678)));
    assert_eq!(record(3, 4).known(), Ok(known(Source::FarPointer, true, 0x5678)));
    // Other bits of the flags have no meaning for ELKS.
    assert_eq!(record(3, 0x84).known(), Ok(known(Source::FarPointer, true, 0x5678)));
    for (source_type, flags, field, expected) in [
        (2, 4, "flags", Expected::Exactly(0)),
        (2, 0x85, "flags", Expected::Exactly(0x84)),
        (3, 1, "flags", Expected::Exactly(0)),
        (3, 7, "flags", Expected::Exactly(4)),
        (5, 0, "source_type", Expected::Either(2, 3)),
    ] {
        let value = if field == "flags" { flags } else { source_type };
        assert_eq!(record(source_type, flags).known(), Err((field, value, expected)));
    }
    assert_eq!((Source::Segment.width(), Source::FarPointer.width()), (2, 4));
    assert_eq!((Source::Segment.number(), Source::FarPointer.number()), (2, 3));
    for (relocation, words) in [
        (word(0x10, 3), "0010: segment 3"),
        (far(0x10, 3, 2, false), "0010: far pointer to segment 3:0002"),
        (far(0x10, 3, 2, true), "0010: far pointer to segment 3:0002 added to"),
    ] {
        assert_eq!(relocation.to_string(), words);
    }
}

#[test]
fn a_table_without_records_is_kept_where_the_file_has_one() {
    let segments = [
        NewSegment::code(&[0x90; 16]).flags(segment_flags::LEVEL | segment_flags::RELOCATIONS),
        NewSegment::data(&[1; 2]),
    ];
    // A new segment without relocations has no table, whatever its flags are.
    let plain = Builder::new(&segments).to_vec().unwrap();
    let image = Image::parse(&plain).unwrap();
    assert!(!image.segment(1).unwrap().has_relocations());
    // In a file, the flag and a count of 0 make an empty table, which stays.
    let mut file = sample();
    let at = Image::parse(&file).unwrap().segment(1).unwrap().end() as usize;
    file[at] = 0;
    let image = Image::parse(&file).unwrap();
    let kept: Vec<_> = image.segments().map(|segment| NewSegment::from_segment(&segment)).collect();
    let again = Builder::from_image(&image, &kept).to_vec().unwrap();
    let segment = Image::parse(&again).unwrap().segment(1).unwrap();
    assert!(segment.has_relocations());
    assert_eq!(segment.relocations().left(), 0);
    let end = segment.end() as usize;
    assert_eq!(again[end..end + 2], [0, 0]);
}

#[test]
fn memory_that_a_program_asks_for() {
    for (heap, word, bytes) in
        [(Heap::Default, 0, Some(4096)), (Heap::Bytes(100), 100, Some(100)), (Heap::All, 0xffff, None)]
    {
        assert_eq!((heap.word(), heap.bytes(), Heap::from_word(word)), (word, bytes, heap));
    }
    let mut header = *Image::parse(&sample()).unwrap().header();
    for (word, stack) in [(0, 4096), (1, 1), (4096, 4096), (0xffff, 0xffff)] {
        header.ne.stack.set(word);
        assert_eq!(MemoryAsked::of(&header).stack, stack);
    }
    let mut place = [0xa5; 65];
    write_header(&header, &mut place).unwrap();
    assert_eq!((&place[..64], place[64]), (header.ne.as_bytes(), 0xa5));
    let refused = write_header(&header, &mut place[..63]);
    assert_eq!(refused, Err(BufferTooSmall { needed: 64, given: 63 }));
}

#[test]
fn errors_say_what_is_too_much() {
    let size = BufferTooSmall { needed: 9, given: 8 };
    for (error, words) in [
        (BuildError::TooManySegments(8185), "8185, but the maximum is 8184"),
        (BuildError::SegmentTooLong(2, 65536), "segment 2 has 65536 bytes, but the maximum is 65535"),
        (BuildError::TooManyRelocations(3, 65536), "segment 3 has 65536 relocations"),
        (BuildError::ShiftTooSmall(4), "that a shift of 4 can express"),
        (BuildError::ShiftTooLarge(16), "a shift of 16 is larger than 15"),
        (BuildError::BufferTooSmall(size), "9"),
    ] {
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.source().is_some(), matches!(error, BuildError::BufferTooSmall(_)), "{error}");
    }
    let most = vec![NewSegment::data(&[]).min_alloc(2); 8184];
    assert!(Builder::new(&most).to_vec().is_ok());
    let more = [&most[..], &most[..1]].concat();
    assert_eq!(Builder::new(&more).to_vec().err(), Some(BuildError::TooManySegments(8185)));
}

#[test]
fn what_cannot_be_repaired() {
    let finding = |file: &[u8]| -> NeFinding { Image::parse(file).unwrap_err() };
    let unreadable = repair(b"no file").unwrap_err();
    assert_eq!(unreadable.to_string(), finding(b"no file").to_string());
    assert!(unreadable.source().is_some());
    // 64 KiB: neither a size in the file nor one in memory.
    let full =
        Builder::new(&[NewSegment::code(&[]).min_alloc(0), NewSegment::data(&[1; 2])]).to_vec().unwrap();
    let error = repair(&full).unwrap_err();
    assert!(matches!(error, RepairError::Full64K(1)) && error.source().is_none());
    assert!(error.to_string().contains("segment 1 has 65536 bytes"), "{error}");
    let error = RepairError::Build(BuildError::ShiftTooLarge(16));
    assert!(error.to_string().contains("a shift of 16") && error.source().is_some());
    // Segments with bytes stay as they are; one byte of memory gets one byte of the file.
    let small = [
        NewSegment::code(&[0x90; 4]),
        NewSegment::data(&[]).min_alloc(1),
        NewSegment::data(&[]).min_alloc(9),
    ];
    let repaired = repair(&Builder::new(&small).to_vec().unwrap()).unwrap();
    assert_eq!(repaired.segments, [(2, 1), (3, 2)]);
    let sizes: Vec<_> =
        Image::parse(&repaired.bytes).unwrap().segments().map(|s| (s.size(), s.min_alloc())).collect();
    assert_eq!(sizes, [(4, 4), (1, 1), (2, 9)]);
}

/// Each segment at each place of the file: what is shared is found by its single bytes.
#[test]
fn segments_on_headers_and_on_each_other_are_reported() {
    let file = sample();
    let image = Image::parse(&file).unwrap();
    let header = image.header();
    let (table, position) = (header.segment_table_offset(), header.position);
    let headers = [(0, 64), (position, position + 64), (table, table + 3 * 8)];
    let sectors = (file.len() >> header.shift()) as u16;
    let mut reports = [0; 2];
    for (number, sector) in
        [1, 2, 3].into_iter().flat_map(|number| (0..sectors).map(move |sector| (number, sector)))
    {
        let entry = header.entry_offset(number);
        let mut moved = file.clone();
        moved[entry as usize..][..2].copy_from_slice(&sector.to_le_bytes());
        let image = Image::parse(&moved).unwrap();
        let segment = image.segment(number).unwrap();
        if segment.end() > moved.len() as u64 {
            continue;
        }
        let bytes = |from: u32, to: u64| (u64::from(from)..to).collect::<BTreeSet<u64>>();
        let own = bytes(segment.offset, segment.end());
        let shares = |other: &BTreeSet<u64>| !own.is_disjoint(other);
        // Of several headers the last is named.
        let below = headers.iter().rfind(|&&(from, to)| shares(&bytes(from, to.into())));
        let on_headers = below.map(|&(_, to)| Expected::AtLeast(to.into()));
        let earlier = (1..number).map(|number| image.segment(number).unwrap());
        let other = earlier.into_iter().find(|other| shares(&bytes(other.offset, other.end())));
        let on_other = other.map(|other| Expected::AtLeast(other.end()));
        let list = reported(&moved, &Options::default());
        let of = |code: &str| list.iter().find(|it| (it.0, it.1) == (code, entry)).map(|it| it.3);
        assert_eq!(of("segment_on_headers"), on_headers, "segment {number} at {sector}");
        assert_eq!(of("segments_overlap"), on_other, "segment {number} at {sector}");
        reports[0] += usize::from(on_headers.is_some());
        reports[1] += usize::from(on_other.is_some());
    }
    assert!(reports[0] > 10 && reports[1] > 2, "{reports:?}");
}

/// In a record, byte 4 is the number of the segment referred to.
#[test]
fn targets_are_segments_of_the_file() {
    let file = sample();
    let end = Image::parse(&file).unwrap().segment(1).unwrap().end();
    for (target, expected) in [
        (0, Some(Expected::AtLeast(1))),
        (1, None),
        (3, None),
        (4, Some(Expected::AtMost(3))),
        (255, Some(Expected::AtMost(3))),
    ] {
        let mut file = file.clone();
        file[end as usize + 2 + 4] = target;
        let list = reported(&file, &Options::default());
        let found = list.iter().find(|it| it.0 == "relocation_target").map(|it| it.3);
        assert_eq!(found, expected, "{target}: {list:?}");
    }
}
