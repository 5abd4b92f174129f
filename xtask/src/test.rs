//! `cargo xtask test`: every check, ordered by how soon it fails.

use std::time::Instant;

use anyhow::{Result, ensure};

use execfmt_system_tests::tools::REQUIRE_ALL;
use execfmt_testkit::skipped;

use crate::packages::{self, Packages};
use crate::shell::{cargo, root, run};
use crate::skips::Skips;
use crate::{abi, courses, crates, headers, install, links, nachos, readme, seabios, shell};

/// The requirements on the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// All tools: missing ones are installed, or are a failure.
    Everything,
    /// The available tools; checks that need others are skipped, and reported.
    WhatIsThere,
}

/// A step.
struct Step {
    /// `cargo xtask test NAME` runs only this step.
    name: &'static str,
    /// The packages that it needs, besides Rust. The end-to-end tests look for their tools themselves.
    needs: Packages,
    run: fn(Tier) -> Result<()>,
}

const fn step(name: &'static str, needs: Packages, run: fn(Tier) -> Result<()>) -> Step {
    Step { name, needs, run }
}

const STEPS: [Step; 20] = [
    step("packages", packages::NONE, |tier| match tier {
        Tier::Everything => packages::install(packages::TEST),
        Tier::WhatIsThere => Ok(()),
    }),
    step("format", packages::NONE, |_| run(cargo().args(["fmt", "--all", "--check"]))),
    step("headers", packages::NONE, |_| headers::write(true)),
    step("clippy", packages::NONE, |_| clippy()),
    step("features", packages::NONE, |_| features()),
    step("freestanding", packages::NONE, |tier| end_to_end("freestanding", tier)),
    step("documentation", packages::NONE, |_| documentation()),
    step("crates", packages::NONE, |_| crates::package()),
    step("c", packages::NONE, |tier| end_to_end("c", tier)),
    step("abi", packages::ABI, |_| abi::check(false, false)),
    step("links", packages::LINKS, |_| links::matrix()),
    step("install", packages::INSTALL, |_| install::test()),
    step("nachos", packages::NONE, |tier| end_to_end("nachos", tier)),
    step("courses", packages::COURSES, |_| {
        shell::execfmt()?;
        courses::run_all(&nachos::machine()?)
    }),
    step("elks", packages::NONE, |tier| end_to_end("elks", tier)),
    step("compress", packages::NONE, |tier| end_to_end("compress", tier)),
    step("coyotos", packages::NONE, |tier| end_to_end("coyotos", tier)),
    step("laws", packages::NONE, |tier| end_to_end("laws", tier)),
    step("readme", packages::README, |_| readme::check()),
    // Last, so that the test runner's closing lines end the run.
    step("tests", packages::NONE, tests),
];

/// Runs all steps, or the named ones, and reports at the end what was skipped.
pub(crate) fn steps(only: &[String], no_install: bool) -> Result<()> {
    let tier = if no_install { Tier::WhatIsThere } else { Tier::Everything };
    let known = |wanted: &&String| STEPS.iter().any(|step| step.name == *wanted);
    let unknown = only.iter().find(|wanted| !known(wanted));
    ensure!(unknown.is_none(), "there is no step {}; there are {}", unknown.map_or("", |name| name), names());
    let chosen = |name: &str| only.is_empty() || only.iter().any(|wanted| wanted == name);
    let started = Instant::now();
    let skips = Skips::collect()?;
    let outcome = run_steps(tier, chosen);
    if outcome.is_ok() {
        println!("all ok, {:.1} s", started.elapsed().as_secs_f64());
    }
    println!("{}", skips.summary()?);
    outcome
}

fn run_steps(tier: Tier, chosen: impl Fn(&str) -> bool) -> Result<()> {
    for Step { name, needs, run } in STEPS.iter().filter(|step| chosen(step.name)) {
        println!("== {name}");
        let missing = packages::missing(needs);
        if tier == Tier::WhatIsThere && !missing.is_empty() {
            skipped(&format!("step {name}"), &format!("this needs what Debian calls {}", missing.join(" ")));
            continue;
        }
        let step_started = Instant::now();
        run(tier).map_err(|error| error.context(format!("step {name}")))?;
        println!("== {name}: ok, {:.1} s", step_started.elapsed().as_secs_f64());
    }
    Ok(())
}

fn names() -> String {
    STEPS.map(|step| step.name).join(", ")
}

/// The end-to-end tests of one subject.
fn end_to_end(theme: &str, tier: Tier) -> Result<()> {
    let mut test = cargo();
    test.args(["test", "--quiet", "-p", "execfmt-system-tests", "--test", theme, "--", "--nocapture"]);
    if tier == Tier::Everything {
        test.env(REQUIRE_ALL, "1");
    }
    run(&mut test)
}

fn clippy() -> Result<()> {
    let strict = ["--", "-D", "warnings"];
    run(cargo().args(["clippy", "--quiet", "--workspace", "--all-targets"]).args(strict))?;
    for (package, features) in FEATURES {
        for features in features {
            let arguments = ["clippy", "--quiet", "-p", package, "--all-targets"];
            run(cargo().args(arguments).args(*features).args(strict))?;
        }
    }
    Ok(())
}

const NONE: &[&str] = &["--no-default-features"];
const ALLOC: &[&str] = &["--features", "alloc"];
const ALL: &[&str] = &["--all-features"];

/// The format crates with their feature sets.
const FEATURES: [(&str, &[&[&str]]); 10] = [
    ("elks-kernel", &[NONE]),
    ("mips-coff", &[NONE, ALLOC]),
    ("mips-scan", &[NONE]),
    ("os2-ne", &[NONE, ALLOC]),
    ("execfmt-detect", &[NONE]),
    ("execfmt-view", &[NONE]),
    ("coyotos-mkimage", &[NONE]),
    ("noff", &[NONE, ALLOC, ALL]),
    (
        "aout-minix",
        &[
            NONE,
            ALLOC,
            &["--features", "convert"],
            &["--features", "compress"],
            &["--features", "to-elf"],
            ALL,
        ],
    ),
    (
        "coyotos-image",
        &[
            NONE,
            ALLOC,
            &["--features", "elf"],
            &["--features", "side-file"],
            &["--features", "gzip"],
            &["--features", "recipe"],
            ALL,
        ],
    ),
];

/// Only the format crates, with each of their feature sets: what can be tested in seconds. See [`tests`] for
/// the rest.
fn features() -> Result<()> {
    for (package, features) in FEATURES {
        for features in features {
            let mut test = cargo();
            test.args(["test", "--quiet", "-p", package, "--lib"]);
            if ["tests/rules.rs", "tests/rules/main.rs"]
                .iter()
                .any(|file| root().join(package).join(file).exists())
            {
                test.args(["--test", "rules"]);
            }
            run(test.args(*features))?;
        }
        // The documentation examples do not allocate unless they say so.
        run(cargo().args(["test", "--quiet", "-p", package, "--doc"]).args(NONE))?;
    }
    // A Rust program with its own allocator links the C functions.
    let arguments = ["test", "--quiet", "-p", "execfmt-ffi", "--no-default-features"];
    run(cargo().args(arguments).args(["--features", "std", "--test", "own_allocator"]))
}

fn documentation() -> Result<()> {
    let strict = "-D warnings";
    run(cargo()
        .args(["doc", "--quiet", "--no-deps", "--workspace", "--exclude", "execfmt-fuzz", "--all-features"])
        .arg("--lib")
        .env("RUSTDOCFLAGS", strict))
}

/// The crates whose long random tests need optimisation; overflow and debug assertions stay on.
const OPTIMISED: [&str; 4] = ["aout-minix", "coyotos-image", "mips-coff", "os2-ne"];

/// All tests of all crates except the end-to-end ones, which are separate steps.
fn tests(tier: Tier) -> Result<()> {
    let each = |option: &str| {
        OPTIMISED.iter().flat_map(|name| [option.to_string(), name.to_string()]).collect::<Vec<_>>()
    };
    run(cargo()
        .args(["test", "--workspace", "--exclude", "execfmt-fuzz", "--exclude", "execfmt-system-tests"])
        .args(each("--exclude")))?;
    let mut optimised = cargo();
    optimised.args(["test", "--all-features", "--profile", "hard"]).args(each("-p"));
    match seabios::folder() {
        Ok(folder) => drop(optimised.env("EXECFMT_SEABIOS", folder)),
        Err(error) if tier == Tier::Everything => return Err(error),
        Err(error) => skipped("compressing real 16-bit code", &format!("{error:#}")),
    }
    run(&mut optimised)?;
    // Without its other feature, which is libFuzzer's runtime.
    run(cargo().args(["test", "-p", "execfmt-fuzz", "--profile", "hard"]))
}
