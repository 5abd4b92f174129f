//! `cargo xtask cross`: the tests of the format crates, and the C library, on a 32-bit machine and on a big-endian one.
//!
//! Only Debian's packages and crates are fetched. Debian's archive has the Rust compiler in the oldest
//! version that this workspace promises to build with, and that version's standard library for each of its
//! machines; so a run also verifies the promise. They are unpacked in `target/cross` and not installed: apt
//! runs with a configuration of its own, and the system's is not changed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::archive::{Binutils, MEMORY_FUNCTIONS};
use crate::c::{self, Build, C89, CXX98, FREESTANDING, READING_ONLY};
use crate::debian::Archive;
use crate::library::{self, Kind};
use crate::shell::{cargo, program, root, run, scratch, stdout, target};
use crate::{apple, packages, windows};

/// The oldest supported Rust, `rust-version` of the workspace, which Debian 12 has.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");

/// A machine that is not this one.
struct Machine {
    name: &'static str,
    /// Debian's name for it.
    debian: &'static str,
    rust: &'static str,
    c: &'static str,
    cxx: &'static str,
    /// Options for the C compilers, when compiling and linking.
    flags: &'static [&'static str],
    /// The emulator for its programs, if this machine cannot run them.
    emulator: &'static [&'static str],
    /// The disassembler for its objects.
    binutils: Binutils,
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
        binutils: Binutils { prefix: "", emulation: &["-m", "elf_i386"] },
    },
    Machine {
        name: "s390x",
        debian: "s390x",
        rust: "s390x-unknown-linux-gnu",
        c: "s390x-linux-gnu-gcc-12",
        cxx: "s390x-linux-gnu-g++-12",
        flags: &[],
        emulator: &["qemu-s390x", "-L", "/usr/s390x-linux-gnu"],
        binutils: Binutils { prefix: "s390x-linux-gnu-", emulation: &[] },
    },
];

/// The crates that must not depend on the machine. Others in the workspace may need a newer Rust.
const CRATES: [&str; 13] = [
    "execfmt-common",
    "execfmt-elf",
    "execfmt-detect",
    "execfmt-view",
    "mips-coff",
    "mips-scan",
    "noff",
    "aout-minix",
    "elks-kernel",
    "os2-ne",
    "coyotos-image",
    "coyotos-mkimage",
    "execfmt-ffi",
];

/// Time limit for one test program, in seconds.
const LIMIT: &str = "600";

/// Tests that are skipped on emulated machines, since they would take minutes: the compressor's best level on
/// many programs (`every_level_is_right` has all levels, on small ones), and the laws of verdicts over
/// 100,000 mutations.
const TOO_LONG: [&str; 3] = [
    "a_compressed_file_is_the_same_program",
    "a_file_is_accepted_exactly_when_it_loads",
    "what_is_accepted_is_what_can_be_loaded",
];

/// Runs everything for all machines, or for the named one.
pub(crate) fn tests(only: Option<&str>) -> Result<()> {
    let chosen: Vec<_> =
        MACHINES.iter().filter(|machine| only.is_none_or(|name| name == machine.name)).collect();
    let ring_zero = only.is_none_or(|name| name == RING_ZERO);
    match only {
        Some(windows::NAME) => return windows::tests(),
        Some(apple::NAME) => return apple::tests(),
        _ => {}
    }
    let names = MACHINES.map(|machine| machine.name).join(", ");
    ensure!(
        !chosen.is_empty() || ring_zero,
        "no such machine; there are {names}, {RING_ZERO}, {}, {}",
        windows::NAME,
        apple::NAME
    );
    packages::install(packages::CROSS)?;
    if ring_zero {
        kernels()?;
    }
    if chosen.is_empty() {
        return Ok(());
    }
    let rust = rust()?;
    for machine in chosen {
        println!("== {}", machine.name);
        let started = Instant::now();
        // No documentation tests: they would be compiled by the newer rustdoc.
        let mut tests = machine.cargo(&rust);
        tests.args(["test", "--all-features", "--lib", "--tests"]);
        // Unoptimised code would take too long in the emulator. Overflow and debug assertions stay on.
        tests.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").env("CARGO_PROFILE_DEV_DEBUG", "none");
        tests.args(CRATES.iter().flat_map(|name| ["-p", name]));
        if !machine.emulator.is_empty() {
            execfmt_testkit::skipped(&TOO_LONG.join(", "), "too long where the machine is emulated");
            tests.arg("--").args(TOO_LONG.iter().flat_map(|name| ["--skip", name]));
        }
        run(&mut tests)?;
        machine.c_library(&rust).with_context(|| format!("the C library for {}", machine.name))?;
        println!("== {}: ok, {:.1} s", machine.name, started.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The C library for kernels, built for one of the machines.
pub(crate) fn kernel_library(name: &str) -> Result<PathBuf> {
    let machine = MACHINES.iter().find(|machine| machine.name == name).context("no such machine")?;
    let built = folder().join("build").join(machine.rust);
    library::build_by(machine.cargo(&rust()?), &built, Kind::Kernel, machine.binutils)
}

/// The name of the libraries for kernels in the list of machines.
const RING_ZERO: &str = "ring0";

/// The libraries for kernels, built for x86-64 without an operating system and for 32-bit kernels by this Rust.
fn kernels() -> Result<()> {
    println!("== {RING_ZERO}");
    let started = Instant::now();
    for target in &library::TARGETS {
        for kind in [Kind::Kernel, Kind::KernelBuilder] {
            let built = library::build_for(target, kind)?;
            let wanted = target.binutils.wanted(&built)?;
            let stranger = wanted.iter().find(|name| !MEMORY_FUNCTIONS.contains(&name.as_str()));
            ensure!(stranger.is_none(), "{}: {} refers to {stranger:?}", target.rust, built.display());
            if target.rust == "x86_64-unknown-none" {
                library::ring_zero(&built)?;
                top_of_memory(&built)?;
            } else {
                println!("{}: undefined symbols: {}", target.rust, wanted.join(", "));
            }
        }
    }
    println!("== {RING_ZERO}: ok, {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Linked at -2 GiB, as kernels are, with the kernel code model: every address is in reach.
fn top_of_memory(library: &Path) -> Result<()> {
    let binary = scratch("ring0")?.join("kernel");
    run(program("gcc", 60)
        .args(["-O1", "-ffreestanding", "-nostdlib", "-static", "-no-pie", "-fno-pie", "-mcmodel=kernel"])
        .args(["-mno-red-zone", "-mgeneral-regs-only", "-DEXECFMT_FREESTANDING", "-I"])
        .arg(root().join("include"))
        .args(["-Wl,-Ttext=0xffffffff80000000", "-Wl,--whole-archive"])
        .arg("-o")
        .arg(&binary)
        .arg(root().join("ffi/tests/c/freestanding.c"))
        .arg(library))?;
    println!("linked at -2 GiB");
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
            // Built once and run once; incremental state would take more space than the tests.
            .env("CARGO_INCREMENTAL", "0")
            // This compiler considers what only static assertions use to be dead code.
            .env("RUSTFLAGS", "-Adead_code")
            .env(format!("CARGO_TARGET_{name}_LINKER"), self.c)
            .env(format!("CARGO_TARGET_{name}_RUNNER"), runner);
        cargo
    }

    /// Both kinds of the C library, linked with the C and C++ programs of the tests.
    fn c_library(&self, rust: &Path) -> Result<()> {
        let built = folder().join("build").join(self.rust);
        let kernel = library::build_by(self.cargo(rust), &built, Kind::Kernel, self.binutils)?;
        let std = library::build_by(self.cargo(rust), &built, Kind::Std, self.binutils)?;
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

/// Debian's Rust compiler with the standard libraries of all machines, in our own folder; fetched if it does
/// not exist.
fn rust() -> Result<PathBuf> {
    let rust = folder().join(format!("rust-{RUST}"));
    if rust.exists() {
        return Ok(rust);
    }
    println!("fetching Debian's Rust {RUST} for {}", MACHINES.map(|machine| machine.name).join(" and "));
    let archive = Archive::open("bookworm", &MACHINES.map(|machine| machine.debian))?;
    let libraries = MACHINES.map(|machine| format!("libstd-rust-web-dev:{}", machine.debian));
    let compiler = ["rustc-web:amd64", "libllvm19:amd64", "libstd-rust-web-dev:amd64"].map(String::from);
    let runtime = format!("libstd-rust-web-{RUST}:amd64");
    archive.unpack(&[&compiler[..], &libraries, &[runtime]].concat(), &rust)?;
    let mut version = program(rust.join("usr/bin/rustc"), 60);
    let version = stdout(version.arg("-V").env("LD_LIBRARY_PATH", rust.join("usr/lib/x86_64-linux-gnu")))?;
    ensure!(
        version.starts_with(&format!("rustc {RUST}.")),
        "Debian has {version}, but Rust {RUST} is required"
    );
    Ok(rust)
}
