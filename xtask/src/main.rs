//! `cargo xtask`: the entry point for development tasks. CI calls the same commands.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod abi;
mod apple;
mod bench;
mod corpora;
mod courses;
mod coverage;
mod crates;
mod cross;
mod deb;
mod debian;
mod dist;
mod doubling;
mod fresh;
mod fuzz;
mod header_text;
mod headers;
mod install;
mod kaitai;
mod library;
mod links;
mod machine;
mod mutants;
mod packages;
mod pages;
mod panics;
mod parallel;
mod plant;
mod planted;
mod prove;
mod python;
mod readme;
mod seabios;
mod site;
mod skips;
mod test;
mod tools;
mod user;
mod web;
mod web_test;
mod wheel;
mod windows;
mod workflows;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use execfmt_system_tests::{archive, c, c_headers, nachos, shell};

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every check. Installs the Debian packages that it needs.
    Test {
        /// Install nothing, and skip checks whose tools are missing; needs neither root nor Debian.
        #[arg(long)]
        no_install: bool,
        /// Run only these steps.
        #[arg(value_name = "STEP")]
        only: Vec<String>,
    },
    /// Regenerate the C headers in include/ from the ffi crate.
    Headers {
        /// Only check whether they are up to date.
        #[arg(long)]
        check: bool,
    },
    /// Run the tests of the format crates, and the C library, on a 32-bit and on a big-endian machine, built
    /// by the oldest supported Rust. Installs the Debian packages that it needs.
    Cross {
        /// Only this one: i686, s390x, ring0; or windows or apple, which run only when named.
        machine: Option<String>,
    },
    /// Rewrite the record of the C library's ABI, ffi/abi.txt.
    Abi {
        /// Even if this version is recorded with another ABI: it is not released yet.
        #[arg(long)]
        unreleased: bool,
    },
    /// Package the command for users without Rust, in target/dist: static for Linux, for Windows, and for
    /// macOS, where it is untested. Or install the C library: static and shared, headers, pkg-config and
    /// CMake files, manual pages; and the command's manual pages and completions.
    Dist {
        /// Only this one: linux-x86_64, linux-i686, linux-arm64, windows-x86_64, macos-arm64 or macos-x86_64.
        system: Option<String>,
        /// Instead of packaging: the folder under which to create lib, include and share of the C library.
        #[arg(long, conflicts_with = "system")]
        prefix: Option<std::path::PathBuf>,
    },
    /// Link the C library the way other people's builds do.
    Links,
    /// Build the C library as a single file to link: by default for kernels, without std and libc.
    Library {
        /// With the builder of Coyotos images, whose memory comes from the caller.
        #[arg(long, conflicts_with = "std")]
        builder: bool,
        /// For programs on an operating system: all functions, with std.
        #[arg(long)]
        std: bool,
        /// For this target: x86_64-unknown-none (ring 0: no red zone, no SSE) or i686-unknown-linux-gnu.
        #[arg(long)]
        target: Option<String>,
        /// The file to write.
        #[arg(short, long)]
        output: std::path::PathBuf,
    },
    /// Run the README's two commands on a freshly installed Debian, in a folder below target/fresh: 12 and
    /// 13. Installs debootstrap; needs root.
    Fresh {
        /// Only this one: 12 or 13.
        debian: Option<String>,
    },
    /// Use the packages as a user without Rust does, on a freshly installed Debian in a folder below target/fresh: 12 and 13.
    /// Installs the .deb and the wheel, follows the start pages, opens the manual pages. Installs debootstrap; needs root.
    Try {
        /// Only this one: 12 or 13.
        debian: Option<String>,
    },
    /// Run the fuzz targets, all or the named one, under AddressSanitizer.
    Fuzz {
        /// The target.
        target: Option<String>,
        /// Duration of each run in seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Minimise what the fuzz targets found here, all or the named one, to small corpora to commit: fuzz/corpora.
    Corpora {
        /// The target.
        target: Option<String>,
    },
    /// Measure which regions of the format crates the inputs of the fuzz targets reach alone, and which the
    /// tests reach.
    Coverage {
        /// Only the inputs of the fuzz targets.
        #[arg(long)]
        corpus_only: bool,
    },
    /// Mutate the code, and check that a test notices each change. Takes hours.
    Mutants {
        /// A share, for example 3/40: every fortieth mutant, starting with the fourth.
        #[arg(long)]
        shard: Option<String>,
        /// Only of these crates.
        #[arg(value_name = "CRATE")]
        crates: Vec<String>,
    },
    /// Plant defects in a copy of the sources, one at a time, and report which test and which fuzz target
    /// notices each, and when (docs/testing.md).
    Plant {
        /// Only these, by the names of their patches in fuzz/plants.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Build the Python package as a wheel for every Linux of the last ten years, in target/wheels, install it in a fresh
    /// environment, and test it against the command.
    Wheel,
    /// Compile the Kaitai Struct descriptions in contrib/kaitai, and compare their results with the
    /// command's, for all test data and for damaged files.
    Kaitai,
    /// Lint the workflow files, and run the scripts of the action that checks programs for a course.
    Workflows,
    /// Write the current output of their commands into the README's sessions.
    Readme,
    /// Build the documentation as a site in target/site, and check its links. Installs mdBook if it is
    /// missing.
    Site,
    /// Prove by linking that the C library for kernels cannot panic at other optimisation levels, and that a
    /// panic planted in each crate is noticed.
    Panics,
    /// Prove functions of the C library correct for every input, from their machine code (docs/proof.md).
    Prove {
        /// Only these proofs, by their names.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Only the proofs that take seconds.
        #[arg(long)]
        quick: bool,
        /// Then plant faults, one at a time in a copy, each of which must be found.
        #[arg(long)]
        faults: bool,
        /// Only plant the faults, for proofs that were complete.
        #[arg(long)]
        only_faults: bool,
    },
    /// Write the input of a case of `bench doubling`.
    #[command(hide = true)]
    DoublingInput { case: usize, count: usize, file: std::path::PathBuf },
    /// Build the web page, as a folder and as one file, and the npm package, in target/web.
    Web {
        /// Then test them: the page in headless Chromium, the package in Node.
        #[arg(long)]
        test: bool,
    },
    /// Run benchmarks, side by side and as ratios.
    Bench {
        /// Only these parts: library, loading, command, check, sizes, compress, courses, coyotos, doubling.
        #[arg(value_name = "PART")]
        only: Vec<String>,
        /// Write the results into docs/benchmarks.md.
        #[arg(long)]
        markdown: bool,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Test { only, no_install } => test::steps(&only, no_install),
        Command::Headers { check } => headers::write(check),
        Command::Cross { machine } => cross::tests(machine.as_deref()),
        Command::Abi { unreleased } => abi::check(true, unreleased),
        Command::Dist { prefix: Some(prefix), .. } => install::prefix(&prefix),
        Command::Dist { prefix: None, system } => dist::binaries(system.as_deref()),
        Command::Links => links::matrix(),
        Command::Library { builder, std, target, output } => {
            let kind = match (std, builder) {
                (true, _) => library::Kind::Std,
                (_, true) => library::Kind::KernelBuilder,
                _ => library::Kind::Kernel,
            };
            library::command(kind, target.as_deref(), &output)
        }
        Command::Fresh { debian } => fresh::machines(debian.as_deref()),
        Command::Try { debian } => user::machines(debian.as_deref()),
        Command::Fuzz { target, seconds } => fuzz::targets_for(target.as_deref(), seconds),
        Command::Corpora { target } => corpora::minimise(target.as_deref()),
        Command::Coverage { corpus_only } => coverage::command(corpus_only),
        Command::Mutants { shard, crates } => mutants::command(&crates, shard.as_deref()),
        Command::Plant { names } => planted::command(&names),
        Command::Wheel => wheel::build_and_test(),
        Command::Kaitai => kaitai::compare(),
        Command::Workflows => workflows::test(),
        Command::Readme => readme::sessions(true),
        Command::Site => site::build(),
        Command::Panics => panics::proofs(),
        Command::Prove { names, quick, faults, only_faults } => {
            prove::command(&names, quick, [!only_faults, faults || only_faults])
        }
        Command::DoublingInput { case, count, file } => doubling::write_input(case, count, &file),
        Command::Web { test } => web::command(test),
        Command::Bench { only, markdown } => bench::measure(&only, markdown),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain of causes on one line; a backtrace of xtask is not helpful.
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
