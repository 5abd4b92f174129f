//! The C library, from C and C++: the programs of `ffi/tests/c` and `examples` against the committed headers and the static
//! libraries.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod coyotos;
mod examples;
mod layouts;
mod sanitized;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use execfmt_system_tests::c::{Build, C89, CXX98, FREESTANDING, SYSTEM, compile, library, library_with_std};
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{output, program, root, run};
use execfmt_system_tests::tools::{C_LIBRARY, M32, MULTILIB, MULTILIB_CXX, Tool, have};

const FREESTANDING_VALGRIND: &[&str] = &["-std=c89", "-g", "-DEXECFMT_FREESTANDING"];
const HOOKS_ONLY_VALGRIND: &[&str] = &["-std=c89", "-g", "-DHOOKS_ONLY"];
const CXX17: &[&str] = &["-std=gnu++17", "-Wall", "-Wextra", "-Wshadow", "-Werror"];
const VALGRIND: &[&str] = &["-std=c89", "-g"];
const SANITIZED: &[&str] =
    &["-std=c89", "-Wall", "-Werror", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const SANITIZED_CXX: &[&str] =
    &["-std=c++98", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// The compilers that a program needs, and valgrind.
fn tools(build: &Build<'static>) -> Vec<Tool> {
    let valgrind = is_for_valgrind(build).then_some(Tool::Program("valgrind"));
    [Tool::Program(build.compiler)].into_iter().chain(valgrind).collect()
}

fn is_for_valgrind(build: &Build<'_>) -> bool {
    [VALGRIND, FREESTANDING_VALGRIND, HOOKS_ONLY_VALGRIND].contains(&build.flags)
}

/// A test program, built and ready to run: under valgrind if its flags say so. The compilers' sanitizers see the C
/// side only; valgrind sees the library as well.
fn test(build: &Build<'_>, binary: &Path) -> Command {
    if !is_for_valgrind(build) {
        return program(binary, 60);
    }
    let mut test = program("valgrind", 120);
    test.args(["--quiet", "--error-exitcode=9", "--leak-check=full"]).arg(binary);
    test
}

/// Builds programs on a library and runs them.
fn build_and_run(
    folder: &Path,
    builds: &[Build<'static>],
    library: &Path,
    system: &[&str],
    arguments: &[PathBuf],
) -> Result<()> {
    for (index, build) in builds.iter().enumerate() {
        if !have(&tools(build))? {
            continue;
        }
        let binary = folder.join(format!("test{index}"));
        compile(build, &binary, library, system)?;
        let ran = output(test(build, &binary).args(arguments))?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.success(), "{} {}: {}\n{said}", build.compiler, build.source, ran.status);
        let standard = build.flags.first().unwrap_or(&"");
        println!("{} {standard} {}: {}", build.compiler, build.source, said.lines().last().unwrap_or(""));
    }
    Ok(())
}

#[test]
fn programs_on_the_library_for_kernels() -> Result<()> {
    let builds = [
        Build { compiler: "gcc", flags: C89, source: "noff_c89.c" },
        Build { compiler: "clang", flags: C89, source: "noff_c89.c" },
        Build { compiler: "tcc", flags: &["-std=c89", "-Wall", "-Werror"], source: "noff_c89.c" },
        Build { compiler: "gcc", flags: SANITIZED, source: "noff_c89.c" },
        Build { compiler: "gcc", flags: VALGRIND, source: "noff_c89.c" },
        Build { compiler: "g++", flags: CXX98, source: "noff_cxx98.cpp" },
        Build { compiler: "g++", flags: CXX17, source: "noff_cxx98.cpp" },
        Build { compiler: "clang++", flags: CXX98, source: "noff_cxx98.cpp" },
        Build { compiler: "g++", flags: SANITIZED_CXX, source: "noff_cxx98.cpp" },
        Build { compiler: "gcc", flags: FREESTANDING, source: "aout_c89.c" },
        Build { compiler: "tcc", flags: FREESTANDING, source: "aout_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING_VALGRIND, source: "aout_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING, source: "ne_c89.c" },
        Build { compiler: "tcc", flags: FREESTANDING, source: "ne_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING_VALGRIND, source: "ne_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING, source: "coff_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING_VALGRIND, source: "coff_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING, source: "compress_c89.c" },
        Build { compiler: "tcc", flags: FREESTANDING, source: "compress_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING_VALGRIND, source: "compress_c89.c" },
    ];
    if !have(&C_LIBRARY)? {
        return Ok(());
    }
    build_and_run(&Scratch::new("c-kernel")?, &builds, &library()?, &[], &[])
}

#[test]
fn programs_on_the_library_with_std() -> Result<()> {
    let builds = [
        Build { compiler: "clang", flags: C89, source: "aout_c89.c" },
        Build { compiler: "gcc", flags: SANITIZED, source: "aout_c89.c" },
        Build { compiler: "g++", flags: CXX98, source: "aout_cxx98.cpp" },
        Build { compiler: "gcc", flags: SANITIZED, source: "ne_c89.c" },
        Build { compiler: "g++", flags: CXX98, source: "ne_cxx98.cpp" },
        Build { compiler: "gcc", flags: C89, source: "compress_c89.c" },
        Build { compiler: "clang", flags: C89, source: "compress_c89.c" },
        Build { compiler: "gcc", flags: SANITIZED, source: "compress_c89.c" },
    ];
    if !have(&C_LIBRARY)? {
        return Ok(());
    }
    build_and_run(&Scratch::new("c-std")?, &builds, &library_with_std()?, SYSTEM, &[])
}

/// A 32-bit kernel: the headers' sizes and offsets are checked when compiling. `cargo xtask cross` links and runs.
#[test]
fn programs_compile_for_32_bits() -> Result<()> {
    let folder = Scratch::new("c-32-bits")?;
    for (compiler, flags, source, tool) in [
        ("gcc", C89, "noff_c89.c", MULTILIB),
        ("gcc", C89, "aout_c89.c", MULTILIB),
        ("gcc", C89, "compress_c89.c", MULTILIB),
        ("g++", CXX98, "noff_cxx98.cpp", MULTILIB_CXX),
    ] {
        if !have(&[tool])? {
            continue;
        }
        let mut compile = program(compiler, 60);
        compile.args(flags).args(M32).arg("-I").arg(root().join("include"));
        compile.arg("-c").arg(root().join("ffi/tests/c").join(source));
        run(compile.arg("-o").arg(folder.join(format!("{source}.o"))))?;
        println!("{compiler} -m32 {source}: compiles");
    }
    Ok(())
}
