//! Coyotos images, for a person or a program.

pub(crate) mod args;
mod build;
pub(crate) mod command;
mod convert;
mod extract;
pub(super) mod file;
mod folder;
mod list;
mod manifest;
pub(crate) mod mkimage;
pub(crate) mod select;
mod space;
pub(crate) mod spaces;

use std::io;

use coyotos_image::Loader;
use execfmt_view::{CoyotosView, View};

pub(crate) use convert::{convert, to_elf};
pub(crate) use select::Part;

use super::{Format, KernelVerdict};
use crate::diagnostics::Report;
use crate::findings::Findings;
use crate::kernel::Kernel;
use crate::rows::Rows;
use args::CoyotosOptions;
use file::Stored;

/// A file that begins like an image.
pub(crate) struct Coyotos<'a> {
    stored: Stored<'a>,
    loader: Loader,
}

impl<'a> Coyotos<'a> {
    pub(crate) fn open(stored: Stored<'a>, options: CoyotosOptions, kernel: Option<Kernel>) -> Self {
        let original = kernel == Some(Kernel::CoyotosOriginal);
        Self { stored, loader: if original { Loader::Original } else { options.rules.into() } }
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
            Ok(image) => list::symbols(&image, rows).map(|()| None),
            Err(finding) => Ok(Some(Report::from(&finding).message)),
        }
    }
}
