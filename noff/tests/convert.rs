//! COFF and ELF to NOFF and flat, on files made field by field and on the headers of real COFF files.

#![cfg(feature = "convert")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used
)]

use execfmt_testkit::{Model, Mutator, hex, shared, table, unhex};
use noff::convert::{Conversion, ConvertError, Executable, NoffOptions, Note};
use noff::{
    BORDEAUX, ByteOrder, Header, Image, Layout, NACHOS4_RDATA, NACHOS5J, Options, SegmentKind, Severity,
    runs_on,
};

/// A section of a file to convert: name, address, flags, contents, or the size of bss.
type Part<'a> = (&'a str, u32, u32, Result<&'a [u8], u32>);

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn halves(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A COFF file by the facts of its format: 20, 56 and 40 bytes of headers, then the contents.
fn coff(parts: &[Part<'_>]) -> Vec<u8> {
    let mut file = [halves(&[0x162, parts.len() as u16]), words(&[0, 0, 0]), halves(&[56, 7])].concat();
    file.extend([halves(&[0o407, 0]), words(&[0; 13])].concat());
    let mut at = 76 + 40 * parts.len() as u32;
    for &(name, address, flags, contents) in parts {
        let size = contents.map_or_else(|size| size, |bytes| bytes.len() as u32);
        let mut padded = [0; 8];
        padded[..name.len()].copy_from_slice(name.as_bytes());
        file.extend(padded);
        file.extend(words(&[address, address, size, if contents.is_ok() { at } else { 0 }, 0, 0, 0, flags]));
        at += contents.map_or(0, |bytes| bytes.len() as u32);
    }
    file.extend(parts.iter().filter_map(|part| part.3.ok()).flatten());
    file
}

const ALLOC: u32 = 2;
const WRITE: u32 = 1;
const EXEC: u32 = 4;

/// A MIPS ELF file: header, contents, section names, section headers.
fn elf(parts: &[Part<'_>]) -> Vec<u8> {
    let mut contents = Vec::new();
    let mut names = b"\0.shstrtab\0".to_vec();
    let mut headers = words(&[0; 10]);
    for &(name, address, flags, part) in parts {
        let (kind, size) = part.map_or_else(|size| (8, size), |bytes| (1, bytes.len() as u32));
        headers.extend(words(&[
            names.len() as u32,
            kind,
            flags,
            address,
            52 + contents.len() as u32,
            size,
            0,
            0,
            1,
            0,
        ]));
        names.extend(name.as_bytes());
        names.push(0);
        contents.extend(part.unwrap_or_default());
    }
    headers.extend(words(&[1, 3, 0, 0, 52 + contents.len() as u32, names.len() as u32, 0, 0, 1, 0]));
    contents.extend(names);
    let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend([halves(&[2, 8]), words(&[1, 0, 0, 52 + contents.len() as u32, 0])].concat());
    file.extend(halves(&[52, 0, 0, 40, parts.len() as u16 + 2, parts.len() as u16 + 1]));
    [file, contents, headers].concat()
}

fn converted(file: &[u8], layout: Layout) -> Result<(Header, Vec<u8>, Conversion), ConvertError> {
    let conversion = Executable::read(file)?.to_noff(NoffOptions::new(layout, ByteOrder::Little))?;
    let image =
        Image::parse(&conversion.bytes, Options::default()).expect("what was converted can be parsed");
    let mut memory = vec![0; image.program().memory_end() as usize];
    image.load_into(&mut memory).expect("and loaded");
    Ok((*image.program().header(), memory, conversion.clone()))
}

/// What lies at every address by the input's own sections.
fn expected_memory(parts: &[Part<'_>]) -> Vec<u8> {
    let size = |part: &Part<'_>| part.3.map_or_else(|size| size, |bytes| bytes.len() as u32);
    let end = parts.iter().map(|part| part.1 + size(part)).max().unwrap();
    let mut memory = vec![0; end as usize];
    for part in parts {
        if let Ok(bytes) = part.3 {
            memory[part.1 as usize..][..bytes.len()].copy_from_slice(bytes);
        }
    }
    memory
}

#[test]
fn sections_that_a_noff_can_express() {
    let (text, data, constants) = ([1; 32], [2; 16], [3; 16]);
    let text = Ok(&text[..]);
    let data = Ok(&data[..]);
    let constants = Ok(&constants[..]);
    // COFF flags are given beside those of ELF; 0 in COFF leaves it to the name.
    let cases: &[&[(&str, u32, u32, u32, Result<&[u8], u32>)]] = &[
        &[(".text", 0, 0x20, ALLOC | EXEC, text)],
        &[
            (".text", 0, 0, ALLOC | EXEC, text),
            (".data", 32, 0, ALLOC | WRITE, data),
            (".bss", 48, 0, ALLOC | WRITE, Err(64)),
        ],
        // .rdata before .data, after it, and with a gap between them.
        &[
            (".text", 0, 0x20, ALLOC | EXEC, text),
            (".rdata", 32, 0x100, ALLOC, constants),
            (".data", 48, 0x40, ALLOC | WRITE, data),
        ],
        &[
            (".text", 0, 0x20, ALLOC | EXEC, text),
            (".data", 32, 0x40, ALLOC | WRITE, data),
            (".rdata", 48, 0x100, ALLOC, constants),
        ],
        &[
            (".text", 0, 0x20, ALLOC | EXEC, text),
            (".rdata", 64, 0x100, ALLOC, constants),
            (".data", 256, 0x40, ALLOC | WRITE, data),
        ],
        // Constants before the code can only join the code.
        &[
            (".rdata", 32, 0x100, ALLOC, constants),
            (".text", 0, 0x20, ALLOC | EXEC, text),
            (".data", 128, 0x40, ALLOC | WRITE, data),
        ],
        // .bss and .sbss, contiguous, with a gap, and one within the other as in a real file.
        &[
            (".text", 0, 0x20, ALLOC | EXEC, text),
            (".sbss", 32, 0x400, ALLOC | WRITE, Err(16)),
            (".bss", 48, 0x80, ALLOC | WRITE, Err(16)),
        ],
        &[
            (".text", 0, 0x20, ALLOC | EXEC, text),
            (".bss", 32, 0x80, ALLOC | WRITE, Err(16)),
            (".sbss", 64, 0x400, ALLOC | WRITE, Err(16)),
        ],
        &[
            (".text", 0, 0x20, ALLOC | EXEC, text),
            (".bss", 0x15c, 0x80, ALLOC | WRITE, Err(64)),
            (".sbss", 0x150, 0x400, ALLOC | WRITE, Err(16)),
        ],
        // bss among the data becomes zeros in the file.
        &[
            (".text", 0, 0x20, ALLOC | EXEC, text),
            (".sbss", 32, 0x400, ALLOC | WRITE, Err(16)),
            (".data", 48, 0x40, ALLOC | WRITE, data),
            (".bss", 64, 0x80, ALLOC | WRITE, Err(16)),
        ],
        &[
            (".text", 0, 0x20, ALLOC | EXEC, text),
            (".data", 32, 0x40, ALLOC | WRITE, data),
            (".sbss", 48, 0x400, ALLOC | WRITE, Err(16)),
            (".sdata", 64, 0x200, ALLOC | WRITE, data),
        ],
        // Two sections of code.
        &[(".init", 0, 0x8000_0000, ALLOC | EXEC, text), (".text", 32, 0x20, ALLOC | EXEC, text)],
    ];
    for case in cases {
        let of = |from_elf: bool| {
            case.iter().map(move |&(name, at, coff, flags, part)| {
                (name, at, if from_elf { flags } else { coff }, part)
            })
        };
        for (from_elf, parts) in [(false, of(false).collect::<Vec<Part<'_>>>()), (true, of(true).collect())] {
            let file = if from_elf { elf(&parts) } else { coff(&parts) };
            for layout in Layout::ALL {
                let (header, mut memory, _) =
                    converted(&file, layout).unwrap_or_else(|e| panic!("{parts:?}: {e}"));
                memory.resize(memory.len().max(expected_memory(&parts).len()), 0);
                assert_eq!(memory, expected_memory(&parts), "{parts:?}: {header}");
                assert_eq!(
                    header.memory_end().unwrap() as usize,
                    expected_memory(&parts).len(),
                    "{parts:?}: {header}"
                );
            }
        }
    }
}

#[test]
fn constants_have_their_own_segment_where_there_is_one() {
    let file = elf(&[
        (".text", 0, ALLOC | EXEC, Ok(&[1; 16])),
        (".rodata", 16, ALLOC, Ok(&[2; 16])),
        (".data", 32, ALLOC | WRITE, Ok(&[3; 16])),
    ]);
    let (four, ..) = converted(&file, Layout::Four).unwrap();
    assert_eq!((four.readonly_data.virtual_addr, four.readonly_data.size), (16, 16));
    let (three, _, conversion) = converted(&file, Layout::Three).unwrap();
    assert_eq!((three.init_data.virtual_addr, three.init_data.size), (16, 32));
    assert!(conversion.notes.contains(&Note::ReadOnlyMerged { into: SegmentKind::InitData }));
}

#[test]
fn refusals_name_sections_and_addresses() {
    let code = (".text", 0, ALLOC | EXEC, Ok(&[1_u8; 32][..]));
    let table: &[(&[Part<'_>], &str)] = &[
        (
            &[code, (".data", 16, ALLOC | WRITE, Ok(&[2; 8]))],
            ".text (0x0..0x20) and .data (0x10..0x18) overlap",
        ),
        (
            &[code, (".text2", 64, ALLOC | EXEC, Ok(&[1; 4])), (".data", 40, ALLOC | WRITE, Ok(&[2; 8]))],
            "from section .text (0x0..0x20) to .text2 (0x40..0x44), would run over section .data (0x28..0x30) of initData",
        ),
        (
            &[
                code,
                (".data", 32, ALLOC | WRITE, Ok(&[2; 8])),
                (".far", 0x2_0000, ALLOC | WRITE, Ok(&[2; 8])),
            ],
            "between sections such as .data (0x20..0x28) and .far (0x20000..0x20008)",
        ),
        (
            &[
                code,
                (".sbss", 32, ALLOC | WRITE, Err(0x8000_0000)),
                (".data", 0x9000_0000, ALLOC | WRITE, Ok(&[2; 8])),
                (".bss", 0x9000_0010, ALLOC | WRITE, Err(4)),
            ],
            "would run over",
        ),
        (&[code, (".bss", 0xffff_fff0, ALLOC | WRITE, Err(16))], "section .bss: sh_size"),
        (&[code, (".tdata", 64, ALLOC | WRITE | 0x400, Ok(&[0; 4]))], "section .tdata: sh_flags"),
        (&[code, (".interp", 64, ALLOC, Ok(b"/lib/ld.so\0"))], "needs a dynamic linker"),
        (&[(".comment", 0, 0, Ok(b"x"))], "nothing in the file takes up memory"),
    ];
    for (parts, words) in table {
        let error = converted(&elf(parts), Layout::Four).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn what_is_wrong_with_an_input_is_named_by_field_and_offset() {
    let good_elf = elf(&[(".text", 0, ALLOC | EXEC, Ok(&[1; 32]))]);
    let good_coff = coff(&[(".text", 0, 0x20, Ok(&[1; 32]))]);
    let changed = |file: &[u8], at: usize, value: u8| {
        let mut file = file.to_vec();
        file[at] = value;
        file
    };
    let segments = |start: u32, size: u16, count: u16| {
        let mut file = good_elf.clone();
        file[28..32].copy_from_slice(&start.to_le_bytes());
        file[42..44].copy_from_slice(&size.to_le_bytes());
        file[44..46].copy_from_slice(&count.to_le_bytes());
        file
    };
    assert!(Executable::read(&segments(0, 0, 0)).is_ok() && Executable::read(&segments(0, 31, 9)).is_ok());
    let table = [
        (b"hello world".to_vec(), "magic", 0, "neither a MIPS COFF file"),
        (changed(&good_elf, 4, 2), "EI_CLASS", 4, "64-bit"),
        (changed(&good_elf, 18, 62), "e_machine", 18, "mipsel-linux-gnu-gcc"),
        (changed(&good_elf, 16, 1), "e_type", 16, "ld -static -N"),
        (changed(&good_elf, 34, 1), "e_shoff", 32, "does not lie within the file"),
        (changed(&good_elf, 5, 3), "EI_DATA", 5, "identification"),
        (changed(&good_elf, 6, 2), "EI_VERSION", 6, "identification"),
        (changed(&good_elf, 46, 39), "e_shentsize", 46, "section headers are not of the size"),
        (changed(&good_elf, 49, 1), "e_shnum", 48, "does not lie within the file"),
        (changed(&good_elf, 50, 0), "e_shstrndx", 50, "no section with the names"),
        (changed(&good_elf, 50, 3), "e_shstrndx", 50, "no section with the names"),
        (segments(52, 31, 1), "e_phentsize", 42, "program headers"),
        (segments(0xffff, 32, 1), "e_phoff", 28, "program headers"),
        (segments(52, 32, 0xfff0), "e_phnum", 44, "program headers"),
        (good_elf[..40].to_vec(), "file length", 40, "at least 52"),
        (changed(&good_coff, 16, 0), "f_opthdr", 16, "link it"),
        (changed(&good_coff, 20, 0), "magic", 20, "OMAGIC"),
        (changed(&good_coff, 0, 0x66), "f_magic", 0, "MIPS I"),
        (changed(&good_coff, 76 + 21, 1), "s_scnptr + s_size", 76 + 20, "cut short"),
        (good_coff[..100].to_vec(), "file length", 100, "at least 116"),
    ];
    for (file, field, offset, words) in table {
        let error = Executable::read(&file).unwrap_err();
        let ConvertError::Input { ref finding, .. } = error else { panic!("{error}") };
        assert_eq!((finding.field.0, finding.offset), (field, offset), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    // A big-endian MIPS file, whose words are read in its own order.
    let mut big = changed(&good_elf, 5, 2);
    big[18..20].copy_from_slice(&[0, 8]);
    let error = Executable::read(&big).unwrap_err().to_string();
    assert!(error.contains("EI_DATA at byte 5") && error.contains("big-endian"), "{error}");
}

#[test]
fn what_may_not_run_is_warned_of() {
    let mut file =
        elf(&[(".text", 64, ALLOC | EXEC, Ok(&[1; 32])), (".reginfo", 0x40_0000, ALLOC, Ok(&[0; 24]))]);
    file[24] = 0x44; // e_entry
    file[39] = 0x10; // e_flags: MIPS II
    let (.., conversion) = converted(&file, Layout::Three).unwrap();
    assert_eq!(
        conversion.notes,
        [
            Note::Isa { name: "MIPS II" },
            Note::Dropped { name: ".reginfo".into(), size: 24 },
            Note::Entry { entry: 0x44, start: 0 },
            Note::NoCodeAtStart { start: 0 },
        ]
    );
}

/// The rule that refuses a file, by its code, and the sentence.
fn refusal(file: &[u8]) -> (&'static str, String) {
    let error = Executable::read(file).unwrap_err();
    let ConvertError::Input { ref finding, .. } = error else { panic!("{error}") };
    (finding.rule.code(), error.to_string())
}

fn with_word(mut file: Vec<u8>, at: usize, value: u32) -> Vec<u8> {
    file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    file
}

#[test]
fn what_can_never_run_is_refused_with_the_option_to_compile_with() {
    const GPREL: u32 = 0x1000_0000;
    let code: Part<'_> = (".text", 0, ALLOC | EXEC, Ok(&[1; 32]));
    let data: Part<'_> = (".data", 32, ALLOC | WRITE, Ok(&[2; 8]));
    let program = elf(&[code, data]);
    // A program header of thread-local storage, without a section of it.
    let mut with_tls = with_word(program.clone(), 28, program.len() as u32);
    with_tls[42..46].copy_from_slice(&halves(&[32, 1]));
    with_tls.extend(words(&[7, 0, 64, 64, 0, 4, 4, 4]));
    let in_headers = |at: u32| with_word(coff(&[(".text", 0, 0x20, Ok(&[1; 32]))]), 76 + 20, at);
    let table: &[(Vec<u8>, &str, &str)] = &[
        (elf(&[code, (".sdata", 32, ALLOC | WRITE | GPREL, Ok(&[2; 8]))]), "small_data", "compile with -G 0"),
        (elf(&[code, (".sbss", 32, ALLOC | WRITE | GPREL, Err(8))]), "small_data", "section .sbss: sh_flags"),
        (with_word(program.clone(), 36, 2), "position_independent", "-mno-abicalls -fno-pic"),
        (with_word(program.clone(), 36, 4), "position_independent", "e_flags at byte 36"),
        (
            with_word(program.clone(), 24, 64),
            "entry_without_bytes",
            "e_entry at byte 24: the file has no bytes at",
        ),
        (
            elf(&[(".text", 0, ALLOC | EXEC, Err(32)), data]),
            "entry_without_bytes",
            "the debug file beside the program",
        ),
        (elf(&[(".text", 16, ALLOC | EXEC, Err(32))]), "entry_without_bytes", "0x0"),
        (
            with_word(coff(&[(".text", 0, 0x20, Ok(&[1; 32]))]), 36, 32),
            "entry_without_bytes",
            "entry at byte 36",
        ),
        (with_tls, "thread_local", "p_type at byte"),
        (in_headers(115), "section_in_headers", "s_scnptr at byte 96: the section's bytes begin at byte 115"),
        (in_headers(0), "section_in_headers", "which end at 116"),
    ];
    for (file, code, words) in table {
        let (rule, sentence) = refusal(file);
        assert_eq!(rule, *code, "{sentence}");
        assert!(sentence.contains(words), "{sentence}");
    }
    // What is next to them is accepted.
    for file in [
        program.clone(),
        with_word(program.clone(), 24, 31),
        elf(&[(".text", 16, ALLOC | EXEC, Ok(&[1; 32]))]),
        in_headers(116),
        with_word(coff(&[(".text", 0, 0x20, Ok(&[1; 32]))]), 36, 31),
    ] {
        assert!(Executable::read(&file).is_ok(), "{:?}", Executable::read(&file));
    }
}

#[test]
fn what_compilers_write_by_default_is_refused() {
    for (name, code) in
        [("g04-small-data-G8.elf", "small_data"), ("g06-abicalls.elf", "position_independent")]
    {
        let Some(path) = shared(&format!("cases/public/{name}"), "programs of today's compilers") else {
            return;
        };
        assert_eq!(refusal(&std::fs::read(path).unwrap()).0, code, "{name}");
    }
}

#[test]
fn what_may_not_run_as_meant_is_warned_of_by_section() {
    let code: Part<'_> = (".text", 0, ALLOC | EXEC, Ok(&[1; 32]));
    let notes = |file: &[u8]| converted(file, Layout::Three).unwrap().2.notes;
    for name in [".init_array", ".fini_array", ".ctors", ".ctors.65535"] {
        let file = elf(&[code, (name, 32, ALLOC | WRITE, Ok(&[2; 4]))]);
        assert_eq!(notes(&file), [Note::Constructors { name: name.into() }], "{name}");
    }
    let far = |start: u32| elf(&[code, (".bss", start, ALLOC | WRITE, Err(16))]);
    assert_eq!(notes(&far(0x1_0020)), []);
    assert!(matches!(&notes(&far(0x1_0024))[..], [Note::FarZeroes { name, end: 32, .. }] if name == ".bss"));
    for (name, flags) in [(".sdata", 0x200), (".sdata", 0), (".odd", 0x200)] {
        let file = coff(&[(".text", 0, 0x20, Ok(&[1; 32])), (name, 32, flags, Ok(&[2; 4]))]);
        assert_eq!(notes(&file), [Note::SmallData { name: name.into() }], "{name} {flags:#x}");
    }
    let file = coff(&[(".text", 0, 0x20, Ok(&[1; 32])), (".sbss", 32, 0x400, Err(4))]);
    assert_eq!(notes(&file), [Note::SmallData { name: ".sbss".into() }]);
    // Each says what to do, and weighs as a warning.
    for (note, words) in [
        (Note::Constructors { name: "x".into() }, "call them from main"),
        (Note::SmallData { name: "x".into() }, "compile with -G 0"),
        (Note::HardFloat, "-msoft-float"),
        (Note::Compressed, "-march=mips1"),
        (Note::Isa { name: "MIPS32" }, "built for MIPS32"),
        (Note::Relocations { count: 3 }, "3 relocations"),
        (Note::NotOmagic { magic: 0o413 }, "0413, not 0407"),
        (Note::Entry { entry: 0x44, start: 0 }, "0x44"),
        (Note::NoCodeAtStart { start: 0x80 }, "-Ttext=0x80"),
    ] {
        assert_eq!(note.severity(), Some(Severity::Warning), "{note}");
        assert!(note.to_string().contains(words), "{note}");
    }
    for note in [
        Note::Dropped { name: "x".into(), size: 1 },
        Note::ReadOnlyMerged { into: SegmentKind::Code },
        Note::Filled { segment: SegmentKind::Code, bytes: 1 },
        Note::Padded { segment: SegmentKind::Code, bytes: 1 },
    ] {
        assert_eq!(note.severity(), None, "{note}");
        assert!(note.to_string().contains(['x', 'c']), "{note}");
    }
}

#[test]
fn sections_that_are_not_of_the_program_are_left_out_by_name_and_by_type() {
    const NAMES: [&str; 11] = [
        ".drop",
        ".debug_info",
        ".mdebug",
        ".mdebug.abi32",
        ".reginfo",
        ".pdr",
        ".comment",
        ".note",
        ".note.GNU-stack",
        ".gnu.attributes",
        ".MIPS.abiflags",
    ];
    for name in NAMES {
        // Far away and marked as loaded, as linkers do.
        let file =
            elf(&[(".text", 0, ALLOC | EXEC, Ok(&[1; 32])), (name, 0x40_0000, ALLOC | WRITE, Ok(&[0; 12]))]);
        let (header, _, conversion) = converted(&file, Layout::Three).unwrap();
        assert_eq!(header.memory_end(), Some(32), "{name}");
        assert_eq!(conversion.notes, [Note::Dropped { name: name.into(), size: 12 }]);
        if name.len() > 8 {
            continue;
        }
        let file = coff(&[(".text", 0, 0x20, Ok(&[1; 32])), (name, 0x40_0000, 0x40, Ok(&[0; 12]))]);
        let (header, _, conversion) = converted(&file, Layout::Three).unwrap();
        assert_eq!(header.memory_end(), Some(32), "{name}");
        assert_eq!(conversion.notes, [Note::Dropped { name: name.into(), size: 12 }]);
    }
    // SHT_NOTE, SHT_MIPS_REGINFO, SHT_MIPS_OPTIONS, SHT_MIPS_ABIFLAGS, whatever their names.
    for kind in [7, 0x7000_0006, 0x7000_000d, 0x7000_002a] {
        let file = elf(&[(".text", 0, ALLOC | EXEC, Ok(&[1; 32])), (".odd", 64, ALLOC, Ok(&[0; 12]))]);
        let table = u32::from_le_bytes(file[32..36].try_into().unwrap()) as usize;
        let file = with_word(file, table + 2 * 40 + 4, kind);
        let (_, _, conversion) = converted(&file, Layout::Three).unwrap();
        assert_eq!(conversion.notes, [Note::Dropped { name: ".odd".into(), size: 12 }], "{kind:#x}");
    }
    // A name that only begins like one.
    let file = elf(&[(".text", 0, ALLOC | EXEC, Ok(&[1; 32])), (".dropped", 32, ALLOC, Ok(&[2; 16]))]);
    assert_eq!(converted(&file, Layout::Three).unwrap().0.memory_end(), Some(48));
}

#[test]
fn the_instruction_set_is_named() {
    let file = elf(&[(".text", 0, ALLOC | EXEC, Ok(&[1; 32]))]);
    // EF_MIPS_ARCH, as the MIPS ABI numbers it.
    let table = [
        (0x0000_0000, None),
        (0x1000_0000, Some("MIPS II")),
        (0x2000_0000, Some("MIPS III")),
        (0x3000_0000, Some("MIPS IV")),
        (0x4000_0000, Some("MIPS V")),
        (0x5000_0000, Some("MIPS32")),
        (0x6000_0000, Some("MIPS64")),
        (0x7000_0000, Some("MIPS32 release 2")),
        (0x8000_0000, Some("MIPS64 release 2")),
        (0x9000_0000, Some("MIPS32 release 6")),
        (0xa000_0000, Some("MIPS64 release 6")),
        (0xf000_0000, Some("an unknown MIPS")),
    ];
    for (flags, name) in table {
        let notes = Executable::read(&with_word(file.clone(), 36, flags)).unwrap().notes;
        assert_eq!(notes, name.map(|name| Note::Isa { name }).into_iter().collect::<Vec<_>>(), "{flags:#x}");
    }
    for flags in [0x0400_0000, 0x0200_0000] {
        let notes = Executable::read(&with_word(file.clone(), 36, flags)).unwrap().notes;
        assert_eq!(notes, [Note::Compressed], "{flags:#x}");
    }
    // `.MIPS.abiflags` says in its eighth byte which floating point the code uses: any, or software.
    for (fp_abi, hard) in [(0, false), (3, false), (1, true), (5, true)] {
        let mut abiflags = [0; 24];
        abiflags[7] = fp_abi;
        let file =
            elf(&[(".text", 0, ALLOC | EXEC, Ok(&[1; 32])), (".MIPS.abiflags", 64, ALLOC, Ok(&abiflags))]);
        let notes = Executable::read(&file).unwrap().notes;
        assert_eq!(notes.contains(&Note::HardFloat), hard, "{fp_abi}");
    }
}

#[test]
fn coff_sections_go_by_their_flags_and_then_by_their_names() {
    use noff::convert::Role;
    // Names and flags of MIPS COFF.
    let by_flags: &[(u32, Role)] = &[
        (0x20, Role::Code),
        (0x8000_0000, Role::Code),
        (0x0100_0000, Role::Code),
        (0x80, Role::Zero),
        (0x400, Role::Zero),
        (0x100, Role::ReadOnly),
        (0x0800_0000, Role::ReadOnly),
        (0x1000_0000, Role::ReadOnly),
        (0x40, Role::Data),
        (0x200, Role::Data),
    ];
    let by_name: &[(&str, Role)] = &[
        (".text", Role::Code),
        (".init", Role::Code),
        (".fini", Role::Code),
        (".rdata", Role::ReadOnly),
        (".lit8", Role::ReadOnly),
        (".lit4", Role::ReadOnly),
        (".data", Role::Data),
        (".sdata", Role::Data),
        (".bss", Role::Zero),
        (".sbss", Role::Zero),
    ];
    let role = |name: &str, flags: u32| {
        let file = coff(&[(".text", 0, 0x20, Ok(&[1; 32])), (name, 64, flags, Ok(&[2; 16]))]);
        Executable::read(&file).unwrap().sections[1].role
    };
    for &(flags, expected) in by_flags {
        assert_eq!(role(".odd", flags), expected, "{flags:#x}");
    }
    for &(name, expected) in by_name {
        assert_eq!(role(name, 0), expected, "{name}");
    }
}

#[test]
fn relocations_are_warned_of_in_files_that_are_not_marked_as_linked() {
    let file = coff(&[(".text", 0, 0x20, Ok(&[1; 32]))]);
    for (f_flags, s_nreloc, warned) in [(7_u16, 0, false), (7, 5, false), (5, 0, false), (5, 5, true)] {
        let mut file = file.clone();
        file[18..20].copy_from_slice(&f_flags.to_le_bytes());
        file[76 + 32] = s_nreloc;
        let notes = Executable::read(&file).unwrap().notes;
        assert_eq!(notes.contains(&Note::Relocations { count: 5 }), warned, "{f_flags} {s_nreloc}");
    }
}

#[test]
fn a_profile_decides_how_a_file_is_written() {
    // The sections of a program for the kernel of Bordeaux: it begins at 0x80, and .drop is not loaded.
    let parts: &[Part<'_>] = &[
        (".text", 0x80, ALLOC | EXEC, Ok(&[1; 200])),
        (".rodata", 0x180, ALLOC, Ok(&[2; 40])),
        (".data", 0x1a8, ALLOC | WRITE, Ok(&[3; 8])),
        (".bss", 0x200, ALLOC | WRITE, Err(100)),
        (".drop", 0x280, ALLOC, Ok(&[4; 60])),
    ];
    let file = with_word(elf(parts), 24, 0x80);
    let executable = Executable::read(&file).unwrap();
    let usual = executable.to_noff(NoffOptions::new(Layout::Three, ByteOrder::Little)).unwrap();
    assert!(usual.notes.contains(&Note::Entry { entry: 0x80, start: 0 }));
    assert!(usual.notes.contains(&Note::NoCodeAtStart { start: 0 }));
    let image = Image::parse(&usual.bytes, Options::default()).unwrap();
    assert_eq!(runs_on(image.program(), &BORDEAUX).unwrap_err().rule.code(), "kernel_size");

    let fit = executable.to_noff(NoffOptions::for_profile(&BORDEAUX).unwrap()).unwrap();
    let image = Image::parse(&fit.bytes, Options::default()).unwrap();
    assert_eq!(runs_on(image.program(), &BORDEAUX), Ok(()));
    let padded: Vec<_> = fit.notes.iter().filter(|note| matches!(note, Note::Padded { .. })).collect();
    assert_eq!(padded.len(), 3, "{padded:?}");
    assert!(!fit.notes.iter().any(|note| matches!(note, Note::Entry { .. } | Note::NoCodeAtStart { .. })));
    let mut memory = vec![0; image.program().memory_end() as usize];
    image.load_into(&mut memory).unwrap();
    let mut expected = expected_memory(&parts[..4]);
    expected.resize(0x280, 0);
    assert_eq!(memory, expected);
    // Where the next section leaves no room, nothing is padded, and the kernel would refuse the file.
    let tight =
        elf(&[(".text", 0x80, ALLOC | EXEC, Ok(&[1; 200])), (".data", 0x148, ALLOC | WRITE, Ok(&[3; 8]))]);
    let tight =
        Executable::read(&tight).unwrap().to_noff(NoffOptions::for_profile(&BORDEAUX).unwrap()).unwrap();
    let image = Image::parse(&tight.bytes, Options::default()).unwrap();
    assert_eq!(runs_on(image.program(), &BORDEAUX).unwrap_err().rule.code(), "kernel_size");

    let four = NoffOptions::for_profile(&NACHOS4_RDATA).unwrap();
    assert_eq!((four.layout, four.byte_order, four.start), (Layout::Four, ByteOrder::Little, 0));
    assert_eq!(NoffOptions::for_profile(&NACHOS5J), None);
}

#[test]
fn a_section_name_cannot_make_the_reader_slow_or_large() {
    // 2,000 sections that all use one name of 100,000 bytes.
    let long = "x".repeat(100_000);
    let mut file = elf(&[(&long, 0, 0, Ok(b"1"))]);
    let table = u32::from_le_bytes(file[32..36].try_into().unwrap()) as usize;
    let (section, names) = (file[table + 40..table + 80].to_vec(), file[table + 80..table + 120].to_vec());
    let text = words(&[1, 1, ALLOC | EXEC, 0, 52, 1, 0, 0, 1, 0]);
    file.truncate(table + 40);
    file.extend(section.repeat(2000));
    file.extend(text);
    file.extend(names);
    file[48..52].copy_from_slice(&halves(&[2003, 2002]));
    let executable = Executable::read(&file).unwrap();
    let total: usize = executable.notes.iter().map(|note| note.to_string().len()).sum();
    assert_eq!(executable.notes.len(), 2000);
    assert!(total < 2000 * 120, "{total} bytes of names");
}

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
fn limits_hold_exactly() {
    // Two sections of the same bytes: together as long as the file, and four bytes longer.
    for (length, accepted) in [(156, true), (160, false)] {
        let bytes = vec![1; length];
        let file = coff(&[(".text", 0, 0x20, Ok(&bytes)), (".data", 0x1000, 0x40, Err(length as u32))]);
        let file = with_word(file, 76 + 40 + 20, 156);
        assert_eq!(Executable::read(&file).is_ok(), accepted, "{length}");
        assert!(accepted || refusal(&file).0 == "shared_bytes");
    }
    // The longest flat file, and one byte more.
    let largest = noff::convert::MAX_FLAT_SIZE - noff::convert::FLAT_STACK_SIZE;
    for (end, accepted) in [(largest, true), (largest + 1, false)] {
        let text: Part<'_> = (".text", 0, ALLOC | EXEC, Ok(&[1; 16]));
        let file = elf(&[text, (".bss", end - 16, ALLOC | WRITE, Err(16))]);
        let flat = Executable::read(&file).unwrap().to_flat();
        assert_eq!(
            flat.is_ok_and(|flat| flat.bytes.len() == noff::convert::MAX_FLAT_SIZE as usize),
            accepted
        );
    }
    // In a flat file from ELF sections are at their addresses, so that they must not overlap.
    for (address, accepted) in [(16, true), (15, false)] {
        let text: Part<'_> = (".text", 0, ALLOC | EXEC, Ok(&[1; 16]));
        let file = elf(&[text, (".data", address, ALLOC | WRITE, Ok(&[2; 16]))]);
        assert_eq!(Executable::read(&file).unwrap().to_flat().is_ok(), accepted, "{address}");
    }
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

#[test]
fn real_coff_headers_convert_or_are_refused_with_a_reason() {
    let Some(path) = shared("corpus/coff-headers.tsv", "headers of real COFF files") else { return };
    let mut converted_count = 0;
    for row in table(&path) {
        let mut file = unhex(&row[0]);
        file.resize(row[1].parse().unwrap(), 0);
        for layout in Layout::ALL {
            match converted(&file, layout) {
                Ok(_) => converted_count += 1,
                Err(error) => panic!("{row:?}: {error}"),
            }
        }
    }
    assert!(converted_count >= 130, "{converted_count} conversions");
}

#[test]
fn coff_of_the_model_converts_to_the_models_noff() {
    // The model writes a COFF file and, from the same segments, the NOFF file that coff2noff would.
    let script = "
text, data, bss, gap = line.split(' ')
text, data, bss, gap = bytes.fromhex(text), bytes.fromhex(data), int(bss), int(gap)
at = len(text) + gap
coff = noff.mkcoff([('.text', 0, text), ('.data', at, data), ('.bss', at + len(data), bss)])
segs = {'code': (0, text), 'initData': (at, data), 'uninitData': (at + len(data), bss)}
print(coff.hex(), noff.build(3, segs).hex())";
    let Some(model) = Model::new("import noff", script, "COFF conversion against the model") else { return };
    let mut mutator = Mutator::new("COFF conversion", 0xc0ff);
    let questions = (0..1000).map(|_| {
        let rng = mutator.rng();
        let mut bytes = |least: usize| -> Vec<u8> { (0..rng.usize(least..99)).map(|_| rng.u8(..)).collect() };
        let (text, data) = (hex(&bytes(1)), hex(&bytes(1)));
        format!("{text} {data} {} {}", rng.u32(1..500), rng.u32(..64))
    });
    for answer in model.ask(questions.collect()) {
        let (coff, noff) = answer.split_once(' ').unwrap();
        let conversion = Executable::read(&unhex(coff))
            .unwrap()
            .to_noff(NoffOptions::new(Layout::Three, ByteOrder::Little))
            .unwrap();
        assert_eq!(hex(&conversion.bytes), noff, "{coff}");
    }
}
