//! `cargo xtask cross`: the tests of the format crates, and the C library, on a 32-bit machine and on a big-endian one.
//!
//! Nothing but Debian's packages and crates is fetched. Debian's archive has the Rust compiler in the oldest version that
//! this workspace promises to build with, and that version's standard library for each of its machines; so a run also
//! holds the promise. They are unpacked in `target/cross` and not installed: apt is asked with a configuration of its
//! own, and the system's stays as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::c::{self, Build, C89, CXX98, FREESTANDING, READING_ONLY};
use crate::packages;
use crate::shell::{cargo, exists, program, run, scratch, stdout, target};

/// The oldest Rust that will do, `rust-version` of the workspace, which Debian 12 has.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");

/// A machine that is not this one.
struct Machine {
    name: &'static str,
    /// Debian's name.
    debian: &'static str,
    rust: &'static str,
    c: &'static str,
    cxx: &'static str,
    /// What the C compilers must be told, when compiling and linking.
    flags: &'static [&'static str],
    /// What runs its programs, if this machine does not.
    emulator: &'static [&'static str],
}

const MACHINES: [Machine; 2] = [
    Machine {
        name: "i686",
        debian: "i386",
        rust: "i686-unknown-linux-gnu",
        c: "gcc-12",
        cxx: "g++-12",
        flags: &["-m32", "-idirafter", "/usr/include/x86_64-linux-gnu"],
        emulator: &[],
    },
    Machine {
        name: "s390x",
        debian: "s390x",
        rust: "s390x-unknown-linux-gnu",
        c: "s390x-linux-gnu-gcc-12",
        cxx: "s390x-linux-gnu-g++-12",
        flags: &[],
        emulator: &["qemu-s390x", "-L", "/usr/s390x-linux-gnu"],
    },
];

/// The crates that must not care what machine they are on. What else is in the workspace may need a newer Rust.
const CRATES: [&str; 6] =
    ["execfmt-common", "execfmt-elf32", "noff", "aout-minix", "coyotos-image", "execfmt-ffi"];

/// How long one program of tests may run, in seconds.
const LIMIT: &str = "600";

/// What is left out where programs are emulated: the compressor's best level, on many programs, would take minutes.
/// `every_level_is_right` has all levels, on small ones.
const TOO_LONG: &str = "a_compressed_file_is_the_same_program";

/// Runs everything for all machines, or for the one that is named.
pub(crate) fn tests(only: Option<&str>) -> Result<()> {
    let chosen: Vec<_> =
        MACHINES.iter().filter(|machine| only.is_none_or(|name| name == machine.name)).collect();
    let names = MACHINES.map(|machine| machine.name).join(", ");
    ensure!(!chosen.is_empty(), "no such machine; there are {names}");
    packages::install(packages::CROSS)?;
    let rust = rust()?;
    for machine in chosen {
        println!("== {}", machine.name);
        let started = Instant::now();
        // No documentation tests: they would be compiled by the newer rustdoc.
        let mut tests = machine.cargo(&rust);
        tests.args(["test", "--all-features", "--lib", "--tests"]);
        // What is emulated would take too long unoptimised. Overflow and debug assertions stay on.
        tests.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
        tests.args(CRATES.iter().flat_map(|name| ["-p", name]));
        if !machine.emulator.is_empty() {
            println!("left out, being emulated: {TOO_LONG}");
            tests.args(["--", "--skip", TOO_LONG]);
        }
        run(&mut tests)?;
        machine.c_library(&rust).with_context(|| format!("the C library for {}", machine.name))?;
        println!("== {}: fine, {:.1} s", machine.name, started.elapsed().as_secs_f64());
    }
    Ok(())
}

impl Machine {
    /// Cargo, as it builds for this machine and runs what it built.
    fn cargo(&self, rust: &Path) -> Command {
        let name = self.rust.to_uppercase().replace('-', "_");
        let runner = [&["timeout", "--kill-after=5", LIMIT], self.emulator].concat().join(" ");
        let mut cargo = cargo();
        cargo
            .env("RUSTC", rust.join("usr/bin/rustc"))
            .env("LD_LIBRARY_PATH", rust.join("usr/lib/x86_64-linux-gnu"))
            .env("CARGO_TARGET_DIR", folder().join("build"))
            .env("CARGO_BUILD_TARGET", self.rust)
            // This compiler takes for dead what only static assertions use.
            .env("RUSTFLAGS", "-Adead_code")
            .env(format!("CARGO_TARGET_{name}_LINKER"), self.c)
            .env(format!("CARGO_TARGET_{name}_RUNNER"), runner);
        cargo
    }

    /// The C library of either kind, linked with the C and C++ programs of the tests.
    fn c_library(&self, rust: &Path) -> Result<()> {
        let built = folder().join("build").join(self.rust);
        let kernel = c::library_by(self.cargo(rust), &built)?;
        let std = c::library_with_std_by(self.cargo(rust), &built)?;
        let folder = scratch(&format!("cross-{}", self.name))?;
        let images = c::coyotos_images(&folder)?;
        let programs = [
            (FREESTANDING, &kernel, ["noff_c89.c", "aout_c89.c", "compress_c89.c"].as_slice()),
            (C89, &std, &["noff_c89.c", "aout_c89.c", "compress_c89.c", "coyotos_c89.c"]),
            (CXX98, &std, &["noff_cxx98.cpp", "aout_cxx98.cpp", "coyotos_cxx98.cpp"]),
            // Last: it reads symbols.img, which the others write.
            (READING_ONLY, &kernel, &["coyotos_c89.c"]),
        ];
        let programs = programs.iter().flat_map(|(flags, library, sources)| {
            sources.iter().map(move |&source| (*flags, *library, source))
        });
        for (number, (flags, library, source)) in programs.enumerate() {
            let binary = folder.join(format!("test{number}"));
            let compiler = if source.ends_with(".cpp") { self.cxx } else { self.c };
            let system =
                [self.flags, if library == &std { &["-lpthread", "-ldl", "-lm"] } else { &[] }].concat();
            c::compile(&Build { compiler, flags, source }, &binary, library, &system)?;
            let mut test = match self.emulator {
                [emulator, arguments @ ..] => {
                    let mut test = program(emulator, 120);
                    test.args(arguments).arg(&binary);
                    test
                }
                [] => program(&binary, 60),
            };
            if source.starts_with("coyotos") {
                test.args(&images).arg(folder.join("symbols.img"));
            }
            let said = stdout(&mut test)?;
            let kind = if library == &std { "with std" } else { "for kernels" };
            println!("{compiler} {source}, library {kind}: {}", said.lines().last().unwrap_or(""));
        }
        Ok(())
    }
}

/// Where the compiler is, and what it builds.
fn folder() -> PathBuf {
    target().join("cross")
}

/// Debian's Rust compiler with the standard libraries of all machines, in a folder of ours; fetched if it is not there.
fn rust() -> Result<PathBuf> {
    let rust = folder().join(format!("rust-{RUST}"));
    if rust.exists() {
        return Ok(rust);
    }
    let keys = Path::new("/usr/share/keyrings/debian-archive-keyring.gpg");
    ensure!(
        exists("apt-get") && keys.exists() && cfg!(target_arch = "x86_64"),
        "this needs apt-get and the keys of Debian's archive on x86-64: run it in Debian 12, for example in a container"
    );
    println!("fetching Debian's Rust {RUST} for {}", MACHINES.map(|machine| machine.name).join(" and "));
    let debs = scratch("cross-packages")?;
    let part = scratch("cross-rust")?;
    let apt = configuration()?;
    let apt_get = || {
        let mut command = program("apt-get", 600);
        command.current_dir(&debs).args(["-qq", "-c"]).arg(&apt);
        command
    };
    run(apt_get().arg("update"))?;
    let libraries = MACHINES.map(|machine| format!("libstd-rust-web-dev:{}", machine.debian));
    run(apt_get()
        .arg("download")
        .args(["rustc-web:amd64", "libllvm19:amd64", "libstd-rust-web-dev:amd64"])
        .arg(format!("libstd-rust-web-{RUST}:amd64"))
        .args(libraries))?;
    for deb in fs::read_dir(&debs)? {
        run(program("dpkg", 300).arg("-x").arg(deb?.path()).arg(&part))?;
    }
    let mut version = program(part.join("usr/bin/rustc"), 60);
    let version = stdout(version.arg("-V").env("LD_LIBRARY_PATH", part.join("usr/lib/x86_64-linux-gnu")))?;
    ensure!(
        version.starts_with(&format!("rustc {RUST}.")),
        "Debian has {version}, and Rust {RUST} is wanted"
    );
    fs::remove_dir_all(&debs)?;
    apt.parent().map_or(Ok(()), fs::remove_dir_all)?;
    fs::create_dir_all(folder())?;
    // In one step, so that what is there is whole.
    fs::rename(&part, &rust).with_context(|| format!("{}", rust.display()))?;
    Ok(rust)
}

/// A configuration with which apt knows the archive of Debian 12 for all machines, and nothing of this system's packages.
fn configuration() -> Result<PathBuf> {
    let folder = scratch("cross-apt")?;
    fs::create_dir_all(folder.join("lists/partial"))?;
    fs::create_dir_all(folder.join("archives/partial"))?;
    fs::write(folder.join("status"), "")?;
    fs::write(
        folder.join("sources.list"),
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main\n",
    )?;
    let machines = MACHINES.map(|machine| format!("\"{}\";", machine.debian)).join(" ");
    let place = folder.display();
    // The hooks of the system's configuration, which is read first, are not for this.
    let text = format!(
        "#clear APT::Update;\n#clear DPkg;\n#clear APT::Architectures;\nAPT::Architecture \"amd64\";\n\
         APT::Architectures {{ \"amd64\"; {machines} }};\nAPT::Sandbox::User \"root\";\n\
         Acquire::Languages \"none\";\nAcquire::Retries \"3\";\nDir::State \"{place}\";\n\
         Dir::State::status \"{place}/status\";\nDir::Cache \"{place}\";\n\
         Dir::Etc::sourcelist \"{place}/sources.list\";\nDir::Etc::sourceparts \"/dev/null\";\n\
         Dir::Etc::preferences \"/dev/null\";\nDir::Etc::preferencesparts \"/dev/null\";\n"
    );
    let file = folder.join("apt.conf");
    fs::write(&file, text)?;
    Ok(file)
}
