//! NOFF, for a person or a program.

pub(crate) mod args;
mod convert;

use execfmt_common::{ByteOrder, Tally};
use execfmt_view::{NoffView, View};
use noff::{CheckOptions, Header, NoffFinding, Profile, Program, Strictness, check_bytes, runs_on};

pub(crate) use convert::{Output, coff2flat, coff2noff, convert};

use super::{Format, KernelVerdict};
use crate::diagnostics::Report;
use crate::findings::Findings;
use crate::kernel::Kernel;
use args::NoffOptions;

/// A file with the NOFF magic.
pub(crate) struct Noff<'a> {
    bytes: &'a [u8],
    byte_order: ByteOrder,
    file_len: u32,
    header: Result<Header, NoffFinding>,
    options: NoffOptions,
    /// The kernels that the file is for, if the user named them.
    profile: Option<&'static Profile<'static>>,
}

impl<'a> Noff<'a> {
    pub(crate) fn open(
        bytes: &'a [u8],
        byte_order: ByteOrder,
        options: NoffOptions,
        kernel: Option<Kernel>,
    ) -> Self {
        let profile = kernel.and_then(Kernel::nachos);
        let file_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self {
            bytes,
            byte_order,
            file_len,
            header: Header::parse(bytes, file_len, options.layout),
            options,
            profile,
        }
    }

    /// The program, when nothing is wrong with it.
    fn program(&self) -> Option<Program> {
        Program::new(self.header.ok()?, self.file_len, Strictness::Errors).ok()
    }

    /// What is known of the file.
    fn known(&self) -> NoffView<'_> {
        NoffView {
            bytes: self.bytes,
            byte_order: self.byte_order,
            header: self.header,
            program: self.program(),
            profile: self.profile,
            page_size: self.options.page_size,
            stack_size: self.options.stack_size,
        }
    }
}

impl Format for Noff<'_> {
    fn is_for(&self, kernel: Kernel) -> bool {
        kernel.nachos().is_some()
    }

    fn findings(&self) -> Findings {
        let options = CheckOptions { layout: self.options.layout, profile: self.profile, scan_code: true };
        let mut tally = Tally::default();
        Findings::of(|report| tally = check_bytes(self.bytes, &options, report).tally).counted(tally)
    }

    fn kernels(&self) -> Vec<KernelVerdict> {
        let known = self.known();
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
        self.known().view()
    }
}
