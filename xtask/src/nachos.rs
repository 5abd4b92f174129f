//! The end-to-end proof for Nachos: C programs of ours compiled by today's MIPS gcc to ELF and to COFF, converted to both
//! layouts, loaded through the C library eagerly and page by page, and run on a Nachos machine until they halt.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::c::library;
use crate::shell::{cargo, output, program, root, run, scratch, target};

/// What `demo` prints. Its checksum is an Adler-32 that was computed independently of any compiler or loader:
/// over the greeting, the primes below 252 each combined with its index squared, and 64 squares.
const DEMO: &str = "Hello from a Nachos user program.\nZeroed data are zero.\nChecksum 677592562.\n";

pub(crate) fn end_to_end() -> Result<()> {
    run(cargo().args(["build", "--quiet", "-p", "execfmt"]))?;
    let folder = scratch("nachos")?;
    let machine = folder.join("run_nachos");
    build_machine(&machine)?;
    let mut memories = Vec::new();
    for layout in ["3", "4"] {
        let build = folder.join(format!("layout{layout}"));
        run(program("make", 300)
            .args(["--silent", "-C"])
            .arg(root().join("examples/nachos/userprog"))
            .arg(format!("BUILD={}", build.display()))
            .arg(format!("EXECFMT={} --color never", target().join("debug/execfmt").display()))
            .arg(format!("LAYOUT={layout}"))
            .args(["all", "coff"]))?;
        for file in ["demo.noff", "demo.coff.noff"] {
            let dump = build.join(format!("{file}.memory"));
            expect(&machine, &build.join(file), Some(&dump), DEMO, 0)?;
            memories.push(std::fs::read(&dump)?);
        }
        expect(&machine, &build.join("halt.noff"), None, "", 0)?;
        expect(&machine, &build.join("halt.coff.noff"), None, "", 0)?;
        // echo exits with the number of lines that it read, and there is nothing to read.
        expect(&machine, &build.join("echo.noff"), None, "", 0)?;
    }
    ensure!(
        memories.windows(2).all(|pair| pair[0] == pair[1]),
        "demo's memory depends on the way it was built"
    );
    println!("demo, halt and echo: ELF and COFF, both layouts, eagerly and by demand: run until they halt");
    Ok(())
}
