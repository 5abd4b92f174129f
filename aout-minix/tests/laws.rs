//! Laws that hold for every file: what is parsed is built again, what is built is parsed again, and nothing panics.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of a test, which may panic"
)]

mod support;

use aout_minix::compress::decode_in_place;
use aout_minix::convert::{self, ElfOptions, Rom};
use aout_minix::elks::{self, Memory, Options, Segments};
use aout_minix::minix2::{self, WordSize};
use aout_minix::{
    Builder, Cpu, ElksSymbols, FileType, Flags, Image, NlistSymbols, Relocation, Section, SymbolIndex,
    Symbols, chmem,
};
use fastrand::Rng;
use support::{elf, files, ne};

const SEED: u64 = 0x5eed_a007;

fn rebuilt(image: &Image<'_>) -> Vec<u8> {
    Builder::from_image(image).to_vec().unwrap()
}

/// Asks everything of a file that can be asked. Returns whether it can be parsed.
fn exercise(file: &[u8]) -> bool {
    let mut text = String::new();
    let mut say = |thing: &dyn std::fmt::Display| {
        use std::fmt::Write;
        text.clear();
        write!(text, "{thing}").unwrap();
        assert!(!text.is_empty());
    };
    if let Ok(header) = aout_minix::read_header(file) {
        say(&header);
        aout_minix::check_header(&header, file.len() as u64).for_each(|finding| say(&finding));
        say(&chmem::Row::of(&header));
        for change in
            [(None, Some(0)), (Some(0), None), (Some(0xfff0), Some(4096)), (Some(30_000), Some(40_000))]
        {
            match chmem::change(&header, chmem::Change { heap: change.0, stack: change.1 }) {
                Ok(changed) => assert_eq!(changed.header.version, 1),
                Err(error) => say(&error),
            }
        }
        for word_size in [WordSize::Bits16, WordSize::Bits32] {
            if let Err(refusal) = minix2::exec(&header, word_size, minix2::CLICK_SIZE) {
                say(&refusal);
            }
        }
    }
    for (medium_model, compression, argument_bytes) in
        [(true, true, 0), (true, false, 100), (false, false, 0xffff)]
    {
        match elks::execve(file, Options { medium_model, compression, argument_bytes }) {
            Err(refusal) => say(&refusal),
            Ok(program) => {
                let layout = program.layout();
                let mut text = vec![0; layout.text_bytes() as usize];
                let mut data = vec![0; layout.data_len.into()];
                let memory = Memory { text: &mut text, data: &mut data };
                if let Err(error) =
                    program.load_file(file, memory, Segments { text: 1, data: 2 }, decode_in_place)
                {
                    say(&error);
                }
            }
        }
    }
    let options = ElfOptions {
        symtab: true,
        rom: Some(Rom { aout_seg: 0xf000, data_seg: 0x50 }),
        ..ElfOptions::default()
    };
    for options in
        [ElfOptions::default(), options, ElfOptions { tiny: true, symfile: true, ..ElfOptions::default() }]
    {
        match convert::from_any(file, &options) {
            Ok(conversion) => {
                conversion.notes.iter().for_each(|note| say(note));
                aout_minix::parse(&conversion.bytes).unwrap();
            }
            Err(error) => say(&error),
        }
    }
    for table in [file, file.get(20..).unwrap_or_default()] {
        for symbol in ElksSymbols::new(table) {
            match symbol {
                Ok(symbol) => say(&symbol),
                Err(error) => say(&error),
            }
        }
        for symbol in NlistSymbols::new(table, aout_minix::ByteOrder::Big) {
            match symbol {
                Ok(symbol) => say(&symbol),
                Err(error) => say(&error),
            }
        }
    }
    match aout_minix::parse(file) {
        Err(finding) => {
            say(&finding);
            false
        }
        Ok(image) => {
            aout_minix::check(&image).for_each(|finding| say(&finding));
            match image.symbols() {
                Symbols::Elks(symbols) => assert!(symbols.count() < file.len()),
                Symbols::Nlist(symbols) => assert!(symbols.count() <= file.len() / 16),
                Symbols::None | Symbols::Unknown(_) => {}
            }
            assert_eq!(rebuilt(&image), file, "a parsed file is built again byte for byte");
            true
        }
    }
}

/// Files of every kind: a.out for several machines, ELF, NE.
fn samples() -> Vec<Vec<u8>> {
    let mut rng = Rng::with_seed(SEED);
    let mut samples: Vec<_> = (0..12).map(|_| files::valid(&mut rng, &[])).collect();
    // A section that is stored with fewer bytes than it has stands for a compressed one: these laws do not expand it.
    let pairs = [(vec![1; 90], vec![2; 60]), (vec![3; 200], vec![4; 65])];
    samples.extend((0..12).map(|_| files::valid(&mut rng, &pairs)));
    for cpu in Cpu::ALL {
        let relocations = [Relocation::segword(2, SymbolIndex::DATA)];
        let builder = Builder::new(FileType { flags: Flags::EXEC, cpu })
            .text(&[1; 9])
            .data(&[2; 5])
            .data_relocations(&relocations)
            .symbols(&[b'x'; 16])
            .trailing(b"!");
        samples.push(builder.to_vec().unwrap());
    }
    samples.extend([elf::sample().file(), elf::tiny().file(), ne::sample().file()]);
    samples
}

#[test]
fn samples_are_taken_for_what_they_are() {
    let parsed = samples().iter().filter(|file| exercise(file)).count();
    assert_eq!(parsed, 24 + Cpu::ALL.len());
    for file in [elf::sample().file(), elf::tiny().file(), ne::sample().file()] {
        let options = ElfOptions { tiny: file == elf::tiny().file(), ..ElfOptions::default() };
        convert::from_any(&file, &options).unwrap();
    }
}

#[test]
fn what_is_built_is_parsed_again() {
    let mut rng = Rng::with_seed(SEED + 1);
    eprintln!("seed {:#x}", SEED + 1);
    for number in 0..5_000 {
        let little = rng.bool();
        let file_type =
            FileType { flags: Flags(rng.u8(..)), cpu: if little { Cpu::I8086 } else { Cpu::M68K } };
        let parts: [Vec<u8>; 5] = std::array::from_fn(|_| {
            let len = rng.usize(0..40);
            files::bytes(&mut rng, len)
        });
        let tables: [Vec<Relocation>; 3] = std::array::from_fn(|_| files::relocations(&mut rng, 40));
        let [text, far_text, data, symbols, trailing] = &parts;
        let (bss, entry, chmem, minstack) = (rng.u32(..), rng.u32(..), rng.u16(..), rng.u16(..));
        let file = Builder::new(file_type)
            .version(7)
            .bss(bss)
            .entry(entry)
            .chmem(chmem)
            .minstack(minstack)
            .text(text)
            .far_text(far_text)
            .data(data)
            .text_relocations(tables[0].as_slice())
            .far_text_relocations(tables[1].as_slice())
            .data_relocations(tables[2].as_slice())
            .symbols(symbols)
            .trailing(trailing)
            .to_vec()
            .unwrap();
        let image = aout_minix::parse(&file).unwrap();
        let header = image.header();
        assert_eq!(header.file_type, file_type, "case {number}");
        assert_eq!((header.version, header.bseg, header.entry), (7, bss, entry));
        assert_eq!((header.chmem, header.minstack), (chmem, minstack));
        assert_eq!(image.section(Section::Text), text);
        assert_eq!(image.section(Section::FarText), far_text);
        assert_eq!(image.section(Section::Data), data);
        assert_eq!(image.section(Section::Symbols), symbols);
        assert_eq!(image.trailing(), trailing);
        for (section, table) in Section::LOADED.into_iter().zip(&tables) {
            let parsed: Vec<_> = image.relocations(section).map(Result::unwrap).collect();
            assert_eq!(&parsed, table, "case {number}, {section}");
        }
        let shortest = match (far_text.is_empty() && tables[1].is_empty(), tables.iter().all(Vec::is_empty)) {
            (false, _) => 0x40,
            (true, false) => 0x30,
            (true, true) => 0x20,
        };
        assert_eq!(header.hlen, shortest);
        assert_eq!(rebuilt(&image), file);
    }
}

#[test]
fn every_truncation_is_taken() {
    for file in samples() {
        for length in 0..file.len() {
            let parsed = exercise(&file[..length]);
            // The one sample byte after the last section may go; nothing else.
            let trailing = file.starts_with(&[1, 3]) && file.ends_with(b"!") && length == file.len() - 1;
            assert_eq!(parsed, trailing, "{length} of {} bytes", file.len());
        }
    }
}

#[test]
fn every_change_of_a_header_byte_is_taken() {
    for mut file in samples() {
        for at in 0..file.len().min(64) {
            let byte = file[at];
            // All 256 values for the bytes that choose, a few for the many bytes of sizes.
            let step = if matches!(at, 2..=7) { 1 } else { 17 };
            for value in (0..=255).step_by(step) {
                file[at] = value;
                exercise(&file);
            }
            file[at] = byte;
        }
    }
}

#[test]
fn random_changes_are_taken() {
    let mut rng = Rng::with_seed(SEED + 2);
    eprintln!("seed {:#x}", SEED + 2);
    let samples = samples();
    let mut parsed = 0;
    for _ in 0..20_000 {
        let mut file = samples[rng.usize(0..samples.len())].clone();
        files::mutate(&mut rng, &mut file);
        if rng.bool() && !file.is_empty() {
            for _ in 0..3 {
                let at = rng.usize(0..file.len());
                file[at] = rng.u8(..);
            }
        }
        parsed += usize::from(exercise(&file));
    }
    assert!(parsed > 2_000, "{parsed} parsed");
}
