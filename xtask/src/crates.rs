//! Checks that each crate that others can depend on becomes a package, with its README and licences in it.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::shell::{cargo, output, run, target};

/// Crates of the workspace that are not published.
const OWN_USE: [&str; 6] =
    ["execfmt-python", "execfmt-testkit", "execfmt-system-tests", "execfmt-fuzz", "execfmt-web", "xtask"];

/// What a package must contain besides its sources.
const FILES: [&str; 3] = ["README.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// Packages all of them; compiling them is left to other steps.
pub(crate) fn package() -> Result<()> {
    let folder = target().join("xtask/crates");
    // Packages of an earlier version would be counted.
    let _ = fs::remove_dir_all(folder.join("package"));
    let mut command = cargo();
    command
        .args(["package", "--quiet", "--workspace", "--no-verify", "--allow-dirty", "--target-dir"])
        .arg(&folder);
    for name in OWN_USE {
        command.args(["--exclude", name]);
    }
    run(&mut command)?;
    let mut count = 0_usize;
    for entry in fs::read_dir(folder.join("package"))? {
        let path = entry?.path();
        let Some(name) = path.file_stem().filter(|_| path.extension().is_some_and(|end| end == "crate"))
        else {
            continue;
        };
        let listed = output(Command::new("tar").arg("-tzf").arg(&path))?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        for file in FILES {
            let wanted = format!("{}/{file}", name.to_string_lossy());
            ensure!(listed.lines().any(|line| line == wanted), "{}: no {wanted}", path.display());
        }
        count += 1;
    }
    ensure!(count > 0, "{}: no package", folder.display());
    println!("{count} crates become packages, each with its README and licences");
    Ok(())
}
