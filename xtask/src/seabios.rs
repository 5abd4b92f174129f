//! Debian's package seabios: real 16-bit code to compress.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use crate::shell::{program, run, scratch, target};

/// The folder with its files, downloaded and unpacked once. `EXECFMT_SEABIOS` may name another one.
pub(crate) fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("EXECFMT_SEABIOS") {
        return Ok(folder.into());
    }
    let files = "usr/share/seabios";
    let unpacked = target().join("xtask/seabios").join(files);
    if unpacked.join("bios.bin").exists() {
        return Ok(unpacked);
    }
    let folder = scratch("seabios")?;
    run(program("apt-get", 120).current_dir(&folder).args(["-qq", "download", "seabios"]))
        .context("the package seabios; set EXECFMT_SEABIOS to a folder with its files")?;
    let package = fs::read_dir(&folder)?.next().context("apt-get download leaves a file")??.path();
    run(program("dpkg-deb", 60).arg("-x").arg(package).arg(&folder))?;
    ensure!(unpacked.join("bios.bin").exists(), "{}: no bios.bin", unpacked.display());
    Ok(unpacked)
}
