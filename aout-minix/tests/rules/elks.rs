//! What the kernels of ELKS and Minix refuse, and what they load.

use aout_minix::elks::{self, ElksRule, Errno, LoadError, Memory, Options, Program, Requirements, Segments};
use aout_minix::minix2::{self, Minix2Rule, WordSize};
use aout_minix::{Builder, Content, FileType, Header, Relocation, Section, Supplement, SymbolIndex};

use crate::{TYPE, far, file, plain};

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
        // Zeros are not a relocation.
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
    assert!(!refusal.expected.allows(refusal.found), "its length is not what is wrong with it");
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

/// ELKS runs a text of its ROMFS in place only if the header is the short one.
#[test]
fn only_programs_with_the_shortest_header_run_in_place() {
    let with = |hlen| Header { hlen, ..plain() };
    assert_eq!([0x20, 0x30, 0x40].map(|hlen| elks::runs_in_place(&with(hlen))), [true, false, false]);
}
