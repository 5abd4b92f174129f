//! A program as a MIPS COFF file for Nachos 5.0j: sections of whole pages, contiguous from page 0 on.
//!
//! The program's memory is cut into pages; the kind of each page follows from the sections in it, and
//! neighbouring pages of one kind become one section of the file. No byte changes its address.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use mips_coff::nachos5j::{MAX_SECTIONS, PAGE_SIZE};
use mips_coff::{
    BuildError, Builder, CheckOptions, GRANULARITY, NewSection, SectionKind, SectionName, findings,
};

use super::{Conversion, ConvertError, Executable, Note, Role, Section};
use crate::check::MAX_PADDING;

/// Maximum size of the memory of a program written as COFF, in bytes: far more than Nachos 5.0j has frames
/// for.
pub const MAX_COFF_MEMORY: u32 = 16 << 20;

/// Neighbouring pages of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: u32,
    /// One past the last.
    end: u32,
    kind: SectionKind,
    /// One past the last byte that a section with bytes fills.
    filled: u32,
}

impl Executable<'_> {
    /// The program as a COFF file that Nachos 5.0j loads.
    ///
    /// A page that holds any data is a data page; pages without bytes are zeroed data. Where the linker began
    /// each section on a page of 1024 bytes, sections are kept unchanged.
    ///
    /// # Errors
    /// [`ConvertError::SectionsOverlap`]; [`ConvertError::Fill`] beyond [`MAX_COFF_MEMORY`];
    /// [`ConvertError::CoffBuild`] for more sections than Nachos 5.0j takes.
    pub fn to_coff(&self) -> Result<Conversion, ConvertError> {
        let mut sections: Vec<_> = self.sections.iter().collect();
        sections.sort_by_key(|section| section.span.start);
        // The section with the highest end address among those with bytes, and among the zeroed ones.
        let (mut filled, mut zeroed): (Option<&Section<'_>>, Option<&Section<'_>>) = (None, None);
        for section in &sections {
            let is_zero = section.role == Role::Zero;
            let overlap = |below: &&Section<'_>| below.span.overlap(section.span);
            // A bss may begin within the padding of the data before it, where the bytes of the file count, and share
            // addresses with another bss: zero is zero.
            let over_bytes = filled.filter(|below| overlap(below) > if is_zero { MAX_PADDING } else { 0 });
            let over_zeros = zeroed.filter(|below| !is_zero && overlap(below) > 0);
            if let Some(below) = over_bytes.or(over_zeros) {
                return Err(super::plan::sections_overlap(below, section));
            }
            let last = if is_zero { &mut zeroed } else { &mut filled };
            if last.is_none_or(|below| below.span.end < section.span.end) {
                *last = Some(section);
            }
        }
        let end = sections.iter().map(|section| section.span.end).max().unwrap_or_default();
        if end > MAX_COFF_MEMORY {
            return Err(self.too_sparse(end.into(), MAX_COFF_MEMORY.into()));
        }
        let mut notes = self.notes.clone();
        let runs = with_usual_sections(avoid_last_page(runs(&sections)));
        if runs.len() > usize::from(MAX_SECTIONS) {
            return Err(ConvertError::CoffBuild(BuildError::TooManySections));
        }
        let contents: Vec<Vec<u8>> = runs.iter().map(|run| bytes_of(run, &sections)).collect();
        let mut builder = Builder::nachos().entry(self.entry.unwrap_or_default());
        for (run, bytes) in runs.iter().zip(&contents) {
            let address = run.first.saturating_mul(PAGE_SIZE);
            let zeroed_end = run.end.saturating_mul(PAGE_SIZE).min(end);
            let zeroed = if run.kind == SectionKind::Bss { zeroed_end.saturating_sub(address) } else { 0 };
            builder = builder.section(NewSection {
                name: SectionName::from_bytes(run.kind.name().as_bytes()).unwrap_or(SectionName::new([0; 8])),
                kind: run.kind,
                address,
                bytes,
                zeroed,
            });
        }
        let bytes = builder.to_vec().map_err(ConvertError::CoffBuild)?;
        let _ = findings(&bytes, &CheckOptions::nachos5j(), &mut |finding| {
            notes.push(Note::Nachos5j { finding });
            ControlFlow::Continue(())
        });
        Ok(Conversion { bytes, notes })
    }
}

/// The pages of each section, merged into runs. `sections` are sorted by address.
fn runs(sections: &[&Section<'_>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for section in sections {
        let (mut first, end) =
            (section.span.start.div_euclid(PAGE_SIZE), section.span.end.div_ceil(PAGE_SIZE));
        let kind = match section.role {
            Role::Code => SectionKind::Text,
            Role::ReadOnly => SectionKind::Rdata,
            Role::Data => SectionKind::Data,
            Role::Zero => SectionKind::Bss,
        };
        let filled = if kind == SectionKind::Bss { 0 } else { section.span.end };
        // The page that the section shares with the section below it.
        if let Some(last) = runs.last().copied().filter(|last| first < last.end) {
            let both = shared(last.kind, kind);
            let page = last.end.saturating_sub(1);
            if last.kind == both {
                if let Some(last) = runs.last_mut() {
                    last.filled = last.filled.max(filled.min(last.end.saturating_mul(PAGE_SIZE)));
                }
            } else {
                runs.pop();
                if last.first < page {
                    runs.push(Run {
                        end: page,
                        filled: last.filled.min(page.saturating_mul(PAGE_SIZE)),
                        ..last
                    });
                }
                let shared_end = last.end.saturating_mul(PAGE_SIZE);
                push(
                    &mut runs,
                    Run {
                        first: page,
                        end: last.end,
                        kind: both,
                        filled: last.filled.max(filled.min(shared_end)),
                    },
                );
            }
            first = last.end;
        }
        if first < end {
            push(&mut runs, Run { first, end, kind, filled });
        }
    }
    runs
}

/// The kind of a page that sections of two kinds share.
fn shared(low: SectionKind, high: SectionKind) -> SectionKind {
    match (low, high) {
        (low, high) if low == high => low,
        (SectionKind::Text, SectionKind::Rdata) | (SectionKind::Rdata, SectionKind::Text) => {
            SectionKind::Text
        }
        _ => SectionKind::Data,
    }
}

/// Adds a run, preceded by zeroed pages where there is a gap. A run of the same kind as the one before it is
/// merged with that.
fn push(runs: &mut Vec<Run>, run: Run) {
    let end = runs.last().map_or(0, |last| last.end);
    if end < run.first {
        push(runs, Run { first: end, end: run.first, kind: SectionKind::Bss, filled: 0 });
    }
    match runs.last_mut().filter(|last| last.kind == run.kind) {
        Some(last) => (last.end, last.filled) = (run.end, last.filled.max(run.filled)),
        None => runs.push(run),
    }
}

/// Extends a section with bytes that ends at a page boundary by one page where zeroed pages or nothing
/// follow: many copies of Nachos 5.0j lose the last page of a section of whole pages.
fn avoid_last_page(mut runs: Vec<Run>) -> Vec<Run> {
    let whole = |run: &Run| {
        let padded = run.filled.next_multiple_of(GRANULARITY);
        run.kind != SectionKind::Bss && padded == run.end.saturating_mul(PAGE_SIZE)
    };
    for index in 0..runs.len() {
        let next = index.saturating_add(1);
        let follows = runs.get(next).map(|run| run.kind);
        let Some(run) = runs.get_mut(index).filter(|run| whole(run)) else { continue };
        if follows.is_some_and(|kind| kind != SectionKind::Bss) {
            continue;
        }
        run.end = run.end.saturating_add(1);
        run.filled = run.filled.saturating_add(GRANULARITY);
        if let Some(bss) = runs.get_mut(next) {
            bss.first = bss.first.saturating_add(1);
        }
    }
    runs.retain(|run| run.first < run.end);
    runs
}

/// Adds the empty sections that the old linker always wrote, since Nachos 5.0j requires at least two
/// sections.
fn with_usual_sections(mut runs: Vec<Run>) -> Vec<Run> {
    let end = runs.last().map_or(0, |last| last.end);
    for kind in [SectionKind::Data, SectionKind::Bss] {
        if runs.len() < 3 && runs.iter().all(|run| run.kind != kind) {
            runs.push(Run { first: end, end, kind, filled: end.saturating_mul(PAGE_SIZE) });
        }
    }
    runs
}

/// The bytes of a run, up to the last one that a section fills.
fn bytes_of(run: &Run, sections: &[&Section<'_>]) -> Vec<u8> {
    if run.kind == SectionKind::Bss {
        return Vec::new();
    }
    let start = run.first.saturating_mul(PAGE_SIZE);
    let length = usize::try_from(run.filled.saturating_sub(start)).unwrap_or_default();
    let mut bytes = alloc::vec![0; length];
    for section in sections.iter().filter(|section| section.role != Role::Zero) {
        // The part of the section within the run.
        let (low, high) = (section.span.start.max(start), section.span.end.min(run.filled));
        let part = |from: u32| {
            let first = usize::try_from(low.checked_sub(from)?).ok()?;
            let last = usize::try_from(high.checked_sub(from)?).ok()?;
            (first < last).then_some(first..last)
        };
        let (Some(source), Some(target)) = (part(section.span.start), part(start)) else { continue };
        if let (Some(source), Some(target)) = (section.bytes.get(source), bytes.get_mut(target)) {
            target.copy_from_slice(source);
        }
    }
    bytes
}
