//! The codec's figures: size and time by level beside Exomizer's, and the curve of size against time, the decoder's speed beside a C rendering of the
//! kernel's decoder that is compiled and run on the spot (`cc -O2`).
//!
//! `cargo xtask bench` runs it with the folder of Debian's package seabios; it may be run with any folder that has them:
//!
//! ```sh
//! cargo run --release -p aout-minix --features compress --example compress_bench -- DIR
//! ```

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use aout_minix::compress::{
    IN_PLACE_MARGIN, Level, MAX_SIZE, check_kernel_limits, decode, decode_in_place, encode, encode_patiently,
};
use fastrand::Rng;

/// Rounds of each decoder, and of the quick levels of the encoder; the fastest counts.
const ROUNDS: usize = 300;
const ENCODER_ROUNDS: usize = 5;

/// What Exomizer made of the files of seabios 1.16.2, and in how many seconds, measured once at 2.6 GHz.
const EXOMIZER: [(&str, usize, usize, f64); 3] = [
    ("vgabios-stdvga.bin", 39_936, 17_492, 1.26),
    ("vgabios-cirrus.bin", 39_424, 17_106, 1.30),
    ("vgabios-ramfb.bin", 29_184, 13_734, 1.21),
];

fn main() -> Result<(), Box<dyn Error>> {
    let seabios = env::args_os().nth(1).ok_or("which folder has the files of seabios?")?;
    if env::args_os().nth(2).is_some_and(|what| what == "curve") {
        return curve(Path::new(&seabios));
    }
    let folder = env::temp_dir().join(format!("compress_bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = bench(Path::new(&seabios), &folder);
    fs::remove_dir_all(&folder)?;
    result
}

fn bench(seabios: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("compression of ELKS sections, one core; load {}", load());
    println!();
    println!("{:<19} {:>6} | {:>8} {:>5} |", "bytes and ms", "before", "Exomizer", "ms");
    let mut files = Vec::new();
    for (name, before, size, seconds) in EXOMIZER {
        let data = fs::read(seabios.join(name)).map_err(|error| format!("{name}: {error}"))?;
        let known = data.len() == before;
        let of_exomizer =
            if known { format!("{size:>8} {:>5.0}", seconds * 1e3) } else { "another version".into() };
        print!("{name:<19} {:>6} | {of_exomizer} |", data.len());
        let (packed, default, best) = levels(&data)?;
        if known {
            let percent = |len: usize| len as f64 * 100.0 / size as f64;
            let times = seconds / default.as_secs_f64();
            print!(
                "  default {:.2} % of the size, {times:.0} times as fast; best {:.2} %",
                percent(packed.len()),
                percent(best)
            );
        }
        println!();
        files.push((name.to_string(), data, packed));
    }
    println!();
    println!("sections of {MAX_SIZE} bytes");
    for (name, data) in large(seabios)? {
        print!("{name:<19} {:>6} |", data.len());
        let (packed, ..) = levels(&data)?;
        println!();
        files.push((name, data, packed));
    }
    println!();
    println!("{:<17} {:>8} {:>8} {:>6} {:>6}", "decode, MB/s", "separate", "in place", "C loop", "ratio");
    let yardstick = compile(folder)?;
    for (name, data, packed) in &files {
        decoders(name, data, packed, &yardstick, folder)?;
    }
    println!();
    println!("peak memory of all this: {}", memory());
    Ok(())
}

/// Prints the time and the size of all files together, for searches of growing patience: a line for each has its name,
/// milliseconds and bytes.
fn curve(seabios: &Path) -> Result<(), Box<dyn Error>> {
    let files =
        EXOMIZER.iter().map(|(name, ..)| fs::read(seabios.join(name))).collect::<Result<Vec<_>, _>>()?;
    let print = |what: &str, rounds: usize, pack: &dyn Fn(&[u8]) -> Option<usize>| {
        let mut size = 0;
        let time = files.iter().map(|data| {
            let mut bytes = 0;
            let time = fastest(rounds, || pack(black_box(data)).map(|new| bytes = new).is_some());
            size += bytes;
            time
        });
        let time: Duration = time.sum();
        println!("{what}\t{:.1}\t{size}", time.as_secs_f64() * 1e3);
    };
    let level = |level: Level| move |data: &[u8]| encode(data, level).ok().map(|packed| packed.len());
    print("fast", ENCODER_ROUNDS, &level(Level::Fast));
    print("default", ENCODER_ROUNDS, &level(Level::Default));
    for patience in [1, 5, 12] {
        let pack = |data: &[u8]| encode_patiently(data, patience).ok().map(|packed| packed.len());
        print(&format!("patience {patience}"), 1, &pack);
    }
    print("best", 1, &level(Level::Best));
    Ok(())
}

/// A section and what it is.
type Named = (String, Vec<u8>);

/// Sections as large as they can be.
fn large(seabios: &Path) -> Result<Vec<Named>, Box<dyn Error>> {
    let mut rng = Rng::with_seed(0x64);
    let mut bios = fs::read(seabios.join("bios.bin"))?;
    bios.drain(..bios.len().saturating_sub(MAX_SIZE));
    let mut all = vec![("end of bios.bin".to_string(), bios)];
    for symbols in [2, 4, 16] {
        all.push((format!("{symbols} symbols, random"), (0..MAX_SIZE).map(|_| rng.u8(..symbols)).collect()));
    }
    all.push(("random".into(), (0..MAX_SIZE).map(|_| rng.u8(..)).collect()));
    all.push(("zeros".into(), vec![0; MAX_SIZE]));
    Ok(all)
}

/// Prints size and time at each level; gives the result and the time of the default, and the size of the best.
fn levels(data: &[u8]) -> Result<(Vec<u8>, Duration, usize), Box<dyn Error>> {
    let mut results = Vec::new();
    for (name, level, rounds) in [
        ("fast", Level::Fast, ENCODER_ROUNDS),
        ("default", Level::Default, ENCODER_ROUNDS),
        ("best", Level::Best, 1),
    ] {
        let mut packed = Vec::new();
        let time = fastest(rounds, || encode(black_box(data), level).map(|new| packed = new).is_ok());
        print!(" {name} {:>5} {:>4.0}", packed.len(), time.as_secs_f64() * 1e3);
        results.push((packed, time));
    }
    let best = results.pop().ok_or("three levels")?.0.len();
    let (packed, time) = results.pop().ok_or("three levels")?;
    Ok((packed, time, best))
}

fn compile(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let yardstick = folder.join("kernel_decode");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/kernel_decode.c");
    let compiled = Command::new("cc").args(["-O2", "-DBENCH", "-o"]).arg(&yardstick).arg(source).status()?;
    if compiled.success() { Ok(yardstick) } else { Err("the kernel's decoder in C does not compile".into()) }
}

fn decoders(
    name: &str,
    data: &[u8],
    packed: &[u8],
    yardstick: &Path,
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    let speed = |time: Duration| data.len() as f64 / time.as_secs_f64() / 1e6;
    let mut out = vec![0; data.len()];
    let separate = speed(fastest(ROUNDS, || decode(black_box(packed), &mut out).is_ok()));
    if out != data {
        return Err(format!("{name}: the round trip fails").into());
    }
    print!("{name:<19} {separate:>6.0}");
    // The kernel unpacks in place only, and not everything.
    if packed.len() >= data.len() {
        println!("  stored uncompressed in a file: it grows");
        return Ok(());
    }
    if let Err(limit) = check_kernel_limits(packed, data.len()) {
        println!("  stored uncompressed in a file: {}", limit.rule.code());
        return Ok(());
    }
    let mut area = vec![0; data.len() + IN_PLACE_MARGIN];
    let in_place = speed(fastest(ROUNDS, || {
        area[..packed.len()].copy_from_slice(black_box(packed));
        decode_in_place(&mut area, packed.len(), data.len()).is_ok()
    }));
    let file = folder.join("packed");
    fs::write(&file, packed)?;
    let c = Command::new(yardstick).arg(&file).args([data.len().to_string(), ROUNDS.to_string()]).output()?;
    let c = speed(Duration::from_nanos(String::from_utf8(c.stdout)?.trim().parse()?));
    println!(" {in_place:>8.0} {c:>6.0} {:>6.2}", separate / c);
    Ok(())
}

fn fastest(rounds: usize, mut round: impl FnMut() -> bool) -> Duration {
    let times = (0..rounds).map(|_| {
        let begin = Instant::now();
        assert!(black_box(round()), "valid data");
        begin.elapsed()
    });
    times.min().unwrap_or_default()
}

/// The machine's load and the program's peak memory, where Linux reports them.
fn load() -> String {
    fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').take(1).collect()
}

fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or("unknown".into(), |peak| peak.trim().to_string())
}
