//! `cargo xtask bench`: speed and size, side by side with a reference, and docs/benchmarks.md with the
//! results.

mod check;
mod command;
mod compress;
mod curve;
mod document;
mod library;
mod loading;
mod sizes;
mod table;

use anyhow::{Result, ensure};

use crate::shell::{cargo, stdout};
use crate::{courses, doubling};

/// The benchmarks: each has a part of docs/benchmarks.md with the same name.
struct Part {
    name: &'static str,
    /// Returns Markdown.
    measure: fn() -> Result<String>,
}

const PARTS: [Part; 9] = [
    Part { name: "library", measure: library::measure },
    Part { name: "loading", measure: loading::measure },
    Part { name: "command", measure: command::measure },
    Part { name: "check", measure: check::measure },
    Part { name: "sizes", measure: sizes::measure },
    Part { name: "compress", measure: compress::measure },
    Part { name: "courses", measure: courses::measure },
    Part { name: "coyotos", measure: coyotos },
    Part { name: "doubling", measure: doubling::measure },
];

/// Runs all benchmarks, or the named ones; with `markdown`, writes the results into the document.
pub(crate) fn measure(only: &[String], markdown: bool) -> Result<()> {
    let names = PARTS.each_ref().map(|part| part.name);
    for name in only {
        ensure!(names.contains(&name.as_str()), "no part {name}; there are {}", names.join(", "));
    }
    for part in PARTS.iter().filter(|part| only.is_empty() || only.iter().any(|name| name == part.name)) {
        let made = document::headed(part.name, part.measure)?;
        println!("{made}");
        if markdown {
            document::put(part.name, &made)?;
        }
    }
    Ok(())
}

/// The output of an example, compiled for speed.
fn example(package: &str, features: &str, name: &str, arguments: &[&std::ffi::OsStr]) -> Result<String> {
    let mut cargo = cargo();
    cargo.args([
        "run",
        "--release",
        "--quiet",
        "-p",
        package,
        "--features",
        features,
        "--example",
        name,
        "--",
    ]);
    stdout(cargo.args(arguments))
}

/// Text as it was printed.
fn fenced(text: &str) -> String {
    format!("```text\n{}\n```\n", text.trim_end())
}

fn coyotos() -> Result<String> {
    Ok(fenced(&example("coyotos-image", "elf,gzip", "bench", &[])?))
}
