//! Whole files: what is compressed expands to the same file and loads the same program.

use std::error::Error;

use aout_minix::compress::{
    CompressError, CompressedFile, ExpandError, Level, PlainReason, Stored, compress_file, compress_sections,
    decode_in_place, expand_file, expand_into, expanded_len,
};
use aout_minix::elks::{Memory, Options, Program, Segments};
use aout_minix::{BufferTooSmall, BuildError, Builder, FileType, Relocation, Section, SymbolIndex, parse};
use fastrand::Rng;

use crate::samples::{program_like, random};

const SEED: u64 = 0x000a_0074;

/// Text and data of a program, as the kernel sets them up.
fn load(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let program = Program::new(file, Options::default()).unwrap();
    let layout = *program.layout();
    let mut text = vec![0; usize::try_from(layout.text_bytes()).unwrap()];
    let mut data = vec![0; usize::from(layout.data_len)];
    let segments = Segments { text: 0x1000, data: 0x5000 };
    let memory = Memory { text: &mut text, data: &mut data };
    program.load_file(file, memory, segments, decode_in_place).unwrap();
    // What decompression leaves after a section is not part of the program.
    let header = program.header();
    let size = |bytes: u32| usize::try_from(bytes).unwrap();
    let far = size(layout.far_text_offset());
    let mut code = text[..size(header.tseg)].to_vec();
    code.extend(&text[far..far + size(header.supplement.ftseg)]);
    data.truncate(size(header.dseg) + size(header.bseg));
    (code, data)
}

fn written(file: &[u8], level: Level) -> Vec<u8> {
    match compress_file(&parse(file).unwrap(), level).unwrap() {
        CompressedFile::Written(new, report) => {
            assert_eq!(report.after, new.len());
            assert_eq!(report.before, file.len());
            assert!(new.len() < file.len());
            new
        }
        other => panic!("not written: {other:?}"),
    }
}

fn builder(file_type: FileType) -> Builder<'static> {
    Builder::new(file_type).version(1).bss(100).chmem(2000).minstack(1000)
}

/// One for each length of header, with and without what can stand after the sections.
fn programs() -> Vec<(&'static str, Vec<u8>)> {
    let mut rng = Rng::with_seed(SEED);
    let (text, far_text, data) =
        (program_like(&mut rng, 5001), program_like(&mut rng, 3003), program_like(&mut rng, 2002));
    let noise = random(&mut rng, 700);
    let symbols = b"T\0\0\x05_main\0";
    let relocations =
        [Relocation::segword(10, SymbolIndex::DATA), Relocation::segword(20, SymbolIndex::TEXT)];
    let far = [Relocation::segword(7, SymbolIndex::FTEXT)];
    let small = builder(FileType::SPLITID).text(&text).data(&data);
    let medium = small.far_text(&far_text).text_relocations(&far).far_text_relocations(&relocations);
    [
        ("0x20", small),
        ("0x20, ahistorical", builder(FileType::SPLITID_AHISTORICAL).text(&text).data(&data)),
        ("0x20, symbols", small.symbols(symbols)),
        ("0x20, after the symbols", small.symbols(symbols).trailing(b"signature")),
        ("0x20, text only", builder(FileType::SPLITID).text(&text)),
        ("0x20, noise for data", small.data(&noise)),
        ("0x20, noise for text", small.text(&noise)),
        ("0x20, version 0", small.version(0).chmem(0x4000).minstack(0)),
        ("0x30", small.data_relocations(&relocations).symbols(symbols)),
        ("0x40", medium.data_relocations(&relocations).symbols(symbols)),
        ("0x40, noise for far text", medium.far_text(&noise)),
    ]
    .map(|(name, builder)| (name, builder.to_vec().unwrap()))
    .into()
}

#[test]
fn a_compressed_file_is_the_same_program() {
    for (index, (name, file)) in programs().into_iter().enumerate() {
        // The best level takes its time: one file shows it.
        let levels = if index == 0 { 3 } else { 2 };
        for level in [Level::Fast, Level::Default, Level::Best].into_iter().take(levels) {
            let new = written(&file, level);
            assert_eq!(new[4], 0x40, "{name}");
            let image = parse(&new).unwrap();
            assert!(expand_file(&image).unwrap() == file, "{name}: another file");
            assert!(load(&new) == load(&file), "{name}: another program");
            assert_eq!(
                compress_file(&image, level),
                Ok(CompressedFile::AlreadyCompressed),
                "{name}: compressed twice"
            );
        }
    }
}

#[test]
fn what_does_not_shrink_stays_plain() {
    let programs = programs();
    for (name, section) in [
        ("0x20, noise for data", Section::Data),
        ("0x20, noise for text", Section::Text),
        ("0x40, noise for far text", Section::FarText),
    ] {
        let (_, file) = programs.iter().find(|(other, _)| *other == name).unwrap();
        let CompressedFile::Written(_, report) =
            compress_file(&parse(file).unwrap(), Level::Default).unwrap()
        else {
            panic!("{name}: the rest shrinks");
        };
        for one in report.sections {
            let plain = matches!(one.stored, Stored::Plain(PlainReason::Grows(_) | PlainReason::Empty));
            assert_eq!(plain, one.section == section || one.before == 0, "{name}: {one:?}");
        }
        assert_eq!(report.extra_memory, if section == Section::Text { 0 } else { 16 }, "{name}");
    }
}

#[test]
fn only_the_chosen_sections_are_compressed() {
    let programs = programs();
    let (_, file) = programs.iter().find(|(name, _)| *name == "0x40").unwrap();
    let image = parse(file).unwrap();
    for mask in 0..8 {
        let chosen: Vec<_> =
            Section::LOADED.into_iter().zip(0..3).filter(|(_, bit)| mask >> bit & 1 != 0).collect();
        let chosen: Vec<_> = chosen.into_iter().map(|(section, _)| section).collect();
        let report = match compress_sections(&image, Level::Fast, &chosen).unwrap() {
            CompressedFile::Written(new, report) => {
                assert!(expand_file(&parse(&new).unwrap()).unwrap() == *file, "{chosen:?}");
                report
            }
            CompressedFile::NothingGained(report) => {
                assert_eq!(mask, 0);
                report
            }
            CompressedFile::AlreadyCompressed => panic!("{chosen:?}"),
        };
        for one in report.sections {
            let plain = one.stored == Stored::Plain(PlainReason::NotChosen);
            assert_eq!(plain, !chosen.contains(&one.section), "{chosen:?}: {one:?}");
        }
    }
}

/// 32,780 zeros, with matches alone, the kernel would take for an overrun.
#[test]
fn a_large_section_of_zeros_is_compressed_so_that_the_kernel_takes_it() {
    let zeros = vec![0; 32_780];
    let file = builder(FileType::SPLITID).text(&vec![0x90; 900]).data(&zeros).to_vec().unwrap();
    let CompressedFile::Written(new, report) = compress_file(&parse(&file).unwrap(), Level::Default).unwrap()
    else {
        panic!("the text shrinks");
    };
    let [text, _, data] = report.sections;
    assert!(matches!(text.stored, Stored::Compressed(..)));
    let Stored::Compressed(size, footprint) = data.stored else { panic!("{data:?}") };
    assert!(size < 100 && footprint.distance <= 32_767, "{size} {footprint:?}");
    assert!(expand_file(&parse(&new).unwrap()).unwrap() == file);
    assert!(load(&new) == load(&file));
}

#[test]
fn nothing_gained_leaves_the_file() {
    let mut rng = Rng::with_seed(SEED);
    for size in [1, 2, 30, 60, 500] {
        let file = builder(FileType::SPLITID).text(&random(&mut rng, size)).to_vec().unwrap();
        let result = compress_file(&parse(&file).unwrap(), Level::Default).unwrap();
        assert!(matches!(result, CompressedFile::NothingGained(report) if report.after == file.len()));
    }
    // The section shrinks by less than the header grows.
    let file = builder(FileType::SPLITID).text(&[7; 60]).to_vec().unwrap();
    let result = compress_file(&parse(&file).unwrap(), Level::Default).unwrap();
    let CompressedFile::NothingGained(report) = result else { panic!("{result:?}") };
    assert!(matches!(report.sections[0].stored, Stored::Compressed(size, _) if size < 60));
}

#[test]
fn data_without_room_behind_stays_plain() {
    // 16 bytes beyond the data, in a segment that is rounded up to a multiple of 16; ten of them are for arguments.
    let data = vec![0; 4996];
    for (chmem, fits) in [(4996 + 100 + 16, true), (5008, false), (5009, true), (0, true)] {
        let small = builder(FileType::SPLITID).version(0).minstack(0).chmem(chmem).text(&[0x90; 900]);
        let bss = if chmem == 5112 { 100 } else { 0 };
        let file = small.data(&data).bss(bss).to_vec().unwrap();
        let CompressedFile::Written(_, report) = compress_file(&parse(&file).unwrap(), Level::Fast).unwrap()
        else {
            panic!("the text shrinks");
        };
        let stored = report.sections[2].stored;
        assert_eq!(stored != Stored::Plain(PlainReason::NoRoom), fits, "chmem {chmem}: {stored:?}");
    }
}

/// The one thing that a compressed file cannot tell: that its header was longer than it had to be.
#[test]
fn a_long_header_comes_back_short() {
    let text = vec![0x90; 900];
    for hlen in [0x30, 0x40] {
        let file = builder(FileType::SPLITID).min_hlen(hlen).text(&text).to_vec().unwrap();
        let result = compress_file(&parse(&file).unwrap(), Level::Default).unwrap();
        let CompressedFile::Written(new, report) = result else { panic!("the text shrinks") };
        assert_eq!(report.restored_hlen, Some(0x20));
        let restored = expand_file(&parse(&new).unwrap()).unwrap();
        assert_eq!(restored, builder(FileType::SPLITID).text(&text).to_vec().unwrap());
        assert!(load(&restored) == load(&file));
    }
}

#[test]
fn what_is_not_for_elks_is_refused() {
    for word in [0x0410_0301, 0x1020_0301, 0x0b20_0301] {
        let file = Builder::new(FileType::from_word(word)).text(&[0; 900]).to_vec().unwrap();
        let result = compress_file(&parse(&file).unwrap(), Level::Fast);
        assert_eq!(result, Err(CompressError::NotElks(FileType::from_word(word))));
    }
}

#[test]
fn expanding_says_what_is_wrong() {
    let file = builder(FileType::SPLITID).text(&[0x90; 900]).data(&[1, 2, 3]).to_vec().unwrap();
    assert_eq!(expand_file(&parse(&file).unwrap()), Err(ExpandError::NotCompressed));
    let new = written(&file, Level::Fast);
    let image = parse(&new).unwrap();
    assert_eq!(expanded_len(&image), Ok(file.len()));
    let mut short = vec![0; file.len() - 1];
    assert!(matches!(expand_into(&image, &mut short), Err(ExpandError::BufferTooSmall(_))));
    assert!(short.iter().all(|&byte| byte == 0), "nothing is written");
    for (at, value) in [(8, 0xff), (10, 1)] {
        let mut damaged = new.clone();
        damaged[at] = value;
        let result = expand_file(&parse(&damaged).unwrap());
        assert!(matches!(result, Err(ExpandError::Stream(Section::Text, _))), "{result:?}");
    }
}

#[test]
fn errors_have_the_error_that_they_wrap_as_their_source() {
    let (_, file) = programs().swap_remove(0);
    let program = Program::new(&file, Options::default()).unwrap();
    let segments = Segments { text: 0x1000, data: 0x5000 };
    let nowhere = Memory { text: &mut [], data: &mut [] };
    let load = program.load_file(&file, nowhere, segments, decode_in_place).unwrap_err();
    let new = written(&file, Level::Fast);
    let expand = expand_into(&parse(&new).unwrap(), &mut []).unwrap_err();
    let refused = parse(b"").unwrap_err();
    let build = BuildError::Refused(refused);
    let too_small = |needed| format!("{:?}", BufferTooSmall { needed, given: 0 });
    let errors: [(&dyn Error, Option<String>); 6] = [
        // 5001 bytes of text are 313 paragraphs.
        (&load, Some(too_small(5008))),
        // With 2002 of data, and the header.
        (&expand, Some(too_small(7035))),
        (&build, Some(format!("{refused:?}"))),
        (&BuildError::TooLong, None),
        (&CompressError::Build(build), Some(format!("{build:?}"))),
        (&CompressError::NotElks(FileType::default()), None),
    ];
    for (error, source) in errors {
        assert_eq!(error.source().map(|source| format!("{source:?}")), source, "{error}");
    }
}
