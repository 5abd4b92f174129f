//! `execfmt check -r` over many files, on one core.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Result, ensure};
use wait4::Wait4 as _;

use super::table::{Table, at_least};
use crate::shell::{cargo, root, run, scratch, target};

const FILES: u32 = 20_000;

/// Files per second, with the files in the system's cache.
const LEAST: f64 = 50_000.0;

/// Number of measurements, of which the fastest counts.
const RUNS: usize = 7;

pub(super) fn measure() -> Result<String> {
    run(cargo().args(["build", "--release", "--quiet", "-p", "execfmt"]))?;
    let folder = scratch("check-bench")?;
    let clean = fs::read(root().join("testdata/noff/demo.noff"))?;
    // Bytes after the last segment give a warning.
    let unusual = [clean.as_slice(), &[0; 4]].concat();
    let mut table =
        Table::new(&["20,000 NOFF files of 920 bytes", "processor time", "files per second", "target", ""]);
    for (what, bytes) in [("without warnings", clean), ("with a warning each", unusual)] {
        let files = folder.join(what.replace(' ', "-"));
        write(&files, &bytes)?;
        let mut least = Duration::MAX;
        for _ in 0..RUNS {
            least = least.min(once(&files)?);
        }
        let rate = f64::from(FILES) / least.as_secs_f64();
        let cells = [what.to_owned(), format!("{} ms", least.as_millis()), format!("{rate:.0}")];
        table.row(cells.into_iter().chain(at_least(rate, Some(LEAST), "")));
    }
    fs::remove_dir_all(&folder)?;
    Ok(table.to_string())
}

/// A hundred folders of files.
fn write(folder: &Path, bytes: &[u8]) -> Result<()> {
    for number in 0..FILES {
        let below = folder.join((number % 100).to_string());
        if number < 100 {
            fs::create_dir_all(&below)?;
        }
        fs::write(below.join(format!("{number}.noff")), bytes)?;
    }
    Ok(())
}

/// Processor time, which is least affected by other work on the machine.
fn once(folder: &Path) -> Result<Duration> {
    let mut command = std::process::Command::new(target().join("release/execfmt"));
    command.args(["check", "-r"]).arg(folder).env("RAYON_NUM_THREADS", "1");
    let used = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?.wait4()?;
    ensure!(used.status.success(), "execfmt check -r: {:?}", used.status);
    Ok(used.rusage.utime + used.rusage.stime)
}
