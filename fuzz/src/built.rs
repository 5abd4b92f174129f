//! OS/2 NE and COFF files that the crates build from a description: what is read back is what was described.

use std::error::Error;

use arbitrary::{Arbitrary, Unstructured};
use mips_coff::{ByteOrder, NewSection, SectionKind, SectionName};
use noff::convert::{ConvertError, Executable, InputRule};
use os2_ne::{NewSegment, Relocation, Source, segment_flags};

use crate::coff::{coff_load, coff_parse, noff_to_coff};
use crate::made::Words;
use crate::words;

/// What a builder writes: all of the length that it announces, nothing after it, and nothing into less room.
pub(crate) fn written<E: Error + PartialEq>(
    length: usize,
    write: impl Fn(&mut [u8]) -> Result<usize, E>,
) -> Vec<u8> {
    let mut file = vec![0xa5; length + 1];
    words::error(&write(&mut file[..length - 1]).expect_err("too short"));
    assert_eq!(write(&mut file), Ok(length));
    assert_eq!(file.pop(), Some(0xa5), "nothing is written after the file");
    file
}

/// A segment of a program to be built.
#[derive(Arbitrary, Debug)]
struct Segment {
    data: bool,
    bytes: Vec<u8>,
    zeros: u16,
    min_alloc: Option<u16>,
    /// Far pointer, added to, place, segment, offset.
    relocations: Vec<(bool, bool, u16, u8, u16)>,
}

impl Segment {
    fn relocations(&self) -> Vec<Relocation> {
        let of = |&(far, additive, source_offset, target_segment, target_offset): &_| Relocation {
            source: if far { Source::FarPointer } else { Source::Segment },
            additive: far && additive,
            source_offset,
            target_segment,
            target_offset,
        };
        self.relocations.iter().map(of).collect()
    }
}

/// An OS/2 NE program.
#[derive(Arbitrary, Debug)]
struct Program {
    segments: Vec<Segment>,
    entry: Option<(u16, u16)>,
    auto: Option<u16>,
    memory: (u16, u16),
    shift: u16,
    /// Heap, stack and shift are set in the header itself.
    by_header: bool,
}

/// An NE program is built, read back, and loaded by the rules of ELKS or refused.
pub fn ne_build(data: &[u8]) {
    let Ok(program) = Program::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let Program { segments, entry, auto, memory: (heap, stack), shift, by_header } = &program;
    let tables: Vec<Vec<Relocation>> = segments.iter().map(Segment::relocations).collect();
    let new = segments.iter().zip(&tables).map(|(segment, table)| {
        let new =
            if segment.data { NewSegment::data(&segment.bytes) } else { NewSegment::code(&segment.bytes) };
        let new = new.zeros(segment.zeros).relocations(table);
        segment.min_alloc.into_iter().fold(new, NewSegment::min_alloc)
    });
    let new: Vec<_> = new.collect();
    let mut builder = os2_ne::Builder::new(&new);
    builder = entry.iter().fold(builder, |builder, &(segment, offset)| builder.entry(segment, offset));
    builder = auto.iter().fold(builder, |builder, &number| builder.auto_data_segment(number));
    builder = if *by_header {
        builder.header(|ne| {
            ne.heap = (*heap).into();
            ne.stack = (*stack).into();
            ne.shift = (*shift).into();
        })
    } else {
        builder.heap(*heap).stack(*stack).shift(*shift)
    };
    let size = |segment: &Segment| segment.bytes.len() + usize::from(segment.zeros);
    let length = match builder.size() {
        Ok(length) => length,
        Err(error) => {
            words::error(&error);
            let long =
                segments.iter().any(|segment| size(segment) > 0xffff || segment.relocations.len() > 0xffff);
            // The headers, the segment table and six bytes of empty tables; then the segments, each with its relocations.
            let (mut end, mut far, unit) = (128 + 8 * segments.len() + 6, false, 1 << (*shift).min(15));
            for segment in segments {
                let records = segment.relocations.len();
                let length = size(segment) + if records == 0 { 0 } else { 2 + 8 * records };
                if length > 0 {
                    let start = end.next_multiple_of(unit);
                    far |= start / unit > 0xffff;
                    end = start + length;
                }
            }
            assert!(*shift > 15 || long || far || segments.len() > 8184, "a valid file is refused: {error}");
            return;
        }
    };
    let file = written(length, |place| builder.write_to(place));
    by_flags(&builder, segments, &tables, &file);

    let image = os2_ne::Image::parse(&file).expect("what was built can be parsed");
    let header = image.header();
    assert_eq!((header.heap(), header.stack()), (*heap, *stack));
    assert_eq!(usize::from(header.num_segments()), segments.len());
    for ((built, segment), table) in image.segments().zip(segments).zip(&tables) {
        let (bytes, zeros) = built.bytes().expect("whole").split_at(segment.bytes.len());
        assert!(bytes == segment.bytes && zeros.iter().all(|&byte| byte == 0));
        assert_eq!((zeros.len(), built.is_data()), (segment.zeros.into(), segment.data));
        assert_eq!(built.min_alloc(), segment.min_alloc.unwrap_or(size(segment) as u16));
        let read: Result<Vec<_>, _> = built.relocations().collect();
        let known = read.expect("whole records").into_iter().map(|(_, record)| record.known());
        assert!(known.eq(table.iter().map(|&relocation| Ok(relocation))));
    }
    crate::ne::ne_elks_load(&[&[10, 0], &file[..]].concat());
}

/// Segments that are described by their flags are the same segments.
fn by_flags(builder: &os2_ne::Builder<'_>, segments: &[Segment], tables: &[Vec<Relocation>], file: &[u8]) {
    let new = segments.iter().zip(tables).map(|(segment, table)| {
        let flags = segment_flags::LEVEL | if segment.data { segment_flags::DATA } else { 0 };
        let new = NewSegment::code(&segment.bytes).flags(flags).zeros(segment.zeros).relocations(table);
        segment.min_alloc.into_iter().fold(new, NewSegment::min_alloc)
    });
    let new: Vec<_> = new.collect();
    let header = *os2_ne::Image::parse(file).expect("what was built can be parsed").header();
    let same = os2_ne::Builder::new(&new).header(|ne| *ne = header.ne).to_vec();
    assert!(same.as_deref() == Ok(file), "by flags it is another file");
    assert!(builder.to_vec().as_deref() == Ok(file), "as a vector it is another file");
}

/// A section of a COFF file to be built.
#[derive(Arbitrary, Debug)]
struct Part {
    kind: u8,
    name: Option<[u8; 8]>,
    address: u32,
    bytes: Vec<u8>,
    zeroed: u32,
}

impl Part {
    fn kind(&self) -> SectionKind {
        [SectionKind::Text, SectionKind::Rdata, SectionKind::Data, SectionKind::Bss]
            [usize::from(self.kind) % 4]
    }

    fn size(&self) -> u64 {
        if self.kind().is_file_backed() { self.bytes.len() as u64 } else { self.zeroed.into() }
    }

    fn add_to<'a>(&'a self, builder: mips_coff::Builder<'a>) -> mips_coff::Builder<'a> {
        let Self { address, bytes, zeroed, .. } = self;
        match (self.name, self.kind()) {
            (Some(name), kind) => {
                let bytes = if kind.is_file_backed() { &bytes[..] } else { &[] };
                let name = SectionName::new(name);
                builder.section(NewSection { name, kind, address: *address, bytes, zeroed: *zeroed })
            }
            (None, SectionKind::Text) => builder.text(*address, bytes),
            (None, SectionKind::Rdata) => builder.rdata(*address, bytes),
            (None, SectionKind::Data) => builder.data(*address, bytes),
            (None, _) => builder.bss(*address, *zeroed),
        }
    }
}

/// A COFF file.
#[derive(Arbitrary, Debug)]
struct Coff {
    big: bool,
    entry: u32,
    granularity: Option<u8>,
    sections: Vec<Part>,
}

/// A COFF file is built and read back.
pub fn coff_build(data: &[u8]) {
    let Ok(coff) = Coff::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let order = if coff.big { ByteOrder::Big } else { ByteOrder::Little };
    let mut builder = mips_coff::Builder::nachos().byte_order(order).entry(coff.entry);
    if let Some(granularity) = coff.granularity {
        builder = builder.granularity(granularity.into());
    }
    builder = coff.sections.iter().fold(builder, |builder, section| section.add_to(builder));
    let length = match builder.written_len() {
        Ok(length) => length,
        Err(error) => {
            words::error(&error);
            let most = u64::from(u32::MAX);
            let past = coff.sections.iter().any(|section| u64::from(section.address) + section.size() > most);
            // Each is rounded up to 255 bytes at most.
            let long = coff.sections.iter().map(|section| section.size() + 255).sum::<u64>() > most - 255;
            assert!(coff.sections.len() > 10 || past || long, "a valid file is refused: {error}");
            return;
        }
    };
    let file = written(length, |place| builder.write_to(place));

    let image = mips_coff::Image::parse(&file).expect("what was built can be parsed");
    let header = image.header();
    assert_eq!((header.byte_order, header.entry), (order, Some(coff.entry)));
    assert_eq!(usize::from(header.nscns), coff.sections.len());
    for (built, section) in image.sections().zip(&coff.sections) {
        let built = built.expect("within the file");
        assert_eq!((built.header.vaddr, built.header.flags), (section.address, section.kind().flags()));
        let name = section.name.map_or(section.kind().to_string(), |name| SectionName::new(name).to_string());
        assert_eq!(built.header.name.to_string(), name);
        assert!(section.name.is_none_or(|name| built.header.name.to_wire() == name));
        if section.kind().is_file_backed() {
            let (start, padding) = built.bytes.split_at(section.bytes.len());
            assert!(start == section.bytes && padding.iter().all(|&byte| byte == 0));
        } else {
            assert!(built.bytes.is_empty() && built.header.size >= section.zeroed);
        }
    }
    if coff.big {
        let refused = Executable::read(&file).expect_err("Nachos is little-endian");
        crate::noff::refused(&refused);
        let ConvertError::Input { finding, .. } = refused else { panic!("{refused}") };
        assert_eq!(finding.rule, InputRule::BigEndian);
    }
    with_symbols(&coff, file);
}

/// What `nm` prints for each storage class of `sc` in `symconst.h`, from 0 on.
const LETTERS: &[u8; 32] = b"NTDB?AU??????GSR?CC??UT???T?????";

/// The file with symbols after it, one of each storage class, in words of our own.
fn with_symbols(coff: &Coff, mut file: Vec<u8>) {
    // The offset of the table is a word.
    let Ok(start) = u32::try_from(file.len()) else { return };
    let mut names = Words { big: coff.big, bytes: Vec::new() };
    let mut symbols = Words { big: coff.big, bytes: Vec::new() };
    let described =
        (0..32_u8).map(|class| (format!("symbol{class}"), coff.entry ^ u32::from(class), class * 2, class));
    for (name, value, kind, class) in described.clone() {
        let (kind, class) = (u32::from(kind), u32::from(class));
        let bits = if coff.big { kind << 26 | class << 21 } else { kind | class << 6 };
        symbols.half(0).half(0).words(&[names.bytes.len() as u32, value, bits]);
        names.bytes.extend(name.bytes().chain([0]));
    }
    let mut header = Words { big: coff.big, bytes: Vec::new() };
    header.half(0x7009).half(0);
    let mut tables = [0; 23];
    let (names_at, symbols_at) = (start + 96, start + 96 + names.bytes.len() as u32);
    (tables[15], tables[16]) = (names.bytes.len() as u32, names_at);
    (tables[21], tables[22]) = (32, symbols_at);
    header.words(&tables);
    let mut place = Words { big: coff.big, bytes: Vec::new() };
    place.words(&[start, 96]);
    file[8..16].copy_from_slice(&place.bytes);
    file.extend([header.bytes, names.bytes, symbols.bytes].concat());

    let image = mips_coff::Image::parse(&file).expect("what was built can be parsed");
    let symbols = image.symbols().expect("the symbols are in the file");
    let read = symbols.iter().map(|symbol| {
        assert_eq!(symbol.letter(), char::from(LETTERS[usize::from(symbol.class)]));
        (String::from_utf8_lossy(symbol.name).into_owned(), symbol.value, symbol.kind, symbol.class)
    });
    assert!(read.eq(described));
    // Another magic: a table that is not read, which is said.
    for magic in [0x7009_u16, 0x7008] {
        let bytes = if coff.big { magic.to_be_bytes() } else { magic.to_le_bytes() };
        file[start as usize..][..2].copy_from_slice(&bytes);
        coff_parse(&file);
        coff_load(&file);
        noff_to_coff(&file);
    }
    let image = mips_coff::Image::parse(&file).expect("the headers are the same");
    assert!(image.symbols().is_err(), "another magic");
}
