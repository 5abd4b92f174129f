//! `cargo xtask bench`: what the crates' own measuring programs print.

use anyhow::Result;

use crate::shell::{cargo, run};

pub(crate) fn measure() -> Result<()> {
    run(cargo().args(["run", "--release", "--quiet", "-p", "noff", "--example", "bench"]))
}
