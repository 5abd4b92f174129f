//! What is read of a file of either class and byte order, compared with the `object` crate; and where each defect is.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, clippy::panic)]
#![allow(clippy::cast_possible_truncation)]

use std::mem::{offset_of, size_of};

use execfmt_common::{ByteOrder, Expected};
use execfmt_elf::{Class, Defect, DefectKind, ElfFile, Layout, Record, Wanted, elf};
use object::Endianness;
use object::elf as abi;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader, Sym};

const LAYOUTS: [Layout; 4] = [
    Layout { class: Class::Elf32, byte_order: ByteOrder::Little },
    Layout { class: Class::Elf32, byte_order: ByteOrder::Big },
    Layout { class: Class::Elf64, byte_order: ByteOrder::Little },
    Layout { class: Class::Elf64, byte_order: ByteOrder::Big },
];

/// Sets a field of a record at `start`, by its name.
fn put(file: &mut [u8], layout: Layout, record: Record, start: usize, field: &str, value: u64) {
    let field = record.fields(layout.class).iter().find(|known| known.name == field).unwrap();
    let place = &mut file[start + field.offset..][..field.size];
    match layout.byte_order {
        ByteOrder::Little => place.copy_from_slice(&value.to_le_bytes()[..field.size]),
        ByteOrder::Big => place.copy_from_slice(&value.to_be_bytes()[8 - field.size..]),
    }
}

const NAMES: &[u8] = b"\0.text\0.symtab\0.strtab\0.rel\0.shstrtab\0start\0";
const CODE: &[u8] = b"code";

/// Where the parts of [`file`] begin.
struct Parts {
    segment: usize,
    names: usize,
    symbols: usize,
    sections: usize,
}

/// A file with a segment, code, two symbols, a relocation, and one table for all names: sections null, `.text`,
/// `.symtab`, `.shstrtab`, `.rel`.
fn file(layout: Layout) -> (Vec<u8>, Parts) {
    let size = |record: Record| record.size(layout.class);
    let segment = size(Record::File);
    let names = segment + size(Record::Segment);
    let code = names + NAMES.len();
    let symbols = code + CODE.len();
    let relocation = symbols + 2 * size(Record::Symbol);
    let sections = relocation + size(Record::Relocation);
    let mut file = vec![0; sections + 5 * size(Record::Section)];
    file[names..][..NAMES.len()].copy_from_slice(NAMES);
    file[code..][..CODE.len()].copy_from_slice(CODE);
    let wide = u64::from(layout.class == Class::Elf64);
    file[..4].copy_from_slice(b"\x7fELF");
    let header = [
        ("EI_CLASS", 1 + wide),
        ("EI_DATA", if layout.byte_order == ByteOrder::Little { 1 } else { 2 }),
        ("EI_VERSION", 1),
        ("e_type", 2),
        ("e_machine", 8),
        ("e_version", 1),
        ("e_entry", 0x1001),
        ("e_phoff", segment as u64),
        ("e_shoff", sections as u64),
        ("e_flags", 0x1234_5678),
        ("e_phentsize", size(Record::Segment) as u64),
        ("e_phnum", 1),
        ("e_shentsize", size(Record::Section) as u64),
        ("e_shnum", 5),
        ("e_shstrndx", 3),
    ];
    for (field, value) in header {
        put(&mut file, layout, Record::File, 0, field, value);
    }
    let header = [
        ("p_type", 1),
        ("p_flags", 5),
        ("p_offset", code as u64),
        ("p_vaddr", 0x1000),
        ("p_filesz", CODE.len() as u64),
        ("p_memsz", 0x20),
    ];
    for (field, value) in header {
        put(&mut file, layout, Record::Segment, segment, field, value);
    }
    let symbol = symbols + size(Record::Symbol);
    for (field, value) in
        [("st_name", 38), ("st_value", 0x1001), ("st_size", 3), ("st_info", 0x12), ("st_shndx", 1)]
    {
        put(&mut file, layout, Record::Symbol, symbol, field, value);
    }
    for (field, value) in [("r_offset", 0x1002), ("r_info", 0x130)] {
        put(&mut file, layout, Record::Relocation, relocation, field, value);
    }
    // Name, type, flags, address, offset, size, link, info.
    let headers = [
        [1, 1, 6, 0x1000, code, CODE.len(), 0, 0],
        [7, 2, 0, 0, symbols, 2 * size(Record::Symbol), 3, 1],
        [28, 3, 0, 0, names, NAMES.len(), 0, 0],
        [23, 9, 0, 0, relocation, size(Record::Relocation), 2, 0],
    ];
    let fields = ["sh_name", "sh_type", "sh_flags", "sh_addr", "sh_offset", "sh_size", "sh_link", "sh_info"];
    for (index, values) in headers.into_iter().enumerate() {
        let start = sections + (index + 1) * size(Record::Section);
        for (field, value) in fields.into_iter().zip(values) {
            put(&mut file, layout, Record::Section, start, field, value as u64);
        }
    }
    (file, Parts { segment, names, symbols, sections })
}

/// Everything that can be read, to the first defect.
fn read(bytes: &[u8]) -> Result<(), Defect> {
    let file = ElfFile::parse(bytes, &Wanted::default())?;
    for segment in file.segments()?.iter() {
        segment.contents()?;
    }
    let sections = file.sections()?;
    for section in sections.iter() {
        section.name_bytes(4096)?;
        section.contents()?;
        section.end_address()?;
        if section.kind == elf::SHT_REL {
            sections.relocations(&section)?;
        }
    }
    sections.symbols()?;
    Ok(())
}

#[test]
fn the_records_are_those_of_the_object_crate() {
    type E = Endianness;
    let sizes = [
        (Record::File, size_of::<abi::FileHeader32<E>>(), size_of::<abi::FileHeader64<E>>()),
        (Record::Segment, size_of::<abi::ProgramHeader32<E>>(), size_of::<abi::ProgramHeader64<E>>()),
        (Record::Section, size_of::<abi::SectionHeader32<E>>(), size_of::<abi::SectionHeader64<E>>()),
        (Record::Symbol, size_of::<abi::Sym32<E>>(), size_of::<abi::Sym64<E>>()),
        (Record::Relocation, size_of::<abi::Rel32<E>>(), size_of::<abi::Rel64<E>>()),
    ];
    for (record, narrow, wide) in sizes {
        assert_eq!((record.size(Class::Elf32), record.size(Class::Elf64)), (narrow, wide), "{record:?}");
    }
    macro_rules! offsets {
        ($record:expr, $Narrow:ident, $Wide:ident: $($field:ident)+) => {
            $(
                let (class, name) = (Class::Elf32, stringify!($field));
                assert_eq!($record.offset(class, name), offset_of!(abi::$Narrow<E>, $field), "{name}");
                assert_eq!($record.offset(Class::Elf64, name), offset_of!(abi::$Wide<E>, $field), "{name}");
            )+
        };
    }
    offsets!(Record::File, FileHeader32, FileHeader64: e_type e_machine e_version e_entry e_phoff e_shoff e_flags
        e_ehsize e_phentsize e_phnum e_shentsize e_shnum e_shstrndx);
    offsets!(Record::Segment, ProgramHeader32, ProgramHeader64: p_type p_flags p_offset p_vaddr p_paddr p_filesz p_memsz
        p_align);
    offsets!(Record::Section, SectionHeader32, SectionHeader64: sh_name sh_type sh_flags sh_addr sh_offset sh_size
        sh_link sh_info sh_addralign sh_entsize);
    offsets!(Record::Symbol, Sym32, Sym64: st_name st_info st_other st_shndx st_value st_size);
    offsets!(Record::Relocation, Rel32, Rel64: r_offset r_info);
    let ident = [
        ("EI_CLASS", offset_of!(abi::Ident, class)),
        ("EI_DATA", offset_of!(abi::Ident, data)),
        ("EI_VERSION", offset_of!(abi::Ident, version)),
        ("EI_OSABI", offset_of!(abi::Ident, os_abi)),
        ("EI_ABIVERSION", offset_of!(abi::Ident, abi_version)),
    ];
    for (name, offset) in ident {
        assert_eq!(Record::File.offset(Class::Elf64, name), offset, "{name}");
    }
}

/// What the `object` crate reads of a file, compared with what is read here. What either refuses is not compared.
fn same_as_object<Elf: FileHeader<Endian = Endianness>>(bytes: &[u8]) {
    let Ok(ours) = ElfFile::parse(bytes, &Wanted::default()) else { return };
    let theirs = Elf::parse(bytes).unwrap();
    let endian = theirs.endian().unwrap();
    let numbers = ours.numbers();
    assert_eq!(numbers.machine, theirs.e_machine(endian));
    assert_eq!(numbers.entry, theirs.e_entry(endian).into());
    assert_eq!(numbers.flags, theirs.e_flags(endian));
    let segments = (ours.segments(), theirs.program_headers(endian, bytes));
    assert_eq!(segments.0.is_ok(), segments.1.is_ok(), "{:?} {:?}", segments.0, segments.1);
    if let (Ok(ours), Ok(theirs)) = segments {
        let ours: Vec<_> = ours.iter().map(|s| (s.kind, s.flags, s.address, s.file_size)).collect();
        let theirs: Vec<_> = theirs
            .iter()
            .map(|s| {
                (s.p_type(endian), s.p_flags(endian), s.p_vaddr(endian).into(), s.p_filesz(endian).into())
            })
            .collect();
        assert_eq!(ours, theirs);
    }
    let (Ok(ours), Ok(theirs)) = (ours.sections(), theirs.sections(endian, bytes)) else { return };
    assert_eq!(ours.len(), theirs.len());
    for (ours, section) in ours.iter().zip(theirs.iter()) {
        assert_eq!(ours.name_bytes(4096).ok(), theirs.section_name(endian, section).ok(), "{ours:?}");
        assert_eq!(ours.contents().ok(), section.data(endian, bytes).ok());
        assert_eq!((ours.link, ours.info), (section.sh_link(endian), section.sh_info(endian)));
    }
    if let (Ok(ours), Ok(theirs)) = (ours.symbols(), theirs.symbols(endian, bytes, abi::SHT_SYMTAB)) {
        let ours: Vec<_> =
            ours.iter().map(|s| (s.name(4096), s.value, s.kind(), s.binding(), s.section)).collect();
        let theirs: Vec<_> = theirs
            .iter()
            .map(|s| {
                let name = s.name(endian, theirs.strings()).ok();
                (name, s.st_value(endian).into(), s.st_type(), s.st_bind(), s.st_shndx(endian))
            })
            .collect();
        assert_eq!(ours, theirs);
    }
}

fn compare(bytes: &[u8], class: Class) {
    match class {
        Class::Elf32 => same_as_object::<abi::FileHeader32<Endianness>>(bytes),
        Class::Elf64 => same_as_object::<abi::FileHeader64<Endianness>>(bytes),
    }
}

#[test]
fn a_file_is_read_in_either_class_and_order() {
    for layout in LAYOUTS {
        let (bytes, _) = file(layout);
        compare(&bytes, layout.class);
        assert_eq!(read(&bytes), Ok(()));
        let file = ElfFile::parse(&bytes, &Wanted::default()).unwrap();
        assert_eq!((file.layout(), file.numbers().machine, file.numbers().entry), (layout, 8, 0x1001));
        let sections = file.sections().unwrap();
        let names: Vec<_> = sections.iter().map(|section| section.name().unwrap()).collect();
        assert_eq!(names, ["", ".text", ".symtab", ".shstrtab", ".rel"]);
        assert_eq!(sections.get(1).unwrap().contents(), Ok(CODE));
        let symbols: Vec<_> = sections.symbols().unwrap().iter().skip(1).collect();
        let [symbol] = symbols[..] else { panic!("{} symbols", symbols.len()) };
        assert_eq!(
            (symbol.name(99), symbol.value, symbol.kind()),
            (Some(&b"start"[..]), 0x1001, elf::STT_FUNC)
        );
        let relocations = sections.relocations(&sections.get(4).unwrap()).unwrap();
        assert_eq!(
            relocations.iter().map(|(_, r)| (r.address, r.info)).collect::<Vec<_>>(),
            [(0x1002, 0x130)]
        );
    }
}

#[test]
fn each_defect_is_named_by_field_and_offset() {
    use DefectKind::*;
    for layout in LAYOUTS {
        let (good, parts) = file(layout);
        let section = |index: usize| parts.sections + index * Record::Section.size(layout.class);
        // The record that is changed, where it is, the field, its value; and what is found wrong, and at which field.
        let table = [
            (Record::File, 0, "EI_CLASS", 3, Identification, "EI_CLASS"),
            (Record::File, 0, "EI_DATA", 0, Identification, "EI_DATA"),
            (Record::File, 0, "EI_VERSION", 2, Identification, "EI_VERSION"),
            (Record::File, 0, "e_phentsize", 31, SegmentHeaderSize, "e_phentsize"),
            (Record::File, 0, "e_phoff", 0xffff, SegmentTable, "e_phoff"),
            (Record::File, 0, "e_phnum", 0xfffe, SegmentTable, "e_phnum"),
            (Record::File, 0, "e_shentsize", 0, SectionHeaderSize, "e_shentsize"),
            (Record::File, 0, "e_shentsize", 48, SectionHeaderSize, "e_shentsize"),
            (Record::File, 0, "e_shoff", 0xffff_ffff, SectionTable, "e_shoff"),
            (Record::File, 0, "e_shoff", parts.sections as u64 + 1, SectionTable, "e_shoff"),
            (Record::File, 0, "e_shnum", 0xff00, SectionTable, "e_shnum"),
            (Record::File, 0, "e_shnum", 6, SectionTable, "e_shoff"),
            (Record::File, 0, "e_shstrndx", 0, NoNames, "e_shstrndx"),
            (Record::File, 0, "e_shstrndx", 5, NoNames, "e_shstrndx"),
            (Record::File, 0, "e_shstrndx", 0xfffe, NoNames, "e_shstrndx"),
            (Record::Segment, parts.segment, "p_offset", 0xffff, SegmentPastEof, "p_offset"),
            (Record::Segment, parts.segment, "p_memsz", 3, SegmentFileSize, "p_filesz"),
            (Record::Section, section(1), "sh_name", NAMES.len() as u64, Name, "sh_name"),
            (Record::Section, section(1), "sh_offset", 0xffff, SectionPastEof, "sh_offset"),
            (Record::Section, section(2), "sh_size", 23, Symbols, "sh_size"),
            (Record::Section, section(2), "sh_link", 5, NoSymbolNames, "sh_link"),
            (Record::Section, section(3), "sh_size", 0xffff, SectionPastEof, "sh_offset"),
            (Record::Section, section(3), "sh_size", NAMES.len() as u64 - 1, Name, "sh_name"),
            (Record::Section, section(4), "sh_size", 7, Relocations, "sh_size"),
        ];
        for (record, start, field, value, kind, blamed) in table {
            let mut bytes = good.clone();
            put(&mut bytes, layout, record, start, field, value);
            if (kind, field) == (Name, "sh_size") {
                // The last name loses its end.
                put(&mut bytes, layout, Record::Section, section(1), "sh_name", 38);
            }
            let defect = read(&bytes).unwrap_err();
            let told = defect.field.split(' ').next().unwrap();
            assert_eq!((defect.kind, told), (kind, blamed), "{layout:?} {field} {value}: {defect}");
            let at = if kind == Name { section(1) } else { start };
            let at = (at + record.offset(layout.class, blamed)) as u64;
            assert_eq!(defect.offset, at, "{layout:?} {field} {value}: {defect}");
            assert!(!defect.expected.allows(defect.found), "{defect}");
        }
        // Numbers that are in section 0, for lack of room in the file header.
        let mut bytes = good.clone();
        put(&mut bytes, layout, Record::File, 0, "e_shnum", 0);
        put(&mut bytes, layout, Record::File, 0, "e_shstrndx", 0xffff);
        put(&mut bytes, layout, Record::File, 0, "e_phnum", 0xffff);
        for (field, value) in [("sh_size", 5), ("sh_link", 3), ("sh_info", 1)] {
            put(&mut bytes, layout, Record::Section, section(0), field, value);
        }
        let file = ElfFile::parse(&bytes, &Wanted::default()).unwrap();
        assert_eq!((file.sections().unwrap().len(), file.segments().unwrap().iter().count()), (5, 1));
        put(&mut bytes, layout, Record::Section, section(0), "sh_link", 9);
        let defect = ElfFile::parse(&bytes, &Wanted::default()).unwrap().sections().unwrap_err();
        let at = section(0) + Record::Section.offset(layout.class, "sh_link");
        assert_eq!((defect.kind, defect.field, defect.offset), (NoNames, "sh_link", at as u64), "{defect}");
        // A file without a program header table is one without segments, whatever it says of their number.
        let mut bytes = good.clone();
        put(&mut bytes, layout, Record::File, 0, "e_phoff", 0);
        put(&mut bytes, layout, Record::File, 0, "e_phnum", 0xffff);
        put(&mut bytes, layout, Record::File, 0, "e_shentsize", 0xffff);
        let file = ElfFile::parse(&bytes, &Wanted::default()).unwrap();
        assert_eq!(file.segments().map(|segments| segments.iter().count()), Ok(0), "{layout:?}");
        // A file without any section header is one without sections.
        let mut bytes = good;
        put(&mut bytes, layout, Record::File, 0, "e_shoff", 0);
        assert!(ElfFile::parse(&bytes, &Wanted::default()).unwrap().sections().unwrap().is_empty());
        assert!(parts.names < parts.symbols);
    }
}

/// Every prefix of a file, and 40,000 files with a few bytes changed. Seed: the number of the file.
#[test]
fn damaged_files_are_read_as_the_object_crate_reads_them() {
    for layout in LAYOUTS {
        let (good, _) = file(layout);
        for len in 0..good.len() {
            assert!(read(&good[..len]).is_err(), "{layout:?}: {len} bytes");
        }
        for seed in 0..10_000_u64 {
            let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let mut next = |below: usize| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                (random >> 16) as usize % below
            };
            let mut bytes = good.clone();
            for _ in 0..=next(3) {
                let at = 6 + next(bytes.len() - 6);
                bytes[at] = [0, 1, 2, 0x28, 0x80, 0xff, next(256) as u8][next(7)];
            }
            compare(&bytes, layout.class);
            if let Err(defect) = read(&bytes) {
                assert!(!defect.expected.allows(defect.found), "{layout:?} seed {seed}: {defect}");
                assert!(defect.offset <= bytes.len() as u64, "{layout:?} seed {seed}: {defect}");
            }
        }
    }
}

#[test]
fn what_a_caller_does_not_read_is_refused() {
    let wanted = Wanted {
        class: Some(Class::Elf32),
        byte_order: Some(ByteOrder::Little),
        machines: &[elf::EM_MIPS, elf::EM_MIPS_RS3_LE],
    };
    for (layout, expected) in LAYOUTS.into_iter().zip([
        None,
        Some((DefectKind::ByteOrder, "EI_DATA", 5)),
        Some((DefectKind::Class, "EI_CLASS", 4)),
        Some((DefectKind::Class, "EI_CLASS", 4)),
    ]) {
        let (bytes, _) = file(layout);
        let defect = ElfFile::parse(&bytes, &wanted).err();
        assert_eq!(defect.map(|defect| (defect.kind, defect.field, defect.offset)), expected);
    }
    let (mut bytes, _) = file(LAYOUTS[0]);
    put(&mut bytes, LAYOUTS[0], Record::File, 0, "e_machine", 62);
    let defect = ElfFile::parse(&bytes, &wanted).unwrap_err();
    assert_eq!(
        (defect.kind, defect.field, defect.offset, defect.found),
        (DefectKind::Machine, "e_machine", 18, 62)
    );
}

/// The sizes of a file header and a program header in the System V ABI.
const SIZES: [(usize, usize); 4] = [(52, 32), (52, 32), (64, 56), (64, 56)];

#[test]
fn a_file_may_end_with_its_header_and_no_byte_before() {
    for (layout, (header, _)) in LAYOUTS.into_iter().zip(SIZES) {
        let (mut bytes, _) = file(layout);
        for field in ["e_phoff", "e_phnum", "e_shoff", "e_shnum", "e_shstrndx"] {
            put(&mut bytes, layout, Record::File, 0, field, 0);
        }
        assert!(ElfFile::parse(&bytes[..header], &Wanted::default()).is_ok());
        for length in [header - 1, header - 2, 16] {
            let defect = ElfFile::parse(&bytes[..length], &Wanted::default()).unwrap_err();
            let numbers = (defect.kind, defect.offset, defect.found, defect.expected);
            let (length, header) = (length as u64, header as u64);
            assert_eq!(numbers, (DefectKind::Truncated, length, length, Expected::AtLeast(header)));
        }
    }
}

#[test]
fn a_table_may_fill_the_file_from_its_second_byte() {
    for (layout, (_, entry)) in LAYOUTS.into_iter().zip(SIZES) {
        let (mut bytes, _) = file(layout);
        put(&mut bytes, layout, Record::File, 0, "e_phoff", 1);
        for (count, fits) in [(2, true), (3, false)] {
            put(&mut bytes, layout, Record::File, 0, "e_phnum", count);
            let segments = ElfFile::parse(&bytes[..1 + 2 * entry], &Wanted::default()).unwrap().segments();
            match segments {
                Ok(_) => assert!(fits, "{layout:?}, {count}"),
                Err(defect) => {
                    assert!(!fits, "{layout:?}, {count}: {defect}");
                    assert_eq!(
                        (defect.field, defect.found, defect.expected),
                        ("e_phnum", 3, Expected::AtMost(2))
                    );
                }
            }
        }
    }
}

#[test]
fn a_defect_is_a_sentence_with_field_place_and_numbers() {
    use DefectKind::*;
    let kinds = [
        NotElf,
        Truncated,
        Identification,
        Class,
        ByteOrder,
        Machine,
        SegmentTable,
        SegmentHeaderSize,
        SectionTable,
        SectionHeaderSize,
        NoNames,
        Name,
        AddressOverflow,
        SectionPastEof,
        SegmentPastEof,
        SegmentFileSize,
        SegmentAddress,
        Symbols,
        NoSymbolNames,
        Relocations,
    ];
    let reasons: std::collections::BTreeSet<_> = kinds.iter().map(|kind| kind.reason()).collect();
    assert_eq!(reasons.len(), kinds.len(), "each kind has a reason of its own");
    for kind in kinds {
        assert!(kind.reason().contains(' ') && !kind.reason().ends_with('.'), "{kind:?}");
        let mut defect = Defect {
            kind,
            segment: None,
            field: "e_phnum",
            offset: 44,
            found: 3,
            expected: Expected::AtMost(2),
        };
        let sentence = format!("e_phnum at byte 44: {} (0x3 found, at most 2 expected)", kind.reason());
        assert_eq!(defect.to_string(), sentence);
        defect.segment = Some(1);
        assert_eq!(defect.to_string(), format!("program header 1 {sentence}"));
    }
}

#[test]
fn a_name_without_an_end_is_one_only_where_it_is_cut() {
    for layout in LAYOUTS {
        let (mut bytes, parts) = file(layout);
        let text = parts.sections + Record::Section.size(layout.class);
        put(&mut bytes, layout, Record::Section, text, "sh_name", 38);
        bytes[parts.names + NAMES.len() - 1] = b'!';
        let sections = ElfFile::parse(&bytes, &Wanted::default()).unwrap().sections().unwrap();
        let name =
            |most| sections.get(1).unwrap().name_bytes(most).map_err(|defect| (defect.kind, defect.expected));
        assert_eq!([name(4), name(5)], [Ok(&b"star"[..]), Ok(b"start")]);
        // The NUL before it is where a name may begin at the latest.
        assert_eq!([name(6), name(7)], [Err((DefectKind::Name, Expected::AtMost(37))); 2]);
    }
}

#[test]
fn a_section_ends_at_the_highest_address_at_the_latest() {
    for layout in LAYOUTS {
        let (mut bytes, parts) = file(layout);
        let top = if layout.class == Class::Elf32 { u64::from(u32::MAX) } else { u64::MAX };
        let text = parts.sections + Record::Section.size(layout.class);
        for (address, end) in [(0x1000, Ok(0x1004)), (top - 4, Ok(top)), (top - 3, Err(3)), (top, Err(0))] {
            put(&mut bytes, layout, Record::Section, text, "sh_addr", address);
            let sections = ElfFile::parse(&bytes, &Wanted::default()).unwrap().sections().unwrap();
            let found =
                sections.get(1).unwrap().end_address().map_err(|defect| (defect.found, defect.expected));
            assert_eq!(found, end.map_err(|room| (4, Expected::AtMost(room))), "{layout:?}, {address:#x}");
        }
    }
}

#[test]
fn sections_and_their_flags() {
    for layout in LAYOUTS {
        let (mut bytes, _) = file(layout);
        let sections = ElfFile::parse(&bytes, &Wanted::default()).unwrap().sections().unwrap();
        assert!(!sections.is_empty());
        let text = sections.get(1).unwrap();
        let flags = [elf::SHF_ALLOC, elf::SHF_EXECINSTR, elf::SHF_WRITE].map(|flag| text.has(flag));
        assert_eq!(flags, [true, true, false]);
        assert!(!sections.get(2).unwrap().has(elf::SHF_ALLOC));
        put(&mut bytes, layout, Record::File, 0, "e_shoff", 0);
        put(&mut bytes, layout, Record::File, 0, "e_shnum", 0);
        assert!(ElfFile::parse(&bytes, &Wanted::default()).unwrap().sections().unwrap().is_empty());
    }
}

#[test]
fn a_segment_has_room_for_its_bytes_and_ends_at_the_top_at_the_latest() {
    for layout in LAYOUTS {
        let (bytes, parts) = file(layout);
        let top = if layout.class == Class::Elf32 { 1 << 32 } else { u64::MAX };
        let room = |most| Some((DefectKind::SegmentAddress, Expected::AtMost(most)));
        // Address, size in memory.
        for (address, size, expected) in [
            (0x1000, 4, None),
            (0x1000, 3, Some((DefectKind::SegmentFileSize, Expected::AtMost(3)))),
            (top - 0x20, 0x20, None),
            (top - 0x20, 0x21, room(0x20)),
            (top - 0x1f, 0x20, room(0x1f)),
        ] {
            let mut bytes = bytes.clone();
            put(&mut bytes, layout, Record::Segment, parts.segment, "p_vaddr", address);
            put(&mut bytes, layout, Record::Segment, parts.segment, "p_memsz", size);
            let segments = ElfFile::parse(&bytes, &Wanted::default()).unwrap().segments().unwrap();
            let found = segments.iter().next().unwrap().contents();
            let defect = found.err().map(|defect| (defect.kind, defect.expected));
            assert_eq!(defect, expected, "{layout:?}, {size:#x} bytes at {address:#x}");
            assert!(found.is_err() || found == Ok(CODE));
        }
    }
}

#[test]
fn symbols_say_where_the_global_ones_begin() {
    for layout in LAYOUTS {
        let (mut bytes, parts) = file(layout);
        let symbols = parts.sections + 2 * Record::Section.size(layout.class);
        for first in [0, 2, 7] {
            put(&mut bytes, layout, Record::Section, symbols, "sh_info", first);
            let sections = ElfFile::parse(&bytes, &Wanted::default()).unwrap().sections().unwrap();
            assert_eq!(u64::from(sections.symbols().unwrap().first_global()), first);
        }
    }
}

#[test]
fn a_class_or_byte_order_that_is_not_wanted_names_the_one_that_is() {
    for layout in LAYOUTS {
        let (bytes, _) = file(layout);
        let (mut without_class, mut without_order) = (bytes.clone(), bytes.clone());
        (without_class[4], without_order[5]) = (9, 9);
        let parse = |bytes: &[u8], wanted: Wanted<'_>| {
            ElfFile::parse(bytes, &wanted)
                .err()
                .map(|defect| (defect.kind, defect.field, defect.found, defect.expected))
        };
        for (class, number) in [(Class::Elf32, 1), (Class::Elf64, 2)] {
            let wanted = Wanted { class: Some(class), ..Wanted::default() };
            let (found, expected) = (bytes[4].into(), Expected::Exactly(number));
            let refused = Some((DefectKind::Class, "EI_CLASS", found, expected));
            assert_eq!(parse(&bytes, wanted), if class == layout.class { None } else { refused });
            let unknown = Some((DefectKind::Identification, "EI_CLASS", 9, expected));
            assert_eq!(parse(&without_class, wanted), unknown);
        }
        for (order, number) in [(ByteOrder::Little, 1), (ByteOrder::Big, 2)] {
            let wanted = Wanted { byte_order: Some(order), ..Wanted::default() };
            let (found, expected) = (bytes[5].into(), Expected::Exactly(number));
            let refused = Some((DefectKind::ByteOrder, "EI_DATA", found, expected));
            assert_eq!(parse(&bytes, wanted), if order == layout.byte_order { None } else { refused });
            let unknown = Some((DefectKind::Identification, "EI_DATA", 9, expected));
            assert_eq!(parse(&without_order, wanted), unknown);
        }
    }
}
