//! `cargo xtask links`: the C library in the builds of others, a row each: compilers, linkers, flags, languages.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::c;
use crate::packages;
use crate::shell::{exists, output, program, root, run, scratch, stdout};

/// A way to build `ffi/tests/c/link.c`.
struct Row {
    compiler: &'static str,
    flags: &'static [&'static str],
    /// What the linker is told about the library that follows, and after it.
    around: (&'static [&'static str], &'static [&'static str]),
    /// A program that must be there besides the compiler.
    needs: &'static str,
    libraries: Libraries,
}

/// The libraries that a row is for, where not for both; the reason is in docs/c-library.md.
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

/// The languages of the headers, each without a warning.
const C_STANDARDS: [&str; 5] = ["c89", "c99", "c11", "c17", "c2x"];
const CXX_STANDARDS: [&str; 5] = ["c++98", "c++11", "c++17", "c++20", "c++23"];
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
            let said = build(row, &library, kernel, &folder.join("program"))?;
            println!("{kind}: {words}: {said}");
        }
        wrapped(&library, kernel, &folder)?;
        println!("{kind}: in a shared library of the caller's: exports its own name only");
        if kernel {
            second(&library, &folder)?;
            println!("{kind}: beside a second library of Rust with std, in both orders: linked");
        }
    }
    languages()?;
    for row in &skipped {
        println!("SKIPPED {row}");
    }
    println!("{} rows, {} skipped", ROWS.len(), skipped.len());
    Ok(())
}

fn build(row: &Row, library: &Path, kernel: bool, binary: &Path) -> Result<String> {
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
    // glibc warns whoever links std statically of two functions whose plug-ins are loaded at run time.
    let known = |line: &str| !kernel && line.contains("statically linked applications");
    let warning = said.lines().find(|line| line.contains("warning") && !known(line));
    ensure!(built.status.success() && warning.is_none(), "{:?}: {}\n{said}", row.flags, built.status);
    let printed = stdout(&mut program(binary, 20))?;
    ensure!(printed == "linked\n", "{:?} prints {printed:?}", row.flags);
    Ok(printed.trim().into())
}

/// A shared library that has ours within exports nothing of it, with the flag that the documentation names.
fn wrapped(library: &Path, kernel: bool, folder: &Path) -> Result<()> {
    let source = folder.join("wrapper.c");
    std::fs::write(
        &source,
        "#include <execfmt.h>\nextern int wrapper_end(const uint8_t *bytes, size_t length);\n\
         int wrapper_end(const uint8_t *bytes, size_t length)\n{\n    execfmt_noff noff;\n\
         \x20   return execfmt_noff_parse(bytes, length, NULL, &noff, NULL) == EXECFMT_OK ? (int)noff.memory_end : -1;\n}\n",
    )?;
    let shared = folder.join("libwrapper.so");
    let mut compile = program("gcc", 120);
    compile.args(["-shared", "-fPIC", "-Wl,-z,defs", "-Wl,--exclude-libs,ALL"]);
    if kernel {
        compile.arg("-DEXECFMT_FREESTANDING");
    }
    run(compile.arg("-I").arg(root().join("include")).arg(&source).arg(library).arg("-o").arg(&shared))?;
    let exported = stdout(program("nm", 20).args(["-D", "--defined-only"]).arg(&shared))?;
    let names: Vec<_> = exported.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    ensure!(names == ["wrapper_end"], "the wrapper exports {names:?}");
    Ok(())
}

/// A program that links a second Rust library, which brings std, before ours and after it.
fn second(library: &Path, folder: &Path) -> Result<()> {
    let (rust, other) = (folder.join("other.rs"), folder.join("libother.a"));
    std::fs::write(
        &rust,
        "#[unsafe(no_mangle)]\npub extern \"C\" fn other(n: u32) -> usize { vec![0_u8; n as usize].len() }\n",
    )?;
    run(program("rustc", 120)
        .args(["--edition", "2024", "--crate-type", "staticlib", "-O", "-o"])
        .arg(&other)
        .arg(&rust))?;
    let source = folder.join("two.c");
    std::fs::write(
        &source,
        "#include <execfmt.h>\nsize_t other(uint32_t n);\nint main(void)\n{\n    uint8_t bytes[52] = {0};\n    execfmt_noff noff;\n\
         \x20   return execfmt_noff_parse(bytes, other(52), NULL, &noff, NULL) == EXECFMT_NOFF_E_BAD_MAGIC ? 0 : 1;\n}\n",
    )?;
    for libraries in [[library, &other], [&other, library]] {
        let binary = folder.join("two");
        run(program("gcc", 60)
            .args(["-DEXECFMT_FREESTANDING", "-I"])
            .arg(root().join("include"))
            .arg(&source)
            .args(libraries)
            .args(["-lpthread", "-ldl", "-o"])
            .arg(&binary))?;
        run(&mut program(&binary, 20))?;
    }
    Ok(())
}

fn languages() -> Result<()> {
    let header = root().join("include/execfmt.h");
    for (compilers, language, standards) in
        [(["gcc", "clang"], "c", C_STANDARDS), (["g++", "clang++"], "c++", CXX_STANDARDS)]
    {
        for compiler in compilers {
            for standard in standards {
                // Older compilers know the newest by its working name only.
                let names = [standard, "c++2b"];
                let names = if standard == "c++23" { &names[1..] } else { &names[..1] };
                for name in names {
                    run(program(compiler, 60)
                        .arg(format!("-std={name}"))
                        .args(STRICT)
                        .args(["-x", language])
                        .arg(&header))?;
                }
            }
            println!("{compiler}: {}", standards.join(", "));
        }
    }
    Ok(())
}
