//! The end-to-end test for Nachos: C programs written for it, compiled by today's MIPS gcc to ELF and to COFF, converted to both
//! layouts, loaded through the C library eagerly and page by page, and run on a Nachos machine until they halt.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use execfmt_system_tests::c::library;
use execfmt_system_tests::nachos::{TOOLS, machine, run_coff};
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{execfmt, expect_run, output, program, root, run, stdout};
use execfmt_system_tests::tools::{C_LIBRARY, Tool, have};

/// What `demo` prints. Its checksum is an Adler-32 that was computed independently of any compiler or loader:
/// over the greeting, the primes below 252 each combined with its index squared, and 64 squares.
const DEMO: &str = "Hello from a Nachos user program.\nZeroed data are zero.\nChecksum 677592562.\n";

/// What it prints in three real kernels if the kit does not work around their machine's unsigned shifts, and in a
/// fourth, a Nachos 3.4, whose machine also takes the first register of `or` for both.
const DEMO_WITHOUT_REPAIR: &str =
    "Hello from a Nachos user program.\nZeroed data are zero.\nChecksum 691355122.\n";
const DEMO_WITHOUT_REPAIR_3_4: &str =
    "Hello from a Nachos user program.\nZeroed data are zero.\nChecksum 1127088128.\n";

/// The programs whose output on the host every machine must print.
const PROGRAMS: [&str; 5] = ["demo", "recur", "big", "longlong", "floating"];

/// The kernels that the kit builds for: its name, and that of their profile.
const KERNELS: [(&str, &str); 5] = [
    ("nachos3", "nachos3"),
    ("nachos4", "nachos4-rdata"),
    ("bordeaux", "bordeaux"),
    ("rosario", "rosario"),
    ("nachos5j", "nachos5j"),
];

#[test]
fn programs_print_the_same_in_every_kernel() -> Result<()> {
    if !have(&TOOLS)? {
        return Ok(());
    }
    let (folder, machine) = (Scratch::new("nachos")?, machine()?);
    let expected = on_the_host(&folder)?;
    let mut memories = Vec::new();
    for (kernel, _) in KERNELS {
        let build = folder.join(kernel);
        let coff = if kernel == "nachos5j" { &[][..] } else { &["coff"] };
        make(&build, &[&format!("KERNEL={kernel}")], coff)?;
        for (name, output) in PROGRAMS.iter().zip(&expected) {
            if kernel == "nachos5j" {
                run_coff(&machine, &build.join(name), output)?;
                continue;
            }
            for file in [format!("{name}.noff"), format!("{name}.coff.noff")] {
                // run_nachos loads a file whole and page by page, and refuses to run it when the two differ.
                let dump = build.join("memory");
                for way in [&["--dump"][..], &["--demand", "--dump"]] {
                    let mut command = program(&machine, 60);
                    command.args(["--kernel", kernel]).args(way).arg(&dump).arg(build.join(&file));
                    expect_run(&mut command, output, 0)
                        .with_context(|| format!("{kernel} {file} {way:?}"))?;
                    if *name == "demo" && matches!(kernel, "nachos3" | "rosario") {
                        memories.push((kernel, fs::read(&dump)?));
                    }
                }
            }
        }
        if kernel != "nachos5j" {
            for file in ["halt.noff", "halt.coff.noff", "echo.noff", "echo.coff.noff"] {
                // echo exits with the number of lines that it read, and there is nothing to read.
                expect_run(program(&machine, 60).args(["--kernel", kernel]).arg(build.join(file)), "", 0)
                    .with_context(|| format!("{kernel} {file}"))?;
            }
        }
    }
    let same = |pair: &[(&str, Vec<u8>)]| pair[0].0 != pair[1].0 || pair[0].1 == pair[1].1;
    ensure!(memories.windows(2).all(same), "demo's memory depends on the way it was built");
    println!(
        "{} programs print the same for {} families of kernels, and on the host",
        PROGRAMS.len(),
        KERNELS.len()
    );
    Ok(())
}

/// The programs compiled for the host: an oracle without any of our formats, loaders and machines.
fn on_the_host(folder: &Path) -> Result<Vec<String>> {
    let nachos = root().join("examples/nachos");
    let outputs = PROGRAMS.map(|name| {
        let binary = folder.join(format!("host-{name}"));
        let source = nachos.join("userprog").join(name).with_extension("c");
        run(program("gcc", 60)
            .args(["-O1", "-Wall", "-Wextra", "-Werror", "-I"])
            .arg(nachos.join("userprog"))
            .args([&source, &nachos.join("run/host.c")])
            .arg("-o")
            .arg(&binary))?;
        stdout(&mut program(&binary, 60))
    });
    let outputs = outputs.into_iter().collect::<Result<Vec<_>>>()?;
    ensure!(outputs.first().is_some_and(|output| output == DEMO), "demo prints something else on the host");
    Ok(outputs)
}

/// The kit's 64-bit and floating point arithmetic against the host's.
#[test]
fn arithmetic_is_that_of_the_host() -> Result<()> {
    if !have(&[Tool::Program("gcc")])? {
        return Ok(());
    }
    let folder = Scratch::new("nachos-arithmetic")?;
    let binary = folder.join("arithmetic");
    run(program("gcc", 120)
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-fno-builtin", "-frounding-math", "-o"])
        .arg(&binary)
        .arg(root().join("examples/nachos/run/arithmetic.c")))?;
    print!("{}", stdout(&mut program(&binary, 300))?);
    Ok(())
}

/// The numbers in the kit's syscall.h are those of the kernels' profiles.
#[test]
fn system_calls_have_the_kernels_numbers() -> Result<()> {
    if !have(&[Tool::Program("gcc")])? {
        return Ok(());
    }
    KERNELS.iter().try_for_each(|(kernel, profile)| system_calls(kernel, profile))
}

fn system_calls(kernel: &str, profile: &str) -> Result<()> {
    let header = root().join("examples/nachos/userprog/syscall.h");
    let macros = stdout(program("gcc", 60).args(["-E", "-dM", &format!("-DKERNEL_{kernel}")]).arg(&header))?;
    let profile = noff::Profile::named(profile).with_context(|| format!("no profile {profile}"))?;
    let mut count = 0;
    for line in macros.lines().filter_map(|line| line.strip_prefix("#define SC_")) {
        let (name, number) = line.split_once(' ').with_context(|| line.to_string())?;
        let name = name.to_lowercase();
        // The Java kernel has the names of Unix.
        let also = if name == "create" { "creat" } else { "unlink" };
        let known =
            profile.system_calls.iter().find(|call| call.name == name).or_else(|| {
                profile.system_calls.iter().find(|call| kernel == "nachos5j" && call.name == also)
            });
        let known = known.with_context(|| format!("{kernel} has no system call {name}"))?;
        ensure!(number.parse() == Ok(known.number), "{kernel} {name}: {number} and not {}", known.number);
        count += 1;
    }
    ensure!(count > 8, "only {count} system calls for {kernel}");
    Ok(())
}

/// The trap that the kit's README explains: without the workaround, the checksum differs on the simulated machine, and
/// the one that real kernels print.
#[test]
fn without_the_repair_shifts_are_wrong() -> Result<()> {
    if !have(&TOOLS)? {
        return Ok(());
    }
    let (folder, machine) = (Scratch::new("nachos-unrepaired")?, machine()?);
    let build = folder.join("unrepaired");
    make(&build, &["FAULTS=", "PROGRAMS=demo"], &[])?;
    let demo = build.join("demo.noff");
    for (without, expected) in [
        (&[][..], DEMO_WITHOUT_REPAIR_3_4),
        (&["--without", "or"], DEMO_WITHOUT_REPAIR),
        (&["--without", "or", "--without", "shift"], DEMO),
    ] {
        expect_run(program(&machine, 60).args(without).arg(&demo), expected, 0)?;
    }
    Ok(())
}

/// A program linked for the kernels of Bordeaux, whose linker script collects in `.drop` what does not belong to the program.
#[test]
fn a_program_linked_for_bordeaux_runs() -> Result<()> {
    if !have(&TOOLS)? {
        return Ok(());
    }
    let (folder, machine) = (Scratch::new("nachos-bordeaux")?, machine()?);
    let build = folder.join("nachos3");
    make(&build, &["PROGRAMS=demo"], &[])?;
    let (coff, noff) = (build.join("demo.drop.coff"), build.join("demo.drop.noff"));
    run(program("mipsel-linux-gnu-ld", 60)
        .args(["-N", "-T"])
        .arg(root().join("examples/nachos/run/drop.ld"))
        .args(["start.o", "demo.o", "libnachos.a"].map(|name| build.join(name)))
        .arg("-o")
        .arg(&coff))?;
    let command = execfmt()?;
    let execfmt = || program(&command, 60);
    let mut convert = execfmt();
    convert.args(["convert", "--to", "noff", "--for", "bordeaux", "-o"]).args([&noff, &coff]);
    let said = output(&mut convert)?;
    let notes = String::from_utf8_lossy(&said.stderr).into_owned();
    ensure!(said.status.success() && notes.contains(": .drop") && !notes.contains("warning"), "{notes}");
    run(execfmt().args(["check", "--strict", "--for", "bordeaux"]).arg(&noff))?;
    // This machine maps page 0 too, where zeros are instructions that do nothing.
    expect_run(program(&machine, 60).arg(&noff), DEMO, 0)?;
    println!("demo, linked for Bordeaux with a section .drop: converted, checked, run");
    Ok(())
}

/// What a Nachos machine does not allow must be noticed; otherwise the runs of the other programs would show little.
#[test]
fn misbehaviour_is_noticed() -> Result<()> {
    if !have(&TOOLS)? {
        return Ok(());
    }
    let (folder, machine) = (Scratch::new("nachos-misbehaviour")?, machine()?);
    let build = folder.join("nachos3");
    make(&build, &["PROGRAMS=halt"], &[])?;
    let source = root().join("examples/nachos/run/misbehave.c");
    let object = build.join("misbehave.o");
    let elf = build.join("misbehave.elf");
    let userprog = root().join("examples/nachos/userprog");
    let compiler = "mipsel-linux-gnu-gcc";
    let flags =
        ["-march=mips1", "-msoft-float", "-mno-abicalls", "-fno-pic", "-G", "0", "-ffreestanding", "-O1"];
    run(program(compiler, 60).args(flags).arg("-c").arg(&source).arg("-o").arg(&object))?;
    run(program(compiler, 60)
        .args(["-nostdlib", "-static", "-no-pie", "-Wl,-N", "-Wl,--build-id=none"])
        .arg(format!("-Wl,-T,{}", userprog.join("nachos-elf.ld").display()))
        .arg(build.join("start.o"))
        .args([&object, &build.join("libnachos.a")])
        .arg("-o")
        .arg(&elf))?;
    let noff = build.join("misbehave.noff");
    run(program(execfmt()?, 60).args(["convert", "--quiet", "--to", "noff", "-o"]).args([&noff, &elf]))?;
    let table = fs::read_to_string(root().join("examples/nachos/run/misbehave.txt"))?;
    let mut count = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let [letter, code, words] = line.split('\t').collect::<Vec<_>>()[..] else {
            bail!("misbehave.txt: {line}")
        };
        let input = build.join("letter");
        fs::write(&input, letter)?;
        let mut command = program(&machine, 60);
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

/// The class of the example without a machine: frames, exhausted memory, arguments.
#[test]
fn the_class_loads_or_says_why_not() -> Result<()> {
    if !have(&[&C_LIBRARY[..], &[Tool::Program("g++")]].concat())? {
        return Ok(());
    }
    let folder = Scratch::new("nachos-class")?;
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

fn make(build: &Path, variables: &[&str], goals: &[&str]) -> Result<()> {
    run(program("make", 300)
        .args(["--silent", "-C"])
        .arg(root().join("examples/nachos/userprog"))
        .arg(format!("BUILD={}", build.display()))
        .arg(format!("EXECFMT={}", execfmt()?.display()))
        .args(variables)
        .arg("all")
        .args(goals))
}
