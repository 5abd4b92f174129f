//! `cargo xtask web --test`: the page in headless Chromium, and the npm package in Node, compared with the
//! command.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::packages;
use crate::shell::{cargo, execfmt, program, root, run, scratch, stdout};

const CHROMIUM: &str = "/usr/bin/chromium";

/// The minimum version of Node.
const NODE: u32 = 20;

/// Tests the build in a folder.
pub(crate) fn all(built: &Path) -> Result<()> {
    packages::install(packages::WEB)?;
    let version = stdout(program("node", 60).arg("--version")).context("Node.js")?;
    let number = version.trim_start_matches('v').split('.').next().and_then(|number| number.parse().ok());
    ensure!(number >= Some(NODE), "Node.js {} is required, but this is {}", NODE, version.trim());
    let command = execfmt()?;
    let home = scratch("web")?;
    for name in fs::read_dir(root().join("web/test"))? {
        let name = name?;
        if name.file_type()?.is_file() {
            fs::copy(name.path(), home.join(name.file_name()))?;
        }
    }
    syntax(built)?;
    // The browser is Debian's: the package must not download its own.
    run(npm(&home, 600).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    let installed = package(built, &home)?;
    run(program(home.join("node_modules/.bin/tsc"), 120)
        .current_dir(&home)
        .args(["--project", "tsconfig.json"]))?;
    println!("the package's types: ok");
    run(program("node", 1200)
        .current_dir(&home)
        .args(["--test", "--test-reporter=spec"])
        .args(["npm.test.js", "page.test.js"])
        .env("EXECFMT_ROOT", root())
        .env("EXECFMT_WEB", built)
        .env("EXECFMT_COMMAND", command)
        .env("EXECFMT_BROWSER", CHROMIUM)
        .env("EXECFMT_INSTALLED", installed))?;
    println!("pictures of the page: {}", built.join("shots").display());
    // The parts of it that are not JavaScript.
    run(cargo().args(["test", "--quiet", "-p", "execfmt-web"]))
}

/// Checks that Node can parse every script.
fn syntax(built: &Path) -> Result<()> {
    for name in ["page.js", "worker.js", "npm/index.js", "npm/engine.js"] {
        // The page's scripts are modules because of the element that contains them.
        run(program("node", 60)
            .args(["--check", "--input-type=module"])
            .stdin(fs::File::open(built.join(name))?))?;
    }
    Ok(())
}

/// Packs the package, and installs it in a folder as its users do.
fn package(built: &Path, home: &Path) -> Result<std::path::PathBuf> {
    run(npm(&built.join("npm"), 120).args(["pack", "--silent", "--pack-destination"]).arg(built))?;
    let tarball = built.join(format!("execfmt-{}.tgz", env!("CARGO_PKG_VERSION")));
    let listed = stdout(program("tar", 60).arg("-tzf").arg(&tarball))?;
    for name in ["README.md", "LICENSE-APACHE", "LICENSE-MIT", "index.d.ts", "execfmt.wasm"] {
        ensure!(
            listed.lines().any(|line| line == format!("package/{name}")),
            "{}: no {name}",
            tarball.display()
        );
    }
    println!("{}: {} bytes", tarball.display(), fs::metadata(&tarball)?.len());
    // Beside the test of types, which finds it there too; what npm ci installed is kept.
    run(npm(home, 120).args(["install", "--no-save", "--offline", "--no-audit", "--no-fund"]).arg(&tarball))?;
    Ok(home.to_path_buf())
}

fn npm(folder: &Path, seconds: u32) -> Command {
    let mut npm = program("npm", seconds);
    npm.current_dir(folder);
    npm
}
