//! What the parts of the crate answer by themselves: layouts, segments, pages and profiles.

use execfmt_common::Detail;
use noff::{Faults, Format, Header, Layout, NACHOS3, PROFILES, PageSize, Program, SegmentKind, Strictness};

use super::{codes, plain, segment};

#[test]
fn layouts_by_their_number_of_segments() {
    let known: Vec<_> = (0..6).map(Layout::from_segment_count).collect();
    assert_eq!(known, [None, None, None, Some(Layout::Three), Some(Layout::Four), None]);
}

#[test]
fn kinds_by_number() {
    for (number, kind) in (0..).zip(SegmentKind::ALL) {
        assert_eq!((kind.number(), SegmentKind::from_number(number)), (number, Some(kind)));
    }
    assert_eq!(SegmentKind::from_number(4), None);
}

#[test]
fn a_segments_end_in_the_file_is_counted_in_64_bits() {
    for (at, size, end) in [(40, 64, 104_u64), (0, 0, 0), (0xffff_ffff, 0xffff_ffff, 0x1_ffff_fffe)] {
        assert_eq!(segment(0, at, size).file_end(), end);
    }
}

/// A segment that extends past 32-bit addresses is reported as such, not as one that overlaps the others as well.
#[test]
fn only_segments_with_addresses_overlap() {
    for (code, data) in
        [(segment(0xffff_fff0, 40, 32), 0xffff_fff8), (segment(0xffff_fff0, 40, 8), 0xffff_fff4)]
    {
        let mut header = Header::empty(Layout::Three, noff::ByteOrder::Little);
        (header.code, header.init_data) = (code, segment(data, 72, 16));
        let found = codes(&header, 88);
        assert!(found.contains(&"address_overflow") && !found.contains(&"segments_overlap"), "{found:?}");
    }
}

/// Pages of 16 bytes of a program with 24 bytes of code, 8 of data and 24 of bss: each with its address, its segments and
/// what is from the file.
#[test]
fn pages_say_what_is_in_them() {
    let mut header = plain();
    header.code = segment(0, 40, 24);
    header.init_data = segment(24, 64, 8);
    header.uninit_data = segment(32, 0, 24);
    let program = Program::new(header, 72, Strictness::Errors).unwrap();
    let size = PageSize::new(16).unwrap();
    let (code, data, bss) = (SegmentKind::Code, SegmentKind::InitData, SegmentKind::UninitData);
    let wanted: [(u64, &[SegmentKind], bool, bool, &[(u32, u32, u32)]); 4] = [
        (0, &[code], false, true, &[(0, 40, 16)]),
        (16, &[code, data], true, false, &[(0, 56, 8), (8, 64, 8)]),
        (32, &[bss], false, false, &[]),
        (48, &[bss], false, false, &[]),
    ];
    assert_eq!(program.pages(size, 0).count(), wanted.len());
    for (page, (address, segments, shared, read_only, pieces)) in program.pages(size, 0).zip(wanted) {
        let found: Vec<_> = page.segments().collect();
        assert_eq!((page.address(), &found[..], page.is_shared()), (address, segments, shared));
        assert_eq!(page.is_read_only(), read_only, "{address}");
        let found: Vec<_> =
            page.pieces().map(|piece| (piece.offset_in_page, piece.file_offset, piece.length)).collect();
        assert_eq!(found, pieces, "{address}");
    }
    // Of the last two, only the second one is not full.
    let runs: Vec<_> = program.page_runs(size, 0).map(|run| (run.first, run.last)).collect();
    assert_eq!(runs, [(0, 0), (1, 1), (2, 2), (3, 3)]);
    // Without an edge in them, pages of one segment are one run, and so are those of the stack.
    header.uninit_data.size = 96;
    let program = Program::new(header, 72, Strictness::Errors).unwrap();
    let runs: Vec<_> = program.page_runs(size, 64).map(|run| (run.first, run.last)).collect();
    assert_eq!(runs, [(0, 0), (1, 1), (2, 2), (3, 6), (7, 7), (8, 11)]);
}

/// A page that two segments fill from the file, the later one in the header first in memory, has zeros between them only.
#[test]
fn a_page_is_filled_whatever_the_order_of_its_segments() {
    let mut header = plain();
    header.code = segment(10, 40, 6);
    header.init_data = segment(0, 46, 4);
    header.uninit_data = segment(4, 0, 2);
    let program = Program::new(header, 50, Strictness::Errors).unwrap();
    let mut memory = [0xa5; 16];
    let read = |at: u32, place: &mut [u8]| {
        for (byte, at) in place.iter_mut().zip(at..) {
            *byte = at as u8;
        }
        Ok::<(), ()>(())
    };
    program.load_page_with(0, &mut memory, read).unwrap();
    assert_eq!(memory, [46, 47, 48, 49, 0, 0, 0, 0, 0, 0, 40, 41, 42, 43, 44, 45]);
}

/// The families, by what their kernels' sources say.
#[test]
fn profiles_are_as_their_kernels() {
    type Row<'a> = (&'a str, Option<Layout>, u32, Option<u32>, u32, bool, [bool; 3], &'a [(&'a str, u32)]);
    let (three, four) = (Some(Layout::Three), Some(Layout::Four));
    let shifts = [true, false, false];
    let table: &[Row<'_>] = &[
        ("nachos3", three, 128, Some(32), 1024, false, [true, true, false], &[("yield", 10), ("open", 5)]),
        ("nachos4-rdata", four, 128, Some(128), 1024, false, shifts, &[("add", 42), ("remove", 5)]),
        ("bordeaux", three, 128, Some(64), 1024, false, [false; 3], &[("yield", 10)]),
        ("rosario", three, 128, Some(16), 1024, true, shifts, &[("create", 10), ("ps", 16)]),
        ("rosario-eager", three, 128, Some(16), 1024, false, shifts, &[("create", 10)]),
        ("jnachos", three, 128, None, 1024, false, shifts, &[("yield", 10)]),
        ("nachos5j", None, 1024, Some(64), 8192, false, [false, false, true], &[("creat", 4), ("unlink", 9)]),
    ];
    assert_eq!(table.len(), PROFILES.len());
    for (profile, (name, layout, page, frames, stack, swaps, faults, calls)) in PROFILES.iter().zip(table) {
        let found = match profile.format {
            Format::Noff { layout } => Some(layout),
            _ => None,
        };
        assert_eq!((profile.name, found, profile.page_size.bytes()), (*name, *layout, *page));
        assert_eq!((profile.frames, profile.stack_size), (*frames, *stack), "{name}");
        assert_eq!(profile.demand_paging, *swaps, "{name}");
        let Faults { signed_shifts, first_or, unsigned_immediates, .. } = profile.faults;
        assert_eq!([signed_shifts, first_or, unsigned_immediates], *faults, "{name}");
        for &(call, number) in *calls {
            let found = profile.system_calls.iter().find(|known| known.name == call);
            assert_eq!(found.map(|known| known.number), Some(number), "{call} of {name}");
        }
        // Each family is described in its own words.
        let same = PROFILES.iter().filter(|other| other.kernels == profile.kernels).count();
        assert_eq!(same, 1, "{}", profile.kernels);
    }
    assert_eq!(NACHOS3.lowest_address(), 0);
    assert_eq!(noff::BORDEAUX.lowest_address(), 128);
}
