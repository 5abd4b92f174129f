//! OS/2 NE files of two segments, as Open Watcom links them for ELKS.

use alloc::vec::Vec;

use execfmt_common::{Expected, WireField};
use os2_ne::elks::{PROGRAM, PROGRAM_MASK};
use os2_ne::{
    ADDITIVE, Header, Image, MZ_MAGIC, MzHeader, NE_MAGIC, NeHeader, NeRule, RelocationRecord, SegmentEntry,
    Source, TARGET_MASK,
};

use super::error::{ConvertError, Flaw, InputRule};
use super::{Conversion, Note};
use crate::build::Builder;
use crate::elks::{self, INIT_HEAP, INIT_STACK};
use crate::relocation::{Relocation, SymbolIndex};
use crate::types::FileType;

/// The target system: OS/2.
const OS2: u16 = 1;
/// The low half of a source type: the original ignores the other half.
const SOURCE_MASK: u8 = 0x0f;
const CHAIN_END: u16 = 0xffff;

/// The bytes of a segment, and its relocations.
struct Segment {
    number: u16,
    entry_offset: u64,
    bytes: Vec<u8>,
    min_alloc: u16,
    relocations: Vec<Relocation>,
}

impl Segment {
    fn wrong_size(&self, expected: Expected) -> ConvertError {
        let at = field_at(SegmentEntry::FIELDS, self.entry_offset, "min_alloc");
        InputRule::SegmentSize.error("min_alloc", at, self.min_alloc.into(), expected)
    }
}

/// File offset of a field of a record.
fn field_at(fields: &[WireField], record: u64, name: &str) -> u64 {
    let field = fields.iter().find(|field| field.name == name);
    record.saturating_add(field.map_or(0, |field| field.offset as u64))
}

pub(super) fn convert(bytes: &[u8]) -> Result<Conversion, ConvertError> {
    let header = header(bytes)?;
    check_header(&header)?;
    let image = Image::parse(bytes).map_err(|finding| {
        let needed = header.entry_offset(header.num_segments().saturating_add(1));
        truncated(finding.offset, bytes, needed)
    })?;
    let mut notes = Vec::new();
    let code = segment(&image, header.cs(), &mut notes)?;
    let data = segment(&image, header.auto_data_segment(), &mut notes)?;
    let (code_size, data_size) = (code.bytes.len() as u64, data.bytes.len() as u64);
    if u64::from(code.min_alloc) != code_size {
        return Err(code.wrong_size(Expected::Exactly(code_size)));
    }
    let ip = header.ip();
    // A segment has at least one byte.
    let expected = Expected::AtMost(code_size.saturating_sub(1));
    if !expected.allows(ip.into()) {
        return Err(header_error(InputRule::EntryOutsideText, &header, "ip", ip, expected));
    }
    // The kernel adds the stack to `min_alloc` whatever `ss` is; it adds it to the bss of an a.out too.
    let bss = u64::from(data.min_alloc).checked_sub(data_size).and_then(|bss| u32::try_from(bss).ok());
    let bss = bss.ok_or_else(|| data.wrong_size(Expected::AtLeast(data_size)))?;
    // In both formats 0 stands for the default.
    let ask = |bytes: u16, default: u16| if bytes == default { 0 } else { bytes };
    let file = Builder::new(FileType::SPLITID_AHISTORICAL)
        .version(1)
        .entry(ip.into())
        .chmem(ask(header.heap(), INIT_HEAP))
        .minstack(ask(header.stack(), INIT_STACK))
        .text(&code.bytes)
        .data(&data.bytes)
        .bss(bss)
        .text_relocations(code.relocations.as_slice())
        .data_relocations(data.relocations.as_slice())
        .to_vec()?;
    notes.extend(elks::execve(&file, elks::Options::default()).err().map(Note::Refused));
    Ok(Conversion { bytes: file, symbol_table: None, notes })
}

fn truncated(at: u64, bytes: &[u8], needed: u64) -> ConvertError {
    InputRule::Truncated.error("file length", at, bytes.len() as u64, Expected::AtLeast(needed))
}

fn header(bytes: &[u8]) -> Result<Header, ConvertError> {
    Header::parse(bytes).map_err(|finding| {
        let magic = |magic: [u8; 2]| Expected::Exactly(u16::from_le_bytes(magic).into());
        let offset = finding.offset;
        match finding.rule {
            NeRule::NotMz(_) => {
                InputRule::UnknownFormat.error("e_magic", offset, finding.found, magic(MZ_MAGIC))
            }
            NeRule::NotNe => InputRule::NotNe.error("ne_magic", offset, finding.found, magic(NE_MAGIC)),
            // There is no magic at the offset that the MZ header gives: a DOS program.
            NeRule::HeaderPastEof => {
                let at = field_at(MzHeader::FIELDS, 0, "e_lfanew");
                InputRule::NotNe.error("ne_magic", at, 0, magic(NE_MAGIC))
            }
            _ => truncated(bytes.len() as u64, bytes, finding.expected.bound()),
        }
    })
}

fn header_error(
    rule: InputRule,
    header: &Header,
    name: &'static str,
    found: u16,
    expected: Expected,
) -> ConvertError {
    rule.error(name, field_at(NeHeader::FIELDS, header.position.into(), name), found.into(), expected)
}

/// The rules of ELKS, and of the two segments of an a.out file, for the header.
fn check_header(header: &Header) -> Result<(), ConvertError> {
    let must = |rule: InputRule, name, found: u16, expected: Expected| {
        if expected.allows(found.into()) {
            Ok(())
        } else {
            Err(header_error(rule, header, name, found, expected))
        }
    };
    let exactly = |value: u16| Expected::Exactly(value.into());
    let flags = header.ne.program_flags & PROGRAM_MASK;
    must(InputRule::NotOs2, "target_os", header.target_os().into(), exactly(OS2))?;
    must(InputRule::NotAProgram, "program_flags", flags.into(), exactly(PROGRAM.into()))?;
    must(InputRule::NotSelfContained, "num_modules", header.num_modules(), exactly(0))?;
    must(InputRule::NotSelfContained, "num_movable", header.num_movable(), exactly(0))?;
    must(InputRule::NotSelfContained, "num_resources", header.num_resources(), exactly(0))?;
    must(InputRule::SegmentCount, "num_segments", header.num_segments(), exactly(2))?;
    let data = header.auto_data_segment();
    must(InputRule::SegmentNumber, "auto_data_segment", data, Expected::Either(1, 2))?;
    must(InputRule::SegmentNumber, "cs", header.cs(), exactly(3_u16.saturating_sub(data)))?;
    if header.ss() != 0 {
        must(InputRule::SegmentNumber, "ss", header.ss(), exactly(data))?;
    }
    let alignment = InputRule::Malformed(Flaw::SegmentAlignment);
    must(alignment, "shift", header.shift(), Expected::AtMost(31))
}

fn segment(image: &Image<'_>, number: u16, notes: &mut Vec<Note>) -> Result<Segment, ConvertError> {
    let header = image.header();
    let len = image.bytes().len() as u64;
    let Some(it) = image.segment(number) else {
        return Err(truncated(len, image.bytes(), header.entry_offset(number.saturating_add(1))));
    };
    let at = |name| field_at(SegmentEntry::FIELDS, it.entry_offset, name);
    if it.is_data() != (number == header.auto_data_segment()) {
        let expected = Expected::Exactly((it.flags() ^ os2_ne::segment_flags::DATA).into());
        return Err(InputRule::SegmentFlags.error("flags", at("flags"), it.flags().into(), expected));
    }
    // In NE, 0 means 65,536, which does not fit. A data segment whose memory is smaller than that then has no
    // bytes: all of it is bss.
    let is_bss = it.is_data() && it.min_alloc() != 0;
    for (name, value) in [("size", it.size()), ("min_alloc", it.min_alloc())] {
        if value == 0 && !is_bss {
            return Err(InputRule::SegmentSize.error(name, at(name), 0, Expected::AtLeast(1)));
        }
    }
    let Ok(contents) = it.bytes() else {
        let expected = Expected::AtMost(len);
        return Err(InputRule::SectionPastEof.error("offset + size", at("offset"), it.end(), expected));
    };
    let mut segment = Segment {
        number,
        entry_offset: it.entry_offset,
        bytes: contents.to_vec(),
        min_alloc: it.min_alloc(),
        relocations: Vec::new(),
    };
    for item in it.relocations() {
        let (at, record) = item.map_err(|finding| {
            // What is missing is the count itself, or records that it counts.
            let rest = match finding.expected {
                Expected::AtLeast(count_size) => count_size,
                _ => finding.found.saturating_mul(os2_ne::RELOCATION_SIZE as u64),
            };
            truncated(finding.offset, image.bytes(), finding.offset.saturating_add(rest))
        })?;
        let relocation = relocation(&mut segment, header, &record, at, notes)?;
        segment.relocations.push(relocation);
    }
    Ok(segment)
}

/// An a.out relocation; the offset of a far address is written into the segment.
fn relocation(
    segment: &mut Segment,
    header: &Header,
    record: &RelocationRecord,
    at: u64,
    notes: &mut Vec<Note>,
) -> Result<Relocation, ConvertError> {
    let field = |name| field_at(RelocationRecord::FIELDS, at, name);
    let known = RelocationRecord { source_type: record.source_type & SOURCE_MASK, ..*record }.known();
    let Ok(known) = known else {
        let flags = record.flags & (TARGET_MASK | ADDITIVE);
        let found = u16::from_be_bytes([flags, record.source_type]);
        let expected = Expected::Either(Source::Segment.number().into(), Source::FarPointer.number().into());
        return Err(InputRule::NeRelocation.error("src_type", at, found.into(), expected));
    };
    let target = u16::from(known.target_segment);
    let symndx = if target == header.cs() {
        SymbolIndex::TEXT
    } else if target == header.auto_data_segment() {
        SymbolIndex::DATA
    } else {
        let at = field("target_segment");
        return Err(InputRule::SegmentNumber.error("segment", at, target.into(), Expected::Either(1, 2)));
    };
    let (place, width) = (known.source_offset, usize::from(known.source.width()));
    let last = segment.bytes.len().checked_sub(width);
    let last = last.map_or(Expected::AnythingBut(place.into()), |last| Expected::AtMost(last as u64));
    let error =
        || InputRule::RelocationStraddles.error("src_chain", field("source_offset"), place.into(), last);
    let target = segment.bytes.get_mut(place.into()..).and_then(|rest| rest.get_mut(..width));
    let word = target.and_then(|target| target.first_chunk_mut::<2>()).ok_or_else(error)?;
    let held = u16::from_le_bytes(*word);
    if !known.additive && held != CHAIN_END && held != 0 {
        notes.push(Note::Chain { segment: segment.number, place, next: held });
    }
    if known.source == Source::Segment {
        return Ok(Relocation::segword(place.into(), symndx));
    }
    let base = if known.additive { held } else { 0 };
    *word = base.wrapping_add(known.target_offset).to_le_bytes();
    Ok(Relocation::segword(u32::from(place).saturating_add(2), symndx))
}
