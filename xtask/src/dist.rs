//! `cargo xtask dist`: the command for users without Rust, packaged for Linux (static) and Windows.
//!
//! Each binary is run before it is packaged: in an empty folder as its root directory, or by an emulator.
//! What it converts there must be the program of the test data, byte for byte.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::apple::MACS;
use crate::shell::{output, program, root, run, scratch, stdout, target};
use crate::{deb, debian, packages, pages, windows};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A Linux machine for which a static binary is built.
struct Linux {
    name: &'static str,
    rust: &'static str,
    /// Debian's name for the machine.
    debian: &'static str,
    linker: &'static str,
    /// Whether Debian 12's linker packs the relocations of a position-independent program: a twentieth of their bytes.
    packs_relocations: bool,
    /// The emulator, if this machine cannot run its programs.
    emulator: Option<&'static str>,
}

const LINUX: [Linux; 3] = [
    Linux {
        name: "linux-x86_64",
        rust: "x86_64-unknown-linux-gnu",
        debian: "amd64",
        linker: "gcc",
        packs_relocations: true,
        emulator: None,
    },
    Linux {
        name: "linux-i686",
        rust: "i686-unknown-linux-gnu",
        debian: "i386",
        linker: "gcc-12",
        packs_relocations: true,
        emulator: None,
    },
    Linux {
        name: "linux-arm64",
        rust: "aarch64-unknown-linux-gnu",
        debian: "arm64",
        linker: "aarch64-linux-gnu-gcc-12",
        packs_relocations: false,
        emulator: Some("qemu-aarch64"),
    },
];

/// Packages for all systems, or for the named one.
pub(crate) fn binaries(only: Option<&str>) -> Result<()> {
    let chosen = |name: &str| only.is_none_or(|wanted| wanted == name);
    let names = LINUX.map(|linux| linux.name).into_iter().chain(MACS.map(|mac| mac.name)).chain([WINDOWS]);
    let names: Vec<_> = names.collect();
    ensure!(names.iter().any(|name| chosen(name)), "no such system; there are {}", names.join(", "));
    packages::install(packages::DIST)?;
    fs::create_dir_all(folder())?;
    for linux in LINUX.iter().filter(|linux| chosen(linux.name)) {
        let started = Instant::now();
        let binary = linux.build().with_context(|| linux.name)?;
        let home = scratch("dist-root")?;
        fs::copy(&binary, home.join("execfmt"))?;
        linux.test(&home, "execfmt").with_context(|| linux.name)?;
        report(linux.name, &binary, &tarball(linux.name, &binary)?, started)?;
        let package = deb::package(&binary, linux.debian, &folder())?;
        linux
            .test(&deb::install(&package)?, "usr/bin/execfmt")
            .with_context(|| package.display().to_string())?;
        report(linux.debian, &binary, &package, started)?;
    }
    if chosen(WINDOWS) {
        let started = Instant::now();
        let binary = scratch("dist-windows")?.join("execfmt.exe");
        run(program("x86_64-w64-mingw32-strip", 60)
            .arg(windows::build()?.join("execfmt.exe"))
            .arg("-o")
            .arg(&binary))?;
        let home = scratch("dist-wine")?;
        converts(&home, &mut windows::wine(&home)?, &binary.display().to_string())?;
        report(WINDOWS, &binary, &zip(&binary)?, started)?;
    }
    for mac in MACS.iter().filter(|mac| chosen(mac.name)) {
        let started = Instant::now();
        let binary = mac.build().with_context(|| mac.name)?;
        execfmt_testkit::skipped(&format!("running {}", mac.name), "nothing here runs its programs");
        report(mac.name, &binary, &tarball(mac.name, &binary)?, started)?;
    }
    Ok(())
}

/// The packaged command for this machine.
pub(crate) fn native() -> Result<PathBuf> {
    let linux = LINUX.iter().find(|linux| linux.rust.starts_with(std::env::consts::ARCH));
    linux.context("nothing is packed for this machine")?.build()
}

/// The package of Debian for this machine.
pub(crate) fn debian_package() -> Result<PathBuf> {
    packages::install(packages::DIST)?;
    fs::create_dir_all(folder())?;
    let linux = LINUX.iter().find(|linux| linux.rust.starts_with(std::env::consts::ARCH));
    let linux = linux.context("nothing is packed for this machine")?;
    deb::package(&linux.build()?, linux.debian, &folder())
}

const WINDOWS: &str = "windows-x86_64";

fn folder() -> PathBuf {
    target().join("dist")
}

impl Linux {
    fn build(&self) -> Result<PathBuf> {
        let mut cargo = debian::smallest(self.rust)?;
        let packed = if self.packs_relocations { " -Clink-arg=-Wl,-z,pack-relative-relocs" } else { "" };
        let built = target().join("dist/build");
        let variable = self.rust.to_uppercase().replace('-', "_");
        cargo
            .env("CARGO_TARGET_DIR", &built)
            .env("CARGO_INCREMENTAL", "0")
            // Programs that run while building do not get these flags, since a target is named.
            .env("RUSTFLAGS", format!("-Ctarget-feature=+crt-static {}{packed}", debian::NO_TABLES))
            .env(format!("CARGO_TARGET_{variable}_LINKER"), self.linker);
        run(cargo.args(["build", "--quiet", "--profile", "small", "-p", "execfmt"]))?;
        Ok(built.join(self.rust).join("small/execfmt"))
    }

    /// Runs the binary in a folder as the root directory, without any library that it could load.
    fn test(&self, home: &Path, binary: &str) -> Result<()> {
        let (mut runner, path) = match self.emulator {
            Some(emulator) => (program(emulator, 120), home.join(binary).display().to_string()),
            None => {
                let mut chroot = program("chroot", 60);
                chroot.arg(home);
                (chroot, format!("/{binary}"))
            }
        };
        let user = stdout(program("id", 10).arg("-u"))?;
        if self.emulator.is_none() && user.trim() != "0" {
            execfmt_testkit::skipped(
                &format!("{} in an empty root", self.name),
                "this needs the rights of root",
            );
            return Ok(());
        }
        converts(home, &mut runner, &path)
    }
}

/// Checks that the binary converts an ELF file to the ELKS program of the test data. Files are named relative
/// to the folder in which it runs, which for a changed root is the root.
fn converts(home: &Path, runner: &mut Command, binary: &str) -> Result<()> {
    fs::copy(root().join("testdata/elks/far.elf"), home.join("far.elf"))?;
    runner.current_dir(home).arg(binary);
    let ran = output(runner.args(["convert", "far.elf", "-o", "far", "--to", "elks", "--symtab"]))?;
    let said = String::from_utf8_lossy(&ran.stderr);
    ensure!(ran.status.success(), "{binary}: {}: {said}", ran.status);
    let expected = fs::read(root().join("testdata/elks/far.aout"))?;
    ensure!(fs::read(home.join("far"))? == expected, "{binary} converts far.elf to something else");
    Ok(())
}

/// The folder to be packaged: the binary and the documentation.
fn contents(name: &str) -> Result<PathBuf> {
    let packed = scratch("dist-pack")?.join(format!("execfmt-{VERSION}-{name}"));
    fs::create_dir_all(packed.join("docs"))?;
    for file in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root().join(file), packed.join(file))?;
    }
    for entry in fs::read_dir(root().join("docs"))? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            fs::copy(&path, packed.join("docs").join(name))?;
        }
    }
    Ok(packed)
}

fn tarball(name: &str, binary: &Path) -> Result<PathBuf> {
    let packed = contents(name)?;
    let tools = pages::write(&packed.join("share"))?;
    let bin = packed.join("bin");
    fs::create_dir_all(&bin)?;
    let command = bin.join("execfmt");
    fs::copy(binary, &command)?;
    fs::set_permissions(&command, fs::Permissions::from_mode(0o755))?;
    for tool in &tools {
        symlink("execfmt", bin.join(tool))?;
    }
    let (parent, stem) = (packed.parent().context("a folder")?, packed.file_name().context("a name")?);
    let file = folder().join(stem).with_extension_added("tar.gz");
    run(program("tar", 120)
        .args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "-czf"])
        .arg(&file)
        .arg("-C")
        .arg(parent)
        .arg(stem))?;
    // The unpacked command can be called under its tools' names.
    let unpacked = scratch("dist-unpacked")?;
    run(program("tar", 60).arg("-xzf").arg(&file).arg("-C").arg(&unpacked))?;
    let share = unpacked.join(stem).join("share");
    pages::check(&share.join("man/man1"))?;
    pages::complete(&share)?;
    pages::magic(&share)?;
    for tool in &tools {
        let link = unpacked.join(stem).join("bin").join(tool);
        ensure!(link.is_symlink() && link.exists(), "{tool} is not linked in {}", file.display());
    }
    Ok(file)
}

fn zip(binary: &Path) -> Result<PathBuf> {
    let packed = contents(WINDOWS)?;
    fs::copy(binary, packed.join("execfmt.exe"))?;
    let share = scratch("dist-share")?;
    pages::write(&share)?;
    fs::copy(share.join("powershell/_execfmt.ps1"), packed.join("execfmt-completions.ps1"))?;
    let (parent, stem) = (packed.parent().context("a folder")?, packed.file_name().context("a name")?);
    let file = folder().join(stem).with_extension_added("zip");
    fs::remove_file(&file).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    run(program("zip", 60)
        .current_dir(parent)
        .args(["-q", "-X", "-r"])
        .arg(std::path::absolute(&file)?)
        .arg(stem))?;
    run(program("unzip", 60).arg("-tq").arg(&file))?;
    Ok(file)
}

/// A version contains full stops, so an extension is appended, not replaced.
trait ExtensionAdded {
    fn with_extension_added(self, extension: &str) -> PathBuf;
}

impl ExtensionAdded for PathBuf {
    fn with_extension_added(self, extension: &str) -> PathBuf {
        let mut name = self.into_os_string();
        name.push(".");
        name.push(extension);
        name.into()
    }
}

fn report(name: &str, binary: &Path, packed: &Path, started: Instant) -> Result<()> {
    let size = |path: &Path| fs::metadata(path).map(|metadata| metadata.len());
    println!(
        "{name}: {} bytes, {} packed, {:.0} s: {}",
        size(binary)?,
        size(packed)?,
        started.elapsed().as_secs_f64(),
        packed.display()
    );
    Ok(())
}
