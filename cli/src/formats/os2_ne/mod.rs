//! OS/2 NE as ELKS loads it, for a person or a program.

pub(crate) mod chmem;
mod convert;
mod info;
pub(crate) mod load;
mod map;

use std::io::{self, Write};
use std::ops::ControlFlow;

use execfmt_common::Severity;
use os2_ne::chmem::MemoryAsked;
use os2_ne::elks::{Layout, Program, Returned};
use os2_ne::{Header, Image, Options, Segment, Verdict, check_bytes};
use serde_json::{Value, json};

pub(crate) use convert::convert;

use super::aout::args::ElksOptions;
use super::{Format, KernelVerdict};
use crate::advice::Sentence;
use crate::diagnostics::Report;
use crate::findings::Findings;
use crate::kernel::Kernel;
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

    fn layout(&self) -> Option<&Layout> {
        self.verdict.elks.as_ref().ok().map(Program::layout)
    }

    fn elks_json(&self) -> Value {
        let layout = self.layout();
        let refusal = self.verdict.elks.as_ref().err();
        let member = |value: fn(&Layout) -> u16| layout.map(value);
        let segments = layout
            .into_iter()
            .flat_map(Layout::segments)
            .map(|segment| json!({ "kind": segment.kind.name(), "paras": segment.paras }));
        json!({
            "argument_bytes": self.options.argument_bytes,
            "errno": refusal.map(|refusal| refusal.rule.errno().name()),
            "returned": refusal.map(Returned::returned),
            "segments": layout.map(|_| segments.collect::<Vec<_>>()),
            "total_paras": layout.map(Layout::total_paras),
            "data_len": member(|layout| layout.data_len),
            "minstack": member(|layout| layout.minstack),
            "t_enddata": member(|layout| layout.t_enddata),
            "t_endseg": member(|layout| layout.t_endseg),
            "begstack": member(|layout| layout.begstack),
            "endbrk": member(|layout| layout.endbrk),
            "entry": member(|layout| layout.entry),
            "entry_segment": member(|layout| layout.entry_segment),
        })
    }
}

/// Why ELKS does not run a file.
pub(crate) fn refusals(bytes: &[u8]) -> Vec<String> {
    let mut errors = Vec::new();
    check_bytes(bytes, &Options::default(), &mut |finding| {
        errors.extend((finding.severity() == Severity::Error).then(|| Sentence(finding).to_string()));
        ControlFlow::Continue(())
    });
    errors
}

/// A segment as JSON.
fn segment_json(segment: &Segment<'_>) -> Value {
    json!({
        "number": segment.number,
        "kind": if segment.is_data() { "data" } else { "code" },
        "offset": segment.offset,
        "size": segment.size(),
        "flags": segment.flags(),
        "min_alloc": segment.min_alloc(),
        "relocations": segment.relocations().count(),
    })
}

impl Format for Os2Ne<'_> {
    fn is_for(&self, kernel: Kernel) -> bool {
        kernel.aout() == Some(aout_minix::Loader::Elks)
    }

    fn findings(&self) -> Findings {
        self.findings.clone()
    }

    fn json(&self) -> Value {
        let header = self.verdict.header.as_ref();
        let word = |value: fn(&Header) -> u16| header.map(value);
        // No more segments are listed than a program of ELKS has; a header can name 65,535.
        let listed = self.segments().take(os2_ne::elks::MAX_SEGMENTS);
        json!({
            "format": "os2-ne",
            "system": self.verdict.system.map(|system| system.to_string()),
            "target_os": header.map(Header::target_os),
            "program_flags": header.map(|header| header.ne.program_flags),
            "application_flags": header.map(|header| header.ne.application_flags),
            "auto_data_segment": word(Header::auto_data_segment),
            "heap": word(Header::heap),
            "stack": word(Header::stack),
            "ip": word(Header::ip),
            "cs": word(Header::cs),
            "sp": word(Header::sp),
            "ss": word(Header::ss),
            "num_segments": word(Header::num_segments),
            "num_modules": word(Header::num_modules),
            "num_movable": word(Header::num_movable),
            "num_resources": word(Header::num_resources),
            "shift": word(Header::shift),
            "segments": listed.map(|segment| segment_json(&segment)).collect::<Vec<_>>(),
            "elks": self.elks_json(),
        })
    }

    fn info(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        match &self.verdict.header {
            Some(header) => self.in_words(header, MemoryAsked::of(header), name, out),
            None => writeln!(
                out,
                "{name}: OS/2 NE executable, {} bytes, cut short within its headers",
                self.bytes.len()
            ),
        }
    }

    fn map(&self, name: &str) -> Option<String> {
        Some(format!("{name}\n{}", map::elks(self.layout()?)))
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
                            "{number}  {source:04x}: unknown to ELKS: {name} {found:#04x} at byte {offset}, expected {expected}"
                        ),
                        || json!({ "segment": number, "offset": source, "relocation": null }),
                    )?,
                }
            }
        }
        Ok(None)
    }
}
