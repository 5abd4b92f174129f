//! OS/2 NE as ELKS loads it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use execfmt_common::ByteOrder;
use os2_ne::chmem::{Heap, MemoryAsked};
use os2_ne::elks::{Layout, MAX_SEGMENTS, Program, Returned, SegmentKind, SegmentLayout};
use os2_ne::{
    Header, Image, MZ_HEADER_SIZE, MzHeader, NE_HEADER_SIZE, NeHeader, Options, RELOCATION_SIZE,
    SEGMENT_ENTRY_SIZE, Segment, SegmentEntry, Verdict,
};

use crate::data::record as facts;
use crate::words::{Column, Fact, Section, Table, arguments, counted};
use crate::{Data, Memory, Node, Region, Role, Value, View, record};

/// The unit in which ELKS allocates memory.
const PARAGRAPH: u64 = 16;

/// A file with an NE header, and what was found out about it.
#[derive(Clone, Copy, Debug)]
pub struct NeView<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// The options for ELKS.
    pub options: Options,
    /// The result of the check.
    pub verdict: &'a Verdict<'a>,
}

impl<'a> NeView<'a> {
    /// All information about the file. No more segments are listed than a program for ELKS can have; a header
    /// can claim 65,535.
    pub fn view(&self) -> View {
        let header = self.verdict.header.as_ref();
        View {
            title: self.title(),
            words: header.map(|header| self.words(header)).unwrap_or_default(),
            facts: self.facts(),
            derived: Data::None,
            fields: header.map(|header| self.fields(header)),
            file_length: self.bytes.len() as u64,
            file: header.map(|header| self.file(header)).unwrap_or_default(),
            memory: self.memory(),
            memory_note: None,
        }
    }

    fn segments(&self) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        let image = Image::parse(self.bytes).ok();
        image.into_iter().flat_map(|image| image.segments()).take(MAX_SEGMENTS)
    }

    fn layout(&self) -> Option<&Layout> {
        self.verdict.elks.as_ref().ok().map(Program::layout)
    }

    fn title(&self) -> String {
        let length = self.bytes.len();
        let Some(header) = &self.verdict.header else {
            return format!("OS/2 NE executable, {length} bytes, cut short within its headers");
        };
        let system = self.verdict.system.map(|system| format!(" for {system}")).unwrap_or_default();
        let count = counted(header.num_segments().into(), "segment", "segments");
        format!("OS/2 NE executable{system}, {count}, {length} bytes")
    }

    fn facts(&self) -> Data {
        let header = self.verdict.header.as_ref();
        let word = |value: fn(&Header) -> u16| header.map(value);
        let segments = self.segments().map(|segment| {
            facts! {
                number: segment.number,
                kind: if segment.is_data() { "data" } else { "code" },
                offset: segment.offset,
                size: segment.size(),
                flags: segment.flags(),
                min_alloc: segment.min_alloc(),
                relocations: segment.relocations().count(),
            }
        });
        facts! {
            format: "os2-ne",
            system: self.verdict.system.map(|system| system.to_string()),
            target_os: header.map(Header::target_os),
            program_flags: header.map(|header| header.ne.program_flags),
            application_flags: header.map(|header| header.ne.application_flags),
            auto_data_segment: word(Header::auto_data_segment),
            heap: word(Header::heap),
            stack: word(Header::stack),
            ip: word(Header::ip),
            cs: word(Header::cs),
            sp: word(Header::sp),
            ss: word(Header::ss),
            num_segments: word(Header::num_segments),
            num_modules: word(Header::num_modules),
            num_movable: word(Header::num_movable),
            num_resources: word(Header::num_resources),
            shift: word(Header::shift),
            segments: segments.collect::<Data>(),
            elks: self.elks(),
        }
    }

    fn elks(&self) -> Data {
        let layout = self.layout();
        let refusal = self.verdict.elks.as_ref().err();
        let member = |value: fn(&Layout) -> u16| layout.map(value);
        let segments = layout.map(|layout| {
            let segments = layout.segments();
            segments
                .map(|segment| facts! { kind: segment.kind.name(), paras: segment.paras })
                .collect::<Data>()
        });
        facts! {
            argument_bytes: self.options.argument_bytes,
            errno: refusal.map(|refusal| refusal.rule.errno().name()),
            returned: refusal.map(Returned::returned),
            segments: segments,
            total_paras: layout.map(Layout::total_paras),
            data_len: member(|layout| layout.data_len),
            minstack: member(|layout| layout.minstack),
            t_enddata: member(|layout| layout.t_enddata),
            t_endseg: member(|layout| layout.t_endseg),
            begstack: member(|layout| layout.begstack),
            endbrk: member(|layout| layout.endbrk),
            entry: member(|layout| layout.entry),
            entry_segment: member(|layout| layout.entry_segment),
        }
    }

    fn words(&self, header: &Header) -> Vec<Section> {
        let mut facts = Vec::new();
        if let Some(layout) = self.layout() {
            facts = memory_in_words(layout, MemoryAsked::of(header));
            let verdict = if self.verdict.is_accepted() {
                "runs it; needs a kernel with CONFIG_EXEC_OS2"
            } else {
                "loads it, but it does not run: see the errors below"
            };
            facts.push(Fact::new("ELKS", verdict));
        } else if let Err(refusal) = &self.verdict.elks {
            facts.push(Fact::refusal("ELKS", refusal));
        }
        vec![Section::Table(self.table(header)), Section::Facts(facts)]
    }

    fn table(&self, header: &Header) -> Table {
        let mut table = Table::new([
            Column::left("segment", 8),
            Column::left("kind", 13),
            Column::right("bytes", 8),
            Column::right("in memory", 11),
            Column::right("in file at", 12),
            Column::right("paragraphs", 12),
            Column::right("relocations", 13),
        ]);
        for segment in self.segments() {
            let memory = self.layout().and_then(|layout| layout.segment(segment.number));
            let kind = match (memory, segment.is_data()) {
                (Some(memory), _) => memory.kind.name(),
                (None, true) => "data",
                (None, false) => "code",
            };
            table.row([
                segment.number.to_string(),
                kind.into(),
                segment.size().to_string(),
                segment.min_alloc().to_string(),
                segment.offset.to_string(),
                memory.map_or("-".into(), |memory| memory.paras.to_string()),
                segment.relocations().count().to_string(),
            ]);
        }
        let more = usize::from(header.num_segments()).saturating_sub(MAX_SEGMENTS);
        table.footer = (more != 0).then(|| format!("and {more} more"));
        table
    }

    /// The MZ header, the NE header and the entries of the segment table.
    fn fields(&self, header: &Header) -> Node {
        let order = ByteOrder::Little;
        let mut parts = vec![
            record("MZ header", MzHeader::FIELDS, self.bytes, 0, order),
            record("NE header", NeHeader::FIELDS, self.bytes, header.position.into(), order),
        ];
        parts.extend(self.segments().map(|segment| {
            let name = format!("segment {}", segment.number);
            record(name, SegmentEntry::FIELDS, self.bytes, segment.entry_offset, order)
        }));
        let end = parts.iter().map(|part| part.offset.saturating_add(part.size)).max().unwrap_or_default();
        Node {
            name: "headers".into(),
            offset: 0,
            size: end,
            value: Value::Fields(parts),
            bytes: Vec::new(),
            meaning: "",
        }
    }

    fn file(&self, header: &Header) -> Vec<Region> {
        let position = u64::from(header.position);
        let table = u64::from(header.segment_table_offset());
        let entries = u64::from(header.num_segments()).saturating_mul(SEGMENT_ENTRY_SIZE as u64);
        let mut regions = vec![
            Region::new("MZ header", Role::Header, 0, MZ_HEADER_SIZE as u64),
            Region::new("NE header", Role::Header, position, NE_HEADER_SIZE as u64),
            Region::new("segment table", Role::Header, table, entries),
        ];
        for segment in self.segments() {
            let number = segment.number;
            let role = if segment.is_data() { Role::Data } else { Role::Code };
            let size = u64::from(segment.size());
            let region = Region::new(format!("segment {number}"), role, segment.offset.into(), size);
            let index = usize::from(number).saturating_sub(1);
            let memory = self.layout().and_then(|layout| layout.segment(number));
            // Bytes beyond the memory that the segment asks for, which ELKS would store outside it, have no place.
            regions.push(match memory {
                Some(memory) => region.becoming(index, 0, size.min(memory.bytes().into())),
                None => region,
            });
            if segment.has_relocations() {
                // The records are preceded by a count of two bytes.
                let size = segment.relocations().count().saturating_mul(RELOCATION_SIZE).saturating_add(2);
                let name = format!("relocations of segment {number}");
                regions.push(Region::new(name, Role::Relocations, segment.end(), size as u64));
            }
        }
        regions.retain(|region| !region.is_empty());
        regions.sort_by_key(|region| region.start);
        regions
    }

    fn memory(&self) -> Vec<Memory> {
        let Some(layout) = self.layout() else { return Vec::new() };
        (1..).zip(layout.segments()).map(|(number, segment)| memory(layout, number, segment)).collect()
    }
}

fn memory(layout: &Layout, number: u16, segment: &SegmentLayout) -> Memory {
    let length = u64::from(segment.bytes());
    let (size, zeros) = (u64::from(segment.size).min(length), u64::from(segment.min_alloc).min(length));
    let (name, role) =
        if segment.kind == SegmentKind::Code { ("code", Role::Code) } else { ("data", Role::Data) };
    let mut regions =
        vec![Region::between(name, role, (0, size)), Region::between("zeros", Role::Zeroed, (size, zeros))];
    if number == layout.auto_data_segment {
        let (begstack, brk) = (u64::from(layout.begstack).min(length), u64::from(layout.endbrk));
        let stack = begstack.saturating_sub(layout.minstack.into());
        regions.push(Region::between("heap", Role::Heap, (brk.min(stack), stack)));
        regions.push(Region::between("stack", Role::Stack, (stack, begstack)));
        regions.push(Region::between("arguments", Role::Arguments, (begstack, length)));
    }
    let title = format!("segment {number}, {length} bytes");
    Memory::new(title, number.to_string(), (length, PARAGRAPH), regions)
}

/// The memory of the program.
fn memory_in_words(layout: &Layout, asked: MemoryAsked) -> Vec<Fact> {
    let Layout { entry, entry_segment, begstack, endbrk, minstack, argument_bytes, data_len, .. } = *layout;
    let start = format!(
        "at {entry:#x} in segment {entry_segment}, with the stack pointer at {begstack:#x} and the break at {endbrk:#x}"
    );
    let heap = match asked.heap {
        Heap::Default => format!("{} bytes, the default", layout.heap_asked),
        Heap::Bytes(bytes) => format!("{bytes} bytes, as requested"),
        Heap::All => format!("{} bytes, as much as fits", layout.heap()),
    };
    let paras = layout.total_paras();
    let bytes = u64::from(paras).saturating_mul(PARAGRAPH);
    vec![
        Fact::new("start", start),
        Fact::new("heap", heap),
        Fact::new("stack", format!("{minstack} bytes")),
        arguments(argument_bytes),
        Fact::new("total", format!("{bytes} bytes in {paras} paragraphs; the auto data segment {data_len}")),
    ]
}
