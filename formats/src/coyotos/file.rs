//! An image as it is stored: uncompressed, or as a gzip file.

use std::borrow::Cow;

use coyotos_image::{
    CheckOptions, CoyotosFinding, Header, Image, Loader, Options, Packing, Verdict, check_bytes, contents,
    inflate_start, is_gzip,
    wire::{HEADER_SIZE, MAGIC},
};
use execfmt_common::AnyFinding;

/// Default maximum number of bytes inflated from a gzip file: more than any known image has.
pub const MAX_INFLATED: u64 = 1 << 28;

/// How to read an image.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// How bit-fields are packed into the words of an image for a big-endian machine.
    pub packing: Packing,
    /// Maximum number of bytes inflated from a gzip file.
    pub max_inflated: u64,
}

impl Default for Reading {
    fn default() -> Self {
        Self { packing: Packing::AsWritten, max_inflated: MAX_INFLATED }
    }
}

/// A file, and the image in it.
pub struct Stored<'a> {
    /// Whether it is a gzip file.
    pub gzip: bool,
    /// Its length in bytes.
    pub file_len: u64,
    /// The header, if there is one; only its magic and byte order have been checked.
    pub header: Option<Header>,
    /// The uncompressed image.
    contents: Result<Cow<'a, [u8]>, CoyotosFinding>,
    reading: Reading,
}

impl<'a> Stored<'a> {
    /// Reads a file that begins like an image, uncompressed or compressed.
    pub fn recognise(bytes: &'a [u8], reading: Reading) -> Option<Self> {
        let start = inflate_start(bytes, MAGIC.len()).ok()?;
        (*start == MAGIC).then(|| Self::read(bytes, reading))
    }

    /// Reads a file that must be an image. No more is inflated than its own header says and the user allows.
    pub fn read(bytes: &'a [u8], reading: Reading) -> Self {
        let start = inflate_start(bytes, HEADER_SIZE).ok();
        let header = start.and_then(|start| Header::parse(&start).ok());
        let contents = contents(bytes, reading.max_inflated);
        Self { gzip: is_gzip(bytes), file_len: bytes.len() as u64, header, contents, reading }
    }

    /// The uncompressed bytes, if available.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.contents.as_deref().ok()
    }

    /// The image, even with an old layout, if a kernel would accept its header.
    pub fn image(&self) -> Result<Image<'_>, CoyotosFinding> {
        let contents = self.contents.as_ref().map_err(Clone::clone)?;
        let packing = self.reading.packing;
        Image::parse(contents, Options { packing, old_layouts: true, ..Options::default() })
    }

    /// All errors and warnings for a loader, and the verdict.
    pub fn check(&self, loader: Loader, found: &mut dyn FnMut(&dyn AnyFinding)) -> Option<Verdict> {
        match &self.contents {
            Ok(bytes) => {
                let packing = self.reading.packing;
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
