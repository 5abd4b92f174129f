//! What is refused, with the field or the sections concerned.

use noff::convert::input_facts::EXECFMT_NOFF_INPUT_E_MALFORMED as MALFORMED;
use noff::convert::{ConvertError, ElfPart, Executable, InputRule};
use noff::{Advice, Expected, Layout, Rule as _};

use super::files::{ALLOC, EXEC, Part, WRITE, coff, converted, elf, halves, refusal, with_word, words};

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
            "from section .text (0x0..0x20) to .text2 (0x40..0x44), would overlap section .data (0x28..0x30) of initData",
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
            "would overlap section .data (0x90000000..0x90000008)",
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

/// In a COFF file for Nachos 5.0j every page is of one section: a zeroed one below that runs over others is refused too.
#[test]
fn sections_of_a_coff_file_share_addresses_by_padding_only() {
    let data: Part<'_> = (".data", 0x800, ALLOC | WRITE, Ok(&[2; 32]));
    let table: &[(&[Part<'_>], Option<&str>)] = &[
        (&[(".bss", 0x100, ALLOC | WRITE, Err(0x700)), data], None),
        (
            &[(".bss", 0x100, ALLOC | WRITE, Err(0x2000)), data],
            Some(".bss (0x100..0x2100) and .data (0x800..0x820) overlap"),
        ),
        (
            &[(".bss", 0x100, ALLOC | WRITE, Err(0x2000)), (".sbss", 0x200, ALLOC | WRITE, Err(4)), data],
            Some(".bss (0x100..0x2100) and .data (0x800..0x820) overlap"),
        ),
        // The last of those below is not always the one that ends last.
        (
            &[(".a", 0x400, ALLOC | WRITE, Ok(&[1; 16])), (".b", 0x500, ALLOC | WRITE, Ok(&[1; 768])), data],
            None,
        ),
        (
            &[
                (".a", 0x400, ALLOC | WRITE, Ok(&[1; 16])),
                (".b", 0x500, ALLOC | WRITE, Ok(&[1; 784])),
                (".c", 0x600, ALLOC | WRITE, Ok(&[1; 16])),
            ],
            Some(".b (0x500..0x810) and .c (0x600..0x610) overlap"),
        ),
        (
            &[(".bss", 0x100, ALLOC | WRITE, Err(0x800)), (".sbss", 0x200, ALLOC | WRITE, Err(0x700)), data],
            Some(".bss (0x100..0x900) and .data (0x800..0x820) overlap"),
        ),
        (&[(".bss", 0x800, ALLOC | WRITE, Err(4)), data], Some("overlap")),
        (&[data, (".bss", 0x818, ALLOC | WRITE, Err(0x800))], None),
        (&[data, (".bss", 0x80c, ALLOC | WRITE, Err(0x800))], Some("overlap")),
        (&[(".text", 0x7f0, ALLOC | EXEC, Ok(&[1; 17])), data], Some("overlap")),
    ];
    for (parts, words) in table {
        let executable = Executable::read(&elf(parts)).map(|executable| executable.to_coff().map(drop));
        match (executable.unwrap(), words) {
            (Ok(()), None) => {}
            (Err(error), Some(words)) => assert!(error.to_string().contains(words), "{error}"),
            (result, words) => panic!("{result:?}, not {words:?}: {parts:?}"),
        }
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
        (b"hello world".to_vec(), "magic", 0, "neither of a MIPS COFF file"),
        (changed(&good_elf, 4, 2), "EI_CLASS", 4, "64-bit"),
        (changed(&good_elf, 18, 62), "e_machine", 18, "mipsel-linux-gnu-gcc"),
        (changed(&good_elf, 16, 1), "e_type", 16, "ld -static -N"),
        (changed(&good_elf, 34, 1), "e_shoff", 32, "is not within the file"),
        (changed(&good_elf, 5, 3), "EI_DATA", 5, "identification"),
        (changed(&good_elf, 6, 2), "EI_VERSION", 6, "identification"),
        (changed(&good_elf, 46, 39), "e_shentsize", 46, "section headers do not have the size"),
        (changed(&good_elf, 49, 1), "e_shnum", 48, "is not within the file"),
        (changed(&good_elf, 50, 0), "e_shstrndx", 50, "no section holds the names"),
        (changed(&good_elf, 50, 3), "e_shstrndx", 50, "no section holds the names"),
        (segments(52, 31, 1), "e_phentsize", 42, "program headers"),
        (segments(0xffff, 32, 1), "e_phoff", 28, "program headers"),
        (segments(52, 32, 0xfff0), "e_phnum", 44, "program headers"),
        (good_elf[..40].to_vec(), "file length", 40, "at least 52"),
        (changed(&good_coff, 16, 0), "f_opthdr", 16, "link it"),
        (changed(&good_coff, 20, 0), "magic", 20, "OMAGIC"),
        (changed(&good_coff, 0, 0x66), "f_magic", 0, "MIPS I"),
        (changed(&good_coff, 76 + 21, 1), "s_scnptr + s_size", 76 + 20, "cut short"),
        (good_coff[..100].to_vec(), "file length", 100, "at least 116"),
        (elf(&[(".comment", 0, 0, Ok(b"x"))]), "e_shnum", 48, "nothing in the file"),
        (coff(&[(".comment", 0, 0, Ok(b"x"))]), "f_nscns", 2, "nothing in the file"),
    ];
    for (file, field, offset, words) in table {
        let error = Executable::read(&file).unwrap_err();
        let ConvertError::Input { ref finding, .. } = error else { panic!("{error}") };
        assert_eq!((finding.field.0, finding.offset), (field, offset), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(!finding.expected.allows(finding.found), "{} of {error}", finding.found);
    }
    // A big-endian MIPS file, whose words are read in its own order.
    let mut big = changed(&good_elf, 5, 2);
    big[18..20].copy_from_slice(&[0, 8]);
    let error = Executable::read(&big).unwrap_err().to_string();
    assert!(error.contains("EI_DATA at byte 5") && error.contains("big-endian"), "{error}");
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
            "is this a separate debug file?",
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
    // A section's flags are expected without the one that is refused, and its address below the end of memory.
    for (refused, flags) in [(GPREL, ALLOC | WRITE), (0x400, ALLOC | WRITE)] {
        let error = Executable::read(&elf(&[code, (".x", 32, flags | refused, Ok(&[2; 8]))])).unwrap_err();
        let ConvertError::Input { finding, .. } = error else { panic!("{error}") };
        let found = u64::from(flags | refused);
        assert_eq!((finding.found, finding.expected), (found, Expected::Exactly(flags.into())));
    }
    let beyond = elf(&[code, (".bss", 0xffff_fff0, ALLOC | WRITE, Err(17))]);
    assert_eq!(refusal(&beyond).0, "address_overflow");
    // Of the header's flags, those two are expected to be clear, and all others as they are.
    for (flags, expected) in [(0x1000_0007_u32, 0x1000_0001), (0x5000_1006, 0x5000_1000), (2, 0)] {
        let error = Executable::read(&with_word(program.clone(), 36, flags)).unwrap_err();
        let ConvertError::Input { finding, .. } = error else { panic!("{error}") };
        assert_eq!((finding.found, finding.expected), (flags.into(), Expected::Exactly(expected)));
    }
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
fn rules_are_found_by_number_and_detail() {
    let malformed = (0..=16).filter(|&part| InputRule::from_number(MALFORMED, part).is_some());
    assert_eq!(malformed.collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    for (number, detail) in (160..220).flat_map(|number| (0..=16).map(move |detail| (number, detail))) {
        if let Some(rule) = InputRule::from_number(number, detail) {
            assert_eq!((rule.number(), rule.detail()), (number, detail), "{rule:?}");
        }
    }
}

#[test]
fn refusals_advise() {
    let text: Part<'_> = (".text", 0, ALLOC | EXEC, Ok(&[1; 32]));
    let program = elf(&[text]);
    let advice = |file: &[u8]| converted(file, Layout::Three).unwrap_err().advice();
    let apart =
        elf(&[text, (".text2", 64, ALLOC | EXEC, Ok(&[1; 4])), (".data", 40, ALLOC | WRITE, Ok(&[2; 8]))]);
    assert_eq!(advice(&apart), Some(Advice::FourSegments));
    assert_eq!(advice(&elf(&[text, (".data", 16, ALLOC | WRITE, Ok(&[2; 8]))])), None);
    // The first section of two that hold the entry point has no bytes there.
    let mut file = elf(&[(".bss", 0, ALLOC | WRITE, Err(64)), (".text", 32, ALLOC | EXEC, Ok(&[1; 32]))]);
    file[24] = 32;
    let ConvertError::Input { finding, .. } = Executable::read(&file).unwrap_err() else {
        panic!("an entry")
    };
    assert_eq!((finding.rule, finding.expected), (InputRule::EntryWithoutBytes, Expected::AnythingBut(32)));
    // A section's bytes go on beyond the file, or its name is not among the names.
    let headers = u32::from_le_bytes(program[32..36].try_into().unwrap()) as usize;
    assert_eq!(refusal(&with_word(program.clone(), headers + 40 + 20, 0x1_0000)).0, "section_past_eof");
    let ConvertError::Input { finding, .. } =
        Executable::read(&with_word(program.clone(), headers + 40, 0x1_0000)).unwrap_err()
    else {
        panic!("a name")
    };
    assert_eq!(finding.rule, InputRule::Malformed(ElfPart::Name));
}
