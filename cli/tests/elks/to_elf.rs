//! ELF files for disassemblers and debuggers, as binutils read them.

use std::fs;

use aout_minix::{Builder, FileType};
use execfmt_testkit::testdata;

use crate::samples::greet;
use crate::support::{execfmt, folder, path, text, tool, words};

/// What a tool of binutils prints of an ELF file, with a single space for each run of white space.
fn binutils(name: &str, arguments: &[&str]) -> Option<String> {
    Some(words(tool(name, arguments)?.as_bytes()))
}

#[test]
fn binutils_read_what_convert_makes_of_a_program() {
    let folder = folder();
    let (program, elf) = (path(&folder, "far"), path(&folder, "far.elf"));
    fs::write(&program, testdata("elks/far.aout")).unwrap();
    let output = execfmt(&["convert", &program, "-o", &elf, "--to", "elf"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // From the program's own table: _start in the text, print in the far text, message and buffer in the data segment.
    let Some(symbols) = binutils("nm", &[&elf]) else { return };
    for symbol in ["00000000 T _start", "00010000 T print", "00020000 D message", "00020010 b buffer"] {
        assert!(symbols.contains(symbol), "{symbol:?} is missing from {symbols}");
    }
    let headers = binutils("objdump", &["-h", "-w", &elf]).unwrap();
    // 16 bytes of text, 20 of far text, 15 of data, 101 of bss after them.
    for section in [
        ".text 00000010 00000000 00000000",
        ".fartext 00000014 00010000 00010000",
        ".data 0000000f 00020000 00020000",
        ".bss 00000065 0002000f 0002000f",
    ] {
        assert!(headers.contains(section), "{section:?} is missing from {headers}");
    }
    // The text begins with a far call, 9a, and the far text with mov $0x3000,%ax: b8 00 30.
    let code = binutils("objdump", &["-d", "-m", "i8086", &elf]).unwrap();
    for line in ["<_start>: 0: 9a 00 00 00 20 lcall", "<print>: 10000: b8 00 30 mov $0x3000,%ax"] {
        assert!(code.contains(line), "{line:?} is missing from {code}");
    }
}

#[test]
fn segments_that_share_one_space_and_compressed_ones() {
    let folder = folder();
    let (elf, packed) = (path(&folder, "elf"), path(&folder, "packed"));
    let convert = |file: &[u8]| execfmt(&["convert", "-", "-o", &elf, "--to", "elf"], file);
    // Combined I and D: the data follow the text. 224 bytes of text, 100 of data.
    let combined = greet(&[(2, &[0x10])]);
    assert_eq!(convert(&combined).status.code(), Some(0));
    if let Some(headers) = binutils("objdump", &["-h", "-w", &elf]) {
        assert!(headers.contains(".data") && headers.contains("000000e0 000000e0"), "{headers}");
    }
    // A compressed program gives the same ELF file as before it was compressed.
    let builder = Builder::new(FileType::SPLITID_AHISTORICAL).version(1);
    let plain = builder.text(&[0x90; 3000]).data(&[7; 2000]).bss(10).to_vec().unwrap();
    assert_eq!(convert(&plain).status.code(), Some(0));
    let expected = fs::read(&elf).unwrap();
    let program = path(&folder, "plain");
    fs::write(&program, &plain).unwrap();
    assert_eq!(execfmt(&["compress", "-o", &packed, &program], b"").status.code(), Some(0));
    let packed = fs::read(&packed).unwrap();
    assert!(packed.len() < plain.len());
    assert_eq!(convert(&packed).status.code(), Some(0));
    assert_eq!(fs::read(&elf).unwrap(), expected);
    // For a 68000 there is no such file.
    let other = Builder::new(FileType::from_word(0x0b20_0301)).text(&[0; 16]).to_vec().unwrap();
    let refused = convert(&other);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("only programs for the 8086 and the 80386"),
        "{}",
        text(&refused.stderr)
    );
}
