//! The rules of the systems, of the checker and of chmem: each with the smallest header that breaks it.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of a test, which may panic"
)]

mod chmem;
mod elks;
mod tables;

use std::error::Error as _;

use aout_minix::{
    AoutRule, BuildError, Builder, Content, Cpu, FileType, Header, Magic, Relocation, RelocationTable,
    RelocationType, Section, Supplement, SymbolIndex,
};
use execfmt_common::Detail as _;

const TYPE: FileType = FileType::SPLITID_AHISTORICAL;

/// Version 1, 16 bytes of text, 100 of data, 28 of bss.
fn plain() -> Header {
    Header { version: 1, tseg: 16, dseg: 100, bseg: 28, ..Header::empty(TYPE) }
}

fn far() -> Header {
    Header { hlen: 0x40, ..plain() }
}

/// The header's bytes and zeros for all sections.
fn file(header: &Header) -> Vec<u8> {
    let mut file = header.to_bytes()[..header.hlen.into()].to_vec();
    file.resize(header.end_of_sections().try_into().unwrap(), 0);
    file
}

#[test]
fn the_checker_finds() {
    let first = |header: &Header, file_len: u64| {
        aout_minix::check_header(header, file_len)
            .next()
            .map(|finding| (finding.rule, finding.offset, finding.found))
    };
    let whole = 32 + 16 + 100;
    let tags = |word| Header { file_type: FileType::from_word(word), ..plain() };
    for (header, file_len, expected) in [
        (plain(), whole, None),
        (tags(0x0520_0301), whole, Some((AoutRule::MixedEndian, 0, 0x0520_0301))),
        (tags(0x0820_0301), whole, Some((AoutRule::UnknownCpu, 0, 0x0820_0301))),
        (Header { hlen: 0x31, ..plain() }, whole + 17, Some((AoutRule::BadHlen, 4, 0x31))),
        (Header { version: 2, ..plain() }, whole, Some((AoutRule::UnknownVersion, 6, 2))),
        (Header { tseg: 0, ..plain() }, whole - 16, Some((AoutRule::NoText, 8, 0))),
        (Header { entry: 16, ..plain() }, whole, Some((AoutRule::EntryOutsideText, 20, 16))),
        (plain(), whole - 1, Some((AoutRule::SectionPastEof(Section::Data), 12, 100))),
        (Header { syms: 1, ..plain() }, whole, Some((AoutRule::SectionPastEof(Section::Symbols), 28, 1))),
        (Header { bseg: 0x1_0000, ..plain() }, whole, Some((AoutRule::CutTo16Bits, 16, 0x1_0000))),
        (Header { reserved1: 3, ..plain() }, whole, Some((AoutRule::Reserved, 5, 3))),
    ] {
        assert_eq!(first(&header, file_len), expected, "{header:?}");
    }
    // Sizes of a 32-bit program are not cut.
    let large = Header { file_type: FileType { cpu: Cpu::I80386, ..TYPE }, bseg: 0x1_0000, ..plain() };
    assert_eq!(first(&large, whole), None);
    let supplement = |change: fn(&mut Supplement)| {
        let mut header = Header { tseg: 20, ..far() };
        change(&mut header.supplement);
        let file_len = header.end_of_sections();
        first(&header, file_len).unwrap()
    };
    assert_eq!(
        supplement(|s| s.ftrsize = 9),
        (AoutRule::PartialRelocation(Section::FarTextRelocations), 52, 9)
    );
    assert_eq!(supplement(|s| s.compr_tseg = 21), (AoutRule::NotShorter(Section::Text), 56, 21));
    assert_eq!(supplement(|s| s.compr_ftseg = 5), (AoutRule::EmptyCompressed(Section::FarText), 60, 5));
    assert_eq!(supplement(|s| s.reserved = 5), (AoutRule::Reserved, 62, 5));
}

#[test]
fn the_shortest_header() {
    type Change = fn(&mut Supplement);
    let changes: [(u8, Change); 13] = [
        (0x20, |_| ()),
        (0x30, |s| s.trsize = 1),
        (0x30, |s| s.drsize = 1),
        (0x30, |s| s.tbase = 1),
        (0x30, |s| s.dbase = 1),
        (0x40, |s| s.ftseg = 1),
        (0x40, |s| s.ftrsize = 1),
        (0x40, |s| s.compr_tseg = 1),
        (0x40, |s| s.compr_dseg = 1),
        (0x40, |s| s.compr_ftseg = 1),
        (0x40, |s| s.reserved = 1),
        (0x40, |s| (s.trsize, s.ftseg) = (8, 1)),
        (0x30, |s| (s.trsize, s.dbase) = (8, 1)),
    ];
    for (row, (hlen, change)) in changes.into_iter().enumerate() {
        let mut header = plain();
        change(&mut header.supplement);
        assert_eq!(header.needed_hlen(), hlen, "row {row}");
    }
}

fn findings(builder: &Builder<'_>) -> Vec<(AoutRule, u64, u64)> {
    let mut out = vec![0; 70_000];
    let length = builder.write_to(&mut out).unwrap();
    let image = aout_minix::parse(&out[..length]).unwrap();
    aout_minix::check(&image).map(|finding| (finding.rule, finding.offset, finding.found)).collect()
}

#[test]
fn the_checker_finds_what_the_kernel_does_not() {
    let base = Builder::new(TYPE).version(1).text(&[0; 16]).data(&[0; 4]);
    assert_eq!(findings(&base), []);
    let place = |vaddr| [Relocation::segword(vaddr, SymbolIndex::DATA)];
    assert_eq!(findings(&base.text_relocations(&place(14))), []);
    for vaddr in [15, 0x1_0000] {
        let expected = [(AoutRule::RelocationPlace, 0x30 + 20, vaddr.into())];
        assert_eq!(findings(&base.text_relocations(&place(vaddr))), expected);
    }
    // In one byte there is no word, not even at 0.
    let mut out = [0; 256];
    let length = base.data(&[0]).data_relocations(&place(0)).write_to(&mut out).unwrap();
    let image = aout_minix::parse(&out[..length]).unwrap();
    let finding = aout_minix::check(&image).next().unwrap();
    assert_eq!((finding.rule, finding.found), (AoutRule::RelocationPlace, 0));
    assert_eq!(finding.expected, aout_minix::Expected::AnythingBut(0), "{finding}");
    assert!(finding.to_string().contains("shorter than a word"), "{finding}");
    let second = [Relocation::segword(0, SymbolIndex::TEXT), Relocation::segword(3, SymbolIndex::TEXT)];
    assert_eq!(findings(&base.data_relocations(&second)), [(AoutRule::RelocationPlace, 0x30 + 20 + 8, 3)]);
    let far = [Relocation::segword(0, SymbolIndex::FTEXT)];
    assert_eq!(findings(&base.data_relocations(&far)), [(AoutRule::NoFarText, 0x30 + 20 + 4, 0xfffb)]);
    let word = [Relocation { kind: RelocationType::RELWORD, ..Relocation::segword(0, SymbolIndex::BSS) }];
    let expected = [(AoutRule::RelocationType, 74, 4), (AoutRule::RelocationTarget, 72, 0xfffc)];
    assert_eq!(findings(&base.data_relocations(&word)), expected);
    assert_eq!(
        findings(&base.text_relocations(RelocationTable::Bytes(&[0; 9])))[0],
        (AoutRule::PartialRelocation(Section::TextRelocations), 32, 9)
    );
    // 48 bytes of text segment, and 49 to be read into it.
    let stored = base.content(Section::Text, Content::compressed(&[0; 49], 17));
    assert!(findings(&stored).contains(&(AoutRule::StoredBeyondAllocation(Section::Text), 56, 49)));
    // A version 0 total of 112 bytes leaves 12 above 100 bytes of data, and 16 are needed.
    let data = base.content(Section::Data, Content::compressed(&[0; 60], 100)).version(0).chmem(112);
    assert_eq!(findings(&data), [(AoutRule::NoRoomToExpand, 12, 116)]);
    assert_eq!(findings(&data.chmem(113)), []);
    assert_eq!(findings(&base.symbols(&[1; 17])), [(AoutRule::UnknownSymbols, 52, 17)]);
    let mut long = vec![b'T'; 32_764];
    (0..32_764).step_by(4).for_each(|at| long[at + 3] = 0);
    long.extend([b'T', 0, 0, 1, b'x', 0]);
    assert_eq!(findings(&base.symbols(&long)), [(AoutRule::LongSymbols, 52, 32_770)]);
    assert_eq!(findings(&base.symbols(b"T\0\0\x01x\0")), []);
    assert_eq!(findings(&base.trailing(b"?")), [(AoutRule::TrailingBytes, 52, 53)]);
}

#[test]
fn what_is_no_a_out_is_told() {
    for (bytes, lookalike) in [
        (&b"\x7fELF"[..], Magic::Elf),
        (b"MZ\x90\0", Magic::Mz),
        (b"#!/bin/sh", Magic::Script),
        (b"!<arch>\n", Magic::Archive),
        (b"\xa3\x86\x01\0", Magic::BccObject),
        (b"\x03\x01\x20\x04", Magic::Unknown),
    ] {
        let AoutRule::BadMagic(start) = aout_minix::parse(bytes).unwrap_err().rule else {
            panic!("{lookalike:?}")
        };
        assert_eq!(start.magic(), lookalike);
    }
    assert_eq!(aout_minix::parse(b"\x01").unwrap_err().rule, AoutRule::Truncated);
}

#[test]
fn the_builder_refuses() {
    let base = Builder::new(TYPE).text(&[0; 16]);
    let long = [0; 0x1_0000];
    assert_eq!(
        base.content(Section::Data, Content::compressed(&long, 1)).header(),
        Err(BuildError::CompressedTooLong(Section::Data))
    );
    for (section, stored, size) in
        [(Section::Text, &[][..], 5), (Section::FarText, &[1], 0), (Section::Data, &[], 0)]
    {
        let content = Content::compressed(stored, size);
        assert_eq!(base.content(section, content).header(), Err(BuildError::EmptyCompressed(section)));
    }
    assert!(
        matches!(base.min_hlen(0x28).header(), Err(BuildError::Refused(finding)) if finding.rule == AoutRule::BadHlen)
    );
    assert!(
        matches!(base.write_to(&mut [0; 47]), Err(BuildError::BufferTooSmall(size)) if (size.needed, size.given) == (48, 47))
    );
    for (result, has_source) in [
        (base.write_to(&mut [0; 47]).map(|_| ()), true),
        (base.min_hlen(0x28).header().map(|_| ()), true),
        (base.content(Section::Data, Content::compressed(&[], 0)).header().map(|_| ()), false),
    ] {
        let error = result.unwrap_err();
        let source = error.source().map(ToString::to_string);
        assert_eq!(source, has_source.then(|| error.to_string()), "{error}");
    }
}

/// Flags and types as ELKS's `minix.h` names them; sections are numbered from 0, for C.
#[test]
fn types_and_sections_have_names_and_numbers() {
    for (word, name, flags, is_separate) in [
        (0x0410_0301, Some("COMBID"), "EXEC", false),
        (0x0420_0301, Some("SPLITID"), "SEP", true),
        (0x0430_0301, Some("SPLITID_AHISTORICAL"), "EXEC|SEP", true),
        (0x0460_0301, Some("S_SPLITID"), "SEP|PURE", true),
        (0x04a0_0301, Some("DLLID"), "SEP|TOVLY", true),
        (0x0400_0301, None, "0", false),
        (0x0b20_0301, None, "SEP", true),
    ] {
        let file_type = FileType::from_word(word);
        assert_eq!((file_type.name(), file_type.word(), file_type.is_separate()), (name, word, is_separate));
        assert_eq!(file_type.flags.to_string(), flags, "{word:#x}");
        let text = file_type.to_string();
        assert!(text.starts_with(&format!("{word:#010x}")), "{text}");
        assert_eq!(name.is_some_and(|name| text.contains(name)), name.is_some(), "{text}");
    }
    for (number, section) in (0..).zip(Section::ALL) {
        assert_eq!((section.number(), Section::from_number(number)), (number, Some(section)));
    }
    assert_eq!((Section::ALL.len(), Section::from_number(7)), (7, None));
}
