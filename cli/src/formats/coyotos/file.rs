//! An image as it is stored: uncompressed, or a gzip file.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use coyotos_image::{
    CheckOptions, CoyotosFinding, Header, Image, Loader, Options, Verdict, check_bytes, contents,
    inflate_start, is_gzip,
    wire::{HEADER_SIZE, MAGIC},
};
use execfmt_common::{AnyFinding, Severity};
use execfmt_detect::{FileKind, OwnFormat};

use super::args::Reading;
use crate::diagnostics::{Report, diagnostic};
use crate::files;
use crate::files::read_or_report;
use crate::foreign;
use crate::outcome::Outcome;

/// A file, and the image in it.
pub(crate) struct Stored<'a> {
    /// Whether it is a gzip file.
    pub(crate) gzip: bool,
    /// Its length in bytes.
    pub(crate) file_len: u64,
    /// The header, where there is one; nothing in it but the magic and the byte order has been checked.
    pub(crate) header: Option<Header>,
    /// The uncompressed image.
    contents: Result<Cow<'a, [u8]>, CoyotosFinding>,
    reading: Reading,
}

impl<'a> Stored<'a> {
    /// Reads a file that begins like an image, uncompressed or inflated.
    pub(crate) fn recognise(bytes: &'a [u8], reading: Reading) -> Option<Self> {
        let start = inflate_start(bytes, MAGIC.len()).ok()?;
        (*start == MAGIC).then(|| Self::read(bytes, reading))
    }

    /// Reads a file that is to be an image. No more is inflated than its own header says and the user allows.
    fn read(bytes: &'a [u8], reading: Reading) -> Self {
        let start = inflate_start(bytes, HEADER_SIZE).ok();
        let header = start.and_then(|start| Header::parse(&start).ok());
        let contents = contents(bytes, reading.max_inflated);
        Self { gzip: is_gzip(bytes), file_len: bytes.len() as u64, header, contents, reading }
    }

    /// The uncompressed bytes, if they are to be had.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        self.contents.as_deref().ok()
    }

    /// The image, of an old layout too, if a kernel would take its header.
    pub(crate) fn image(&self) -> Result<Image<'_>, CoyotosFinding> {
        let contents = self.contents.as_ref().map_err(Clone::clone)?;
        let packing = self.reading.packing.into();
        Image::parse(contents, Options { packing, old_layouts: true, ..Options::default() })
    }

    /// Every error and warning for a loader, and the verdict.
    pub(crate) fn check(&self, loader: Loader, found: &mut dyn FnMut(&dyn AnyFinding)) -> Option<Verdict> {
        match &self.contents {
            Ok(bytes) => {
                let packing = self.reading.packing.into();
                let options = CheckOptions { loader, packing, ..CheckOptions::default() };
                Some(check_bytes(bytes, &options, &mut |finding| {
                    found(finding);
                    std::ops::ControlFlow::Continue(())
                }))
            }
            Err(finding) => {
                found(finding);
                None
            }
        }
    }
}

/// Reads an image and does something with it; reports why if it cannot be read.
pub(super) fn with_image(
    path: &Path,
    reading: Reading,
    act: impl FnOnce(&Image<'_>, &Stored<'_>) -> io::Result<Outcome>,
) -> io::Result<Outcome> {
    let Some(bytes) = read_or_report(path)? else { return Ok(Outcome::Failed) };
    let image = |kind| matches!(kind, FileKind::Own(OwnFormat::CoyotosImage) | FileKind::Gzip);
    if let Err(refusal) = foreign::expect(&bytes, "a Coyotos image", image) {
        diagnostic(&files::name(path), Some(Severity::Error), &refusal)?;
        return Ok(Outcome::Refused);
    }
    let stored = Stored::read(&bytes, reading);
    match stored.image() {
        Ok(image) => act(&image, &stored),
        Err(finding) => {
            let report = Report::from(&finding);
            report.print(&files::name(path))?;
            Ok(Outcome::Refused)
        }
    }
}
