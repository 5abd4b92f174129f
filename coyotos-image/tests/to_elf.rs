//! An ELF file from a space is the space again when it is loaded, byte for byte and right for right.

#![cfg(all(feature = "to-elf", feature = "elf"))]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

mod support {
    pub(crate) mod sections;
}

use std::collections::BTreeMap;

use coyotos_image::{
    Arch, Builder, Capability, Image, ObjectId, ObjectType, Options, Restr, SpaceId, SymbolDef, SymbolKind,
    ToElfError, elf_of_space,
};
use fastrand::Rng;
use support::sections::sections;

const LIMIT: u64 = 1 << 24;

fn parse(bytes: &[u8]) -> Image<'_> {
    Image::parse(bytes, Options::default()).unwrap()
}

/// What is mapped: address, rights, bytes.
fn contents(image: &Image<'_>, space: Capability) -> BTreeMap<u64, (Restr, Vec<u8>)> {
    let pages = image.mapped_pages(space, image.walk_limits()).map(Result::unwrap);
    pages.map(|(mapping, bytes)| (mapping.address, (mapping.restr, bytes.to_vec()))).collect()
}

#[test]
fn what_is_written_is_loaded_as_the_same_space() {
    const SEED: u64 = 0xe1f0_0e1f;
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    for run in 0..200 {
        let arch = Arch::ALL[rng.usize(..3)];
        let page = u64::from(arch.page_size());
        let mut builder = Builder::new(arch);
        let bank = builder.prime_bank();
        let mut space = Capability::NULL;
        let mut at = u64::from(rng.u16(1..));
        for _ in 0..rng.usize(1..12) {
            let bytes: Vec<u8> = (0..rng.usize(..300)).map(|_| rng.u8(..)).collect();
            let mut cap = builder.page_with(bank, if rng.bool() { &bytes } else { &[] }).unwrap();
            cap.set_restr(Restr::from_bits(rng.u8(..4) << 1));
            space = builder.add(bank, space, at * page, cap, 0).unwrap();
            at += [1, 1, 2, 100][rng.usize(..4)];
        }
        let written = builder.to_vec().unwrap();
        let image = parse(&written);
        let mapped = contents(&image, space);
        let Some((&start, _)) = mapped.iter().find(|(_, (restr, _))| !restr.contains(Restr::NX)) else {
            continue;
        };
        // The loader wants a program that starts somewhere.
        builder.runnable_process(bank, space, start).unwrap();
        let written = builder.to_vec().unwrap();
        let elf = elf_of_space(&parse(&written), space, LIMIT).unwrap();
        let mut again = Builder::new(arch);
        let loaded = again.load_elf(again.prime_bank(), &elf).unwrap();
        assert_eq!(loaded.entry, start, "run {run}");
        let again = again.to_vec().unwrap();
        assert!(contents(&parse(&again), loaded.space) == mapped, "run {run}");
    }
}

#[test]
fn symbols_of_the_space_and_no_others_are_kept() {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    let page = builder.page_with(bank, b"code").unwrap();
    let mut space = Capability::NULL;
    for address in [0x1000, 0x9000] {
        space = builder.add(bank, space, address, page, 0).unwrap();
    }
    let word = SpaceId::of(ObjectId::of(space).unwrap()).to_u64();
    let symbol = |object, value, name: &str| SymbolDef {
        object,
        value,
        size: 4,
        kind: SymbolKind::Function,
        name: name.into(),
    };
    let other = SpaceId::of(ObjectId { object_type: ObjectType::Gpt, oid: 99 }).to_u64();
    builder
        .set_symbols(vec![
            symbol(word, 0x1000, "first"),
            symbol(word, 0x9002, "second"),
            SymbolDef { kind: SymbolKind::Data, ..symbol(word, 0x9004, "table") },
            SymbolDef { kind: SymbolKind::Label, ..symbol(word, 0x9008, "end") },
            symbol(other, 1, "else"),
        ])
        .unwrap();
    let image = builder.to_vec().unwrap();
    let elf = elf_of_space(&parse(&image), space, LIMIT).unwrap();
    let found = coyotos_image::elf::symbols_of_elf(&elf, ObjectId::of(space).unwrap()).unwrap();
    let found: Vec<_> =
        found.iter().map(|symbol| (symbol.value, symbol.name.as_str(), symbol.kind)).collect();
    let [function, data, label] = [SymbolKind::Function, SymbolKind::Data, SymbolKind::Label];
    assert_eq!(
        found,
        [
            (0x1000, "first", function),
            (0x9002, "second", function),
            (0x9004, "table", data),
            (0x9008, "end", label)
        ]
    );
}

#[test]
fn what_an_elf_file_cannot_hold_is_refused() {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    let page = builder.page_with(bank, b"code").unwrap();
    let mut space = |addresses: &[u64]| {
        addresses.iter().fold(Capability::NULL, |space, &at| builder.add(bank, space, at, page, 0).unwrap())
    };
    let (high, two) = (space(&[1 << 32]), space(&[0x1000, 0x2000]));
    let image = builder.to_vec().unwrap();
    let image = parse(&image);
    assert_eq!(elf_of_space(&image, high, LIMIT), Err(ToElfError::Address(1 << 32)));
    assert_eq!(elf_of_space(&image, two, 0x1fff), Err(ToElfError::TooLarge { limit: 0x1fff }));
    assert!(elf_of_space(&image, two, 0x2000).is_ok());
    assert_eq!(elf_of_space(&image, Capability::NULL, LIMIT), Err(ToElfError::Empty));
}

/// Two symbols that share a name of most of the file's length: the message has the numbers the right way round.
#[test]
fn names_that_are_longer_than_their_file_are_refused_with_their_length() {
    let name = "n".repeat(3000);
    use execfmt_elf::{NewElf, NewSymbol, elf};
    let symbol = |value| NewSymbol {
        name: name.as_bytes(),
        value,
        size: 1,
        kind: elf::STT_FUNC,
        global: true,
        section: None,
    };
    // Absolute symbols are not kept; a section of their own makes these ordinary.
    let text =
        execfmt_elf::NewSection { name: b".text", flags: 0, contents: execfmt_elf::Contents::Bytes(b"code") };
    let symbols = [0, 1, 2].map(|value| NewSymbol { section: Some(0), ..symbol(value) });
    let file =
        NewElf { machine: 3, sections: &[text], symbols: &symbols, ..NewElf::default() }.write().unwrap();
    let root = ObjectId { object_type: ObjectType::Gpt, oid: 0 };
    let error = coyotos_image::elf::symbols_of_elf(&file, root).unwrap_err().to_string();
    let expected = format!("add up to 6000 bytes, more than the {} of the file", file.len());
    assert!(error.contains(&expected), "{error}");
    // As long as they are together, it could hold them.
    let padded = |length| [&file[..], &vec![0; length - file.len()]].concat();
    assert!(coyotos_image::elf::symbols_of_elf(&padded(8999), root).is_err());
    assert_eq!(coyotos_image::elf::symbols_of_elf(&padded(9000), root).map(|it| it.len()), Ok(3));
}

/// The section header of a segment says what the program header does: SHF_WRITE is 1, SHF_ALLOC 2 and SHF_EXECINSTR 4.
#[test]
fn sections_are_named_and_flagged_by_their_rights() {
    let (ro, nx) = (Restr::RO, Restr::NX);
    for (restr, name, flags) in
        [(ro.with(nx), ".rodata", 2), (nx, ".data", 3), (ro, ".text", 6), (Restr::NONE, ".text", 7)]
    {
        let mut builder = Builder::new(Arch::I386);
        let bank = builder.prime_bank();
        let mut page = builder.page_with(bank, b"four").unwrap();
        page.set_restr(restr);
        let space = builder.add(bank, Capability::NULL, 0x1000, page, 0).unwrap();
        let image = builder.to_vec().unwrap();
        let elf = elf_of_space(&parse(&image), space, LIMIT).unwrap();
        let found = sections(&elf).into_iter().find(|it| it.3 == 0x1000).unwrap();
        assert_eq!((found.0.as_str(), found.2), (name, flags), "{restr}");
    }
}

/// What does not name code or data, and mapping symbols of ARM, which have names with `$`.
#[test]
fn symbols_of_an_elf_file_that_are_kept() {
    use execfmt_elf::{Contents, NewElf, NewSection, NewSymbol, elf};
    let longest = "n".repeat(4096);
    let longer = format!("{longest}n");
    let text = NewSection { name: b".text", flags: 0, contents: Contents::Bytes(b"code") };
    let kinds = [elf::STT_FUNC, elf::STT_OBJECT, elf::STT_NOTYPE, elf::STT_SECTION, elf::STT_FILE];
    let list = [
        ("function", kinds[0], Some(0), Some(SymbolKind::Function)),
        ("data", kinds[1], Some(0), Some(SymbolKind::Data)),
        ("label", kinds[2], Some(0), Some(SymbolKind::Label)),
        ("section", kinds[3], Some(0), None),
        ("file", kinds[4], Some(0), None),
        ("absolute", kinds[0], None, None),
        ("", kinds[2], Some(0), None),
        ("$a", kinds[2], Some(0), None),
        ("a$", kinds[2], Some(0), Some(SymbolKind::Label)),
        (&longest, kinds[0], Some(0), Some(SymbolKind::Function)),
        (&longer, kinds[0], Some(0), None),
    ];
    let symbols: Vec<_> = (0..)
        .zip(&list)
        .map(|(value, &(name, kind, section, _))| NewSymbol {
            name: name.as_bytes(),
            value,
            size: 1,
            kind,
            global: true,
            section,
        })
        .collect();
    let file =
        NewElf { machine: 3, sections: &[text], symbols: &symbols, ..NewElf::default() }.write().unwrap();
    let root = ObjectId { object_type: ObjectType::Gpt, oid: 0 };
    let found = coyotos_image::elf::symbols_of_elf(&file, root).unwrap();
    let found: Vec<_> = found.iter().map(|symbol| (symbol.name.as_str(), symbol.kind)).collect();
    let expected: Vec<_> = list.iter().filter_map(|&(name, _, _, kind)| Some((name, kind?))).collect();
    assert_eq!(found, expected);
}

/// Pages that follow each other with the same rights are one segment; pages of zeros at its end have no bytes in the file.
#[test]
fn segments_are_runs_of_pages() {
    let (full, zeros): (&[u8], &[u8]) = (&[0xff; 4096], &[]);
    let rw = |at, bytes| (at, Restr::NX, bytes);
    // p_vaddr, p_filesz, p_memsz and p_flags.
    for (pages, segments) in [
        (vec![rw(1, full), rw(2, zeros)], vec![(0x1000, 0x1000, 0x2000, 6)]),
        (vec![rw(1, zeros), rw(2, full)], vec![(0x1000, 0x2000, 0x2000, 6)]),
        (vec![rw(1, full), rw(3, zeros)], vec![(0x1000, 0x1000, 0x1000, 6), (0x3000, 0, 0x1000, 6)]),
        (
            vec![rw(1, full), (2, Restr::RO, full)],
            vec![(0x1000, 0x1000, 0x1000, 6), (0x2000, 0x1000, 0x1000, 5)],
        ),
    ] {
        let mut builder = Builder::new(Arch::I386);
        let bank = builder.prime_bank();
        let mut space = Capability::NULL;
        for (at, restr, bytes) in &pages {
            let mut page = builder.page_with(bank, bytes).unwrap();
            page.set_restr(*restr);
            space = builder.add(bank, space, at * 0x1000, page, 0).unwrap();
        }
        let image = builder.to_vec().unwrap();
        let elf = elf_of_space(&parse(&image), space, LIMIT).unwrap();
        let word = |at: usize| u32::from_le_bytes(elf[at..at + 4].try_into().unwrap());
        // e_phoff and e_phnum; headers of 32 bytes.
        let headers = (0..usize::from(elf[44])).map(|index| word(28) as usize + 32 * index);
        let found: Vec<_> = headers
            .map(|at| {
                // The file can be mapped: p_offset and p_vaddr agree modulo p_align, a page.
                assert_eq!((word(at + 4) % 0x1000, word(at + 28)), (word(at + 8) % 0x1000, 0x1000));
                (word(at + 8), word(at + 16), word(at + 20), word(at + 24))
            })
            .collect();
        assert_eq!(found, segments, "{pages:?}", pages = pages.iter().map(|it| it.0).collect::<Vec<_>>());
    }
}
