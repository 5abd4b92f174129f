//! COFF files for Nachos 5.0j, whose pages are each of one kind, and ELF files for debuggers.

use core::error::Error;

use noff::convert::{ConvertError, Executable, MAX_COFF_MEMORY, Role};
use noff::{Builder, ByteOrder, Expected, Image, Layout, Options};

use super::files::{ALLOC, EXEC, Part, WRITE, coff, elf, expected_memory, words};

const PAGE: u32 = 1024;
/// Sizes in a COFF file are multiples of this.
const GRANULARITY: u32 = 16;
const CODE: u32 = ALLOC | EXEC;
const CONSTANTS: u32 = ALLOC;
const DATA: u32 = ALLOC | WRITE;

fn word(file: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(file[at..at + 4].try_into().unwrap())
}

fn half(file: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(file[at..at + 2].try_into().unwrap())
}

/// Name, address, size and bytes of the sections of a COFF file, by the facts of its format.
fn sections(file: &[u8]) -> Vec<(String, u32, u32, &[u8])> {
    let headers = file[76..].chunks_exact(40).take(half(file, 2).into());
    let section = |header: &'_ [u8]| {
        let name = header[..8].iter().take_while(|&&byte| byte != 0).map(|&byte| char::from(byte)).collect();
        let (address, size, at) = (word(header, 12), word(header, 16), word(header, 20) as usize);
        let bytes = if at == 0 { &[][..] } else { &file[at..at + size as usize] };
        (name, address, size, bytes)
    };
    headers.map(section).collect()
}

/// Sections as whole pages: what begins where, and how long it is in the file or, for bss, in memory.
#[test]
fn a_coff_file_for_5j_has_pages_of_one_kind() {
    let ones: &[u8] = &[1; 4096];
    let part = |name, address, flags, size: usize| -> Part<'_> { (name, address, flags, Ok(&ones[..size])) };
    let code = |address, size| part(".text", address, CODE, size);
    let constants = |address, size| part(".rodata", address, CONSTANTS, size);
    let data = |address, size| part(".data", address, DATA, size);
    let bss = |address, size| -> Part<'_> { (".bss", address, DATA, Err(size)) };
    type Row<'a> = (&'a str, Vec<Part<'a>>, &'a [(&'a str, u32, u32)]);
    let table: &[Row<'_>] = &[
        ("code alone", vec![code(0, 16)], &[(".text", 0, 16), (".data", 1024, 0), (".bss", 1024, 0)]),
        (
            "a last page that is full, which many kernels lose",
            vec![code(0, 1024)],
            &[(".text", 0, 1040), (".data", 2048, 0), (".bss", 2048, 0)],
        ),
        (
            "16 bytes less than full",
            vec![code(0, 1008)],
            &[(".text", 0, 1008), (".data", 1024, 0), (".bss", 1024, 0)],
        ),
        (
            "full only when padded",
            vec![code(0, 1009)],
            &[(".text", 0, 1040), (".data", 2048, 0), (".bss", 2048, 0)],
        ),
        (
            "a full page with bytes after it",
            vec![code(0, 1024), data(1024, 16)],
            &[(".text", 0, 1024), (".data", 1024, 16), (".bss", 2048, 0)],
        ),
        (
            "a full page with zeros after it, a page of which it takes",
            vec![code(0, 1024), bss(1024, 2000)],
            &[(".text", 0, 1040), (".bss", 2048, 976), (".data", 3072, 0)],
        ),
        (
            "the only page of zeros",
            vec![code(0, 1024), bss(1024, 100)],
            &[(".text", 0, 1040), (".data", 2048, 0), (".bss", 2048, 0)],
        ),
        ("a page of code and data", vec![code(0, 16), data(16, 16)], &[(".data", 0, 32), (".bss", 1024, 0)]),
        (
            "the second page of code and data",
            vec![code(0, 1504), data(1504, 96)],
            &[(".text", 0, 1024), (".data", 1024, 576), (".bss", 2048, 0)],
        ),
        (
            "data over more pages than the shared one",
            vec![code(0, 112), data(256, 2800)],
            &[(".data", 0, 3056), (".bss", 3072, 0)],
        ),
        (
            "code and constants",
            vec![code(0, 16), constants(16, 16)],
            &[(".text", 0, 32), (".data", 1024, 0), (".bss", 1024, 0)],
        ),
        (
            "constants and code",
            vec![constants(0, 16), code(16, 16)],
            &[(".text", 0, 32), (".data", 1024, 0), (".bss", 1024, 0)],
        ),
        (
            "constants on a page of their own",
            vec![code(0, 16), constants(1024, 16)],
            &[(".text", 0, 16), (".rdata", 1024, 16), (".data", 2048, 0)],
        ),
        (
            "constants and data",
            vec![code(0, 16), constants(1024, 16), data(1040, 16)],
            &[(".text", 0, 16), (".data", 1024, 32), (".bss", 2048, 0)],
        ),
        (
            "zeros that begin on a page of data",
            vec![data(0, 16), bss(16, 1984)],
            &[(".data", 0, 16), (".bss", 1024, 976)],
        ),
        (
            "zeros that begin on a page of code",
            vec![code(0, 2096), bss(2096, 96)],
            &[(".text", 0, 2048), (".data", 2048, 48), (".bss", 3072, 0)],
        ),
        (
            "a gap",
            vec![code(0, 16), data(4096, 16)],
            &[(".text", 0, 16), (".bss", 1024, 3072), (".data", 4096, 16)],
        ),
        (
            "nothing on page 0",
            vec![code(2048, 16)],
            &[(".bss", 0, 2048), (".text", 2048, 16), (".data", 3072, 0)],
        ),
        (
            "three kinds",
            vec![code(0, 16), constants(1024, 16), data(2048, 16), bss(3072, 16)],
            &[(".text", 0, 16), (".rdata", 1024, 16), (".data", 2048, 16), (".bss", 3072, 16)],
        ),
    ];
    for (what, parts, wanted) in table {
        let file = Executable::read(&elf(parts)).unwrap().to_coff().unwrap().bytes;
        let found: Vec<_> = sections(&file).into_iter().map(|(name, at, size, _)| (name, at, size)).collect();
        let wanted: Vec<_> = wanted.iter().map(|&(name, at, size)| (name.to_string(), at, size)).collect();
        assert_eq!(found, wanted, "{what}");
    }
}

/// Programs of one to five sections at random: in the COFF file, every byte is at its address, every page is of the kind that its
/// sections make it, and no section ends with a full page before zeros or nothing.
#[test]
fn coff_files_for_5j_hold_every_byte_and_kind() {
    let seed = 0x5eed_c0ff;
    println!("seed {seed:#x}");
    let mut random = fastrand::Rng::with_seed(seed);
    let bytes: Vec<u8> = (0..5000).map(|_| random.u8(1..)).collect();
    let mut written = 0;
    for _ in 0..3000 {
        let mut at = 16 * random.u32(0..100) * u32::from(random.u8(0..4) == 0);
        let mut parts: Vec<Part<'_>> = Vec::new();
        for name in [".a", ".b", ".c", ".d", ".e"].into_iter().take(random.usize(1..=5)) {
            let size = [16, 1008, 1024, 1040, random.u32(1..3000)][random.usize(0..5)];
            let from = random.usize(0..2000);
            let contents = Ok(&bytes[from..][..size as usize]);
            parts.push(match random.u8(0..4) {
                0 => (name, at, CODE, contents),
                1 => (name, at, CONSTANTS, contents),
                2 => (name, at, DATA, contents),
                _ => (name, at, DATA, Err(size)),
            });
            let gap = [0, 0, 16 * random.u32(0..200)][random.usize(0..3)];
            at = if random.bool() { (at + size + gap).next_multiple_of(PAGE) } else { at + size + gap };
        }
        let file = elf(&parts);
        let Ok(executable) = Executable::read(&file) else { continue };
        let file = executable.to_coff().unwrap().bytes;
        let memory = expected_memory(&parts);
        let kinds_of_page = |page: u32| {
            let size = |part: &Part<'_>| part.3.map_or_else(|size| size, |bytes| bytes.len() as u32);
            let here = parts
                .iter()
                .filter(move |part| part.1 < (page + 1) * PAGE && part.1 + size(part) > page * PAGE);
            here.map(|part| {
                if part.3.is_err() {
                    "zero"
                } else if part.2 == CODE {
                    "code"
                } else if part.2 == CONSTANTS {
                    "constants"
                } else {
                    "data"
                }
            })
        };
        let found = sections(&file);
        assert!(found.len() >= 2, "{parts:?}");
        let (mut next, mut loaded) = (0, vec![0; memory.len() + 2 * PAGE as usize]);
        let full: Vec<_> = found.iter().filter(|(.., size, _)| *size != 0).collect();
        for (index, (name, address, size, bytes)) in full.iter().copied().enumerate() {
            assert_eq!((*address, address % PAGE), (next, 0), "{name} of {parts:?}");
            next = (address + size).next_multiple_of(PAGE);
            loaded[*address as usize..][..bytes.len()].copy_from_slice(bytes);
            assert_eq!(bytes.is_empty(), name == ".bss", "{name} of {parts:?}");
            let bytes_follow = full.get(index + 1).is_some_and(|(name, ..)| name != ".bss");
            if name != ".bss" && !bytes_follow {
                assert_ne!(size.next_multiple_of(GRANULARITY) % PAGE, 0, "{name} of {parts:?}");
            }
            for page in address / PAGE..next / PAGE {
                let has = |kind| kinds_of_page(page).any(|other| other == kind);
                let only_zeros = kinds_of_page(page).all(|kind| kind == "zero");
                let wanted = match (has("code"), has("constants"), has("data"), has("zero")) {
                    // The page that only keeps the last one of a section from being full.
                    _ if only_zeros => {
                        if name == ".bss" {
                            ".bss"
                        } else {
                            name
                        }
                    }
                    (true, _, false, false) => ".text",
                    (false, true, false, false) => ".rdata",
                    _ => ".data",
                };
                assert_eq!(name, wanted, "page {page} of {parts:?}");
            }
        }
        assert!(
            loaded.starts_with(&memory) && loaded[memory.len()..].iter().all(|&byte| byte == 0),
            "{parts:?}"
        );
        written += 1;
    }
    assert!(written > 1000, "{written}");
}

#[test]
fn a_coff_file_for_5j_has_limits() {
    let names: Vec<String> = (0..11).map(|number| format!(".s{number}")).collect();
    let program = |count: usize| {
        let flags = [CODE, DATA].into_iter().cycle();
        let parts = names.iter().zip(flags).take(count).enumerate();
        let parts: Vec<Part<'_>> =
            parts.map(|(at, (name, flags))| (&**name, at as u32 * PAGE, flags, Ok(&[1; 16][..]))).collect();
        elf(&parts)
    };
    let file = Executable::read(&program(10)).unwrap().to_coff().unwrap().bytes;
    assert_eq!(sections(&file).len(), 10);
    let error = Executable::read(&program(11)).unwrap().to_coff().unwrap_err();
    assert!(matches!(error, ConvertError::CoffBuild(_)), "{error}");
    assert!(error.source().is_some() && error.advice().is_none());
    // Memory up to the limit, and a byte more.
    let code: Part<'_> = (".text", 0, CODE, Ok(&[1; 16]));
    let up_to = |size: u32| elf(&[code, (".bss", 16, DATA, Err(size - 16))]);
    assert!(Executable::read(&up_to(MAX_COFF_MEMORY)).unwrap().to_coff().is_ok());
    let error = Executable::read(&up_to(MAX_COFF_MEMORY + 1)).unwrap().to_coff().unwrap_err();
    assert!(matches!(error, ConvertError::Fill { limit: 0x100_0000, .. }), "{error}");
    assert!(error.source().is_none());
}

/// A COFF file with symbols: name, value, type and class of each.
fn with_symbols(parts: &[Part<'_>], symbols: &[(&str, u32, u32, u32)]) -> Vec<u8> {
    let mut file = coff(parts);
    let start = file.len() as u32;
    file[8..12].copy_from_slice(&start.to_le_bytes());
    file[12..16].copy_from_slice(&96_u32.to_le_bytes());
    let (records, names): (Vec<_>, Vec<_>) = {
        let mut at = 0;
        let record = |&(name, value, kind, class): &(&str, u32, u32, u32)| {
            let record = words(&[0, at, value, kind | class << 6]);
            at += name.len() as u32 + 1;
            (record, [name.as_bytes(), b"\0"].concat())
        };
        symbols.iter().map(record).unzip()
    };
    let (records, names) = (records.concat(), names.concat());
    let mut header = [0; 24];
    header[0] = 0x7009;
    (header[16], header[17]) = (names.len() as u32, start + 96 + records.len() as u32);
    (header[22], header[23]) = (symbols.len() as u32, start + 96);
    [file, words(&header), records, names].concat()
}

#[test]
fn an_elf_file_has_segments_sections_and_symbols() {
    let parts: &[Part<'_>] = &[
        (".text", 0, 0x20, Ok(&[1; 32])),
        (".rdata", 32, 0x100, Ok(&[2; 16])),
        (".data", 64, 0x40, Ok(&[3; 16])),
        (".bss", 96, 0x80, Err(48)),
    ];
    // Classes: text, data, absolute, undefined, bss; a name that is empty.
    let symbols = [
        ("main", 4, 6, 1),
        ("greeting", 64, 1, 2),
        ("limit", 99, 1, 5),
        ("missing", 0, 1, 6),
        ("", 8, 6, 1),
        ("end", 144, 1, 3),
        ("edata", 80, 1, 2),
        ("nowhere", 60, 1, 2),
        ("after", 145, 1, 3),
    ];
    let file = with_symbols(parts, &symbols);
    let bytes = Executable::read(&file).unwrap().to_elf().unwrap().bytes;
    // Little-endian, 32 bits, linked, MIPS; MIPS I, O32, no reordering.
    assert_eq!((&bytes[..6], half(&bytes, 16), half(&bytes, 18)), (&b"\x7fELF\x01\x01"[..], 2, 8));
    assert_eq!((word(&bytes, 24), word(&bytes, 36)), (0, 0x1001));
    let header = |at: usize, count: usize, size: usize, index: usize| {
        assert!(index < half(&bytes, count).into());
        word(&bytes, at) as usize + size * index
    };
    let segments: Vec<_> = (0..half(&bytes, 44).into())
        .map(|index| {
            let at = header(28, 44, 32, index);
            let from = word(&bytes, at + 4);
            assert_eq!((word(&bytes, at), word(&bytes, at + 28), from % 4), (1, 4, word(&bytes, at + 8) % 4));
            let held = &bytes[from as usize..][..word(&bytes, at + 16) as usize];
            (word(&bytes, at + 8), held, word(&bytes, at + 20), word(&bytes, at + 24))
        })
        .collect();
    let (read, write, run) = (4, 2, 1);
    assert_eq!(
        segments,
        [
            (0, &[1; 32][..], 32, read | run),
            (32, &[2; 16], 16, read),
            (64, &[3; 16], 16, read | write),
            (96, &[], 48, read | write)
        ]
    );
    let string = |table: usize, at: u32| {
        let from = word(&bytes, header(32, 48, 40, table) + 16) as usize + at as usize;
        let end = bytes[from..].iter().position(|&byte| byte == 0).unwrap();
        String::from_utf8(bytes[from..from + end].to_vec()).unwrap()
    };
    let names = usize::from(half(&bytes, 50));
    let found: Vec<_> = (1..=4)
        .map(|index| {
            let at = header(32, 48, 40, index);
            let [kind, flags, address] = [4, 8, 12].map(|field| word(&bytes, at + field));
            (string(names, word(&bytes, at)), kind, flags, address, word(&bytes, at + 20))
        })
        .collect();
    let wanted = [
        (".text", 1, CODE, 0, 32),
        (".rdata", 1, CONSTANTS, 32, 16),
        (".data", 1, DATA, 64, 16),
        (".bss", 8, DATA, 96, 48),
    ];
    assert_eq!(found, wanted.map(|(name, kind, flags, at, size)| (name.to_string(), kind, flags, at, size)));
    // The symbol table is the first section that was added.
    let at = header(32, 48, 40, 5);
    let (start, count) = (word(&bytes, at + 16) as usize, word(&bytes, at + 20) as usize / 16);
    let found: Vec<_> = (1..count)
        .map(|index| {
            let at = start + 16 * index;
            let name = string(6, word(&bytes, at));
            (name, word(&bytes, at + 4), bytes[at + 12], half(&bytes, at + 14))
        })
        .collect();
    // Global functions and objects; an address that no section holds or ends at is absolute, as is a number.
    let (function, object, none, absolute) = (0x12, 0x11, 0x10, 0xfff1);
    let wanted = [
        ("main", 4, function, 1),
        ("greeting", 64, object, 3),
        ("limit", 99, none, absolute),
        ("end", 144, object, 4),
        ("edata", 80, object, 3),
        ("nowhere", 60, object, absolute),
        ("after", 145, object, absolute),
    ];
    assert_eq!(found, wanted.map(|(name, value, info, section)| (name.to_string(), value, info, section)));
}

/// NOFF files have no entry point and no names: programs begin with their code, and tools look for the usual names.
#[test]
fn an_elf_file_of_a_noff_begins_at_its_code() {
    let mut file = vec![0; 200];
    let builder = Builder::new(Layout::Four, ByteOrder::Little)
        .init_data(0, &[2; 16])
        .code(16, &[1; 32])
        .readonly_data(48, &[3; 16])
        .uninit_data(64, 16);
    let written = builder.write_to(&mut file).unwrap();
    let image = Image::parse(&file[..written], Options::default()).unwrap();
    let bytes = Executable::from_image(&image).to_elf().unwrap().bytes;
    assert_eq!(word(&bytes, 24), 16);
    for name in [".text", ".rodata", ".data", ".bss"] {
        assert!(bytes.windows(name.len()).any(|found| found == name.as_bytes()), "{name}");
    }
}

/// Where a file has no bytes of its entry point, that is refused; 0 stands for none.
#[test]
fn an_entry_point_has_bytes() {
    let code: Part<'_> = (".text", 16, 0x20, Ok(&[1; 32]));
    let bss: Part<'_> = (".bss", 64, 0x80, Err(16));
    let read = |entry: u32, parts: &[Part<'_>]| {
        let mut file = coff(parts);
        file[36..40].copy_from_slice(&entry.to_le_bytes());
        match Executable::read(&file) {
            Ok(executable) => Ok(executable.entry),
            Err(ConvertError::Input { finding, .. }) => Err((finding.field.0, finding.expected)),
            Err(error) => panic!("{error}"),
        }
    };
    for entry in [0, 16, 47] {
        assert_eq!(read(entry, &[code, bss]), Ok(Some(entry)));
    }
    for (entry, expected) in [
        (4, Expected::AtLeast(16)),
        (15, Expected::AtLeast(16)),
        (48, Expected::AnythingBut(48)),
        (64, Expected::AnythingBut(64)),
    ] {
        assert_eq!(read(entry, &[code, bss]), Err(("entry", expected)));
    }
    let roles: Vec<_> =
        Executable::read(&coff(&[code, bss])).unwrap().sections.iter().map(|s| s.role).collect();
    assert_eq!(roles, [Role::Code, Role::Zero]);
}
