//! `execfmt`: inspect, check, map, convert, load and build executables of small systems. Called under the name of a
//! tool that it replaces (`coff2noff`, `coff2flat`, `chmem`, `elf2elks`, `elks-compress`, `os2toelks`, `mkimage`), it
//! takes that tool's arguments.
//!
//! No format knowledge lives here: the command translates between the format crates and a terminal.

// Reads no bytes of a format itself.
#![allow(clippy::arithmetic_side_effects)]

mod advice;
mod args;
mod conversion;
mod convert;
mod diagnostics;
mod files;
mod foreign;
mod formats;
mod inspect;
mod invocation;
mod json;
mod kernel;
mod list;
mod number;
mod outcome;
mod picture;
mod progress;
mod rows;
mod runs;
mod usage;

use std::io;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{ColorChoice as ClapColor, Parser};

use args::{Arguments, Command};
use formats::aout::{self, args::ChmemTool, chmem, compress, load};
use formats::coyotos::{self, mkimage, mkimage::args::MkimageTool};
use formats::noff;
use invocation::Applet;
use outcome::Outcome;

fn main() -> ExitCode {
    match Applet::current() {
        Applet::Execfmt => applet(run).into(),
        Applet::Coff2noff => applet(|options| noff::coff2noff(options, false)).into(),
        Applet::Coff2noffX86Linux => applet(|options| noff::coff2noff(options, true)).into(),
        Applet::Coff2flat => applet(noff::coff2flat).into(),
        Applet::Chmem => original(|options: &ChmemTool| chmem::tool(&options.chmem)),
        Applet::Elf2elks => original(aout::elf2elks),
        Applet::ElksCompress => original(compress::elks_compress),
        Applet::Os2toelks => original(aout::os2toelks),
        Applet::Mkimage => original(|options: &MkimageTool| mkimage::run(&options.mkimage)),
    }
}

/// Runs as a tool of ELKS or Coyotos, which knows two exit codes: 0, and 1 for whatever goes wrong.
fn original<P: Parser>(run: impl FnOnce(&P) -> io::Result<Outcome>) -> ExitCode {
    applet(run).min(Outcome::Refused).into()
}

fn applet<P: Parser>(run: impl FnOnce(&P) -> io::Result<Outcome>) -> Outcome {
    match usage::parse() {
        Ok(arguments) => ended(run(&arguments)),
        Err(outcome) => outcome,
    }
}

fn ended(outcome: io::Result<Outcome>) -> Outcome {
    match outcome {
        Ok(outcome) => outcome,
        // The reader of a pipe went away: there is nobody to tell.
        Err(error) if is_closed_pipe(&error) => Outcome::Success,
        Err(error) => {
            let _ = diagnostics::print_error(error);
            Outcome::Failed
        }
    }
}

/// That the reader of a pipe went away. Windows has two errors for it, of which Rust names one.
fn is_closed_pipe(error: &io::Error) -> bool {
    const ERROR_PIPE_NOT_CONNECTED: i32 = 233;
    let unnamed = cfg!(windows) && error.raw_os_error() == Some(ERROR_PIPE_NOT_CONNECTED);
    unnamed || error.kind() == io::ErrorKind::BrokenPipe
}

fn run(arguments: &Arguments) -> io::Result<Outcome> {
    // Auto follows NO_COLOR, CLICOLOR and whether standard output is a terminal.
    match arguments.color {
        ClapColor::Always => ColorChoice::Always.write_global(),
        ClapColor::Never => ColorChoice::Never.write_global(),
        ClapColor::Auto => ColorChoice::Auto.write_global(),
    }
    match &arguments.command {
        Command::Info(options) => inspect::info(options),
        Command::Check(options) => inspect::check(options),
        Command::Map(options) => inspect::map(options),
        Command::Convert(options) => convert::run(options),
        Command::Chmem(options) => chmem::run(options),
        Command::Compress(options) => compress::compress(options),
        Command::Decompress(options) => compress::decompress(options),
        Command::Symbols(options) => list::symbols(options),
        Command::Relocs(options) => list::relocations(options),
        Command::Load(options) => load::run(options),
        Command::Coyotos(what) => coyotos::command::run(what),
    }
}
