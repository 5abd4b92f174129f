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

/// The best of several runs, in nanoseconds for one call.
fn time(calls: u32, mut call: impl FnMut() -> u64) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..7 {
        let started = Instant::now();
        for _ in 0..calls {
            black_box(call());
        }
        best = best.min(started.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    best
}

fn main() {
    let (code, data) = (vec![1; 20_000], vec![2; 8_000]);
    let mut file = vec![0; 28_052];
    let builder = Builder::new(Layout::Four, ByteOrder::Little).code(0, &code).init_data(20_000, &data);
    let length = builder.uninit_data(28_000, 3_848).write_to(&mut file).unwrap();
    let file = &file[..length];
    let parse = time(200_000, || {
        let image = Image::parse(black_box(file), Options::default());
        image.map_or(0, |image| image.program().memory_end().into())
    });
    println!("noff: parse and check a header        {parse:8.1} ns");

    let image = Image::parse(file, Options::default()).unwrap();
    let end = image.program().memory_end() as usize;
    let mut memory = vec![0; end];
    let whole = time(20_000, || {
        image.load_into(black_box(&mut memory)).unwrap();
        memory[end - 1].into()
    });
    let mut frame = [0; 128];
    let pages = end.div_ceil(128) as u32;
    let by_page = time(2_000, || {
        (0..pages).for_each(|vpn| image.read_page(vpn, black_box(&mut frame)).unwrap());
        frame[0].into()
    });
    let describe = time(2_000, || {
        (0..pages)
            .map(|vpn| image.program().page(black_box(vpn), PageSize::NACHOS).pieces().count() as u64)
            .sum()
    }) / f64::from(pages);
    let source = vec![3; end];
    let copy = time(20_000, || {
        memory.copy_from_slice(black_box(&source));
        memory[end - 1].into()
    });
    println!(
        "noff: load {end} bytes whole          {whole:8.1} ns = {:.2} of memcpy's time ({copy:.1} ns)",
        whole / copy
    );
    println!(
        "noff: load them page by page          {by_page:8.1} ns = {:.2} of memcpy's time",
        by_page / copy
    );
    println!("noff: describe one page               {describe:8.1} ns");
}
