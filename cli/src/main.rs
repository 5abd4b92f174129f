//! `execfmt`: inspect, check, map, convert, load and build executables of small systems. Called under the name of a
//! tool that it replaces (`coff2noff`, `coff2flat`, `chmem`, `elf2elks`, `elks-compress`, `os2toelks`), it takes that
//! tool's arguments.
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
mod formats;
mod inspect;
mod invocation;
mod kernel;
mod list;
mod number;
mod outcome;
mod picture;
mod progress;
mod runs;
mod toolchain;

use std::io;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{ColorChoice as ClapColor, Parser};

use args::{Arguments, Command};
use formats::aout::{self, args::ChmemTool, chmem, compress, load};
use formats::coyotos;
use formats::noff::{self, args::Coff2};
use invocation::Applet;
use outcome::Outcome;

fn main() -> ExitCode {
    if let Some(code) = toolchain::tool() {
        return code;
    }
    match Applet::current() {
        Applet::Execfmt => ended(run(&Arguments::parse())).into(),
        Applet::Coff2noff => {
            ended(noff::coff2noff(&Coff2::parse_from(toolchain::converter_arguments()), false)).into()
        }
        Applet::Coff2noffX86Linux => {
            ended(noff::coff2noff(&Coff2::parse_from(toolchain::converter_arguments()), true)).into()
        }
        Applet::Coff2flat => {
            ended(noff::coff2flat(&Coff2::parse_from(toolchain::converter_arguments()))).into()
        }
        Applet::Chmem => original(|options: &ChmemTool| chmem::tool(&options.chmem)),
        Applet::Elf2elks => original(aout::elf2elks),
        Applet::ElksCompress => original(compress::elks_compress),
        Applet::Os2toelks => original(aout::os2toelks),
    }
}

/// Runs as a tool of ELKS, which knows two exit codes: 0, and 1 for whatever goes wrong.
fn original<P: Parser>(run: impl FnOnce(&P) -> io::Result<Outcome>) -> ExitCode {
    let outcome = match P::try_parse() {
        Ok(arguments) => ended(run(&arguments)),
        Err(usage) => {
            let _ = usage.print();
            if usage.use_stderr() { Outcome::Refused } else { Outcome::Success }
        }
    };
    outcome.min(Outcome::Refused).into()
}

fn ended(outcome: io::Result<Outcome>) -> Outcome {
    match outcome {
        Ok(outcome) => outcome,
        // The reader of a pipe went away: there is nobody to tell.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Outcome::Success,
        Err(error) => {
            let _ = diagnostics::print_error(error);
            Outcome::Failed
        }
    }
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
        Command::Toolchain(options) => toolchain::run(options),
        Command::Coyotos(what) => coyotos::command::run(what),
    }
}
