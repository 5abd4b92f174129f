//! The C library as one file to link.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

use crate::archive::{Binutils, HOST};
use crate::scratch::lock;
use crate::shell::{cargo, program, run, stdout, target};

/// The purpose of a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Programs on an ordinary system: with std, all functions.
    Std,
    /// The same, compiled for size: the one that is installed.
    Small,
    /// Kernels: no std, no libc, no allocation.
    Kernel,
    /// Kernels that build Coyotos images with memory of their own.
    KernelBuilder,
    /// For tests: all functions, their Rust under AddressSanitizer, with overflow checks and checks of the preconditions of
    /// unsafe functions.
    Sanitized,
}

impl Kind {
    /// The arguments of cargo, after `rustc -p execfmt-ffi --lib`.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Std => &["--release", "--crate-type", "staticlib"],
            Self::Small => &["--profile", "small", "--crate-type", "staticlib"],
            Self::Kernel => &[
                "--no-default-features",
                "--features",
                "archive",
                "--profile",
                "freestanding",
                "--crate-type",
                "staticlib",
            ],
            Self::KernelBuilder => &[
                "--no-default-features",
                "--features",
                "archive,builder",
                "--profile",
                "freestanding",
                "--crate-type",
                "staticlib",
            ],
            Self::Sanitized => &["--profile", "hard", "--crate-type", "staticlib"],
        }
    }

    fn profile(self) -> &'static str {
        match self {
            Self::Std => "release",
            Self::Small => "small",
            Self::Kernel | Self::KernelBuilder => "freestanding",
            Self::Sanitized => "hard",
        }
    }

    /// The name of the finished library, one for each kind.
    fn name(self) -> &'static str {
        match self {
            Self::Std => "libexecfmt_std.a",
            Self::Small => "libexecfmt_small.a",
            Self::Kernel => "libexecfmt_kernel.a",
            Self::KernelBuilder => "libexecfmt_builder.a",
            Self::Sanitized => "libexecfmt_sanitized.a",
        }
    }
}

/// Builds a library for this machine, once per process.
pub fn build(kind: Kind) -> Result<PathBuf> {
    static BUILT: Mutex<Vec<(Kind, PathBuf)>> = Mutex::new(Vec::new());
    let mut all = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, built)) = all.iter().find(|(known, _)| *known == kind) {
        return Ok(built.clone());
    }
    let built = match kind {
        Kind::Sanitized => sanitized()?,
        _ => build_by(cargo(), &target(), kind, HOST)?,
    };
    all.push((kind, built.clone()));
    Ok(built)
}

fn sanitized() -> Result<PathBuf> {
    let version = stdout(program("rustc", 60).arg("-vV"))?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    let folder = target().join("sanitized");
    let mut cargo = cargo();
    // Flags of nightly. With an explicit target, cargo does not apply them to build scripts and macros.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address -Zub-checks=yes");
    cargo.env("CARGO_TARGET_DIR", &folder).env("CARGO_BUILD_TARGET", host);
    build_by(cargo, &folder.join(host), Kind::Sanitized, HOST)
}

/// Builds a library with a cargo that may target another machine, in the given folder.
pub fn build_by(mut cargo: Command, folder: &Path, kind: Kind, binutils: Binutils) -> Result<PathBuf> {
    // Cargo gives both kinds for kernels the same name, and another process may be building one.
    let _lock = lock("library")?;
    run(cargo.args(["rustc", "--quiet", "-p", "execfmt-ffi", "--lib"]).args(kind.arguments()))?;
    let profile = folder.join(kind.profile());
    let (built, finished) = (profile.join("libexecfmt.a"), profile.join(kind.name()));
    // Renamed into place, since another process may be linking with the previous one.
    let new = finished.with_extension("new");
    match kind {
        Kind::Std | Kind::Small | Kind::Sanitized => binutils.without_bitcode(&built, &new)?,
        Kind::Kernel | Kind::KernelBuilder => binutils.one_object_a_format(&built, &new)?,
    }
    std::fs::rename(&new, &finished)?;
    Ok(finished)
}
