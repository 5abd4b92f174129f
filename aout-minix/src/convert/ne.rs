//! OS/2 NE files of two segments, as Open Watcom links them for ELKS.

use alloc::vec::Vec;
use core::mem::offset_of;

use execfmt_common::Expected;
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{LittleEndian, U16, U32};
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use super::error::{ConvertError, Flaw, InputRule};
use super::{Conversion, Note};
use crate::build::Builder;
use crate::elks::{self, INIT_HEAP, INIT_STACK};
use crate::relocation::{Relocation, SymbolIndex};
use crate::types::FileType;

type Word = U16<LittleEndian>;

/// The header of an NE file: 64 bytes.
#[derive(Clone, Copy, Debug, FromBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct NeHeader {
    magic: [u8; 2],
    linker: [u8; 2],
    entry_table: [Word; 2],
    checksum: U32<LittleEndian>,
    program_flags: u8,
    application_flags: u8,
    auto_data_segment: Word,
    heap: Word,
    stack: Word,
    ip: Word,
    cs: Word,
    sp: Word,
    ss: Word,
    num_segments: Word,
    num_modules: Word,
    non_resident_size: Word,
    segment_table: Word,
    tables: [Word; 4],
    non_resident_table: U32<LittleEndian>,
    num_movable: Word,
    shift: Word,
    num_resource: Word,
    target_os: u8,
    rest: [u8; 9],
}

/// Where the entry point is in the header.
const IP_AT: u64 = offset_of!(NeHeader, ip) as u64;

/// An entry of the segment table: 8 bytes.
#[derive(Clone, Copy, Debug, FromBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct NeSegment {
    offset: Word,
    size: Word,
    flags: Word,
    min_alloc: Word,
}

/// A relocation: 8 bytes.
#[derive(Clone, Copy, Debug, FromBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct NeRelocation {
    src_type: u8,
    flags: u8,
    src_chain: Word,
    segment: u8,
    zero: u8,
    offset: Word,
}

const_assert_eq!(size_of::<NeHeader>(), 64);
const_assert_eq!(size_of::<NeSegment>(), 8);
const_assert_eq!(size_of::<NeRelocation>(), 8);
const_assert_eq!(core::mem::offset_of!(NeHeader, target_os), 0x36);

const MAGIC: [u8; 2] = *b"NE";
/// Where an MZ header says where the NE header is.
const NE_OFFSET_AT: usize = 0x3c;
const OS2: u8 = 1;
/// Program flags: a program with several instances, each with data of its own; not a library.
const PROGRAM_MASK: u8 = 0x1f;
const PROGRAM: u8 = 2;
const SEGMENT_DATA: u16 = 0x0001;
const SEGMENT_RELOCATIONS: u16 = 0x0100;
const SOURCE_MASK: u8 = 0x0f;
const SOURCE_SEGMENT: u8 = 2;
const SOURCE_FAR_ADDRESS: u8 = 3;
const TARGET_MASK: u8 = 3;
const ADDITIVE: u8 = 4;
const CHAIN_END: u16 = 0xffff;

/// The bytes of a segment, and its relocations.
struct Segment {
    number: u16,
    bytes: Vec<u8>,
    min_alloc: u16,
    relocations: Vec<Relocation>,
}

pub(super) fn convert(bytes: &[u8]) -> Result<Conversion, ConvertError> {
    let (header, at) = header(bytes)?;
    judge(&header, at)?;
    let (code_number, data_number) = (header.cs.get(), header.auto_data_segment.get());
    let mut notes = Vec::new();
    let code = segment(bytes, &header, at, code_number, &mut notes)?;
    let data = segment(bytes, &header, at, data_number, &mut notes)?;
    if usize::from(code.min_alloc) != code.bytes.len() {
        let expected = Expected::Exactly(code.bytes.len() as u64);
        return Err(InputRule::SegmentSize.error("min_alloc", at, code.min_alloc.into(), expected));
    }
    if usize::from(header.ip.get()) >= code.bytes.len() {
        // A segment has a byte at least.
        let expected = Expected::AtMost((code.bytes.len() as u64).saturating_sub(1));
        let place = at.saturating_add(IP_AT);
        return Err(InputRule::EntryOutsideText.error("ip", place, header.ip.get().into(), expected));
    }
    let size = data.bytes.len() as u64;
    let bss = u64::from(data.min_alloc).checked_sub(size);
    // A stack segment that is named holds the stack behind the bss.
    let stack = if header.ss.get() == 0 { 0 } else { u64::from(header.stack.get()) };
    let bss = bss.and_then(|bss| bss.checked_sub(stack)).and_then(|bss| u32::try_from(bss).ok());
    let expected = Expected::AtLeast(size.saturating_add(stack));
    let bss = bss.ok_or(InputRule::SegmentSize.error("min_alloc", at, data.min_alloc.into(), expected))?;
    // In both formats 0 stands for the default.
    let ask = |bytes: u16, default: u16| if bytes == default { 0 } else { bytes };
    let file = Builder::new(FileType::SPLITID_AHISTORICAL)
        .version(1)
        .entry(header.ip.get().into())
        .chmem(ask(header.heap.get(), INIT_HEAP))
        .minstack(ask(header.stack.get(), INIT_STACK))
        .text(&code.bytes)
        .data(&data.bytes)
        .bss(bss)
        .text_relocations(code.relocations.as_slice())
        .data_relocations(data.relocations.as_slice())
        .to_vec()?;
    notes.extend(elks::execve(&file, elks::Options::default()).err().map(Note::Refused));
    Ok(Conversion { bytes: file, symbol_table: None, notes })
}

/// The header, and where it is in the file.
fn header(bytes: &[u8]) -> Result<(NeHeader, u64), ConvertError> {
    let len = bytes.len() as u64;
    let truncated =
        |needed: usize| InputRule::Truncated.error("file length", len, len, Expected::AtLeast(needed as u64));
    let magic = bytes.first_chunk::<2>().ok_or_else(|| truncated(NE_OFFSET_AT.saturating_add(4)))?;
    if magic != b"MZ" {
        let expected = Expected::Exactly(u16::from_le_bytes(*b"MZ").into());
        return Err(InputRule::UnknownFormat.error(
            "e_magic",
            0,
            u16::from_le_bytes(*magic).into(),
            expected,
        ));
    }
    let at = bytes.get(NE_OFFSET_AT..).and_then(|bytes| bytes.first_chunk());
    let at = u32::from_le_bytes(*at.ok_or_else(|| truncated(NE_OFFSET_AT.saturating_add(4)))?);
    let start = usize::try_from(at).unwrap_or(usize::MAX);
    let rest = bytes.get(start..).unwrap_or_default();
    let found = rest.first_chunk().copied().unwrap_or_default();
    if found != MAGIC {
        let expected = Expected::Exactly(u16::from_le_bytes(MAGIC).into());
        return Err(InputRule::NotNe.error(
            "ne_magic",
            at.into(),
            u16::from_le_bytes(found).into(),
            expected,
        ));
    }
    let header = NeHeader::read_from_prefix(rest);
    let (header, _) = header.map_err(|_| truncated(start.saturating_add(size_of::<NeHeader>())))?;
    Ok((header, at.into()))
}

/// What ELKS and the two segments of an a.out ask of the header.
fn judge(header: &NeHeader, at: u64) -> Result<(), ConvertError> {
    let place = |offset: u64| at.saturating_add(offset);
    let exactly = |rule: InputRule, name, offset, found: u16, expected: u16| {
        if found == expected {
            return Ok(());
        }
        Err(rule.error(name, place(offset), found.into(), Expected::Exactly(expected.into())))
    };
    let flags = header.program_flags & PROGRAM_MASK;
    exactly(InputRule::NotOs2, "target_os", 0x36, header.target_os.into(), OS2.into())?;
    exactly(InputRule::NotAProgram, "program_flags", 0x0c, flags.into(), PROGRAM.into())?;
    exactly(InputRule::NotSelfContained, "num_modules", 0x1e, header.num_modules.get(), 0)?;
    exactly(InputRule::NotSelfContained, "num_movable", 0x30, header.num_movable.get(), 0)?;
    exactly(InputRule::NotSelfContained, "num_resource", 0x34, header.num_resource.get(), 0)?;
    exactly(InputRule::SegmentCount, "num_segments", 0x1c, header.num_segments.get(), 2)?;
    let data = header.auto_data_segment.get();
    if !matches!(data, 1 | 2) {
        let expected = Expected::Either(1, 2);
        return Err(InputRule::SegmentNumber.error("auto_data_segment", place(0x0e), data.into(), expected));
    }
    exactly(InputRule::SegmentNumber, "cs", 0x16, header.cs.get(), 3_u16.saturating_sub(data))?;
    let stack = header.ss.get();
    if stack != 0 {
        exactly(InputRule::SegmentNumber, "ss", 0x1a, stack, data)?;
    }
    if header.shift.get() > 31 {
        let rule = InputRule::Malformed(Flaw::SegmentAlignment);
        return Err(rule.error("shift", place(0x32), header.shift.get().into(), Expected::AtMost(31)));
    }
    Ok(())
}

fn segment(
    bytes: &[u8],
    header: &NeHeader,
    header_at: u64,
    number: u16,
    notes: &mut Vec<Note>,
) -> Result<Segment, ConvertError> {
    let size = size_of::<NeSegment>() as u64;
    let entry_at = header_at
        .saturating_add(header.segment_table.get().into())
        .saturating_add(u64::from(number).saturating_sub(1).saturating_mul(size));
    let entry = from_offset(bytes, entry_at).and_then(|rest| NeSegment::read_from_prefix(rest).ok());
    let Some((entry, _)) = entry else {
        let expected = Expected::AtLeast(entry_at.saturating_add(size));
        let len = bytes.len() as u64;
        return Err(InputRule::Truncated.error("file length", len, len, expected));
    };
    let is_data = entry.flags.get() & SEGMENT_DATA != 0;
    if is_data != (number == header.auto_data_segment.get()) {
        let flags = entry.flags.get();
        let expected = Expected::Exactly((flags ^ SEGMENT_DATA).into());
        return Err(InputRule::SegmentFlags.error(
            "flags",
            entry_at.saturating_add(4),
            flags.into(),
            expected,
        ));
    }
    let (size, min_alloc) = (entry.size.get(), entry.min_alloc.get());
    // In NE, 0 stands for 65,536, which does not fit.
    for (name, offset, value) in [("size", 2, size), ("min_alloc", 6, min_alloc)] {
        if value == 0 {
            let at = entry_at.saturating_add(offset);
            return Err(InputRule::SegmentSize.error(name, at, 0, Expected::AtLeast(1)));
        }
    }
    let start = u64::from(entry.offset.get()).checked_shl(header.shift.get().into()).unwrap_or(u64::MAX);
    let rest = from_offset(bytes, start).and_then(|rest| rest.split_at_checked(size.into()));
    let Some((contents, rest)) = rest else {
        let expected = Expected::AtMost(bytes.len() as u64);
        let end = start.saturating_add(size.into());
        return Err(InputRule::SectionPastEof.error("offset + size", entry_at, end, expected));
    };
    let mut segment = Segment { number, bytes: contents.to_vec(), min_alloc, relocations: Vec::new() };
    if entry.flags.get() & SEGMENT_RELOCATIONS != 0 {
        let at = start.saturating_add(size.into());
        relocations(&mut segment, header, rest, at, bytes.len() as u64, notes)?;
    }
    Ok(segment)
}

fn from_offset(bytes: &[u8], offset: u64) -> Option<&[u8]> {
    bytes.get(usize::try_from(offset).ok()?..)
}

/// Reads the relocations behind a segment, and puts the offsets of far addresses into it.
fn relocations(
    segment: &mut Segment,
    header: &NeHeader,
    table: &[u8],
    table_at: u64,
    file_len: u64,
    notes: &mut Vec<Note>,
) -> Result<(), ConvertError> {
    let size = size_of::<NeRelocation>();
    let count = table.first_chunk().map(|count| u16::from_le_bytes(*count));
    let needed = usize::from(count.unwrap_or_default()).saturating_mul(size);
    let records = table.get(2..).and_then(|table| table.get(..needed));
    let Some(records) = records else {
        let expected = Expected::AtLeast(table_at.saturating_add(2).saturating_add(needed as u64));
        return Err(InputRule::Truncated.error("file length", table_at, file_len, expected));
    };
    let mut at = table_at.saturating_add(2);
    for record in records.chunks_exact(size).filter_map(|record| NeRelocation::read_from_bytes(record).ok()) {
        let relocation = relocation(segment, header, &record, at, notes)?;
        segment.relocations.push(relocation);
        at = at.saturating_add(size as u64);
    }
    Ok(())
}

fn relocation(
    segment: &mut Segment,
    header: &NeHeader,
    record: &NeRelocation,
    at: u64,
    notes: &mut Vec<Note>,
) -> Result<Relocation, ConvertError> {
    let kind = record.src_type & SOURCE_MASK;
    let additive = record.flags & ADDITIVE != 0;
    let known = matches!((kind, additive), (SOURCE_SEGMENT, false) | (SOURCE_FAR_ADDRESS, _));
    if !known || record.flags & TARGET_MASK != 0 {
        let found = u16::from_be_bytes([record.flags, record.src_type]);
        let expected = Expected::Either(SOURCE_SEGMENT.into(), SOURCE_FAR_ADDRESS.into());
        return Err(InputRule::NeRelocation.error("src_type", at, found.into(), expected));
    }
    let symndx = if u16::from(record.segment) == header.cs.get() {
        SymbolIndex::TEXT
    } else if u16::from(record.segment) == header.auto_data_segment.get() {
        SymbolIndex::DATA
    } else {
        let at = at.saturating_add(4);
        return Err(InputRule::SegmentNumber.error(
            "segment",
            at,
            record.segment.into(),
            Expected::Either(1, 2),
        ));
    };
    let place = record.src_chain.get();
    let straddles = |width: usize| {
        let last = Expected::AtMost((segment.bytes.len() as u64).saturating_sub(width as u64));
        InputRule::RelocationStraddles.error("src_chain", at.saturating_add(2), place.into(), last)
    };
    let width = if kind == SOURCE_SEGMENT { 2 } else { 4 };
    let error = straddles(width);
    let target =
        segment.bytes.get_mut(place.into()..).and_then(|rest| rest.get_mut(..width)).ok_or(error.clone())?;
    let word = target.first_chunk_mut::<2>().ok_or(error)?;
    let held = u16::from_le_bytes(*word);
    if !additive && held != CHAIN_END && held != 0 {
        notes.push(Note::Chain { segment: segment.number, place, next: held });
    }
    if kind == SOURCE_SEGMENT {
        return Ok(Relocation::segword(place.into(), symndx));
    }
    let base = if additive { held } else { 0 };
    *word = base.wrapping_add(record.offset.get()).to_le_bytes();
    Ok(Relocation::segword(u32::from(place).saturating_add(2), symndx))
}
