//! Nachos NOFF.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use execfmt_common::{Advice, ByteOrder};
use noff::{
    Header, Header3, Header4, Layout, NACHOS3, NoffFinding, PROFILES, PageRun, PageSize, Profile, Program,
    SegmentKind, Strictness, runs_on,
};
use zerocopy::LittleEndian;

use crate::data::record as facts;
use crate::runs::{list, merged};
use crate::words::{Column, Explained, Fact, Section, Table};
use crate::{Data, Memory, Node, Pages, Region, Role, View, record};

/// A file with the NOFF magic, and what was found out about it.
#[derive(Clone, Copy, Debug)]
pub struct NoffView<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// The byte order of the header's words.
    pub byte_order: ByteOrder,
    /// The header, or why it cannot be read.
    pub header: Result<Header, NoffFinding>,
    /// The program, when the header has no errors.
    pub program: Option<Program>,
    /// The kernels that the file is for, if the user chose them.
    pub profile: Option<&'static Profile<'static>>,
    /// The size of a page; by default that of the kernel.
    pub page_size: Option<PageSize>,
    /// The size of the stack in bytes; by default that of the kernel.
    pub stack_size: Option<u32>,
}

impl<'a> NoffView<'a> {
    /// Reads a file, for no particular kernel. Without `layout`, the number of segments in the header is
    /// taken from the file.
    pub fn new(bytes: &'a [u8], byte_order: ByteOrder, layout: Option<Layout>) -> Self {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let header = Header::parse(bytes, length, layout);
        let program = header.ok().and_then(|header| Program::new(header, length, Strictness::Errors).ok());
        Self { bytes, byte_order, header, program, profile: None, page_size: None, stack_size: None }
    }

    /// All information about the file.
    pub fn view(&self) -> View {
        View {
            title: self.title(),
            words: self.words(),
            facts: self.facts(),
            derived: Data::None,
            fields: self.header.ok().map(|header| self.fields(header.layout)),
            file_length: self.bytes.len() as u64,
            file: self.header.as_ref().map(file).unwrap_or_default(),
            memory: self.program.iter().map(|program| self.memory(program)).collect(),
            memory_note: None,
        }
    }

    /// The families of kernels of interest: all, or the one that the user chose.
    pub fn profiles(&self) -> impl Iterator<Item = &'static Profile<'static>> + '_ {
        PROFILES.iter().filter(|profile| self.profile.is_none_or(|chosen| chosen.name == profile.name))
    }

    /// Number of physical pages left when the program is loaded, if all of it must be in memory.
    pub fn spare_pages(&self, profile: &Profile<'_>) -> Option<u64> {
        let frames = profile.frames.filter(|_| !profile.demand_paging)?;
        let pages = self.program.as_ref()?.page_count(profile.page_size, profile.stack_size);
        u64::from(frames).checked_sub(pages)
    }

    fn page_size(&self) -> PageSize {
        self.page_size.or(self.profile.map(|profile| profile.page_size)).unwrap_or_default()
    }

    fn stack_size(&self) -> u32 {
        self.stack_size.unwrap_or(self.profile.unwrap_or(&NACHOS3).stack_size)
    }

    /// The pages for which `wanted` holds, as runs.
    fn runs(&self, program: &Program, wanted: impl Fn(&PageRun<'_>) -> bool) -> Vec<(u64, u64)> {
        let runs = program.page_runs(self.page_size(), self.stack_size());
        merged(runs.filter(|run| wanted(run)).map(|run| (run.first, run.last)))
    }

    fn title(&self) -> String {
        let (length, order) = (self.bytes.len(), self.byte_order);
        match &self.header {
            Ok(Header { layout, .. }) => {
                format!("Nachos NOFF executable, {layout}, {order} header, {length} bytes")
            }
            Err(_) => format!("Nachos NOFF executable, {order} header, {length} bytes, unreadable"),
        }
    }

    /// The fields have the same offsets in either byte order.
    fn fields(&self, layout: Layout) -> Node {
        let fields = match layout {
            Layout::Three => Header3::<LittleEndian>::FIELDS,
            Layout::Four => Header4::<LittleEndian>::FIELDS,
        };
        record("header", fields, self.bytes, 0, self.byte_order)
    }

    fn memory(&self, program: &Program) -> Memory {
        let page = u64::from(self.page_size().bytes());
        let pages = program.page_count(self.page_size(), self.stack_size());
        let length = pages.saturating_mul(page);
        let stack = length.saturating_sub(self.stack_size().into()).max(program.memory_end().into());
        // bss first: within the padding of initData, the bytes from the file take precedence.
        let mut segments: Vec<_> = program.header().non_empty().collect();
        segments.sort_by_key(|(kind, _)| kind.is_file_backed());
        let segments = segments.into_iter().map(|(kind, segment)| {
            Region::new(kind.name(), role(kind), segment.virtual_addr.into(), segment.size.into())
        });
        let stack = Region::between("stack", Role::Stack, (stack, length));
        let pages = Pages {
            read_only: self.runs(program, |run| run.page.is_read_only()),
            shared: self.runs(program, |run| run.page.is_shared()),
        };
        let title = format!("memory, {} pages of {page} bytes", length.checked_div(page).unwrap_or_default());
        let regions = segments.chain([stack]).collect();
        Memory { pages: Some(pages), ..Memory::new(title, "memory", (length, page), regions) }
    }

    fn facts(&self) -> Data {
        let header = self.header.ok();
        let segments = header.iter().flat_map(Header::segments).map(|(kind, segment)| {
            facts! {
                name: kind.name(),
                virtual_addr: segment.virtual_addr,
                in_file_addr: segment.in_file_addr,
                size: segment.size,
            }
        });
        facts! {
            format: "noff",
            byte_order: self.byte_order.name(),
            layout: header.map(|header| header.layout.segment_count()),
            segments: segments.collect::<Data>(),
            memory_end: header.and_then(|header| header.memory_end()),
            pages: self.program.as_ref().map(|program| self.pages(program)),
        }
    }

    fn pages(&self, program: &Program) -> Data {
        let (size, stack) = (self.page_size(), self.stack_size());
        let shared = program.page_runs(size, stack).filter(|run| run.page.is_shared()).map(|run| run.first);
        facts! {
            page_size: size.bytes(),
            stack_size: stack,
            count: program.page_count(size, stack),
            stack_pointer: program.stack_pointer(size, stack),
            read_only: self.runs(program, |run| run.page.is_read_only()),
            shared: shared.collect::<Data>(),
        }
    }

    fn words(&self) -> Vec<Section> {
        let Ok(header) = &self.header else { return Vec::new() };
        let mut words = vec![Section::Table(segments(header))];
        match &self.program {
            Some(program) => {
                words.push(Section::Facts(self.pages_in_words(program)));
                words.push(Section::Table(self.kernels(program)));
            }
            None => words.push(Section::Text("A kernel must refuse this file.".into(), None)),
        }
        if self.byte_order == ByteOrder::Big {
            let text = "The header is big-endian: a kernel on a little-endian host does not read it";
            words.push(Section::Text(text.into(), Some(Advice::OtherByteOrder)));
        }
        words
    }

    fn pages_in_words(&self, program: &Program) -> Vec<Fact> {
        let (size, stack) = (self.page_size(), self.stack_size());
        let (end, pages) = (program.memory_end(), program.page_count(size, stack));
        let pointer = match program.stack_pointer(size, stack) {
            Some(pointer) => format!("pointer starts at {pointer:#x} ({pointer})"),
            None => "its pointer would not be a 32-bit address".into(),
        };
        // In a checked program, at most one page per segment boundary can be shared.
        let shared = program.page_runs(size, stack).filter(|run| run.page.is_shared()).map(|run| {
            let kinds = run.page.segments().map(SegmentKind::name).collect::<Vec<_>>();
            format!("{} ({})", run.first, kinds.join(" and "))
        });
        let pages_or_none =
            |text: String| format!("pages: {}", if text.is_empty() { "none" } else { text.as_str() });
        vec![
            Fact::new("memory", format!("up to {end:#x}, which is {end} bytes")),
            Fact::new("pages", format!("{pages} of {} bytes with {stack} bytes of stack", size.bytes())),
            Fact::new("stack", pointer),
            Fact::new("read-only", pages_or_none(list(self.runs(program, |run| run.page.is_read_only())))),
            Fact::new("shared", pages_or_none(shared.collect::<Vec<_>>().join(", "))),
        ]
    }

    /// One line for each family of kernels.
    fn kernels(&self, program: &Program) -> Table {
        let mut table = Table::new([Column::left("kernel", 15), Column::left("", 0)]);
        for profile in self.profiles() {
            let verdict = match runs_on(program, profile) {
                Ok(()) => match self.spare_pages(profile) {
                    Some(spare) => format!("runs, with {spare} of its physical pages to spare"),
                    None => "runs".into(),
                },
                Err(finding) => format!("does not run: {}", Explained(&finding)),
            };
            table.row([profile.name.into(), verdict]);
        }
        table
    }
}

fn segments(header: &Header) -> Table {
    let mut table = Table::new([
        Column::left("segment", 13),
        Column::right("addresses", 23),
        Column::right("bytes", 12),
        Column::right("in file at", 12),
    ]);
    for (kind, segment) in header.segments() {
        let end = u64::from(segment.virtual_addr).saturating_add(segment.size.into());
        let (span, place) = match (segment.size, kind.is_file_backed()) {
            (0, _) => ("-".into(), String::new()),
            (_, true) => (format!("{:#x}..{end:#x}", segment.virtual_addr), segment.in_file_addr.to_string()),
            (_, false) => (format!("{:#x}..{end:#x}", segment.virtual_addr), "zeroed".into()),
        };
        table.row([kind.to_string(), span, segment.size.to_string(), place]);
    }
    table
}

const fn role(kind: SegmentKind) -> Role {
    match kind {
        SegmentKind::Code => Role::Code,
        SegmentKind::InitData => Role::Data,
        SegmentKind::ReadonlyData => Role::ReadOnly,
        SegmentKind::UninitData => Role::Zeroed,
    }
}

/// The header and the bytes of each segment.
fn file(header: &Header) -> Vec<Region> {
    let head = Region::new("header", Role::Header, 0, header.layout.header_size().into());
    let segments = header.file_backed().map(|(kind, segment)| {
        let (start, size) = (segment.in_file_addr.into(), u64::from(segment.size));
        Region::new(kind.name(), role(kind), start, size).becoming(0, segment.virtual_addr.into(), size)
    });
    let mut regions: Vec<_> = core::iter::once(head).chain(segments).collect();
    regions.sort_by_key(|region| region.start);
    regions
}
