//! NOFF, for people and programs.

mod convert;

use execfmt_common::{ByteOrder, Tally};
use execfmt_view::{NoffView, View};
use noff::{CheckOptions, Layout, PageSize, Profile, check_bytes, runs_on};

pub use convert::{Output, convert};

use super::{Format, KernelVerdict};
use crate::findings::Findings;
use crate::kernel::Kernel;
use crate::report::Report;

/// What is not recorded in a NOFF file.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoffOptions {
    /// The number of segments in the header; by default taken from the file.
    pub layout: Option<Layout>,
    /// Page size in bytes; by default that of the kernel, or 128.
    pub page_size: Option<PageSize>,
    /// Stack size in bytes; by default that of the kernel, or 1024.
    pub stack_size: Option<u32>,
}

/// A file with the NOFF magic.
pub(crate) struct Noff<'a> {
    known: NoffView<'a>,
    /// The layout of the header, if the user chose one.
    layout: Option<Layout>,
}

impl<'a> Noff<'a> {
    pub(crate) fn open(
        bytes: &'a [u8],
        byte_order: ByteOrder,
        options: NoffOptions,
        kernel: Option<Kernel>,
    ) -> Self {
        let NoffOptions { layout, page_size, stack_size } = options;
        let profile = kernel.and_then(Kernel::nachos);
        let known = NoffView { profile, page_size, stack_size, ..NoffView::new(bytes, byte_order, layout) };
        Self { known, layout }
    }
}

impl Format for Noff<'_> {
    fn is_for(&self, kernel: Kernel) -> bool {
        kernel.nachos().is_some()
    }

    fn findings(&self) -> Findings {
        let options = CheckOptions { layout: self.layout, profile: self.known.profile, scan_code: true };
        let mut tally = Tally::default();
        Findings::of(|report| tally = check_bytes(self.known.bytes, &options, report).tally).counted(tally)
    }

    fn kernels(&self) -> Vec<KernelVerdict> {
        let known = &self.known;
        let refused = if known.program.is_none() { self.findings().first_error().cloned() } else { None };
        let one = |profile: &'static Profile<'static>| match &known.program {
            Some(program) => match runs_on(program, profile) {
                Ok(()) => KernelVerdict {
                    spare_pages: known.spare_pages(profile),
                    ..KernelVerdict::new(profile.name, None)
                },
                Err(finding) => KernelVerdict::new(profile.name, Some(Report::from(&finding))),
            },
            None => KernelVerdict::new(profile.name, refused.clone()),
        };
        known.profiles().map(one).collect()
    }

    fn view(&self) -> View {
        self.known.view()
    }
}
