//! ELKS programs: compiled, loaded, and run on an emulated 8086.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};

use crate::shell::{example, expect_run, output, program, root, run, stdout};
use crate::tools::{BCC, Tool, UNICORN};

/// The tools that compile and run them.
pub const TOOLS: [Tool; 2] = [BCC, UNICORN];

/// A program of `testdata/elks`, and its expected behaviour.
pub struct Example {
    /// Its name there.
    pub name: &'static str,
    /// Its arguments.
    pub arguments: &'static [&'static str],
    /// What it prints.
    pub prints: &'static str,
    /// Its exit status.
    pub exits: i32,
}

/// Programs for bcc.
pub const EXAMPLES: [Example; 6] = [
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

/// The bcc options for ELKS programs.
pub const RUNNABLE: [&[&str]; 3] = [&[], &["-s"], &["-H", "9000"]];

/// Writes a program of the medium model, with far text and relocations, and with instructions that are never run.
pub fn medium(folder: &Path, nops: usize) -> Result<PathBuf> {
    let file = folder.join("medium");
    let writer = example("aout-minix", "medium_elks", "convert")?;
    run(program(writer, 60).arg(&file).arg(nops.to_string()))?;
    Ok(file)
}

/// Compiles a program of `testdata/elks`.
pub fn compile(folder: &Path, name: &str, options: &[&str]) -> Result<PathBuf> {
    let file = folder.join(format!("{name}{}", options.concat()));
    let source = root().join("testdata/elks").join(name).with_extension("c");
    let mut bcc = program("bcc", 60);
    // bcc leaves its temporary files in the current folder, and warns about formats that it lacks.
    bcc.current_dir(folder).arg("-ansi").args(options).arg("-o").arg(&file).arg(source);
    stdout(&mut bcc)?;
    Ok(file)
}

/// Loads and runs ELKS programs: the library, and the emulator of `examples/elks`.
pub struct Machine {
    /// The file that the loader writes for the emulator.
    pub folder: PathBuf,
    loader: PathBuf,
    /// Decompresses sections as the kernel does, in C with 16-bit arithmetic; not for OS/2 NE, which has none.
    decoder: Option<PathBuf>,
    emulator: PathBuf,
}

impl Machine {
    /// Builds both; their output goes to a folder.
    pub fn build(folder: &Path) -> Result<Self> {
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
        let loader = example("aout-minix", "load_elks", "")?;
        Ok(Self { folder: folder.join("loaded"), loader, decoder: Some(decoder), emulator })
    }

    /// The same with the loader of OS/2 NE programs.
    pub fn for_new_executables(self) -> Result<Self> {
        Ok(Self { loader: example("os2-ne", "load_ne", "")?, decoder: None, ..self })
    }

    /// Loads a program, compressed or not, and runs it. Its output and exit status must be exactly these.
    pub fn runs(&self, file: &Path, arguments: &[&str], prints: &str, exits: i32) -> Result<()> {
        let loaded = self.load(file, arguments)?;
        let said = String::from_utf8_lossy(&loaded.stderr);
        ensure!(loaded.status.success(), "{} is not loaded: {said}", file.display());
        expect_run(self.emulator().arg(&self.folder), prints, exits)
            .with_context(|| format!("{}", file.display()))
    }

    /// The same for a program that [`medium`] wrote.
    pub fn runs_medium(&self, file: &Path) -> Result<()> {
        self.runs(file, &[], "far!\nback\ntext\n", 7)
    }

    /// Loads a program.
    pub fn load(&self, file: &Path, arguments: &[&str]) -> Result<Output> {
        let mut loader = program(&self.loader, 60);
        if let Some(decoder) = &self.decoder {
            loader.arg("--decoder").arg(decoder);
        }
        output(loader.arg(file).arg(&self.folder).args(arguments))
    }

    /// Runs what was loaded.
    pub fn emulate(&self, options: &[&str]) -> Result<Output> {
        output(self.emulator().args(options).arg(&self.folder))
    }

    fn emulator(&self) -> Command {
        program(&self.emulator, 60)
    }
}
