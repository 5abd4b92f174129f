//! Sections of every kind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aout_minix::compress::MAX_SIZE;
use aout_minix::{Section, parse};
use fastrand::Rng;

/// A section and what it is.
#[derive(Clone)]
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

/// Real 16-bit code: Debian's package seabios, unpacked at `EXECFMT_SEABIOS` or installed.
pub(crate) fn seabios() -> Vec<Sample> {
    let named = std::env::var_os("EXECFMT_SEABIOS");
    let folder = named.clone().map_or_else(|| "/usr/share/seabios".into(), PathBuf::from);
    if named.is_none() && !folder.exists() {
        execfmt_testkit::skipped(
            "firmware",
            &format!("no seabios at {} (EXECFMT_SEABIOS)", folder.display()),
        );
        return Vec::new();
    }
    ["vgabios-stdvga.bin", "vgabios-cirrus.bin", "vgabios-ramfb.bin"]
        .map(|name| sample(name.into(), fs::read(folder.join(name)).unwrap()))
        .into()
}

/// Every file of the repository's testdata, or as much of it as a section can have.
pub(crate) fn testdata() -> Vec<Sample> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata")];
    let mut all = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let mut data = fs::read(&path).unwrap();
                data.truncate(MAX_SIZE);
                // An empty section is refused, which `rules` has.
                if !data.is_empty() {
                    all.push(sample(path.display().to_string(), data));
                }
            }
        }
    }
    all
}

/// Text and data of the programs that bcc builds from testdata. Empty, with a report, where there is no bcc.
pub(crate) fn compiled() -> Vec<Sample> {
    let folder = std::env::temp_dir().join(format!("compress-bcc-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let mut all = Vec::new();
    for name in ["echo", "hello", "queens", "sieve", "words"] {
        let source =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/elks").join(name).with_extension("c");
        let out = folder.join(name);
        let mut bcc = Command::new("timeout");
        bcc.args(["60", "bcc", "-ansi", "-o"]).arg(&out).arg(&source).current_dir(&folder);
        let output = bcc.stdin(Stdio::null()).output().unwrap();
        if output.status.code() == Some(127) {
            execfmt_testkit::skipped("programs of bcc", "no bcc (package bcc, with bin86 and elks-libc)");
            break;
        }
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let file = fs::read(&out).unwrap();
        let image = parse(&file).unwrap();
        for section in [Section::Text, Section::Data] {
            all.push(sample(format!("{section} of {name}"), image.section(section).to_vec()));
        }
    }
    fs::remove_dir_all(&folder).unwrap();
    all
}
