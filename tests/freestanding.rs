//! Proves that the libraries for kernels need no std and no libc, and that no panic can be reached in them.
//!
//! The crate defines the panic handler itself, which a build that links std refuses as defined twice. The handler
//! calls an undefined function: a panic path that the optimiser left would not link. The libraries' undefined symbols
//! are listed, and a program that refers to every exported function is linked, with the whole archive and
//! without section collection, as some kernels do.

use anyhow::{Result, ensure};
use execfmt_system_tests::archive::{HOST, MEMORY_FUNCTIONS};
use execfmt_system_tests::library::{self, Kind};
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{program, root, run, stdout};
use execfmt_system_tests::tools::{C_LIBRARY, have};

#[test]
fn the_library_for_kernels() -> Result<()> {
    prove(Kind::Kernel, &[])
}

#[test]
fn the_library_with_the_builder() -> Result<()> {
    prove(Kind::KernelBuilder, &["-DBUILDER", "-DEXECFMT_WITH_BUILDER"])
}

fn prove(kind: Kind, flags: &[&str]) -> Result<()> {
    if !have(&C_LIBRARY)? {
        return Ok(());
    }
    let library = &library::build(kind)?;
    let wanted = HOST.wanted(library)?;
    let strangers: Vec<_> = wanted.iter().filter(|name| !MEMORY_FUNCTIONS.contains(&name.as_str())).collect();
    ensure!(strangers.is_empty(), "the C library for kernels refers to {strangers:?}");
    let exported = HOST.exported(library)?;
    let listed = stdout(program("nm", 60).args(["--quiet", "-g", "--defined-only"]).arg(library))?;
    let globals = listed.lines().filter_map(|line| line.split_whitespace().nth(2));
    let others: Vec<_> = globals.filter(|name| !exported.iter().any(|known| known == name)).collect();
    ensure!(others.is_empty(), "the C library for kernels also defines {others:?}");

    let folder = Scratch::new(&format!("freestanding-{kind:?}"))?;
    let everything = folder.join("everything.c");
    let names: String = exported.iter().map(|name| format!("    (void (*)(void)){name},\n")).collect();
    let text = format!(
        "#include <execfmt.h>\nextern void (*const execfmt_all[])(void);\n\
         void (*const execfmt_all[])(void) = {{\n{names}}};\n"
    );
    std::fs::write(&everything, text)?;
    for (name, how) in
        [("plain", &[][..]), ("collected", &["-Wl,--gc-sections"]), ("whole", &["-Wl,--whole-archive"])]
    {
        let binary = folder.join(name);
        let mut compile = program("gcc", 60);
        compile
            .args(["-O1", "-ffreestanding", "-nostdlib", "-static", "-DEXECFMT_FREESTANDING", "-I"])
            .arg(root().join("include"))
            .arg("-o")
            .arg(&binary)
            .args(flags)
            .arg(root().join("ffi/tests/c/freestanding.c"));
        if name != "collected" {
            compile.arg(&everything);
        }
        run(compile.args(how).arg(library))?;
        run(&mut program(&binary, 10))?;
        let sizes = stdout(program("size", 10).arg(&binary))?;
        let text = sizes.lines().nth(1).and_then(|line| line.split_whitespace().next().map(String::from));
        println!("without a C library, {name}: {} bytes of text", text.unwrap_or_default());
    }
    println!("{} functions; wanted from elsewhere: {}", exported.len(), wanted.join(", "));
    Ok(())
}
