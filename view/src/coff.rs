//! MIPS COFF.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use mips_coff::wire::{FileHeader, OptionalHeader, SectionHeader as WireSectionHeader};
use mips_coff::{CoffFinding, Counts, Image, Loader, Program, SectionHeader, SectionKind, nachos5j};
use zerocopy::LittleEndian;

use crate::data::record as facts;
use crate::runs::merged;
use crate::words::{Column, Fact, Section, Table, escaped};
use crate::{Data, Memory, Node, Pages, Region, Role, Value, View, record};

/// A file with the magic of MIPS COFF, and what was found out about it.
#[derive(Clone, Debug)]
pub struct CoffView<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// Its headers, or why they cannot be read.
    pub image: Result<Image<'a>, CoffFinding>,
    /// The counts of a scan of its code.
    pub code: Counts,
    /// Each loader, and the first reason why it does not accept the file.
    pub loaders: Vec<(Loader, Option<CoffFinding>)>,
}

impl CoffView<'_> {
    /// All information about the file.
    pub fn view(&self) -> View {
        let image = self.image.as_ref().ok();
        let program = Program::parse(self.bytes, u32::MAX).ok();
        View {
            title: self.title(),
            words: image.map(|image| self.words(image, program.as_ref())).unwrap_or_default(),
            facts: self.facts(),
            derived: Data::None,
            fields: image.map(fields),
            file_length: self.bytes.len() as u64,
            file: image.map(file).unwrap_or_default(),
            memory: image.and_then(|image| memory(image, program.as_ref())).into_iter().collect(),
            memory_note: None,
        }
    }

    fn title(&self) -> String {
        let length = self.bytes.len();
        let Ok(image) = &self.image else {
            return format!("MIPS COFF executable, {length} bytes, unreadable");
        };
        let header = image.header();
        let entry = header.entry.map(|entry| format!(", starts at {entry:#x}")).unwrap_or_default();
        format!("MIPS COFF executable, {}, {length} bytes{entry}", header.byte_order)
    }

    fn facts(&self) -> Data {
        let image = self.image.as_ref().ok();
        let header = image.map(Image::header);
        let sections = image.into_iter().flat_map(Image::section_headers).map(|(_, section)| {
            facts! {
                name: section.name.to_string(),
                kind: section.kind().map(holds),
                paddr: section.paddr,
                vaddr: section.vaddr,
                size: section.size,
                scnptr: section.scnptr,
                nreloc: section.nreloc,
                flags: section.flags,
            }
        });
        let loaders = self.loaders.iter().map(|(loader, refusal)| {
            facts! {
                loader: loader.name(),
                takes: refusal.is_none(),
                reason: refusal.map(|refusal| refusal.rule.code()),
            }
        });
        facts! {
            format: "coff",
            byte_order: header.map(|header| header.byte_order.name()),
            entry: header.and_then(|header| header.entry),
            sections: sections.collect::<Data>(),
            loaders: loaders.collect::<Data>(),
        }
    }

    fn words(&self, image: &Image<'_>, program: Option<&Program<'_>>) -> Vec<Section> {
        let mut words = vec![Section::Table(sections(image)), Section::Facts(self.takers())];
        if let Some(program) = program {
            let text = format!(
                "In Nachos 5.0j: {} pages of {} bytes, of which {} are stack and {} arguments; the stack pointer starts at {:#x}.",
                program.pages(),
                nachos5j::PAGE_SIZE,
                nachos5j::STACK_PAGES,
                nachos5j::ARGUMENT_PAGES,
                program.stack_pointer()
            );
            words.push(Section::Text(text, None));
        }
        words
    }

    /// The composition of the code, and which loaders accept the file.
    fn takers(&self) -> Vec<Fact> {
        let Counts { instructions, unsigned_shifts, .. } = self.code;
        let mut facts = vec![Fact::new(
            "code",
            format!(
                "{instructions} instructions; unsigned right shifts, which most Nachos machines execute incorrectly: {unsigned_shifts}"
            ),
        )];
        for (loader, refusal) in &self.loaders {
            let who = match loader {
                Loader::Coff2NoffThree => "coff2noff",
                Loader::Coff2NoffFour => "coff2noff (RDATA)",
                _ => "Nachos 5.0j",
            };
            facts.push(
                refusal
                    .as_ref()
                    .map_or_else(|| Fact::new(who, "accepts it"), |finding| Fact::refusal(who, finding)),
            );
        }
        facts
    }
}

/// The contents of a section, in one word.
const fn holds(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::Text => "text",
        SectionKind::Rdata => "constants",
        SectionKind::Data => "data",
        SectionKind::Bss => "zeroed",
        _ => "unknown",
    }
}

const fn role(kind: SectionKind) -> Role {
    match kind {
        SectionKind::Text => Role::Code,
        SectionKind::Rdata => Role::ReadOnly,
        SectionKind::Bss => Role::Zeroed,
        _ => Role::Data,
    }
}

fn sections(image: &Image<'_>) -> Table {
    let mut table = Table::new([
        Column::left("section", 13),
        Column::left("holds", 10),
        Column::right("addresses", 23),
        Column::right("bytes", 12),
        Column::right("in file at", 12),
    ]);
    for (_, section) in image.section_headers() {
        let end = u64::from(section.vaddr).saturating_add(section.size.into());
        let kind = section.kind();
        let place = match kind {
            _ if section.size == 0 => "-".into(),
            Some(kind) if !kind.is_file_backed() => "zeroed".into(),
            _ => section.scnptr.to_string(),
        };
        table.row([
            escaped(section.name.to_string()),
            kind.map_or("unknown", holds).into(),
            format!("{:#x}..{end:#x}", section.vaddr),
            section.size.to_string(),
            place,
        ]);
    }
    table
}

/// The file header, the optional header, and the headers of the sections.
fn fields(image: &Image<'_>) -> Node {
    let (file, header) = (image.bytes(), image.header());
    let order = header.byte_order;
    let first = record("file header", FileHeader::<LittleEndian>::FIELDS, file, 0, order);
    let start = first.size;
    let mut parts = vec![first];
    if header.optional.is_some() {
        let fields = OptionalHeader::<LittleEndian>::FIELDS;
        parts.push(record("optional header", fields, file, start, order));
    }
    parts.extend(image.section_headers().map(|(index, _)| {
        let offset = header.section_header_offset(index).into();
        record(format!("section {index}"), WireSectionHeader::<LittleEndian>::FIELDS, file, offset, order)
    }));
    let size = header.table_end().into();
    Node {
        name: "header".into(),
        offset: 0,
        size,
        value: Value::Fields(parts),
        bytes: Vec::new(),
        meaning: "",
    }
}

/// The headers and the bytes of each section that has some in the file.
fn file(image: &Image<'_>) -> Vec<Region> {
    let head = Region::new("header", Role::Header, 0, image.header().table_end().into());
    let sections = image.sections().filter_map(Result::ok).filter(|section| !section.bytes.is_empty());
    let sections = sections.map(|section| {
        let kind = section.header.kind();
        let (name, role) = kind.map_or(("section", Role::Unclaimed), |kind| (kind.name(), role(kind)));
        let size = section.bytes.len() as u64;
        Region::new(name, role, section.header.scnptr.into(), size).becoming(
            0,
            section.header.vaddr.into(),
            size,
        )
    });
    let mut regions: Vec<_> = core::iter::once(head).chain(sections).collect();
    regions.sort_by_key(|region| region.start);
    regions
}

/// The memory; `None` unless every section is where its header puts it.
fn memory(image: &Image<'_>, program: Option<&Program<'_>>) -> Option<Memory> {
    let sections: Vec<SectionHeader> =
        image.sections().map(|section| Some(section.ok()?.header)).collect::<Option<_>>()?;
    let loaded = || sections.iter().filter(|section| section.size != 0);
    let mut regions: Vec<_> = loaded()
        .filter_map(|section| {
            let kind = section.kind()?;
            Some(Region::new(kind.name(), role(kind), section.vaddr.into(), section.size.into()))
        })
        .collect();
    let page = u64::from(nachos5j::PAGE_SIZE);
    let Some(program) = program else {
        let end = loaded().filter_map(SectionHeader::memory_end).max().unwrap_or_default();
        return Some(Memory::new("memory".into(), "memory", (end.into(), page), regions));
    };
    let (stack, length) = (u64::from(program.stack_pointer()), program.memory_size());
    let low = stack.saturating_sub(u64::from(nachos5j::STACK_PAGES).saturating_mul(page));
    regions.push(Region::between("stack", Role::Stack, (low, stack)));
    regions.push(Region::between("arguments", Role::Arguments, (stack, length)));
    // Sections begin at page boundaries, and each has uniform rights.
    let read_only = loaded().filter_map(|section| {
        let first = section.vaddr.checked_div(nachos5j::PAGE_SIZE)?;
        let last = section.memory_end()?.saturating_sub(1).checked_div(nachos5j::PAGE_SIZE)?;
        program.page(first)?.is_read_only.then_some((u64::from(first), u64::from(last)))
    });
    let read_only = merged(read_only);
    let title = format!("memory of Nachos 5.0j, {} pages", program.pages());
    let memory = Memory::new(title, "memory", (length, page), regions);
    Some(Memory { pages: Some(Pages { read_only, shared: Vec::new() }), ..memory })
}
