//! NOFF, for a person or a program.

pub(crate) mod args;
mod convert;

use std::io::{self, Write};
use std::ops::Range;

use anstyle::AnsiColor;
use execfmt_common::{ByteOrder, Tally};
use execfmt_view::{Node, Region as FileRegion};
use noff::{
    CheckOptions, Header, NoffFinding, PROFILES, Page, PageRun, PageSize, Profile, Program, SegmentKind,
    Strictness, check_bytes, runs_on,
};
use serde_json::{Value, json};

pub(crate) use convert::{Output, coff2flat, coff2noff, convert};

use super::{Format, KernelVerdict};
use crate::diagnostics::Report;
use crate::findings::Findings;
use crate::kernel::Kernel;
use crate::picture::{Region, Strip, draw};
use crate::runs;
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

    /// The file and the memory, as they are drawn.
    fn strips(&self, program: &Program) -> (Strip, Strip) {
        let header = program.header();
        let region = |kind: SegmentKind, start: u32, size: u32| {
            let (letter, color) = look(kind);
            let span = (u64::from(start), u64::from(start) + u64::from(size));
            Region { name: kind.name(), letter, color: Some(color), span }
        };
        let head = (0, u64::from(header.layout.header_size()));
        let head = Region { name: "header", letter: 'h', color: Some(AnsiColor::Magenta), span: head };
        let in_file =
            header.file_backed().map(|(kind, segment)| region(kind, segment.in_file_addr, segment.size));
        let file = Strip {
            title: format!("file, {} bytes", self.file_len),
            length: self.file_len.into(),
            regions: std::iter::once(head).chain(in_file).collect(),
        };
        let page = u64::from(self.page_size().bytes());
        let length = self.pages(program) * page;
        let stack =
            (length.saturating_sub(self.stack_size().into()).max(program.memory_end().into()), length);
        let stack = Region { name: "stack", letter: 's', color: None, span: stack };
        // bss first: within the padding of initData, the bytes of the file win.
        let mut segments: Vec<_> = header.non_empty().collect();
        segments.sort_by_key(|(kind, _)| kind.is_file_backed());
        let in_memory =
            segments.into_iter().map(|(kind, segment)| region(kind, segment.virtual_addr, segment.size));
        let memory = Strip {
            title: format!("memory, {} pages of {page} bytes", self.pages(program)),
            length,
            regions: in_memory.chain([stack]).collect(),
        };
        (file, memory)
    }

    fn page_size(&self) -> PageSize {
        self.options.page_size.or(self.profile.map(|profile| profile.page_size)).unwrap_or_default()
    }

    fn stack_size(&self) -> u32 {
        let of_kernel = self.profile.unwrap_or(&noff::NACHOS3).stack_size;
        self.options.stack_size.unwrap_or(of_kernel)
    }

    /// The number of pages of the program and its stack.
    fn pages(&self, program: &Program) -> u64 {
        program.page_count(self.page_size(), self.stack_size())
    }

    /// The pages of which `wanted` holds, as runs.
    fn page_runs(&self, program: &Program, wanted: impl Fn(&Page<'_>) -> bool) -> Vec<(u64, u64)> {
        let runs = program.page_runs(self.page_size(), self.stack_size());
        let wanted = runs.filter(|run| wanted(&run.page)).map(|run| (run.first, run.last));
        runs::merged(wanted)
    }

    fn pages_in_words(&self, program: &Program, out: &mut dyn Write) -> io::Result<()> {
        let (pages, size, stack) = (self.pages(program), self.page_size(), self.stack_size());
        writeln!(
            out,
            "  memory     up to {:#x}, that is {} bytes",
            program.memory_end(),
            program.memory_end()
        )?;
        writeln!(out, "  pages      {pages} of {} bytes with {stack} bytes of stack", size.bytes())?;
        match program.stack_pointer(size, stack) {
            Some(pointer) => writeln!(out, "  stack      pointer starts at {pointer:#x} ({pointer})")?,
            None => writeln!(out, "  stack      there is no 32-bit address for its pointer")?,
        }
        let read_only = runs::list(self.page_runs(program, |page| page.is_read_only()));
        let none = |text: String| if text.is_empty() { "none".into() } else { text };
        writeln!(out, "  read-only  pages: {}", none(read_only))?;
        // No more than a page per segment boundary can be shared in a checked program.
        let shared = program.page_runs(size, stack).filter(|run| run.page.is_shared()).map(
            |PageRun { first, page, .. }| {
                let kinds = page.segments().map(SegmentKind::name).collect::<Vec<_>>().join(" and ");
                format!("{first} ({kinds})")
            },
        );
        writeln!(out, "  shared     pages: {}", none(shared.collect::<Vec<_>>().join(", ")))?;
        self.kernels_in_words(program, out)
    }

    fn pages_in_json(&self, program: &Program) -> Value {
        let (size, stack) = (self.page_size(), self.stack_size());
        let shared = program.page_runs(size, stack).filter(|run| run.page.is_shared());
        json!({
            "page_size": size.bytes(),
            "stack_size": stack,
            "count": self.pages(program),
            "stack_pointer": program.stack_pointer(size, stack),
            "read_only": self.page_runs(program, |page| page.is_read_only()),
            "shared": shared.map(|run| run.first).collect::<Vec<_>>(),
        })
    }

    /// The families of kernels of interest: all, or the one that the user named.
    fn chosen(&self) -> impl Iterator<Item = &'static Profile<'static>> + '_ {
        PROFILES.iter().filter(|profile| self.profile.is_none_or(|chosen| chosen.name == profile.name))
    }

    /// A line for each family of kernels, or for the one that the user named.
    fn kernels_in_words(&self, program: &Program, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n  kernel")?;
        for profile in self.chosen() {
            write!(out, "  {:<13}  ", profile.name)?;
            match runs_on(program, profile) {
                Ok(()) => match self.spare_frames(program, profile) {
                    Some(spare) => writeln!(out, "runs, with {spare} of its physical pages to spare")?,
                    None => writeln!(out, "runs")?,
                },
                Err(finding) => writeln!(out, "does not run: {}", Explained(&finding))?,
            }
        }
        Ok(())
    }

    /// The physical pages that are left when the program is loaded, where all of it must be in memory.
    fn spare_frames(&self, program: &Program, profile: &Profile<'_>) -> Option<u64> {
        let frames = profile.frames.filter(|_| !profile.demand_paging)?;
        u64::from(frames).checked_sub(program.page_count(profile.page_size, profile.stack_size))
    }
}

/// Why a kernel does not run a program, without the field.
struct Explained<'a>(&'a NoffFinding);

impl std::fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        execfmt_common::AnyFinding::explain(self.0, f)
    }
}

fn look(kind: SegmentKind) -> (char, AnsiColor) {
    match kind {
        SegmentKind::Code => ('c', AnsiColor::Green),
        SegmentKind::InitData => ('d', AnsiColor::Yellow),
        SegmentKind::ReadonlyData => ('r', AnsiColor::Cyan),
        SegmentKind::UninitData => ('0', AnsiColor::Blue),
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
        let program = self.program();
        let refused = if program.is_none() { self.findings().first_error().cloned() } else { None };
        let one = |profile: &'static Profile<'static>| match &program {
            Some(program) => match runs_on(program, profile) {
                Ok(()) => KernelVerdict {
                    spare_pages: self.spare_frames(program, profile),
                    ..KernelVerdict::new(profile.name, None)
                },
                Err(finding) => KernelVerdict::new(profile.name, Some(Report::from(&finding))),
            },
            None => KernelVerdict::new(profile.name, refused.clone()),
        };
        self.chosen().map(one).collect()
    }

    fn json(&self) -> Value {
        let header = self.header.ok();
        let segments = header.iter().flat_map(Header::segments).map(|(kind, segment)| {
            json!({
                "name": kind.name(),
                "virtual_addr": segment.virtual_addr,
                "in_file_addr": segment.in_file_addr,
                "size": segment.size,
            })
        });
        json!({
            "format": "noff",
            "byte_order": self.byte_order.name(),
            "layout": header.map(|header| header.layout.segment_count()),
            "segments": segments.collect::<Vec<_>>(),
            "memory_end": header.and_then(|header| header.memory_end()),
            "pages": self.program().map(|program| self.pages_in_json(&program)),
            "kernels": self.kernels(),
        })
    }

    fn info(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let (length, order) = (self.file_len, self.byte_order);
        let Ok(header) = &self.header else {
            return writeln!(
                out,
                "{name}: Nachos NOFF executable, {order} header, {length} bytes, unreadable"
            );
        };
        writeln!(out, "{name}: Nachos NOFF executable, {}, {order} header, {length} bytes", header.layout)?;
        writeln!(out, "\n  {:<13}{:>23}  {:>10}  {:>10}", "segment", "addresses", "bytes", "in file at")?;
        for (kind, segment) in header.segments() {
            let end = u64::from(segment.virtual_addr) + u64::from(segment.size);
            let span = format!("{:#x}..{end:#x}", segment.virtual_addr);
            match (segment.size, kind.is_file_backed()) {
                (0, _) => writeln!(out, "  {kind:<13}{:>23}  {:>10}", "-", 0)?,
                (size, true) => {
                    writeln!(out, "  {kind:<13}{span:>23}  {size:>10}  {:>10}", segment.in_file_addr)?
                }
                (size, false) => writeln!(out, "  {kind:<13}{span:>23}  {size:>10}  {:>10}", "zeroed")?,
            }
        }
        writeln!(out)?;
        match self.program() {
            Some(program) => self.pages_in_words(&program, out)?,
            None => writeln!(out, "  A kernel must refuse this file.")?,
        }
        if order == ByteOrder::Big {
            writeln!(
                out,
                "  The header is big-endian: a kernel on a little-endian host needs it converted with\n  \
                 `execfmt convert IN -o OUT --to noff --byte-order little`."
            )?;
        }
        Ok(())
    }

    fn tree(&self) -> Option<Node> {
        let layout = self.header.ok()?.layout;
        Some(execfmt_view::noff(self.bytes, layout, self.byte_order))
    }

    fn file_regions(&self) -> Vec<FileRegion> {
        self.header.as_ref().map(execfmt_view::noff_regions).unwrap_or_default()
    }

    fn memory(&self) -> Vec<Strip> {
        self.program().map(|program| self.strips(&program).1).into_iter().collect()
    }

    fn map(&self, name: &str) -> Option<String> {
        let program = self.program()?;
        let (file, memory) = self.strips(&program);
        let page = u64::from(self.page_size().bytes());
        let read_only = self.page_runs(&program, |page| page.is_read_only());
        let remark = |row: Range<u64>| {
            let (first, last) = (row.start / page, row.end.saturating_sub(1) / page);
            let pages = if first == last { format!("page {first}") } else { format!("pages {first}-{last}") };
            let within = |&(a, b): &(u64, u64)| (b.min(last) + 1).saturating_sub(a.max(first));
            let covered: u64 = read_only.iter().map(within).sum();
            pages + if covered == last - first + 1 { "  read-only" } else { "" }
        };
        Some(format!("{name}\n{}", draw(&file, &memory, page, remark)))
    }
}
