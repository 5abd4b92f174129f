//! `cargo xtask wheel`: the Python package, built, installed in an empty environment, and tested against the
//! command.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::shell::{self, exists, program, root, run, scratch, stdout, target};
use crate::{packages, python};

/// Time limit for building, in seconds.
const BUILD: u32 = 1800;

/// Time limit for the tests, in seconds.
const TESTS: u32 = 900;

/// Further versions of Python with which the tests run if available: one wheel works for all of them.
const OTHERS: [&str; 6] = ["python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14"];

/// What a wheel contains besides the module.
const CONTENTS: [&str; 5] =
    ["execfmt/__init__.py", "execfmt/_native.pyi", "execfmt/py.typed", "LICENSE-MIT", "LICENSE-APACHE"];

pub(crate) fn build_and_test() -> Result<()> {
    let wheel = wheel()?;
    let command = shell::execfmt()?;
    test("python3", &wheel, &command, &["tests"])?;
    for other in OTHERS {
        let starts = exists(other) && program(other, 20).arg("--version").output()?.status.success();
        if !starts {
            println!("SKIPPED: {other}, which is not installed");
            continue;
        }
        test(other, &wheel, &command, &["tests/test_hostile.py", "tests/test_autograder.py"])?;
    }
    Ok(())
}

/// Builds the wheel, and looks at what is in it.
pub(crate) fn wheel() -> Result<PathBuf> {
    packages::install(packages::WHEEL)?;
    let requirements = fs::read_to_string(root().join("python/requirements.txt"))?;
    let tools = python::environment(&target().join("wheel/tools"), &requirements)?;
    let started = Instant::now();
    let wheel = build(&tools)?;
    let size = fs::metadata(&wheel)?.len();
    println!("{}: {size} bytes, {:.0} s", wheel.display(), started.elapsed().as_secs_f64());
    contents(&tools, &wheel)?;
    Ok(wheel)
}

/// Builds the wheel: linked by zig against the glibc of 2014, which every Linux with Python 3.9 has.
fn build(tools: &Path) -> Result<PathBuf> {
    let folder = target().join("wheels");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::env::join_paths([tools.to_path_buf()].into_iter().chain(std::env::split_paths(&path)))?;
    let mut maturin = program(tools.join("maturin"), BUILD);
    maturin
        .env("PATH", paths)
        .env("RUSTUP_DIST_SERVER", "http://127.0.0.1:9")
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", target())
        .args(["build", "--quiet", "--release", "--strip", "--zig", "--compatibility", "manylinux2014"])
        .args(["--manifest-path", "python/Cargo.toml", "--out"])
        .arg(&folder);
    run(&mut maturin)?;
    let built = fs::read_dir(&folder)?.next().context("maturin built no wheel")??.path();
    let name = built.file_name().unwrap_or_default().to_string_lossy();
    ensure!(
        name.contains("-cp39-abi3-manylinux"),
        "{name} is not for every Linux and every Python from 3.9 on"
    );
    Ok(built)
}

fn contents(tools: &Path, wheel: &Path) -> Result<()> {
    let listed = stdout(program(tools.join("python"), 20).args(["-m", "zipfile", "-l"]).arg(wheel))?;
    for file in CONTENTS {
        ensure!(listed.contains(file), "{} has no {file}:\n{listed}", wheel.display());
    }
    Ok(())
}

/// Installs the wheel in its own environment, and runs these tests; mypy runs with the full set.
fn test(interpreter: &str, wheel: &Path, command: &Path, tests: &[&str]) -> Result<()> {
    let started = Instant::now();
    let home = scratch(&format!("wheel-{interpreter}"))?;
    run(program(interpreter, 120).args(["-m", "venv"]).arg(&home))?;
    let python = home.join("bin/python");
    let pins = root().join("python/requirements.txt");
    let mut install = program(&python, 300);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c"]).arg(pins);
    run(install.args(["pytest", "mypy", "typing_extensions"]).arg(wheel))?;
    let folder = root().join("python");
    let mut pytest = program(&python, TESTS);
    pytest
        .current_dir(&folder)
        .env("EXECFMT", command)
        .env_remove("EXECFMT_KERNEL")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    run(pytest.args(["-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"]).args(tests))?;
    if tests == ["tests"] {
        let mut mypy = program(&python, 300);
        mypy.current_dir(folder.join("tests")).args(["-m", "mypy", "--strict", "--cache-dir"]);
        mypy.arg(home.join("mypy")).args(["."]).arg(root().join("examples/autograder/grade.py"));
        run(&mut mypy)?;
    }
    println!("{interpreter}: ok, {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}
