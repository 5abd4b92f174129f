//! COFF and ELF as a user of Nachos makes and meets them, with the tools of others as witnesses.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::fs;

use execfmt_testkit::{root, testdata};
use serde_json::Value;
use support::{execfmt, folder, path, text, tool};

fn demo() -> String {
    root().join("testdata/noff/demo.noff").display().to_string()
}

fn convert(input: &str, to: &str, output: &str) {
    let run = execfmt(&["convert", "--quiet", input, "-o", output, "--to", to], b"");
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
}

/// The instructions that objdump prints, as words: the second column.
fn words_of(listing: &str) -> Vec<u32> {
    let columns = listing.lines().filter_map(|line| line.split('\t').nth(1));
    columns.filter_map(|word| u32::from_str_radix(word.trim(), 16).ok()).collect()
}

/// The code of the sample program: 704 bytes after a header of 40.
fn code() -> Vec<u32> {
    let file = testdata("noff/demo.noff");
    file[40..744].chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
}

#[test]
fn objdump_disassembles_a_noff_program_as_elf() {
    let folder = folder();
    let elf = path(&folder, "demo.elf");
    convert(&demo(), "elf", &elf);
    let Some(listing) = tool("mipsel-linux-gnu-objdump", &["-dz", &elf]) else { return };
    assert_eq!(words_of(&listing), code());
    let headers = tool("mipsel-linux-gnu-objdump", &["-hf", &elf]).unwrap();
    let headers = headers.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "architecture: mips:3000",
        "start address 0x00000000",
        ".text 000002c0 00000000 00000000",
        ".data 000000b0 000002c0 000002c0",
        ".bss 00000100 00000370 00000370",
    ] {
        assert!(headers.contains(words), "{words:?} is missing from\n{headers}");
    }
}

#[test]
fn objdump_reads_our_coff() {
    let folder = folder();
    let coff = path(&folder, "demo.coff");
    convert(&demo(), "coff", &coff);
    let Some(headers) = tool("mipsel-linux-gnu-objdump", &["-hf", &coff]) else { return };
    assert!(headers.contains("file format ecoff-littlemips"), "{headers}");
    let Some(listing) = tool("mipsel-linux-gnu-objdump", &["-Dz", "-j", ".data", &coff]) else { return };
    let code = code();
    assert_eq!(words_of(&listing)[..code.len()], code);
}

/// gdb finds entry and sections, and disassembles: `jal main` is at 0.
#[test]
fn gdb_reads_the_elf() {
    let folder = folder();
    let elf = path(&folder, "demo.elf");
    convert(&demo(), "elf", &elf);
    let commands = ["-nx", "-batch", "-ex", "info files", "-ex", "x/3i 0", &elf];
    let Some(output) = tool("gdb-multiarch", &commands) else { return };
    assert!(output.contains("Entry point: 0x0"), "{output}");
    assert!(output.contains("0x00000000 - 0x000002c0 is .text"), "{output}");
    assert!(output.lines().any(|line| line.contains("jal\t0x160")), "{output}");
}

/// What comes back from COFF is the memory that went in.
#[test]
fn noff_through_coff_and_elf_keeps_its_memory() {
    let folder = folder();
    let flat = |input: &str| {
        let out = path(&folder, "memory.flat");
        convert(input, "flat", &out);
        fs::read(&out).unwrap()
    };
    let (coff, elf) = (path(&folder, "demo.coff"), path(&folder, "demo.elf"));
    convert(&demo(), "coff", &coff);
    convert(&coff, "elf", &elf);
    let (before, after) = (flat(&demo()), flat(&elf));
    // Both end with zeroed data and 1024 bytes of stack; COFF rounds up to 16 bytes.
    let length = before.len().min(after.len());
    assert_eq!(before[..length], after[..length]);
    let back = path(&folder, "back.coff");
    convert(&elf, "coff", &back);
    assert_eq!(fs::read(&coff).unwrap(), fs::read(&back).unwrap());
}

#[test]
fn info_check_map_and_json_know_coff() {
    let folder = folder();
    let coff = path(&folder, "demo.coff");
    convert(&demo(), "coff", &coff);
    let info = execfmt(&["info", &coff], b"");
    let out = text(&info.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    // By hand: 1136 bytes of program are 2 pages; 8 of stack and 1 of arguments follow; 10 pages of 1024 are 0x2800.
    for words in [
        "MIPS COFF executable, little-endian",
        ".data data 0x0..0x370",
        ".bss zeroed 0x400..0x470",
        "Nachos 5.0j accepts it",
        "11 pages of 1024 bytes, of which 8 are stack and 1 arguments; the stack pointer starts at 0x2800",
    ] {
        assert!(out.contains(words), "{words:?} is missing from\n{out}");
    }
    let check = execfmt(&["check", "--for", "nachos5j", "--strict", &coff], b"");
    assert_eq!(check.status.code(), Some(0), "{}", text(&check.stderr));
    assert_eq!(text(&check.stdout), format!("{coff}: ok\n"));
    let map = execfmt(&["map", &coff], b"");
    let map = text(&map.stdout);
    assert!(map.contains("memory of Nachos 5.0j, 11 pages") && map.contains("a arguments"), "{map}");
    // One section less than two: the byte of f_nscns is named.
    let mut file = fs::read(&coff).unwrap();
    file[2] = 1;
    fs::write(&coff, &file).unwrap();
    let check = execfmt(&["check", "--for", "nachos5j", "--json", &coff], b"");
    assert_eq!(check.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&check.stdout).unwrap();
    assert_eq!(json["format"], "coff");
    assert_eq!(json["findings"][0]["code"], "nachos5j_section_count");
    assert_eq!(json["findings"][0]["offset"], 2);
}

/// The scan names the instruction, its address and its byte, for NOFF as for COFF.
#[test]
fn check_names_what_a_mips_1_lacks() {
    let folder = folder();
    let mut file = testdata("noff/demo.noff");
    // mul $2,$4,$5 in place of the second instruction.
    file[44..48].copy_from_slice(&0x7085_1002_u32.to_le_bytes());
    let noff = path(&folder, "mul.noff");
    fs::write(&noff, &file).unwrap();
    let check = execfmt(&["check", &noff], b"");
    assert_eq!(check.status.code(), Some(0));
    let said = text(&check.stderr);
    assert!(said.contains("code at 0x4 at byte 44: `mul` is an instruction of MIPS32"), "{said}");
    assert!(said.contains("-march=mips1"), "{said}");
    let run = execfmt(&["convert", &noff, "-o", &path(&folder, "out.coff"), "--to", "coff"], b"");
    assert!(text(&run.stderr).contains("`mul` is an instruction of MIPS32"), "{}", text(&run.stderr));
}
