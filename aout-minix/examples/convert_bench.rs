//! Measures the converter, beside memcpy in the same run: `cargo xtask bench loading`. The line has a name, nanoseconds, and
//! those of a memcpy of the same size.

#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)]

#[path = "../tests/support/elf.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod elf;

use std::error::Error;
use std::hint::black_box;

use aout_minix::convert::{ElfOptions, from_elf};
use execfmt_testkit::side_by_side;

fn main() -> Result<(), Box<dyn Error>> {
    // With data and stack, as much as a program can have.
    const TEXT: usize = 60 << 10;
    const DATA: usize = 4 << 10;
    let file = elf::Elf::new(
        0x1_0000,
        vec![
            elf::section(".text", 0x1_0000, &vec![0x90; TEXT]),
            elf::section(".data", 0x3_0000, &vec![1; DATA]),
        ],
    )
    .file();
    from_elf(&file, &ElfOptions::default())?;
    let (mut copied, source) = (vec![0_u8; TEXT + DATA], vec![3_u8; TEXT + DATA]);
    let convert =
        || from_elf(black_box(&file), &ElfOptions::default()).map_or(0, |made| made.bytes.len() as u64);
    let copy = || {
        copied.copy_from_slice(black_box(&source));
        copied[TEXT].into()
    };
    let (time, memcpy) = side_by_side(20, convert, copy);
    println!("a.out from ELF, 64 KiB\t{time:.1}\t{memcpy:.1}");
    Ok(())
}
