//! The cost of functions of the C library compared with the same in C (`xtask/bench`): time, instructions
//! counted by callgrind, and bytes of text.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::table::{Table, at_most};
use crate::c::{self, SYSTEM};
use crate::library::Kind;
use crate::shell::{exists, output, program, root, run, scratch, stdout};

/// Number of calls that the measuring programs make of a function when it is counted (`COUNTED` in
/// measure.h).
const COUNTED: u64 = 1000;

/// Maximum number of instructions for parsing NOFF, and of bytes of text that it adds to a program. Both
/// increase as soon as the optimiser no longer sees that a rule is a warning, or keeps the header in memory
/// for the sake of a refusal.
const MOST_INSTRUCTIONS: u64 = 320;
const MOST_TEXT: u64 = 7 << 10;

/// A program in `xtask/bench`.
struct Program {
    name: &'static str,
    /// The files that it reads, by macro name.
    files: &'static [(&'static str, &'static str)],
    /// Prefixes of its pairs' names, and the maximum ratio to C.
    targets: &'static [(&'static str, f64)],
}

const PROGRAMS: [Program; 5] = [
    Program {
        name: "noff",
        files: &[("DEMO", "testdata/noff/demo.noff"), ("HALT", "testdata/noff/halt.noff")],
        targets: &[("parse", 1.0), ("64 pages, one call", 3.0)],
    },
    Program {
        name: "aout",
        files: &[("PLAIN", "testdata/elks/greet.aout")],
        targets: &[("parse", 1.5), ("ELKS layout", 1.5)],
    },
    Program {
        name: "ne",
        files: &[
            ("SMALL", "testdata/ne/small-model.os2"),
            ("RELOCATED", "testdata/ne/auto-not-last-far-jump.os2"),
            ("WINDOWS", "testdata/ne/windows.os2"),
        ],
        targets: &[("parse", 1.5), ("ELKS layout", 1.5)],
    },
    Program {
        name: "coff",
        files: &[("HALT", "fuzz/seeds/noff_convert/halt.coff")],
        targets: &[("parse", 1.5)],
    },
    Program { name: "call", files: &[], targets: &[] },
];

/// Maximum additional time of a call compared with one of a function in C, in nanoseconds.
const CALL: f64 = 2.0;

pub(super) fn measure() -> Result<String> {
    let folder = scratch("library-bench")?;
    let kernel = c::library()?;
    let std = crate::library::build(Kind::Std)?;
    let mut table = Table::new(&[
        "",
        "kernel library",
        "in C",
        "ratio",
        "target",
        "",
        "library with std",
        "Ir",
        "Ir in C",
    ]);
    let mut calls = Table::new(&["a call", "library", "in C", "more", "target", ""]);
    for one in &PROGRAMS {
        let small = compile(&folder, one, &kernel, true)?;
        let large = compile(&folder, one, &std, false)?;
        let [small_times, large_times] = [&small, &large].map(|binary| times(binary));
        for (number, (pair, large)) in pairs(&small)?.into_iter().zip(large_times?).enumerate() {
            let [ours, theirs] = *small_times
                .as_ref()
                .map_err(|error| anyhow::anyhow!("{error}"))?
                .get(number)
                .context("a time")?;
            if one.name == "call" {
                let cells = [
                    pair.name,
                    format!("{ours:.1} ns"),
                    format!("{theirs:.1} ns"),
                    format!("{:.1} ns", ours - theirs),
                ];
                calls.row(cells.into_iter().chain(at_most(ours - theirs, Some(CALL), " ns")));
                continue;
            }
            let target =
                one.targets.iter().find(|(start, _)| pair.name.starts_with(start)).map(|(_, most)| *most);
            let ratio = ours / theirs;
            let counts = counts(&folder, &small, number, &pair)?;
            if let (true, Some([ours, _])) = (one.name == "noff" && pair.name.ends_with(".noff"), counts) {
                ensure!(
                    ours <= MOST_INSTRUCTIONS,
                    "{}: {ours} instructions, more than {MOST_INSTRUCTIONS}",
                    pair.name
                );
            }
            let count = |which: usize| counts.map_or("SKIPPED".into(), |counts| counts[which].to_string());
            let [target, verdict] = at_most((ratio * 100.0).round() / 100.0, target, "");
            table.row([
                format!("{}: {}", one.name, pair.name),
                format!("{ours:.1} ns"),
                format!("{theirs:.1} ns"),
                format!("{ratio:.2}"),
                target,
                verdict,
                format!("{:.2}", large[0] / large[1]),
                count(0),
                count(1),
            ]);
        }
    }
    let added = added_text(&folder, &kernel)?;
    ensure!(added <= MOST_TEXT, "parsing NOFF adds {added} bytes of text, more than {MOST_TEXT}");
    Ok(format!(
        "{table}\n{calls}\nParsing NOFF adds {added} bytes of text to a freestanding program (at most {MOST_TEXT}).\n"
    ))
}

struct Pair {
    name: String,
    /// The library's, and the one in C.
    functions: [String; 2],
}

fn pairs(binary: &Path) -> Result<Vec<Pair>> {
    let list = stdout(program(binary, 60).arg("list"))?;
    let pair = |line: &str| {
        let mut words = line.split('\t').map(str::to_owned);
        Some(Pair { name: words.next()?, functions: [words.next()?, words.next()?] })
    };
    list.lines().map(|line| pair(line).with_context(|| line.to_owned())).collect()
}

/// Nanoseconds of the library and of C, for each pair.
fn times(binary: &Path) -> Result<Vec<[f64; 2]>> {
    let list = stdout(program(binary, 300).arg("time"))?;
    let pair = |line: &str| {
        let mut words = line.split('\t').skip(1).map(str::parse::<f64>);
        Some([words.next()?.ok()?, words.next()?.ok()?])
    };
    list.lines().map(|line| pair(line).with_context(|| line.to_owned())).collect()
}

/// Instructions of one call of each function of a pair; `None` without valgrind.
fn counts(folder: &Path, binary: &Path, number: usize, pair: &Pair) -> Result<Option<[u64; 2]>> {
    if !exists("valgrind") {
        return Ok(None);
    }
    let mut counts = [0; 2];
    for (which, (count, function)) in counts.iter_mut().zip(&pair.functions).enumerate() {
        let mut valgrind = program("valgrind", 120);
        valgrind.arg("--tool=callgrind").arg(format!("--toggle-collect={function}"));
        valgrind.arg(format!("--callgrind-out-file={}", folder.join("callgrind").display()));
        *count = collected(valgrind.arg(binary).arg(which.to_string()).arg(number.to_string()))? / COUNTED;
        ensure!(*count > 0, "callgrind saw no call of {function}");
    }
    Ok(Some(counts))
}

/// The count that callgrind reports.
pub(super) fn collected(valgrind: &mut std::process::Command) -> Result<u64> {
    let said = output(valgrind)?;
    let text = String::from_utf8_lossy(&said.stderr).into_owned();
    let number = text.lines().find_map(|line| line.split_once("Collected : "));
    let number = number.and_then(|(_, number)| number.trim().parse().ok());
    number.with_context(|| format!("callgrind counted nothing: {text}"))
}

fn compile(folder: &Path, one: &Program, library: &Path, freestanding: bool) -> Result<PathBuf> {
    let binary = folder.join(format!("{}-{freestanding}", one.name));
    let mut gcc = gcc(&binary, &root().join(format!("xtask/bench/{}.c", one.name)));
    for (name, file) in one.files {
        gcc.arg(format!("-D{name}=\"{}\"", root().join(file).display()));
    }
    gcc.arg(library);
    if freestanding {
        gcc.arg("-DEXECFMT_FREESTANDING");
    } else {
        gcc.args(SYSTEM);
    }
    run(&mut gcc)?;
    Ok(binary)
}

fn gcc(binary: &Path, source: &Path) -> std::process::Command {
    let mut gcc = program("gcc", 60);
    gcc.args([
        "-O2",
        "-std=gnu11",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wno-unused-function",
        "-Wl,--gc-sections",
        "-I",
    ]);
    gcc.arg(root().join("include")).arg("-o").arg(binary).arg(source);
    gcc
}

/// Bytes of text, constants and unwind tables that parsing NOFF adds to a program without a system.
fn added_text(folder: &Path, library: &Path) -> Result<u64> {
    let parsing = "#include <execfmt/noff.h>\n\
        int main(void) { static unsigned char bytes[52]; static execfmt_noff noff; static execfmt_finding finding;\n\
        return execfmt_noff_parse_header(bytes, 52, 52, 0, &noff, &finding); }";
    let [parser, empty] =
        [("parser", parsing), ("empty", "int main(void) { return 0; }")].map(|(name, text)| {
            let (binary, source) = (folder.join(name), folder.join(format!("{name}.c")));
            std::fs::write(&source, text)?;
            run(gcc(&binary, &source).arg("-DEXECFMT_FREESTANDING").arg(library))?;
            let sizes = stdout(program("size", 10).arg(&binary))?;
            let number =
                sizes.lines().nth(1).and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            number.context("size prints the bytes of text")
        });
    Ok(parser?.saturating_sub(empty?))
}
