//! Where the seeds of the Coyotos targets come from: each is made here, and compared with its file.
//! `EXECFMT_BLESS=1 cargo test -p execfmt-fuzz --test coyotos_seeds` writes the files anew.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::fs;

use coyotos_image::{
    Arch, BUILD_ID_SPACE, Builder, CapType, Capability, EndpointAttrs, GptAttrs, Image, ObjectId, ObjectType,
    Options, Packing, Restr, Slot, SpaceId, SymbolDef, SymbolKind, deflate, inflate,
};
use execfmt_fuzz::{SMALL, SMALL_BIG};
use execfmt_testkit::{Mutator, root, testdata};
use support::Elf;

/// More than any seed holds.
const LIMIT: u64 = 1 << 20;

fn seed(target: &str, name: &str, bytes: &[u8]) {
    let path = root().join("fuzz/seeds").join(target).join(name);
    if std::env::var_os("EXECFMT_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
    }
    let stored = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    // Of gzip files what they hold: compressors differ from version to version.
    let [stored, bytes] = [&*stored, bytes].map(|bytes| inflate(bytes, LIMIT).unwrap());
    assert!(stored == bytes, "{} is stale: EXECFMT_BLESS=1 writes it anew", path.display());
}

/// Every kind of object, banks, symbols, and a space of four regions, one of them far away.
fn everything(arch: Arch, packing: Packing) -> Builder {
    let mut builder = Builder::new(arch).with_packing(packing);
    let page = u64::from(arch.page_size());
    let bank = builder.prime_bank();
    let below = builder.alloc_bank(bank).unwrap();
    let mut code = builder.page_with(below, b"code").unwrap();
    code.set_restr(Restr::RO);
    let data = builder.page_with(below, b"data").unwrap();
    let caps = builder.alloc(ObjectType::CapPage, bank).unwrap();
    let mut space = builder.add(bank, Capability::NULL, 4 * page, code, 0).unwrap();
    for (address, cap) in [(6 * page, data), (0x7fff_0000_0000, code), (40 * page, caps)] {
        space = builder.add(below, space, address, cap, 0).unwrap();
    }
    let mut window = builder.capability_to(CapType::WINDOW, 0);
    window.set_alloc_count(3);
    builder.set_capability(caps, Slot::Index(7), window).unwrap();
    let endpoint = builder.alloc(ObjectType::Endpoint, below).unwrap();
    builder
        .set_endpoint(endpoint, EndpointAttrs { pm: true, prot_payload: 0xdead_beef, endpoint_id: 7 })
        .unwrap();
    let process = builder.runnable_process(bank, space, 4 * page).unwrap();
    builder.set_capability(endpoint, Slot::Recipient, process).unwrap();
    builder.set_capability(process, Slot::CapReg(31), endpoint).unwrap();
    builder.set_capability(process, Slot::IoSpace, builder.capability_to(CapType::IO_PRIV, 0)).unwrap();
    let object = SpaceId::of(ObjectId::of(space).unwrap()).to_u64();
    let symbol =
        |object, value, size, kind, name: &str| SymbolDef { object, value, size, kind, name: name.into() };
    builder
        .set_symbols(vec![
            symbol(object, 4 * page, 16, SymbolKind::Function, "_start"),
            symbol(object, 6 * page, 0, SymbolKind::Data, "table"),
            symbol(object + 1, 0, 4, SymbolKind::Label, "other"),
            symbol(BUILD_ID_SPACE, object, 0, SymbolKind::BuildId, "c0ffee"),
        ])
        .unwrap();
    builder
}

/// A GPT that leads to itself, and four whose 16 slots all lead to the next.
fn tangled() -> Builder {
    let mut builder = Builder::new(SMALL);
    let bank = builder.prime_bank();
    let mut ring = builder.alloc(ObjectType::Gpt, bank).unwrap();
    ring.set_l2g(16);
    builder.set_capability(ring, Slot::Index(0), ring).unwrap();
    let mut below = builder.page_with(bank, b"leaf").unwrap();
    for l2v in [7, 11, 15, 19] {
        let mut gpt = builder.alloc(ObjectType::Gpt, bank).unwrap();
        builder.set_gpt(gpt, GptAttrs { l2v, ha: l2v == 15, bg: false }).unwrap();
        gpt.set_l2g(l2v + 4);
        for slot in 0..16 {
            builder.set_capability(gpt, Slot::Index(slot), below).unwrap();
        }
        below = gpt;
    }
    // A longer way round: from a page's slot of the lowest to the last but one.
    let top = builder.capability_to(CapType::GPT, 3);
    builder.set_capability(builder.capability_to(CapType::GPT, 1), Slot::Index(5), top).unwrap();
    builder
}

/// As [`tangled`], with capabilities that are weak and not read-only, which no builder writes.
fn weak() -> Vec<u8> {
    let mut bytes = tangled().to_vec().unwrap();
    let options = Options { archs: &[SMALL], ..Options::default() };
    let image = Image::parse(&bytes, options).unwrap();
    let gpt = |oid| ObjectId { object_type: ObjectType::Gpt, oid };
    let starts = [1, 3].map(|oid| image.object_offset(gpt(oid)).unwrap() as usize);
    for start in starts {
        // The lowest bit of restr, in the first word of the second slot.
        bytes[start + 8 + 16] |= 0x80;
    }
    bytes
}

#[test]
fn coyotos_parse() {
    let seed = |name: &str, bytes: &[u8]| seed("coyotos_parse", name, bytes);
    for arch in ["i386", "arm", "coldfire"] {
        let name = format!("{arch}.img.gz");
        seed(&name, &testdata(&format!("coyotos/{name}")));
    }
    seed("i386", &Builder::new(Arch::I386).to_vec().unwrap());
    seed("empty", &Builder::new(SMALL).to_vec().unwrap());
    let small = everything(SMALL, Packing::AsWritten).to_vec().unwrap();
    seed("small", &small);
    seed("small.gz", &deflate(&small).unwrap());
    // Two members, as `cat` makes them.
    let (first, second) = small.split_at(300);
    seed("members.gz", &[deflate(first).unwrap(), deflate(second).unwrap()].concat());
    seed("big", &everything(SMALL_BIG, Packing::AsWritten).to_vec().unwrap());
    seed("native", &everything(SMALL_BIG, Packing::NativeBigEndian).to_vec().unwrap());
    seed("tangled", &tangled().to_vec().unwrap());
    seed("weak", &weak());
}

/// Random calls, on each architecture of the target and both packings, sound ones first and then any.
#[test]
fn coyotos_ops() {
    let mut mutator = Mutator::new("coyotos_ops", 0x0b5);
    for (name, choice, length) in
        [("small", 0x40, 100), ("native", 0x45, 200), ("arm", 0x43, 30), ("wild", 0x70, 100)]
    {
        let calls = std::iter::repeat_with(|| mutator.rng().u8(..)).take(length);
        seed("coyotos_ops", name, &[choice].into_iter().chain(calls).collect::<Vec<_>>());
    }
    // Calls chosen one by one: two pages, the space cut to two pages within another, and a constructor's form of that.
    let cut = [
        [0x40].as_slice(),
        // Add a page to space 0: bank, rights, bank, an address (among the first 16 pages).
        &[0, 0x00, 0, 0, 0, 0x00, 0],
        &[0, 0x00, 0, 0, 0, 0x00, 1],
        // Another space; space 0 goes into it with 8 bits less and 5 more, at address 0.
        &[0, 0x0e],
        &[1, 0xd6, 0, 0x00, 0, 0],
        // Hand on space 1, from the first page on.
        &[1, 0x0d, 0x00, 0, 0, 0],
    ];
    seed("coyotos_ops", "cut", &cut.concat());
}

/// Text, data and bss in pages of 128 bytes and of 4096, with two segments in a page, in both classes and orders; two
/// segments that agree about the bytes that they share; and a program as the compiler makes it.
#[test]
fn coyotos_elf() {
    let seed = |name: &str, bytes: &[u8]| seed("coyotos_elf", name, bytes);
    let (load, text, data) = (1, 5, 6);
    let segments = |base: u64| {
        vec![
            (load, text, 0, base, 0x118, 0x118),
            (load, data, 0x118, base + 0x118, 0x40, 0x150),
            (0x6474_e551, data, 0, 0, 0, 0),
        ]
    };
    for (name, wide, big, machine) in [
        ("narrow", false, false, 3),
        ("narrow_big", false, true, 4),
        ("wide", true, false, 62),
        ("wide_big", true, true, 22),
    ] {
        let base = if wide { 0x12_3456_7800 } else { 0x8048_0000 };
        let entry = base + 0x100;
        let elf = Elf { wide, big, machine, entry, segments: segments(base), body: 0x158, debug: true };
        seed(name, &elf.write());
    }
    let shared = vec![(load, text, 0, 0x1000, 0xc0, 0xc0), (load, data, 0x80, 0x1080, 0x60, 0x60)];
    let elf = Elf {
        wide: false,
        big: false,
        machine: 3,
        entry: 0x1000,
        segments: shared,
        body: 0xe0,
        debug: false,
    };
    seed("agreeing", &elf.write());
    let far = vec![(load, text, 0, 0x1000, 0xa0, 0xa0), (load, data, 0xa0, 0xffff_f0a0, 0x20, 0xf60)];
    let elf =
        Elf { wide: false, big: false, machine: 40, entry: 0x1080, segments: far, body: 0xc0, debug: false };
    seed("arm", &elf.write());
    seed("hello", &testdata("coyotos/hello.elf"));
}
