//! `coyotos`: what only the commands for images need.

use std::io;
use std::path::Path;

use execfmt_common::Severity;

use super::args::Coyotos;
use super::{build, extract, folder, list, mkimage, space};
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::outcome::Outcome;

pub(crate) fn run(what: &Coyotos) -> io::Result<Outcome> {
    match what {
        Coyotos::Build(options) => build::run(options),
        Coyotos::Mkimage(options) => mkimage::run(options),
        Coyotos::Ls(options) => list::objects(options),
        Coyotos::Space(options) => space::run(options),
        Coyotos::Caps(options) => list::capabilities(options),
        Coyotos::Extract(options) => extract::run(options),
        Coyotos::Unpack(options) => folder::unpack(options),
        Coyotos::Pack(options) => folder::pack(options),
    }
}

/// Reports why a file is refused.
pub(super) fn refused(path: &Path, why: &str) -> io::Result<Outcome> {
    diagnostic(&files::name(path), Some(Severity::Error), why)?;
    Ok(Outcome::Refused)
}

/// Reports why a file could not be read or written; a broken pipe is left to the caller.
pub(super) fn failed(path: &Path, error: io::Error) -> io::Result<Outcome> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Err(error);
    }
    print_error(format_args!("{}: {error}", files::shown(path)))?;
    Ok(Outcome::Failed)
}

/// Writes a file, or reports why not.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<Outcome> {
    match files::write(path, bytes) {
        Ok(()) => Ok(Outcome::Success),
        Err(error) => failed(path, error),
    }
}

/// An image as stored.
pub(super) fn stored(image: Vec<u8>, gzip: bool) -> Result<Vec<u8>, String> {
    if gzip { coyotos_image::deflate(&image).map_err(|error| error.to_string()) } else { Ok(image) }
}
