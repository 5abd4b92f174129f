//! Loads a COFF file as Nachos 5.0j does and writes the memory of the program, ready to run:
//!
//! ```text
//! cargo run -p mips-coff --example memory -- FILE.coff OUT [ARGUMENT]...
//! ```
//!
//! It prints the registers that the program starts with: pc, sp, argc, argv, in decimal with commas between.
#![allow(clippy::arithmetic_side_effects)]

use std::error::Error;

use mips_coff::{Program, nachos5j};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    let [input, output, arguments @ ..] = words.as_slice() else {
        return Err("usage: memory FILE.coff OUT [ARGUMENT]...".into());
    };
    let file = std::fs::read(input)?;
    let program = Program::parse(&file, nachos5j::FRAMES)?;
    let mut memory = vec![0; usize::try_from(program.memory_size())?];
    let arguments: Vec<&[u8]> = arguments.iter().map(|argument| argument.as_encoded_bytes()).collect();
    let start = program.load_into(&mut memory, &arguments)?;
    std::fs::write(output, memory)?;
    println!("{},{},{},{}", start.pc, start.stack_pointer, start.argc, start.argv);
    Ok(())
}
