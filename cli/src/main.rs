//! `execfmt`: inspect, check, map and convert executables of small systems. Called under the name of a tool that it
//! replaces (`coff2noff`, `coff2flat`), it takes that tool's arguments.
//!
//! No format knowledge lives here: the command translates between the format crates and a terminal.

// Reads no bytes of a format itself.
#![allow(clippy::arithmetic_side_effects)]

mod args;
mod convert;
mod files;
mod formats;
mod inspect;
mod picture;
mod report;
mod runs;

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{ColorChoice as ClapColor, Parser as _};

use args::{Arguments, Classic, Command};

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
    let name = std::env::args_os().next().unwrap_or_default();
    let outcome = match Path::new(&name).file_stem().and_then(OsStr::to_str) {
        Some("coff2noff") => convert::classic(&Classic::parse(), args::Target::Noff),
        Some("coff2flat") => convert::classic(&Classic::parse(), args::Target::Flat),
        _ => run(&Arguments::parse()),
    };
    match outcome {
        Ok(outcome) => outcome.into(),
        // The reader of a pipe went away: there is nobody to tell.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "execfmt: {error}");
            Outcome::Failed.into()
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
    }
}
