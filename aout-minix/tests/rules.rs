//! The rules of the systems, of the checker and of chmem: each with the smallest header that breaks it.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of a test, which may panic"
)]

use aout_minix::chmem::{self, Change, ChmemError, MinixChange, Row};
use aout_minix::elks::{self, ElksRule, Errno, LoadError, Memory, Options, Program, Requirements, Segments};
use aout_minix::minix2::{self, Minix2Rule, WordSize};
use aout_minix::{
    AoutRule, BuildError, Builder, ByteOrder, Content, Cpu, ElksSymbol, ElksSymbols, FileType, Header, Magic,
    NewNlistSymbol, NlistSymbols, Relocation, RelocationTable, RelocationType, Section, StorageClass,
    Supplement, SymbolFormat, SymbolIndex, TableFault,
};

const TYPE: FileType = FileType::SPLITID_AHISTORICAL;

/// Version 1, 16 bytes of text, 100 of data, 28 of bss.
fn plain() -> Header {
    Header { version: 1, tseg: 16, dseg: 100, bseg: 28, ..Header::empty(TYPE) }
}

fn far() -> Header {
    Header { hlen: 0x40, ..plain() }
}

/// The header's bytes and zeros for all sections.
fn file(header: &Header) -> Vec<u8> {
    let mut file = header.to_bytes()[..header.hlen.into()].to_vec();
    file.resize(header.end_of_sections().try_into().unwrap(), 0);
    file
}

fn refusal(header: &Header, options: Options) -> Result<(), (ElksRule, Errno)> {
    elks::execve(&file(header), options).map(drop).map_err(|refusal| (refusal.rule, refusal.rule.errno()))
}

#[test]
fn elks_refuses_headers() {
    let all = Options::default();
    let arguments = |argument_bytes| Options { argument_bytes, ..all };
    let supplement = |change: fn(&mut Supplement)| {
        let mut header = far();
        change(&mut header.supplement);
        header
    };
    // Data and bss take 128 bytes.
    for (header, options, rule, errno) in [
        (Header { file_type: FileType::COMBID, ..plain() }, all, ElksRule::WrongType, "ENOEXEC"),
        (
            Header { file_type: FileType::from_word(0x1030_0301), ..plain() },
            all,
            ElksRule::WrongType,
            "ENOEXEC",
        ),
        (Header { tseg: 0, ..plain() }, all, ElksRule::NoText, "ENOEXEC"),
        (Header { tseg: 0x1_0000, ..plain() }, all, ElksRule::NoText, "ENOEXEC"),
        (Header { dseg: 0xffff, bseg: 1, ..plain() }, all, ElksRule::DataTooLarge, "EINVAL"),
        (Header { hlen: 0x28, ..plain() }, all, ElksRule::BadHlen, "ENOEXEC"),
        (far(), Options { medium_model: false, ..all }, ElksRule::NoMediumModel, "ENOEXEC"),
        (supplement(|s| s.tbase = 0x1_0000), all, ElksRule::TextBase, "EINVAL"),
        (supplement(|s| s.dbase = 1), all, ElksRule::DataBase, "EINVAL"),
        (
            supplement(|s| s.compr_ftseg = 1),
            Options { compression: false, ..all },
            ElksRule::NoCompression,
            "ENOEXEC",
        ),
        (Header { version: 2, ..plain() }, all, ElksRule::UnknownVersion, "ENOEXEC"),
        (Header { version: 2, ..far() }, all, ElksRule::UnknownVersionSupplement, "EINVAL"),
        (Header { minstack: 0xff80, ..plain() }, all, ElksRule::StackTooLarge, "EFBIG"),
        (plain(), arguments(0xffff - 128 - 4096 + 1), ElksRule::NoRoomForArguments, "E2BIG"),
        (Header { chmem: 0xffef, ..plain() }, all, ElksRule::HeapTooLarge, "EFBIG"),
        (Header { version: 0, chmem: 128, ..plain() }, all, ElksRule::TotalTooSmall, "EINVAL"),
        (
            Header { version: 0, chmem: 130, ..plain() },
            arguments(3),
            ElksRule::TotalTooSmallForArguments,
            "E2BIG",
        ),
        (Header { version: 0, chmem: 0xfff1, ..plain() }, all, ElksRule::NoRoomToRound, "E2BIG"),
        (Header { version: 0, bseg: 0xffff - 100 - 8191, ..plain() }, all, ElksRule::HeapTooLarge, "EFBIG"),
        (supplement(|s| s.trsize = 7), all, ElksRule::PartialRelocation(Section::Text), "EINVAL"),
        // Zeros are no relocation.
        (supplement(|s| s.drsize = 8), all, ElksRule::RelocationType, "EINVAL"),
    ] {
        let found = refusal(&header, options).unwrap_err();
        assert_eq!((found.0, found.1.name()), (rule, errno), "{header:?} {options:?}");
    }
    // One step away from a rule, each is taken.
    for (header, options) in [
        (Header { file_type: FileType::SPLITID, ..plain() }, all),
        (supplement(|s| s.dbase = 0x1_0000), all),
        (Header { minstack: 0xff7f - 4096 - 15 - 10, ..plain() }, all),
        (Header { chmem: 0xfff0, ..plain() }, arguments(0)),
        (Header { version: 0, chmem: 129, ..plain() }, arguments(0)),
        (Header { version: 0, chmem: 138, ..plain() }, all),
        (Header { version: 0, chmem: 130, ..plain() }, arguments(2)),
        (Header { version: 0, chmem: 0xfff0, ..plain() }, all),
    ] {
        assert_eq!(refusal(&header, options), Ok(()), "{header:?} {options:?}");
    }
}

#[test]
fn elks_refuses_files() {
    let short = |header: &Header, less: usize| {
        let file = file(header);
        elks::execve(&file[..file.len() - less], Options::default()).unwrap_err().rule
    };
    assert_eq!(elks::execve(b"\x01", Options::default()).unwrap_err().rule, ElksRule::HeaderShort);
    assert_eq!(elks::execve(b"MZ", Options::default()).unwrap_err().rule, ElksRule::BadMagic);
    assert_eq!(
        elks::execve(&file(&plain())[..31], Options::default()).unwrap_err().rule,
        ElksRule::HeaderShort
    );
    assert_eq!(
        elks::execve(&file(&far())[..63], Options::default()).unwrap_err().rule,
        ElksRule::SupplementShort
    );
    assert_eq!(short(&plain(), 1), ElksRule::ShortRead(Section::Data));
    assert_eq!(short(&plain(), 101), ElksRule::ShortRead(Section::Text));
    let mut header = far();
    header.supplement.ftseg = 5;
    assert_eq!(short(&header, 101), ElksRule::ShortRead(Section::FarText));
    let wrong = [Relocation::segword(0, SymbolIndex::BSS)];
    let builder = Builder::new(TYPE).version(1).text(&[0; 4]).text_relocations(&wrong);
    let mut out = [0; 80];
    let length = builder.write_to(&mut out).unwrap();
    let refusal = elks::execve(&out[..length], Options::default()).unwrap_err();
    assert_eq!(
        (refusal.rule, refusal.offset, refusal.found),
        (ElksRule::RelocationTarget, 48 + 4 + 4, 0xfffc)
    );
    let refusal = elks::execve(&out[..length - 1], Options::default()).unwrap_err();
    assert_eq!(refusal.rule, ElksRule::ShortRelocations(Section::Text));
}

#[test]
fn a_compressed_section_that_does_not_expand_is_refused() {
    let builder = Builder::new(TYPE).version(1).content(Section::Text, Content::compressed(&[1, 2], 50));
    let mut out = [0; 80];
    let length = builder.write_to(&mut out).unwrap();
    let file = &out[..length];
    let refusal = elks::execve(file, Options::default()).unwrap_err();
    assert_eq!(refusal.rule, ElksRule::BadCompression(Section::Text));
    let program = Program::new(file, Options::default()).unwrap();
    assert_eq!(program.check_file(file, |stored, size, _| (stored, size) == (&[1, 2], 50)), Ok(()));
    let refusal = program.check_file(file, |_, _, _| false).unwrap_err();
    assert_eq!(refusal.rule, ElksRule::BadCompression(Section::Text));
    assert_eq!(refusal.rule.errno(), Errno::Enoexec);
    assert_eq!(Requirements::of(program.header()), Requirements { medium_model: true, compression: true });
    assert_eq!(Requirements::of(&plain()), Requirements::default());
    let (mut text, mut data) = ([0; 80], vec![0; program.layout().data_len.into()]);
    let memory = Memory { text: &mut text, data: &mut data };
    let result = program.load_file(file, memory, Segments { text: 0, data: 0 }, |_, _, _| Err("no"));
    assert_eq!(result, Err(LoadError::Expand(Section::Text, "no")));
}

#[test]
fn a_bad_section_comes_before_a_bad_relocation() {
    let wrong = [Relocation::segword(0, SymbolIndex::BSS)];
    let builder = Builder::new(TYPE).version(1).content(Section::Text, Content::compressed(&[1, 2], 50));
    let mut out = [0; 80];
    let length = builder.data_relocations(&wrong).write_to(&mut out).unwrap();
    let file = &out[..length];
    let program = Program::new(file, Options::default()).unwrap();
    let rule = |expands: bool| program.check_file(file, |_, _, _| expands).unwrap_err().rule;
    assert_eq!(rule(false), ElksRule::BadCompression(Section::Text));
    assert_eq!(rule(true), ElksRule::RelocationTarget);
    let load = |expanded: Result<(), ()>| {
        let (mut text, mut data) = ([0; 80], vec![0; program.layout().data_len.into()]);
        let memory = Memory { text: &mut text, data: &mut data };
        program.load_file(file, memory, Segments { text: 0, data: 0 }, |_, _, _| expanded).unwrap_err()
    };
    assert_eq!(load(Err(())), LoadError::Expand(Section::Text, ()));
    assert!(
        matches!(load(Ok(())), LoadError::Refused(refusal) if refusal.rule == ElksRule::RelocationTarget)
    );
}

#[test]
fn a_layout_has_these_numbers() {
    // Each line by hand from rule 6, 7 and 10. Data and bss: 128 bytes.
    for (version, chmem, minstack, arguments, data_len, begstack, stack, heap) in [
        (1, 0, 0, 0, 8320, 8320, 4096, 4096),
        // 128 + 2000 + 11 + 1000 = 3139, rounded up.
        (1, 1000, 2000, 11, 3152, 3140, 2000, 1012),
        (1, 0xfff0, 0, 0, 65_520, 65_520, 4096, 61_296),
        (0, 0, 0, 0, 8320, 8320, 4096, 4096),
        (0, 200, 0, 0, 208, 208, 0, 80),
    ] {
        let header = Header { version, chmem, minstack, entry: 4, ..plain() };
        let options = Options { argument_bytes: arguments, ..Options::default() };
        let layout = *elks::execve(&file(&header), options).unwrap().layout();
        assert_eq!((layout.data_len, layout.minstack), (data_len, stack), "{header:?}");
        assert_eq!((layout.t_enddata, layout.endbrk, layout.t_endseg), (128, 128, data_len));
        assert_eq!((layout.text_paras, layout.entry), (1, 4));
        assert_eq!((layout.begstack, layout.heap()), (begstack, heap));
    }
}

#[test]
fn loading_stays_within_the_program() {
    let load = |vaddr: u32| {
        let list = [Relocation::segword(vaddr, SymbolIndex::FTEXT)];
        let mut out = [0; 128];
        let builder = Builder::new(TYPE).version(1).text(&[0; 17]).far_text(&[9; 3]).text_relocations(&list);
        let length = builder.write_to(&mut out).unwrap();
        let program = elks::execve(&out[..length], Options::default()).unwrap();
        let (mut text, mut data) = (vec![0xcc; 48], vec![0xcc; program.layout().data_len.into()]);
        let memory = Memory { text: &mut text, data: &mut data };
        let none = |_: &mut [u8], _, _| Err("nothing is compressed");
        let result = program.load_file(&out[..length], memory, Segments { text: 0x1234, data: 0x2000 }, none);
        result.map(|()| text)
    };
    // Two paragraphs of text, one of far text: 1236.
    assert_eq!(load(3).unwrap()[3..5], [0x36, 0x12]);
    // ELKS does not look: within the segment, the word is written wherever it is.
    assert_eq!(load(32).unwrap()[32..35], [0x36, 0x12, 9]);
    assert_eq!(load(0x1_0003).unwrap()[3..5], [0x36, 0x12]);
    for vaddr in [47, 48, 0xffff] {
        assert!(matches!(load(vaddr), Err(LoadError::WildRelocation { area: 48, .. })), "{vaddr:#x}");
    }
    let (program, mut small) = (elks::execve(&file(&plain()), Options::default()).unwrap(), [0; 15]);
    let memory = Memory { text: &mut small, data: &mut [] };
    let result = program.load_file(&file(&plain()), memory, Segments { text: 0, data: 0 }, |_, _, _| Err(()));
    assert!(matches!(result, Err(LoadError::MemoryTooSmall(Section::Text, size)) if size.needed == 16));
}

#[test]
fn minix_refuses_headers() {
    let header = |total| {
        let mut header = Header { tseg: 300, dseg: 200, bseg: 100, ..Header::empty(FileType::SPLITID) };
        header.set_a_total(total);
        header
    };
    let flags = |word| Header { file_type: FileType::from_word(word), ..header(0x1_0000) };
    let exec = |header: &Header| minix2::exec(header, WordSize::Bits16, minix2::CLICK_SIZE);
    for (header, rule) in [
        (flags(0x1020_0301), Minix2Rule::WrongCpu),
        (flags(0x0428_0301), Minix2Rule::UnknownFlags),
        (flags(0x0460_0301), Minix2Rule::UnknownFlags),
        (header(0), Minix2Rule::NoTotal),
        (Header { hlen: 31, ..header(0x1_0000) }, Minix2Rule::BadHlen),
        (header(512), Minix2Rule::NoRoom),
    ] {
        assert_eq!(exec(&header).unwrap_err().rule, rule, "{header:?}");
    }
    // 300 bytes in two clicks; a click of gap.
    let layout = exec(&header(513)).unwrap();
    assert_eq!(
        (layout.text_clicks, layout.data_clicks, layout.total_clicks, layout.gap_clicks),
        (2, 2, 3, 1)
    );
    // Not separate: the text counts as data.
    let layout = exec(&Header { file_type: FileType::COMBID, ..header(1025) }).unwrap();
    assert_eq!(
        (layout.text_clicks, layout.data_clicks, layout.total_clicks, layout.gap_clicks),
        (0, 3, 5, 2)
    );
    assert!(minix2::exec(&flags(0x1020_0301), WordSize::Bits32, 4096).is_ok());
    // Longer headers are skipped.
    assert_eq!(exec(&Header { hlen: 0x30, ..header(0x1_0000) }).unwrap().text_offset, 0x30);
}

#[test]
fn the_checker_finds() {
    let first = |header: &Header, file_len: u64| {
        aout_minix::check_header(header, file_len)
            .next()
            .map(|finding| (finding.rule, finding.offset, finding.found))
    };
    let whole = 32 + 16 + 100;
    let tags = |word| Header { file_type: FileType::from_word(word), ..plain() };
    for (header, file_len, expected) in [
        (plain(), whole, None),
        (tags(0x0520_0301), whole, Some((AoutRule::MixedEndian, 0, 0x0520_0301))),
        (tags(0x0820_0301), whole, Some((AoutRule::UnknownCpu, 0, 0x0820_0301))),
        (Header { hlen: 0x31, ..plain() }, whole + 17, Some((AoutRule::BadHlen, 4, 0x31))),
        (Header { version: 2, ..plain() }, whole, Some((AoutRule::UnknownVersion, 6, 2))),
        (Header { tseg: 0, ..plain() }, whole - 16, Some((AoutRule::NoText, 8, 0))),
        (Header { entry: 16, ..plain() }, whole, Some((AoutRule::EntryOutsideText, 20, 16))),
        (plain(), whole - 1, Some((AoutRule::SectionPastEof(Section::Data), 12, 100))),
        (Header { syms: 1, ..plain() }, whole, Some((AoutRule::SectionPastEof(Section::Symbols), 28, 1))),
        (Header { bseg: 0x1_0000, ..plain() }, whole, Some((AoutRule::CutTo16Bits, 16, 0x1_0000))),
        (Header { reserved1: 3, ..plain() }, whole, Some((AoutRule::Reserved, 5, 3))),
    ] {
        assert_eq!(first(&header, file_len), expected, "{header:?}");
    }
    // Sizes of a 32-bit program are not cut.
    let large = Header { file_type: FileType { cpu: Cpu::I80386, ..TYPE }, bseg: 0x1_0000, ..plain() };
    assert_eq!(first(&large, whole), None);
    let supplement = |change: fn(&mut Supplement)| {
        let mut header = Header { tseg: 20, ..far() };
        change(&mut header.supplement);
        let file_len = header.end_of_sections();
        first(&header, file_len).unwrap()
    };
    assert_eq!(
        supplement(|s| s.ftrsize = 9),
        (AoutRule::PartialRelocation(Section::FarTextRelocations), 52, 9)
    );
    assert_eq!(supplement(|s| s.compr_tseg = 21), (AoutRule::NotShorter(Section::Text), 56, 21));
    assert_eq!(supplement(|s| s.compr_ftseg = 5), (AoutRule::EmptyCompressed(Section::FarText), 60, 5));
    assert_eq!(supplement(|s| s.reserved = 5), (AoutRule::Reserved, 62, 5));
}

fn findings(builder: &Builder<'_>) -> Vec<(AoutRule, u64, u64)> {
    let mut out = vec![0; 70_000];
    let length = builder.write_to(&mut out).unwrap();
    let image = aout_minix::parse(&out[..length]).unwrap();
    aout_minix::check(&image).map(|finding| (finding.rule, finding.offset, finding.found)).collect()
}

#[test]
fn the_checker_finds_what_the_kernel_does_not() {
    let base = Builder::new(TYPE).version(1).text(&[0; 16]).data(&[0; 4]);
    assert_eq!(findings(&base), []);
    let place = |vaddr| [Relocation::segword(vaddr, SymbolIndex::DATA)];
    assert_eq!(findings(&base.text_relocations(&place(14))), []);
    for vaddr in [15, 0x1_0000] {
        let expected = [(AoutRule::RelocationPlace, 0x30 + 20, vaddr.into())];
        assert_eq!(findings(&base.text_relocations(&place(vaddr))), expected);
    }
    let second = [Relocation::segword(0, SymbolIndex::TEXT), Relocation::segword(3, SymbolIndex::TEXT)];
    assert_eq!(findings(&base.data_relocations(&second)), [(AoutRule::RelocationPlace, 0x30 + 20 + 8, 3)]);
    let far = [Relocation::segword(0, SymbolIndex::FTEXT)];
    assert_eq!(findings(&base.data_relocations(&far)), [(AoutRule::NoFarText, 0x30 + 20 + 4, 0xfffb)]);
    let word = [Relocation { kind: RelocationType::RELWORD, ..Relocation::segword(0, SymbolIndex::BSS) }];
    let expected = [(AoutRule::RelocationType, 74, 4), (AoutRule::RelocationTarget, 72, 0xfffc)];
    assert_eq!(findings(&base.data_relocations(&word)), expected);
    assert_eq!(
        findings(&base.text_relocations(RelocationTable::Bytes(&[0; 9])))[0],
        (AoutRule::PartialRelocation(Section::TextRelocations), 32, 9)
    );
    // 48 bytes of text segment, and 49 to be read into it.
    let stored = base.content(Section::Text, Content::compressed(&[0; 49], 17));
    assert!(findings(&stored).contains(&(AoutRule::StoredBeyondAllocation(Section::Text), 56, 49)));
    // A version 0 total of 112 bytes leaves 12 above 100 bytes of data, and 16 are needed.
    let data = base.content(Section::Data, Content::compressed(&[0; 60], 100)).version(0).chmem(112);
    assert_eq!(findings(&data), [(AoutRule::NoRoomToExpand, 12, 116)]);
    assert_eq!(findings(&data.chmem(113)), []);
    assert_eq!(findings(&base.symbols(&[1; 17])), [(AoutRule::UnknownSymbols, 52, 17)]);
    let mut long = vec![b'T'; 32_764];
    (0..32_764).step_by(4).for_each(|at| long[at + 3] = 0);
    long.extend([b'T', 0, 0, 1, b'x', 0]);
    assert_eq!(findings(&base.symbols(&long)), [(AoutRule::LongSymbols, 52, 32_770)]);
    assert_eq!(findings(&base.trailing(b"?")), [(AoutRule::TrailingBytes, 52, 53)]);
}

#[test]
fn what_is_no_a_out_is_told() {
    for (bytes, lookalike) in [
        (&b"\x7fELF"[..], Magic::Elf),
        (b"MZ\x90\0", Magic::Mz),
        (b"#!/bin/sh", Magic::Script),
        (b"!<arch>\n", Magic::Archive),
        (b"\xa3\x86\x01\0", Magic::BccObject),
        (b"\x03\x01\x20\x04", Magic::Unknown),
    ] {
        let AoutRule::BadMagic(start) = aout_minix::parse(bytes).unwrap_err().rule else {
            panic!("{lookalike:?}")
        };
        assert_eq!(start.magic(), lookalike);
    }
    assert_eq!(aout_minix::parse(b"\x01").unwrap_err().rule, AoutRule::Truncated);
}

#[test]
fn the_builder_refuses() {
    let base = Builder::new(TYPE).text(&[0; 16]);
    let long = [0; 0x1_0000];
    assert_eq!(
        base.content(Section::Data, Content::compressed(&long, 1)).header(),
        Err(BuildError::CompressedTooLong(Section::Data))
    );
    for (section, stored, size) in
        [(Section::Text, &[][..], 5), (Section::FarText, &[1], 0), (Section::Data, &[], 0)]
    {
        let content = Content::compressed(stored, size);
        assert_eq!(base.content(section, content).header(), Err(BuildError::EmptyCompressed(section)));
    }
    assert!(
        matches!(base.min_hlen(0x28).header(), Err(BuildError::Refused(finding)) if finding.rule == AoutRule::BadHlen)
    );
    assert!(
        matches!(base.write_to(&mut [0; 47]), Err(BuildError::BufferTooSmall(size)) if (size.needed, size.given) == (48, 47))
    );
}

#[test]
fn nlist_names_go_on() {
    // As ld86 writes them: `_main`, then `a_long_name_indeed` over three entries.
    let mut table = Vec::new();
    for (name, value, sclass) in [
        (&b"_main\0\0\0"[..], 24_u32, 0o22_u8),
        (b"a_long_n", 16, 0o33),
        (b"ame_inde", 0, 0),
        (b"ed\0\0\0\0\0\0", 0, 0),
    ] {
        table.extend([name, &value.to_le_bytes(), &[sclass, 0, 0, 0]].concat());
    }
    let symbols = |table: &[u8]| -> Vec<_> {
        let symbols = NlistSymbols::new(table, ByteOrder::Little).map(Result::unwrap);
        symbols
            .map(|s| (String::from_utf8(s.name().collect()).unwrap(), s.value, s.sclass.letter(), s.index))
            .collect()
    };
    let expected = [("_main".into(), 24, 'T', 0), ("a_long_name_indeed".into(), 16, 'd', 1)];
    assert_eq!(symbols(&table), expected);
    assert_eq!(SymbolFormat::of(&table), SymbolFormat::Nlist);
    // Written again.
    let mut again = Vec::new();
    for (name, value, sclass) in [(&b"_main"[..], 24, 0o22), (b"a_long_name_indeed", 16, 0o33)] {
        let symbol = NewNlistSymbol { name, value, sclass: StorageClass(sclass) };
        symbol.entries(ByteOrder::Little).for_each(|entry| again.extend(entry));
    }
    assert_eq!(again, table);
    // A name of eight bytes does not go on in a symbol.
    table.truncate(32);
    table.extend([&b"next\0\0\0\0"[..], &[0, 0, 0, 0, 0o22, 0, 0, 0]].concat());
    assert_eq!(symbols(&table)[1..], [("a_long_n".into(), 16, 'd', 1), ("next".into(), 0, 'T', 2)]);
    // A partial record at the end is an error, once.
    table.push(0);
    let mut partial = NlistSymbols::new(&table, ByteOrder::Little).skip(3);
    let error = partial.next().unwrap().unwrap_err();
    assert_eq!((error.fault, error.offset, error.left), (TableFault::PartialRecord, 48, 1));
    assert!(partial.next().is_none());
}

#[test]
fn elks_tables_end_in_a_zero() {
    let table = b"T\x04\x01\x02ab\x44\0\0\0\0";
    let symbols: Vec<_> = ElksSymbols::new(table).map(Result::unwrap).collect();
    let expected = [
        ElksSymbol { letter: b'T', addr: 0x104, name: b"ab" },
        ElksSymbol { letter: b'D', addr: 0, name: b"" },
    ];
    assert_eq!(symbols, expected);
    let written: Vec<u8> = expected.iter().flat_map(|symbol| symbol.record().unwrap()).chain([0]).collect();
    assert_eq!(written, table);
    for (table, fault, offset) in [
        (&b"T\0\0\x01x"[..], TableFault::Unterminated, 5),
        (b"", TableFault::Unterminated, 0),
        // `x\0` is a name of two bytes, after which the zero byte is missing.
        (b"T\0\0\x02x\0", TableFault::Unterminated, 6),
        (b"T\0\0\x09x\0", TableFault::PartialRecord, 0),
        (b"T\0", TableFault::PartialRecord, 0),
        (b"T\0\0\x01x\0\0", TableFault::TrailingBytes, 6),
    ] {
        let mut symbols = ElksSymbols::new(table);
        let error = symbols.find_map(Result::err);
        assert_eq!(error.map(|error| (error.fault, error.offset)), Some((fault, offset)), "{table:?}");
        assert!(symbols.next().is_none());
    }
    for (table, format) in [
        (&b""[..], SymbolFormat::None),
        (b"\0", SymbolFormat::Elks),
        (b"T\0\0\x01x\0", SymbolFormat::Elks),
        (b"T\0\0\x01x", SymbolFormat::Unknown),
        (b"sixteen bytes!!\0", SymbolFormat::Nlist),
    ] {
        assert_eq!(SymbolFormat::of(table), format, "{table:?}");
    }
    assert!(ElksSymbol { name: &[b'n'; 256], ..expected[0] }.record().is_none());
}

#[test]
fn relocations_end_in_an_error() {
    let bytes = [2, 0, 0, 0, 0xfe, 0xff, 80, 0, 1];
    let mut relocations = aout_minix::Relocations::new(&bytes, ByteOrder::Little);
    assert_eq!(relocations.next(), Some(Ok(Relocation::segword(2, SymbolIndex::TEXT))));
    let error = relocations.next().unwrap().unwrap_err();
    assert_eq!((error.fault, error.offset, error.left, error.needed), (TableFault::PartialRecord, 8, 1, 8));
    assert!(relocations.next().is_none());
    let big = Relocation::from_bytes([0, 0, 0, 2, 0xff, 0xfe, 0, 80], ByteOrder::Big);
    assert_eq!(big, Relocation::segword(2, SymbolIndex::TEXT));
    assert_eq!(big.to_bytes(ByteOrder::Big), [0, 0, 0, 2, 0xff, 0xfe, 0, 80]);
}

#[test]
fn chmem_prints_the_originals_columns() {
    let row = |header: &Header| format!("{} name{}", Row::of(header), Row::of(header).remarks());
    for (header, expected) in [
        (plain(), "   16      0    100     28      0      0     8320   8336 name"),
        (
            Header { chmem: 1000, minstack: 2000, ..plain() },
            "   16      0    100     28   1000   2000     3128   3144 name",
        ),
        (
            Header { chmem: 0xfff0, ..plain() },
            "   16      0    100     28  65520      0    65520  65536 name",
        ),
        (
            Header { version: 0, chmem: 1128, ..plain() },
            "   16      0    100     28   1000      0     1128   1144 name (v0 header)",
        ),
        (
            Header { version: 0, minstack: 1, ..plain() },
            "   16      0    100     28      0      1     4224   4240 name (v0 header)",
        ),
        (
            Header { version: 0, chmem: 1144, file_type: FileType::COMBID, ..plain() },
            "   16      0    100     28   1000      0     1144   1144 name (v0 header)",
        ),
        (
            Header {
                supplement: Supplement {
                    ftseg: 300,
                    compr_tseg: 9,
                    compr_ftseg: 200,
                    ..Supplement::default()
                },
                ..far()
            },
            "   16    300    100     28      0      0     8320   8636 name (9 200 0)",
        ),
    ] {
        assert_eq!(row(&header), expected);
    }
    assert_eq!(chmem::HEADING, " TEXT  FTEXT   DATA    BSS   HEAP  STACK  TOTDATA  TOTAL");
    // The original does not look at a supplement of 16 bytes.
    let supplement = Supplement { trsize: 16, drsize: 8, ..Supplement::default() };
    assert_eq!(Row::of(&Header { hlen: 0x30, supplement, ..plain() }).relocations, 24);
}

#[test]
fn chmem_changes() {
    let set = |header: &Header, heap, stack| {
        chmem::change(header, Change { heap, stack }).map(|changed| {
            (changed.header.version, changed.header.chmem, changed.header.minstack, changed.truncated_to)
        })
    };
    let v0 = Header { version: 0, chmem: 1128, ..plain() };
    let large = Header { dseg: 20_000, bseg: 0, ..plain() };
    for (header, heap, stack, expected) in [
        (plain(), Some(1000), None, (1, 1000, 0, None)),
        (plain(), None, Some(2000), (1, 0, 2000, None)),
        (plain(), Some(0), Some(0), (1, 0, 0, None)),
        (plain(), Some(0xffff), Some(65_520), (1, 0xffff, 65_520, None)),
        // The original stores 1128, the total of version 0, as the heap of version 1.
        (v0, None, Some(2000), (1, 1000, 2000, None)),
        // 65520 - 20000 - 4096 - 128.
        (large, Some(50_000), None, (1, 41_296, 0, Some(41_296))),
        (large, Some(41_424), None, (1, 41_424, 0, None)),
        (large, Some(41_425), None, (1, 41_296, 0, Some(41_296))),
        // Cut to as much as data and bss, and not below.
        (large, Some(50_000), Some(25_392), (1, 20_000, 25_392, Some(20_000))),
        // Version 0 has no stack: the 1 is the high half of Minix' total of 65536.
        (Header { version: 0, minstack: 1, ..plain() }, Some(500), None, (1, 500, 0, None)),
    ] {
        assert_eq!(set(&header, heap, stack), Ok(expected), "{header:?} {heap:?} {stack:?}");
    }
    let tight = Header { dseg: 61_000, bseg: 0, ..plain() };
    for (header, heap, stack, expected) in [
        (plain(), Some(65_536), None, ChmemError::HeapTooLarge(65_536)),
        (plain(), None, Some(65_521), ChmemError::StackTooLarge(65_521)),
        (Header { minstack: 65_521, ..plain() }, Some(1), None, ChmemError::StackTooLarge(65_521)),
        (Header { hlen: 31, ..plain() }, None, None, ChmemError::BadHeader(31)),
        (Header { version: 2, ..plain() }, None, None, ChmemError::UnknownVersion(2)),
        (large, Some(50_000), Some(25_393), ChmemError::HeapStackTooLarge { most: 45_392, data: 20_000 }),
        // What the tool of ELKS says of a program of these sizes: `heap+stack too large: 43552`.
        (
            Header { tseg: 18_544, dseg: 2240, bseg: 19_600, chmem: 32_768, minstack: 3072, ..plain() },
            Some(30_000),
            Some(30_000),
            ChmemError::HeapStackTooLarge { most: 43_552, data: 21_840 },
        ),
        // 65520 - 61000 - 5000 - 128 is negative: an older version of the original writes a heap of FDA0 and the like.
        (tight, Some(8000), Some(5000), ChmemError::HeapStackTooLarge { most: 4392, data: 61_000 }),
        (Header { chmem: 128, ..v0 }, None, Some(1), ChmemError::TotalTooSmall { total: 128, data: 128 }),
    ] {
        assert_eq!(set(&header, heap, stack), Err(expected), "{header:?} {heap:?} {stack:?}");
    }
    // The original leaves far text out of this row.
    let supplement = Supplement { ftseg: 300, ..Supplement::default() };
    let changed =
        chmem::change(&Header { supplement, ..far() }, Change { heap: Some(1000), stack: None }).unwrap();
    assert_eq!(Row::of(&changed.header).total, 16 + 300 + 128 + 1000 + 4096);
}

#[test]
fn chmem_changes_in_the_way_of_minix() {
    // Data and bss take 128 bytes, with the text of a combined program 144.
    let split = Header { version: 0, chmem: 1128, file_type: FileType::SPLITID, ..plain() };
    let combined = Header { version: 0, chmem: 1128, file_type: FileType::COMBID, ..plain() };
    let i386 =
        Header { version: 0, chmem: 0, minstack: 1, file_type: FileType::from_word(0x1020_0301), ..plain() };
    for (header, change, before, after, total) in [
        (split, MinixChange::Exactly(50_000), 1000, 50_000, 50_128),
        (split, MinixChange::Exactly(65_407), 1000, 65_407, 65_535),
        (split, MinixChange::More(24), 1000, 1024, 1152),
        (split, MinixChange::Less(1000), 1000, 0, 128),
        (combined, MinixChange::More(16), 984, 1000, 1144),
        (i386, MinixChange::More(0x1_0000), 0x1_0000 - 128, 0x2_0000 - 128, 0x2_0000),
    ] {
        let new = chmem::minix(&header, change).unwrap();
        assert_eq!(
            (new.before, new.after, new.changed.header.a_total()),
            (before, after, total),
            "{change:?}"
        );
        let rest = Header { chmem: header.chmem, minstack: header.minstack, ..new.changed.header };
        assert_eq!(rest, header, "nothing else changes");
    }
    let out_of_range = |total| ChmemError::AmountOutOfRange { total, most: 65_535 };
    for (header, change, error) in [
        (split, MinixChange::Exactly(65_408), out_of_range(Some(65_536))),
        (split, MinixChange::Less(1001), out_of_range(None)),
        (plain(), MinixChange::More(1), ChmemError::UnknownVersion(1)),
    ] {
        assert_eq!(chmem::minix(&header, change), Err(error), "{change:?}");
    }
    let mut file = [0; 40];
    chmem::minix(&split, MinixChange::Exactly(1)).unwrap().changed.write_to(&mut file).unwrap();
    assert_eq!((file[24], &file[32..]), (129, &[0; 8][..]));
    assert!(chmem::minix(&split, MinixChange::Less(1)).unwrap().changed.write_to(&mut file[..31]).is_err());
}
