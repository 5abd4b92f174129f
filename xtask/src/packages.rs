//! The Debian packages that the tests need.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::shell::{exists, run};

/// Packages, each with its purpose. `-N` in a name stands for the version of Debian's gcc, which packages of
/// another version do not match; the compilers for other machines have names that are the same in each
/// Debian.
pub(crate) type Packages = &'static [(&'static str, &'static str)];

/// For tasks that need only Rust.
pub(crate) const NONE: Packages = &[];

/// What `cargo xtask test` needs.
pub(crate) const TEST: Packages = &[
    ("gcc", "C tests"),
    ("g++", "C++ tests, the Nachos machine"),
    ("libc6-dev", "C tests"),
    ("gcc-N-multilib", "C tests with -m32"),
    ("g++-N-multilib", "C++ tests with -m32"),
    ("clang", "C and C++ tests, and course trees, with a second compiler"),
    ("llvm", "the ar, nm and objdump of clang, for the course trees"),
    ("tcc", "C tests with a third compiler"),
    ("valgrind", "C tests"),
    ("make", "Nachos user programs"),
    ("gcc-mipsel-linux-gnu", "Nachos user programs"),
    ("binutils-mips-linux-gnu", "links Nachos programs of Rennes for qemu"),
    ("qemu-user", "runs Nachos programs of Rennes"),
    ("bcc", "ELKS programs"),
    ("bin86", "ELKS programs"),
    ("elks-libc", "ELKS programs"),
    ("libunicorn-dev", "the machines that run Nachos, ELKS and Coyotos programs"),
    ("zlib1g-dev", "the machine that runs Coyotos programs"),
    ("gcc-m68k-linux-gnu", "ColdFire programs for Coyotos"),
    ("gcc-arm-linux-gnueabi", "ARM programs for Coyotos"),
    ("gdb", "the side files of Coyotos programs"),
    ("gdb-multiarch", "converted programs for MIPS"),
    ("fish", "its completions"),
    ("zsh", "its completions"),
    ("strace", "the command killed and refused at each system call"),
];

/// What the course trees need.
pub(crate) const COURSES: Packages = &[
    ("g++", "the Nachos machine"),
    ("libunicorn-dev", "the Nachos machine"),
    ("make", "the trees' own Makefiles"),
    ("gcc-mipsel-linux-gnu", "their programs"),
    ("clang", "their programs by a second compiler"),
    ("llvm", "the ar, nm and objdump of clang"),
];

/// What the sessions of the README need.
pub(crate) const README: Packages = &[
    ("g++", "its C++"),
    ("bcc", "programs for ELKS"),
    ("bin86", "programs for ELKS"),
    ("elks-libc", "programs for ELKS"),
    ("make", "a course tree's own Makefile"),
    ("gcc-mipsel-linux-gnu", "the programs of a course tree"),
];

/// What the record of the ABI needs.
pub(crate) const ABI: Packages =
    &[("gcc", "C programs"), ("libc6-dev", "C programs"), ("gcc-N-multilib", "32-bit C programs")];

/// What `cargo xtask cross windows` needs.
pub(crate) const WINDOWS: Packages = &[
    ("gcc-mingw-w64-x86-64", "programs for Windows"),
    ("wine", "runs programs for Windows"),
    ("wine64", "runs programs for Windows"),
];

/// What `cargo xtask dist` needs besides.
pub(crate) const DIST: Packages = &[
    ("gcc", "linking for x86-64"),
    ("libc6-dev", "linking for x86-64"),
    ("gcc-12-multilib", "linking for i686"),
    ("gcc-12-aarch64-linux-gnu", "linking for arm64"),
    ("libc6-dev-arm64-cross", "linking for arm64"),
    ("qemu-user", "runs programs for arm64"),
    ("zip", "the archive for Windows"),
    ("unzip", "the archive for Windows"),
    ("man-db", "the manual pages"),
    ("groff-base", "the manual pages"),
    ("file", "the formats' names"),
];

/// What the test of the installed library needs.
pub(crate) const INSTALL: Packages = &[
    ("gcc", "C programs"),
    ("libc6-dev", "C programs"),
    ("pkg-config", "programs that find the library"),
    ("cmake", "programs that find the library"),
    ("man-db", "the manual pages"),
    ("groff-base", "the manual pages"),
    ("file", "the formats' names"),
];

/// What `cargo xtask fresh` needs.
pub(crate) const FRESH: Packages = &[("debootstrap", "a fresh Debian"), ("git", "a clone")];

/// What `cargo xtask prove` needs.
pub(crate) const PROVE: Packages = &[
    ("gcc", "the program that is proved"),
    ("python3-venv", "the environment of the proofs"),
    ("patch", "planted faults"),
];

/// What `cargo xtask coverage` needs.
pub(crate) const COVERAGE: Packages = &[("llvm-22", "the counters of rustc 1.95")];
/// What `cargo xtask wheel` needs.
pub(crate) const WHEEL: Packages = &[
    ("gcc", "what runs while building"),
    ("python3-venv", "the environments that it is built and tested in"),
];

/// What `cargo xtask kaitai` needs where there is no npm.
pub(crate) const KAITAI: Packages =
    &[("npm", "the compiler of the descriptions"), ("python3-venv", "what they are compiled to")];

/// What `cargo xtask workflows` needs where it is not there.
pub(crate) const WORKFLOWS: Packages = &[
    ("npm", "the linter of workflow files"),
    ("jq", "the action that checks programs"),
    ("curl", "the action that checks programs"),
];

/// What `cargo xtask cross apple` needs.
pub(crate) const APPLE: Packages = &[("gcc", "what runs while building"), ("python3-venv", "the linker")];

/// What `cargo xtask web --test` needs besides Node.js.
pub(crate) const WEB: Packages =
    &[("chromium", "the page in a browser"), ("fonts-dejavu-core", "its letters")];

/// What `cargo xtask links` needs.
pub(crate) const LINKS: Packages = &[
    ("gcc", "C programs"),
    ("g++", "C++ programs"),
    ("libc6-dev", "C programs"),
    ("clang", "a second compiler"),
    ("tcc", "a third compiler"),
    ("lld", "a second linker"),
    ("mold", "a third linker"),
];

/// What `cargo xtask cross` needs.
pub(crate) const CROSS: Packages = &[
    ("gcc", "linking of what runs while building"),
    ("libc6-dev", "linking of what runs while building"),
    ("gcc-12-multilib", "programs for i686"),
    ("g++-12-multilib", "C++ programs for i686"),
    ("gcc-12-s390x-linux-gnu", "programs for s390x"),
    ("g++-12-s390x-linux-gnu", "C++ programs for s390x"),
    ("libc6-dev-s390x-cross", "programs for s390x"),
    ("qemu-user", "runs programs for s390x"),
    ("libedit2", "Debian's Rust compiler"),
    ("libxml2", "Debian's Rust compiler"),
    ("libz3-4", "Debian's Rust compiler"),
];

/// Those that are not installed in this Debian; on other systems all of them.
pub(crate) fn missing(packages: Packages) -> Vec<String> {
    packages.iter().map(|(name, _)| in_this_debian(name)).filter(|name| !installed(name)).collect()
}

fn in_this_debian(name: &str) -> String {
    match name.split_once("-N") {
        Some((before, after)) => format!("{before}-{}{after}", gcc_version().unwrap_or_else(|| "12".into())),
        None => name.into(),
    }
}

/// The version that the package gcc depends on, from Debian's lists or, without lists, from the package
/// itself.
fn gcc_version() -> Option<String> {
    let depends = Command::new("apt-cache").args(["depends", "gcc"]).stdin(Stdio::null()).output().ok()?;
    let depends = String::from_utf8_lossy(&depends.stdout).into_owned();
    let versions = depends.lines().filter_map(|line| line.trim().strip_prefix("Depends: gcc-"));
    versions.filter(|version| version.parse::<u32>().is_ok()).map(String::from).next()
}

/// Installs what is missing on Debian as root; elsewhere reports what to type.
pub(crate) fn install(packages: Packages) -> Result<()> {
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !exists("apt-get") {
        bail!("this needs what Debian calls {list}; install these and run it again");
    }
    if !is_root() {
        bail!(
            "missing packages; run: sudo apt-get update && sudo apt-get install -y --no-install-recommends {list}"
        );
    }
    println!("installing {list}");
    run(apt_get().arg("update"))?;
    // Resolved again: without lists the Debian names were unknown.
    let missing = self::missing(packages);
    run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(missing))
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command
        .args(["-qq", "-o", "DPkg::Lock::Timeout=300"])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null());
    command
}

fn installed(package: &str) -> bool {
    let query = Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]).output();
    // While something else is being installed, triggers of this package may be pending; it is installed all
    // the same.
    let there: [&[u8]; 3] = [b"installed", b"triggers-pending", b"triggers-awaited"];
    query.is_ok_and(|output| there.contains(&output.stdout.as_slice()))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}
