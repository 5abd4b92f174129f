//! `cargo xtask bench`: what the crates' own measuring programs print.

use anyhow::Result;

use crate::seabios;
use crate::shell::{cargo, program, run, scratch, target};
use crate::{courses, doubling, noff_bench};

pub(crate) fn measure() -> Result<()> {
    run(cargo().args(["run", "--release", "--quiet", "-p", "noff", "--example", "bench"]))?;
    noff_bench::measure()?;
    println!();
    run(cargo()
        .args(["run", "--release", "--quiet", "-p", "aout-minix", "--features", "compress"])
        .args(["--example", "compress_bench", "--"])
        .arg(seabios::folder()?))?;
    println!();
    elks_layout()?;
    println!();
    courses::measure()?;
    println!();
    doubling::measure()?;
    println!();
    run(cargo()
        .args(["run", "--release", "--quiet", "-p", "coyotos-image", "--features", "elf,gzip"])
        .args(["--example", "bench"]))
}

/// The layout of ELKS programs through C against the same rules in C.
fn elks_layout() -> Result<()> {
    run(cargo().args(["build", "--release", "--quiet", "-p", "execfmt-ffi"]))?;
    let bench = scratch("elks_layout")?.join("bench");
    run(program("gcc", 120)
        .args(["-O2", "-Wall", "-Wextra", "-I", "include", "-o"])
        .arg(&bench)
        .arg("ffi/tests/c/elks_layout_bench.c")
        .arg(target().join("release/libexecfmt.a"))
        .args(["-lpthread", "-ldl", "-lm"]))?;
    run(&mut program(&bench, 120))
}
