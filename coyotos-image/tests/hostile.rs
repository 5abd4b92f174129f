//! Bad input: a typed error, in bounded time and memory.

#![cfg(all(feature = "gzip", feature = "elf"))]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, clippy::panic)]

use std::io::Write;
use std::time::{Duration, Instant};

use coyotos_image::space::{SpaceError, WalkLimits};
use coyotos_image::wire::HEADER_SIZE;
use coyotos_image::{
    Arch, BuildError, Builder, CapType, Capability, CoyotosRule, CycleScratch, GptAttrs, GzipError, Header,
    Image, ObjectType, Options, Rules, Slot, SymbolDef, SymbolKind, check, deflate, find_cycles, inflate,
    inflate_start, space,
};
use fastrand::Rng;

/// Where the words of the header are: specification section 1.
const WORDS: std::ops::Range<usize> = 8..64;

fn sample(arch: Arch) -> Vec<u8> {
    let mut builder = Builder::new(arch);
    let bank = builder.prime_bank();
    let page = builder.page_with(bank, b"bytes").unwrap();
    let space = builder.add(bank, Capability::NULL, 0x12_3456_0000, page, 0).unwrap();
    builder.alloc(ObjectType::CapPage, bank).unwrap();
    builder.alloc(ObjectType::Endpoint, bank).unwrap();
    builder.runnable_process(bank, space, 0x12_3456_0000).unwrap();
    builder.to_vec().unwrap()
}

/// Reads all that there is to be read.
fn exercise(bytes: &[u8]) -> bool {
    let image = match Image::parse(bytes, Options::default()) {
        Ok(image) => image,
        Err(finding) => {
            assert!(!finding.expected.allows(finding.found), "{finding}");
            return false;
        }
    };
    let findings = check(&image, Rules::Full).count() + check(&image, Rules::Reference).count();
    let mut scratch = vec![CycleScratch::default(); image.count(ObjectType::Gpt) as usize];
    let cycles = find_cycles(&image, &mut scratch).unwrap().count();
    let mut caps = 0;
    for object in image.objects() {
        for (_, cap) in image.capabilities(object) {
            caps += 1;
            let _ = space::leaf(&image, cap, 0x12_3456_0000);
            if cap.cap_type() == CapType::GPT {
                let _ = space::walk(&image, cap, WalkLimits { gpts: 1000 }).count();
            }
        }
    }
    let _ = (
        image.symbols().iter().count(),
        image.symbol_at(0x1000),
        image.banks().count(),
        image.allocs().count(),
    );
    if let Ok(builder) = Builder::from_image(&image) {
        // What a builder takes in it can give back.
        assert_eq!(builder.to_vec().unwrap().len(), bytes.len());
    }
    findings + cycles + caps < usize::MAX
}

#[test]
fn headers_with_counts_of_all_kinds_are_refused_at_once() {
    for arch in Arch::ALL {
        let whole = sample(arch);
        assert!(exercise(&whole));
        let start = Instant::now();
        for at in WORDS.step_by(4).chain((64..104).step_by(8)) {
            for word in [0_u32, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, u32::MAX] {
                let mut bytes = whole.clone();
                for half in bytes[at..].chunks_mut(4).take(if at < 64 { 1 } else { 2 }) {
                    let order = arch.byte_order();
                    let value = if order == coyotos_image::ByteOrder::Big {
                        word.to_be_bytes()
                    } else {
                        word.to_le_bytes()
                    };
                    half.copy_from_slice(&value);
                }
                exercise(&bytes);
            }
        }
        // Two words at once: counts that balance each other.
        let mut rng = Rng::with_seed(7);
        for _ in 0..20_000 {
            let mut bytes = whole[..104].to_vec();
            for _ in 0..2 {
                let at = rng.usize(WORDS.start..104);
                bytes[at] = rng.u8(..);
            }
            exercise(&bytes);
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }
}

#[test]
fn mutated_images_never_panic_and_never_take_long() {
    const SEED: u64 = 0x3a7e;
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    let start = Instant::now();
    let mut read = 0;
    for arch in Arch::ALL {
        let whole = sample(arch);
        for _ in 0..1000 {
            let mut bytes = whole.clone();
            for _ in 0..rng.usize(1..30) {
                let at = rng.usize(104..bytes.len());
                bytes[at] = rng.u8(..);
            }
            read += usize::from(exercise(&bytes));
        }
        for len in (0..whole.len()).step_by(97) {
            assert!(!exercise(&whole[..len]), "an image cut to {len} bytes");
        }
    }
    assert_eq!(read, 3000, "the header was left alone");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

/// A look at the rows from the first one on for each of them would take hours.
#[test]
fn a_long_table_is_checked_in_one_pass() {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    for _ in 0..500_000 {
        builder.alloc(ObjectType::Endpoint, bank).unwrap();
    }
    let bytes = builder.to_vec().unwrap();
    let image = Image::parse(&bytes, Options::default()).unwrap();
    assert_eq!(check(&image, Rules::Full).next(), None);
    assert_eq!(image.allocs().count(), image.objects().count());
}

#[test]
fn the_layout_of_july_2007_is_named() {
    let mut bytes = sample(Arch::I386);
    let endpoints = 2;
    let old = u32::try_from(bytes.len() + 16 * endpoints).unwrap();
    bytes[60..64].copy_from_slice(&old.to_le_bytes());
    bytes.resize(old as usize, 0);
    let finding = Image::parse(&bytes, Options::default()).unwrap_err();
    assert_eq!(finding.rule, CoyotosRule::OldLayout);
    assert!(finding.to_string().contains("48 bytes"), "{finding}");
}

#[test]
fn a_gzip_bomb_stops_at_the_limit() {
    let mut encoder = flate2_encoder();
    let zeros = vec![0; 1 << 20];
    for _ in 0..256 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let start = Instant::now();
    assert_eq!(inflate(&bomb, 1 << 20), Err(GzipError::TooLong { limit: 1 << 20 }));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let image = sample(Arch::ARM);
    let packed = deflate(&image).unwrap();
    assert_eq!(inflate(&packed, image.len() as u64).unwrap(), image);
    assert_eq!(
        inflate(&packed, image.len() as u64 - 1),
        Err(GzipError::TooLong { limit: image.len() as u64 - 1 })
    );
    assert_eq!(inflate(&image, 0).unwrap(), image, "a plain image is no longer than it is");

    // The start alone, however much follows and whatever its checksum says.
    for stored in [&image, &packed, &packed[..packed.len() - 8].to_vec()] {
        let start = inflate_start(stored, HEADER_SIZE).unwrap();
        assert_eq!(*start, image[..HEADER_SIZE]);
        assert_eq!(
            &Header::parse(&start).unwrap(),
            Image::parse(&image, Options::default()).unwrap().header()
        );
    }
    assert_eq!(inflate_start(&packed, image.len() + 1).unwrap(), image, "there is no more");
    assert_eq!(inflate_start(&bomb, 1000).unwrap().len(), 1000);
    assert!(matches!(inflate_start(&packed[..12], 8), Err(GzipError::Damaged(_))));
    for len in 2..packed.len() {
        assert!(matches!(inflate(&packed[..len], 1 << 30), Err(GzipError::Damaged(_))), "cut to {len} bytes");
    }
    assert_eq!(Image::parse(&packed, Options::default()).unwrap_err().rule, CoyotosRule::Compressed);
}

fn flate2_encoder() -> flate2::write::GzEncoder<Vec<u8>> {
    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best())
}

/// A GPT whose slot 0 leads to itself, and one whose slots all lead to the next of a chain.
fn cyclic() -> (Builder, Capability, Capability) {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    let mut ring = builder.alloc(ObjectType::Gpt, bank).unwrap();
    ring.set_l2g(16);
    builder.set_capability(ring, Slot::Index(0), ring).unwrap();
    let mut below = builder.page_with(bank, b"leaf").unwrap();
    let mut l2 = 12;
    for _ in 0..12 {
        let mut gpt = builder.alloc(ObjectType::Gpt, bank).unwrap();
        builder.set_gpt(gpt, GptAttrs { l2v: l2, ha: false, bg: false }).unwrap();
        l2 += 4;
        gpt.set_l2g(l2);
        for slot in 0..16 {
            builder.set_capability(gpt, Slot::Index(slot), below).unwrap();
        }
        below = gpt;
    }
    (builder, ring, below)
}

#[test]
fn cycles_and_trees_without_end_are_bounded() {
    let (mut builder, ring, wide) = cyclic();
    let bank = builder.prime_bank();
    assert_eq!(builder.leaf(ring, 0), Err(SpaceError::TooDeep));
    assert_eq!(builder.walk(ring, WalkLimits::default()).last(), Some(Err(SpaceError::TooDeep)));
    let page = builder.alloc(ObjectType::Page, bank).unwrap();
    let before = builder.to_vec().unwrap();
    // Every GPT on the way covers 2^12 in slots, so that the place is found at the first.
    assert!(builder.clone().add(bank, ring, 0, page, 0).is_ok());
    let mut small = ring;
    small.set_l2g(40);
    let mut looped = builder.clone();
    looped.set_gpt(ring, GptAttrs { l2v: 36, ha: false, bg: false }).unwrap();
    looped.set_capability(ring, Slot::Index(0), small).unwrap();
    let whole = looped.to_vec().unwrap();
    assert_eq!(looped.add(bank, small, 0, page, 0), Err(SpaceError::TooDeep));
    assert_eq!(looped.to_vec().unwrap(), whole, "a failed call leaves no trace");
    // 16^12 leaves: the walk ends where its limit is, and with an error.
    let limits = WalkLimits { gpts: 5000 };
    let mut visits = builder.walk(wide, limits).pages();
    assert!(visits.by_ref().take(1000).all(|page| page.is_ok()));
    assert_eq!(visits.last(), Some(Err(SpaceError::TooMany)));
    // The checker finds the one cycle, and looks at each slot once.
    let image = Image::parse(&before, Options::default()).unwrap();
    let mut scratch = [CycleScratch::default(); 13];
    assert!(find_cycles(&image, &mut scratch[..12]).is_none(), "too little room");
    let findings: Vec<_> = find_cycles(&image, &mut scratch).unwrap().collect();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].field.slot(), Some(Slot::Index(0)));
}

#[test]
fn sizes_beyond_32_bits_are_refused_before_anything_is_written() {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    for _ in 0..1 << 20 {
        builder.alloc(ObjectType::Page, bank).unwrap();
    }
    assert!(matches!(builder.written_len(), Err(BuildError::TooLarge(bytes)) if bytes > 1 << 32));
    assert!(matches!(builder.to_vec(), Err(BuildError::TooLarge(_))));
    assert!(matches!(builder.validate(), Err(BuildError::TooLarge(_))));
}

/// An image of one GPT and no process, its endpoint last.
fn with_gpt() -> (Vec<u8>, usize) {
    let mut builder = Builder::new(Arch::I386);
    builder.alloc(ObjectType::Gpt, builder.prime_bank()).unwrap();
    let bytes = builder.to_vec().unwrap();
    let gpt = bytes.len() - 32 - 264;
    (bytes, gpt)
}

/// An image of two symbols, and where its symbol table is.
fn with_symbols() -> (Vec<u8>, usize) {
    let mut builder = Builder::new(Arch::I386);
    let symbol =
        |object, value| SymbolDef { object, value, size: 0, kind: SymbolKind::Label, name: "a".into() };
    builder.set_symbols(vec![symbol(5, 9), symbol(6, 7)]).unwrap();
    (builder.to_vec().unwrap(), 2 * 0x1000)
}

#[test]
fn no_finding_expects_what_it_found() {
    type Make = fn() -> (Vec<u8>, usize);
    type Change = fn(&mut Vec<u8>, usize);
    let table: [(CoyotosRule, Make, Change); 8] = [
        // The capability in the GPT's first slot.
        (CoyotosRule::UnknownCapType, with_gpt, |bytes, gpt| bytes[gpt + 8] = 0x2f),
        (CoyotosRule::OidRange, with_gpt, |bytes, gpt| bytes[gpt + 8] = 0x24),
        (CoyotosRule::NoticeRange, with_gpt, |bytes, gpt| bytes[gpt + 8] = 0x25),
        (CoyotosRule::TablePage, with_gpt, |bytes, gpt| (bytes[gpt + 8], bytes[gpt + 12]) = (0x21, 12)),
        // No endpoint for the one bank; the alloc table has a record fewer.
        (CoyotosRule::BankEndpoint, with_gpt, |bytes, _| {
            let len = bytes.len() - 32;
            bytes.truncate(len);
            bytes[60..64].copy_from_slice(&u32::try_from(len).unwrap().to_le_bytes());
            (bytes[24], bytes[52]) = (bytes[24] - 1, 0);
        }),
        (CoyotosRule::SymbolName, with_symbols, |bytes, _| bytes[36] = 0),
        (CoyotosRule::SymbolOrder, with_symbols, |bytes, table| bytes[table + 8] = 7),
        (CoyotosRule::SymbolOrder, with_symbols, |bytes, table| bytes[table + 8] = 6),
    ];
    for (rule, make, change) in table {
        let (mut bytes, at) = make();
        change(&mut bytes, at);
        let image = Image::parse(&bytes, Options::default()).unwrap();
        let mut findings = check(&image, Rules::Full).chain(check(&image, Rules::Reference));
        assert!(findings.any(|finding| finding.rule == rule), "{rule:?} is not found");
        for finding in check(&image, Rules::Full).chain(check(&image, Rules::Reference)) {
            assert!(!finding.expected.allows(finding.found), "{finding}");
        }
    }
}
