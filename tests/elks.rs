//! The end-to-end test for ELKS: C programs written for it and compiled by bcc, and a medium-model program, loaded by the
//! library and run on an emulated 8086 until they exit.

use std::fs;

use anyhow::{Result, ensure};
use execfmt_system_tests::elks::{EXAMPLES, Machine, RUNNABLE, TOOLS, compile, medium};
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{example, program, root, run};
use execfmt_system_tests::tools::{UNICORN, have};

/// The bcc options that build programs for other systems: one segment for text and data, 80386 instructions.
const REFUSED: [&[&str]; 3] = [&["-i"], &["-3"], &["-3", "-s"]];

#[test]
fn programs_of_bcc_run() -> Result<()> {
    if !have(&TOOLS)? {
        return Ok(());
    }
    let folder = Scratch::new("elks")?;
    let machine = Machine::build(&folder)?;
    for example in &EXAMPLES {
        for options in RUNNABLE {
            let file = compile(&folder, example.name, options)?;
            machine.runs(&file, example.arguments, example.prints, example.exits)?;
        }
        for options in REFUSED {
            let refused = machine.load(&compile(&folder, example.name, options)?, &[])?;
            let said = String::from_utf8_lossy(&refused.stderr);
            ensure!(
                !refused.status.success() && said.contains("ENOEXEC"),
                "{} {options:?} is loaded; {said}",
                example.name
            );
        }
    }
    machine.runs_medium(&medium(&folder, 0)?)?;
    println!(
        "{} programs of bcc with {} sets of options, a medium-model program: run until they exit",
        EXAMPLES.len(),
        RUNNABLE.len()
    );
    Ok(())
}

/// OS/2 NE programs of two and three segments, with far pointers in code and in data.
#[test]
fn new_executables_run() -> Result<()> {
    if !have(&[UNICORN])? {
        return Ok(());
    }
    let folder = Scratch::new("elks-ne")?;
    let machine = Machine::build(&folder)?.for_new_executables()?;
    let far = folder.join("far_ne");
    run(program(example("os2-ne", "far_ne", "alloc")?, 60).arg(&far))?;
    machine.runs(&far, &[], "far away\n", 0)?;
    let names = ["small-model", "auto-not-last-far-jump", "additive-far-pointer"];
    for name in names {
        let file = root().join("testdata/ne").join(name).with_extension("os2");
        machine.runs(&file, &["an argument"], "NE ok\n", 0)?;
    }
    println!("{} OS/2 NE programs: run until they exit", names.len() + 1);
    Ok(())
}

/// Programs that do what is not allowed, as their text, and the emulator's message.
const MISDEEDS: [(&[u8], &str); 9] = [
    (b"\xeb\xfe", "no exit within 1000 instructions"),
    (b"\x90", "an instruction at 0x10010"),
    (b"\xa2\x00\x02", "stores to 0x50200"),
    (b"\xa0\x00\x10", "loads from 0x51000"),
    (b"\xa3\xff\x01", "stores to 0x501ff"),
    (b"\x26\xa1\xff\xff", "loads from 0x5ffff"),
    (b"\x2e\xa2\x00\x00", "stores to 0x10000"),
    (b"\xcd\x21", "interrupt 0x21"),
    (b"\xea\x00\x00\x00\x30", "executes or stores to 0x30000"),
];

/// They must be noticed; otherwise the runs of the other programs would show little.
#[test]
fn misbehaviour_is_noticed() -> Result<()> {
    if !have(&[UNICORN])? {
        return Ok(());
    }
    let scratch = Scratch::new("elks-misbehaviour")?;
    let machine = Machine::build(&scratch)?;
    let folder = &machine.folder;
    fs::create_dir(folder)?;
    let layout = "cs 4096\nds 20480\ntext_paras 1\nfar_text_para 1\nfar_data_para 1\ndata_len 512\nminstack 64\nenddata 0\nendseg 512\n\
                  begstack 504\nendbrk 0\nentry 0\n";
    for (name, bytes) in
        [("layout", layout.as_bytes()), ("ftext.bin", b""), ("data.bin", b""), ("arguments.bin", &[0; 6])]
    {
        fs::write(folder.join(name), bytes)?;
    }
    for (text, words) in MISDEEDS {
        let mut padded = [0x90; 16];
        padded.iter_mut().zip(text).for_each(|(place, &byte)| *place = byte);
        fs::write(folder.join("text.bin"), padded)?;
        let ran = machine.emulate(&["--max-instructions", "1000"])?;
        let said = String::from_utf8_lossy(&ran.stderr);
        ensure!(
            ran.status.code() == Some(125) && said.contains(words),
            "{text:02x?}: {} and not 125; {said}",
            ran.status
        );
    }
    println!("{} things that a program may not do are noticed", MISDEEDS.len());
    Ok(())
}
