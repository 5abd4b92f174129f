//! The end-to-end test for Coyotos: C programs written for it, compiled for all three architectures, converted to images by the
//! command, read back through the C library by a walk of their spaces, and run on an emulated processor until they
//! exit; and a program that a code generator emitted into an image with no executable in between.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use execfmt_system_tests::c::{SYSTEM, library_with_std};
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{execfmt, expect_run, output, program, root, run, stdout};
use execfmt_system_tests::tools::{C_LIBRARY, Tool, UNICORN, ZLIB, have};

/// What `mapped` prints. Computed from the definitions in its source, independently of any compiler:
///
/// ```python
/// fold = lambda s, v: ((s << 5 | s >> 27) & 0xffffffff) ^ v
/// far = lambda n: n * 2654435761 & 0xffffffff
/// fib = lambda n: n if n < 2 else fib(n - 1) + fib(n - 2)
/// primes = lambda n: [2, 3, 5, 7, 11, 13, 17, 19][n % 8]
/// functools.reduce(fold, map(far, range(3000)), 0)
/// functools.reduce(fold, ([fib, primes, far][i % 3](i // 3 + 4) for i in range(24)), 0)
/// ```
const MAPPED: &str = "zeros 00000000\ntable 12265b4b\nsteps 2ff0ca58\n";
/// 40 and the three lines.
const MAPPED_STATUS: i32 = 43;

struct Target {
    name: &'static str,
    compiler: &'static [&'static str],
    tool: Tool,
}

const TARGETS: [Target; 3] = [
    Target {
        name: "i386",
        compiler: &["gcc", "-m32"],
        tool: Tool::Compiler("gcc", &["-m32", "-nostdlib"], "stddef.h"),
    },
    // Pages of 8 KiB.
    Target {
        name: "coldfire",
        compiler: &["m68k-linux-gnu-gcc", "-mcpu=5475", "-Wl,-z,max-page-size=8192"],
        tool: Tool::Program("m68k-linux-gnu-gcc"),
    },
    Target {
        name: "arm",
        compiler: &["arm-linux-gnueabi-gcc", "-marm", "-Wl,-z,max-page-size=4096"],
        tool: Tool::Program("arm-linux-gnueabi-gcc"),
    },
];

const FLAGS: [&str; 9] = [
    "-g",
    "-static",
    "-nostdlib",
    "-ffreestanding",
    "-fno-pic",
    "-no-pie",
    "-fno-stack-protector",
    "-Wall",
    "-Werror",
];

/// Ways to compile: segments on pages of their own; all in one segment that is writable and executable; other code.
const WAYS: [&[&str]; 3] =
    [&["-O1"], &["-O1", "-Wl,-N,--no-warn-rwx-segments"], &["-O2", "-Wl,-z,noseparate-code"]];

/// Ways to build an image.
const OPTIONS: [&[&str]; 3] = [&[], &["--no-gzip"], &["--compat"]];

/// The tools that build the machine, and the targets whose compilers are installed.
fn targets() -> Result<Vec<&'static Target>> {
    if !have(&[&C_LIBRARY[..], &[UNICORN, ZLIB]].concat())? {
        return Ok(Vec::new());
    }
    let mut there = Vec::new();
    for target in &TARGETS {
        there.extend(have(&[target.tool])?.then_some(target));
    }
    Ok(there)
}

#[test]
fn mapped_programs_run() -> Result<()> {
    let targets = targets()?;
    if targets.is_empty() {
        return Ok(());
    }
    let folder = Scratch::new("coyotos")?;
    let machine = machine(&folder)?;
    for target in &targets {
        for (number, way) in WAYS.iter().enumerate() {
            let elf = compile(&folder, target, "mapped", way)?;
            for options in OPTIONS {
                let image = folder.join(format!("{}-{number}.img", target.name));
                convert(&elf, &image, options)?;
                expect_run(program(&machine, 60).arg(&image), MAPPED, MAPPED_STATUS)?;
            }
        }
        println!("mapped for {}: {} ways to compile: runs until it exits", target.name, WAYS.len());
    }
    Ok(())
}

/// A program from the form that a constructor takes: the machine starts in its `ProtoSpace`, which requests the program's
/// space.
#[test]
fn constructed_programs_run() -> Result<()> {
    let targets = targets()?;
    if targets.is_empty() {
        return Ok(());
    }
    let folder = Scratch::new("coyotos-constructor")?;
    let machine = machine(&folder)?;
    for target in targets {
        let page = if target.name == "coldfire" { 0x2000 } else { 0x1000 };
        let (text, none) = (format!("-Wl,-Ttext={page:#x}"), "-Wl,--build-id=none");
        // Text at one page, data in the same segment: 16 pages with both stacks is little.
        let small = ["-O1", "-Wl,-N,--no-warn-rwx-segments", none, &text];
        let elf = compile(&folder, target, "mapped", &small)?;
        let proto = compile_file(
            &folder,
            target,
            "proto.S",
            &["-Wl,-N,--no-warn-rwx-segments", "-Wl,-Ttext=0", "-Wl,-e,8", none],
        )?;
        let image = folder.join(format!("{}-constructor.img", target.name));
        let proto = proto.display().to_string();
        convert(&elf, &image, &["--constructor", "--proto", &proto])?;
        expect_run(program(&machine, 60).args(["--constructor", "0"]).arg(&image), MAPPED, MAPPED_STATUS)?;
        // Without the ProtoSpace program there is no code to begin with.
        convert(&elf, &image, &["--constructor"])?;
        let ran = output(program(&machine, 60).args(["--constructor", "0"]).arg(&image))?;
        ensure!(ran.status.code() == Some(125), "{}: a ProtoSpace without code runs", target.name);
    }
    println!("mapped from a constructor's form, through its ProtoSpace: run until it exits");
    Ok(())
}

/// Faults, and the machine's message for each; otherwise the runs of the other programs would show little.
const DEEDS: [(&str, &str); 8] = [
    ("*(volatile int *)&constant = 2", "stores to read-only 0x"),
    ("*(volatile char *)program = 2", "stores to read-only 0x"),
    ("*(volatile int *)nowhere = 2", "stores to unmapped 0xf00000"),
    ("variable = *(volatile int *)nowhere", "loads from unmapped 0xf00000"),
    ("((void (*volatile)(void))nowhere)()", "executes unmapped 0xf00000"),
    ("((void (*volatile)(void))(unsigned long)code)()", "executes non-executable 0x"),
    ("for (;;) variable++", "no exit within 100000 instructions"),
    ("__asm__ volatile(TRAP)", "interrupt 0x"),
];

#[test]
fn misbehaviour_is_noticed() -> Result<()> {
    let targets = targets()?;
    if targets.is_empty() {
        return Ok(());
    }
    let folder = Scratch::new("coyotos-misbehaviour")?;
    let machine = machine(&folder)?;
    for target in targets {
        for (deed, words) in DEEDS {
            let define = format!("-DDEED={deed}");
            let elf = compile(&folder, target, "misbehave", &["-O1", "-Wno-unused-parameter", &define])?;
            let image = folder.join("misbehave.img");
            // With symbols, for the function's name.
            let side = folder.join("misbehave.debug");
            convert(&elf, &image, &["--debug", &side.display().to_string()])?;
            let ran = output(program(&machine, 60).args(["--max-instructions", "100000"]).arg(&image))?;
            let said = String::from_utf8_lossy(&ran.stderr);
            // An execution fault is not within a function.
            let place =
                if words.starts_with("executes") || words.starts_with("no exit") { "" } else { " in deed" };
            ensure!(
                ran.status.code() == Some(125) && said.contains(words) && said.contains(place),
                "{} {deed}: {} and not 125; {said}",
                target.name,
                ran.status
            );
        }
    }
    println!("misbehave: {} things that a program may not do are noticed on each", DEEDS.len());
    Ok(())
}

/// What `examples/coyotos/emit.c` compiles, with no ELF file in between.
#[test]
fn emitted_programs_run() -> Result<()> {
    if targets()?.is_empty() {
        return Ok(());
    }
    let folder = Scratch::new("coyotos-emitted")?;
    let (machine, emit) = (machine(&folder)?, build_example(&folder, "emit", &[])?);
    let execfmt = execfmt()?;
    for (expression, status) in [("6 7 * 2 +", 44), ("100 58 -", 42), ("1 2 3 4 5 * * * *", 120), ("7", 7)] {
        let image = folder.join("emitted.img");
        let said = stdout(program(&emit, 10).arg(&image).arg(expression))?;
        ensure!(said.ends_with(", 0 after\n"), "emit {expression:?}: memory is not given back: {said}");
        stdout(program(&execfmt, 10).arg("check").arg(&image))?;
        expect_run(program(&machine, 60).arg(&image), "", status)?;
    }
    let refused = output(program(&emit, 10).arg(folder.join("none.img")).arg("6 +"))?;
    ensure!(refused.status.code() == Some(1) && !folder.join("none.img").exists(), "emit takes \"6 +\"");
    println!("emit: 4 programs emitted into images by a C code generator: run until they exit");
    Ok(())
}

fn compile(folder: &Path, target: &Target, name: &str, flags: &[&str]) -> Result<PathBuf> {
    compile_file(folder, target, &format!("{name}.c"), flags)
}

fn compile_file(folder: &Path, target: &Target, name: &str, flags: &[&str]) -> Result<PathBuf> {
    let elf = folder.join(format!("{name}.{}.elf", target.name));
    let (compiler, options) =
        target.compiler.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
    run(program(compiler, 60)
        .args(options)
        .args(FLAGS)
        .args(flags)
        .arg("-o")
        .arg(&elf)
        .arg(root().join("examples/coyotos/program").join(name)))?;
    Ok(elf)
}

fn convert(elf: &Path, image: &Path, options: &[&str]) -> Result<()> {
    let execfmt = execfmt()?;
    run(program(&execfmt, 60)
        .args(["convert", "--quiet", "--to", "coyotos", "-o"])
        .args([image, elf])
        .args(options))?;
    stdout(program(&execfmt, 60).arg("check").arg(image)).map(drop)
}

fn machine(folder: &Path) -> Result<PathBuf> {
    build_example(folder, "run_coyotos", &["-lunicorn", "-lz"])
}

fn build_example(folder: &Path, name: &str, libraries: &[&str]) -> Result<PathBuf> {
    let library = library_with_std()?;
    let binary = folder.join(name);
    run(program("gcc", 120)
        .args(["-std=c99", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-I"])
        .arg(root().join("include"))
        .arg("-o")
        .arg(&binary)
        .arg(root().join("examples/coyotos").join(name).with_extension("c"))
        .arg(library)
        .args(libraries)
        .args(SYSTEM))?;
    Ok(binary)
}
