//! The record of the ABI: what programs compiled with these headers rely on, determined from compiled C.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail, ensure};

use crate::archive::HOST;
use crate::library::{self, Kind};
use crate::shell::{program, root, run, scratch, stdout};
use crate::{c_headers, packages};

/// The version of the library.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn record() -> PathBuf {
    root().join("ffi/abi.txt")
}

/// Compares the record with the current headers and library. With `bless` it is rewritten, which is refused
/// for a version that was recorded before, unless it is not released yet.
pub(crate) fn check(bless: bool, unreleased: bool) -> Result<()> {
    let now = format!("version {VERSION}\n{}", describe()?);
    let before = fs::read_to_string(record()).unwrap_or_default();
    if now == before {
        println!("ffi/abi.txt: unchanged, {} lines", now.lines().count());
        return Ok(());
    }
    let changed = || {
        let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), now.lines().collect());
        let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}"));
        let added = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}"));
        gone.chain(added).take(40).collect::<Vec<_>>().join("\n")
    };
    if !bless {
        bail!(
            "the ABI differs from the recorded one; if that is intended, change the version and run `cargo xtask abi`:\n{}",
            changed()
        );
    }
    let same_version = before.lines().next() == now.lines().next();
    ensure!(
        !same_version || unreleased,
        "version {VERSION} is recorded with another ABI; change the version, or pass --unreleased:\n{}",
        changed()
    );
    fs::write(record(), now)?;
    println!("wrote ffi/abi.txt");
    Ok(())
}

/// Symbols, values of constants, sizes and offsets of structs, on 64 and on 32 bits.
fn describe() -> Result<String> {
    packages::install(packages::ABI)?;
    let folder = scratch("abi")?;
    let declared = c_headers::read()?;
    let mut source = String::from("#include <execfmt.h>\n#include <stdio.h>\nint main(void)\n{\n");
    for name in &declared.constants {
        source += &format!("    printf(\"{name} %ld\\n\", (long){name});\n");
    }
    for record in &declared.structs {
        let name = &record.name;
        source += &format!("    printf(\"struct {name} %lu\\n\", (unsigned long)sizeof({name}));\n");
        for field in &record.fields {
            source += &format!(
                "    printf(\"struct {name}.{field} %lu %lu\\n\", (unsigned long)offsetof({name}, {field}), \
                 (unsigned long)sizeof(((const {name} *)0)->{field}));\n"
            );
        }
    }
    source += "    return 0;\n}\n";
    let file = folder.join("abi.c");
    fs::write(&file, source)?;
    let mut text = String::new();
    let kernel = HOST.exported(&library::build(Kind::Kernel)?)?;
    let builder = HOST.exported(&library::build(Kind::KernelBuilder)?)?;
    for symbol in HOST.exported(&library::build(Kind::Std)?)? {
        let within = match (kernel.contains(&symbol), builder.contains(&symbol)) {
            (true, _) => "kernel builder std",
            (false, true) => "builder std",
            (false, false) => "std",
        };
        text += &format!("symbol {symbol}: {within}\n");
    }
    for (bits, compiler, flags) in
        [(64, "gcc", &[][..]), (32, "gcc", &["-m32", "-idirafter", "/usr/include/x86_64-linux-gnu"])]
    {
        let binary = folder.join(format!("abi{bits}"));
        run(program(compiler, 60)
            .args(flags)
            .arg("-I")
            .arg(root().join("include"))
            .arg(&file)
            .arg("-o")
            .arg(&binary))?;
        let printed = stdout(&mut program(&binary, 10))?;
        let lines = printed.lines().filter(|line| bits == 64 || line.starts_with("struct "));
        text += &lines.map(|line| format!("{bits} bits: {line}\n")).collect::<String>();
    }
    Ok(text)
}
