//! `cargo xtask bench`: what the crates' own measuring programs print.

use anyhow::Result;

use crate::noff_bench;
use crate::seabios;
use crate::shell::{cargo, run};

pub(crate) fn measure() -> Result<()> {
    run(cargo().args(["run", "--release", "--quiet", "-p", "noff", "--example", "bench"]))?;
    noff_bench::measure()?;
    println!();
    run(cargo()
        .args(["run", "--release", "--quiet", "-p", "aout-minix", "--features", "compress"])
        .args(["--example", "compress_bench", "--"])
        .arg(seabios::folder()?))?;
    println!();
    run(cargo()
        .args(["run", "--release", "--quiet", "-p", "coyotos-image", "--features", "elf,gzip"])
        .args(["--example", "bench"]))
}
