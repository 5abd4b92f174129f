//! `cargo xtask panics`: the proof by linking that the C library for kernels cannot panic, at other
//! optimisation levels, and that it notices a panic: one is planted in each crate, in a copy.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::archive::{HOST, MEMORY_FUNCTIONS};
use crate::library::{self, Kind};
use crate::plant;
use crate::shell::{cargo, root, target};

/// The function that the library's panic handler calls, which is never defined (ffi/src/lib.rs).
const REACHED: &str = "execfmt_a_panic_can_be_reached";

/// Levels other than `s`, that of the profile, which `cargo xtask test freestanding` checks.
const LEVELS: [&str; 2] = ["2", "3"];

/// Builds the library for kernels with all its crates, and returns its undefined symbols.
fn wanted(folder: &Path, level: &str) -> Result<Vec<String>> {
    let build = target().join("panics");
    let mut cargo = cargo();
    cargo
        .current_dir(folder)
        .env("CARGO_PROFILE_FREESTANDING_OPT_LEVEL", level)
        .env("CARGO_TARGET_DIR", &build);
    HOST.wanted(&library::build_by(cargo, &build, Kind::Kernel, HOST)?)
}

pub(crate) fn proofs() -> Result<()> {
    for level in LEVELS {
        let wanted = wanted(&root(), level)?;
        let strangers: Vec<_> =
            wanted.iter().filter(|name| !MEMORY_FUNCTIONS.contains(&name.as_str())).collect();
        ensure!(strangers.is_empty(), "at level {level} the C library for kernels refers to {strangers:?}");
        println!("level {level}: no panic is reachable; undefined symbols: {}", wanted.join(", "));
    }
    for patch in plant::patches("ffi/tests/panics")? {
        let name = plant::name(&patch);
        let wanted = wanted(&plant::copy("panics-source", &patch)?, "s")?;
        ensure!(wanted.iter().any(|symbol| symbol == REACHED), "the panic planted in {name} was not noticed");
        println!("planted in {name}: noticed");
    }
    Ok(())
}
