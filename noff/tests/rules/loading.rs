//! Pages, and the memory that a program is loaded into.

use SegmentKind::{Code, InitData, ReadonlyData, UninitData};
use noff::{
    Builder, ByteOrder, Header, Image, Layout, LoadError, Options, PageSize, Program, SegmentKind, Strictness,
};

use super::segment;

#[test]
fn pages_know_their_segments() {
    let mut header = Header::empty(Layout::Four, ByteOrder::Little);
    header.code = segment(0, 52, 300);
    header.readonly_data = segment(300, 352, 212);
    header.init_data = segment(520, 564, 100);
    header.uninit_data = segment(620, 0, 20);
    let program = Program::new(header, 664, Strictness::Errors).unwrap();
    let table: &[(u32, bool, &[SegmentKind], &[(u32, u32, u32)])] = &[
        (0, true, &[Code], &[(0, 52, 128)]),
        // Code and constants share page 2 and fill it, so it is read-only.
        (2, true, &[Code, ReadonlyData], &[(0, 308, 44), (44, 352, 84)]),
        (3, true, &[ReadonlyData], &[(0, 436, 128)]),
        (4, false, &[InitData, UninitData], &[(8, 564, 100)]),
        (5, false, &[], &[]),
        (u32::MAX, false, &[], &[]),
    ];
    for &(vpn, read_only, segments, pieces) in table {
        let page = program.page(vpn, PageSize::NACHOS);
        assert_eq!(page.is_read_only(), read_only, "page {vpn}");
        let mut kinds: Vec<_> = page.segments().collect();
        kinds.sort_by_key(|kind| header.segment(*kind).virtual_addr);
        assert_eq!(kinds, segments, "page {vpn}");
        let mut seen: Vec<_> = page.pieces().map(|p| (p.offset_in_page, p.file_offset, p.length)).collect();
        seen.sort_unstable();
        assert_eq!(seen, pieces, "page {vpn}");
    }
}

/// Segments of which a page has one byte: its first, its last, and the only one that there is.
#[test]
fn a_piece_of_one_byte_is_loaded() {
    let bytes: Vec<u8> = (1..=0xff).collect();
    for (address, size) in [(0, 129), (127, 130), (255, 1), (256, 1), (127, 2), (383, 1)] {
        let code = &bytes[..size];
        for kind in [Code, InitData, ReadonlyData] {
            let builder = Builder::new(Layout::Four, ByteOrder::Little);
            let at = address as u32;
            let builder = match kind {
                Code => builder.code(at, code),
                InitData => builder.init_data(at, code),
                _ => builder.readonly_data(at, code),
            };
            let mut file = [0; 400];
            let written = builder.write_to(&mut file).unwrap();
            let image = Image::parse(&file[..written], Options::default()).unwrap();
            let mut expected = [0; 512];
            expected[address..address + size].copy_from_slice(code);
            for (vpn, page) in (0..).zip(expected.chunks(128)) {
                let mut frame = [0xa5; 128];
                image.read_page(vpn, &mut frame).unwrap();
                assert_eq!(frame, page, "page {vpn} of {size} bytes of {kind} at {address}");
            }
            let mut memory = [0xa5; 512];
            image.load_into(&mut memory).unwrap();
            assert_eq!(memory[..address + size], expected[..address + size]);
        }
    }
}

#[test]
fn what_cannot_be_loaded_is_not_touched() {
    let mut file = [0; 60];
    let written =
        Builder::new(Layout::Three, ByteOrder::Little).code(0, &[9; 16]).write_to(&mut file).unwrap();
    let image = Image::parse(&file[..written], Options::default()).unwrap();
    let mut memory = [0xa5; 15];
    let error = image.load_into(&mut memory).unwrap_err();
    assert!(
        matches!(error, LoadError::MemoryTooSmall(size) if size.needed == 16 && size.given == 15),
        "{error}"
    );
    assert_eq!(memory, [0xa5; 15]);
    assert_eq!(image.read_page(0, &mut memory), Err(LoadError::PageSize(15)));
    assert_eq!(memory, [0xa5; 15]);
    let mut memory = [0xa5; 20];
    image.load_into(&mut memory).unwrap();
    assert_eq!(memory[14..], [9, 9, 0, 0, 0, 0]);
    let failed = image.program().load_with(&mut memory, |_, _| Err("disk"));
    assert_eq!(failed, Err(LoadError::Read("disk")));
}
