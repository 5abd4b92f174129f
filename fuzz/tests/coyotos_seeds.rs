//! Where the seeds of the Coyotos targets come from: each is made here, and compared with its file.
//! `EXECFMT_BLESS=1 cargo test -p execfmt-fuzz --test coyotos_seeds` writes the files anew.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::fs;

use coyotos_image::{
    Arch, BUILD_IDS, Builder, CapType, Capability, EndpointState, GptState, NewSymbol, ObjectId, ObjectType,
    Packing, Restr, Slot, SymbolKind, deflate, inflate, space_word,
};
use execfmt_fuzz::{SMALL, SMALL_BIG};
use execfmt_testkit::{root, testdata};

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
        .set_endpoint(endpoint, EndpointState { pm: true, prot_payload: 0xdead_beef, endpoint_id: 7 })
        .unwrap();
    let process = builder.runnable_process(bank, space, 4 * page).unwrap();
    builder.set_capability(endpoint, Slot::Recipient, process).unwrap();
    builder.set_capability(process, Slot::CapReg(31), endpoint).unwrap();
    builder.set_capability(process, Slot::IoSpace, builder.capability_to(CapType::IO_PRIV, 0)).unwrap();
    let object = space_word(ObjectId::of(space).unwrap());
    let symbol =
        |object, value, size, kind, name: &str| NewSymbol { object, value, size, kind, name: name.into() };
    builder
        .set_symbols(vec![
            symbol(object, 4 * page, 16, SymbolKind::Function, "_start"),
            symbol(object, 6 * page, 0, SymbolKind::Data, "table"),
            symbol(object + 1, 0, 4, SymbolKind::Label, "other"),
            symbol(BUILD_IDS, object, 0, SymbolKind::BuildId, "c0ffee"),
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
        builder.set_gpt(gpt, GptState { l2v, ha: l2v == 15, bg: false }).unwrap();
        gpt.set_l2g(l2v + 4);
        for slot in 0..16 {
            builder.set_capability(gpt, Slot::Index(slot), below).unwrap();
        }
        below = gpt;
    }
    builder
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
}
