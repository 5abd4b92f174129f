//! The machine that runs Nachos programs.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

use crate::c::library;
use crate::scratch::Scratch;
use crate::shell::{example, expect_run, program, root, run, stdout};
use crate::tools::{C_LIBRARY, MIPS, Tool, UNICORN};

/// The tools that compile and run programs.
pub const TOOLS: [Tool; 9] = {
    let [ld, nm, objcopy, ar, gcc] = C_LIBRARY;
    [ld, nm, objcopy, ar, gcc, Tool::Program("g++"), Tool::Program("make"), UNICORN, MIPS]
};

/// The machine with the address space of the example, on the C library; built once per process.
pub fn machine() -> Result<PathBuf> {
    static BUILT: Mutex<Option<Scratch>> = Mutex::new(None);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = &*built {
        return Ok(folder.join("run_nachos"));
    }
    let folder = Scratch::new("nachos-machine")?;
    build_machine(&folder.join("run_nachos"))?;
    Ok(built.insert(folder).join("run_nachos"))
}

fn build_machine(binary: &Path) -> Result<()> {
    let nachos = root().join("examples/nachos");
    let sources = ["noff_program.cpp", "run/run_nachos.cpp", "run/machine.cpp", "run/mips1.cpp"];
    run(program("g++", 120)
        .args(["-std=gnu++98", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-I"])
        .arg(root().join("include"))
        .arg("-I")
        .arg(nachos.join("run"))
        .arg("-o")
        .arg(binary)
        .args(sources.map(|source| nachos.join(source)))
        .arg(library()?)
        .arg("-lunicorn"))
}

/// Runs a COFF file, loaded by the library as Nachos 5.0j loads it.
pub fn run_coff(machine: &Path, file: &Path, output: &str) -> Result<()> {
    let (coff, memory) = (file.with_extension("coff"), file.with_extension("memory"));
    let loader = example("mips-coff", "memory", "")?;
    let start = stdout(program(loader, 60).args([&coff, &memory]).arg("cat"))?;
    let mut command = program(machine, 60);
    command.args(["--kernel", "nachos5j", "--memory", start.trim()]).arg(&memory);
    expect_run(&mut command, output, 0).with_context(|| format!("{}", coff.display()))
}
