//! An image as it is stored: plain, or a gzip file.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use coyotos_image::{
    CoyotosFinding, GzipError, Header, Image, Options, inflate, inflate_start, is_gzip, parse,
    wire::{HEADER_SIZE, MAGIC},
};
use execfmt_common::Severity;

use super::args::Reading;
use crate::diagnostics::Report;
use crate::files;
use crate::files::read_or_report;
use crate::outcome::Outcome;

/// A file, and the image in it.
pub(crate) struct Stored<'a> {
    /// Whether it is a gzip file.
    pub(crate) gzip: bool,
    /// Its length in bytes.
    pub(crate) file_len: u64,
    /// The header, where there is one; nothing in it but the magic and the byte order has been judged.
    pub(crate) header: Option<Header>,
    /// The plain image.
    contents: Result<Cow<'a, [u8]>, Report>,
    reading: Reading,
}

impl<'a> Stored<'a> {
    /// Reads a file that begins like an image, plain or inflated.
    pub(crate) fn recognise(bytes: &'a [u8], reading: Reading) -> Option<Self> {
        let start = inflate_start(bytes, MAGIC.len()).ok()?;
        (*start == MAGIC).then(|| Self::read(bytes, reading))
    }

    /// Reads a file that is to be an image. No more is inflated than its own header says and the user allows.
    fn read(bytes: &'a [u8], reading: Reading) -> Self {
        let start = inflate_start(bytes, HEADER_SIZE);
        let header = start.as_ref().map_err(damaged).and_then(|start| Header::decode(start).map_err(said));
        let contents = match &header {
            Ok(_) if !is_gzip(bytes) => Ok(Cow::Borrowed(bytes)),
            Ok(header) if u64::from(header.img_bytes) > reading.max_inflated => {
                Err(too_long(header.img_bytes.into(), reading.max_inflated, "--max-inflated allows more"))
            }
            Ok(header) => inflate(bytes, header.img_bytes.into()).map_err(|error| match error {
                GzipError::TooLong { limit } => {
                    too_long(limit.saturating_add(1), limit, "its header says imgBytes")
                }
                error @ GzipError::Damaged(_) => damaged(&error),
            }),
            Err(report) => Err(report.clone()),
        };
        Self { gzip: is_gzip(bytes), file_len: bytes.len() as u64, header: header.ok(), contents, reading }
    }

    /// The image, if the kernel would take its header.
    pub(crate) fn image(&self) -> Result<Image<'_>, Report> {
        let contents = self.contents.as_ref().map_err(Clone::clone)?;
        parse(contents, Options { packing: self.reading.packing.into(), ..Options::default() }).map_err(said)
    }
}

fn said(finding: CoyotosFinding) -> Report {
    Report::from(&finding)
}

fn of_gzip(code: &'static str, found: u64, expected: String, message: String) -> Report {
    let (severity, field) = (Severity::Error, "gzip".into());
    Report { severity, code, field, offset: 0, found, expected, message }
}

fn damaged(error: &GzipError) -> Report {
    of_gzip("gzip_damaged", 0, "a whole gzip file".into(), error.to_string())
}

/// `found` bytes or more.
fn too_long(found: u64, limit: u64, why: &str) -> Report {
    let message = format!("the gzip file holds {found} bytes or more, and at most {limit} are read: {why}");
    of_gzip("gzip_too_long", found, format!("at most {limit}"), message)
}

/// Reads an image and does something with it; says why if it cannot be read.
pub(super) fn with_image(
    path: &Path,
    reading: Reading,
    act: impl FnOnce(&Image<'_>, &Stored<'_>) -> io::Result<Outcome>,
) -> io::Result<Outcome> {
    let Some(bytes) = read_or_report(path)? else { return Ok(Outcome::Failed) };
    let stored = Stored::read(&bytes, reading);
    match stored.image() {
        Ok(image) => act(&image, &stored),
        Err(report) => {
            report.print(&files::name(path))?;
            Ok(Outcome::Refused)
        }
    }
}
