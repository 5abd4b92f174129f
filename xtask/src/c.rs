//! The C library, from C and C++.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::shell::{cargo, exists, output, program, root, run, scratch, stdout, target};

/// Builds the library for kernels, without std, and returns its path.
pub(crate) fn library() -> Result<PathBuf> {
    run(cargo().args(["rustc", "--quiet", "-p", "execfmt-ffi", "--lib", "--no-default-features"]).args([
        "--profile",
        "freestanding",
        "--crate-type",
        "staticlib",
    ]))?;
    Ok(target().join("freestanding/libexecfmt.a"))
}

/// The proof that the library needs no std and no libc, and that no panic can be reached in it.
///
/// The crate defines the panic handler itself, which a build that links std refuses as defined twice. The handler
/// calls a function that exists nowhere, so that a panic path left by the optimiser would not link. The program linked
/// here has no libc: what the library may ask of it is memcpy, memmove, memset and memcmp, as every C compiler does.
pub(crate) fn freestanding() -> Result<()> {
    let library = library()?;
    let symbols = stdout(program("nm", 60).arg(&library))?;
    ensure!(!symbols.contains("execfmt_a_panic_can_be_reached"), "a panic can be reached in the C library");
    let std: Vec<_> =
        symbols.lines().filter(|line| line.contains("_ZN3std") || line.contains("3std")).collect();
    ensure!(std.is_empty(), "std is linked: {std:?}");
    let folder = scratch("freestanding")?;
    let binary = folder.join("freestanding");
    run(program("gcc", 60)
        .args(["-O1", "-ffreestanding", "-nostdlib", "-static", "-Wl,--gc-sections", "-I"])
        .arg(root().join("include"))
        .arg("-o")
        .arg(&binary)
        .arg(root().join("ffi/tests/c/freestanding.c"))
        .arg(&library))?;
    run(&mut program(&binary, 10))?;
    let sizes = stdout(program("size", 10).arg(&binary))?;
    let text = sizes.lines().nth(1).and_then(|line| line.split_whitespace().next().map(String::from));
    println!("a program with the library and no libc: {} bytes of text", text.unwrap_or_default());
    Ok(())
}

/// Builds the library for programs on an ordinary system, with what allocates, and returns its path.
fn library_with_std() -> Result<PathBuf> {
    run(cargo().args(["build", "--quiet", "--release", "-p", "execfmt-ffi"]))?;
    Ok(target().join("release/libexecfmt.a"))
}

struct Build<'a> {
    compiler: &'a str,
    flags: &'a [&'a str],
    source: &'a str,
}

const C89: &[&str] = &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror"];
/// What the library without std does not have, the header hides.
const FREESTANDING: &[&str] =
    &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror", "-DEXECFMT_FREESTANDING"];
const FREESTANDING_VALGRIND: &[&str] = &["-std=c89", "-g", "-DEXECFMT_FREESTANDING"];
const CXX98: &[&str] = &["-std=c++98", "-pedantic", "-Wall", "-Wextra", "-Wshadow", "-Werror"];
const CXX17: &[&str] = &["-std=gnu++17", "-Wall", "-Wextra", "-Wshadow", "-Werror"];
const VALGRIND: &[&str] = &["-std=c89", "-g"];
const SANITIZED: &[&str] =
    &["-std=c89", "-Wall", "-Werror", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const SANITIZED_CXX: &[&str] =
    &["-std=c++98", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// The C and C++ programs against the committed headers and the static library.
pub(crate) fn tests() -> Result<()> {
    let folder = scratch("c")?;
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
        Build { compiler: "gcc", flags: FREESTANDING, source: "compress_c89.c" },
        Build { compiler: "tcc", flags: FREESTANDING, source: "compress_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING_VALGRIND, source: "compress_c89.c" },
    ];
    let with_std = [
        Build { compiler: "gcc", flags: C89, source: "compress_c89.c" },
        Build { compiler: "clang", flags: C89, source: "compress_c89.c" },
        Build { compiler: "gcc", flags: SANITIZED, source: "compress_c89.c" },
    ];
    let (freestanding, std) = (library()?, library_with_std()?);
    let builds = builds.iter().map(|build| (build, &freestanding, &[][..]));
    let with_std = with_std.iter().map(|build| (build, &std, &["-lpthread", "-ldl", "-lm"][..]));
    for (index, (build, library, system)) in builds.chain(with_std).enumerate() {
        let binary = folder.join(format!("test{index}"));
        compile(build, &binary, library, system)?;
        let valgrind = [VALGRIND, FREESTANDING_VALGRIND].contains(&build.flags);
        let mut test = if valgrind { program("valgrind", 120) } else { program(&binary, 60) };
        if valgrind {
            // The sanitizers see the C side only; valgrind sees the library as well.
            test.args(["--quiet", "--error-exitcode=9"]).arg(&binary);
        }
        let ran = output(&mut test)?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.success(), "{} {}: {}\n{said}", build.compiler, build.source, ran.status);
        println!(
            "{} {}: {}",
            build.compiler,
            build.flags.first().unwrap_or(&""),
            said.lines().last().unwrap_or("")
        );
    }
    // A 32-bit kernel: the headers' sizes and offsets are checked when compiling. There is no 32-bit library here to
    // link with.
    for (compiler, flags, source) in [
        ("gcc-12", C89, "noff_c89.c"),
        ("gcc-12", C89, "compress_c89.c"),
        ("g++-12", CXX98, "noff_cxx98.cpp"),
    ] {
        let object = folder.join(format!("{source}.m32.o"));
        let include = root().join("include");
        run(program(compiler, 60)
            .args(flags)
            .args(["-m32", "-idirafter", "/usr/include/x86_64-linux-gnu", "-I"])
            .arg(include)
            .arg("-c")
            .arg(root().join("ffi/tests/c").join(source))
            .arg("-o")
            .arg(object))?;
        println!("{compiler} -m32 {source}: compiles");
    }
    Ok(())
}

fn compile(build: &Build<'_>, binary: &Path, library: &Path, system: &[&str]) -> Result<()> {
    ensure!(exists(build.compiler), "{} is missing", build.compiler);
    run(program(build.compiler, 120)
        .args(build.flags)
        .arg("-I")
        .arg(root().join("include"))
        .arg("-o")
        .arg(binary)
        .arg(root().join("ffi/tests/c").join(build.source))
        .arg(library)
        .args(system))
    .with_context(|| format!("{} {}", build.compiler, build.source))
}
