//! What the C library costs for NOFF: time beside the same in C, instructions counted by callgrind, bytes of text.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::c;
use crate::shell::{exists, output, program, root, run, scratch, stdout};

/// Calls that the measuring program makes of one function when it is counted.
const COUNTED: u64 = 1000;

/// Parsing takes no more instructions, and adds no more bytes of text to a program, than this. Both grow at once when
/// the optimiser no longer sees that a rule is a warning, or keeps the header in memory for the sake of a refusal.
const MOST_INSTRUCTIONS: u64 = 320;
const MOST_TEXT: u64 = 7 << 10;

pub(crate) fn measure() -> Result<()> {
    let folder = scratch("noff-bench")?;
    let library = c::library()?;
    let binary = compile(&folder, "noff_bench", "ffi/tests/c/noff_bench.c", &library)?;
    print!("{}", stdout(program(&binary, 120).arg("time"))?);
    if exists("valgrind") {
        for name in ["demo", "halt"] {
            let file = root().join(format!("testdata/noff/{name}.noff"));
            let counts = ["parse", "c"].map(|what| count(&folder, &binary, what, &file));
            let [ours, theirs] = counts;
            let (ours, theirs) = (ours?, theirs?);
            println!("noff in C: parse {name}.noff: {ours} instructions, {theirs} of the same in C");
            ensure!(ours <= MOST_INSTRUCTIONS, "that is more than {MOST_INSTRUCTIONS}");
        }
    } else {
        execfmt_testkit::skipped("noff in C, in instructions", "valgrind is not installed");
    }
    let empty = text(&compile_text(&folder, "empty", "int main(void) { return 0; }", &library)?)?;
    let parsing = "#include <execfmt/noff.h>\n\
        int main(void) { static unsigned char bytes[52]; static execfmt_noff noff; static execfmt_finding finding;\n\
        return execfmt_noff_parse_header(bytes, 52, 52, 0, &noff, &finding); }";
    let parser = text(&compile_text(&folder, "parser", parsing, &library)?)?;
    let added = parser.saturating_sub(empty);
    println!("noff in C: parsing adds {added} bytes of text to a freestanding program");
    ensure!(added <= MOST_TEXT, "that is more than {MOST_TEXT}");
    Ok(())
}

fn compile_text(folder: &Path, name: &str, text: &str, library: &Path) -> Result<PathBuf> {
    let source = folder.join(format!("{name}.c"));
    std::fs::write(&source, text)?;
    compile(folder, name, &source.to_string_lossy(), library)
}

fn compile(folder: &Path, name: &str, source: &str, library: &Path) -> Result<PathBuf> {
    let binary = folder.join(name);
    let mut gcc = program("gcc", 60);
    gcc.args([
        "-O2",
        "-std=gnu11",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wl,--gc-sections",
        "-DEXECFMT_FREESTANDING",
    ]);
    gcc.arg("-I").arg(root().join("include")).arg("-o").arg(&binary).arg(root().join(source)).arg(library);
    run(&mut gcc)?;
    Ok(binary)
}

/// Instructions of one call.
fn count(folder: &Path, binary: &Path, what: &str, file: &Path) -> Result<u64> {
    let function = if what == "c" { "rendering" } else { "execfmt_noff_parse_header" };
    let mut valgrind = program("valgrind", 120);
    valgrind.arg("--tool=callgrind").arg(format!("--toggle-collect={function}"));
    valgrind.arg(format!("--callgrind-out-file={}", folder.join("callgrind").display()));
    let said = output(valgrind.arg(binary).arg(what).arg(file))?;
    let text = String::from_utf8_lossy(&said.stderr).into_owned();
    let collected = text.lines().find_map(|line| line.split_once("Collected : "));
    let number = collected.and_then(|(_, number)| number.trim().parse::<u64>().ok());
    let number = number.with_context(|| format!("callgrind counted nothing: {text}"))?;
    ensure!(number > 0, "callgrind saw no call of {function}");
    Ok(number / COUNTED)
}

/// Bytes of text, constants and unwind tables.
fn text(binary: &Path) -> Result<u64> {
    let sizes = stdout(program("size", 10).arg(binary))?;
    let number = sizes.lines().nth(1).and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.context("size prints the bytes of text")
}
