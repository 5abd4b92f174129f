//! What is converted with a warning.

use std::ops::ControlFlow;

use noff::convert::{Executable, NoffOptions, Note};
use noff::{ByteOrder, Image, Layout, Options, SegmentKind, Severity};

use super::files::{ALLOC, EXEC, Part, WRITE, coff, converted, elf, with_word, words};

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
    // What a linker leaves between code and data of their own pages, it leaves out with -N.
    for (bytes, advised) in [(4095, false), (4096, true), (65536, true)] {
        let note = Note::Filled { segment: SegmentKind::InitData, bytes };
        assert_eq!(note.to_string().contains("link with -N"), advised, "{note}");
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

/// `mul` twice, `add.s`, and the last return; after it a word that would be `mul` again.
const CODE: [u32; 6] = [0x7085_1002, 0x7085_1002, 0x4602_0000, 0x03e0_0008, 0, 0x7085_1002];

#[test]
fn the_code_is_scanned_and_each_rule_noted_once() {
    let noted = |executable: &Executable<'_>| {
        let notes = executable.code_notes(None).into_iter();
        let noted = notes.map(|note| match note {
            Note::Code { first, others } => (first.rule.code(), first.field.address, others),
            note => panic!("{note}"),
        });
        noted.collect::<Vec<_>>()
    };
    // The same words as data are not code.
    let code = words(&CODE);
    let file = elf(&[(".text", 0x80, ALLOC | EXEC, Ok(&code)), (".data", 0x100, ALLOC | WRITE, Ok(&code))]);
    let executable = Executable::read(&file).unwrap();
    assert_eq!(noted(&executable), [("above_mips1", 0x80, 2), ("floating_point", 0x88, 0)]);
    let counts = executable.scan_code(Default::default(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(counts.instructions, 6);
    // The code segment of a NOFF file may hold constants after the last return.
    let noff = executable.to_noff(NoffOptions::new(Layout::Three, ByteOrder::Little)).unwrap().bytes;
    let executable = Executable::from_image(&Image::parse(&noff, Options::default()).unwrap());
    assert_eq!(noted(&executable), [("above_mips1", 0x80, 1), ("floating_point", 0x88, 0)]);
    let counts = executable.scan_code(Default::default(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(counts.instructions, 5);
}
