//! ELKS and Minix a.out, for a person or a program.

pub(crate) mod args;
pub(crate) mod chmem;
pub(crate) mod compress;
mod convert;
mod elks;
mod info;
mod list;
pub(crate) mod load;
mod map;
pub(crate) mod objtools;
mod refusal;
pub(crate) mod symbol_file;

use std::io::{self, Write};
use std::ops::ControlFlow;

use aout_minix::elks::{Options, Program, Requirements};
use aout_minix::{
    CheckOptions, HLEN_RELOC, Header, Image, Loader, Supplement, Verdict, check_bytes, parse, read_header,
};
use execfmt_common::Severity;
use execfmt_view::{Node, Region};
use serde_json::{Value, json};

pub(crate) use convert::{convert, elf2elks, os2toelks};

use super::{Format, KernelVerdict};
use crate::diagnostics::Report;
use crate::findings::Findings;
use crate::kernel::Kernel;
use crate::picture::Strip;
use crate::rows::Rows;
use args::ElksOptions;

/// A file with the a.out magic.
pub(crate) struct Aout<'a> {
    bytes: &'a [u8],
    /// What 32 bytes or more say; `None` for fewer.
    header: Option<Header>,
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
        Self { bytes, header: verdict.header, check: options, options: options.elks(), verdict, findings }
    }

    /// The supplement, if there is a whole one.
    fn supplement(&self, header: &Header) -> Option<Supplement> {
        (header.hlen >= HLEN_RELOC && read_header(self.bytes).is_ok()).then_some(header.supplement)
    }

    /// Code and data as the kernel that runs the file lays them out.
    fn strips(&self) -> Option<[Strip; 2]> {
        match (&self.verdict.elks, &self.verdict.minix2, &self.header) {
            (Some(Ok(program)), ..) => Some(map::elks(program)),
            (_, Some(Ok(layout)), Some(header)) => Some(map::minix2(header, layout)),
            _ => None,
        }
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

    fn elks_json(&self) -> Value {
        let verdict = self.verdict.elks.as_ref();
        let layout = verdict.and_then(|verdict| verdict.as_ref().ok()).map(Program::layout);
        let member = |value: fn(&aout_minix::elks::Layout) -> u16| layout.map(value);
        json!({
            "argument_bytes": self.options.argument_bytes,
            "errno": verdict.and_then(|verdict| verdict.as_ref().err()).map(|refusal| refusal.rule.errno().name()),
            "text_paras": member(|layout| layout.text_paras),
            "data_len": member(|layout| layout.data_len),
            "minstack": member(|layout| layout.minstack),
            "t_enddata": member(|layout| layout.t_enddata),
            "t_endseg": member(|layout| layout.t_endseg),
            "begstack": member(|layout| layout.begstack),
            "endbrk": member(|layout| layout.endbrk),
            "entry": member(|layout| layout.entry),
        })
    }
}

impl Format for Aout<'_> {
    fn is_for(&self, kernel: Kernel) -> bool {
        kernel.aout().is_some()
    }

    fn findings(&self) -> Findings {
        self.findings.clone()
    }

    fn json(&self) -> Value {
        let header = self.header;
        let names: Vec<_> = header.iter().flat_map(|header| header.file_type.flags.names()).collect();
        let supplement = header.and_then(|header| self.supplement(&header));
        json!({
            "format": "aout-minix",
            "type": header.map(|header| header.file_type.word()),
            "flags": names,
            "cpu": header.and_then(|header| header.file_type.cpu.name()),
            "hlen": header.map(|header| header.hlen),
            "version": header.map(|header| header.version),
            "tseg": header.map(|header| header.tseg),
            "dseg": header.map(|header| header.dseg),
            "bseg": header.map(|header| header.bseg),
            "entry": header.map(|header| header.entry),
            "chmem": header.map(|header| header.chmem),
            "minstack": header.map(|header| header.minstack),
            "syms": header.map(|header| header.syms),
            "supplement": supplement.map(|supplement| json!({
                "trsize": supplement.trsize,
                "drsize": supplement.drsize,
                "tbase": supplement.tbase,
                "dbase": supplement.dbase,
                "ftseg": supplement.ftseg,
                "ftrsize": supplement.ftrsize,
                "compr_tseg": supplement.compr_tseg,
                "compr_dseg": supplement.compr_dseg,
                "compr_ftseg": supplement.compr_ftseg,
            })),
            "elks": header.map(|_| self.elks_json()),
        })
    }

    fn info(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        match &self.header {
            Some(header) => self.in_words(header, name, out),
            None => writeln!(
                out,
                "{name}: ELKS/Minix a.out executable, {} bytes, cut short within its header",
                self.bytes.len()
            ),
        }
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

    fn derived(&self) -> Value {
        let Some(header) = &self.header else { return Value::Null };
        let needed = Requirements::of(header);
        json!({ "medium_model": needed.medium_model, "compression": needed.compression })
    }

    fn tree(&self) -> Option<Node> {
        self.header.map(|header| execfmt_view::aout(self.bytes, &header))
    }

    fn file_regions(&self) -> Vec<Region> {
        self.header.as_ref().map(execfmt_view::aout_regions).unwrap_or_default()
    }

    fn memory(&self) -> Vec<Strip> {
        self.strips().into_iter().flatten().collect()
    }

    fn map(&self, name: &str) -> Option<String> {
        Some(format!("{name}\n{}", map::picture(&self.strips()?)))
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
