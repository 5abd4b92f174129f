//! `cargo xtask test`: every check, in the order of what fails soonest.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::shell::{cargo, root, run};
use crate::{
    abi, c, compress, coyotos, crates, elks, headers, install, links, nachos, packages, readme, seabios,
};

/// A step's name, as `cargo xtask test NAME` runs it alone, and what it does.
type Step = (&'static str, fn() -> Result<()>);

const STEPS: [Step; 18] = [
    ("packages", || packages::install(packages::TEST)),
    ("format", || run(cargo().args(["fmt", "--all", "--check"]))),
    ("headers", || headers::write(true)),
    ("clippy", clippy),
    ("features", features),
    ("freestanding", c::freestanding),
    ("documentation", documentation),
    ("crates", crates::package),
    ("c", c::tests),
    ("abi", || abi::check(false, false)),
    ("links", links::matrix),
    ("install", install::test),
    ("nachos", nachos::end_to_end),
    ("elks", elks::end_to_end),
    ("compress", compress::end_to_end),
    ("coyotos", coyotos::end_to_end),
    ("readme", readme::check),
    // Last, so that the test runner's closing lines close the run.
    ("tests", tests),
];

pub(crate) fn steps(only: &[String]) -> Result<()> {
    let known = |wanted: &&String| STEPS.iter().any(|(name, _)| name == wanted);
    let unknown = only.iter().find(|wanted| !known(wanted));
    ensure!(unknown.is_none(), "there is no step {}; there are {}", unknown.map_or("", |name| name), names());
    let chosen = |name: &str| only.is_empty() || only.iter().any(|wanted| wanted == name);
    let started = Instant::now();
    for (name, step) in STEPS.iter().filter(|(name, _)| chosen(name)) {
        println!("== {name}");
        let step_started = Instant::now();
        step().map_err(|error| error.context(format!("step {name}")))?;
        println!("== {name}: fine, {:.1} s", step_started.elapsed().as_secs_f64());
    }
    println!("all fine, {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn names() -> String {
    STEPS.map(|(name, _)| name).join(", ")
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

/// The format crates with the sets of their features.
const FEATURES: [(&str, &[&[&str]]); 10] = [
    ("elks-kernel", &[NONE]),
    ("mips-coff", &[NONE, ALLOC]),
    ("mips-scan", &[NONE]),
    ("os2-ne", &[NONE, ALLOC]),
    ("execfmt-detect", &[NONE]),
    ("execfmt-view", &[NONE]),
    ("coyotos-mkimage", &[NONE]),
    ("noff", &[NONE, ALLOC, ALL]),
    ("aout-minix", &[NONE, ALLOC, &["--features", "convert"], &["--features", "compress"], ALL]),
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

/// The format crates alone, in every set of their features: what is tested in seconds. See [`tests`] for the rest.
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
        // The examples of the documentation do without allocation where they do not say otherwise.
        run(cargo().args(["test", "--quiet", "-p", package, "--doc"]).args(NONE))?;
    }
    // A Rust program with an allocator of its own links the C functions.
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

/// The crates whose long random tests want optimisation; overflow and debug assertions stay on.
const OPTIMISED: [&str; 4] = ["aout-minix", "coyotos-image", "mips-coff", "os2-ne"];

/// All tests of all crates.
fn tests() -> Result<()> {
    let each = |option: &str| {
        OPTIMISED.iter().flat_map(|name| [option.to_string(), name.to_string()]).collect::<Vec<_>>()
    };
    run(cargo().args(["test", "--workspace", "--exclude", "execfmt-fuzz"]).args(each("--exclude")))?;
    run(cargo()
        .args(["test", "--all-features", "--profile", "hard"])
        .args(each("-p"))
        .env("EXECFMT_SEABIOS", seabios::folder()?))?;
    // Without its other feature, which is libFuzzer's runtime.
    run(cargo().args(["test", "-p", "execfmt-fuzz", "--profile", "hard"]))
}
