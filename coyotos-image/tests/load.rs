//! The default loader against an account of every byte and right that is computed from the program headers alone.

#![cfg(feature = "elf")]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, clippy::panic)]
#![allow(clippy::cast_possible_truncation)]

mod support;

use std::collections::BTreeMap;

use coyotos_image::LoadError;
use coyotos_image::elf::{ElfError, ElfPart, ElfRule, symbols_of_elf};
use coyotos_image::space::WalkLimits;
use coyotos_image::{
    Arch, BuildError, Builder, ByteOrder, Image, ObjectId, ObjectType, Options, Restr, space,
};
use execfmt_common::Detail as _;
use fastrand::Rng;
use support::{Elf, Segment};

/// Another architecture than the three, with a 64-bit machine.
const WIDE: &[u16] = &[62];

fn arch(rng: &mut Rng) -> Arch {
    let other = Arch::new("other", 9, 10, ByteOrder::Big, WIDE).unwrap();
    [Arch::I386, Arch::COLDFIRE, Arch::ARM, other][rng.usize(..4)]
}

fn random(rng: &mut Rng, arch: Arch) -> Elf {
    let page = u64::from(arch.page_size());
    let body: Vec<u8> = (0..rng.usize(400..6 * page as usize)).map(|_| rng.u8(..)).collect();
    let len = body.len() as u64;
    let wide = rng.bool();
    let top: u64 = if wide { 1 << rng.u32(34..63) } else { 1 << 31 };
    let mut address = rng.u64(..top);
    let mut segments = Vec::new();
    for _ in 0..rng.usize(1..6) {
        let offset = rng.u64(..len);
        let file_size = rng.u64(..=(len - offset).min(3 * page));
        let memory_size = file_size + if rng.bool() { rng.u64(..2 * page) } else { 0 };
        let kind = if rng.u8(..) < 20 { 0x6474_e551 } else { 1 };
        segments.push(Segment { kind, offset, address, file_size, memory_size, flags: rng.u32(..8) });
        address += memory_size + [0, 0, rng.u64(..page), rng.u64(..1 << 20)][rng.usize(..4)];
        if rng.u8(..) < 8 {
            address -= memory_size.min(5);
        }
    }
    let starts: Vec<_> = segments.iter().filter(|s| s.memory_size > 0).collect();
    let entry = if starts.is_empty() { 0 } else { starts[rng.usize(..starts.len())].address };
    let machines = arch.elf_machines();
    let machine = machines[rng.usize(..machines.len())];
    rng.shuffle(&mut segments);
    Elf { wide, big: arch.byte_order() == ByteOrder::Big, kind: 2, machine, entry, segments, body }
}

/// Every address that a segment claims with its byte, and the flags of every page; `None` when two disagree.
fn account(elf: &Elf, file: &[u8], page: u64) -> Option<(BTreeMap<u64, u8>, BTreeMap<u64, u32>)> {
    let (mut bytes, mut flags) = (BTreeMap::new(), BTreeMap::new());
    for segment in elf.segments.iter().filter(|segment| segment.kind == 1) {
        for i in 0..segment.memory_size {
            let byte = if i < segment.file_size { file[(segment.offset + i) as usize] } else { 0 };
            if bytes.insert(segment.address + i, byte).is_some_and(|other| other != byte) {
                return None;
            }
            *flags.entry((segment.address + i) / page).or_insert(0) |= segment.flags;
        }
    }
    Some((bytes, flags))
}

#[test]
fn every_byte_and_right_is_what_the_elf_says() {
    const SEED: u64 = 0x0010_adef;
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    let (mut loaded, mut overlaps, mut entries) = (0, 0, 0);
    for number in 0..500 {
        let arch = arch(&mut rng);
        let page = u64::from(arch.page_size());
        let elf = random(&mut rng, arch);
        let file = elf.write();
        let mut builder = Builder::new(arch);
        let bank = builder.prime_bank();
        let before = builder.to_vec().unwrap();
        let result = builder.load_elf(bank, &file);
        let account = account(&elf, &file, page);
        let Ok(program) = result else {
            assert_eq!(builder.to_vec().unwrap(), before, "a failed load leaves no trace");
            match result {
                Err(LoadError::Elf(finding)) if finding.rule == ElfRule::Overlap => {
                    assert!(account.is_none(), "file {number}: {finding}");
                    overlaps += 1;
                }
                Err(LoadError::Build(BuildError::EntryNotExecutable(entry))) => {
                    let (_, flags) = account.unwrap();
                    assert_eq!(
                        flags.get(&(entry / page)).copied().unwrap_or_default() & 1,
                        0,
                        "file {number}"
                    );
                    entries += 1;
                }
                Err(LoadError::Elf(finding)) if finding.rule == ElfRule::NoSegments => {
                    assert!(elf.segments.iter().all(|segment| segment.kind != 1));
                }
                other => panic!("file {number}: {other:?} {elf:?}"),
            }
            continue;
        };
        let (bytes, flags) = account.unwrap_or_else(|| panic!("file {number}: two segments disagree"));
        // Read back from the written image, so that writer and reader are in the account too.
        let image = builder.to_vec().unwrap();
        let image = Image::parse(&image, Options { archs: &[arch], ..Options::default() }).unwrap();
        let mut pages = 0;
        for mapping in space::walk(&image, program.space, WalkLimits::default()).pages() {
            let mapping = mapping.unwrap();
            let wanted =
                flags.get(&(mapping.address / page)).unwrap_or_else(|| panic!("file {number}: {mapping:?}"));
            let restr = if wanted & 1 == 0 { Restr::NX } else { Restr::NONE };
            let restr = restr.with(if wanted & 2 == 0 { Restr::RO } else { Restr::NONE });
            assert_eq!(mapping.restr, restr, "file {number}: {mapping:?}");
            let contents = image.page(mapping.capability.oid()).unwrap();
            for (address, &found) in (mapping.address..).zip(contents) {
                let wanted = bytes.get(&address).copied().unwrap_or_default();
                assert_eq!(found, wanted, "file {number}: the byte at {address:#x}");
            }
            let leaf = space::leaf(&image, program.space, mapping.address + page - 1).unwrap();
            assert_eq!((leaf.capability, leaf.offset, leaf.restr), (mapping.capability, page - 1, restr));
            pages += 1;
        }
        assert_eq!(pages, flags.len(), "file {number}");
        assert_eq!(program.entry, elf.entry);
        loaded += 1;
    }
    println!("{loaded} loaded, {overlaps} refused for overlaps, {entries} for their start address");
    assert!(loaded > 200 && overlaps > 5 && entries > 50);
}

fn small() -> Elf {
    let segment =
        Segment { kind: 1, offset: 0, address: 0x8000, file_size: 0x200, memory_size: 0x200, flags: 5 };
    Elf {
        wide: false,
        big: false,
        kind: 2,
        machine: 3,
        entry: 0x8000,
        segments: vec![segment],
        body: vec![0; 0x200],
    }
}

#[test]
fn every_bound_of_a_program_is_checked() {
    type Change = fn(&mut Elf);
    // Where the field is in ELF32 and ELF64, by the tables of the System V ABI; the program headers follow the header.
    let table: [(ElfRule, [u64; 2], Change); 10] = [
        (ElfRule::WrongMachine, [18, 18], |elf| elf.machine = 40),
        (ElfRule::WrongByteOrder, [5, 5], |elf| elf.big = true),
        (ElfRule::NotLinked, [16, 16], |elf| elf.kind = 3),
        (ElfRule::Dynamic, [52 + 32, 64 + 56], |elf| {
            elf.segments.push(Segment { kind: 3, ..elf.segments[0] })
        }),
        (ElfRule::NoSegments, [44, 56], |elf| elf.segments[0].kind = 0),
        (ElfRule::PastEof, [52 + 4, 64 + 8], |elf| elf.segments[0].offset = 1),
        (ElfRule::FileSize, [52 + 16, 64 + 32], |elf| elf.segments[0].memory_size = 0x1ff),
        (ElfRule::AddressOverflow, [52 + 20, 64 + 40], |elf| {
            elf.segments[0].address = if elf.wide { u64::MAX - 0x1fe } else { 0xffff_fe01 };
        }),
        (ElfRule::TooManySegments, [44, 56], |elf| elf.segments = vec![elf.segments[0]; 1025]),
        (ElfRule::TooLarge, [52 + 2 * 32 + 20, 64 + 2 * 56 + 40], |elf| {
            let zeros = Segment { file_size: 0, address: 0, memory_size: 0xc000_0000, ..elf.segments[0] };
            elf.segments.extend([zeros, zeros]);
        }),
    ];
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    assert!(builder.load_elf(bank, &small().write()).is_ok());
    let before = builder.to_vec().unwrap();
    for (rule, offsets, change) in table {
        for (wide, offset) in [false, true].into_iter().zip(offsets) {
            let mut elf = Elf { wide, ..small() };
            change(&mut elf);
            match builder.load_elf(bank, &elf.write()) {
                Err(LoadError::Elf(finding)) => {
                    assert_eq!((finding.rule, finding.offset), (rule, offset), "{finding}");
                }
                other => panic!("{rule:?}: {other:?}"),
            }
            assert_eq!(builder.to_vec().unwrap(), before, "{rule:?} leaves no trace");
        }
    }
    for len in 0..small().write().len() {
        assert!(builder.load_elf(bank, &small().write()[..len]).is_err(), "cut to {len} bytes");
    }
    // A segment of zeros has no bytes in the file that could lie after its end.
    let mut zeros = small();
    zeros.segments.push(Segment {
        offset: 0x201,
        address: 0x9000,
        file_size: 0,
        memory_size: 1,
        ..zeros.segments[0]
    });
    assert!(builder.load_elf(bank, &zeros.write()).is_ok());
    assert!(builder.load_elf_compat(bank, &zeros.write()).is_ok());
    // The last page of a 32-bit space can be loaded.
    let mut high = small();
    high.segments[0].address = 0xffff_fe00;
    high.entry = 0xffff_fe00;
    assert!(builder.load_elf(bank, &high.write()).is_ok());
}

/// The offsets are those of the ELF specification: `e_shoff` is at byte 32 or 40, `e_shentsize` at 46 or 58, `e_shnum` at
/// 48 or 60, `e_shstrndx` at 50 or 62. The first of each row is where the section headers are, then come the three.
#[test]
fn damaged_section_headers_are_named_by_field_and_offset() {
    let root = ObjectId { object_type: ObjectType::Gpt, oid: 0 };
    for wide in [false, true] {
        let (at, size, shift) = if wide { (40, 64, 4) } else { (32, 40, 0) };
        let sizes = at + 14 + shift;
        let table = [
            ((0x10_0000, size, 3, 1), "e_shoff", at, 0x10_0000),
            ((0x150, size, 7, 1), "e_shoff", at, 0x150),
            // No offset would do.
            ((8, size, 90, 1), "e_shnum", sizes + 2, 90),
            ((0x80, 24, 3, 1), "e_shentsize", sizes, 24),
            // Sections without names, and names in a section that is not there.
            ((0x80, size, 3, 0), "e_shstrndx", sizes + 4, 0),
            ((0x80, size, 3, 3), "e_shstrndx", sizes + 4, 3),
        ];
        for ((start, entry, count, names), field, offset, value) in table {
            let mut bytes = Elf { wide, ..small() }.write();
            bytes.resize(600, 0);
            bytes[at..at + 4].copy_from_slice(&u32::to_le_bytes(start));
            for (number, word) in [entry, count, names].into_iter().enumerate() {
                bytes[sizes + 2 * number..][..2].copy_from_slice(&u16::to_le_bytes(word));
            }
            let Err(ElfError::Refused(finding)) = symbols_of_elf(&bytes, root) else {
                panic!("{field} is taken")
            };
            assert!(matches!(finding.rule, ElfRule::Malformed(_)), "{finding}");
            let told = (finding.field.name, finding.offset, finding.found);
            assert_eq!(told, (field, offset as u64, value), "{finding}");
            assert!(!finding.expected.allows(finding.found), "{finding}");
            #[cfg(feature = "side-file")]
            assert_eq!(coyotos_image::elf::side_file(&bytes).map(drop), Err(ElfError::Refused(finding)));
        }
    }
}

/// `EI_CLASS`, `EI_DATA` and `EI_VERSION` are bytes 4, 5 and 6.
#[test]
fn an_unknown_identification_is_named_by_its_byte() {
    for (at, field) in [(4, "EI_CLASS"), (5, "EI_DATA"), (6, "EI_VERSION")] {
        let mut bytes = small().write();
        bytes[at] = 9;
        let Err(ElfError::Refused(finding)) = coyotos_image::elf::machine_of_elf(&bytes) else {
            panic!("{field} is taken")
        };
        assert_eq!((finding.field.name, finding.offset, finding.found), (field, at as u64, 9), "{finding}");
        assert!(!finding.expected.allows(9), "{finding}");
        let part = if at == 4 { ElfPart::Class } else { ElfPart::Header };
        assert_eq!(finding.rule, ElfRule::Malformed(part), "{finding}");
    }
    // Their numbers, for C.
    for (number, part) in (1..).zip([
        ElfPart::Class,
        ElfPart::Header,
        ElfPart::ProgramHeaders,
        ElfPart::SectionHeaders,
        ElfPart::SectionNames,
    ]) {
        assert_eq!((part.number(), ElfPart::from_number(number)), (number, Some(part)));
    }
    assert_eq!((ElfPart::from_number(0), ElfPart::from_number(6)), (None, None));
}
