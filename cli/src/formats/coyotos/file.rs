//! An image as stored: uncompressed, or a gzip file.

use std::io;
use std::path::Path;

use coyotos_image::Image;
use execfmt_common::Severity;
use execfmt_detect::{FileKind, OwnFormat};
use execfmt_formats::coyotos::Stored;

use super::args::Reading;
use crate::diagnostics::{Print as _, Report, diagnostic};
use crate::files;
use crate::files::read_or_report;
use crate::foreign;
use crate::outcome::Outcome;

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
    let stored = Stored::read(&bytes, reading.into());
    match stored.image() {
        Ok(image) => act(&image, &stored),
        Err(finding) => {
            let report = Report::from(&finding);
            report.print(&files::name(path))?;
            Ok(Outcome::Refused)
        }
    }
}
