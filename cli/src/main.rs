//! `execfmt`: inspect, check, map, convert, load and build executables of small systems. Called under the name of a
//! tool that it replaces (`coff2noff`, `coff2flat`, `chmem`, `elf2elks`, `elks-compress`, `os2toelks`), it takes that
//! tool's arguments.
//!
//! No format knowledge lives here: the command translates between the format crates and a terminal.

// Reads no bytes of a format itself.
#![allow(clippy::arithmetic_side_effects)]

mod advice;
mod args;
mod called;
mod chmem;
mod compress;
mod convert;
mod coyotos;
mod elks;
mod files;
mod formats;
mod inspect;
mod list;
mod load;
mod parallel;
mod picture;
mod report;
mod runs;

use std::io;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{ColorChoice as ClapColor, Parser};

use args::{Arguments, ChmemTool, Coff2, Command};
use called::Called;

/// How a run ends. The order is that of weight: the heaviest of several files counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// All is fine: exit code 0.
    Fine,
    /// A file is malformed or refused: exit code 1.
    Refused,
    /// Usage or I/O: exit code 2.
    Failed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Fine => Self::SUCCESS,
            Outcome::Refused => Self::from(1),
            Outcome::Failed => Self::from(2),
        }
    }
}

fn main() -> ExitCode {
    match Called::of_this_run() {
        Called::Execfmt => ended(run(&Arguments::parse())).into(),
        Called::Coff2noff => ended(convert::coff2noff(&Coff2::parse())).into(),
        Called::Coff2flat => ended(convert::coff2flat(&Coff2::parse())).into(),
        Called::Chmem => original(|options: &ChmemTool| chmem::tool(&options.chmem)),
        Called::Elf2elks => original(convert::elf2elks),
        Called::ElksCompress => original(compress::elks_compress),
        Called::Os2toelks => original(convert::os2toelks),
    }
}

/// Runs as a tool of ELKS, which knows two exit codes: 0, and 1 for whatever goes wrong.
fn original<P: Parser>(run: impl FnOnce(&P) -> io::Result<Outcome>) -> ExitCode {
    let outcome = match P::try_parse() {
        Ok(arguments) => ended(run(&arguments)),
        Err(usage) => {
            let _ = usage.print();
            if usage.use_stderr() { Outcome::Refused } else { Outcome::Fine }
        }
    };
    outcome.min(Outcome::Refused).into()
}

fn ended(outcome: io::Result<Outcome>) -> Outcome {
    match outcome {
        Ok(outcome) => outcome,
        // The reader of a pipe went away: there is nobody to tell.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Outcome::Fine,
        Err(error) => {
            let _ = report::say(error);
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
        Command::Coyotos(what) => coyotos::run(what),
    }
}
