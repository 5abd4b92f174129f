//! `cargo xtask library`: the C library as a single file to link, for this machine and for others.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
pub(crate) use execfmt_system_tests::library::{Kind, build, build_by};

use crate::archive::{Binutils, HOST};
use crate::debian;
use crate::shell::{program, stdout};

/// A target other than this machine, which needs only a standard library built for it.
pub(crate) struct Target {
    /// Rust's name.
    pub(crate) rust: &'static str,
    pub(crate) binutils: Binutils,
}

/// The targets for `cargo xtask library --target`.
pub(crate) const TARGETS: [Target; 2] = [
    // No red zone and no SSE: for ring 0, where interrupts use the same stack.
    Target { rust: "x86_64-unknown-none", binutils: HOST },
    Target {
        rust: "i686-unknown-linux-gnu",
        binutils: Binutils { prefix: "", emulation: &["-m", "elf_i386"] },
    },
];

/// Builds a library for one of [`TARGETS`], with the installed standard library or one built from its sources.
pub(crate) fn build_for(target: &Target, kind: Kind) -> Result<PathBuf> {
    let parts = if kind == Kind::Std { "std,panic_unwind" } else { "core,alloc,compiler_builtins" };
    let (mut cargo, with_std) = debian::cargo_for(target.rust, parts)?;
    if with_std {
        // Compiled for size, core's own number formatting keeps a redundant bounds check, and with it a
        // panic; the precompiled standard library is compiled for speed.
        cargo.env("CARGO_PROFILE_FREESTANDING_OPT_LEVEL", "3");
    }
    let folder = crate::shell::target().join("library");
    cargo.env("CARGO_TARGET_DIR", &folder);
    build_by(cargo, &folder.join(target.rust), kind, target.binutils)
}

/// The library to install: compiled for size, with its standard library.
pub(crate) fn small() -> Result<PathBuf> {
    let version = stdout(program("rustc", 60).arg("-vV"))?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    let folder = crate::shell::target().join("library");
    let mut cargo = debian::smallest(host)?;
    cargo.env("CARGO_TARGET_DIR", &folder).env("CARGO_INCREMENTAL", "0").env("RUSTFLAGS", debian::NO_TABLES);
    build_by(cargo, &folder.join(host), Kind::Small, HOST)
}

/// The command: builds the requested library and writes it to the requested path.
pub(crate) fn command(kind: Kind, rust: Option<&str>, out: &Path) -> Result<()> {
    let built = match rust {
        None => build(kind)?,
        Some(name) => {
            let known = TARGETS.iter().find(|target| target.rust == name);
            let names = TARGETS.map(|target| target.rust).join(", ");
            build_for(known.with_context(|| format!("known targets: {names}"))?, kind)?
        }
    };
    fs::copy(&built, out).with_context(|| out.display().to_string())?;
    println!("{}: {} bytes", out.display(), fs::metadata(out)?.len());
    Ok(())
}

/// Checks that code may run in ring 0: nothing is stored below the stack pointer, where an interrupt writes,
/// and no register is used that a kernel does not save.
pub(crate) fn ring_zero(library: &Path) -> Result<()> {
    let listing = stdout(program("objdump", 120).args(["-d", "--no-show-raw-insn"]).arg(library))?;
    let mut instructions = 0_u32;
    for line in listing.lines().filter(|line| line.starts_with(' ')) {
        instructions += 1;
        ensure!(
            !line.contains("%xmm") && !line.contains("%ymm") && !line.contains("%st"),
            "SSE or x87: {line}"
        );
        // With an index, a negative displacement is within the frame.
        let below = line.split("(%rsp)").next().filter(|_| line.contains("(%rsp)"));
        let offset = below.and_then(|text| text.rsplit([' ', ',', '\t']).next()).unwrap_or_default();
        ensure!(!offset.starts_with('-'), "the red zone is used: {line}");
    }
    ensure!(instructions > 10_000, "only {instructions} instructions were disassembled");
    println!("{}: {instructions} instructions, no red zone, no SSE", library.display());
    Ok(())
}
