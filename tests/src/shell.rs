//! Other programs, run with a time limit and without standard input.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A new, empty folder for the output of a step of `cargo xtask`; a test uses a [`Scratch`](crate::scratch::Scratch).
pub fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target().join("xtask").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    Ok(folder)
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Cargo, in the root of the repository. It must not download a toolchain.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).stdin(Stdio::null()).env("RUSTUP_DIST_SERVER", "http://127.0.0.1:9");
    // Set by the cargo that runs xtask; the one started here must decide for itself.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command.envs(execfmt_testkit::collecting());
    command
}

/// The cargo of a toolchain in a folder, with its own compiler and the flags of nightly.
pub fn cargo_of(toolchain: &Path) -> Command {
    let mut command = Command::new(toolchain.join("bin/cargo"));
    command.current_dir(root()).stdin(Stdio::null()).env("RUSTC", toolchain.join("bin/rustc"));
    // rustup sets these to its own toolchain, by which rustc would find the other sysroot.
    command.env_remove("LD_LIBRARY_PATH").env_remove("RUSTUP_TOOLCHAIN").env("RUSTC_BOOTSTRAP", "1");
    command
}

/// A program that is stopped after this many seconds.
pub fn program(name: impl AsRef<OsStr>, seconds: u32) -> Command {
    let mut command = Command::new("timeout");
    command.arg("--kill-after=5").arg(seconds.to_string()).arg(name);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Whether a program can be started.
pub fn exists(name: &str) -> bool {
    let probe = Command::new("sh").args(["-c", "command -v \"$0\"", name]).stdin(Stdio::null()).output();
    probe.is_ok_and(|output| output.status.success())
}

/// Runs a command; its output goes where ours does.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", words(command)))?;
    ensure!(status.success(), "{status}: {}", words(command));
    Ok(())
}

/// Runs a command and returns its output.
pub fn output(command: &mut Command) -> Result<Output> {
    command.output().with_context(|| format!("cannot start {}", words(command)))
}

/// Runs a command that must succeed, and returns its output.
pub fn stdout(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    if !output.status.success() {
        bail!("{}: {}\n{}", output.status, words(command), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command, whose output and exit status must be exactly these.
pub fn expect_run(command: &mut Command, prints: &str, exits: i32) -> Result<()> {
    let ran = output(command)?;
    let (printed, said) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    ensure!(
        ran.status.code() == Some(exits) && printed == prints && said.is_empty(),
        "{}: {} and not {exits}, printed {printed:?} and not {prints:?}; {said}",
        words(command),
        ran.status
    );
    Ok(())
}

fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// The command `execfmt`, built without optimisation.
pub fn execfmt() -> Result<PathBuf> {
    built(&["-p", "execfmt"], "debug/execfmt")
}

/// An example of a crate, built with a feature or without.
pub fn example(package: &str, name: &str, feature: &str) -> Result<PathBuf> {
    let arguments = ["-p", package, "--example", name, "--features", feature];
    built(&arguments, &format!("debug/examples/{name}"))
}

/// A file that cargo builds below the target folder, built once per process.
fn built(arguments: &[&str], place: &str) -> Result<PathBuf> {
    static BUILT: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    let mut all = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let path = target().join(place);
    if !all.contains(&path) {
        run(cargo().args(["build", "--quiet"]).args(arguments))?;
        all.push(path.clone());
    }
    Ok(path)
}
