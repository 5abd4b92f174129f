//! Sections to segments, memory compared with the input's own sections.

use noff::convert::{Executable, NoffOptions, Note};
use noff::{BORDEAUX, ByteOrder, Image, Layout, NACHOS4_RDATA, NACHOS5J, Options, SegmentKind, runs_on};

use super::files::{ALLOC, EXEC, Part, WRITE, coff, converted, elf, expected_memory, with_word};

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
