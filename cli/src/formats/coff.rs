//! MIPS COFF, for a person or a program.

use std::io;
use std::ops::ControlFlow;

use execfmt_view::{CoffView, View};
use mips_coff::{CheckOptions, CoffFinding, Image, Loader, SectionKind, findings, nachos5j};
use mips_scan::{Code, ScanOptions, scan};
use noff::{Format as KernelFormat, Layout, Profile};

use super::{Format, KernelVerdict, code};
use crate::diagnostics::Report;
use crate::findings::Findings;
use crate::kernel::Kernel;
use crate::rows::Rows;

/// A file with the magic of MIPS COFF.
pub(crate) struct Coff<'a> {
    bytes: &'a [u8],
    image: Result<Image<'a>, CoffFinding>,
    options: CheckOptions,
}

impl<'a> Coff<'a> {
    pub(crate) fn open(bytes: &'a [u8], kernel: Option<Kernel>) -> Self {
        let options = kernel.and_then(Kernel::nachos).map_or_else(CheckOptions::default, options_for);
        Self { bytes, image: Image::parse(bytes), options }
    }

    /// The instructions of each section that holds some.
    fn code(&self) -> impl Iterator<Item = Code<'a>> {
        let image = self.image.as_ref().ok();
        let sections = image.into_iter().flat_map(Image::sections).filter_map(Result::ok);
        let order = image.map(|image| image.header().byte_order).unwrap_or_default();
        sections.filter(|section| section.header.kind() == Some(SectionKind::Text)).map(move |section| Code {
            bytes: section.bytes,
            address: section.header.vaddr,
            file_offset: section.header.scnptr.into(),
            byte_order: order,
        })
    }
}

/// How kernels of a family get the program: as it is, or by a converter.
fn options_for(profile: &Profile<'_>) -> CheckOptions {
    match profile.format {
        KernelFormat::Noff { layout: Layout::Four } => CheckOptions::new(Loader::Coff2NoffFour),
        KernelFormat::Noff { .. } => CheckOptions::new(Loader::Coff2NoffThree),
        _ => CheckOptions { loader: Loader::Nachos5j, frames: profile.frames.unwrap_or(nachos5j::FRAMES) },
    }
}

/// The first reason why a loader does not take the file.
fn refusal(bytes: &[u8], options: &CheckOptions) -> Option<CoffFinding> {
    let mut refusal = None;
    let _ = findings(bytes, options, &mut |finding| {
        refusal = finding.is_error().then_some(finding);
        if refusal.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    refusal
}

/// What each of the loaders makes of the file.
fn verdicts(bytes: &[u8]) -> impl Iterator<Item = (Loader, Option<CoffFinding>)> {
    let loaders = Loader::ALL.into_iter().filter(|loader| *loader != Loader::Any);
    loaders.map(|loader| (loader, refusal(bytes, &CheckOptions::new(loader))))
}

impl Format for Coff<'_> {
    fn is_for(&self, kernel: Kernel) -> bool {
        kernel.nachos().is_some()
    }

    fn findings(&self) -> Findings {
        let of_file =
            code::findings(|report| findings(self.bytes, &self.options, &mut |finding| report(finding)));
        let options = ScanOptions { nachos5j: self.options.loader == Loader::Nachos5j };
        of_file.and(code::findings(|report| {
            for code in self.code() {
                scan(&code, options, report);
            }
        }))
    }

    /// The one family that loads COFF; the others take what the converters make of it (`loaders`).
    fn kernels(&self) -> Vec<KernelVerdict> {
        let refusal = refusal(self.bytes, &CheckOptions::new(Loader::Nachos5j));
        vec![KernelVerdict::new("nachos5j", refusal.map(|refusal| Report::from(&refusal)))]
    }

    fn view(&self) -> View {
        let loaders = verdicts(self.bytes).collect();
        CoffView { bytes: self.bytes, image: self.image.clone(), loaders }.view()
    }

    fn symbols(&self, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some("the symbols of COFF files are not read".into()))
    }

    fn relocations(&self, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some("the relocations of COFF files are not read".into()))
    }
}
