//! The end-to-end proof for ELKS: C programs of ours compiled by bcc, and a program of the medium model, loaded by the
//! library and run on an emulated 8086 until they exit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};

use crate::shell::{cargo, expect_run, output, program, root, run, scratch, stdout, target};

/// A program of `testdata/elks`, and what follows from its source.
pub(crate) struct Example {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static [&'static str],
    pub(crate) prints: &'static str,
    pub(crate) exits: i32,
}

/// Programs for bcc.
pub(crate) const EXAMPLES: [Example; 6] = [
    Example { name: "hello", arguments: &[], prints: "hello, elks\n", exits: 0 },
    Example { name: "sieve", arguments: &[], prints: "303 primes, the last is 1999\n", exits: 0 },
    Example {
        name: "words",
        arguments: &[],
        prints: "and 1\nbrown 1\ndog 2\nfox 2\njumps 2\nlazy 1\nover 2\nquick 1\nthe 4\n",
        exits: 0,
    },
    Example { name: "queens", arguments: &[], prints: "92 solutions, 3703702, 0\n", exits: 0 },
    Example {
        name: "echo",
        arguments: &["one", "", "and two"],
        prints: "3: and two\n2: \n1: one\n0: program\n",
        exits: 4,
    },
    Example { name: "environ", arguments: &[], prints: "HOME=/root\nPATH=/bin\n", exits: 2 },
];

/// Options of bcc that give programs for ELKS.
pub(crate) const RUNNABLE: [&[&str]; 3] = [&[], &["-s"], &["-H", "9000"]];

/// Options of bcc that give programs for other systems: one segment for text and data, instructions of the 80386.
const REFUSED: [&[&str]; 3] = [&["-i"], &["-3"], &["-3", "-s"]];

pub(crate) fn end_to_end() -> Result<()> {
    let folder = scratch("elks")?;
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
    new_executables(&folder, &machine)?;
    misbehaviour(&machine)
}

/// Writes a program of the medium model, with far text and relocations, and with instructions that nothing runs.
pub(crate) fn medium(folder: &Path, nops: usize) -> Result<PathBuf> {
    let file = folder.join("medium");
    let writer = library_example("aout-minix", "medium_elks", "convert")?;
    run(program(writer, 60).arg(&file).arg(nops.to_string()))?;
    Ok(file)
}

/// OS/2 NE programs of two and three segments, with far pointers in code and in data.
fn new_executables(folder: &Path, machine: &Machine) -> Result<()> {
    let machine = Machine {
        folder: machine.folder.clone(),
        loader: library_example("os2-ne", "load_ne", "")?,
        decoder: None,
        emulator: machine.emulator.clone(),
    };
    let far = folder.join("far_ne");
    run(program(library_example("os2-ne", "far_ne", "alloc")?, 60).arg(&far))?;
    machine.runs(&far, &[], "far away\n", 0)?;
    let names = ["small-model", "auto-not-last-far-jump", "additive-far-pointer"];
    for name in names {
        let file = root().join("testdata/ne").join(name).with_extension("os2");
        machine.runs(&file, &["an argument"], "NE ok\n", 0)?;
    }
    println!("{} OS/2 NE programs: run until they exit", names.len() + 1);
    Ok(())
}

/// Compiles a program of `testdata/elks`.
pub(crate) fn compile(folder: &Path, name: &str, options: &[&str]) -> Result<PathBuf> {
    let file = folder.join(format!("{name}{}", options.concat()));
    let source = root().join("testdata/elks").join(name).with_extension("c");
    let mut bcc = program("bcc", 60);
    // It leaves its temporary files where it runs, and prints warnings of formats that it lacks.
    bcc.current_dir(folder).arg("-ansi").args(options).arg("-o").arg(&file).arg(source);
    stdout(&mut bcc)?;
    Ok(file)
}

/// What loads and runs ELKS programs: the library, and the emulator of `examples/elks`.
pub(crate) struct Machine {
    folder: PathBuf,
    loader: PathBuf,
    /// Expands compressed sections as the kernel does, in C with 16-bit arithmetic; not for OS/2 NE, which has none.
    decoder: Option<PathBuf>,
    emulator: PathBuf,
}

impl Machine {
    /// Builds both; what they make goes to a folder.
    pub(crate) fn build(folder: &Path) -> Result<Self> {
        let emulator = folder.join("run_elks");
        run(program("gcc", 120)
            .args(["-std=c99", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-o"])
            .arg(&emulator)
            .arg(root().join("examples/elks/run_elks.c"))
            .arg("-lunicorn"))?;
        let decoder = folder.join("kernel_decode");
        run(program("gcc", 120)
            .args([
                "-std=c99",
                "-Wall",
                "-Wextra",
                "-Wshadow",
                "-Wconversion",
                "-Werror",
                "-DCHECKED",
                "-DEXPAND",
            ])
            .arg("-o")
            .arg(&decoder)
            .arg(root().join("aout-minix/tests/c/kernel_decode.c")))?;
        let loader = library_example("aout-minix", "load_elks", "")?;
        Ok(Self { folder: folder.join("loaded"), loader, decoder: Some(decoder), emulator })
    }

    /// Loads a program, plain or compressed, and runs it. It must print this, nothing else, and exit with that.
    pub(crate) fn runs(&self, file: &Path, arguments: &[&str], prints: &str, exits: i32) -> Result<()> {
        let loaded = self.load(file, arguments)?;
        let said = String::from_utf8_lossy(&loaded.stderr);
        ensure!(loaded.status.success(), "{} is not loaded: {said}", file.display());
        expect_run(self.emulator().arg(&self.folder), prints, exits)
            .with_context(|| format!("{}", file.display()))
    }

    /// The same for a program that [`medium`] wrote.
    pub(crate) fn runs_medium(&self, file: &Path) -> Result<()> {
        self.runs(file, &[], "far!\nback\ntext\n", 7)
    }

    fn load(&self, file: &Path, arguments: &[&str]) -> Result<Output> {
        let mut loader = program(&self.loader, 60);
        if let Some(decoder) = &self.decoder {
            loader.arg("--decoder").arg(decoder);
        }
        output(loader.arg(file).arg(&self.folder).args(arguments))
    }

    fn emulate(&self, options: &[&str]) -> Result<Output> {
        output(self.emulator().args(options).arg(&self.folder))
    }

    fn emulator(&self) -> Command {
        program(&self.emulator, 60)
    }
}

/// An example of the library, built with a feature or none.
fn library_example(package: &str, name: &str, feature: &str) -> Result<PathBuf> {
    let arguments = ["build", "--quiet", "-p", package, "--example", name, "--features", feature];
    run(cargo().args(arguments))?;
    Ok(target().join("debug/examples").join(name))
}

/// What a program may not do, as its text, and what the emulator must say to it.
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

/// Must be noticed, or the runs of the other programs would prove little.
fn misbehaviour(machine: &Machine) -> Result<()> {
    let folder = &machine.folder;
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
