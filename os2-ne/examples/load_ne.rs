//! Loads an OS/2 NE program as ELKS does, and writes what is in memory then to files, for an emulator to run.
//!
//! ```sh
//! cargo run --features alloc --example load_ne -- PROGRAM DIR [ARGUMENT...]
//! ```
//!
//! DIR gets `text.bin`, which is every segment but the auto data segment, code first, each at a paragraph of its own;
//! `data.bin`, the auto data segment; `arguments.bin` (the argument block, its pointers relative to its start); and `layout` (a
//! name and a number a line). `examples/elks/run_elks.c` takes it from there.

#[path = "../../aout-minix/examples/support/emulator.rs"]
mod emulator;

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use emulator::{DATA, FILL, TEXT};
use os2_ne::elks::{self, Memory, Options, SegmentKind};

const PARAGRAPH: usize = 16;

fn main() -> ExitCode {
    emulator::exit("load_ne", load())
}

fn load() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(path), Some(folder)) = (arguments.next(), arguments.next().map(PathBuf::from)) else {
        return Err("usage: load_ne PROGRAM DIR [ARGUMENT...]".into());
    };
    let block = emulator::block(arguments)?;
    let file = fs::read(&path)?;
    let options = Options { argument_bytes: u16::try_from(block.len())?, ..Options::default() };
    let program = elks::execve(&file, options)?;
    let layout = *program.layout();

    // The entry's segment comes first, then other code, then data.
    let segments: Vec<_> = (1_u16..).zip(layout.segments()).collect();
    let auto = |number: u16| number == layout.auto_data_segment;
    let mut order: Vec<_> = segments.iter().filter(|(number, _)| !auto(*number)).collect();
    order.sort_by_key(|(number, segment)| {
        (*number != layout.entry_segment, segment.kind == SegmentKind::Data)
    });
    let mut bases = vec![DATA; segments.len()];
    let (mut next, mut code_paras) = (0_u16, 0_u16);
    for (number, segment) in &order {
        let base = TEXT.checked_add(next).ok_or("the program is too large")?;
        *bases.get_mut(usize::from(*number).saturating_sub(1)).ok_or("no such segment")? = base;
        next = next.checked_add(segment.paras).ok_or("the program is too large")?;
        if segment.kind != SegmentKind::Data {
            code_paras = next;
        }
    }

    let mut memories: Vec<_> = segments
        .iter()
        .map(|(_, segment)| vec![FILL; usize::from(segment.paras).saturating_mul(PARAGRAPH)])
        .collect();
    let mut memory: Vec<_> =
        memories.iter_mut().zip(&bases).map(|(bytes, &base)| Memory { base, bytes }).collect();
    elks::load(&file, options, &mut memory)?;

    let of = |number: u16| memories.get(usize::from(number).saturating_sub(1)).ok_or("no such segment");
    let mut text = Vec::new();
    for (number, _) in &order {
        text.extend(of(*number)?);
    }
    let data =
        of(layout.auto_data_segment)?.get(..layout.t_enddata.into()).ok_or("data beyond the segment")?;
    let files = [("text.bin", &text[..]), ("ftext.bin", &[]), ("data.bin", data), ("arguments.bin", &block)];
    let numbers = [
        ("cs", TEXT),
        ("ds", DATA),
        ("text_paras", next),
        ("far_text_para", next),
        ("far_data_para", code_paras),
        ("data_len", layout.data_len),
        ("minstack", layout.minstack),
        ("enddata", layout.t_enddata),
        ("endseg", layout.t_endseg),
        ("begstack", layout.begstack),
        ("endbrk", layout.endbrk),
        ("entry", layout.entry),
    ];
    emulator::write(&folder, &files, &numbers)
}
