//! Sections of every kind.

use std::path::Path;

use fastrand::Rng;

/// A section and what it is.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) data: Vec<u8>,
}

fn sample(name: String, data: Vec<u8>) -> Sample {
    Sample { name, data }
}

pub(crate) fn random(rng: &mut Rng, len: usize) -> Vec<u8> {
    (0..len).map(|_| rng.u8(..)).collect()
}

/// Bytes that look a little like a program: copies of what came before, with differences, among few literals.
pub(crate) fn program_like(rng: &mut Rng, len: usize) -> Vec<u8> {
    let mut data = vec![0x55];
    while data.len() < len {
        if rng.u8(..) < 90 {
            let from = rng.usize(..data.len());
            for at in from..from + rng.usize(2..40) {
                let byte = data[at.min(data.len() - 1)];
                data.push(if rng.u8(..) < 30 { rng.u8(..) } else { byte });
            }
        } else {
            data.push(rng.u8(..) & rng.u8(..));
        }
    }
    data.truncate(len);
    data
}

/// The small ones: every size from 1 to 300, every period from 1 to 300.
pub(crate) fn small(rng: &mut Rng) -> Vec<Sample> {
    let mut all = Vec::new();
    for size in 1..=300 {
        all.push(sample(format!("zeros, {size}"), vec![0; size]));
        all.push(sample(format!("random, {size}"), random(rng, size)));
        all.push(sample(format!("program, {size}"), program_like(rng, size)));
    }
    for period in 1..=300 {
        let pattern = random(rng, period);
        let size = rng.usize(period..5 * period + 20);
        all.push(sample(
            format!("period {period}, {size}"),
            pattern.iter().copied().cycle().take(size).collect(),
        ));
    }
    all
}

/// Those around the sizes where 16-bit arithmetic and the tables' reach end.
pub(crate) fn large(rng: &mut Rng) -> Vec<Sample> {
    let mut all = Vec::new();
    for middle in [4096, 32_768, 65_519 - 2] {
        for size in [middle - 1, middle + 1] {
            all.push(sample(format!("zeros, {size}"), vec![0; size]));
            all.push(sample(format!("program, {size}"), program_like(rng, size)));
        }
        all.push(sample(format!("random, {middle}"), random(rng, middle)));
        all.push(sample(
            format!("period 300, {middle}"),
            random(rng, 300).into_iter().cycle().take(middle).collect(),
        ));
    }
    all
}

/// Real ones: Debian's package seabios, where it is installed, or unpacked at `EXECFMT_SEABIOS`.
pub(crate) fn seabios() -> Vec<Sample> {
    let installed = Path::new("/usr/share/seabios").to_path_buf();
    let folder = std::env::var_os("EXECFMT_SEABIOS").map_or(installed, Into::into);
    let names = ["vgabios-stdvga.bin", "vgabios-cirrus.bin", "vgabios-ramfb.bin"];
    let files =
        names.iter().filter_map(|name| Some(sample((*name).into(), std::fs::read(folder.join(name)).ok()?)));
    let files: Vec<_> = files.collect();
    if files.is_empty() {
        eprintln!("SKIPPED: no seabios at {} (EXECFMT_SEABIOS)", folder.display());
    }
    files
}
