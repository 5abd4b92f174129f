//! The ELF converter against files of mkelf.py and what the specification makes of them.

mod support;

use aout_minix::convert::{self, DataMemory, ElfOptions, Rom};
use support::{ask, hex, unhex};

const CASES: u32 = 5_000;

#[test]
fn converts_what_mkelf_writes() {
    let Some(answers) = ask("ELF files", (0..CASES).map(|seed| format!("F {seed}")).collect()) else {
        return;
    };
    let (mut relocated, mut tables) = (0, 0);
    for (seed, answer) in answers.iter().enumerate() {
        let fields: Vec<_> = answer.split(' ').collect();
        let [tiny, aout_seg, data_seg, memory, first, second, symtab, elf, expected] = fields[..] else {
            panic!("seed {seed}: {answer}");
        };
        let number = |text: &str| text.parse::<u16>().unwrap();
        let memory = match memory {
            "total" => DataMemory::Total(number(first)),
            "chmem" => DataMemory::Chmem(number(second)),
            "heap" => DataMemory::HeapStack { heap: number(first), stack: number(second) },
            _ => DataMemory::Default,
        };
        let rom = Rom { aout_seg: number(aout_seg), data_seg: number(data_seg) };
        let options = ElfOptions {
            tiny: tiny == "1",
            rom: (rom.aout_seg != 0).then_some(rom),
            memory,
            symtab: symtab == "1",
            symfile: false,
        };
        match convert::from_elf(&unhex(elf), &options) {
            Err(error) => panic!("seed {seed}: {error}; {options:?} {elf}"),
            Ok(conversion) => assert_eq!(hex(&conversion.bytes), expected, "seed {seed}, {options:?}, {elf}"),
        }
        relocated += usize::from(expected.as_bytes()[8..10] != *b"20");
        tables += usize::from(symtab == "1");
    }
    assert!(relocated > 1000 && tables > 1000, "{relocated} with relocations, {tables} with symbols");
}
