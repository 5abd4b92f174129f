//! `cargo xtask cross apple`: the command and the C library for macOS and FreeBSD. Programs for them cannot
//! be run here: everything is compiled, including tests, and for macOS the command is linked, by zig, which
//! brings Apple's list of symbols.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use crate::shell::{cargo_of, run, target};
use crate::{debian, packages, python};

pub(crate) const NAME: &str = "apple";

/// A version of macOS for which the command is linked.
pub(crate) struct Mac {
    /// The name of its archive.
    pub(crate) name: &'static str,
    rust: &'static str,
    /// The processor type in a Mach-O file.
    processor: u32,
}

pub(crate) const MACS: [Mac; 2] = [
    Mac { name: "macos-arm64", rust: "aarch64-apple-darwin", processor: ARM64 },
    Mac { name: "macos-x86_64", rust: "x86_64-apple-darwin", processor: 0x0100_0007 },
];

const ARM64: u32 = 0x0100_000c;

/// Targets that are only compiled.
const FREEBSD: &str = "x86_64-unknown-freebsd";

/// The oldest macOS that runs the command: the first one for arm64.
const OLDEST: (u32, u32) = (11, 0);

/// The linker for macOS, from Python's registry.
const ZIG: [&str; 2] = ["ziglang==0.17.1", "cargo-zigbuild==0.24.1"];

pub(crate) fn tests() -> Result<()> {
    packages::install(packages::APPLE)?;
    for rust in MACS.map(|mac| mac.rust).into_iter().chain([FREEBSD]) {
        let (mut cargo, _) = debian::cargo_for(rust, "std,panic_unwind")?;
        cargo.env("CARGO_TARGET_DIR", folder());
        run(cargo.args([
            "check",
            "--quiet",
            "--all-targets",
            "-p",
            "execfmt",
            "-p",
            "execfmt-ffi",
            "-p",
            "noff",
        ]))?;
        println!("{rust}: the command, the C library and their tests compile");
    }
    for mac in &MACS {
        let binary = mac.build()?;
        println!("{}: linked, untested: {} bytes", mac.name, fs::metadata(&binary)?.len());
    }
    Ok(())
}

fn folder() -> PathBuf {
    target().join(NAME)
}

impl Mac {
    /// Links the command, and checks the result.
    pub(crate) fn build(&self) -> Result<PathBuf> {
        packages::install(packages::APPLE)?;
        let zig = zig()?;
        let toolchain = debian::rust_with_sources()?;
        let mut build = cargo_of(&toolchain);
        let cargo = build.get_program().to_os_string();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = [zig.clone(), toolchain.join("bin")].into_iter().chain(std::env::split_paths(&path));
        let mut zigbuild = Command::new(zig.join("cargo-zigbuild"));
        for (name, value) in build.get_envs() {
            match value {
                Some(value) => zigbuild.env(name, value),
                None => zigbuild.env_remove(name),
            };
        }
        build = zigbuild;
        build
            .current_dir(crate::shell::root())
            .stdin(std::process::Stdio::null())
            .env("CARGO", cargo)
            .env("PATH", std::env::join_paths(paths)?)
            // For the strip tool, which has no path of its own to its library.
            .env("LD_LIBRARY_PATH", toolchain.join("lib"))
            .env("CARGO_TARGET_DIR", folder())
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .env("MACOSX_DEPLOYMENT_TARGET", format!("{}.{}", OLDEST.0, OLDEST.1))
            .args([
                "zigbuild",
                "--quiet",
                "--release",
                "-Zbuild-std=std,panic_unwind",
                "-p",
                "execfmt",
                "--target",
            ])
            .arg(self.rust);
        run(&mut build)?;
        let binary = folder().join(self.rust).join("release/execfmt");
        self.check(&binary).with_context(|| binary.display().to_string())?;
        Ok(binary)
    }

    /// Checks that it is a program for this processor and this macOS, signed if required, which loads only
    /// libraries that every macOS has.
    fn check(&self, binary: &Path) -> Result<()> {
        let bytes = fs::read(binary)?;
        let word = |offset: usize| -> Result<u32> {
            let word = bytes.get(offset..offset + 4).context("the file ends within its load commands")?;
            Ok(u32::from_le_bytes(word.try_into()?))
        };
        ensure!(word(0)? == 0xfeed_facf && word(12)? == 2, "not a 64-bit Mach-O program");
        ensure!(word(4)? == self.processor, "a program for processor {:#x}", word(4)?);
        let (mut offset, mut oldest, mut signature) = (32, None, None);
        for _ in 0..word(16)? {
            let (command, length) = (word(offset)?, word(offset + 4)? as usize);
            match command {
                LOAD_DYLIB => {
                    let name = bytes.get(offset + word(offset + 8)? as usize..offset + length);
                    let name = String::from_utf8_lossy(name.context("a library's name")?);
                    ensure!(name.starts_with("/usr/lib/"), "it loads {}", name.trim_end_matches('\0'));
                }
                BUILD_VERSION => oldest = Some(word(offset + 12)?),
                VERSION_MIN => oldest = Some(word(offset + 8)?),
                CODE_SIGNATURE => signature = bytes.get(word(offset + 8)? as usize..),
                _ => {}
            }
            offset += length;
        }
        let wanted = OLDEST.0 << 16 | OLDEST.1 << 8;
        ensure!(oldest == Some(wanted), "made for macOS {oldest:x?}, not {wanted:#x}");
        match signature {
            Some(signature) => signed(&bytes, signature).context("its signature"),
            None if self.processor != ARM64 => Ok(()),
            None => bail!("it has no signature, without which arm64 does not start it"),
        }
    }
}

const LOAD_DYLIB: u32 = 0xc;
const CODE_SIGNATURE: u32 = 0x1d;
const VERSION_MIN: u32 = 0x24;
const BUILD_VERSION: u32 = 0x32;

/// Checks that a signature has the hash of each page of the file before it. (It contains no identity: it only
/// proves that the bytes are those that were linked.)
fn signed(bytes: &[u8], signature: &[u8]) -> Result<()> {
    let word = |at: usize| -> Result<usize> {
        let word = signature.get(at..at + 4).context("it is cut off")?;
        Ok(u32::from_be_bytes(word.try_into()?) as usize)
    };
    ensure!(word(0)? == 0xfade_0cc0 && word(12)? == 0, "it does not begin with a directory of code");
    let directory = word(16)?;
    ensure!(word(directory)? == 0xfade_0c02, "it has no directory of code");
    let (hashes, pages, end) = (word(directory + 16)?, word(directory + 28)?, word(directory + 32)?);
    let kinds = signature.get(directory + 36..directory + 40).context("it is cut off")?;
    ensure!(kinds[..2] == [32, 2], "its hashes are not SHA-256");
    let covered = bytes.get(..end).context("it covers more than the file")?;
    let found: Vec<_> = covered.chunks(1 << kinds[3]).map(|page| Sha256::digest(page).to_vec()).collect();
    ensure!(found.len() == pages, "it has {pages} pages, the file {}", found.len());
    let expected = signature.get(directory + hashes..).context("it is cut off")?;
    let wrong = found.iter().zip(expected.chunks(32)).filter(|(found, expected)| found != expected).count();
    ensure!(wrong == 0, "{wrong} of {pages} pages have another hash");
    Ok(())
}

/// The Python environment with zig: the folder of its programs.
fn zig() -> Result<PathBuf> {
    python::environment(&target().join("zig"), &ZIG.join("\n"))
}
