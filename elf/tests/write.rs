//! Files that were written, as the `object` crate reads them, and what is refused.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use execfmt_common::ByteOrder;
use execfmt_elf::{
    Contents, ElfFile, KeptSection, KeptSections, MOST_ALIGN, NewElf, NewSection, NewSegment, NewSymbol,
    Wanted, WriteError, elf,
};
use object::read::elf::{ElfFile32, FileHeader, SectionHeader};
use object::{Endianness, Object, ObjectSection, ObjectSegment, ObjectSymbol, SectionKind, SymbolKind};

const TEXT: &[u8] = &[0xb8, 0, 0, 0, 0, 0xf4];
const DATA: &[u8] = b"hello";

fn segments() -> [NewSegment<'static>; 2] {
    [
        NewSegment { address: 0x1010, bytes: TEXT, memory_size: 6, flags: elf::PF_R | elf::PF_X },
        NewSegment { address: 0x8000, bytes: DATA, memory_size: 0x100, flags: elf::PF_R | elf::PF_W },
    ]
}

fn sections() -> [NewSection<'static>; 4] {
    let loaded = |segment, offset, size| Contents::Loaded { segment, offset, size };
    let data = elf::SHF_ALLOC | elf::SHF_WRITE;
    let code = elf::SHF_ALLOC | elf::SHF_EXECINSTR;
    [
        NewSection { name: b".text", flags: code, contents: loaded(0, 0, 6) },
        NewSection { name: b".data", flags: data, contents: loaded(1, 0, 5) },
        NewSection { name: b".bss", flags: data, contents: loaded(1, 5, 0xfb) },
        NewSection { name: b".comment", flags: 0, contents: Contents::Bytes(b"made by a test") },
    ]
}

fn symbol(
    name: &'static [u8],
    value: u32,
    kind: u8,
    global: bool,
    section: Option<usize>,
) -> NewSymbol<'static> {
    NewSymbol { name, value, size: 1, kind, global, section }
}

#[test]
fn what_is_written_is_read_by_another_reader() {
    let (segments, sections) = (segments(), sections());
    let symbols = [
        symbol(b"_start", 0x1010, elf::STT_FUNC, true, Some(0)),
        symbol(b"greeting", 0x8000, elf::STT_OBJECT, false, Some(1)),
        symbol(b"LIMIT", 77, elf::STT_NOTYPE, true, None),
    ];
    for (byte_order, order) in [(ByteOrder::Little, Endianness::Little), (ByteOrder::Big, Endianness::Big)] {
        let new = NewElf {
            byte_order,
            machine: elf::EM_MIPS,
            flags: 0x1001,
            entry: 0x1010,
            align: 0x1000,
            segments: &segments,
            sections: &sections,
            symbols: &symbols,
            ..NewElf::default()
        };
        let bytes = new.write().unwrap();
        let file = ElfFile32::<Endianness>::parse(&*bytes).unwrap();
        let header = file.elf_header();
        assert_eq!((file.endian(), file.entry()), (order, 0x1010));
        assert_eq!((header.e_type.get(order), header.e_machine.get(order)), (elf::ET_EXEC, elf::EM_MIPS));
        assert_eq!(header.e_flags.get(order), 0x1001);
        let found: Vec<_> = file.segments().map(|s| (s.address(), s.size(), s.data().unwrap())).collect();
        assert_eq!(found, [(0x1010, 6, TEXT), (0x8000, 0x100, DATA)]);
        for segment in file.segments() {
            assert_eq!(segment.file_range().0 % 0x1000, segment.address() % 0x1000);
        }
        let found = |name| file.section_by_name(name).unwrap();
        assert_eq!((found(".text").kind(), found(".text").data()), (SectionKind::Text, Ok(TEXT)));
        assert_eq!((found(".data").address(), found(".data").data()), (0x8000, Ok(DATA)));
        assert_eq!((found(".bss").kind(), found(".bss").address()), (SectionKind::UninitializedData, 0x8005));
        assert_eq!(found(".bss").size(), 0xfb);
        assert_eq!(found(".comment").data(), Ok(&b"made by a test"[..]));
        // The null symbol and one local come before the globals.
        assert_eq!(found(".symtab").elf_section_header().sh_info.get(order), 2);
        let found: Vec<_> =
            file.symbols().map(|s| (s.name().unwrap(), s.address(), s.kind(), s.is_global())).collect();
        let wanted = [
            ("greeting", 0x8000, SymbolKind::Data, false),
            ("_start", 0x1010, SymbolKind::Text, true),
            ("LIMIT", 77, SymbolKind::Unknown, true),
        ];
        assert_eq!(found, wanted);
    }
}

#[test]
fn nothing_at_all_is_a_file_of_headers() {
    let bytes = NewElf::default().write().unwrap();
    let file = ElfFile32::<Endianness>::parse(&*bytes).unwrap();
    assert_eq!((file.segments().count(), file.symbols().count()), (0, 0));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (segments, sections) = (segments(), sections());
    let base = NewElf { segments: &segments, sections: &sections, ..NewElf::default() };
    assert!(base.write().is_ok());
    let highest = [NewSegment { address: 0xffff_ff00, ..segments[1] }];
    let most = vec![segments[0]; 0xff00 - 4];
    for segments in [&highest[..], &most] {
        let bytes = NewElf { segments, sections: &[], ..base }.write().unwrap();
        assert_eq!(ElfFile32::<Endianness>::parse(&*bytes).unwrap().segments().count(), segments.len());
    }
    let high = [NewSegment { address: 0xffff_ff01, ..segments[1] }];
    let short = [NewSegment { memory_size: 4, ..segments[1] }];
    let section = |segment, offset, size| {
        [NewSection { contents: Contents::Loaded { segment, offset, size }, ..sections[1] }]
    };
    let (missing, outside, across) = (section(2, 0, 1), section(1, 0xff, 2), section(1, 4, 2));
    let named = [NewSection { name: b"a\0b", ..sections[0] }];
    let lost = [symbol(b"x", 0, 0, true, Some(4))];
    let many = vec![segments[0]; 0xff00];
    for (what, new, error) in [
        ("align", NewElf { align: 3, ..base }, WriteError::Align(3)),
        ("no align", NewElf { align: 0, ..base }, WriteError::Align(0)),
        ("high", NewElf { segments: &high, sections: &[], ..base }, WriteError::Segment(0)),
        ("short", NewElf { segments: &short, sections: &[], ..base }, WriteError::Segment(0)),
        ("missing", NewElf { sections: &missing, ..base }, WriteError::Section(0)),
        ("outside", NewElf { sections: &outside, ..base }, WriteError::Section(0)),
        ("across", NewElf { sections: &across, ..base }, WriteError::Section(0)),
        ("name", NewElf { sections: &named, ..base }, WriteError::Name),
        ("lost", NewElf { symbols: &lost, ..base }, WriteError::Symbol(0)),
        ("many", NewElf { segments: &many, sections: &[], ..base }, WriteError::TooMany(0xff00)),
    ] {
        assert_eq!(new.write(), Err(error), "{what}");
    }
    // An alignment of 2 GiB puts the third segment beyond 32 bits. How much is known of the length then depends on the width
    // of the machine's words.
    let far = NewElf { align: 1 << 31, segments: &[segments[0]; 3], sections: &[], ..base };
    let refused = far.write();
    assert!(matches!(refused, Err(WriteError::TooLarge(0x1_0000_1000..=0x1_0000_1016))), "far: {refused:?}");
}

/// Segments that end at the last byte of 4 GiB, or just before it: only the tables after them are too much.
#[cfg(target_pointer_width = "64")]
#[test]
fn tables_count_towards_the_length() {
    for end in [0xffff_ffd0_u32, 0xffff_ffff] {
        let below = NewSegment { address: 0x8000_0000 - 6, ..segments()[0] };
        let last = NewSegment { address: end - 6, ..below };
        let far = NewElf { align: 1 << 31, segments: &[below, last], ..NewElf::default() };
        let refused = far.write();
        let Err(WriteError::TooLarge(bytes)) = refused else { panic!("{refused:?}") };
        assert!(bytes > 0xffff_ffff, "{bytes:#x}");
    }
}

#[test]
fn an_error_names_what_is_wrong() {
    for (error, words) in [
        (WriteError::TooLarge(1 << 32), "4294967296 bytes, but its fields count them in 32 bits"),
        (WriteError::TooMany(65281), "65281 segments or sections, but counts them in 16 bits"),
        (WriteError::Align(3), "3 is not a power of two"),
        (WriteError::Segment(7), "segment 7 is smaller in memory than in the file"),
        (WriteError::Section(8), "section 8 is not within its segment"),
        (WriteError::Symbol(9), "symbol 9 is in a section that does not exist"),
        (WriteError::Name, "cannot contain a NUL"),
    ] {
        let text = error.to_string();
        assert!(text.contains(words), "{text}");
    }
}

/// Type, flags, link, info, alignment and size of an entry of all sections.
fn numbers<E: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Vec<(u32, u64, u32, u32, u64, u64)> {
    let header = E::parse(bytes).unwrap();
    let order = header.endian().unwrap();
    let sections = header.section_headers(order, bytes).unwrap().iter();
    let numbers = sections.map(|s| {
        let [flags, align, entry] =
            [s.sh_flags(order), s.sh_addralign(order), s.sh_entsize(order)].map(Into::into);
        (s.sh_type(order), flags, s.sh_link(order), s.sh_info(order), align, entry)
    });
    numbers.collect()
}

/// Sections of a file are kept in a file of the same class and byte order, each aligned and with all its numbers.
#[test]
fn kept_sections_are_read_by_another_reader() {
    let sections = [
        KeptSection {
            name: b".debug_info",
            kind: elf::SHT_PROGBITS,
            align: 1,
            bytes: b"odd",
            ..Default::default()
        },
        KeptSection {
            name: b".note",
            kind: elf::SHT_PROGBITS,
            flags: 0x10,
            link: 1,
            info: 5,
            align: 8,
            entry_size: 24,
            bytes: &[7; 24],
        },
        KeptSection {
            name: b".far",
            kind: elf::SHT_PROGBITS,
            align: 4096,
            bytes: b"far",
            ..Default::default()
        },
    ];
    let order = |big| if big { Endianness::Big } else { Endianness::Little };
    for (wide, big) in [(false, false), (false, true), (true, false), (true, true)] {
        // A file of headers alone, written by the `object` crate.
        let mut like = Vec::new();
        let mut writer = object::write::elf::Writer::new(order(big), wide, &mut like);
        writer.reserve_file_header();
        let header = object::write::elf::FileHeader {
            os_abi: elf::ELFOSABI_NONE,
            abi_version: 3,
            e_type: elf::ET_EXEC,
            e_machine: elf::EM_MIPS,
            e_entry: 0x1234,
            e_flags: 0x7000_1001,
        };
        writer.write_file_header(&header).unwrap();
        let like = ElfFile::parse(&like, &Wanted::default()).unwrap();
        let bytes = KeptSections { like: &like, sections: &sections }.write();
        assert_eq!((bytes[4], bytes[5]), (if wide { 2 } else { 1 }, if big { 2 } else { 1 }));
        let file = object::File::parse(&*bytes).unwrap();
        assert_eq!((file.is_64(), file.is_little_endian(), file.entry()), (wide, !big, 0x1234));
        for section in &sections {
            let name = core::str::from_utf8(section.name).unwrap();
            let found = file.section_by_name(name).unwrap();
            assert_eq!((found.data(), found.align()), (Ok(section.bytes), section.align), "{name}");
            let (at, _) = found.file_range().unwrap();
            assert_eq!(at % section.align.min(MOST_ALIGN), 0, "{name} at {at:#x}");
        }
        let numbers = if wide {
            numbers::<object::elf::FileHeader64<Endianness>>(&bytes)
        } else {
            numbers::<object::elf::FileHeader32<Endianness>>(&bytes)
        };
        let written = sections.iter().map(|s| (s.kind, s.flags, s.link, s.info, s.align, s.entry_size));
        // Without the null section before them and the names after them.
        assert!(written.eq(numbers[1..4].iter().copied()), "{numbers:?}");
    }
}
