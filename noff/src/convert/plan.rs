//! Which section goes into which segment.
//!
//! A NOFF file has one range of addresses per segment, so sections of one kind are put together, with zeros
//! between them. Where constants have no segment of their own, or that segment would overlap another, they go
//! to `initData` (as the classic converters do) or to `code`; where zeroed sections lie among initialised
//! ones, they become zeros in `initData`. The first arrangement that works is taken.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::ConvertError;
use super::executable::{Conversion, Executable, Role, Section};
use super::note::Note;
use super::options::NoffOptions;
use super::span::Span;
use crate::build::Builder;
use crate::check::MAX_PADDING;
use crate::header::Layout;
use crate::segment::SegmentKind;

/// Maximum number of zero bytes inserted between the sections of one segment. Programs that need more are
/// linked incorrectly, and a few bytes of input must not become gigabytes of output.
pub const MAX_FILL: u32 = 0x1_0000;

impl Executable<'_> {
    /// The program as a NOFF file.
    ///
    /// # Errors
    /// [`ConvertError::SectionsOverlap`], [`ConvertError::Unplaceable`], [`ConvertError::Fill`] or
    /// [`ConvertError::Build`]: what the layout cannot express, with the sections' names and addresses.
    pub fn to_noff(&self, options: NoffOptions) -> Result<Conversion, ConvertError> {
        let homes: &[_] = match options.layout {
            Layout::Three => &[SegmentKind::InitData, SegmentKind::Code],
            Layout::Four => &[SegmentKind::ReadonlyData, SegmentKind::InitData, SegmentKind::Code],
        };
        let mut arrangements = [false, true]
            .into_iter()
            .flat_map(|fold_zero| homes.iter().map(move |&home| (home, fold_zero)))
            .map(|(home, fold_zero)| Plan::new(&self.sections, home, fold_zero));
        // When no arrangement works, the most useful reason is why the most natural one fails.
        let mut first_error = None;
        let plan =
            arrangements.find_map(|plan| plan.map_err(|error| first_error.get_or_insert(error).clone()).ok());
        match (plan, first_error) {
            (Some(plan), _) => {
                plan.padded(options.granularity).write(options, self.start_notes(options.start))
            }
            (None, Some(error)) => Err(error),
            (None, None) => Plan::default().write(options, Vec::new()),
        }
    }

    /// The notes from reading, and those about the address at which programs start.
    fn start_notes(&self, start: u32) -> Vec<Note> {
        let mut notes = self.notes.clone();
        // Linkers write 0 when they know no entry point.
        let entry = self.entry.filter(|&entry| entry != start && entry != 0);
        notes.extend(entry.map(|entry| Note::Entry { entry, start }));
        let ends = self.sections.iter().filter(|section| section.role != Role::Zero);
        let end = ends.map(|section| section.span.end).max().unwrap_or_default();
        let far = |section: &&Section<'_>| {
            section.role == Role::Zero && section.span.start.saturating_sub(end) > MAX_FILL
        };
        let far = self.sections.iter().filter(far);
        notes.extend(far.map(|section| Note::FarZeroes {
            name: section.name.clone(),
            span: section.span,
            end,
        }));
        notes
    }

    /// Refuses a file of `bytes` bytes, and names the widest gap.
    pub(super) fn too_sparse(&self, bytes: u64, limit: u64) -> ConvertError {
        let mut sorted: Vec<_> = self.sections.iter().collect();
        sorted.sort_by_key(|section| section.span.start);
        let pairs = sorted.iter().zip(sorted.iter().skip(1));
        let widest = pairs.max_by_key(|(low, high)| high.span.start.saturating_sub(low.span.end));
        let sections = match (widest, sorted.first()) {
            (Some((low, high)), _) => Box::new([low.named(), high.named()]),
            (None, Some(only)) => Box::new([only.named(), only.named()]),
            (None, None) => Box::default(),
        };
        ConvertError::Fill { sections, bytes, limit }
    }
}

impl Section<'_> {
    fn named(&self) -> (String, Span) {
        (self.name.clone(), self.span)
    }
}

pub(super) fn sections_overlap(first: &Section<'_>, second: &Section<'_>) -> ConvertError {
    ConvertError::SectionsOverlap(Box::new([first.named(), second.named()]))
}

/// The sections of one segment, by address.
#[derive(Clone, Debug)]
struct Group<'s, 'a> {
    kind: SegmentKind,
    sections: Vec<&'s Section<'a>>,
    span: Span,
    fill: u32,
    /// Number of zero bytes at the end, included in the span.
    padding: u32,
}

impl<'s, 'a> Group<'s, 'a> {
    /// Whether the code begins at an address, or has only fill before it: zeros and trap words (-1).
    fn starts_at(&self, start: u32) -> bool {
        let before = start.checked_sub(self.span.start).and_then(|length| usize::try_from(length).ok());
        let Some(before) = before.filter(|_| start < self.span.end) else { return false };
        let first = self.sections.first().map_or(&[][..], |section| section.bytes);
        let filler = first.get(..before.min(first.len())).unwrap_or_default();
        filler.iter().all(|&byte| matches!(byte, 0 | 0xff))
    }

    /// `None` when there are no sections.
    fn new(kind: SegmentKind, mut sections: Vec<&'s Section<'a>>) -> Result<Option<Self>, ConvertError> {
        sections.sort_by_key(|section| section.span.start);
        let Some(first) = sections.first() else { return Ok(None) };
        let mut last = *first;
        let mut fill = 0_u32;
        for section in &sections {
            // Zeroed sections may share addresses (.sbss within .bss occurs in a real file): the contents are
            // zero either way.
            let both_zero = last.role == Role::Zero && section.role == Role::Zero;
            if !core::ptr::eq(last, *section) && !both_zero && last.span.overlap(section.span) > 0 {
                return Err(sections_overlap(last, section));
            }
            // In a segment with bytes, a zeroed section is fill, as a gap is.
            let filled_to = if section.role == Role::Zero { section.span.end } else { section.span.start };
            let filled_from = if core::ptr::eq(*first, *section) { first.span.start } else { last.span.end };
            fill = fill.saturating_add(filled_to.saturating_sub(filled_from));
            if kind.is_file_backed() && fill > MAX_FILL {
                let sections = Box::new([last.named(), section.named()]);
                return Err(ConvertError::Fill { sections, bytes: fill.into(), limit: MAX_FILL.into() });
            }
            if section.span.end > last.span.end {
                last = section;
            }
        }
        let span = Span { start: first.span.start, end: last.span.end };
        Ok(Some(Self { kind, sections, span, fill, padding: 0 }))
    }

    /// The segment's bytes: those of its only section where this is all of it.
    fn bytes(&self) -> Cow<'a, [u8]> {
        if let [only] = self.sections[..] {
            if only.bytes.len() as u64 == u64::from(self.span.size()) {
                return Cow::Borrowed(only.bytes);
            }
        }
        let mut bytes = Vec::new();
        for section in &self.sections {
            let skipped = section.span.start.saturating_sub(self.span.start);
            bytes.resize(usize::try_from(skipped).unwrap_or(usize::MAX), 0);
            bytes.extend_from_slice(section.bytes);
        }
        bytes.resize(usize::try_from(self.span.size()).unwrap_or(usize::MAX), 0);
        Cow::Owned(bytes)
    }

    /// Refuses two groups that claim the same addresses, except in the padding of `initData`.
    fn apart_from(&self, other: &Self) -> Result<(), ConvertError> {
        let (outer, inner) = if self.span.start <= other.span.start { (self, other) } else { (other, self) };
        let overlap = outer.span.overlap(inner.span);
        let padding = (outer.kind, inner.kind) == (SegmentKind::InitData, SegmentKind::UninitData);
        if overlap == 0 || padding && overlap <= MAX_PADDING {
            return Ok(());
        }
        // The first section of the group that begins later lies within the other group's range.
        let (Some(first), Some(last), Some(within)) =
            (outer.sections.first(), outer.sections.last(), inner.sections.first())
        else {
            return Ok(());
        };
        if let Some(touching) = outer.sections.iter().find(|section| section.span.overlap(within.span) > 0) {
            return Err(sections_overlap(touching, within));
        }
        Err(ConvertError::Unplaceable {
            segment: outer.kind,
            sections: Box::new([first.named(), last.named()]),
            within: Box::new(within.named()),
            other: inner.kind,
        })
    }
}

/// An arrangement that works.
#[derive(Clone, Debug, Default)]
struct Plan<'s, 'a> {
    groups: Vec<Group<'s, 'a>>,
    /// Where the constants went, when not to `readonlyData`.
    merged: Option<SegmentKind>,
}

impl<'s, 'a> Plan<'s, 'a> {
    /// Constants go to the segment `home`; with `fold_zero`, zeroed sections that begin below the end of the
    /// initialised ones join them.
    fn new(sections: &'s [Section<'a>], home: SegmentKind, fold_zero: bool) -> Result<Self, ConvertError> {
        let segment_of = |role| match role {
            Role::Code => SegmentKind::Code,
            Role::ReadOnly => home,
            Role::Data => SegmentKind::InitData,
            Role::Zero => SegmentKind::UninitData,
        };
        let in_data = |section: &&Section<'_>| segment_of(section.role) == SegmentKind::InitData;
        let data_end =
            sections.iter().filter(in_data).map(|section| section.span.end).max().unwrap_or_default();
        let home_of = |section: &Section<'_>| match section.role {
            Role::Zero if fold_zero && section.span.start < data_end => SegmentKind::InitData,
            role => segment_of(role),
        };
        let mut groups = Vec::new();
        for kind in SegmentKind::ALL {
            let members = sections.iter().filter(|section| home_of(section) == kind).collect();
            if let Some(group) = Group::new(kind, members)? {
                groups.iter().try_for_each(|other: &Group<'_, '_>| other.apart_from(&group))?;
                groups.push(group);
            }
        }
        // The file keeps the order of the input: coff2noff copies sections in the order in which they come.
        let position =
            |group: &Group<'_, '_>| sections.iter().position(|section| home_of(section) == group.kind);
        groups.sort_by_key(position);
        let has_constants = sections.iter().any(|section| section.role == Role::ReadOnly);
        let merged = (has_constants && home != SegmentKind::ReadonlyData).then_some(home);
        Ok(Self { groups, merged })
    }

    /// The same plan with every segment padded, where it can be, to a multiple of `granularity` bytes.
    fn padded(mut self, granularity: u32) -> Self {
        let starts: Vec<u32> = self.groups.iter().map(|group| group.span.start).collect();
        for group in &mut self.groups {
            let size = group.span.size();
            let wanted = size.checked_next_multiple_of(granularity).unwrap_or(size);
            let end = group.span.start.checked_add(wanted);
            let next = starts.iter().copied().filter(|&start| start > group.span.start).min();
            if let Some(end) = end.filter(|&end| next.is_none_or(|next| end <= next)) {
                group.padding = end.saturating_sub(group.span.end);
                group.span.end = end;
            }
        }
        self
    }

    fn write(self, options: NoffOptions, mut notes: Vec<Note>) -> Result<Conversion, ConvertError> {
        notes.extend(self.merged.map(|into| Note::ReadOnlyMerged { into }));
        let contents: Vec<_> = self.groups.iter().map(|group| (group, file_bytes(group))).collect();
        let mut builder = Builder::new(options.layout, options.byte_order);
        for (Group { kind, span, fill, padding, .. }, bytes) in &contents {
            if *padding != 0 {
                notes.push(Note::Padded { segment: *kind, bytes: *padding });
            }
            if *fill != 0 && kind.is_file_backed() {
                notes.push(Note::Filled { segment: *kind, bytes: *fill });
            }
            builder = match kind {
                SegmentKind::Code => builder.code(span.start, bytes),
                SegmentKind::InitData => builder.init_data(span.start, bytes),
                SegmentKind::ReadonlyData => builder.readonly_data(span.start, bytes),
                SegmentKind::UninitData => builder.uninit_data(span.start, span.size()),
            };
        }
        let code = self.groups.iter().find(|group| group.kind == SegmentKind::Code);
        if !code.is_some_and(|code| code.starts_at(options.start)) {
            notes.push(Note::NoCodeAtStart { start: options.start });
        }
        Ok(Conversion { bytes: builder.to_vec()?, notes })
    }
}

fn file_bytes<'a>(group: &Group<'_, 'a>) -> Cow<'a, [u8]> {
    if group.kind.is_file_backed() { group.bytes() } else { Cow::default() }
}
