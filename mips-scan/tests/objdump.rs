//! The table of instructions against an independent disassembler: objdump of binutils.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

use std::path::Path;
use std::process::Command;

use execfmt_testkit::{Mutator, skipped};
use mips_scan::{Level, Opcode};

const OBJDUMP: &str = "mipsel-linux-gnu-objdump";

/// The name of each word according to objdump for a machine; `None` for what it takes for data.
fn disassemble(words: &[u32], machine: &str) -> Option<Vec<Option<String>>> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.bin", machine.replace(':', "-")));
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    std::fs::write(&file, bytes).unwrap();
    let run = Command::new(OBJDUMP)
        .args(["-D", "-z", "-b", "binary", "-EL", "-M", "no-aliases", "-m", machine])
        .arg(&file)
        .output()
        .ok()?;
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let text = String::from_utf8(run.stdout).unwrap();
    let names = text.lines().filter_map(|line| {
        let mut columns = line.split('\t');
        let word = columns.nth(1)?;
        let name = columns.next()?.split_whitespace().next()?;
        assert!(u32::from_str_radix(word.trim(), 16).is_ok(), "{line}");
        Some((!name.starts_with('.')).then(|| name.to_owned()))
    });
    let names: Vec<_> = names.collect();
    assert_eq!(names.len(), words.len());
    Some(names)
}

/// objdump's name as the architecture has it: binutils 2.40 prints these aliases in spite of `no-aliases`. It knows one
/// instruction more as MIPS I, `jalx`, which enters MIPS16 code, of which a MIPS I has none.
fn canonical(name: &str) -> &str {
    match name {
        "neg" => "sub",
        "negu" => "subu",
        "dnegu" => "dsubu",
        "ror" => "rotr",
        "rorv" => "rotrv",
        other => other,
    }
}

/// Random words, and for each row of the table words that it takes, and those with one bit of its mask changed.
fn words() -> Vec<u32> {
    let mut mutator = Mutator::new("words of MIPS", 0x3000);
    let rng = mutator.rng();
    let mut words: Vec<u32> = (0..20_000).map(|_| rng.u32(..)).collect();
    for opcode in Opcode::TABLE {
        words.extend((0..64).map(|_| opcode.value | (rng.u32(..) & !opcode.mask)));
        for bit in (0..32).filter(|bit| opcode.mask >> bit & 1 != 0) {
            words.push((opcode.value | (rng.u32(..) & !opcode.mask)) ^ 1 << bit);
        }
    }
    words
}

#[test]
fn a_word_of_mips_1_is_what_objdump_says() {
    let words = words();
    let Some(names) = disassemble(&words, "mips:3000") else {
        return skipped("the table of MIPS I instructions", "no mipsel-linux-gnu-objdump");
    };
    let mut seen = std::collections::BTreeSet::new();
    for (word, theirs) in words.into_iter().zip(names) {
        let ours = Opcode::of(word).filter(|opcode| opcode.level == Level::Mips1).map(Opcode::name);
        // Coprocessor instructions have many names there, and two rows or so here.
        let coprocessor = matches!(word >> 26, 0x10..=0x13 | 0x30..=0x33 | 0x38..=0x3b);
        let theirs = theirs.filter(|_| !coprocessor);
        let theirs = theirs.as_deref().map(canonical).filter(|name| *name != "jalx");
        assert_eq!(ours, theirs, "{word:#010x}");
        seen.extend(ours);
    }
    let rows = Opcode::TABLE.iter().filter(|opcode| opcode.level == Level::Mips1);
    assert_eq!(seen.len(), rows.count(), "each row was compared");
}

/// Words that are above MIPS I here have the same names in a later machine's disassembly.
#[test]
fn a_word_of_a_later_machine_is_named_as_objdump_names_it() {
    let words = words();
    let later = |level| !matches!(level, Level::Mips1 | Level::Float | Level::Coprocessor);
    let words: Vec<u32> = words
        .into_iter()
        .filter(|&word| Opcode::of(word).is_some_and(|opcode| later(opcode.level)))
        .collect();
    let Some(names) = disassemble(&words, "mips:isa64r2") else {
        return skipped("the table of later MIPS instructions", "no mipsel-linux-gnu-objdump");
    };
    for (word, theirs) in words.into_iter().zip(names) {
        let ours = Opcode::of(word).map(Opcode::name);
        assert_eq!(ours, theirs.as_deref().map(canonical), "{word:#010x}");
    }
}

/// No word is taken by two rows: else the order of the table would say what it is.
#[test]
fn rows_do_not_share_words() {
    for (index, first) in Opcode::TABLE.iter().enumerate() {
        assert_eq!(first.value & !first.mask, 0, "{}", first.name());
        for second in &Opcode::TABLE[index + 1..] {
            let common = first.mask & second.mask;
            assert_ne!(first.value & common, second.value & common, "{} and {}", first.name(), second.name());
        }
    }
}
