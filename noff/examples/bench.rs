//! Measures parsing, loading and converting, beside memcpy in the same run: `cargo xtask bench loading`. A line for each has its
//! name, its nanoseconds, and those of a memcpy of the same size.

#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)]

use std::error::Error;
use std::hint::black_box;

use execfmt_testkit::side_by_side;
use noff::convert::{Executable, NoffOptions};
use noff::{Builder, ByteOrder, Image, Layout, Options, PageSize};

fn print(what: &str, (time, memcpy): (f64, f64)) {
    println!("{what}\t{time:.1}\t{memcpy:.1}");
}

fn main() -> Result<(), Box<dyn Error>> {
    loading()?;
    converting()
}

fn loading() -> Result<(), Box<dyn Error>> {
    let (code, data) = (vec![1; 20_000], vec![2; 8_000]);
    let builder = Builder::new(Layout::Four, ByteOrder::Little).code(0, &code).init_data(20_000, &data);
    let file = builder.uninit_data(28_000, 3_848).to_vec()?;
    let image = Image::parse(&file, Options::default())?;
    let end = image.program().memory_end() as usize;
    let (mut memory, mut copied, source) = (vec![0_u8; end], vec![0_u8; end], vec![3_u8; end]);
    let mut copy = || {
        copied.copy_from_slice(black_box(&source));
        copied[end - 1].into()
    };
    let whole = || u64::from(image.load_into(black_box(&mut memory)).is_ok());
    print(&format!("load {end} bytes whole"), side_by_side(50, whole, &mut copy));
    let mut frame = [0_u8; 128];
    let pages = end.div_ceil(128) as u32;
    let by_page =
        || (0..pages).map(|vpn| u64::from(image.read_page(vpn, black_box(&mut frame)).is_ok())).sum();
    print("load them page by page", side_by_side(20, by_page, &mut copy));
    let run = || {
        let read = |offset: u32, place: &mut [u8]| {
            place.copy_from_slice(
                file.get(offset as usize..).and_then(|rest| rest.get(..place.len())).ok_or(())?,
            );
            Ok::<(), ()>(())
        };
        let whole = end / 128 * 128;
        let pages = black_box(&mut memory[..whole]);
        u64::from(image.program().load_pages_with(0, PageSize::NACHOS, pages, read).is_ok())
    };
    print("load all of its whole pages, one call", side_by_side(50, run, &mut copy));
    Ok(())
}

/// A program of 64 KiB from each format, and a copy of the same size.
fn converting() -> Result<(), Box<dyn Error>> {
    const SIZE: usize = 64 << 10;
    let text = vec![0_u8; SIZE];
    let coff = mips_coff::Builder::nachos().text(0, &text).to_vec()?;
    let elf = Executable::read(&coff)?.to_elf()?.bytes;
    let (mut copied, source) = (vec![0_u8; SIZE], vec![3_u8; SIZE]);
    for (what, file) in [("NOFF from COFF, 64 KiB", &coff), ("NOFF from ELF, 64 KiB", &elf)] {
        let convert = || {
            let program = Executable::read(black_box(file));
            program
                .and_then(|program| program.to_noff(NoffOptions::new(Layout::Three, ByteOrder::Little)))
                .map_or(0, |made| made.bytes.len() as u64)
        };
        let copy = || {
            copied.copy_from_slice(black_box(&source));
            copied[SIZE - 1].into()
        };
        print(what, side_by_side(20, convert, copy));
    }
    Ok(())
}
