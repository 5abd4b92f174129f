//! OS/2 NE as ELKS loads it, for people and programs.

mod convert;

use std::io;
use std::ops::ControlFlow;

use execfmt_common::Severity;
use execfmt_view::{NeView, View};
use os2_ne::{Image, Options, Segment, Verdict, check_bytes};
use serde_json::json;

pub use convert::repair;

use super::aout::ElksOptions;
use super::{Format, KernelVerdict};
use crate::advice::Sentence;
use crate::findings::Findings;
use crate::kernel::Kernel;
use crate::report::Report;
use crate::rows::Rows;

/// A file with an NE header.
pub(crate) struct Os2Ne<'a> {
    bytes: &'a [u8],
    options: Options,
    verdict: Verdict<'a>,
    findings: Findings,
}

impl<'a> Os2Ne<'a> {
    pub(crate) fn open(bytes: &'a [u8], options: ElksOptions) -> Self {
        let options = Options { argument_bytes: options.argument_bytes, ..Options::default() };
        let mut findings = Findings::default();
        let verdict = check_bytes(bytes, &options, &mut |finding| findings.add(finding));
        let findings = findings.counted(verdict.tally);
        Self { bytes, options, verdict, findings }
    }

    fn segments(&self) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        Image::parse(self.bytes).ok().into_iter().flat_map(|image| image.segments())
    }
}

/// Why ELKS does not run a file.
pub fn refusals(bytes: &[u8]) -> Vec<String> {
    let mut errors = Vec::new();
    check_bytes(bytes, &Options::default(), &mut |finding| {
        errors.extend((finding.severity() == Severity::Error).then(|| Sentence(finding).to_string()));
        ControlFlow::Continue(())
    });
    errors
}

impl Format for Os2Ne<'_> {
    fn is_for(&self, kernel: Kernel) -> bool {
        kernel.aout() == Some(aout_minix::Loader::Elks)
    }

    fn findings(&self) -> Findings {
        self.findings.clone()
    }

    fn view(&self) -> View {
        NeView { bytes: self.bytes, options: self.options, verdict: &self.verdict }.view()
    }

    fn kernels(&self) -> Vec<KernelVerdict> {
        let refusal = self.verdict.elks.as_ref().err().map(Report::from);
        vec![KernelVerdict::new("elks", refusal.or_else(|| self.findings.first_error().cloned()))]
    }

    fn relocations(&self, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
        if let Err(finding) = Image::parse(self.bytes) {
            return Ok(Some(finding.to_string()));
        }
        for segment in self.segments() {
            for item in segment.relocations() {
                let (offset, record) = match item {
                    Ok(it) => it,
                    Err(finding) => return Ok(Some(finding.to_string())),
                };
                let (number, source) = (segment.number, record.source_offset.get());
                match record.known() {
                    Ok(relocation) => rows.row(
                        format_args!("{number}  {relocation}"),
                        || json!({ "segment": number, "offset": source, "relocation": relocation.to_string() }),
                    )?,
                    Err((name, found, expected)) => rows.row(
                        format_args!(
                            "{number}  {source:04x}: not supported by ELKS: {name} {found:#04x} at byte {offset}, expected {expected}"
                        ),
                        || json!({ "segment": number, "offset": source, "relocation": null }),
                    )?,
                }
            }
        }
        Ok(None)
    }
}
