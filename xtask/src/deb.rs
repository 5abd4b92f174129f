//! The command as a Debian package: static, so that it depends on nothing and works on every version.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::pages;
use crate::shell::{program, root, run, scratch, stdout};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The folder of the tools' names: not in PATH, since other packages have some of them.
pub(crate) const TOOLS: &str = "usr/lib/execfmt/bin";

/// The destination of each file of [`pages::write`] that does not belong to a tool.
const SHARED: [(&str, &str); 4] = [
    ("bash-completion/completions/execfmt", "bash-completion/completions/execfmt"),
    ("zsh/site-functions/_execfmt", "zsh/vendor-completions/_execfmt"),
    ("fish/vendor_completions.d/execfmt.fish", "fish/vendor_completions.d/execfmt.fish"),
    (pages::MAGIC, pages::MAGIC),
];

/// Makes the package of a binary in a folder, for a machine by Debian's name.
pub(crate) fn package(binary: &Path, machine: &str, folder: &Path) -> Result<PathBuf> {
    let made = scratch("dist-share")?;
    let tools = pages::write(&made)?;
    let tree = scratch("dist-deb")?;
    let place = |file: &str| -> Result<PathBuf> {
        let path = tree.join(file);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        Ok(path)
    };
    let command = place("usr/bin/execfmt")?;
    fs::copy(binary, &command)?;
    fs::set_permissions(&command, fs::Permissions::from_mode(0o755))?;
    for tool in &tools {
        symlink("../../../bin/execfmt", place(&format!("{TOOLS}/{tool}"))?)?;
    }
    for (from, to) in SHARED {
        fs::copy(made.join(from), place(&format!("usr/share/{to}"))?)?;
    }
    for entry in fs::read_dir(made.join("man/man1"))? {
        let page = entry?.path();
        let name = page.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("execfmt") {
            let copy = place(&format!("usr/share/man/man1/{name}"))?;
            fs::copy(&page, &copy)?;
            run(program("gzip", 20).arg("-9n").arg(copy))?;
        }
    }
    fs::copy(root().join("README.md"), place("usr/share/doc/execfmt/README.md")?)?;
    let changes = place("usr/share/doc/execfmt/changelog")?;
    fs::copy(root().join("CHANGELOG.md"), &changes)?;
    run(program("gzip", 20).arg("-9n").arg(changes))?;
    let licences = ["LICENSE-MIT", "LICENSE-APACHE"].map(|file| fs::read_to_string(root().join(file)));
    let [mit, apache] = licences;
    fs::write(
        place("usr/share/doc/execfmt/copyright")?,
        format!("Either of these licences, at your choice.\n\n{}\n\n{}", mit?, apache?),
    )?;
    let size = stdout(program("du", 20).args(["-sk"]).arg(&tree))?;
    let size = size.split_whitespace().next().context("du")?.to_string();
    fs::write(place("DEBIAN/control")?, control(machine, &size))?;
    let file = folder.join(format!("execfmt_{VERSION}_{machine}.deb"));
    run(program("dpkg-deb", 120).args(["--root-owner-group", "--build"]).arg(&tree).arg(&file))?;
    Ok(file)
}

fn control(machine: &str, kilobytes: &str) -> String {
    format!(
        "Package: execfmt\nVersion: {VERSION}\nArchitecture: {machine}\nMaintainer: The developers of execfmt\n\
         Section: devel\nPriority: optional\nInstalled-Size: {kilobytes}\nHomepage: {}\n\
         Description: inspect, check and convert executables of small systems\n\
         \x20Nachos NOFF, ELKS and Minix a.out, OS/2 NE and Coyotos images. The names of the\n\
         \x20tools that it replaces are in /{TOOLS}.\n",
        env!("CARGO_PKG_REPOSITORY")
    )
}

/// Installs the package in an empty root, and returns that root.
pub(crate) fn install(package: &Path) -> Result<PathBuf> {
    let home = scratch("dist-installed")?;
    let state = home.join("var/lib/dpkg");
    for folder in ["info", "updates", "triggers"] {
        fs::create_dir_all(state.join(folder))?;
    }
    fs::write(state.join("status"), "")?;
    // The package for another machine is unpacked nevertheless.
    run(program("dpkg", 120)
        .arg(format!("--root={}", home.display()))
        .args(["--force-architecture", "--force-not-root", "--force-script-chrootless", "--install"])
        .arg(package)
        .stdout(std::process::Stdio::null()))?;
    let status = fs::read_to_string(state.join("status"))?;
    ensure!(status.contains("Package: execfmt\nStatus: install ok installed\n"), "not installed:\n{status}");
    pages::check(&home.join("usr/share/man/man1"))?;
    pages::complete(&home.join("usr/share"))?;
    pages::magic(&home.join("usr/share"))?;
    ensure!(home.join(TOOLS).join("coff2noff").exists(), "the tools' names lead nowhere");
    Ok(home)
}
