//! Writes an OS/2 NE program for ELKS, of three segments: the code jumps far into a second code segment, which prints a
//! line and exits.
//!
//! `cargo run -p os2-ne --features alloc --example far_ne OUT`

use std::process::ExitCode;

use os2_ne::{Builder, NewSegment, Relocation, Source};

/// jmp far 0:0; the relocation fills in segment 3.
const START: [u8; 6] = [0xea, 0xff, 0xff, 0xff, 0xff, 0x90];

/// mov ax, 4 (write); mov bx, 1; mov cx, 0; mov dx, 9; int 80h; mov ax, 1 (exit); mov bx, 0; int 80h.
const PRINT: [u8; 24] = [
    0xb8, 4, 0, 0xbb, 1, 0, 0xb9, 0, 0, 0xba, 9, 0, 0xcd, 0x80, 0xb8, 1, 0, 0xbb, 0, 0, 0xcd, 0x80, 0x90,
    0x90,
];

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: far_ne OUT");
        return ExitCode::from(2);
    };
    let jump = [Relocation {
        source: Source::FarPointer,
        additive: false,
        source_offset: 1,
        target_segment: 3,
        target_offset: 0,
    }];
    let segments = [
        NewSegment::code(&START).relocations(&jump),
        NewSegment::data(b"far away\n\0").min_alloc(256),
        NewSegment::code(&PRINT),
    ];
    let file = match Builder::new(&segments).heap(8192).stack(2048).to_vec() {
        Ok(file) => file,
        Err(error) => {
            eprintln!("far_ne: {error}");
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = std::fs::write(&path, file) {
        eprintln!("far_ne: {}: {error}", path.to_string_lossy());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
