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

use std::io::{self, Write};

use aout_minix::elks::{ElksRefusal, Options, Program};
use aout_minix::minix2::{self, WordSize};
use aout_minix::{
    AoutFinding, Cpu, FileType, HLEN_PLAIN, HLEN_RELOC, Header, Image, Supplement, check, check_header,
    parse, read_header,
};
use execfmt_common::Severity;
use serde_json::{Value, json};

pub(crate) use convert::{convert, elf2elks, os2toelks};

use super::Format;
use crate::diagnostics::Report;
use args::ElksOptions;

/// A file with the a.out magic.
pub(crate) struct Aout<'a> {
    bytes: &'a [u8],
    /// What 32 bytes or more tell; `None` for fewer.
    header: Option<Header>,
    options: Options,
}

impl<'a> Aout<'a> {
    pub(crate) fn open(bytes: &'a [u8], options: ElksOptions) -> Self {
        Self { bytes, header: Header::from_bytes(bytes), options: options.into() }
    }

    /// What ELKS, with all that can be configured, makes of the file.
    fn elks(&self) -> Result<Program, ElksRefusal> {
        elks::execve(self.bytes, self.options)
    }

    /// True for a file that is meant for no system but ELKS: it has what Minix does not know.
    fn is_for_elks_only(header: &Header) -> bool {
        header.version != 0 || header.hlen != HLEN_PLAIN || header.file_type == FileType::SPLITID_AHISTORICAL
    }

    /// What Minix 2 makes of a file that is meant for it.
    fn minix2(&self) -> Option<Result<minix2::Layout, minix2::Minix2Refusal>> {
        let header = self.header.filter(|header| !Self::is_for_elks_only(header))?;
        let word_size = match header.file_type.cpu {
            Cpu::I8086 => WordSize::Bits16,
            Cpu::I80386 => WordSize::Bits32,
            _ => return None,
        };
        Some(minix2::exec(&header, word_size, minix2::CLICK_SIZE))
    }

    /// That no system runs the file for which it is meant, or that ELKS does not run what Minix does.
    fn refusal(&self) -> Option<Report> {
        let cpu = self.header?.file_type.cpu;
        match (cpu, self.minix2()) {
            (Cpu::I8086, minix2) => {
                let mut report = Report::from(&self.elks().err()?);
                if minix2.is_some_and(|verdict| verdict.is_ok()) {
                    report.severity = Severity::Warning;
                }
                Some(report)
            }
            (_, Some(Err(refusal))) => Some(Report::from(&refusal)),
            _ => None,
        }
    }

    /// What is wrong with the file by itself, whatever system loads it.
    fn own_findings(&self) -> Vec<AoutFinding> {
        match (parse(self.bytes), self.header) {
            (Ok(image), _) => check(&image).collect(),
            (Err(first), Some(header)) if read_header(self.bytes).is_ok() => {
                let all: Vec<_> = check_header(&header, self.bytes.len() as u64).collect();
                if all.is_empty() { vec![first] } else { all }
            }
            (Err(only), _) => vec![only],
        }
    }

    /// The supplement, if there is a whole one.
    fn supplement(&self, header: &Header) -> Option<Supplement> {
        (header.hlen >= HLEN_RELOC && read_header(self.bytes).is_ok()).then_some(header.supplement)
    }

    /// Lists a table of the file, or returns why it cannot be read.
    fn list(
        &self,
        out: &mut dyn Write,
        table: fn(&Image<'_>, &mut dyn Write) -> io::Result<Option<String>>,
    ) -> io::Result<Option<String>> {
        match parse(self.bytes) {
            Ok(image) => table(&image, out),
            Err(finding) => Ok(Some(finding.to_string())),
        }
    }

    fn elks_json(&self) -> Value {
        let verdict = self.elks();
        let layout = verdict.as_ref().ok().map(Program::layout);
        let member = |value: fn(&aout_minix::elks::Layout) -> u16| layout.map(value);
        json!({
            "argument_bytes": self.options.argument_bytes,
            "errno": verdict.as_ref().err().map(|refusal| refusal.rule.errno().name()),
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
    fn findings(&self) -> Vec<Report> {
        let mut reports: Vec<_> = self.own_findings().iter().map(Report::from).collect();
        let Some(refusal) = self.refusal() else { return reports };
        // A system often refuses what was found before: the heavier of the two is enough.
        let said =
            reports.iter().any(|report| report.severity >= refusal.severity && report.same_place(&refusal));
        if !said {
            reports.retain(|report| report.code != refusal.code || !report.same_place(&refusal));
            reports.push(refusal);
        }
        reports
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

    fn map(&self, name: &str) -> Option<String> {
        let picture = match (self.elks(), self.minix2(), self.header) {
            (Ok(program), ..) => map::elks(&program),
            (Err(_), Some(Ok(layout)), Some(header)) => map::minix2(&header, &layout),
            _ => return None,
        };
        Some(format!("{name}\n{picture}"))
    }

    fn symbols(&self, out: &mut dyn Write) -> io::Result<Option<String>> {
        self.list(out, list::symbols)
    }

    fn relocations(&self, out: &mut dyn Write) -> io::Result<Option<String>> {
        self.list(out, list::relocations)
    }
}
