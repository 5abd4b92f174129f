//! Checks that time and memory grow linearly with the input: each worst case at two sizes, one twice the
//! other.

// Inputs of our own making, far below 4 GiB.
#![allow(clippy::cast_possible_truncation, clippy::expect_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use coyotos_image::{Arch, Builder, GptAttrs, ObjectType, Slot};
use os2_ne::{NewSegment, Relocation, Source};
use wait4::Wait4 as _;

use crate::shell::{cargo, run, scratch, target};

/// Maximum ratio for twice the input. Linear is 2; the rest is for caches and the system.
const MOST: f64 = 2.5;
/// Number of runs of one size, of which the fastest counts.
const RUNS: usize = 5;
/// Minimum time for a ratio: a shorter run consists mostly of starting a process.
const LEAST: Duration = Duration::from_millis(40);

/// An input that takes a long time for its size.
struct Case {
    what: &'static str,
    /// Arguments of the command; `{}` is the file.
    arguments: &'static str,
    /// The smaller count.
    count: usize,
    make: fn(usize) -> Vec<u8>,
}

const fn case(what: &'static str, arguments: &'static str, count: usize, make: fn(usize) -> Vec<u8>) -> Case {
    Case { what, arguments, count, make }
}

static CASES: [Case; 33] = [
    case("NOFF: words above MIPS I", "check {}", 4_000_000, noff_code),
    case("NOFF: words above MIPS I", "info --json {}", 4_000_000, noff_code),
    case("NOFF: a large program", "map {}", 16_000_000, noff_code),
    case("a.out: bad relocations", "check {}", 4_000_000, bad_relocations),
    case("a.out: bad relocations", "check --json {}", 4_000_000, bad_relocations),
    case("a.out: bad relocations", "info {}", 4_000_000, bad_relocations),
    case("a.out: relocations", "relocs {}", 400_000, bad_relocations),
    case("a.out: symbols", "symbols {}", 400_000, elks_symbols),
    case("a.out: symbols", "symbols --json {}", 400_000, elks_symbols),
    case("a.out: symbols", "symbols --addr 0x7fff {}", 2_000_000, elks_symbols),
    case("a.out: symbols", "check {}", 12_000_000, elks_symbols),
    case("a.out: two symbols at random", "compress -q -o {}.out {}", 15_000, random_text),
    case("a.out: two symbols at random", "compress -q --best -o {}.out {}", 15_000, random_text),
    case("MIPS ELF: sections", "convert --to noff -o {}.out {}", 60_000, mips_sections),
    case("MIPS ELF: symbols of one long name", "convert --to noff -o {}.out {}", 8_000_000, mips_symbols),
    case(
        "i386 ELF: symbols of one long name",
        "convert --to coyotos --debug {}.debug -o {}.out {}",
        100_000,
        i386_symbols,
    ),
    case("MIPS COFF: words above MIPS I", "check {}", 4_000_000, coff_code),
    case("MIPS COFF: words above MIPS I", "convert --to noff -o {}.out {}", 4_000_000, coff_code),
    case("NE: relocations", "check {}", 32_000, ne_relocations),
    case("NE: relocations", "relocs {}", 32_000, ne_relocations),
    case("image: pages", "check {}", 30_000, pages),
    case("image: pages", "coyotos ls {}", 10_000, pages),
    case("image: capabilities that mean nothing", "check {}", 1_000, garbage),
    case("image: capabilities that mean nothing", "check --json {}", 3_000, garbage),
    case("image: a chain of GPTs", "coyotos space {}", 400_000, chain),
    case("image: a chain of GPTs", "info {}", 100_000, chain),
    case("image: a chain of GPTs", "map {}", 100_000, chain),
    case("image: zeros, gzip file", "check {}", 15_000, zipped),
    case("recipe: lines", "coyotos build {} -o {}.out", 100_000, recipe),
    case("mkimage: statements", "coyotos mkimage -t i386 -o {}.out -I {dir} input", 20_000, script),
    case("mkimage: a long sum", "coyotos mkimage -t i386 -o {}.out -I {dir} input", 200_000, sum),
    case("text", "check {}", 200_000_000, words),
    case("ten thousand arguments", "check {*}", 10_000, |_| b"#!/bin/sh\n".to_vec()),
];

pub(crate) fn measure() -> Result<String> {
    run(cargo().args(["build", "--release", "--quiet", "-p", "execfmt"]))?;
    let folder = scratch("doubling")?;
    let mut table = format!(
        "Processor time, the minimum of {RUNS} runs; no ratio below {} ms; peak memory.\n\n\
         | worst case | command | n | time | 2n | time | ratio | memory |\n|---|---|---|---|---|---|---|---|\n",
        LEAST.as_millis()
    );
    let mut slow = Vec::new();
    for one in &CASES {
        let small = once(&folder, one, one.count)?;
        let large = once(&folder, one, 2 * one.count)?;
        let ratio = large.time.as_secs_f64() / small.time.as_secs_f64().max(f64::MIN_POSITIVE);
        let measured = small.time >= LEAST;
        writeln!(
            table,
            "| {} | `{}` | {} | {} ms | {} | {} ms | {} | {} and {} MiB |",
            one.what,
            one.arguments.replace("{dir}", "FOLDER").replace("{}", "FILE").replace("{*}", "FILE..."),
            one.count,
            small.time.as_millis(),
            2 * one.count,
            large.time.as_millis(),
            if measured { format!("{ratio:.2}") } else { "-".into() },
            small.memory >> 20,
            large.memory >> 20,
        )?;
        if measured && ratio > MOST {
            slow.push(format!("{}, {}: {ratio:.2}", one.what, one.arguments));
        }
        fs::remove_dir_all(&folder)?;
        fs::create_dir_all(&folder)?;
    }
    ensure!(slow.is_empty(), "more than {MOST} times the time for twice the input: {}", slow.join("; "));
    Ok(table)
}

/// Writes the input of a case.
pub(crate) fn write_input(index: usize, count: usize, file: &Path) -> Result<()> {
    let case = CASES.get(index).context("no such case")?;
    Ok(fs::write(file, (case.make)(count))?)
}

struct Cost {
    time: Duration,
    memory: u64,
}

fn once(folder: &Path, case: &Case, count: usize) -> Result<Cost> {
    // Written by another process: a child's peak memory starts at that of its parent when it was created.
    let file = folder.join("input.mki").display().to_string();
    let index = CASES.iter().position(|one| std::ptr::eq(one, case)).unwrap_or_default();
    let own = std::env::current_exe()?;
    run(std::process::Command::new(own)
        .arg("doubling-input")
        .args([index, count].map(|n| n.to_string()))
        .arg(&file))?;
    let mut arguments: Vec<String> = Vec::new();
    for word in case.arguments.split(' ') {
        match word {
            "{*}" => arguments.extend((0..count).map(|_| file.clone())),
            "{dir}" => arguments.push(folder.display().to_string()),
            _ => arguments.push(word.replace("{}", &file)),
        }
    }
    let mut best = Cost { time: Duration::MAX, memory: 0 };
    for _ in 0..RUNS {
        let mut command = std::process::Command::new(target().join("release/execfmt"));
        command.args(&arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let used = command.spawn()?.wait4()?;
        // Processor time, which is least affected by other work on the machine.
        let time = used.rusage.utime + used.rusage.stime;
        // A run ended by a signal is not a measurement; exit code 2 would be usage.
        match used.status.code() {
            Some(0 | 1) => {}
            other => bail!("{}: `{}` ends with {other:?}", case.what, case.arguments),
        }
        best.memory = best.memory.max(used.rusage.maxrss);
        best.time = best.time.min(time);
    }
    Ok(best)
}

fn words32(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// A NOFF program of many words, each of which is an instruction of MIPS II.
fn noff_code(count: usize) -> Vec<u8> {
    let bytes = 4 * count as u32;
    let mut file = words32([0x00ba_dfad, 0, 40, bytes, 0, 0, 0, 0, 0, 0]);
    // sync
    file.extend(words32(std::iter::repeat_n(0x0000_000f, count)));
    file
}

fn aout(text: &[u8], symbols: u32, relocations: u32) -> Vec<u8> {
    let header = [
        0x0430_0301,
        0x0001_0000 | if relocations > 0 { 0x30 } else { 0x20 },
        text.len() as u32,
        16,
        0,
        0,
        0,
        symbols,
    ];
    let mut file = words32(header);
    if relocations > 0 {
        file.extend(words32([relocations, 0, 0, 0]));
    }
    file.extend_from_slice(text);
    file.extend([0; 16]);
    file
}

/// Relocations beyond the text, of a type and against a symbol that do not exist: three findings each.
fn bad_relocations(count: usize) -> Vec<u8> {
    let mut file = aout(&[0x90; 16], 0, 8 * count as u32);
    (0..count).for_each(|_| file.extend([0xff, 0xff, 0xff, 0xff, 0x34, 0x12, 99, 0]));
    file
}

/// An ELKS symbol table: letter, address, length and name of each, and a zero.
fn elks_symbols(count: usize) -> Vec<u8> {
    let mut table = Vec::new();
    for index in 0..count {
        table.push(b'T');
        table.extend((index as u16).to_le_bytes());
        table.extend([4, b'n', b'a', b'm', b'e']);
    }
    table.push(0);
    let mut file = aout(&[0x90; 16], table.len() as u32, 0);
    file.extend(table);
    file
}

/// Two symbols at random: everything matches everywhere.
fn random_text(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let text: Vec<u8> = (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 63) as u8
        })
        .collect();
    aout(&text, 0, 0)
}

/// An ELF executable of 32 bits, little-endian: sections of four bytes of code each, and a symbol table.
fn elf(machine: u16, address: u32, sections: usize, symbols: &[u8], names: &[u8]) -> Vec<u8> {
    let bytes = 4 * sections;
    let code = 52 + 32;
    let symbols_at = code + bytes;
    let names_at = symbols_at + symbols.len();
    let table = (names_at + names.len()).next_multiple_of(4);
    let total = sections + 3;
    let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let halves =
        |file: &mut Vec<u8>, halves: &[u16]| halves.iter().for_each(|half| file.extend(half.to_le_bytes()));
    halves(&mut file, &[2, machine]);
    file.extend(words32([1, address, 52, table as u32, 0]));
    // Beyond 65,279 sections their number is in the first section header.
    halves(&mut file, &[52, 32, 1, 40, if total < 0xff00 { total as u16 } else { 0 }, 2]);
    file.extend(words32([1, code as u32, address, address, bytes as u32, bytes as u32, 5, 4]));
    file.resize(symbols_at, 0);
    file.extend_from_slice(symbols);
    file.extend_from_slice(names);
    file.resize(table, 0);
    file.extend(words32([0, 0, 0, 0, 0, if total < 0xff00 { 0 } else { total as u32 }, 0, 0, 0, 0]));
    file.extend(words32([0, 2, 0, 0, symbols_at as u32, symbols.len() as u32, 2, 1, 4, 16]));
    file.extend(words32([0, 3, 0, 0, names_at as u32, names.len() as u32, 0, 0, 1, 0]));
    for index in 0..sections as u32 {
        file.extend(words32([1, 1, 6, address + 4 * index, code as u32 + 4 * index, 4, 0, 0, 4, 0]));
    }
    file
}

const EM_386: u16 = 3;
const EM_MIPS: u16 = 8;

fn mips_sections(count: usize) -> Vec<u8> {
    elf(EM_MIPS, 0, count, &[], b"\0.text\0")
}

/// Global functions that all share one name of 1,000 bytes.
fn symbols(count: usize, address: u32) -> (Vec<u8>, Vec<u8>) {
    let mut table = vec![0; 16];
    for index in 0..count as u32 {
        table.extend(words32([7, address + index % 4, 0]));
        table.extend([0x12, 0, 3, 0]);
    }
    let mut names = b"\0.text\0".to_vec();
    names.extend([b'n'; 1000]);
    names.push(0);
    (table, names)
}

fn mips_symbols(count: usize) -> Vec<u8> {
    let (table, names) = symbols(count, 0);
    elf(EM_MIPS, 0, 1, &table, &names)
}

fn i386_symbols(count: usize) -> Vec<u8> {
    let (table, names) = symbols(count, 0x1000);
    elf(EM_386, 0x1000, 1, &table, &names)
}

/// A little-endian MIPS COFF executable with a section of many instructions of MIPS II.
fn coff_code(count: usize) -> Vec<u8> {
    let (bytes, start) = (4 * count as u32, 20 + 56 + 40);
    let mut file = vec![0x62, 0x01, 1, 0];
    file.extend(words32([0, 0, 0]));
    file.extend([56, 0, 7, 2, 0x07, 0x01, 0, 0]);
    file.extend(words32([bytes, 0, 0, 0, 0, bytes, 0, 0, 0, 0, 0, 0, 0]));
    file.extend(b".text\0\0\0");
    file.extend(words32([0, 0, bytes, start, 0, 0, 0, 0x20]));
    // sync
    file.extend(words32(std::iter::repeat_n(0x0000_000f, count)));
    file
}

/// An OS/2 NE program whose code segment has many relocations, all of them past its end.
fn ne_relocations(count: usize) -> Vec<u8> {
    let beyond = Relocation {
        source: Source::FarPointer,
        additive: false,
        source_offset: u16::MAX,
        target_segment: 1,
        target_offset: 0,
    };
    let relocations = vec![beyond; count];
    let segments = [NewSegment::code(&[0x90; 16]).relocations(&relocations), NewSegment::data(&[0; 16])];
    let file = os2_ne::Builder::new(&segments).shift(9).entry(1, 0).auto_data_segment(2);
    file.to_vec().expect("an NE program with 65535 relocations at most")
}

fn image(fill: impl FnOnce(&mut Builder) -> Result<(), Box<dyn std::error::Error>>) -> Vec<u8> {
    let mut builder = Builder::new(Arch::I386);
    fill(&mut builder).expect("an image of this size can be built");
    builder.to_vec().expect("and written")
}

fn pages(count: usize) -> Vec<u8> {
    image(|builder| {
        for _ in 0..count {
            builder.alloc(ObjectType::Page, builder.prime_bank())?;
        }
        Ok(())
    })
}

/// Capability pages in which every byte is ff: a thousand findings each.
fn garbage(count: usize) -> Vec<u8> {
    let mut image = image(|builder| {
        for _ in 0..count {
            builder.alloc(ObjectType::CapPage, builder.prime_bank())?;
        }
        Ok(())
    });
    // The header, tables and pages come first, the capability pages last except for an endpoint.
    let end = image.len() - 32;
    image.get_mut(end - 4096 * count..end).expect("the capability pages").fill(0xff);
    image
}

/// GPTs each of which holds the next, none of them a larger space than the one before.
fn chain(count: usize) -> Vec<u8> {
    image(|builder| {
        let bank = builder.prime_bank();
        let gpts = (0..count).map(|_| builder.alloc(ObjectType::Gpt, bank)).collect::<Result<Vec<_>, _>>()?;
        for pair in gpts.windows(2) {
            let &[above, below] = pair else { continue };
            builder.set_gpt(above, GptAttrs { l2v: 12, ha: false, bg: false })?;
            builder.set_capability(above, Slot::Index(0), below)?;
        }
        let process = builder.alloc(ObjectType::Process, bank)?;
        if let Some(&root) = gpts.first() {
            builder.set_capability(process, Slot::AddrSpace, root)?;
        }
        Ok(())
    })
}

fn zipped(count: usize) -> Vec<u8> {
    coyotos_image::deflate(&pages(count)).expect("zeros can be compressed")
}

fn recipe(count: usize) -> Vec<u8> {
    let mut text = "arch i386\n".to_string();
    (0..count).for_each(|index| writeln!(text, "endpoint e{index} prime").expect("text grows"));
    text.into_bytes()
}

fn script(count: usize) -> Vec<u8> {
    let mut text = "module input {\n".to_string();
    (0..count)
        .for_each(|index| writeln!(text, "  def e{index} = new Endpoint(PrimeBank);").expect("text grows"));
    (text + "}\n").into_bytes()
}

/// A sum of many terms.
fn sum(count: usize) -> Vec<u8> {
    format!("module input {{\n  print 0{};\n}}\n", " + 1".repeat(count)).into_bytes()
}

fn words(count: usize) -> Vec<u8> {
    b"words, ".iter().copied().cycle().take(count).collect()
}
