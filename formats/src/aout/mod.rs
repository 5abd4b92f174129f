//! ELKS and Minix a.out, for people and programs.

pub mod compress;
pub mod convert;
mod list;
mod refusal;
mod symbol_file;

use std::io;
use std::ops::ControlFlow;

use aout_minix::elks::{MIN_ARGUMENT_BYTES, Options};
use aout_minix::{CheckOptions, Image, Loader, Verdict, check_bytes, parse};
use execfmt_common::Severity;
use execfmt_view::{AoutView, View};

pub use refusal::errors;
pub use symbol_file::SymbolFile;

use super::{Format, KernelVerdict};
use crate::findings::Findings;
use crate::kernel::Kernel;
use crate::report::Report;
use crate::rows::Rows;

/// Options that are not recorded in an a.out file.
#[derive(Clone, Copy, Debug)]
pub struct ElksOptions {
    /// Size of the argument block in bytes: argc, argv, environment and strings.
    pub argument_bytes: u16,
}

impl From<ElksOptions> for CheckOptions {
    fn from(options: ElksOptions) -> Self {
        Self { argument_bytes: options.argument_bytes, ..Self::default() }
    }
}

impl Default for ElksOptions {
    fn default() -> Self {
        Self { argument_bytes: MIN_ARGUMENT_BYTES }
    }
}

/// A file with the a.out magic.
pub(crate) struct Aout<'a> {
    bytes: &'a [u8],
    options: Options,
    check: CheckOptions,
    verdict: Verdict,
    findings: Findings,
}

impl<'a> Aout<'a> {
    pub(crate) fn open(bytes: &'a [u8], options: ElksOptions, kernel: Option<Kernel>) -> Self {
        let mut findings = Findings::default();
        let mut options = CheckOptions::from(options);
        options.loader = kernel.and_then(Kernel::aout).unwrap_or_default();
        let verdict = check_bytes(bytes, &options, &mut |finding| findings.add(finding));
        let findings = findings.counted(verdict.tally);
        Self { bytes, check: options, options: options.elks(), verdict, findings }
    }

    /// Lists a table of the file, or returns why it cannot be read.
    fn list(
        &self,
        rows: &mut Rows<'_>,
        table: impl FnOnce(&Image<'_>, &mut Rows<'_>) -> io::Result<Option<String>>,
    ) -> io::Result<Option<String>> {
        match parse(self.bytes) {
            Ok(image) => table(&image, rows),
            Err(finding) => Ok(Some(finding.to_string())),
        }
    }
}

impl Format for Aout<'_> {
    fn is_for(&self, kernel: Kernel) -> bool {
        kernel.aout().is_some()
    }

    fn findings(&self) -> Findings {
        self.findings.clone()
    }

    fn kernels(&self) -> Vec<KernelVerdict> {
        let loaders =
            [("elks", Loader::Elks), ("elks-minimal", Loader::ElksMinimal), ("minix2", Loader::Minix2)];
        let error = |loader| {
            let options = CheckOptions { loader, ..self.check };
            let mut error = None;
            let verdict = check_bytes(self.bytes, &options, &mut |finding| {
                if finding.severity() == Severity::Error {
                    error = Some(Report::from(finding));
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            error.filter(|_| !verdict.is_accepted())
        };
        loaders.map(|(name, loader)| KernelVerdict::new(name, error(loader))).into()
    }

    fn view(&self) -> View {
        AoutView { bytes: self.bytes, verdict: &self.verdict, options: self.options }.view()
    }

    fn symbols(&self, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
        self.list(rows, |image, rows| list::symbols(image.symbols(), rows))
    }

    fn symbols_at(&self, address: u32, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
        self.list(rows, |image, rows| list::symbols_at(&image.symbols(), address, rows))
    }

    fn relocations(&self, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
        self.list(rows, list::relocations)
    }
}
