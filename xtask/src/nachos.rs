//! The end-to-end proof for Nachos: C programs of ours compiled by today's MIPS gcc to ELF and to COFF, converted to both
//! layouts, loaded through the C library eagerly and page by page, and run on a Nachos machine until they halt.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::c::library;
use crate::shell::{cargo, expect_run, output, program, root, run, scratch, target};

/// What `demo` prints. Its checksum is an Adler-32 that was computed independently of any compiler or loader:
/// over the greeting, the primes below 252 each combined with its index squared, and 64 squares.
const DEMO: &str = "Hello from a Nachos user program.\nZeroed data are zero.\nChecksum 677592562.\n";

pub(crate) fn end_to_end() -> Result<()> {
    run(cargo().args(["build", "--quiet", "-p", "execfmt"]))?;
    let folder = scratch("nachos")?;
    let machine = folder.join("run_nachos");
    check_class(&folder)?;
    build_machine(&machine)?;
    let mut memories = Vec::new();
    for layout in ["3", "4"] {
        let build = folder.join(format!("layout{layout}"));
        make(&build, layout)?;
        for file in ["demo.noff", "demo.coff.noff"] {
            let dump = build.join("memory");
            // run_nachos loads a file whole and page by page, and refuses to run it when the two memories differ.
            for way in [&["--dump"][..], &["--demand", "--dump"]] {
                let mut command = program(&machine, 60);
                command.args(way).arg(&dump).arg(build.join(file));
                expect_run(&mut command, DEMO, 0).with_context(|| format!("{file} {way:?}"))?;
                memories.push(fs::read(&dump)?);
            }
        }
        for file in ["halt.noff", "halt.coff.noff", "echo.noff", "echo.coff.noff"] {
            // echo exits with the number of lines that it read, and there is nothing to read.
            expect_run(program(&machine, 60).arg(build.join(file)), "", 0)
                .with_context(|| file.to_string())?;
        }
    }
    ensure!(
        memories.windows(2).all(|pair| pair[0] == pair[1]),
        "demo's memory depends on the way it was built"
    );
    println!(
        "demo, halt, echo: from ELF and COFF, in both layouts, loaded whole and by page: run until they halt"
    );
    misbehaviour(&machine, &folder)
}

/// What a Nachos machine does not allow must be noticed, or the runs of the other programs would prove little.
fn misbehaviour(machine: &Path, folder: &Path) -> Result<()> {
    let build = folder.join("layout3");
    let source = root().join("examples/nachos/run/misbehave.c");
    let object = build.join("misbehave.o");
    let elf = build.join("misbehave.elf");
    let userprog = root().join("examples/nachos/userprog");
    let compiler = "mipsel-linux-gnu-gcc-12";
    let flags =
        ["-march=mips1", "-msoft-float", "-mno-abicalls", "-fno-pic", "-G", "0", "-ffreestanding", "-O1"];
    run(program(compiler, 60).args(flags).arg("-c").arg(&source).arg("-o").arg(&object))?;
    run(program(compiler, 60)
        .args(["-nostdlib", "-static", "-no-pie", "-Wl,-N", "-Wl,--build-id=none"])
        .arg(format!("-Wl,-T,{}", userprog.join("nachos-elf.ld").display()))
        .arg(build.join("start.o"))
        .args([&object, &build.join("libmemory.a")])
        .arg("-o")
        .arg(&elf))?;
    let noff = build.join("misbehave.noff");
    run(program(target().join("debug/execfmt"), 60)
        .args(["convert", "--quiet", "--to", "noff", "-o"])
        .args([&noff, &elf]))?;
    let table = fs::read_to_string(root().join("examples/nachos/run/misbehave.txt"))?;
    let mut count = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let [letter, code, words] = line.split('\t').collect::<Vec<_>>()[..] else {
            bail!("misbehave.txt: {line}")
        };
        let input = build.join("letter");
        fs::write(&input, letter)?;
        let mut command = program(machine, 60);
        command.args(["--max-instructions", "3000000"]).arg(&noff).stdin(File::open(&input)?);
        let output = output(&mut command)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.code() == code.parse().ok() && said.contains(words),
            "misbehave {letter}: {} and not {code}; {said}",
            output.status
        );
        count += 1;
    }
    println!("misbehave: {count} things that a Nachos machine does not allow are noticed");
    Ok(())
}

/// Builds the machine with the address space of the example, on the C library.
fn build_machine(binary: &Path) -> Result<()> {
    let nachos = root().join("examples/nachos");
    let sources = ["noff_program.cpp", "run/run_nachos.cpp", "run/machine.cpp", "run/mips1.cpp"];
    run(program("g++", 120)
        .args(["-std=gnu++98", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-I"])
        .arg(root().join("include"))
        .arg("-I")
        .arg(nachos.join("run"))
        .arg("-o")
        .arg(binary)
        .args(sources.map(|source| nachos.join(source)))
        .arg(library()?)
        .arg("-lunicorn"))
}

/// The class of the example without a machine: frames, memory that runs out, arguments.
fn check_class(folder: &Path) -> Result<()> {
    let nachos = root().join("examples/nachos");
    let warnings = ["-Wall", "-Wextra", "-Wshadow", "-Werror"];
    for flags in [
        &["-std=c++98", "-pedantic", "-fsanitize=undefined", "-fno-sanitize-recover=all"][..],
        &["-std=gnu++17", "-fsanitize=address"],
    ] {
        let binary = folder.join("test_noff_program");
        let mut compile = program("g++", 120);
        compile.args(flags).args(warnings).arg("-I").arg(root().join("include"));
        compile.arg("-I").arg(nachos.join("run")).arg("-o").arg(&binary);
        compile.args(["noff_program.cpp", "run/test_noff_program.cpp"].map(|source| nachos.join(source)));
        run(compile.arg(library()?))?;
        for name in ["demo", "halt", "echo"] {
            let file = root().join(format!("testdata/noff/{name}.noff"));
            expect_run(program(&binary, 60).arg(file), "ok\n", 0)?;
        }
    }
    println!("NoffProgram: eager, on demand, out of memory, with arguments; C++98 and C++17, sanitized");
    Ok(())
}

fn make(build: &Path, layout: &str) -> Result<()> {
    run(program("make", 300)
        .args(["--silent", "-C"])
        .arg(root().join("examples/nachos/userprog"))
        .arg(format!("BUILD={}", build.display()))
        .arg(format!("EXECFMT={}", target().join("debug/execfmt").display()))
        .arg(format!("LAYOUT={layout}"))
        .args(["all", "coff"]))
}
