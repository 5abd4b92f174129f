//! `map`: the file beside the memory that it becomes.

use std::ops::Range;

use anstyle::AnsiColor;
use mips_coff::{Image, Program, SectionHeader, SectionKind, nachos5j};

use crate::picture::{Region, Strip, draw};

const PAGE: u64 = nachos5j::PAGE_SIZE as u64;

/// The file and the memory as they are drawn, and the program, if Nachos 5.0j loads it.
pub(super) fn strips<'a>(bytes: &'a [u8], image: &Image<'_>) -> Option<(Strip, Strip, Option<Program<'a>>)> {
    // What is drawn must lie where it says.
    let sections: Vec<SectionHeader> =
        image.sections().map(|section| Some(section.ok()?.header)).collect::<Option<_>>()?;
    let loaded = || sections.iter().filter(|section| section.size != 0);
    let head = (0, u64::from(image.header().table_end()));
    let head = Region { name: "headers", letter: 'h', color: Some(AnsiColor::Magenta), span: head };
    let in_file = loaded().filter_map(|section| {
        let kind = section.kind().filter(|kind| kind.is_file_backed())?;
        Some(region(kind, section.scnptr.into(), section.size))
    });
    let file = Strip {
        title: format!("file, {} bytes", bytes.len()),
        length: bytes.len() as u64,
        regions: std::iter::once(head).chain(in_file).collect(),
    };
    let program = Program::parse(bytes, u32::MAX).ok();
    let mut regions: Vec<Region> = loaded()
        .filter_map(|section| Some(region(section.kind()?, section.vaddr.into(), section.size)))
        .collect();
    let end = loaded().filter_map(SectionHeader::memory_end).max().unwrap_or_default();
    let (title, length) = match &program {
        Some(program) => {
            let (stack, length) = (u64::from(program.stack_pointer()), program.memory_size());
            let low = stack.saturating_sub(u64::from(nachos5j::STACK_PAGES) * PAGE);
            regions.push(Region { name: "stack", letter: 's', color: None, span: (low, stack) });
            regions.push(Region { name: "arguments", letter: 'a', color: None, span: (stack, length) });
            (format!("memory of Nachos 5.0j, {} pages", program.pages()), length)
        }
        None => ("memory".into(), u64::from(end)),
    };
    Some((file, Strip { title, length, regions }, program))
}

pub(super) fn draw_map(bytes: &[u8], image: &Image<'_>, name: &str) -> Option<String> {
    let (file, memory, program) = strips(bytes, image)?;
    let remark = |row: Range<u64>| {
        let (first, last) = (row.start / PAGE, row.end.saturating_sub(1) / PAGE);
        let pages = if first == last { format!("page {first}") } else { format!("pages {first}-{last}") };
        let read_only = |vpn: u64| {
            let page = u32::try_from(vpn).ok().and_then(|vpn| program.as_ref()?.page(vpn));
            page.is_some_and(|page| page.is_read_only)
        };
        pages + if first == last && read_only(first) { "  read-only" } else { "" }
    };
    Some(format!("{name}\n{}", draw(&file, &memory, PAGE, remark)))
}

fn region(kind: SectionKind, start: u64, size: u32) -> Region {
    let (letter, color) = match kind {
        SectionKind::Text => ('c', AnsiColor::Green),
        SectionKind::Rdata => ('r', AnsiColor::Cyan),
        SectionKind::Bss => ('0', AnsiColor::Blue),
        _ => ('d', AnsiColor::Yellow),
    };
    Region { name: kind.name(), letter, color: Some(color), span: (start, start + u64::from(size)) }
}
