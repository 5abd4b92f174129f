//! `cargo xtask links`: the C library in other people's builds, one row each: compilers, linkers, flags,
//! languages.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::shell::{exists, output, program, root, run, scratch, stdout};
use crate::{c, install, packages};

/// A way to build `ffi/tests/c/link.c`.
struct Row {
    compiler: &'static str,
    flags: &'static [&'static str],
    /// The linker options before and after the library.
    around: (&'static [&'static str], &'static [&'static str]),
    /// A program that is needed besides the compiler.
    needs: &'static str,
    libraries: Libraries,
}

/// The libraries that a row is for, if not for both; the reason is in docs/c-library.md.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Libraries {
    Both,
    KernelOnly,
}

const fn row(compiler: &'static str, flags: &'static [&'static str]) -> Row {
    Row { compiler, flags, around: (&[], &[]), needs: "", libraries: Libraries::Both }
}

const WHOLE: (&[&str], &[&str]) = (&["-Wl,--whole-archive"], &["-Wl,--no-whole-archive"]);

const ROWS: &[Row] = &[
    row("gcc", &[]),
    row("gcc", &["-no-pie"]),
    row("gcc", &["-static"]),
    row("gcc", &["-static-pie", "-fPIE"]),
    row("gcc", &["-O2", "-flto"]),
    row("gcc", &["-O2", "-ffunction-sections", "-Wl,--gc-sections"]),
    row("gcc", &["-Wl,-z,text", "-Wl,--fatal-warnings"]),
    Row {
        libraries: Libraries::KernelOnly,
        ..row("gcc", &["-static", "-no-pie", "-fno-pie", "-mcmodel=kernel"])
    },
    Row { around: WHOLE, ..row("gcc", &[]) },
    Row { around: WHOLE, libraries: Libraries::KernelOnly, ..row("gcc", &["-static"]) },
    Row { needs: "ld.lld", ..row("gcc", &["-O2", "-fuse-ld=lld"]) },
    Row { needs: "ld.lld", ..row("gcc", &["-O2", "-static", "-fuse-ld=lld", "-Wl,--gc-sections"]) },
    Row { needs: "mold", ..row("gcc", &["-O2", "-fuse-ld=mold"]) },
    Row { needs: "ld.gold", ..row("gcc", &["-O2", "-fuse-ld=gold"]) },
    row("clang", &[]),
    row("clang", &["-O2", "-flto"]),
    Row { needs: "ld.lld", ..row("clang", &["-O2", "-flto=thin", "-fuse-ld=lld"]) },
    Row { libraries: Libraries::KernelOnly, ..row("tcc", &[]) },
    row("g++", &["-x", "c++"]),
    row("g++", &["-fno-exceptions", "-fno-rtti", "-x", "c++"]),
    row("clang++", &["-x", "c++"]),
];

/// The languages of the headers, each without warnings, including their working names.
type Standards = &'static [(&'static str, &'static str)];
const C_STANDARDS: Standards =
    &[("c89", "c90"), ("c99", "c9x"), ("c11", "c1x"), ("c17", "c18"), ("c23", "c2x")];
const CXX_STANDARDS: Standards = &[
    ("c++98", "c++03"),
    ("c++11", "c++0x"),
    ("c++14", "c++1y"),
    ("c++17", "c++1z"),
    ("c++20", "c++2a"),
    ("c++23", "c++2b"),
    ("c++26", "c++2c"),
];
const STRICT: [&str; 7] =
    ["-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wundef", "-Werror", "-fsyntax-only"];

pub(crate) fn matrix() -> Result<()> {
    packages::install(packages::LINKS)?;
    let folder = scratch("links")?;
    let mut skipped = Vec::new();
    for (library, kernel) in [(c::library()?, true), (c::library_with_std()?, false)] {
        let kind = if kernel { "kernel" } else { "std" };
        for row in ROWS.iter().filter(|row| kernel || row.libraries == Libraries::Both) {
            let words = [&[row.compiler], row.flags, row.around.0].concat().join(" ");
            if let Some(missing) =
                [row.compiler, row.needs].iter().find(|name| !name.is_empty() && !exists(name))
            {
                skipped.push(format!("{words} ({missing} is missing)"));
                continue;
            }
            build(row, &library, kernel, &folder.join("program"))?;
            println!("{kind}: {words}: linked");
        }
        wrapped(&library, kernel, &folder)?;
        println!("{kind}: in a shared library of the caller's: exports its own name only");
        if kernel {
            second(&library, kernel, &folder)?;
        } else {
            // Two archives that both contain std collide, and tcc links no archive with std.
            let shared = install::shared(&library, &folder)?;
            second(&shared, kernel, &folder)?;
            tcc(&shared, &folder, &mut skipped)?;
        }
        repacked(&library, kernel, &folder)?;
        println!("{kind}: taken apart and put together by ar: linked");
        partial(&library, kernel, &folder)?;
        println!("{kind}: by ld -r: linked");
    }
    languages(&mut skipped)?;
    modules(&folder, &mut skipped)?;
    for row in &skipped {
        execfmt_testkit::skipped("linking", row);
    }
    println!("{} rows, {} skipped", ROWS.len(), skipped.len());
    Ok(())
}

fn build(row: &Row, library: &Path, kernel: bool, binary: &Path) -> Result<()> {
    let mut compile = program(row.compiler, 120);
    compile.args(row.flags);
    if kernel {
        compile.arg("-DEXECFMT_FREESTANDING");
    }
    compile.arg("-I").arg(root().join("include")).arg(root().join("ffi/tests/c/link.c"));
    if row.flags.contains(&"c++") {
        compile.args(["-x", "none"]);
    }
    compile.args(row.around.0).arg(library).args(row.around.1).arg("-o").arg(binary);
    let built = output(&mut compile)?;
    let said = String::from_utf8_lossy(&built.stderr);
    // glibc warns about two functions, whose plug-ins are loaded at run time, when std is linked statically.
    let known = |line: &str| !kernel && line.contains("statically linked applications");
    let warning = said.lines().find(|line| line.contains("warning") && !known(line));
    ensure!(built.status.success() && warning.is_none(), "{:?}: {}\n{said}", row.flags, built.status);
    runs(binary)
}

/// Checks that `link.c` prints what it should.
fn runs(binary: &Path) -> Result<()> {
    let printed = stdout(&mut program(binary, 20))?;
    ensure!(printed == "linked\n", "{} prints {printed:?}", binary.display());
    Ok(())
}

/// gcc with the headers, and the flag that hides what a library for kernels lacks.
fn gcc(kernel: bool) -> Command {
    let mut gcc = program("gcc", 120);
    if kernel {
        gcc.arg("-DEXECFMT_FREESTANDING");
    }
    gcc.arg("-I").arg(root().join("include"));
    gcc
}

/// A build with a single library archive takes the others apart.
fn repacked(library: &Path, kernel: bool, folder: &Path) -> Result<()> {
    let members = folder.join("members");
    fs::create_dir_all(&members)?;
    run(program("ar", 60).current_dir(&members).arg("x").arg(std::path::absolute(library)?))?;
    let mut objects: Vec<_> =
        fs::read_dir(&members)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    objects.sort();
    let (all, binary) = (folder.join("all.a"), folder.join("repacked"));
    run(program("ar", 60).arg("rcs").arg(&all).args(objects))?;
    run(gcc(kernel).arg(root().join("ffi/tests/c/link.c")).arg(&all).arg("-o").arg(&binary))?;
    fs::remove_dir_all(&members)?;
    fs::remove_file(&all)?;
    runs(&binary)
}

/// Kernels are linked in steps, the first of which leaves an object.
fn partial(library: &Path, kernel: bool, folder: &Path) -> Result<()> {
    let (object, binary) = (folder.join("partial.o"), folder.join("partial"));
    run(gcc(kernel)
        .args(["-r", "-nostdlib"])
        .arg(root().join("ffi/tests/c/link.c"))
        .arg(library)
        .arg("-o")
        .arg(&object))?;
    run(program("gcc", 60).arg(&object).arg("-o").arg(&binary))?;
    runs(&binary)
}

/// A shared library that contains ours exports none of its symbols, with the flag given in the documentation.
fn wrapped(library: &Path, kernel: bool, folder: &Path) -> Result<()> {
    let source = folder.join("wrapper.c");
    fs::write(
        &source,
        "#include <execfmt.h>\nextern int wrapper_end(const uint8_t *bytes, size_t length);\n\
         int wrapper_end(const uint8_t *bytes, size_t length)\n{\n    execfmt_noff noff;\n\
         \x20   return execfmt_noff_parse(bytes, length, NULL, &noff, NULL) == EXECFMT_OK ? (int)noff.memory_end : -1;\n}\n",
    )?;
    let shared = folder.join("libwrapper.so");
    let mut compile = gcc(kernel);
    compile.args(["-shared", "-fPIC", "-Wl,-z,defs", "-Wl,--exclude-libs,ALL"]);
    run(compile.arg(&source).arg(library).arg("-o").arg(&shared))?;
    let exported = stdout(program("nm", 20).args(["-D", "--defined-only"]).arg(&shared))?;
    let names: Vec<_> = exported.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    ensure!(names == ["wrapper_end"], "the wrapper exports {names:?}");
    Ok(())
}

/// tcc, which cannot link our archive with std.
fn tcc(shared: &Path, folder: &Path, skipped: &mut Vec<String>) -> Result<()> {
    if !exists("tcc") {
        skipped.push("tcc and the shared library (tcc is missing)".into());
        return Ok(());
    }
    let binary = folder.join("tcc");
    run(program("tcc", 60)
        .arg("-I")
        .arg(root().join("include"))
        .arg(root().join("ffi/tests/c/link.c"))
        .arg(shared)
        .arg("-o")
        .arg(&binary))?;
    let printed = stdout(program(&binary, 20).env("LD_LIBRARY_PATH", folder))?;
    ensure!(printed == "linked\n", "{} prints {printed:?}", binary.display());
    println!("std: the shared library, tcc: linked");
    Ok(())
}

/// A program that links a second Rust library, which contains std, before ours and after it.
fn second(library: &Path, kernel: bool, folder: &Path) -> Result<()> {
    let (rust, other) = (folder.join("other.rs"), folder.join("libother.a"));
    fs::write(
        &rust,
        "#[unsafe(no_mangle)]\npub extern \"C\" fn other(n: u32) -> usize { vec![0_u8; n as usize].len() }\n",
    )?;
    run(program("rustc", 120)
        .args(["--edition", "2024", "--crate-type", "staticlib", "-O", "-o"])
        .arg(&other)
        .arg(&rust))?;
    let source = folder.join("two.c");
    fs::write(
        &source,
        "#include <execfmt.h>\nsize_t other(uint32_t n);\nint main(void)\n{\n    uint8_t bytes[52] = {0};\n    execfmt_noff noff;\n\
         \x20   return execfmt_noff_parse(bytes, other(52), NULL, &noff, NULL) == EXECFMT_NOFF_E_BAD_MAGIC ? 0 : 1;\n}\n",
    )?;
    for libraries in [[library, &other], [&other, library]] {
        let binary = folder.join("two");
        run(gcc(kernel).arg(&source).args(libraries).args(["-lpthread", "-ldl", "-o"]).arg(&binary))?;
        run(program(&binary, 20).env("LD_LIBRARY_PATH", folder))?;
    }
    let name = library.file_name().unwrap_or_default().to_string_lossy();
    println!("{name} beside a second library of Rust with std, in both orders: linked");
    Ok(())
}

fn languages(skipped: &mut Vec<String>) -> Result<()> {
    let header = root().join("include/execfmt.h");
    for (compilers, language, standards) in
        [(["gcc", "clang"], "c", C_STANDARDS), (["g++", "clang++"], "c++", CXX_STANDARDS)]
    {
        for compiler in compilers {
            let mut compiled = Vec::new();
            for (standard, working) in standards {
                // Older compilers know the newest standard only by its working name, or not at all.
                let known = [standard, working].into_iter().find(|name| knows(compiler, language, name));
                let Some(name) = known else {
                    skipped.push(format!("{compiler} -std={standard} (not supported by it)"));
                    continue;
                };
                let stricter: &[&str] = if language == "c" { &["-Wc++-compat"] } else { &[] };
                run(program(compiler, 60)
                    .arg(format!("-std={name}"))
                    .args(STRICT)
                    .args(stricter)
                    .args(["-x", language])
                    .arg(&header))?;
                compiled.push(*standard);
            }
            ensure!(compiled.len() >= 5, "{compiler} knows no more than {}", compiled.join(", "));
            println!("{compiler}: {}", compiled.join(", "));
        }
    }
    Ok(())
}

/// Whether a compiler supports a standard.
fn knows(compiler: &str, language: &str, standard: &str) -> bool {
    let asked = program(compiler, 20)
        .args([&format!("-std={standard}"), "-fsyntax-only", "-x", language, "/dev/null"])
        .output();
    asked.is_ok_and(|asked| asked.status.success())
}

/// A C++20 module with the headers in its global module fragment, and a program that imports it.
fn modules(folder: &Path, skipped: &mut Vec<String>) -> Result<()> {
    let folder = folder.join("modules");
    fs::create_dir_all(&folder)?;
    fs::write(
        folder.join("pages.cc"),
        "module;\n#include <execfmt.h>\nexport module pages;\n\
         export bool has_pages(const execfmt_noff *noff)\n{\n    return noff->memory_end != 0;\n}\n",
    )?;
    for (compiler, flags) in [
        ("g++", ["-std=c++20", "-fmodules-ts", "-c"].as_slice()),
        ("clang++", &["-std=c++20", "--precompile", "-x", "c++-module"]),
    ] {
        if !exists(compiler) {
            skipped.push(format!("a C++20 module ({compiler} is missing)"));
            continue;
        }
        run(program(compiler, 60)
            .current_dir(&folder)
            .args(["-Wall", "-Wextra", "-Werror", "-I"])
            .arg(root().join("include"))
            .args(flags)
            .args(["pages.cc", "-o", "pages.out"]))?;
        println!("{compiler}: a C++20 module");
    }
    Ok(())
}
