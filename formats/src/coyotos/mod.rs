//! Coyotos images, for people and programs.

pub mod convert;
mod file;
mod spaces;
mod symbols;

use std::io;

use coyotos_image::Loader;
use execfmt_view::{CoyotosView, View};

pub use file::{MAX_INFLATED, Reading, Stored};
pub use spaces::{choose, exists};
pub use symbols::written;

use super::{Format, KernelVerdict};
use crate::findings::Findings;
use crate::kernel::Kernel;
use crate::report::Report;
use crate::rows::Rows;

/// Options that are not recorded in an image.
#[derive(Clone, Copy, Debug, Default)]
pub struct CoyotosOptions {
    /// The loader whose rules the image is checked by.
    pub loader: Loader,
    /// How it is read.
    pub reading: Reading,
}

/// A file that begins like an image.
pub(crate) struct Coyotos<'a> {
    stored: Stored<'a>,
    loader: Loader,
}

impl<'a> Coyotos<'a> {
    pub(crate) fn open(stored: Stored<'a>, options: CoyotosOptions, kernel: Option<Kernel>) -> Self {
        let original = kernel == Some(Kernel::CoyotosOriginal);
        Self { stored, loader: if original { Loader::Original } else { options.loader } }
    }
}

impl Format for Coyotos<'_> {
    fn is_for(&self, kernel: Kernel) -> bool {
        kernel == Kernel::CoyotosOriginal
    }

    fn findings(&self) -> Findings {
        let mut findings = Findings::default();
        match self.stored.check(self.loader, &mut |finding| _ = findings.add(finding)) {
            Some(verdict) => findings.counted(verdict.tally),
            None => findings,
        }
    }

    fn kernels(&self) -> Vec<KernelVerdict> {
        let mut findings = Findings::default();
        let _ = self.stored.check(Loader::Original, &mut |finding| _ = findings.add(finding));
        vec![KernelVerdict::new("coyotos-original", findings.first_error().cloned())]
    }

    fn contents(&self) -> Option<&[u8]> {
        self.stored.bytes()
    }

    fn view(&self) -> View {
        CoyotosView {
            file_length: self.stored.file_len,
            gzip: self.stored.gzip,
            bytes: self.stored.bytes(),
            header: self.stored.header,
            image: self.stored.image().ok(),
        }
        .view()
    }

    fn symbols(&self, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
        match self.stored.image() {
            Ok(image) => symbols::symbols(&image, rows).map(|()| None),
            Err(finding) => Ok(Some(Report::from(&finding).message)),
        }
    }
}
