//! The converters' rules, each with the smallest input that breaks it, and the defects of the originals.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test, which may panic"
)]

mod support;

use std::collections::BTreeSet;
use std::error::Error as _;

use aout_minix::convert::{
    self, Conversion, ConvertError, DataMemory, ElfOptions, Flaw, InputRule, MemoryOption, Note, OptionError,
    PartName, Rom,
};
use aout_minix::elks::ElksRule;
use aout_minix::{ElksSymbol, ElksSymbols, Relocation, Section, SymbolIndex};
use execfmt_common::Detail as _;
use support::elf::{self, Elf, SEGRELATIVE, Symbol, bss, relocations, section};
use support::ne;

fn rule(result: Result<Conversion, ConvertError>) -> InputRule {
    match result {
        Err(ConvertError::Input { finding, .. }) => {
            assert!(!finding.expected.allows(finding.found), "{} of {finding}", finding.found);
            finding.rule
        }
        other => panic!("{other:?}"),
    }
}

const PLAIN: ElfOptions =
    ElfOptions { tiny: false, rom: None, memory: DataMemory::Default, symtab: false, symfile: false };

fn small() -> Elf {
    Elf::new(
        0,
        vec![section(".text", 0, &[0x90; 16]), section(".data", 0x30000, &[0, 0x30]), bss(0x30002, 4)],
    )
}

fn with(change: impl FnOnce(&mut Elf)) -> Vec<u8> {
    let mut elf = small();
    change(&mut elf);
    elf.file()
}

#[test]
fn what_elf_files_break() {
    let text = |bytes: usize| section(".text", 0, &vec![0; bytes]);
    type Case = (&'static str, InputRule, Vec<u8>);
    let cases: Vec<Case> = vec![
        ("no ELF file", InputRule::UnknownFormat, b"\x01\x03\x20\x04".to_vec()),
        ("cut short", InputRule::Truncated, b"\x7fELF\x01\x01\x01".to_vec()),
        ("64 bits", InputRule::Elf64, with(|elf| elf.class = 2)),
        ("big-endian", InputRule::BigEndian, with(|elf| elf.data = 2)),
        // The original dies of a signal.
        ("for a PDP-10", InputRule::WrongMachine, with(|elf| elf.machine = 64)),
        (
            "constants of their own",
            InputRule::StraySection,
            with(|elf| elf.sections.push(section(".rodata", 9, &[1]))),
        ),
        (
            "bss with bytes",
            InputRule::StraySection,
            with(|elf| elf.sections[2] = WithBytes::bss(".bss", 0x30002)),
        ),
        ("two texts", InputRule::DuplicateSection, with(|elf| elf.sections.push(section(".text", 99, &[1])))),
        // The original dies of a signal.
        ("a long section", InputRule::SectionTooLarge, with(|elf| elf.sections[0] = text(0x1_0000))),
        (
            "addresses that wrap",
            InputRule::AddressOverflow,
            with(|elf| elf.sections[1].address = 0xffff_ffff),
        ),
        (
            "a section after the end of the file",
            InputRule::SectionPastEof,
            with(|elf| elf.sections[1].size = 0x8000),
        ),
        (
            "data in the text",
            InputRule::SectionsOverlap(PartName::Text),
            with(|elf| elf.sections[1].address = 15),
        ),
        ("no text", InputRule::NoText, with(|elf| elf.sections[0] = text(0))),
        ("entry after the text", InputRule::EntryOutsideText, with(|elf| elf.entry = 16)),
        // The original writes a bss of ffffff20.
        ("bss below data", InputRule::BssBelowData, with(|elf| elf.sections[2].address = 0x2ff00)),
        // The original accepts it.
        ("bss that is too long", InputRule::DataTooLarge, with(|elf| elf.sections[2].size = 0xfffe)),
        ("bss far away", InputRule::DataTooLarge, with(|elf| elf.sections[2].address = 0x50000)),
    ];
    for (what, expected, file) in cases {
        assert_eq!(rule(convert::from_elf(&file, &PLAIN)), expected, "{what}");
    }
    // One byte less, and each is taken.
    for file in [
        with(|elf| elf.sections[2].size = 0xfffd),
        with(|elf| elf.sections[0] = text(0xffff)),
        with(|elf| elf.entry = 15),
    ] {
        convert::from_elf(&file, &PLAIN).unwrap();
    }
}

/// A `.bss` that has bytes in the file.
struct WithBytes;

impl WithBytes {
    fn bss(name: &'static str, address: u32) -> elf::Section {
        elf::Section { kind: 1, size: 1, bytes: vec![0], ..section(name, address, &[]) }
    }
}

#[test]
fn what_relocations_break() {
    let file = |list: &[(u32, u32)]| with(|elf| elf.sections.push(relocations(list)));
    for (what, expected, bytes) in [
        ("another type", InputRule::RelocationType, file(&[(0x30000, 1)])),
        ("no section there", InputRule::StrayRelocation, file(&[(0x30002, SEGRELATIVE)])),
        ("half a word", InputRule::RelocationStraddles, file(&[(0x30001, SEGRELATIVE)])),
        (
            "a text of half a word",
            InputRule::RelocationStraddles,
            with(|elf| {
                elf.sections[0] = section(".text", 0, &[0x90]);
                elf.sections.push(relocations(&[(0, SEGRELATIVE)]));
            }),
        ),
        ("no segment begins there", InputRule::RelocationTarget, file(&[(2, SEGRELATIVE)])),
        (
            "two tables",
            InputRule::TwoRelocationTables,
            with(|elf| elf.sections.extend([relocations(&[]), relocations(&[])])),
        ),
        (
            "a table that ends within a record",
            InputRule::PartialRelocation,
            with(|elf| {
                let mut table = relocations(&[(0x30000, SEGRELATIVE)]);
                table.size = 7;
                elf.sections.push(table);
            }),
        ),
        ("too many", InputRule::TooManyRelocations, file(&vec![(0x30000, SEGRELATIVE); 0x8001])),
    ] {
        assert_eq!(rule(convert::from_elf(&bytes, &PLAIN)), expected, "{what}");
    }
    convert::from_elf(&file(&vec![(0x30000, SEGRELATIVE); 0x8000]), &PLAIN).unwrap();
}

#[test]
fn a_small_program_may_refer_to_its_data() {
    // The original dies of a signal, because there is no far text to compare with.
    let file = with(|elf| elf.sections.push(relocations(&[(0x30000, SEGRELATIVE)])));
    let conversion = convert::from_elf(&file, &PLAIN).unwrap();
    let image = aout_minix::parse(&conversion.bytes).unwrap();
    assert_eq!(image.header().hlen, 0x30);
    let list: Vec<_> = image.relocations(Section::Data).map(Result::unwrap).collect();
    // The word there is 3000: the paragraph of the data.
    assert_eq!(list, [Relocation::segword(0, SymbolIndex::DATA)]);
}

#[test]
fn an_empty_far_text_may_be_referred_to() {
    // The word at the start of the data holds 3000 at first: text 0, far text 2000, data 3000.
    for (paragraph, target) in [(0x2000_u16, SymbolIndex::FTEXT), (0x3000, SymbolIndex::DATA)] {
        let file = with(|elf| {
            elf.sections[1].bytes.copy_from_slice(&paragraph.to_le_bytes());
            elf.sections.push(section(".fartext", 0x20000, &[]));
            elf.sections.push(relocations(&[(0x30000, SEGRELATIVE)]));
        });
        let conversion = convert::from_elf(&file, &PLAIN).unwrap();
        let image = aout_minix::parse(&conversion.bytes).unwrap();
        assert_eq!((image.header().hlen, image.header().supplement.ftseg), (0x30, 0));
        let list: Vec<_> = image.relocations(Section::Data).map(Result::unwrap).collect();
        assert_eq!(list, [Relocation::segword(0, target)]);
    }
    // Where both begin at one address, it is the section that has bytes.
    let file = with(|elf| {
        elf.sections.push(section(".fartext", 0x30000, &[]));
        elf.sections.push(relocations(&[(0x30000, SEGRELATIVE)]));
    });
    let conversion = convert::from_elf(&file, &PLAIN).unwrap();
    let image = aout_minix::parse(&conversion.bytes).unwrap();
    assert_eq!(image.relocations(Section::Data).next().unwrap().unwrap().symndx, SymbolIndex::DATA);
}

#[test]
fn far_data_gets_advice() {
    for name in [".fardata", ".fardata.f.r_draw.c.20005$", ".farbss"] {
        let file = with(|elf| elf.sections.push(section(name, 0x40000, &[1, 2])));
        let error = convert::from_elf(&file, &PLAIN).unwrap_err();
        assert!(error.to_string().contains("drop __far"), "{error}");
        assert_eq!(rule(Err(error)), InputRule::FarData, "{name}");
    }
}

#[test]
fn relocations_of_sections_are_left_out() {
    let file = with(|elf| elf.sections.push(elf::Section { info: 1, ..relocations(&[(0, 99)]) }));
    let conversion = convert::from_elf(&file, &PLAIN).unwrap();
    assert_eq!(conversion.notes, [Note::RelocationsIgnored { name: ".rel.dyn".into() }]);
}

/// `.comment` takes no memory, and a section without bytes has none to load.
#[test]
fn sections_that_are_not_loaded_are_left_out() {
    let expected = convert::from_elf(&small().file(), &PLAIN).unwrap().bytes;
    let flagged = |name, bytes: &[u8], flags| elf::Section { flags, ..section(name, 0, bytes) };
    for (extra, stray) in [
        (flagged(".comment", b"GCC", 0), false),
        (flagged(".empty", b"", 2), false),
        (flagged(".extra", b"memory", 2), true),
    ] {
        let result = convert::from_elf(&with(|elf| elf.sections.push(extra)), &PLAIN);
        if stray {
            assert_eq!(rule(result), InputRule::StraySection);
        } else {
            assert_eq!(result.unwrap().bytes, expected);
        }
    }
}

#[test]
fn tiny_programs_are_one_piece() {
    let tiny = ElfOptions { tiny: true, ..PLAIN };
    let conversion = convert::from_elf(&elf::tiny().file(), &tiny).unwrap();
    let header = *aout_minix::parse(&conversion.bytes).unwrap().header();
    assert_eq!((header.file_type, header.version), (aout_minix::FileType::COMBID, 0));
    assert_eq!((header.tseg, header.dseg, header.bseg, header.entry), (6, 2, 4, 2));
    // Today's kernel runs separate I/D only, and the message says so.
    let [Note::Refused(refusal)] = &conversion.notes[..] else { panic!("{:?}", conversion.notes) };
    assert_eq!(refusal.rule, ElksRule::WrongType);
    let mut apart = elf::tiny();
    apart.sections[1].address = 7;
    apart.sections[2].address = 9;
    assert_eq!(rule(convert::from_elf(&apart.file(), &tiny)), InputRule::TinyDataNotBehindText);
    let mut far = elf::tiny();
    far.sections.push(section(".fartext", 0x100, &[1]));
    assert_eq!(rule(convert::from_elf(&far.file(), &tiny)), InputRule::TinyFarText);
}

#[test]
fn memory_is_asked_for() {
    // Data and bss take 6 bytes.
    for (memory, version, chmem, minstack) in [
        (DataMemory::Default, 1, 0, 0),
        (DataMemory::Total(7), 0, 7, 0),
        (DataMemory::Chmem(0xfff0 - 6), 0, 0xfff0, 0),
        (DataMemory::HeapStack { heap: 1, stack: 2 }, 1, 1, 2),
    ] {
        let conversion = convert::from_elf(&small().file(), &ElfOptions { memory, ..PLAIN }).unwrap();
        let header = *aout_minix::parse(&conversion.bytes).unwrap().header();
        assert_eq!((header.version, header.chmem, header.minstack), (version, chmem, minstack), "{memory:?}");
    }
    let refused = |memory| convert::from_elf(&small().file(), &ElfOptions { memory, ..PLAIN }).unwrap_err();
    let too_large = OptionError::ChmemTooLarge { sum: 0xfff1, most: 0xfff0 };
    assert!(too_large.to_string().contains(" 65521 bytes, but a segment has 65520"), "{too_large}");
    assert_eq!(refused(DataMemory::Chmem(0xfff0 - 5)), too_large.into());
    // The original accepts this, and the kernel answers EINVAL.
    assert_eq!(refused(DataMemory::Total(6)), OptionError::TotalTooSmall { total: 6, least: 7 }.into());
}

#[test]
fn options_exclude_each_other() {
    let memory = DataMemory::from_options;
    assert_eq!(memory(0, 0, 0, 0), Ok(DataMemory::Default));
    assert_eq!(memory(1, 0, 0, 0), Ok(DataMemory::Total(1)));
    assert_eq!(memory(0, 1, 0, 0), Ok(DataMemory::Chmem(1)));
    assert_eq!(memory(0, 0, 1, 2), Ok(DataMemory::HeapStack { heap: 1, stack: 2 }));
    assert_eq!(memory(1, 1, 0, 0), Err((MemoryOption::TotalData, MemoryOption::Chmem)));
    assert_eq!(memory(1, 0, 0, 1), Err((MemoryOption::TotalData, MemoryOption::Stack)));
    assert_eq!(memory(1, 0, 1, 0), Err((MemoryOption::TotalData, MemoryOption::Heap)));
    assert_eq!(memory(0, 1, 0, 1), Err((MemoryOption::Chmem, MemoryOption::Stack)));
    assert_eq!(memory(0, 1, 1, 0), Err((MemoryOption::Chmem, MemoryOption::Heap)));
}

#[test]
fn a_rom_has_no_relocations() {
    let mut elf = elf::sample();
    let rom = |aout_seg| ElfOptions { rom: Some(Rom { aout_seg, data_seg: 0x50 }), ..PLAIN };
    assert_eq!(rule(convert::from_elf(&elf.file(), &rom(0xe000))), InputRule::RomTextSize);
    elf.sections[0].bytes.resize(32, 0);
    elf.sections[0].size = 32;
    let conversion = convert::from_elf(&elf.file(), &rom(0xe000)).unwrap();
    let image = aout_minix::parse(&conversion.bytes).unwrap();
    let header = image.header();
    assert_eq!((header.hlen, header.tseg, header.dseg), (0x20, 36, 4));
    let text = image.section(Section::Text);
    // Text at e002, far text two paragraphs further, data at 50.
    assert_eq!(text[3..5], [0x04, 0xe0]);
    assert_eq!(text[33..35], [0x50, 0x00]);
    assert_eq!(image.section(Section::Data), [7, 7, 0x02, 0xe0]);
    let beyond = OptionError::RomBeyondMemory { paragraph: 0x1_0000 };
    assert_eq!(convert::from_elf(&elf.file(), &rom(0xfffc)), Err(beyond.into()));
}

fn table(file: &Elf, options: ElfOptions) -> Vec<(char, u16, String)> {
    let options = ElfOptions { symfile: true, ..options };
    let table = convert::from_elf(&file.file(), &options).unwrap().symbol_table.unwrap();
    let symbol = |symbol: ElksSymbol<'_>| {
        (char::from(symbol.letter), symbol.addr, String::from_utf8(symbol.name.to_vec()).unwrap())
    };
    ElksSymbols::new(&table).map(|result| symbol(result.unwrap())).collect()
}

fn named(list: &[(char, u16, &str)]) -> Vec<(char, u16, String)> {
    list.iter().map(|&(letter, addr, name)| (letter, addr, name.to_owned())).collect()
}

#[test]
fn symbols_are_sorted_and_filtered() {
    let expected = [
        ('T', 0, "_start"),
        ('W', 4, "weak"),
        ('F', 1, "far"),
        ('f', 2, "local"),
        ('d', 0, ".data"),
        ('D', 2, "var"),
        ('b', 9, "zero"),
    ];
    assert_eq!(table(&elf::sample(), PLAIN), named(&expected));
    let embedded = convert::from_elf(&elf::sample().file(), &ElfOptions { symtab: true, ..PLAIN }).unwrap();
    let image = aout_minix::parse(&embedded.bytes).unwrap();
    assert_eq!(Some(image.section(Section::Symbols)), embedded.symbol_table.as_deref());
    let apart = convert::from_elf(&elf::sample().file(), &ElfOptions { symfile: true, ..PLAIN }).unwrap();
    assert_eq!(aout_minix::parse(&apart.bytes).unwrap().header().syms, 0);
}

#[test]
fn symbols_are_kept_where_the_original_loses_them() {
    let symbol = |name, value, section| Symbol { name, value, info: 0x10, section };
    // Text at address 0.
    let mut elf = small();
    elf.symbols = vec![
        symbol("main", 0, 1),
        symbol("number", 3, 0xfff1),
        symbol("end", 0x30005, 3),
        symbol("past_the_end", 0x30006, 3),
    ];
    assert_eq!(table(&elf, PLAIN), named(&[('T', 0, "main"), ('d', 0, ".data"), ('B', 5, "end")]));
    // Bss, but no data.
    let mut elf = Elf::new(0, vec![section(".text", 0, &[0x90; 16]), bss(0x30000, 4)]);
    elf.symbols = vec![symbol("buffer", 0x30002, 2)];
    assert_eq!(table(&elf, PLAIN), named(&[('B', 2, "buffer")]));
    // In the tiny model offsets count from the text.
    let mut elf = elf::tiny();
    elf.symbols = vec![symbol("var", 7, 2)];
    assert_eq!(table(&elf, ElfOptions { tiny: true, ..PLAIN }), named(&[('D', 7, "var")]));
}

#[test]
fn names_are_cut_to_what_a_record_holds() {
    let name: &str = Box::leak("n".repeat(300).into_boxed_str());
    let mut elf = small();
    elf.symbols = (0..200).map(|value| Symbol { name, value: value % 16, info: 0x12, section: 1 }).collect();
    let conversion = convert::from_elf(&elf.file(), &ElfOptions { symfile: true, ..PLAIN }).unwrap();
    let bytes = 200 * (4 + 255) + 1;
    assert_eq!(conversion.notes, [Note::NamesCut { count: 200 }, Note::LongSymbolTable { bytes }]);
    elf.symbols.clear();
    let none = convert::from_elf(&elf.file(), &ElfOptions { symfile: true, ..PLAIN }).unwrap();
    assert_eq!((none.symbol_table.as_deref(), &none.notes[..]), (Some(&[0][..]), &[Note::NoSymbols][..]));
}

#[test]
fn ne_files_are_converted() {
    let conversion = convert::from_ne(&ne::sample().file()).unwrap();
    assert_eq!(conversion.notes, []);
    let image = aout_minix::parse(&conversion.bytes).unwrap();
    let header = image.header();
    assert_eq!((header.file_type.word(), header.hlen, header.version), (0x0430_0301, 0x30, 1));
    // Heap 4096 is the default; the bss is what the kernel zeroes, the stack is not among it.
    assert_eq!((header.chmem, header.minstack, header.bseg), (0, 64, 84));
    assert_eq!(image.section(Section::Text), [0xb8, 0xff, 0xff, 0x8e, 0xd8]);
    // The far address holds its offset now, and its segment is relocated against the code: segment 2, which the
    // original takes for data.
    assert_eq!(image.section(Section::Data), [9, 9, 1, 0, 0, 0]);
    let list = |section| image.relocations(section).map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(list(Section::Text), [Relocation::segword(1, SymbolIndex::DATA)]);
    assert_eq!(list(Section::Data), [Relocation::segword(4, SymbolIndex::TEXT)]);
}

#[test]
fn what_ne_files_break() {
    let file = |change: fn(&mut ne::Ne)| {
        let mut ne = ne::sample();
        change(&mut ne);
        ne.file()
    };
    for (what, expected, bytes) in [
        ("no MZ file", InputRule::UnknownFormat, b"ZM".to_vec()),
        ("cut short", InputRule::Truncated, b"MZ".to_vec()),
        ("a DOS program", InputRule::NotNe, [b"MZ".to_vec(), vec![0; 62]].concat()),
        ("for Windows", InputRule::NotOs2, file(|ne| ne.os = 2)),
        ("one data segment for all", InputRule::NotAProgram, file(|ne| ne.program_flags = 1)),
        ("imports", InputRule::NotSelfContained, file(|ne| ne.modules = 1)),
        ("movable entries", InputRule::NotSelfContained, file(|ne| ne.movable = 1)),
        ("resources", InputRule::NotSelfContained, file(|ne| ne.resources = 1)),
        ("one segment", InputRule::SegmentCount, file(|ne| drop(ne.segments.pop()))),
        ("no data segment", InputRule::SegmentNumber, file(|ne| ne.data = 0)),
        ("code in the data segment", InputRule::SegmentNumber, file(|ne| ne.cs = 1)),
        ("stack in the code segment", InputRule::SegmentNumber, file(|ne| ne.ss = 2)),
        ("entry after the code", InputRule::EntryOutsideText, file(|ne| ne.ip = 5)),
        ("code marked as data", InputRule::SegmentFlags, file(|ne| ne.segments[1].flags |= 1)),
        ("64 KiB of code", InputRule::SegmentSize, file(|ne| ne.segments[1].size = Some(0))),
        ("no memory", InputRule::SegmentSize, file(|ne| ne.segments[0].min_alloc = 0)),
        ("less memory than data", InputRule::SegmentSize, file(|ne| ne.segments[0].min_alloc = 5)),
        ("more memory than code", InputRule::SegmentSize, file(|ne| ne.segments[1].min_alloc = 6)),
        ("a wide shift", InputRule::Malformed(Flaw::SegmentAlignment), file(|ne| ne.shift = 32)),
        ("an offset relocation", InputRule::NeRelocation, file(|ne| ne.segments[1].relocations[0][0] = 5)),
        ("an imported function", InputRule::NeRelocation, file(|ne| ne.segments[1].relocations[0][1] = 1)),
        ("an additive segment", InputRule::NeRelocation, file(|ne| ne.segments[1].relocations[0][1] = 4)),
        ("a movable target", InputRule::SegmentNumber, file(|ne| ne.segments[1].relocations[0][4] = 0xff)),
        (
            "an offset after the code",
            InputRule::RelocationStraddles,
            file(|ne| ne.segments[1].relocations[0][2] = 4),
        ),
        (
            "an offset after the data",
            InputRule::RelocationStraddles,
            file(|ne| ne.segments[0].relocations[0][2] = 3),
        ),
    ] {
        assert_eq!(rule(convert::from_ne(&bytes)), expected, "{what}");
    }
    // The file ends within the last record, or within the count of records before it.
    let whole = ne::sample().file();
    for cut in [1, 8, 9, 10] {
        let bytes = &whole[..whole.len() - cut];
        assert_eq!(rule(convert::from_ne(bytes)), InputRule::Truncated, "{cut} bytes less");
    }
}

/// The NE header is at byte 40h; the segment table after it, at 80h, has entries of 8 bytes. The last record of the file is
/// the code's relocation.
#[test]
fn what_ne_files_break_is_named_by_offset_and_value() {
    let flags = ne::sample().segments[1].flags;
    let last = ne::sample().file().len() as u64 - 8;
    type Change = fn(&mut ne::Ne);
    let cases: [(Change, &str, u64, u64); 11] = [
        (|ne| ne.os = 2, "target_os", 0x76, 2),
        (|ne| ne.program_flags = 1, "program_flags", 0x4c, 1),
        (|ne| ne.modules = 7, "num_modules", 0x5e, 7),
        (|ne| ne.movable = 8, "num_movable", 0x70, 8),
        (|ne| ne.resources = 9, "num_resources", 0x74, 9),
        (|ne| ne.ip = 5, "ip", 0x54, 5),
        (|ne| ne.segments[1].flags |= 1, "flags", 0x8c, u64::from(flags | 1)),
        (|ne| ne.segments[0].min_alloc = 0, "min_alloc", 0x86, 0),
        // Source types are in the lower four bits; of the flags, target and additive count.
        (|ne| ne.segments[1].relocations[0][1] = 0x84, "src_type", last, 0x0402),
        (|ne| ne.segments[1].relocations[0][1] = 1, "src_type", last, 0x0102),
        (|ne| ne.segments[1].relocations[0][4] = 0xff, "segment", last + 4, 0xff),
    ];
    for (change, name, offset, found) in cases {
        let mut ne = ne::sample();
        change(&mut ne);
        let Err(ConvertError::Input { finding, .. }) = convert::from_ne(&ne.file()) else { panic!("{name}") };
        assert_eq!((finding.field.0, finding.offset, finding.found), (name, offset, found), "{finding}");
    }
}

#[test]
fn ne_far_addresses_may_be_additive() {
    let mut ne = ne::sample();
    ne.segments[0].bytes[2..4].copy_from_slice(&[5, 0]);
    ne.segments[0].relocations[0][1] = 4;
    let conversion = convert::from_ne(&ne.file()).unwrap();
    assert_eq!(aout_minix::parse(&conversion.bytes).unwrap().section(Section::Data), [9, 9, 6, 0, 0, 0]);
    // Only the lower four bits of the source type count.
    ne.segments[0].relocations[0][0] |= 0x40;
    assert_eq!(convert::from_ne(&ne.file()).unwrap().bytes, conversion.bytes);
    ne.segments[0].relocations[0][1] = 0;
    let conversion = convert::from_ne(&ne.file()).unwrap();
    assert_eq!(conversion.notes, [Note::Chain { segment: 1, place: 2, next: 5 }]);
}

/// The offsets are those of the ELF specification: `e_shentsize` at byte 46, `e_shstrndx` at 50; in a section header of 40
/// bytes `sh_type` at 4, `sh_size` at 20, `sh_link` at 24.
#[test]
fn damaged_tables_are_named_by_field_and_offset() {
    let good = elf::sample().file();
    let word = |at: usize| u32::from_le_bytes(good[at..at + 4].try_into().unwrap()) as usize;
    let (start, count) = (word(32), usize::from(good[48]));
    let header = |kind: usize| {
        (0..count).map(|index| start + 40 * index).find(|at| word(at + 4) == kind).expect("such a section")
    };
    let (text, symbols) = (start + 40, header(2));
    let size = u8::try_from(word(symbols + 20)).unwrap();
    let options = ElfOptions { symtab: true, ..PLAIN };
    assert!(convert::from_elf(&good, &options).is_ok());
    let table = [
        (46, 39, "e_shentsize", Flaw::SectionHeaderSize),
        (50, 0, "e_shstrndx", Flaw::NoNames),
        (50, 0xfe, "e_shstrndx", Flaw::NoNames),
        (symbols + 20, size - 1, "sh_size", Flaw::SymbolTable),
        (symbols + 24, 0xfe, "sh_link", Flaw::SymbolTable),
    ];
    for (at, value, field, flaw) in table {
        let mut file = good.clone();
        file[at] = value;
        let Err(ConvertError::Input { finding, .. }) = convert::from_elf(&file, &options) else {
            panic!("{field} is taken")
        };
        assert_eq!(finding.rule, InputRule::Malformed(flaw), "{finding}");
        assert_eq!((finding.field.0, finding.offset), (field, at as u64), "{finding}");
        assert!(!finding.expected.allows(finding.found), "{finding}");
        // Without the symbols, their table is not looked at.
        assert_eq!(convert::from_elf(&file, &PLAIN).is_ok(), flaw == Flaw::SymbolTable, "{finding}");
    }
    // The name of the text, which begins beyond all names.
    let mut file = good.clone();
    file[text + 1] = 0xff;
    let error = convert::from_elf(&file, &PLAIN).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), error.to_string());
    let ConvertError::Input { finding, .. } = error else { panic!("the name is taken") };
    assert_eq!((finding.rule, finding.field.0), (InputRule::Malformed(Flaw::Name), "sh_name"), "{finding}");
    assert_eq!(finding.offset, text as u64);
    let rom = ElfOptions { rom: Some(Rom { aout_seg: 0xe000, data_seg: 0x50 }), ..PLAIN };
    let Err(ConvertError::Input { finding, .. }) = convert::from_elf(&good, &rom) else {
        panic!("the size of the text in a ROM")
    };
    assert_eq!((finding.field.0, finding.offset), ("sh_size", text as u64 + 20), "{finding}");
}

/// The numbers of what is wrong, and of the parts concerned, for C.
#[test]
fn flaws_and_parts_are_numbered() {
    for number in 1..8 {
        assert_eq!(Flaw::from_number(number).unwrap().number(), number);
    }
    let part = |number| PartName::from_number(number).map(|part| (part.number(), part.name()));
    let names = [".text", ".fartext", ".data", ".bss"];
    assert_eq!([1, 2, 3, 4].map(part), [1, 2, 3, 4].map(|number| Some((number, names[number as usize - 1]))));
    let reasons: BTreeSet<_> = (1..8).map(|number| Flaw::from_number(number).unwrap().reason()).collect();
    assert!(
        reasons.len() == 7
            && reasons.iter().all(|reason| reason.starts_with("the ") || reason.starts_with("no "))
    );
    assert_eq!((part(5), Flaw::from_number(0), Flaw::from_number(8)), (None, None, None));
}

/// As strtoul reads them with base 0, without signs and blanks.
#[test]
fn numbers_of_the_options() {
    for (text, number) in [
        ("0", Some(0)),
        ("8", Some(8)),
        ("4096", Some(4096)),
        ("010000", Some(4096)),
        ("0x1000", Some(4096)),
        ("0Xffff", Some(65535)),
        ("65535", Some(65535)),
        ("65536", None),
        ("0x10000", None),
        ("0200000", None),
        ("08", None),
        ("0x", None),
        ("0x+1", None),
        ("+1", None),
        ("-1", None),
        (" 1", None),
        ("1k", None),
        ("", None),
    ] {
        assert_eq!(convert::number(text), number, "{text:?}");
    }
}

#[test]
fn ne_data_without_bytes_are_bss() {
    let mut ne = ne::sample();
    ne.segments[0].bytes.clear();
    ne.segments[0].relocations.clear();
    ne.segments[0].flags = 0x0c01;
    let conversion = convert::from_ne(&ne.file()).unwrap();
    let header = *aout_minix::parse(&conversion.bytes).unwrap().header();
    assert_eq!((header.dseg, header.bseg), (0, 90));
}

/// EM_386; symbols of 16 bytes with the value at 4, whose names are in the section that `sh_link` names.
#[cfg(feature = "to-elf")]
#[test]
fn an_elf_file_has_the_entry_and_the_symbols() {
    use aout_minix::{Builder, ByteOrder, FileType, NewNlistSymbol, StorageClass};

    let names = [(&b"start"[..], 4, 0o22), (b"a_long_name", 2, 0o23)];
    let table: Vec<u8> = names
        .iter()
        .flat_map(|&(name, value, sclass)| {
            let symbol = NewNlistSymbol { name, value, sclass: StorageClass(sclass) };
            symbol.entries(ByteOrder::Little).flatten().collect::<Vec<_>>()
        })
        .collect();
    let builder = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).entry(4);
    let file = builder.text(&[0x90; 16]).data(&[1; 4]).symbols(&table).to_vec().unwrap();
    let elf = convert::to_elf(&aout_minix::parse(&file).unwrap()).unwrap();
    let word = |at: usize| u32::from_le_bytes(elf[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((elf[18], elf[19], word(24)), (3, 0, 4));
    // Section headers of 40 bytes: type 2 is the symbol table.
    let header = |index: usize| word(32) + 40 * index;
    let symtab = (0..usize::from(elf[48])).map(header).find(|&at| word(at + 4) == 2).unwrap();
    let strings = word(header(word(symtab + 24)) + 16);
    let found: Vec<_> = (1..word(symtab + 20) / 16)
        .map(|index| word(symtab + 16) + 16 * index)
        .map(|at| (elf[strings + word(at)..].split(|&byte| byte == 0).next().unwrap(), word(at + 4)))
        .collect();
    assert_eq!(found, [(&b"start"[..], 4), (b"a_long_name", convert::DATA_ADDRESS as usize + 2)]);
}

#[cfg(feature = "to-elf")]
#[test]
fn what_takes_no_memory_has_no_section_in_an_elf_file() {
    use aout_minix::{Builder, FileType};

    for (data, bss, expected) in [(4, 8, [true, true]), (4, 0, [true, false]), (0, 8, [false, true])] {
        let bytes = vec![1; data];
        let builder = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 16]).data(&bytes);
        let file = builder.bss(bss).to_vec().unwrap();
        let elf = convert::to_elf(&aout_minix::parse(&file).unwrap()).unwrap();
        let has = |name: &[u8]| elf.windows(name.len()).any(|window| window == name);
        assert_eq!([has(b".data\0"), has(b".bss\0")], expected, "{data} {bss}");
        // p_flags of code, data and bss, in headers of 32 bytes after the one of the file: 1 is executable, 2 writable.
        let flags: Vec<_> = (0..usize::from(elf[44])).map(|index| elf[52 + 32 * index + 24]).collect();
        // sh_flags, at 8 of 40: 2 takes memory, 1 is writable, 4 executable.
        let headers = u32::from_le_bytes(elf[32..36].try_into().unwrap()) as usize;
        let flags_of = |address: u32| {
            let mut list = (0..usize::from(elf[48])).map(|index| &elf[headers + 40 * index..][..40]);
            list.find(|it| it[12..16] == address.to_le_bytes() && it[8] != 0).map(|it| it[8])
        };
        assert_eq!((flags_of(0), flags_of(convert::DATA_ADDRESS)), (Some(6), Some(3)), "{data} {bss}");
        let writable = expected.into_iter().filter(|has| *has).map(|_| 6);
        assert_eq!(flags, [5].into_iter().chain(writable).collect::<Vec<_>>(), "{data} {bss}");
    }
}
