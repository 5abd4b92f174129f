//! `execfmt`: inspect, check, map, convert, load and build executables of small systems. Called under the
//! name of a tool that it replaces (`coff2noff`, `coff2flat`, `chmem`, `elf2elks`, `elks-compress`,
//! `os2toelks`, `decomp`, `nm86`, `size86`, `objdump86`, `mkimage`), it takes that tool's arguments.
//!
//! The program consists of this library: `main` only calls it. It is a library so that manual pages and
//! completions can be generated from the same definitions (`cli/examples/pages.rs`).
//!
//! No format knowledge is here: the command translates between the format crates and a terminal.

// Reads no bytes of a format itself.
#![allow(clippy::arithmetic_side_effects)]

mod args;
mod case;
mod conversion;
mod convert;
mod diagnostics;
mod diff;
#[doc(hidden)]
pub mod embed;
mod examples;
mod files;
mod formats;
mod hex;
mod inspect;
mod invocation;
mod kernel;
mod list;
mod map;
mod number;
mod outcome;
mod progress;
mod recursive;
mod terminal;
mod toolchain;
mod usage;
mod words;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{ColorChoice as ClapColor, CommandFactory as _, Parser};
use execfmt_formats::{advice, findings, foreign, json, rows};

use args::{Arguments, Command};
use formats::aout::args::{ChmemTool, Decomp, Elf2elks, ElksCompress, Nm86, Objdump86, Os2toelks, Size86};
use formats::aout::{self, chmem, compress, load, objtools};
use formats::coyotos::{self, mkimage, mkimage::args::MkimageTool};
use formats::noff::{self, args::Coff2};
use invocation::Applet;
use outcome::Outcome;

/// Runs as the program under whose name it was called.
pub fn main() -> ExitCode {
    if let Some(code) = toolchain::tool() {
        return code;
    }
    match Applet::current() {
        Applet::Execfmt => applet(arguments(), run).into(),
        Applet::Coff2noff => converter(|options| noff::coff2noff(options, false)).into(),
        Applet::Coff2noffX86Linux => converter(|options| noff::coff2noff(options, true)).into(),
        Applet::Coff2flat => converter(noff::coff2flat).into(),
        Applet::Chmem => original(|options: &ChmemTool| chmem::tool(&options.chmem)),
        Applet::Elf2elks => original(aout::elf2elks),
        Applet::ElksCompress => original(compress::elks_compress),
        Applet::Os2toelks => original(aout::os2toelks),
        Applet::Decomp | Applet::Hostdecomp => original(compress::decomp),
        Applet::Nm86 => original(objtools::nm86),
        Applet::Size86 => original(objtools::size86),
        Applet::Objdump86 => original(objtools::objdump86),
        Applet::Mkimage => original(|options: &MkimageTool| mkimage::run(&options.mkimage)),
    }
}

/// The definitions of the command and of the tools that it replaces, by name.
#[doc(hidden)]
pub fn definitions() -> Vec<clap::Command> {
    std::iter::once(Applet::Execfmt).chain(Applet::TOOLS).map(definition).collect()
}

fn definition(applet: Applet) -> clap::Command {
    let defined = match applet {
        Applet::Execfmt => Arguments::command(),
        Applet::Coff2noff | Applet::Coff2noffX86Linux | Applet::Coff2flat => Coff2::command(),
        Applet::Chmem => ChmemTool::command(),
        Applet::Elf2elks => Elf2elks::command(),
        Applet::ElksCompress => ElksCompress::command(),
        Applet::Os2toelks => Os2toelks::command(),
        Applet::Decomp | Applet::Hostdecomp => Decomp::command(),
        Applet::Nm86 => Nm86::command(),
        Applet::Size86 => Size86::command(),
        Applet::Objdump86 => Objdump86::command(),
        Applet::Mkimage => MkimageTool::command(),
    };
    defined.name(applet.name())
}

/// The names that the program is called by.
#[doc(hidden)]
pub fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once(Applet::Execfmt).chain(Applet::TOOLS).map(Applet::name)
}

/// Reads arguments as the command, or the tool with the given name, would, without acting on them. The first is the
/// program's name.
///
/// # Errors
/// The text that is printed instead: a complaint, or the requested help.
#[doc(hidden)]
pub fn understand(tool: &str, arguments: Vec<OsString>) -> Result<(), String> {
    let defined = definition(Applet::tool(tool).unwrap_or(Applet::Execfmt));
    let read = defined.try_get_matches_from(arguments);
    read.map(drop).map_err(|error| usage::escaped(error).render().to_string())
}

/// The arguments, with patterns such as `*.noff` expanded if the shell leaves that to programs.
fn arguments() -> Vec<OsString> {
    wild::args_os().collect()
}

/// Runs as a converter for Nachos, for the kernel that the folder of a toolchain names.
fn converter<P: Parser>(run: impl FnOnce(&P) -> io::Result<Outcome>) -> Outcome {
    applet(toolchain::converter_arguments(), run)
}

/// Runs as a tool of ELKS or Coyotos, which uses two exit codes: 0, and 1 for any failure.
fn original<P: Parser>(run: impl FnOnce(&P) -> io::Result<Outcome>) -> ExitCode {
    applet(arguments(), run).min(Outcome::Refused).into()
}

fn applet<P: Parser>(arguments: Vec<OsString>, run: impl FnOnce(&P) -> io::Result<Outcome>) -> Outcome {
    match usage::parse(arguments) {
        Ok(arguments) => ended(run(&arguments)),
        Err(outcome) => outcome,
    }
}

fn ended(outcome: io::Result<Outcome>) -> Outcome {
    match outcome {
        Ok(outcome) => outcome,
        // The reader of a pipe has gone away: there is nobody to inform.
        Err(error) if is_closed_pipe(&error) => Outcome::Success,
        Err(error) => {
            let _ = diagnostics::print_error(error);
            Outcome::Failed
        }
    }
}

/// Whether the reader of a pipe has gone away. Windows has two errors for it, only one of which Rust names.
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
        Command::Map(options) => map::run(options),
        Command::Hex(options) => hex::run(options),
        Command::Diff(options) => diff::run(options),
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
