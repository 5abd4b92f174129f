//! `cargo xtask cross windows`: the command and the C library for x86-64 Windows, built with mingw and run under wine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::library::Kind;
use crate::shell::{cargo_of, program, root, run, scratch, stdout, target};
use crate::{debian, packages};

pub(crate) const NAME: &str = "windows";
const STD: &str = "std,panic_unwind";
const RUST: &str = "x86_64-pc-windows-gnu";

/// The library for random numbers that Rust's std needs on Windows, and that the wine of Debian 12 lacks.
const RANDOM: &str = "#include <windows.h>\n\
    BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);\n\
    __declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)\n\
    {\n    return SystemFunction036(data, (ULONG)length);\n}\n";

/// A cargo that builds for Windows, with these parts of the standard library.
fn cargo(parts: &str) -> Result<Command> {
    let toolchain = debian::rust_with_sources()?;
    let start = toolchain.join("lib/rustlib").join(RUST).join("lib");
    fs::create_dir_all(&start)?;
    for object in ["rsbegin", "rsend"] {
        let file = start.join(format!("{object}.o"));
        if !file.exists() {
            let source = format!("lib/rustlib/src/rust/library/rtstartup/{object}.rs");
            run(program(toolchain.join("bin/rustc"), 60)
                .env("RUSTC_BOOTSTRAP", "1")
                .env_remove("LD_LIBRARY_PATH")
                .args(["--target", RUST, "--emit=obj", "-o"])
                .arg(&file)
                .arg(toolchain.join(source)))?;
        }
    }
    let mut cargo = cargo_of(&toolchain);
    cargo
        .arg(format!("-Zbuild-std={parts}"))
        .env("CARGO_BUILD_TARGET", RUST)
        .env("CARGO_TARGET_DIR", folder());
    Ok(cargo)
}

fn folder() -> PathBuf {
    target().join(NAME)
}

/// Builds the command and the C library, and returns the folder that they are in.
pub(crate) fn build() -> Result<PathBuf> {
    packages::install(packages::WINDOWS)?;
    run(cargo(STD)?.args(["build", "--quiet", "--release", "-p", "execfmt", "-p", "execfmt-ffi"]))?;
    Ok(folder().join(RUST).join("release"))
}

/// Builds, and runs the tests of the command and C programs under wine.
pub(crate) fn tests() -> Result<()> {
    let built = build()?;
    let home = scratch("wine")?;
    let wine = runner(&home)?;
    links(&built, &wine, &home)?;
    let mut tests = cargo(STD)?;
    tests.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", &wine);
    tests.args(["test", "--no-fail-fast", "-p", "execfmt", "-p", "noff", "-p", "execfmt-common"]);
    run(&mut tests)
}

/// A script that runs a program for Windows, with its state in the given folder.
fn runner(home: &Path) -> Result<PathBuf> {
    let library = home.join("bcryptprimitives.dll");
    let source = home.join("random.c");
    fs::write(&source, RANDOM)?;
    run(program("x86_64-w64-mingw32-gcc", 60)
        .arg("-shared")
        .arg(&source)
        .arg("-o")
        .arg(&library)
        .arg("-ladvapi32"))?;
    let wine = home.join("wine.sh");
    fs::write(
        &wine,
        format!(
            "#!/bin/sh\n# Runs a program of the tests, beside the library that this wine lacks.\n\
             export WINEPREFIX='{0}/prefix' WINEDEBUG=-all WINEPATH='{0}'\n\
             exec timeout --kill-after=5 1200 wine \"$@\"\n",
            home.display()
        ),
    )?;
    run(program("chmod", 10).arg("+x").arg(&wine))?;
    Ok(wine)
}

/// The runner for Windows programs.
pub(crate) fn wine(home: &Path) -> Result<Command> {
    let mut wine = Command::new(runner(home)?);
    wine.stdin(Stdio::null());
    Ok(wine)
}

/// The C program that every link test uses, with mingw: the library with std, the shared one, and the one for
/// programs without std, each linked as docs/c-library.md states.
fn links(built: &Path, wine: &Path, home: &Path) -> Result<()> {
    let arguments = [&["rustc", "--quiet", "-p", "execfmt-ffi", "--lib"], Kind::Kernel.arguments()].concat();
    run(cargo("core,alloc,compiler_builtins")?.args(arguments))?;
    let kernel = folder().join(RUST).join("freestanding/libexecfmt.a");
    // Where wine looks for it.
    fs::copy(built.join("execfmt.dll"), home.join("execfmt.dll"))?;
    for (library, flags) in [
        (built.join("libexecfmt.a"), ["-static", "-lntdll", "-luserenv", "-lws2_32"].as_slice()),
        (home.join("execfmt.dll"), &[]),
        (kernel, &["-DEXECFMT_FREESTANDING", "-static"]),
    ] {
        let binary = home.join("link.exe");
        run(program("x86_64-w64-mingw32-gcc", 60)
            .args(["-std=c89", "-Wall", "-Wextra", "-Werror", "-I"])
            .arg(root().join("include"))
            .arg(root().join("ffi/tests/c/link.c"))
            .arg(&library)
            .args(flags)
            .arg("-o")
            .arg(&binary))?;
        let printed = stdout(Command::new(wine).arg(&binary).stdin(Stdio::null()))?;
        ensure!(printed.trim_end() == "linked", "link.exe prints {printed:?}");
        println!("mingw gcc, {} {}: linked", library.display(), flags.join(" "));
    }
    let size = fs::metadata(built.join("execfmt.exe"))?.len();
    println!("execfmt.exe: {size} bytes");
    Ok(())
}
