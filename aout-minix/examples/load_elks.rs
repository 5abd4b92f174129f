//! Loads a program as ELKS does, and writes what is in memory then to files, for an emulator to run.
//!
//! ```sh
//! cargo run --example load_elks -- [--decoder COMMAND] PROGRAM DIR [ARGUMENT...]
//! ```
//!
//! With `--decoder`, compressed sections are expanded by COMMAND, called as `COMMAND PACKED_SIZE SIZE` with the packed bytes on
//! standard input: `tests/c/kernel_decode.c`, which works as the kernel does. Without it the library expands them.
//!
//! DIR gets `text.bin`, `ftext.bin`, `data.bin` (with the bss), `arguments.bin` (the argument block, its pointers
//! relative to its start) and `layout` (a name and a number a line). `examples/elks/run_elks.c` takes it from there.

#[path = "support/emulator.rs"]
mod emulator;

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use aout_minix::compress;
use aout_minix::elks::{self, Memory, Options, Segments};
use emulator::{DATA, FILL, TEXT};

const SEGMENTS: Segments = Segments { text: TEXT, data: DATA };

fn main() -> ExitCode {
    emulator::exit("load_elks", load())
}

fn load() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let decoder = arguments.next_if(|first| first == "--decoder").and_then(|_| arguments.next());
    let (Some(path), Some(folder)) = (arguments.next(), arguments.next().map(PathBuf::from)) else {
        return Err("usage: load_elks [--decoder COMMAND] PROGRAM DIR [ARGUMENT...]".into());
    };
    let block = emulator::block(arguments)?;
    let file = fs::read(&path)?;
    let options = Options { argument_bytes: u16::try_from(block.len())?, ..Options::default() };
    let program = elks::execve(&file, options)?;
    let layout = program.layout();

    let mut text = vec![FILL; usize::try_from(layout.text_bytes())?];
    let mut data = vec![FILL; layout.data_len.into()];
    let memory = Memory { text: &mut text, data: &mut data };
    program.load_file(&file, memory, SEGMENTS, |area, packed, size| match &decoder {
        Some(command) => run_decoder(command, area, packed, size),
        None => compress::decode_in_place(area, packed, size).map_err(io::Error::other),
    })?;

    let far_text = text.split_off(usize::try_from(layout.far_text_offset())?.min(text.len()));
    let text = text.get(..layout.text.into()).ok_or("text beyond its segment")?;
    let far_text = far_text.get(..layout.far_text.into()).ok_or("far text beyond its segment")?;
    let data = data.get(..layout.t_enddata.into()).ok_or("data beyond its segment")?;
    let files = [("text.bin", text), ("ftext.bin", far_text), ("data.bin", data), ("arguments.bin", &block)];
    emulator::write(
        &folder,
        &files,
        &[
            ("cs", SEGMENTS.text),
            ("ds", SEGMENTS.data),
            ("text_paras", layout.text_paras),
            ("far_text_para", layout.far_text_para),
            // There is no far data in an a.out.
            ("far_data_para", layout.text_paras),
            ("data_len", layout.data_len),
            ("minstack", layout.minstack),
            ("enddata", layout.t_enddata),
            ("endseg", layout.t_endseg),
            ("begstack", layout.begstack),
            ("endbrk", layout.endbrk),
            ("entry", layout.entry),
        ],
    )
}

/// Expands the section at the beginning of `area` in a process of its own.
fn run_decoder(command: &OsStr, area: &mut [u8], packed: usize, size: usize) -> io::Result<()> {
    let stored = area.get(..packed).ok_or_else(|| io::Error::other("a stored section beyond its area"))?;
    let mut decoder = Command::new(command)
        .args([packed, size].map(|number| number.to_string()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    // It reads all of its input before it writes; where it cannot, its exit status shows that.
    let _ = decoder.stdin.take().map(|mut pipe| pipe.write_all(stored));
    let output = decoder.wait_with_output()?;
    match area.get_mut(..size) {
        Some(place) if output.status.success() && output.stdout.len() == size => {
            place.copy_from_slice(&output.stdout);
            Ok(())
        }
        _ => {
            let (status, bytes) = (output.status, output.stdout.len());
            Err(io::Error::other(format!("the decoder: {status}, {bytes} bytes")))
        }
    }
}
