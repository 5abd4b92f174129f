//! NOFF, for a person or a program.

pub(crate) mod args;
mod convert;

use std::io::{self, Write};
use std::ops::Range;

use anstyle::AnsiColor;
use execfmt_common::ByteOrder;
use noff::{
    Header, NUM_PHYS_PAGES, NoffFinding, Page, Program, SegmentKind, Strictness, USER_STACK_SIZE, check,
    read_header,
};
use serde_json::{Value, json};

pub(crate) use convert::{Output, coff2flat, coff2noff, convert};

use super::Format;
use crate::diagnostics::Report;
use crate::picture::{Region, Strip, draw};
use crate::runs;
use args::NoffOptions;

/// A file with the NOFF magic.
pub(crate) struct Noff {
    byte_order: ByteOrder,
    file_len: u32,
    header: Result<Header, NoffFinding>,
    options: NoffOptions,
}

impl Noff {
    pub(crate) fn open(bytes: &[u8], byte_order: ByteOrder, options: NoffOptions) -> Self {
        let file_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self { byte_order, file_len, header: read_header(bytes, file_len, options.layout), options }
    }

    /// The program, when nothing is wrong with it.
    fn program(&self) -> Option<Program> {
        Program::new(self.header.ok()?, self.file_len, Strictness::Errors).ok()
    }

    /// The number of pages of the program and its stack.
    fn pages(&self, program: &Program) -> u64 {
        program.page_count(self.options.page_size, self.options.stack_size)
    }

    /// The pages of which `wanted` holds, as runs. Pages differ only where a segment begins or ends, so only those
    /// are looked at: a damaged header cannot make this long.
    fn page_runs(&self, program: &Program, wanted: impl Fn(&Page<'_>) -> bool) -> Vec<(u64, u64)> {
        let size = u64::from(self.options.page_size.bytes());
        let edges = program.header().non_empty().flat_map(|(_, segment)| {
            let end = u64::from(segment.virtual_addr) + u64::from(segment.size);
            [u64::from(segment.virtual_addr) / size, (end - 1) / size].map(|vpn| [vpn, vpn + 1])
        });
        let mut starts: Vec<u64> = edges.flatten().chain([0, self.pages(program)]).collect();
        starts.sort_unstable();
        starts.dedup();
        let page = |vpn| u32::try_from(vpn).ok().map(|vpn| program.page(vpn, self.options.page_size));
        let pairs = starts.iter().zip(starts.iter().skip(1));
        pairs
            .filter(|(first, _)| page(**first).is_some_and(|page| wanted(&page)))
            .map(|(a, b)| (*a, b - 1))
            .collect()
    }

    fn pages_in_words(&self, program: &Program, out: &mut dyn Write) -> io::Result<()> {
        let (pages, size) = (self.pages(program), self.options.page_size.bytes());
        let stack = self.options.stack_size;
        writeln!(
            out,
            "  memory     up to {:#x}, that is {} bytes",
            program.memory_end(),
            program.memory_end()
        )?;
        write!(out, "  pages      {pages} of {size} bytes with {stack} bytes of stack")?;
        let physical = u64::from(NUM_PHYS_PAGES);
        if (size, stack) == (128, USER_STACK_SIZE) {
            match physical.checked_sub(pages) {
                Some(left) => {
                    write!(out, "; fits the {physical} physical pages of the stock kernel, {left} to spare")?;
                }
                None => {
                    write!(
                        out,
                        "; does NOT fit the {physical} physical pages of the stock kernel: raise NumPhysPages"
                    )?;
                }
            }
        }
        writeln!(out)?;
        match program.stack_pointer(self.options.page_size, stack) {
            Some(pointer) => writeln!(out, "  stack      pointer starts at {pointer:#x} ({pointer})")?,
            None => writeln!(out, "  stack      there is no 32-bit address for its pointer")?,
        }
        let read_only = runs::list(self.page_runs(program, |page| page.is_read_only()));
        let none = |text: String| if text.is_empty() { "none".into() } else { text };
        writeln!(out, "  read-only  pages: {}", none(read_only))?;
        let shared =
            self.page_runs(program, |page| page.segments().count() > 1).into_iter().flat_map(|(a, b)| a..=b);
        let shared = shared.map(|vpn| {
            let page = program.page(u32::try_from(vpn).unwrap_or(u32::MAX), self.options.page_size);
            let kinds = page.segments().map(SegmentKind::name).collect::<Vec<_>>().join(" and ");
            format!("{vpn} ({kinds})")
        });
        // No more than a page per segment boundary can be shared in a checked program.
        writeln!(out, "  shared     pages: {}", none(shared.collect::<Vec<_>>().join(", ")))
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

impl Format for Noff {
    fn findings(&self) -> Vec<Report> {
        match &self.header {
            Ok(header) => check(header, self.file_len).map(|finding| Report::from(&finding)).collect(),
            Err(finding) => vec![Report::from(finding)],
        }
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

    fn map(&self, name: &str) -> Option<String> {
        let program = self.program()?;
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
        let page = u64::from(self.options.page_size.bytes());
        let length = self.pages(&program) * page;
        let stack =
            (length.saturating_sub(self.options.stack_size.into()).max(program.memory_end().into()), length);
        let stack = Region { name: "stack", letter: 's', color: None, span: stack };
        // bss first: within the padding of initData, the bytes of the file win.
        let mut segments: Vec<_> = header.non_empty().collect();
        segments.sort_by_key(|(kind, _)| kind.is_file_backed());
        let in_memory =
            segments.into_iter().map(|(kind, segment)| region(kind, segment.virtual_addr, segment.size));
        let memory = Strip {
            title: format!("memory, {} pages of {page} bytes", self.pages(&program)),
            length,
            regions: in_memory.chain([stack]).collect(),
        };
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
