//! The codec's figures: size, time and speed for each file, next to a C rendering of the kernel's decoder compiled and
//! run on the spot (`cc -O2`).
//!
//! `cargo run --release -p aout-minix --features compress --example compress_bench -- FILE...`

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "a benchmark")]

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use aout_minix::compress::{Level, SAFETY, decode, decode_in_place, encode};

/// Rounds of each decoder; the fastest counts.
const ROUNDS: usize = 300;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("compress_bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = bench(&folder);
    fs::remove_dir_all(&folder)?;
    result
}

fn bench(folder: &Path) -> Result<(), Box<dyn Error>> {
    let yardstick = folder.join("kernel_decode");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/kernel_decode.c");
    let compiled = Command::new("cc").args(["-O2", "-DBENCH", "-o"]).arg(&yardstick).arg(source).status()?;
    if !compiled.success() {
        return Err("the C rendering of the kernel's decoder does not compile".into());
    }
    let files: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    println!("encode: bytes and milliseconds by level; decode (default level): MB/s of output");
    println!(
        "{:<24} {:>6}  {:>6} {:>7}  {:>6} {:>7}  {:>6} {:>7}  {:>6} {:>6} {:>6} {:>6}",
        "file", "before", "fast", "ms", "default", "ms", "best", "ms", "decode", "inplace", "C", "ratio"
    );
    for path in files {
        let mut data = fs::read(&path)?;
        data.truncate(aout_minix::compress::MAX_SIZE);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        print!("{name:<24} {:>6}", data.len());
        let mut packed = Vec::new();
        for level in [Level::Fast, Level::Default, Level::Best] {
            let begin = Instant::now();
            let result = encode(black_box(&data), level)?;
            print!("  {:>6} {:>7.1}", result.len(), begin.elapsed().as_secs_f64() * 1e3);
            if level == Level::Default {
                packed = result;
            }
        }
        decoders(&data, &packed, &yardstick, folder)?;
    }
    Ok(())
}

fn decoders(data: &[u8], packed: &[u8], yardstick: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut out = vec![0; data.len()];
    let apart = fastest(|| decode(black_box(packed), &mut out).is_ok());
    let mut area = vec![0; data.len() + SAFETY];
    let in_place = fastest(|| {
        area[..packed.len()].copy_from_slice(black_box(packed));
        decode_in_place(&mut area, packed.len(), data.len()).is_ok()
    });
    if out != data || area[..data.len()] != *data {
        return Err("the round trip fails".into());
    }
    let file = folder.join("packed");
    fs::write(&file, packed)?;
    let c = Command::new(yardstick).arg(&file).args([data.len().to_string(), ROUNDS.to_string()]).output()?;
    let c = Duration::from_nanos(String::from_utf8(c.stdout)?.trim().parse()?);
    let speed = |time: Duration| data.len() as f64 / time.as_secs_f64() / 1e6;
    let ratio = speed(apart) / speed(c);
    println!("  {:>6.0} {:>6.0} {:>6.0} {:>5.2}x", speed(apart), speed(in_place), speed(c), ratio);
    Ok(())
}

fn fastest(mut round: impl FnMut() -> bool) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let begin = Instant::now();
        assert!(black_box(round()), "a valid stream decodes");
        begin.elapsed()
    });
    times.min().unwrap_or_default()
}
