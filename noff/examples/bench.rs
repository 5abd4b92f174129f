//! Measures parsing and loading, against memcpy in the same run: `cargo xtask bench`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation
)]

use std::hint::black_box;
use std::time::Instant;

use noff::{Builder, ByteOrder, Image, Layout, Options, PageSize};

/// The best of many short runs of two things in turn, in nanoseconds for one call of each: what disturbs the machine
/// disturbs both.
fn side_by_side(calls: u32, mut first: impl FnMut() -> u64, mut second: impl FnMut() -> u64) -> (f64, f64) {
    let once = |call: &mut dyn FnMut() -> u64| {
        let started = Instant::now();
        for _ in 0..calls {
            black_box(call());
        }
        started.elapsed().as_nanos() as f64 / f64::from(calls)
    };
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..400 {
        best = (best.0.min(once(&mut first)), best.1.min(once(&mut second)));
    }
    best
}

/// The same of one thing.
fn time(calls: u32, call: impl FnMut() -> u64) -> f64 {
    side_by_side(calls, call, || 0).0
}

fn main() {
    let (code, data) = (vec![1; 20_000], vec![2; 8_000]);
    let mut file = vec![0; 28_052];
    let builder = Builder::new(Layout::Four, ByteOrder::Little).code(0, &code).init_data(20_000, &data);
    let length = builder.uninit_data(28_000, 3_848).write_to(&mut file).unwrap();
    let file = &file[..length];
    let parse = time(2_000, || {
        let image = Image::parse(black_box(file), Options::default());
        image.map_or(0, |image| image.program().memory_end().into())
    });
    println!("noff: parse and check a header        {parse:8.1} ns");

    let image = Image::parse(file, Options::default()).unwrap();
    let end = image.program().memory_end() as usize;
    let (mut memory, mut copied, source) = (vec![0_u8; end], vec![0_u8; end], vec![3_u8; end]);
    let mut copy = || {
        copied.copy_from_slice(black_box(&source));
        copied[end - 1].into()
    };
    let (whole, memcpy) = side_by_side(
        50,
        || {
            image.load_into(black_box(&mut memory)).unwrap();
            memory[end - 1].into()
        },
        &mut copy,
    );
    let ratio = whole / memcpy;
    println!(
        "noff: load {end} bytes whole          {whole:8.1} ns = {ratio:.2} of memcpy's time ({memcpy:.1} ns)"
    );
    let mut frame = [0_u8; 128];
    let pages = end.div_ceil(128) as u32;
    let (by_page, memcpy) = side_by_side(
        20,
        || {
            (0..pages).for_each(|vpn| image.read_page(vpn, black_box(&mut frame)).unwrap());
            frame[0].into()
        },
        &mut copy,
    );
    println!(
        "noff: load them page by page          {by_page:8.1} ns = {:.2} of memcpy's time",
        by_page / memcpy
    );
    let describe = time(20, || {
        (0..pages)
            .map(|vpn| image.program().page(black_box(vpn), PageSize::NACHOS).pieces().count() as u64)
            .sum()
    }) / f64::from(pages);
    println!("noff: describe one page               {describe:8.1} ns");
}
