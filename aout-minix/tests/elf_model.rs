//! The ELF converter against files of mkelf.py and what the specification makes of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of a test, which may panic"
)]

mod support;

use aout_minix::convert::{self, DataMemory, ElfOptions, Rom};
use execfmt_testkit::hex;
use support::{ask, unhex};

const CASES: u32 = 5_000;

/// Compares a conversion with the model's answer; returns whether it has relocations, and symbols.
fn compare(question: &str, answer: &str) -> (bool, bool) {
    let fields: Vec<_> = answer.split(' ').collect();
    let [tiny, aout_seg, data_seg, memory, first, second, symtab, elf, expected] = fields[..] else {
        panic!("{question}: {answer}");
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
        Err(error) => panic!("{question}: {error}; {options:?} {elf}"),
        Ok(conversion) => assert_eq!(hex(&conversion.bytes), expected, "{question}, {options:?}, {elf}"),
    }
    (expected.as_bytes()[8..10] != *b"20", options.symtab)
}

fn questions(seeds: std::ops::Range<u32>) -> Vec<String> {
    seeds.map(|seed| format!("F {seed}")).collect()
}

#[test]
fn converts_what_mkelf_writes() {
    let questions = questions(0..CASES);
    let Some(answers) = ask("ELF files", questions.clone()) else { return };
    let (mut relocated, mut tables) = (0, 0);
    for (question, answer) in questions.iter().zip(&answers) {
        let (has_relocations, has_symbols) = compare(question, answer);
        relocated += usize::from(has_relocations);
        tables += usize::from(has_symbols);
    }
    assert!(relocated > 1000 && tables > 1000, "{relocated} with relocations, {tables} with symbols");
}

#[test]
fn converts_as_the_kept_answers_say() {
    let vectors = support::vectors("elf.txt", || questions(10_000..10_080));
    assert_eq!(vectors.len(), 80);
    for (question, answer) in &vectors {
        compare(question, answer);
    }
}
