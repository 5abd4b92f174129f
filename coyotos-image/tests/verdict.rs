//! The verdict on a file: it accepts exactly when the image can be loaded and each page of each space be read.

#![cfg(feature = "gzip")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use coyotos_image::space::leaf;
use coyotos_image::{
    Arch, Builder, ByteOrder, CapType, Capability, CheckOptions, Image, Loader, ObjectType, Options, Restr,
    Slot, SymbolDef, SymbolKind, check_bytes, deflate,
};
use fastrand::Rng;

fn small(order: ByteOrder) -> Arch {
    // The smallest pages that there can be: an image of a few kilobytes has all kinds of objects.
    Arch::new("small", if order == ByteOrder::Little { 1 } else { 2 }, 7, order, &[]).unwrap()
}

/// Two processes in two spaces that share pages, a space that nothing uses, a bank below the prime bank, symbols.
fn sample(arch: Arch) -> Vec<u8> {
    let page_size = u64::from(arch.page_size());
    let mut builder = Builder::new(arch);
    let prime = builder.prime_bank();
    let bank = builder.alloc_bank(prime).unwrap();
    let mut code = builder.page_with(bank, b"code").unwrap();
    code.set_restr(Restr::RO);
    let data = builder.page_with(bank, b"data").unwrap();
    let caps = builder.alloc(ObjectType::CapPage, bank).unwrap();
    builder.set_capability(caps, Slot::Index(3), data).unwrap();
    let mut spaces = Vec::new();
    for last in [0x40, 0x123, 0x7000] {
        let mut space = Capability::NULL;
        for (address, cap) in [(1, code), (5, data), (last, data), (last + 1, caps)] {
            space = builder.add(bank, space, address * page_size, cap, 0).unwrap();
        }
        spaces.push(space);
    }
    for &space in &spaces[..2] {
        let process = builder.runnable_process(bank, space, page_size).unwrap();
        builder.set_capability(process, Slot::CapReg(0), bank).unwrap();
    }
    let object = coyotos_image::SpaceId::of(coyotos_image::ObjectId::of(spaces[0]).unwrap()).to_u64();
    let symbol = |name: &str, value| SymbolDef {
        object,
        value,
        size: 4,
        kind: SymbolKind::Function,
        name: name.into(),
    };
    builder.set_symbols(vec![symbol("start", page_size), symbol("end", page_size + 4)]).unwrap();
    builder.to_vec().unwrap()
}

/// Whether the image can be taken apart, and every page of every space be read; each is also looked up by its address.
fn loads(bytes: &[u8], arch: Arch) -> bool {
    let Ok(image) = Image::parse(bytes, Options { archs: &[arch], ..Options::default() }) else {
        return false;
    };
    if Builder::from_image(&image).is_err() {
        return false;
    }
    image.spaces().iter().all(|space| {
        image.mapped_pages(space.root, image.walk_limits()).all(|page| {
            let Ok((mapping, contents)) = page else { return false };
            let found = leaf(&image, space.root, mapping.address).unwrap();
            assert_eq!((found.capability, found.restr), (mapping.capability, mapping.restr));
            assert!(!contents.is_empty());
            true
        })
    })
}

#[test]
fn what_is_accepted_is_what_can_be_loaded() {
    const SEED: u64 = 0x5eed_c01d;
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    let archs = [small(ByteOrder::Little), small(ByteOrder::Big)];
    let samples = archs.map(sample);
    let (mut accepted, mut codes) = (0, BTreeMap::<&str, u32>::new());
    const RUNS: u32 = 100_000;
    for run in 0..RUNS {
        let which = rng.usize(..2);
        let (arch, mut bytes) = (archs[which], samples[which].clone());
        let (objects, len) = (bytes.len() - 3 * 632, bytes.len());
        for _ in 0..rng.usize(1..4) {
            // The header and the objects at the end more often than the pages between.
            let at = [rng.usize(..104), rng.usize(objects - 2000..len), rng.usize(..len)][rng.usize(..3)];
            bytes[at] = match rng.usize(..4) {
                0 => bytes[at] ^ 1 << rng.u8(..8),
                1 => 0,
                2 => bytes[at].wrapping_add(1),
                _ => rng.u8(..),
            };
        }
        if rng.usize(..100) == 0 {
            bytes.truncate(rng.usize(..len));
        }
        let options = CheckOptions { archs: &[arch], ..CheckOptions::default() };
        let mut of_this = Vec::new();
        let verdict = check_bytes(&bytes, &options, &mut |finding| {
            of_this.push(finding.code());
            ControlFlow::Continue(())
        });
        assert_eq!(verdict.is_accepted(), loads(&bytes, arch), "run {run}: {of_this:?}");
        accepted += u32::from(verdict.is_accepted());
        of_this.dedup();
        of_this.into_iter().for_each(|code| *codes.entry(code).or_default() += 1);
    }
    println!("{accepted} of {RUNS} accepted; {codes:?}");
    assert!(accepted > RUNS / 20 && accepted < RUNS / 2);
    for code in ["space_not_memory", "space_no_object", "space_too_deep", "oid_range", "shared_names"] {
        assert!(codes.contains_key(code), "{code} was not met");
    }
}

fn codes(bytes: &[u8], loader: Loader) -> (Vec<&'static str>, bool) {
    let mut codes = Vec::new();
    let verdict = check_bytes(bytes, &CheckOptions { loader, ..CheckOptions::default() }, &mut |finding| {
        codes.push(finding.code());
        ControlFlow::Continue(())
    });
    (codes, verdict.is_accepted())
}

/// GPTs that lead through each of `slots` slots to the next, `depth` of them, with a page at the end.
fn tree(depth: u8, slots: u32, in_a_process: bool) -> Vec<u8> {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    let mut below = builder.page_with(bank, b"end").unwrap();
    for level in 0..depth {
        let mut gpt = builder.alloc(ObjectType::Gpt, bank).unwrap();
        let l2v = 12_u8.saturating_add(level.saturating_mul(4)).min(60);
        let mut attrs = builder.gpt(gpt).unwrap();
        attrs.l2v = l2v;
        builder.set_gpt(gpt, attrs).unwrap();
        gpt.set_l2g(l2v + 4);
        (0..slots).for_each(|slot| builder.set_capability(gpt, Slot::Index(slot), below).unwrap());
        below = gpt;
    }
    if in_a_process {
        let process = builder.alloc(ObjectType::Process, bank).unwrap();
        builder.set_capability(process, Slot::AddrSpace, below).unwrap();
    }
    builder.to_vec().unwrap()
}

#[test]
fn a_space_that_cannot_be_walked_is_refused_by_a_careful_loader_only() {
    for in_a_process in [true, false] {
        for (depth, slots, code) in
            [(64, 1, None), (70, 1, Some("space_too_deep")), (8, 16, Some("space_too_many"))]
        {
            let bytes = tree(depth, slots, in_a_process);
            let expected: Vec<_> = code.into_iter().collect();
            assert_eq!(codes(&bytes, Loader::Careful), (expected, code.is_none()), "{depth} {slots}");
            assert_eq!(codes(&bytes, Loader::Original), (vec![], true), "{depth} {slots}");
        }
    }
}

/// A chain without a cycle is not called one.
#[test]
fn a_long_chain_is_not_called_a_cycle() {
    let bytes = tree(70, 1, true);
    let mut sentences = String::new();
    check_bytes(&bytes, &CheckOptions::default(), &mut |finding| {
        writeln!(sentences, "{finding}").unwrap();
        ControlFlow::Continue(())
    });
    assert!(sentences.contains("more than 64 GPTs"), "{sentences}");
    assert!(!sentences.contains("has a cycle"), "{sentences}");
}

#[test]
fn of_many_findings_the_first_thousand_are_listed_and_all_are_counted() {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    let bits = builder.capability_to(CapType::CAP_BITS, 0);
    for _ in 0..10 {
        let page = builder.alloc(ObjectType::CapPage, bank).unwrap();
        (0..256).for_each(|slot| builder.set_capability(page, Slot::Index(slot), bits).unwrap());
    }
    let mut bytes = builder.to_vec().unwrap();
    let first = bytes.windows(4).rposition(|word| word == [3, 0, 0, 0]).unwrap() - (10 * 256 - 1) * 16;
    // A swizzled CapBits, in each slot.
    (0..10 * 256).for_each(|slot| bytes[first + slot * 16] |= 0x40);
    let mut listed = 0;
    let verdict = check_bytes(&bytes, &CheckOptions::default(), &mut |_| {
        listed += 1;
        ControlFlow::Continue(())
    });
    assert_eq!((listed, verdict.tally.errors, verdict.tally.unlisted()), (1000, 2560, 1560));
}

#[test]
fn a_gzip_file_is_read_as_gzip_reads_it() {
    let image = sample(Arch::I386);
    let packed = deflate(&image).unwrap();
    let end = packed.len();
    let mut padded = packed.clone();
    padded.resize(end + 512, 0);
    assert_eq!(codes(&padded, Loader::Careful), (vec![], true), "zeros after it are ignored");
    // Two files end to end are one.
    let (first, second) = image.split_at(1000);
    let halves = [deflate(first).unwrap(), deflate(second).unwrap()].concat();
    assert_eq!(codes(&halves, Loader::Careful), (vec![], true));
    let mut wrong = packed.clone();
    wrong[end - 5] ^= 1;
    let trailing = [&packed[..], b"more"].concat();
    for (what, bytes, offset, words) in [
        ("cut short", &packed[..end - 1], end as u64 - 1, "ends too early"),
        ("another checksum", &wrong, 0, "checksum"),
        ("something after it", &trailing, end as u64, "trailing data after the gzip file"),
    ] {
        let mut found = None;
        let verdict = check_bytes(bytes, &CheckOptions::default(), &mut |finding| {
            found = Some((finding.code(), finding.offset(), finding.to_string()));
            ControlFlow::Continue(())
        });
        let (code, at, sentence) = found.unwrap();
        assert!(!verdict.is_accepted() && verdict.header.is_some(), "{what}");
        assert_eq!((code, at), ("gzip_damaged", offset), "{what}");
        assert!(sentence.contains(words), "{what}: {sentence}");
    }
    let options = CheckOptions { max_inflated: 1000, ..CheckOptions::default() };
    let mut codes = Vec::new();
    check_bytes(&packed, &options, &mut |finding| {
        codes.push((finding.code(), finding.found()));
        ControlFlow::Continue(())
    });
    assert_eq!(codes, [("gzip_over_limit", image.len() as u64)]);
}
