//! Every rule, for every loader, with the smallest change of a well-formed file that breaks it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

use std::ops::ControlFlow::Continue;

use execfmt_testkit::Mutator;
use mips_coff::{
    Builder, ByteOrder, CheckOptions, CoffRule, Image, Loader, Program, Rule, check_bytes, first_error,
};

/// Three sections as Nachos 5.0j wants them: text at page 0, data at page 1, bss at page 2.
fn file() -> Vec<u8> {
    let builder = Builder::nachos().text(0, &[0x0c, 0, 0, 0]).data(0x400, b"Nachos\0\0").bss(0x800, 100);
    let mut file = vec![0; builder.written_len().unwrap()];
    builder.write_to(&mut file).unwrap();
    file
}

fn codes(bytes: &[u8], options: &CheckOptions) -> Vec<&'static str> {
    let mut codes = Vec::new();
    let verdict = check_bytes(bytes, options, &mut |finding| {
        assert!(!finding.to_string().is_empty());
        codes.push(finding.code());
        Continue(())
    });
    assert_eq!(verdict.tally.total(), codes.len() as u64);
    assert_eq!(
        first_error(bytes, options).map(|error| error.rule.number()),
        verdict.first_error,
        "{codes:?}"
    );
    codes
}

/// The optional header is at byte 20, the section headers are at 76, 116 and 156; `s_vaddr` is at 12 in each, `s_size` at
/// 16, `s_scnptr` at 20, `s_nreloc` at 32, `s_flags` at 36.
const TEXT: usize = 76;
const DATA: usize = 116;
const BSS: usize = 156;

struct Case {
    what: &'static str,
    change: fn(&mut Vec<u8>),
    /// The codes for [`Loader::ALL`] in order.
    codes: [&'static [&'static str]; 4],
}

fn put(file: &mut [u8], at: usize, word: u32) {
    file[at..at + 4].copy_from_slice(&word.to_le_bytes());
}

const CASES: &[Case] = &[
    Case { what: "nothing", change: |_| {}, codes: [&[], &[], &[], &[]] },
    Case { what: "no bytes", change: Vec::clear, codes: [&["truncated"]; 4] },
    Case { what: "19 bytes", change: |f| f.truncate(19), codes: [&["truncated"]; 4] },
    Case { what: "the table cut", change: |f| f.truncate(195), codes: [&["truncated"]; 4] },
    Case { what: "another magic", change: |f| f[0] = 0x63, codes: [&["wrong_magic"]; 4] },
    Case {
        what: "vaddr at the end of memory",
        change: |f| put(f, BSS + 12, 0xffff_ffc0),
        codes: [
            &["address_overflow", "two_addresses"],
            &["address_overflow", "two_addresses"],
            &["address_overflow", "two_addresses"],
            &["nachos5j_unaligned"],
        ],
    },
    Case {
        what: "paddr at the end of memory, which only the converters use",
        change: |f| put(f, BSS + 8, 0xffff_fff0),
        codes: [
            &["two_addresses"],
            &["two_addresses", "address_overflow"],
            &["two_addresses", "address_overflow"],
            &[],
        ],
    },
    Case {
        what: "data past the end",
        change: |f| put(f, DATA + 20, 0x1000),
        codes: [&["section_past_eof"]; 4],
    },
    Case {
        what: "data longer than the file",
        change: |f| put(f, DATA + 16, 0x200),
        codes: [&["section_past_eof"]; 4],
    },
    Case {
        what: "bss with a file offset that means nothing",
        change: |f| put(f, BSS + 20, 0xbfeb_fbff),
        codes: [&[]; 4],
    },
    Case {
        what: "empty data with a file offset past the end: only 5.0j looks",
        change: |f| {
            put(f, DATA + 16, 0);
            put(f, DATA + 20, 0x1000);
        },
        codes: [&[], &[], &[], &["section_past_eof", "nachos5j_fragmented"]],
    },
    Case {
        what: "all sections empty",
        change: |f| [TEXT, DATA, BSS].into_iter().for_each(|at| put(f, at + 16, 0)),
        codes: [
            &["no_sections", "entry_without_bytes"],
            &["no_sections", "entry_without_bytes"],
            &["no_sections", "entry_without_bytes"],
            &["nachos5j_fragmented", "nachos5j_fragmented", "entry_without_bytes"],
        ],
    },
    Case {
        what: "data in text",
        change: |f| [8, 12].into_iter().for_each(|at| put(f, DATA + at, 0)),
        codes: [
            &["sections_overlap"],
            &["sections_overlap"],
            &["sections_overlap"],
            &["nachos5j_fragmented"],
        ],
    },
    Case {
        what: "entry in bss",
        change: |f| put(f, 36, 0x800),
        codes: [
            &["entry_without_bytes"],
            &["entry_not_kept", "entry_without_bytes"],
            &["entry_not_kept", "entry_without_bytes"],
            &["entry_without_bytes"],
        ],
    },
    Case {
        what: "a paged program (ZMAGIC)",
        change: |f| f[20] = 0x0b,
        codes: [&[], &["optional_magic"], &["optional_magic"], &[]],
    },
    Case {
        what: "constants and data",
        change: |f| {
            f[BSS..BSS + 6].copy_from_slice(b".rdata");
            put(f, BSS + 20, 0);
            put(f, BSS + 36, 0x100);
        },
        codes: [&[], &["data_and_rdata"], &[], &[]],
    },
    Case {
        what: "a section of another name",
        change: |f| f[DATA..DATA + 5].copy_from_slice(b".drop"),
        codes: [&[], &["unknown_section"], &["unknown_section"], &[]],
    },
    Case { what: "one section", change: |f| f[2] = 1, codes: [&[], &[], &[], &["nachos5j_section_count"]] },
    Case {
        what: "no relocation flag",
        change: |f| f[18] = 6,
        codes: [&[], &[], &[], &["nachos5j_not_linked"]],
    },
    Case {
        what: "relocations",
        change: |f| f[TEXT + 32] = 1,
        codes: [&[], &[], &[], &["nachos5j_relocations"]],
    },
    Case {
        what: ".sbss by its flag",
        change: |f| put(f, BSS + 36, 0x400),
        codes: [&[], &[], &[], &["nachos5j_section_flags"]],
    },
    Case {
        what: "an address within a page",
        change: |f| [8, 12].into_iter().for_each(|at| put(f, BSS + at, 0x810)),
        codes: [&[], &[], &[], &["nachos5j_unaligned"]],
    },
    Case {
        what: "a negative size of bss",
        change: |f| put(f, BSS + 16, 0x8000_0000),
        codes: [&[], &[], &[], &["nachos5j_negative_size", "nachos5j_pages"]],
    },
    Case {
        what: "a page left out",
        change: |f| [8, 12].into_iter().for_each(|at| put(f, BSS + at, 0xc00)),
        codes: [&[], &[], &[], &["nachos5j_fragmented"]],
    },
    Case {
        what: "text of one whole page",
        change: |f| {
            put(f, TEXT + 16, 1024);
            f.resize(4096, 0);
        },
        codes: [&[], &[], &[], &["nachos5j_last_page"]],
    },
    Case {
        what: "53 pages of bss: with text, data, stack, arguments 64",
        change: |f| put(f, BSS + 16, 53 * 1024),
        codes: [&[]; 4],
    },
    Case {
        what: "54 pages of bss",
        change: |f| put(f, BSS + 16, 54 * 1024),
        codes: [&[], &[], &[], &["nachos5j_pages"]],
    },
];

#[test]
fn every_rule_by_the_smallest_change() {
    for case in CASES {
        let mut file = file();
        (case.change)(&mut file);
        for (loader, expected) in Loader::ALL.into_iter().zip(case.codes) {
            assert_eq!(codes(&file, &CheckOptions::new(loader)), expected, "{}, {loader:?}", case.what);
        }
    }
}

/// An optional header of 40 bytes moves the section table, a file of 47 bytes has none, and a big-endian file is another
/// one: what a change of one field does not give.
#[test]
fn other_shapes() {
    let mut short = file();
    short.drain(60..76);
    short[16] = 40;
    let codes_of = |file: &[u8], loader| codes(file, &CheckOptions::new(loader));
    assert_eq!(codes_of(&short, Loader::Coff2NoffThree), ["optional_header_size", "section_past_eof"]);
    let mut tiny = file();
    tiny.truncate(47);
    (tiny[2], tiny[16]) = (0, 0);
    assert_eq!(
        codes_of(&tiny, Loader::Nachos5j),
        ["nachos5j_length", "nachos5j_section_count", "entry_without_bytes"]
    );
    let builder = Builder::nachos().byte_order(mips_coff::ByteOrder::Big).text(0, &[0, 0, 0, 0x0c]);
    let mut big = vec![0; builder.written_len().unwrap()];
    builder.bss(0x400, 16).write_to(&mut vec![0; 512]).unwrap();
    builder.write_to(&mut big).unwrap();
    assert_eq!(big[..4], [0x01, 0x60, 0, 1]);
    assert_eq!(codes_of(&big, Loader::Any), <[&str; 0]>::default());
    assert_eq!(codes_of(&big, Loader::Coff2NoffFour), ["big_endian"]);
    assert!(codes_of(&big, Loader::Nachos5j).contains(&"big_endian"));
}

#[test]
fn each_row_is_met_by_a_case() {
    let met = CASES.iter().flat_map(|case| case.codes.iter().flat_map(|codes| codes.iter()));
    let mut met: Vec<&str> = met.copied().collect();
    met.extend(["optional_header_size", "nachos5j_length", "big_endian", "symbol_table"]);
    for row in CoffRule::TABLE {
        assert!(met.contains(&row.code), "{} has no case", row.code);
        assert!((700..750).contains(&row.number));
        assert!(row.constant.starts_with("EXECFMT_COFF_"));
        assert_eq!(CoffRule::from_number(row.number, 0).map(CoffRule::code), Some(row.code));
    }
}

/// `check` accepts exactly what `load` takes, a page holds what the section does, and no reader panics.
#[test]
fn check_agrees_with_load() {
    const SEED: u64 = 0x5_0a;
    let mut mutator = Mutator::new("check and load of COFF", SEED);
    let base = file();
    let mut accepted = 0;
    for _ in 0..100_000 {
        let bytes = mutator.mutate(&base, 196);
        for frames in [11, 64, u32::MAX] {
            let options = CheckOptions { frames, ..CheckOptions::nachos5j() };
            let verdict = check_bytes(&bytes, &options, &mut |_| Continue(()));
            let program = Program::parse(&bytes, frames);
            assert_eq!(verdict.is_accepted(), program.is_ok(), "{bytes:02x?}");
            let Ok(program) = program else { continue };
            if program.memory_size() > 1 << 20 {
                continue;
            }
            accepted += 1;
            let mut memory = vec![0xaa; usize::try_from(program.memory_size()).unwrap()];
            let start = program.load_into(&mut memory, &[b"cat", b""]).unwrap();
            let image = Image::parse(&bytes).unwrap();
            for section in image.sections().map_while(Result::ok) {
                let at = usize::try_from(section.header.vaddr).unwrap();
                if mips_coff::nachos5j::kind(section.header.flags) == section.header.kind() {
                    assert_eq!(&memory[at..at + section.bytes.len()], section.bytes);
                }
            }
            let argv = usize::try_from(start.argv).unwrap();
            assert_eq!(&memory[argv + 8..argv + 13], b"cat\0\0");
            assert_eq!(memory[argv..argv + 4], (start.argv + 8).to_le_bytes());
            assert_eq!(memory[argv + 4..argv + 8], (start.argv + 12).to_le_bytes());
        }
    }
    assert!(accepted > 1000, "only {accepted} of the mutated files load: the test says too little");
}

/// `mul`, which is none of MIPS I; a load and its use; `srl`; `lbu` with -1, which only 5.0j gets wrong.
const CODE: [u32; 5] = [0x7085_1002, 0x8c82_0000, 0x2442_0001, 0x0002_1042, 0x9082_ffff];

#[test]
fn code_is_scanned_where_that_is_asked_for() {
    let text: Vec<u8> = CODE.iter().flat_map(|word| word.to_le_bytes()).collect();
    let builder = Builder::nachos().text(0, &text).data(0x400, &text).bss(0x800, 100);
    let mut file = vec![0; builder.written_len().unwrap()];
    builder.write_to(&mut file).unwrap();
    let options = CheckOptions::default();
    assert_eq!(codes(&file, &options), [""; 0], "nothing is scanned by default");
    let scanned = CheckOptions { scan_code: true, ..options };
    assert_eq!(codes(&file, &scanned), ["above_mips1", "load_delay"]);
    let for_5j = CheckOptions { scan_code: true, ..CheckOptions::nachos5j() };
    assert_eq!(codes(&file, &for_5j), ["above_mips1", "load_delay", "unsigned_immediate"]);
    let verdict = check_bytes(&file, &scanned, &mut |_| std::ops::ControlFlow::Break(()));
    assert!(verdict.is_accepted());
    assert_eq!((verdict.tally.warnings, verdict.code.unwrap().first_unsigned_shift), (2, Some(12)));
    // The data as text too: what each section of text holds is found, but no byte of the file twice.
    put(&mut file, DATA + 36, 0x20);
    assert_eq!(codes(&file, &scanned).len(), 4);
    let (size, scnptr) = (u32::try_from(file.len()).unwrap(), 0);
    for section in [TEXT, DATA] {
        put(&mut file, section + 16, size);
        put(&mut file, section + 20, scnptr);
    }
    let image = Image::parse(&file).unwrap();
    assert_eq!((image.code().count(), image.sections().filter(Result::is_ok).count()), (1, 3));
}

/// Two external symbols after the sections: `main`, a procedure of the text, and `limit`, an absolute number.
fn with_symbols(byte_order: ByteOrder) -> Vec<u8> {
    let mut file = match byte_order {
        ByteOrder::Little => file(),
        ByteOrder::Big => {
            // No section and no optional header: the symbols are found by the file header alone.
            let mut file = vec![0; 20];
            file[..2].copy_from_slice(&[0x01, 0x60]);
            file
        }
    };
    let symptr = u32::try_from(file.len()).unwrap();
    let word = |word: u32| match byte_order {
        ByteOrder::Little => word.to_le_bytes(),
        ByteOrder::Big => word.to_be_bytes(),
    };
    file[8..12].copy_from_slice(&word(symptr));
    file[12..16].copy_from_slice(&word(96));
    let mut header = [0; 24];
    // issExtMax and cbSsExtOffset, iextMax and cbExtOffset, as words of the header.
    (header[16], header[17]) = (11, symptr + 96 + 32);
    (header[22], header[23]) = (2, symptr + 96);
    file.extend(header.iter().flat_map(|&number| word(number)));
    let magic = match byte_order {
        ByteOrder::Little => [0x09, 0x70],
        ByteOrder::Big => [0x70, 0x09],
    };
    let at = usize::try_from(symptr).unwrap();
    file[at..at + 2].copy_from_slice(&magic);
    // Type 6 of class 1 (text), type 1 of class 5 (absolute): the bits begin at either end of the word.
    let bits: [u32; 2] = match byte_order {
        ByteOrder::Little => [6 | 1 << 6, 1 | 5 << 6],
        ByteOrder::Big => [6 << 26 | 1 << 21, 1 << 26 | 5 << 21],
    };
    for (name, value, bits) in [(0, 0, bits[0]), (5, 99, bits[1])] {
        file.extend([0, name, value, bits].iter().flat_map(|&number| word(number)));
    }
    file.extend(b"main\0limit\0");
    file
}

#[test]
fn external_symbols_are_read_in_both_byte_orders() {
    for byte_order in [ByteOrder::Little, ByteOrder::Big] {
        let file = with_symbols(byte_order);
        let image = Image::parse(&file).unwrap();
        let symbols: Vec<_> = image.symbols().unwrap().iter().collect();
        let lines: Vec<_> = symbols.iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["00000000 T main", "00000063 A limit"]);
        let bits: Vec<_> = symbols.iter().map(|symbol| (symbol.kind, symbol.class)).collect();
        assert_eq!(bits, [(6, 1), (1, 5)]);
    }
    // A label of the compiler, an undefined symbol, and one of a class that is not known.
    for (class, letter) in [(0, 'N'), (6, 'U'), (31, '?')] {
        let mut file = with_symbols(ByteOrder::Little);
        let at = self::file().len() + 96;
        put(&mut file, at + 12, 1 | class << 6);
        let symbol = Image::parse(&file).unwrap().symbols().unwrap().iter().next().unwrap();
        assert_eq!((symbol.letter(), symbol.is_address()), (letter, false));
    }
    let image = file();
    assert_eq!(Image::parse(&image).unwrap().symbols().unwrap().iter().count(), 0, "a file without symbols");
}

#[test]
fn what_is_wrong_with_symbols_is_named() {
    let good = with_symbols(ByteOrder::Little);
    let symptr = file().len();
    let options = CheckOptions::default();
    assert_eq!(codes(&good, &options), [""; 0]);
    for (at, value, field) in [
        (8, u32::MAX, "f_symptr"),
        (8, u32::try_from(good.len() - 95).unwrap(), "f_symptr"),
        (symptr, 0, "symbolic header magic"),
        (symptr + 64, u32::MAX, "symbolic header issExtMax"),
        (symptr + 64, 12, "symbolic header issExtMax"),
        (symptr + 68, u32::MAX, "symbolic header cbSsExtOffset"),
        (symptr + 88, u32::MAX, "symbolic header iextMax"),
        (symptr + 92, u32::MAX, "symbolic header cbExtOffset"),
    ] {
        let mut bad = good.clone();
        put(&mut bad, at, value);
        let finding = Image::parse(&bad).unwrap().symbols().unwrap_err();
        assert_eq!((finding.rule, finding.field.to_string()), (CoffRule::SymbolTable, field.into()));
        assert_eq!(finding.offset, at as u64);
        assert!(!finding.expected.allows(finding.found), "{finding}");
        assert_eq!(codes(&bad, &options), ["symbol_table"]);
        assert_eq!(codes(&bad, &CheckOptions::nachos5j()), [""; 0], "no loader reads them");
    }
    // A name outside the names is empty, one without an end ends with them, and a long one is cut.
    let mut odd = good.clone();
    put(&mut odd, symptr + 96 + 4, u32::MAX);
    put(&mut odd, symptr + 64, 10);
    let names = |file: &[u8]| -> Vec<Vec<u8>> {
        Image::parse(file).unwrap().symbols().unwrap().iter().map(|symbol| symbol.name.to_vec()).collect()
    };
    assert_eq!(names(&odd), [&b""[..], b"limit"]);
    odd.extend([b'x'; 1000]);
    put(&mut odd, symptr + 64, 1010);
    assert_eq!(names(&odd)[1].len(), 5);
    odd[good.len() - 1] = b'x';
    assert_eq!(names(&odd)[1].len(), mips_coff::MAX_NAME);
}

/// The last argument that fits, and the first that does not: 4 and 1 bytes besides its characters.
#[test]
fn arguments_fill_their_page() {
    let file = file();
    let program = Program::parse(&file, 64).unwrap();
    let mut memory = vec![0; usize::try_from(program.memory_size()).unwrap()];
    let text = [b'x'; 1020];
    assert!(program.load_into(&mut memory, &[&text[..1019]]).is_ok());
    let refused = program.load_into(&mut memory, &[&text]).unwrap_err();
    assert_eq!(refused.to_string(), "the arguments need 1025 bytes, but their page has 1024");
    let end = memory.len();
    let small = program.load_into(&mut memory[..end - 1], &[]).unwrap_err();
    assert_eq!(small.to_string(), "the program needs 12288 bytes of memory, but 12287 were given");
}
