//! `cargo xtask corpora`: what fuzzing found, as few and small inputs as reach the same code, to be committed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::fuzz;
use crate::shell::{output, root, scratch};

/// Bytes of all corpora together: every clone has them.
const ALL: u64 = 2 << 20;
/// The longest input that is kept.
const LONGEST: u32 = 4096;

/// Minimises the corpus of a target, or of each.
pub(crate) fn minimise(target: Option<&str>) -> Result<()> {
    let targets = fuzz::targets()?;
    let share = ALL / targets.len() as u64;
    fuzz::chosen(&targets, target)?.into_iter().try_for_each(|name| one(name, share))?;
    let mut all = 0;
    for name in &targets {
        all += files(&folder(name))?.iter().map(|(size, _)| size).sum::<u64>();
    }
    println!("all corpora together: {all} bytes");
    ensure!(all <= ALL, "more than {ALL} bytes");
    Ok(())
}

fn folder(name: &str) -> PathBuf {
    root().join("fuzz/corpora").join(name)
}

/// What reaches code that the seeds do not: the smallest inputs first, as far as the share goes.
fn one(name: &str, share: u64) -> Result<()> {
    let minimal = scratch("corpus")?;
    let seeds = root().join("fuzz/seeds").join(name);
    for (_, seed) in files(&seeds)? {
        let to = minimal.join(seed.file_name().unwrap_or_default());
        fs::copy(&seed, to)?;
    }
    let found = root().join("fuzz/corpus").join(name);
    let kept = folder(name);
    let more = [&found, &kept].into_iter().filter(|folder| folder.exists());
    let merged = output(
        fuzz::command()?
            .args(["run", "--features", "fuzzing", name])
            .arg(&minimal)
            .args(more)
            .args(["--", "-set_cover_merge=1", "-use_counters=0"])
            .args(fuzz::LIMITS)
            .arg(format!("-max_len={LONGEST}")),
    )?;
    let said = String::from_utf8_lossy(&merged.stderr);
    ensure!(merged.status.success(), "{name}: {}\n{said}", merged.status);

    let mut inputs = files(&minimal)?;
    inputs.retain(|(_, path)| !seeds.join(path.file_name().unwrap_or_default()).exists());
    inputs.sort();
    if kept.exists() {
        fs::remove_dir_all(&kept)?;
    }
    fs::create_dir_all(&kept)?;
    let (mut bytes, mut count) = (0, 0);
    for (size, path) in &inputs {
        if bytes + size > share {
            break;
        }
        fs::copy(path, kept.join(path.file_name().unwrap_or_default()))?;
        bytes += size;
        count += 1;
    }
    println!("{name}: {count} of {} inputs, {bytes} bytes", inputs.len());
    Ok(())
}

/// The files of a folder with their sizes; none where there is no folder.
fn files(folder: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let mut files = Vec::new();
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            files.push((entry.metadata()?.len(), entry.path()));
        }
    }
    Ok(files)
}
