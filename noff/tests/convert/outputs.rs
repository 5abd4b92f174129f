//! Flat files, and NOFF files from NOFF files.

use noff::convert::{Executable, MAX_FLAT_SIZE, NoffOptions, Note};
use noff::{ByteOrder, Image, Layout, Options, SegmentKind};

use super::files::{ALLOC, EXEC, Part, WRITE, coff, converted, elf, expected_memory};

#[test]
fn flat_files_from_coff_are_back_to_back_and_padded_for_a_stack() {
    let parts: &[Part<'_>] =
        &[(".text", 0, 0x20, Ok(&[1; 16])), (".data", 32, 0x40, Ok(&[2; 16])), (".bss", 48, 0x80, Err(80))];
    let flat = Executable::read(&coff(parts)).unwrap().to_flat().unwrap();
    assert_eq!(flat.bytes, [vec![1; 16], vec![2; 16], vec![0; 48 + 80 + 1024 - 32]].concat());
    assert!(matches!(&flat.notes[..], [Note::NotContiguous { name, offset: 16, .. }] if name == ".data"));
    let parts: Vec<Part<'_>> =
        [EXEC, WRITE, WRITE].iter().zip(parts).map(|(f, p)| (p.0, p.1, ALLOC | f, p.3)).collect();
    let flat = Executable::read(&elf(&parts)).unwrap().to_flat().unwrap();
    let mut expected = expected_memory(&parts);
    expected.resize(expected.len() + 1024, 0);
    assert_eq!(flat.bytes, expected);
    let far = elf(&[(".text", 0, ALLOC | EXEC, Ok(&[1; 16])), (".bss", 0xf000_0000, ALLOC | WRITE, Err(4))]);
    let error = Executable::read(&far).unwrap().to_flat().unwrap_err().to_string();
    assert!(error.contains(".text (0x0..0x10) and .bss (0xf0000000..0xf0000004)"), "{error}");
}

#[test]
fn flat_files_have_a_longest() {
    let file = |bss: u32| coff(&[(".text", 0, 0x20, Ok(&[1; 16])), (".bss", 16, 0x80, Err(bss))]);
    let longest = MAX_FLAT_SIZE - 1024 - 16;
    let flat = Executable::read(&file(longest)).unwrap().to_flat().unwrap();
    assert_eq!(flat.bytes.len(), MAX_FLAT_SIZE as usize);
    assert!(Executable::read(&file(longest + 1)).unwrap().to_flat().is_err());
}

#[test]
fn segments_of_a_noff_are_taken_in_the_order_of_its_file() {
    let mut file = vec![0; 200];
    let builder = noff::Builder::new(Layout::Four, ByteOrder::Little)
        .init_data(64, &[2; 16])
        .code(0, &[1; 32])
        .readonly_data(32, &[3; 16])
        .uninit_data(80, 16);
    let written = builder.write_to(&mut file).unwrap();
    let image = Image::parse(&file[..written], Options::default()).unwrap();
    assert_eq!(image.segment_bytes(SegmentKind::UninitData), [0; 0]);
    let names: Vec<_> = Executable::from_image(&image).sections.iter().map(|s| s.name.clone()).collect();
    assert_eq!(names, ["initData", "code", "readonlyData", "uninitData"]);
}

#[test]
fn a_noff_changes_layout_and_byte_order_and_back() {
    let file = coff(&[
        (".text", 0, 0x20, Ok(&[1; 16])),
        (".rdata", 16, 0x100, Ok(&[2; 16])),
        (".data", 32, 0x40, Ok(&[3; 16])),
    ]);
    let four = Executable::read(&file)
        .unwrap()
        .to_noff(NoffOptions::new(Layout::Four, ByteOrder::Big))
        .unwrap()
        .bytes;
    let image = Image::parse(&four, Options::default()).unwrap();
    assert_eq!(image.program().header().byte_order, ByteOrder::Big);
    let three = Executable::from_image(&image)
        .to_noff(NoffOptions::new(Layout::Three, ByteOrder::Little))
        .unwrap()
        .bytes;
    let (_, memory, _) = converted(&file, Layout::Three).unwrap();
    let image = Image::parse(&three, Options::default()).unwrap();
    let mut loaded = vec![0; memory.len()];
    image.load_into(&mut loaded).unwrap();
    assert_eq!(loaded, memory);
}

#[test]
fn a_noff_keeps_the_order_of_its_file() {
    let file = coff(&[(".data", 16, 0x40, Ok(&[2; 16])), (".text", 0, 0x20, Ok(&[1; 16]))]);
    let (header, _, conversion) = converted(&file, Layout::Three).unwrap();
    assert_eq!(
        (header.init_data.in_file_addr, header.code.in_file_addr),
        (40, 56),
        "the order of the COFF file"
    );
    let image = Image::parse(&conversion.bytes, Options::default()).unwrap();
    let again =
        Executable::from_image(&image).to_noff(NoffOptions::new(Layout::Three, ByteOrder::Little)).unwrap();
    assert_eq!(again.bytes, conversion.bytes);
}

/// As `coff2flat` writes sections; of other files, by their addresses.
#[test]
fn flat_files_keep_the_order_of_a_coff_file_alone() {
    let data = |flags| (".data", 16, flags, Ok(&[2_u8; 16][..]));
    let text = |flags| (".text", 0, flags, Ok(&[1_u8; 16][..]));
    let flat = |file: &[u8]| Executable::read(file).unwrap().to_flat().unwrap().bytes[..32].to_vec();
    let (ones, twos) = ([1; 16], [2; 16]);
    assert_eq!(flat(&coff(&[data(0x40), text(0x20)])), [twos, ones].concat());
    assert_eq!(flat(&elf(&[data(ALLOC | WRITE), text(ALLOC | EXEC)])), [ones, twos].concat());
}

#[test]
fn options_change_where_asked() {
    let options = NoffOptions::new(Layout::Three, ByteOrder::Little);
    for layout in [None, Some(Layout::Three), Some(Layout::Four)] {
        for order in [None, Some(ByteOrder::Little), Some(ByteOrder::Big)] {
            let changed = options.with(layout, order);
            assert_eq!(changed.layout, layout.unwrap_or(Layout::Three));
            assert_eq!(changed.byte_order, order.unwrap_or(ByteOrder::Little));
        }
    }
}

#[test]
fn code_before_the_start_is_not_code_at_it() {
    // Zeros up to address 32, and one byte more.
    for (size, warned) in [(32, true), (33, false)] {
        let file = elf(&[(".text", 0, ALLOC | EXEC, Ok(&[0; 33][..size]))]);
        let mut options = NoffOptions::new(Layout::Three, ByteOrder::Little);
        options.start = 32;
        let notes = Executable::read(&file).unwrap().to_noff(options).unwrap().notes;
        assert_eq!(notes.contains(&Note::NoCodeAtStart { start: 32 }), warned, "{notes:?}");
    }
}
