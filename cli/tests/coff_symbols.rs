//! The symbols of COFF files that GNU ld writes, as `symbols` lists them and as debuggers find them in the ELF file that
//! `convert` makes.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use execfmt_testkit::skipped;
use support::{execfmt, folder, path, text, tool};

/// Instructions, constants, data and zeroed data, each with a symbol; `main` is the sixth instruction.
const SOURCE: &str = "
        .set noreorder
        .text
        .globl __start
        .ent __start
__start:
        jal     main
        nop
1:      j       1b
        nop
        nop
        .end __start
        .globl main
        .ent main
main:
        lui     $8, %hi(counter)
        lw      $9, %lo(counter)($8)
        nop
        jr      $31
        addiu   $2, $9, 1
        .end main
        .globl greeting, counter, zeroed
        .section .rdata, \"a\"
greeting: .asciz \"hello\"
        .data
counter: .word 41
        .bss
zeroed: .space 32
";

/// Each part on a page of its own, so that qemu can load the same program as an ELF file.
const SCRIPT: &str = "
ENTRY(__start)
SECTIONS
{
    .text 0x10000 : { *(.text) . = ALIGN(16); }
    .rdata 0x11000 : { *(.rdata) . = ALIGN(16); }
    .data 0x12000 : { *(.data) . = ALIGN(16); }
    .bss 0x13000 : { *(.bss) . = ALIGN(16); }
    /DISCARD/ : { *(*) }
}
";

/// What `nm` prints of each symbol.
const SYMBOLS: [&str; 5] = [
    "00010000 T __start",
    "00010014 T main",
    "00011000 R greeting",
    "00012000 D counter",
    "00013000 B zeroed",
];

/// The program as COFF, as ELF by the linker, and as the ELF that the COFF is converted to; `None`, after a notice,
/// without the tools.
fn programs(folder: &tempfile::TempDir) -> Option<[String; 3]> {
    let [source, object, script, coff, linked, elf] =
        ["p.s", "p.o", "p.ld", "p.coff", "linked.elf", "p.elf"].map(|name| path(folder, name));
    fs::write(&source, SOURCE).unwrap();
    fs::write(&script, SCRIPT).unwrap();
    tool("mipsel-linux-gnu-as", &["-march=mips1", "-mabi=32", "-EL", "-G0", &source, "-o", &object])?;
    for (format, options, output) in [
        ("ecoff-littlemips", &["-N"][..], &coff),
        ("elf32-tradlittlemips", &["-z", "max-page-size=4096"], &linked),
    ] {
        let mut arguments = vec!["--oformat", format, "-T", &script, &object, "-o", output];
        arguments.extend(options);
        tool("mipsel-linux-gnu-ld", &arguments)?;
    }
    let run = execfmt(&["convert", &coff, "-o", &elf, "--to", "elf"], b"");
    assert_eq!((run.status.code(), text(&run.stderr)), (Some(0), ""));
    Some([coff, linked, elf])
}

/// Lines in the order of their addresses.
fn sorted(lines: &str) -> Vec<&str> {
    let mut lines: Vec<_> = lines.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn symbols_of_coff_are_listed_and_converted() {
    let folder = folder();
    let Some([coff, _, elf]) = programs(&folder) else { return };
    let run = execfmt(&["symbols", &coff], b"");
    assert_eq!(sorted(text(&run.stdout)), SYMBOLS);
    let run = execfmt(&["symbols", "--json", &coff], b"");
    assert!(
        text(&run.stdout).contains(r#"{"name":"main","value":65556,"kind":"T"}"#),
        "{}",
        text(&run.stdout)
    );
    assert_eq!(sorted(&tool("mipsel-linux-gnu-nm", &[&elf]).unwrap()), SYMBOLS);
    let listing = tool("mipsel-linux-gnu-objdump", &["-d", &elf]).unwrap();
    for words in ["00010000 <__start>:", "jal\t10014 <main>", "00010014 <main>:"] {
        assert!(listing.contains(words), "{words} is missing from\n{listing}");
    }
    // Cut within the names, the file is what it was to its loaders; the symbols are left out, and the reason is reported.
    let mut file = fs::read(&coff).unwrap();
    file.truncate(file.len() - 1);
    fs::write(&coff, &file).unwrap();
    let run = execfmt(&["convert", &coff, "-o", &elf, "--to", "elf"], b"");
    let said = text(&run.stderr);
    assert!(run.status.success() && said.contains("the symbols were left out: symbolic header"), "{said}");
    let run = execfmt(&["check", &coff], b"");
    assert!(run.status.success() && text(&run.stderr).contains("the symbols cannot be read"));
    let run = execfmt(&["check", "--for", "nachos4-rdata", &coff], b"");
    assert!(!text(&run.stderr).contains("symbols"), "no loader reads them");
}

/// gdb reads the converted file, and steps through the same program in qemu. `compare-sections` compares the memory there
/// with the file.
#[test]
fn gdb_steps_through_a_converted_program() {
    let folder = folder();
    let Some([_, linked, elf]) = programs(&folder) else { return };
    // A port that is free now.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut qemu = Command::new("timeout");
    qemu.args(["60", "qemu-mipsel", "-g", &port.to_string(), &linked]).stdin(Stdio::null());
    if Command::new("qemu-mipsel").arg("--version").stdout(Stdio::null()).status().is_err() {
        return skipped("a session of gdb with a converted program", "qemu-mipsel is not installed");
    }
    let mut qemu = qemu.stderr(Stdio::null()).spawn().unwrap();
    let connect = format!("target remote 127.0.0.1:{port}");
    let mut arguments = vec!["60", "gdb-multiarch", "-nx", "-batch"];
    for command in [
        "set tcp auto-retry on",
        &connect,
        "compare-sections",
        "x/i $pc",
        "stepi",
        "info symbol $pc",
        "tbreak *main+12",
        "continue",
        "print $t1",
        "stepi",
        "print $v0",
        "info symbol $pc",
        "info symbol 0x13004",
        "kill",
    ] {
        arguments.extend(["-ex", command]);
    }
    arguments.push(&elf);
    let said = if Command::new("gdb-multiarch").arg("--version").stdout(Stdio::null()).status().is_err() {
        skipped("a session of gdb with a converted program", "gdb-multiarch is not installed");
        None
    } else {
        tool("timeout", &arguments)
    };
    // gdb has ended it; where gdb is missing, it still waits.
    let _ = qemu.kill();
    qemu.wait().unwrap();
    let Some(said) = said else { return };
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        "Section .text, range 0x10000 -- 0x10030: matched. Section .rdata, range 0x11000 -- 0x11010: matched. \
         Section .data, range 0x12000 -- 0x12010: matched.",
        "=> 0x10000 <__start>: jal 0x10014 <main>",
        "main in section .text",
        "Temporary breakpoint 1 at 0x10020",
        "$1 = 41",
        "$2 = 42 __start + 8 in section .text zeroed + 4 in section .bss",
    ] {
        assert!(words.contains(expected), "{expected:?} is missing from\n{said}");
    }
}
