//! The start-up cost of the command: `execfmt chmem` compared with a tool in C that uses the same library.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, ensure};

use super::library::collected;
use super::table::{Table, at_most};
use crate::c::{self, SYSTEM};
use crate::dist;
use crate::shell::{cargo, exists, program, root, run, scratch, target};

/// Maximum ratio of the packaged command's time to the tool's time.
const MOST: f64 = 1.1;

/// Runs of each, alternating.
const RUNS: usize = 300;

pub(super) fn measure() -> Result<String> {
    let folder = scratch("command-bench")?;
    run(cargo().args(["build", "--release", "--quiet", "-p", "execfmt"]))?;
    let tool = folder.join("chmem");
    let source = root().join("examples/elks/chmem.c");
    c::compile_file(&source, "gcc", &["-O2"], &tool, &c::library_with_std()?, SYSTEM)?;
    let packed = dist::native()?;
    let built = target().join("release/execfmt");
    let programs = [
        ("chmem in C (examples/elks/chmem.c), dynamic", tool.as_path(), None),
        ("execfmt chmem, static, as `cargo xtask dist` packs it", packed.as_path(), Some(MOST)),
        ("execfmt chmem, `cargo build --release`, dynamic", built.as_path(), None),
    ];
    let mut times = programs.map(|_| Vec::new());
    for _ in 0..RUNS {
        for ((_, path, _), times) in programs.iter().zip(&mut times) {
            times.push(once(path)?);
        }
    }
    let mut table = Table::new(&["", "best", "tenth", "median", "best / C", "target", "", "instructions"]);
    let mut of_c = 0.0;
    for ((name, path, target), mut times) in programs.into_iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let best = times[0];
        if of_c == 0.0 {
            of_c = best;
        }
        let ratio = (best / of_c * 100.0).round() / 100.0;
        let ms = |time: f64| format!("{:.0} us", time * 1e6);
        let cells =
            [name.to_owned(), ms(best), ms(times[RUNS / 10]), ms(times[RUNS / 2]), format!("{ratio:.2}")];
        let count = instructions(&folder, path)?;
        table.row(cells.into_iter().chain(at_most(ratio, target, "")).chain([count]));
    }
    Ok(table.to_string())
}

/// The command line that shows the memory that a program requests.
fn shows<'a>(command: &'a mut Command, path: &Path) -> &'a mut Command {
    if !path.ends_with("chmem") {
        command.arg("chmem");
    }
    command.arg(root().join("testdata/elks/greet.aout")).stdin(Stdio::null()).stdout(Stdio::null())
}

fn once(path: &Path) -> Result<f64> {
    let started = Instant::now();
    let status = shows(&mut Command::new(path), path).status()?;
    let took = started.elapsed().as_secs_f64();
    ensure!(status.success(), "{}: {status}", path.display());
    Ok(took)
}

fn instructions(folder: &Path, path: &Path) -> Result<String> {
    if !exists("valgrind") {
        return Ok("SKIPPED".into());
    }
    let mut valgrind = program("valgrind", 120);
    valgrind.arg("--tool=callgrind");
    valgrind.arg(format!("--callgrind-out-file={}", folder.join("callgrind").display())).arg(path);
    Ok(collected(shows(&mut valgrind, path))?.to_string())
}
