//! `coyotos`: what only images need of a command.

mod build;
mod extract;
pub(crate) mod file;
mod folder;
mod list;
mod manifest;
pub(crate) mod select;
mod space;
pub(crate) mod spaces;

use std::io;
use std::path::Path;

use execfmt_common::Severity;

use crate::Outcome;
use crate::args::Coyotos;
use crate::files;
use crate::report::{say, tell};

pub(crate) fn run(what: &Coyotos) -> io::Result<Outcome> {
    match what {
        Coyotos::Build(options) => build::run(options),
        Coyotos::Ls(options) => list::objects(options),
        Coyotos::Space(options) => space::run(options),
        Coyotos::Caps(options) => list::capabilities(options),
        Coyotos::Extract(options) => extract::run(options),
        Coyotos::Unpack(options) => folder::unpack(options),
        Coyotos::Pack(options) => folder::pack(options),
    }
}

pub(crate) use list::symbols;

/// Says why a file is refused.
fn refused(path: &Path, why: &str) -> io::Result<Outcome> {
    tell(&files::name(path), Some(Severity::Error), why)?;
    Ok(Outcome::Refused)
}

/// Says why a file could not be read or written; a broken pipe is for the caller.
fn failed(path: &Path, error: io::Error) -> io::Result<Outcome> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Err(error);
    }
    say(format_args!("{}: {error}", path.display()))?;
    Ok(Outcome::Failed)
}

/// Writes a file, or says why not.
fn write(path: &Path, bytes: &[u8]) -> io::Result<Outcome> {
    match files::write(path, bytes) {
        Ok(()) => Ok(Outcome::Fine),
        Err(error) => failed(path, error),
    }
}

/// An image as it is stored.
fn stored(image: Vec<u8>, gzip: bool) -> Result<Vec<u8>, String> {
    if gzip { coyotos_image::deflate(&image).map_err(|error| error.to_string()) } else { Ok(image) }
}
