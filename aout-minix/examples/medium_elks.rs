//! Writes a program of the medium model: an ELF file as ia16-elf-ld links it, converted. It makes far calls between its
//! two text segments, three of them through relocations in text, far text and data; `cargo xtask test elks` runs it.
//!
//! ```sh
//! cargo run --features convert --example medium_elks -- OUT [NOPS]
//! ```
//!
//! NOPS instructions follow the code of either text segment, which makes them worth compressing.

#[path = "../tests/support/elf.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "what the tests use to write ELF files"
)]
mod elf;

use std::error::Error;

use aout_minix::convert::{self, ElfOptions};

/// Calls the far text; calls it and the routine below through far pointers in the data; exits with 7.
const TEXT: [u8; 36] = [
    0x9a, 0x00, 0x00, 0x00, 0x20, // 00 lcall 2000:0000
    0xff, 0x1e, 0x06, 0x00, //       05 lcall *0006
    0xff, 0x1e, 0x0a, 0x00, //       09 lcall *000a
    0xbb, 0x07, 0x00, //             0d mov bx, 7
    0xb8, 0x01, 0x00, //             10 mov ax, 1: exit
    0xcd, 0x80, //                   13 int 80
    0xb9, 0x13, 0x00, //             15 mov cx, 13: "text\n"
    0xba, 0x05, 0x00, //             18 mov dx, 5
    0xb8, 0x04, 0x00, //             1b mov ax, 4: write
    0xcd, 0x80, //                   1e int 80
    0xcb, 0x90, 0x90, 0x90, //       20 lret
];

/// Loads DS, which it must find in a relocation; writes. Its second routine, at 14, writes something else.
const FAR_TEXT: [u8; 32] = [
    0xb8, 0x00, 0x30, // 00 mov ax, 3000
    0x8e, 0xd8, //       03 mov ds, ax
    0xbb, 0x01, 0x00, // 05 mov bx, 1
    0xb9, 0x00, 0x00, // 08 mov cx, 0: "far!\n"
    0xba, 0x05, 0x00, // 0b mov dx, 5
    0xb8, 0x04, 0x00, // 0e mov ax, 4: write
    0xcd, 0x80, //       11 int 80
    0xcb, //             13 lret
    0xb9, 0x0e, 0x00, // 14 mov cx, 0e: "back\n"
    0xba, 0x05, 0x00, // 17 mov dx, 5
    0xb8, 0x04, 0x00, // 1a mov ax, 4: write
    0xcd, 0x80, //       1d int 80
    0xcb, //             1f lret
];

/// With far pointers to 2000:0014 at 6 and to 1000:0015 at 0a.
const DATA: &[u8] = b"far!\n\0\x14\0\0\x20\x15\0\0\x10back\ntext\n";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("usage: medium_elks OUT [NOPS]")?;
    let nops = vec![0x90; arguments.next().map_or(Ok(0), |nops| nops.parse())?];
    // Where the linker puts the sections, and so the paragraphs that it leaves in the places of the relocations.
    let elf = elf::Elf::new(
        0x1_0000,
        vec![
            elf::section(".text", 0x1_0000, &[&TEXT[..], &nops].concat()),
            elf::section(".fartext", 0x2_0000, &[&FAR_TEXT[..], &nops].concat()),
            elf::section(".data", 0x3_0000, DATA),
            elf::bss(0x3_0020, 100),
            elf::relocations(
                &[0x1_0003, 0x2_0001, 0x3_0008, 0x3_000c].map(|place| (place, elf::SEGRELATIVE)),
            ),
        ],
    );
    let conversion = convert::from_elf(&elf.file(), &ElfOptions::default())?;
    if let [note, ..] = &conversion.notes[..] {
        return Err(note.to_string().into());
    }
    std::fs::write(out, conversion.bytes)?;
    Ok(())
}
