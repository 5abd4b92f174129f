//! MIPS COFF, for people and programs.

use std::io;
use std::ops::ControlFlow;

use execfmt_view::{CoffView, View};
use mips_coff::{CheckOptions, CoffFinding, Counts, Image, Loader, check_bytes, findings, nachos5j};
use noff::{Format as KernelFormat, Layout, Profile};
use serde_json::json;

use super::{Format, KernelVerdict};
use crate::findings::Findings;
use crate::json::text;
use crate::kernel::Kernel;
use crate::report::Report;
use crate::rows::Rows;

/// A file with the magic of MIPS COFF.
pub(crate) struct Coff<'a> {
    bytes: &'a [u8],
    image: Result<Image<'a>, CoffFinding>,
    findings: Findings,
    /// What a scan of the code counted.
    code: Counts,
}

impl<'a> Coff<'a> {
    pub(crate) fn open(bytes: &'a [u8], kernel: Option<Kernel>) -> Self {
        let options = kernel.and_then(Kernel::nachos).map_or_else(CheckOptions::default, options_for);
        let options = CheckOptions { scan_code: true, ..options };
        let mut findings = Findings::default();
        let verdict = check_bytes(bytes, &options, &mut |finding| findings.add(finding));
        let (findings, code) = (findings.counted(verdict.tally), verdict.code.unwrap_or_default());
        Self { bytes, image: Image::parse(bytes), findings, code }
    }
}

/// How kernels of a family obtain the program: directly, or through a converter.
fn options_for(profile: &Profile<'_>) -> CheckOptions {
    match profile.format {
        KernelFormat::Noff { layout: Layout::Four } => CheckOptions::new(Loader::Coff2NoffFour),
        KernelFormat::Noff { .. } => CheckOptions::new(Loader::Coff2NoffThree),
        _ => CheckOptions {
            frames: profile.frames.unwrap_or(nachos5j::FRAMES),
            ..CheckOptions::new(Loader::Nachos5j)
        },
    }
}

/// The first reason why a loader does not accept the file.
fn refusal(bytes: &[u8], options: &CheckOptions) -> Option<CoffFinding> {
    let mut refusal = None;
    let _ = findings(bytes, options, &mut |finding| {
        refusal = finding.is_error().then_some(finding);
        if refusal.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    refusal
}

/// The verdict of each loader.
fn verdicts(bytes: &[u8]) -> impl Iterator<Item = (Loader, Option<CoffFinding>)> {
    let loaders = Loader::ALL.into_iter().filter(|loader| *loader != Loader::Any);
    loaders.map(|loader| (loader, refusal(bytes, &CheckOptions::new(loader))))
}

impl Format for Coff<'_> {
    fn is_for(&self, kernel: Kernel) -> bool {
        kernel.nachos().is_some()
    }

    fn findings(&self) -> Findings {
        self.findings.clone()
    }

    /// The only family that loads COFF; the others load the output of the converters (`loaders`).
    fn kernels(&self) -> Vec<KernelVerdict> {
        let refusal = refusal(self.bytes, &CheckOptions::new(Loader::Nachos5j));
        vec![KernelVerdict::new("nachos5j", refusal.map(|refusal| Report::from(&refusal)))]
    }

    fn view(&self) -> View {
        let loaders = verdicts(self.bytes).collect();
        CoffView { bytes: self.bytes, image: self.image, code: self.code, loaders }.view()
    }

    fn symbols(&self, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
        let symbols = match &self.image {
            Ok(image) => image.symbols(),
            Err(finding) => Err(*finding),
        };
        let symbols = match symbols {
            Ok(symbols) => symbols,
            Err(finding) => return Ok(Some(finding.to_string())),
        };
        for symbol in symbols.iter() {
            let letter = symbol.letter().to_string();
            rows.row(symbol, || json!({ "name": text(symbol.name), "value": symbol.value, "kind": letter }))?;
        }
        Ok(None)
    }

    fn relocations(&self, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some("the relocations of COFF files are not read".into()))
    }
}
