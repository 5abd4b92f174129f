//! Debian's archive, separate from this system's own packages: what is fetched is unpacked in target/, never
//! installed, and the system's apt configuration is not changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::shell::{cargo, cargo_of, exists, program, run, scratch, stdout, target};

const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// An archive with the machines whose packages are needed, and a configuration of apt for it.
pub(crate) struct Archive {
    folder: PathBuf,
    configuration: PathBuf,
}

impl Archive {
    /// Fetches the lists of a suite such as `bookworm` for machines by Debian's names.
    pub(crate) fn open(suite: &str, machines: &[&str]) -> Result<Self> {
        ensure!(
            exists("apt-get") && Path::new(KEYS).exists() && cfg!(target_arch = "x86_64"),
            "this needs apt-get and the keys of Debian's archive on x86-64: run it in Debian, for example in a container"
        );
        let folder = scratch(&format!("apt-{suite}"))?;
        fs::create_dir_all(folder.join("lists/partial"))?;
        fs::create_dir_all(folder.join("archives/partial"))?;
        fs::write(folder.join("status"), "")?;
        let source = format!("deb [signed-by={KEYS}] http://deb.debian.org/debian {suite} main\n");
        fs::write(folder.join("sources.list"), source)?;
        let machines: String = machines.iter().map(|machine| format!(" \"{machine}\";")).collect();
        let place = folder.display();
        // The hooks of the system's configuration, which is read first, do not apply here.
        let text = format!(
            "#clear APT::Update;\n#clear DPkg;\n#clear APT::Architectures;\nAPT::Architecture \"amd64\";\n\
             APT::Architectures {{ \"amd64\";{machines} }};\nAPT::Sandbox::User \"root\";\n\
             Acquire::Languages \"none\";\nAcquire::Retries \"3\";\nDir::State \"{place}\";\n\
             Dir::State::status \"{place}/status\";\nDir::Cache \"{place}\";\n\
             Dir::Etc::sourcelist \"{place}/sources.list\";\nDir::Etc::sourceparts \"/dev/null\";\n\
             Dir::Etc::preferences \"/dev/null\";\nDir::Etc::preferencesparts \"/dev/null\";\n"
        );
        let configuration = folder.join("apt.conf");
        fs::write(&configuration, text)?;
        let archive = Self { folder, configuration };
        run(archive.apt("apt-get").args(["-qq", "update"]))?;
        Ok(archive)
    }

    fn apt(&self, name: &str) -> Command {
        let mut command = program(name, 600);
        command.current_dir(&self.folder).arg("-c").arg(&self.configuration);
        command
    }

    /// The newest version of a package with a given prefix.
    pub(crate) fn version(&self, package: &str, beginning: &str) -> Result<String> {
        let listed = stdout(self.apt("apt-cache").args(["madison", package]))?;
        let mut versions = listed.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
        let found = versions.find(|version| version.starts_with(beginning));
        found
            .map(String::from)
            .with_context(|| format!("Debian has no {package} {beginning}; it has:\n{listed}"))
    }

    /// Fetches packages and unpacks them into a folder, which is then complete or absent.
    pub(crate) fn unpack(self, packages: &[String], into: &Path) -> Result<()> {
        let name = into.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let part = scratch(&format!("{name}.part"))?;
        run(self.apt("apt-get").args(["-qq", "download"]).args(packages))?;
        for file in fs::read_dir(&self.folder)? {
            let file = file?.path();
            if file.extension().is_some_and(|extension| extension == "deb") {
                run(program("dpkg", 300).arg("-x").arg(file).arg(&part))?;
            }
        }
        fs::remove_dir_all(&self.folder)?;
        if let Some(parent) = into.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::rename(&part, into).with_context(|| into.display().to_string())
    }
}

/// A cargo that builds for a target, and whether it also builds these parts of the standard library: if this
/// Rust has none for the target.
pub(crate) fn cargo_for(rust: &str, parts: &str) -> Result<(Command, bool)> {
    let libraries = program("rustc", 60).args(["--print", "target-libdir", "--target", rust]).output()?;
    let libraries = PathBuf::from(String::from_utf8_lossy(&libraries.stdout).trim());
    // rustup leaves an empty folder where a target was removed.
    let installed = fs::read_dir(&libraries).is_ok_and(|mut files| files.next().is_some());
    let mut command = if installed { cargo() } else { cargo_of(&rust_with_sources()?) };
    if !installed {
        command.arg(format!("-Zbuild-std={parts}"));
    }
    command.env("CARGO_BUILD_TARGET", rust);
    Ok((command, !installed))
}

/// A flag of rustc for [`smallest`]: unwinding tables are of no use if a panic ends the program.
pub(crate) const NO_TABLES: &str = "-Cforce-unwind-tables=no";

/// A cargo that builds for a target in the fewest bytes: with a standard library compiled for size, without what names the functions
/// of a backtrace, since a program without symbols has no names. Without its sources, with the installed library.
pub(crate) fn smallest(rust: &str) -> Result<Command> {
    let mut command = match rust_with_sources() {
        Ok(toolchain) => {
            let mut command = cargo_of(&toolchain);
            command.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
            command
        }
        Err(error) => {
            println!("the installed standard library is used, which is larger: {error:#}");
            cargo_for(rust, "std,panic_abort")?.0
        }
    };
    command.env("CARGO_BUILD_TARGET", rust);
    Ok(command)
}

/// This Rust with the sources of its standard library, so that `-Zbuild-std` builds it for any target.
///
/// rustup would fetch them; Debian has the sources of the same version.
pub(crate) fn rust_with_sources() -> Result<PathBuf> {
    let sysroot = PathBuf::from(stdout(program("rustc", 60).args(["--print", "sysroot"]))?.trim());
    let sources = "lib/rustlib/src/rust/library";
    if sysroot.join(sources).join("Cargo.lock").exists() {
        return Ok(sysroot);
    }
    let version = stdout(program("rustc", 60).arg("-V"))?;
    let version = version.split_whitespace().nth(1).context("rustc -V")?.to_string();
    let toolchain = target().join(format!("toolchain/rust-{version}"));
    if toolchain.exists() {
        return Ok(toolchain);
    }
    println!("fetching the sources of Rust {version}'s standard library from Debian");
    let archive = Archive::open("trixie-backports", &[])?;
    let package = archive.version("rust-src", &format!("{version}+"))?;
    let unpacked = target().join("toolchain/rust-src");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked)?;
    }
    archive.unpack(&[format!("rust-src={package}")], &unpacked)?;
    let part = scratch("toolchain.part")?;
    // Links where the file system allows it: a toolchain has more than a GB.
    let copied = part.join("rust");
    let linked = program("cp", 600).arg("-al").arg(&sysroot).arg(&copied).status()?;
    if !linked.success() {
        fs::remove_dir_all(&copied).ok();
        run(program("cp", 600).arg("-a").arg(&sysroot).arg(&copied))?;
    }
    let place = copied.join("lib/rustlib/src/rust");
    fs::create_dir_all(&place)?;
    let from = unpacked.join(format!("usr/src/rustc-{version}/library"));
    run(program("cp", 600).arg("-a").arg(&from).arg(&place))?;
    fs::remove_dir_all(&unpacked)?;
    fs::rename(&copied, &toolchain).with_context(|| toolchain.display().to_string())?;
    Ok(toolchain)
}
