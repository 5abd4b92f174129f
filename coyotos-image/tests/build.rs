//! Laws of the builder: what is written reads back, and what fails changes nothing.

#![cfg(feature = "elf")]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, clippy::panic)]

use coyotos_image::space::{SpaceError, WalkLimits};
use coyotos_image::{
    Arch, BUILD_ID_SPACE, Bank, BuildError, Builder, CapType, Capability, CoyotosRule, EndpointAttrs,
    GptAttrs, Image, ObjectId, ObjectType, Options, Packing, ProcessAttrs, Restr, Rules, Slot, SpaceId,
    SpaceWriter, SymbolDef, SymbolKind, check, space,
};
use fastrand::Rng;

fn every_kind(arch: Arch, packing: Packing) -> Builder {
    let mut builder = Builder::new(arch).with_packing(packing);
    let prime = builder.prime_bank();
    let bank = builder.alloc_bank(prime).unwrap();
    let page = builder.page_with(bank, b"some bytes").unwrap();
    let mut space = builder.add(bank, Capability::NULL, 0x7654_0000, page, 0).unwrap();
    space = builder.add(bank, space, 0x12_0000_0000, page, 0).unwrap();
    let process = builder.alloc(ObjectType::Process, bank).unwrap();
    let state =
        ProcessAttrs { run_state: 2, flags: 0x55, notices: 7, fault_code: 25, fault_info: 0x1234_5678_9abc };
    builder.set_process(process, state).unwrap();
    builder.set_capability(process, Slot::AddrSpace, space).unwrap();
    builder.set_capability(process, Slot::CapReg(31), page).unwrap();
    let endpoint = builder.alloc(ObjectType::Endpoint, bank).unwrap();
    builder
        .set_endpoint(endpoint, EndpointAttrs { pm: true, prot_payload: 0xdead_beef, endpoint_id: 99 })
        .unwrap();
    builder.set_capability(endpoint, Slot::Recipient, process).unwrap();
    let cap_page = builder.alloc(ObjectType::CapPage, bank).unwrap();
    let mut entry = builder.capability_to(CapType::ENTRY, 0);
    entry.set_oid(endpoint.oid());
    entry.set_prot_payload(0x8765_4321);
    builder.set_capability(cap_page, Slot::Index(200), entry).unwrap();
    let gpt = builder.alloc(ObjectType::Gpt, bank).unwrap();
    builder.set_gpt(gpt, GptAttrs { l2v: 21, ha: true, bg: false }).unwrap();
    let symbol = |object, value, size, name: &str| SymbolDef {
        object,
        value,
        size,
        kind: SymbolKind::Function,
        name: name.into(),
    };
    let root = SpaceId::of(ObjectId::of(space).unwrap()).to_u64();
    let mut symbols =
        vec![symbol(root, 0x7654_0100, 0x80, "second"), symbol(root, 0x7654_0000, 0x100, "first")];
    symbols.push(SymbolDef { kind: SymbolKind::BuildId, ..symbol(BUILD_ID_SPACE, root, 0, "c0ffee") });
    builder.set_symbols(symbols).unwrap();
    builder
}

#[test]
fn what_is_written_reads_back_and_is_written_alike() {
    for arch in Arch::ALL {
        for packing in [Packing::AsWritten, Packing::NativeBigEndian] {
            let builder = every_kind(arch, packing);
            let bytes = builder.to_vec().unwrap();
            let image = Image::parse(&bytes, Options { packing, ..Options::default() }).unwrap();
            // Bank 1 is endpoint 1, and every other rule is kept too.
            assert_eq!(check(&image, Rules::Full).collect::<Vec<_>>(), [], "{arch} {packing:?}");
            let mut again = Builder::from_image(&image).unwrap();
            assert_eq!(again.to_vec().unwrap(), bytes, "{arch} {packing:?}");
            let process = image.process(0).unwrap();
            assert_eq!((process.run_state, process.flags, process.fault_info), (2, 0x55, 0x1234_5678_9abc));
            assert_eq!(image.gpt(image.count(ObjectType::Gpt).into()), None);
            let cap = image
                .capability(ObjectId { object_type: ObjectType::CapPage, oid: 0 }, Slot::Index(200))
                .unwrap();
            assert_eq!((cap.cap_type(), cap.prot_payload()), (CapType::ENTRY, 0x8765_4321));
            // Extended, it has one page more.
            let page = again.alloc(ObjectType::Page, again.prime_bank()).unwrap();
            assert_eq!(page.oid(), image.header().bank_vec_oid);
            again.to_vec().unwrap();
            // The packings differ where they are said to, and only there.
            let other = every_kind(arch, Packing::AsWritten).to_vec().unwrap();
            assert_eq!(
                other == bytes,
                packing == Packing::AsWritten || arch != Arch::COLDFIRE,
                "{arch} {packing:?}"
            );
        }
    }
}

#[test]
fn banks_and_what_they_pay_for_can_be_set_as_they_stand_in_a_file() {
    let mut builder = every_kind(Arch::ARM, Packing::AsWritten);
    let objects = [CapType::PAGE, CapType::CAP_PAGE, CapType::GPT, CapType::PROCESS, CapType::ENDPOINT];
    let banks: Vec<Bank> = (0..3).map(|index| Bank { endpoint_oid: 2 - index, parent: index / 2 }).collect();
    builder.set_banks(banks.clone()).unwrap();
    for (bank, cap_type) in (5_u64..).zip(objects) {
        let object = builder.capability_to(cap_type, 0);
        builder.charge(object, bank).unwrap();
        let count = builder.count(ObjectType::from_cap_type(cap_type).unwrap());
        let missing = SpaceError::NoSuchObject { cap_type, oid: count, count };
        assert_eq!(builder.charge(builder.capability_to(cap_type, count), 0), Err(missing));
    }
    let window = builder.capability_to(CapType::WINDOW, 0);
    assert!(matches!(builder.charge(window, 0), Err(SpaceError::WrongType { .. })));
    let bytes = builder.to_vec().unwrap();
    let image = Image::parse(&bytes, Options::default()).unwrap();
    assert_eq!(image.banks().collect::<Vec<_>>(), banks);
    for (bank, cap_type) in (5_u64..).zip(objects) {
        let number = ObjectType::from_cap_type(cap_type).unwrap().number();
        let charged = image.allocs().find(|alloc| (alloc.frame_type, alloc.oid) == (number, 0)).unwrap();
        assert_eq!(charged.bank, bank, "{cap_type}");
    }
}

#[test]
fn symbols_are_found_by_address() {
    let bytes = every_kind(Arch::COLDFIRE, Packing::AsWritten).to_vec().unwrap();
    let image = Image::parse(&bytes, Options::default()).unwrap();
    let process = ObjectId { object_type: ObjectType::Process, oid: 0 };
    let root = ObjectId::of(image.capability(process, Slot::AddrSpace).unwrap()).unwrap();
    for (address, name) in [
        (0x7653_ffff, None),
        (0x7654_0000, Some("first")),
        (0x7654_00ff, Some("first")),
        (0x7654_0100, Some("second")),
        (0x7654_017f, Some("second")),
        (0x7654_0180, None),
        (u64::MAX, None),
    ] {
        let found = image.symbol_at(address).and_then(|symbol| symbol.name);
        assert_eq!(found, name.map(str::as_bytes), "{address:#x}");
        assert_eq!(image.symbols().at_in(root, address).and_then(|symbol| symbol.name), found);
    }
    assert_eq!((image.symbols().is_empty(), image.symbols().len()), (false, 3));
    let none = Builder::new(Arch::COLDFIRE).to_vec().unwrap();
    let none = Image::parse(&none, Options::default()).unwrap();
    assert_eq!((none.symbols().is_empty(), none.symbols().len()), (true, 0));
    assert_eq!(image.symbols().build_id(root), Some(&b"c0ffee"[..]));
    assert_eq!(image.symbols().build_id(process), None);
    let (header, page) = (image.header(), u64::from(image.arch().page_size()));
    assert_eq!((header.n_symbol, header.n_string_bytes), (3, 6 + 7 + 7));
    assert_eq!(header.string_table_oid - header.sym_vec_oid, (3 * 24_u64).div_ceil(page));
}

#[test]
fn a_code_generator_writes_a_space_that_reads_back() {
    const SEED: u64 = 0xe317;
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    for _ in 0..60 {
        let arch = Arch::ALL[rng.usize(..3)];
        let page = u64::from(arch.page_size());
        let mut builder = Builder::new(arch);
        let bank = builder.prime_bank();
        let mut writer = SpaceWriter::new(&mut builder, bank);
        let (mut bytes, mut rights) = (std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
        let base = rng.u64(..1 << 40);
        for _ in 0..rng.usize(1..20) {
            let address = base + rng.u64(..20 * page);
            let restr = [Restr::NONE, Restr::RO, Restr::NX, Restr::NX.with(Restr::RO)][rng.usize(..4)];
            let len = rng.u64(1..3 * page);
            let pages = address / page..=(address + len - 1) / page;
            match rng.u32(..3) {
                0 => {
                    let data: Vec<u8> = (0..len).map(|_| rng.u8(..)).collect();
                    writer.rights(restr);
                    writer.write(address, &data).unwrap();
                    bytes.extend((address..).zip(data));
                    pages.for_each(|page| {
                        rights.entry(page).or_insert(restr);
                    });
                }
                1 => {
                    writer.rights(restr);
                    writer.zero(address, len).unwrap();
                    (address..address + len).for_each(|at| {
                        bytes.insert(at, 0);
                    });
                    pages.for_each(|page| {
                        rights.entry(page).or_insert(restr);
                    });
                }
                _ => {
                    writer.protect(address, len, restr).unwrap();
                    pages.for_each(|page| {
                        rights.insert(page, restr);
                    });
                }
            }
        }
        let (space, _) = writer.finish();
        let image = builder.to_vec().unwrap();
        let image = Image::parse(&image, Options::default()).unwrap();
        let mut walked = 0;
        for mapping in space::walk(&image, space, WalkLimits::default()).pages() {
            let mapping = mapping.unwrap();
            assert_eq!(Some(&mapping.restr), rights.get(&(mapping.address / page)), "{mapping:?}");
            for (at, &byte) in (mapping.address..).zip(image.page(mapping.capability.oid()).unwrap()) {
                assert_eq!(byte, bytes.get(&at).copied().unwrap_or(0), "{at:#x}");
            }
            walked += 1;
        }
        assert_eq!(walked, rights.len());
    }
}

#[test]
fn a_writer_refuses_what_is_no_page_of_the_image_and_leaves_no_trace() {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    let mut device = builder.capability_to(CapType::PAGE, 0);
    device.set_oid(0xff00_0000_0000_0005);
    let space = builder.add(bank, Capability::NULL, 0x3000, device, 0).unwrap();
    let zeros = builder.alloc(ObjectType::Page, bank).unwrap();
    let space = builder.add(bank, space, 0x2000, zeros, 0).unwrap();
    let before = builder.to_vec().unwrap();
    let mut writer = SpaceWriter::extend(&mut builder, bank, space);
    let refused = BuildError::NotWritable { address: 0x3000, found: CapType::PAGE };
    assert_eq!(writer.write(0x1800, &[1; 0x3000]), Err(refused));
    assert_eq!(writer.write(u64::MAX, &[1; 2]), Err(BuildError::AddressOverflow(u64::MAX)));
    assert_eq!(writer.space(), space);
    writer.set_pc(0x3000);
    assert!(writer.into_process().is_ok(), "a device's page may hold the code");
    assert_eq!(builder.page(zeros), Ok(None), "a page of zeros that was to be written to takes no memory");
    let mut builder = Builder::from_image(&Image::parse(&before, Options::default()).unwrap()).unwrap();
    assert_eq!(builder.to_vec().unwrap(), before);
    let wrong = builder.add(bank, space, 0x3004, device, 0);
    assert_eq!(wrong, Err(SpaceError::Unaligned { address: 0x3004, l2: 12 }));
    assert_eq!(builder.to_vec().unwrap(), before);
}

#[test]
fn a_constructor_gets_a_gpt_of_pages_and_the_pc() {
    use coyotos_image::SmallModelFlaw::{CapStack, NoText, Stack};
    let flaw = |flaw| Some(BuildError::SmallModel(flaw));
    for arch in Arch::ALL {
        let (page, log2) = (u64::from(arch.page_size()), arch.page_size_log2());
        let not_small =
            |l2: u8| Some(BuildError::NotSmall { l2: (log2 + l2).into(), most: (log2 + 4).into() });
        for (places, refusal) in [
            (vec![1], None),
            (vec![1, 13], None),
            (vec![0, 1, 2], None),
            (vec![3], flaw(NoText)),
            (vec![0], flaw(NoText)),
            (vec![1, 14], flaw(CapStack)),
            (vec![1, 15], flaw(Stack)),
            (vec![16], not_small(5)),
            (vec![1, 16], not_small(8)),
        ] {
            let mut builder = Builder::new(arch);
            let bank = builder.prime_bank();
            let mut space = Capability::NULL;
            for &place in &places {
                let mut code = builder.page_with(bank, &[0x90]).unwrap();
                code.set_restr(Restr::RO);
                space = builder.add(bank, space, place * page, code, 0).unwrap();
            }
            let pc = places[0] * page + 4;
            let before = builder.to_vec().unwrap();
            // Code of a ProtoSpace, from byte 8 on; its first bytes are replaced.
            let proto: Vec<u8> = (0..page).map(|at| (at % 251) as u8).collect();
            let form = builder.constructor_form(bank, space, pc, Some(&proto));
            if let Some(refusal) = refusal {
                assert_eq!(form, Err(refusal), "{arch} {places:?}");
                assert_eq!(builder.to_vec().unwrap(), before);
                continue;
            }
            let form = form.unwrap();
            // One GPT of pages is handed on as it is.
            assert_eq!(form.space.oid() == space.oid(), places.len() > 1, "{arch} {places:?}");
            assert_eq!(
                (form.space.cap_type(), form.space.l2g()),
                (CapType::GPT, log2 + 4),
                "{arch} {places:?}"
            );
            assert!(form.space.restr().contains(Restr::WK.with(Restr::RO)));
            for &place in &places {
                let found = builder.leaf(form.space, place * page).unwrap().capability;
                assert_eq!(found.cap_type(), CapType::PAGE);
            }
            let word = if arch == Arch::COLDFIRE { pc.to_be_bytes() } else { pc.to_le_bytes() };
            let contents = builder.page(form.proto_space).unwrap().unwrap();
            assert_eq!((&contents[..8], &contents[8..]), (&word[..], &proto[8..]));
            // Without a program the page holds nothing but the PC.
            let bare = builder.constructor_form(bank, space, pc, None).unwrap().proto_space;
            let contents = builder.page(bare).unwrap().unwrap();
            assert!(contents.starts_with(&word) && contents[8..].iter().all(|&byte| byte == 0));
            let elsewhere = builder.constructor_form(bank, space, 7 * page, None);
            assert_eq!(elsewhere, Err(BuildError::EntryNotExecutable(7 * page)));
            let long = vec![0; arch.page_size() as usize + 1];
            let past_end = BuildError::PastEnd { end: page + 1, size: page };
            assert_eq!(builder.constructor_form(bank, space, pc, Some(&long)), Err(past_end));
            builder.to_vec().unwrap();
        }
    }
}

/// A GPT that was cut to two pages when it was put into another space.
#[test]
fn a_constructor_gets_every_page_of_a_space_that_was_cut() {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    let pages = [1, 2, 3].map(|byte| builder.page_with(bank, &[byte]).unwrap());
    let [mut whole, null] = [Capability::NULL; 2];
    for (address, page) in [(0, pages[0]), (0x1000, pages[1]), (0x2000, pages[2])] {
        whole = builder.add(bank, whole, address, page, 0).unwrap();
    }
    let cut = builder.add(bank, null, 0, whole, 13).unwrap();
    assert_eq!(cut.l2g(), 13);
    let form = builder.constructor_form(bank, cut, 0, None).unwrap();
    assert_eq!(form.space.l2g(), 16);
    for (address, page) in [(0, pages[0]), (0x1000, pages[1]), (0x2000, null)] {
        assert_eq!(builder.leaf(form.space, address).unwrap().capability.oid(), page.oid(), "{address:#x}");
    }
}

/// A recipe that loads, starts, hands to a constructor, emits and keeps symbols does what the calls of the builder do.
#[cfg(feature = "recipe")]
#[test]
fn a_recipe_loads_and_hands_on_programs_as_the_builder_does() {
    use coyotos_image::recipe::{Interpreter, Outcome};
    // Code at one page, and a ProtoSpace at 0 whose code begins at byte 8.
    let elf = |address: u32, entry: u32| {
        let mut file = vec![0; 0x1010];
        file[..20].copy_from_slice(b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x03\0");
        let words = [1, entry, 52, 0, 0, 32 << 16 | 52, 1];
        let header = [1, 0x1000, address, address, 16, 16, 5, 0x1000];
        for (at, word) in (20..).step_by(4).zip(words).chain((52..).step_by(4).zip(header)) {
            file[at..at + 4].copy_from_slice(&u32::to_le_bytes(word));
        }
        file[0x1000..].copy_from_slice(b"\x90\x90\x90\x90code of text");
        file
    };
    let (program, proto) = (elf(0x1000, 0x1004), elf(0, 8));
    let recipe = "arch i386
load s prime program
runnable p prime s 0x1004
constructor c q prime s 0x1004 proto
constructor d r prime s 0x1008
emit e prime null 0x5ff8 2 000102030405060708090a0b0c0d0e0f
symbols s program
file out";
    let mut interpreter = Interpreter::new(|name: &str| match name {
        "program" => Ok(program.clone()),
        "proto" => Ok(proto.clone()),
        _ => Err("not here".into()),
    });
    let mut outcomes = Vec::new();
    interpreter.run(recipe, |outcome| outcomes.push(outcome)).unwrap();
    assert_eq!(outcomes[1], Outcome::Entry(0x1004));
    let Some(Outcome::File { image, .. }) = outcomes.pop() else { panic!("no file") };

    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    let loaded = builder.load_elf(bank, &program).unwrap();
    let process = builder.runnable_process(bank, loaded.space, 0x1004).unwrap();
    let names = [("prime", Some(bank)), ("s", Some(loaded.space)), ("p", Some(process)), ("other", None)];
    assert_eq!(names.map(|(name, _)| interpreter.name(name)), names.map(|(_, cap)| cap));
    let page = Builder::proto_space_of_elf(Arch::I386, &proto).unwrap();
    assert_eq!((&page[..16], page.len()), (&proto[0x1000..], 0x1000));
    builder.constructor_form(bank, loaded.space, 0x1004, Some(&page)).unwrap();
    builder.constructor_form(bank, loaded.space, 0x1008, None).unwrap();
    let mut writer = coyotos_image::SpaceWriter::new(&mut builder, bank);
    writer.rights(Restr::RO);
    writer.write(0x5ff8, &(0..16).collect::<Vec<u8>>()).unwrap();
    builder.keep_symbols(&program, loaded.space, None).unwrap();
    assert!(builder.to_vec().unwrap() == image);

    // What is no ProtoSpace: another start, another page.
    for (bad, what) in [(elf(0, 4), "starts at 0x4"), (elf(0x1000, 0x1008), "starts at 0x1008")] {
        let error = Builder::proto_space_of_elf(Arch::I386, &bad).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
}

/// Documentation that does not run is wrong sooner or later.
#[cfg(feature = "recipe")]
#[test]
fn the_recipe_of_the_documentation_builds_a_sound_image() {
    use coyotos_image::recipe::{Interpreter, Outcome};

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/coyotos-image.md");
    let Ok(page) = std::fs::read_to_string(path) else {
        execfmt_testkit::skipped("the recipe of docs", "the crate was packaged without the project's docs");
        return;
    };
    let recipe: String = page
        .lines()
        .skip_while(|line| !line.contains("# A page of code"))
        .map_while(|line| line.strip_prefix("    "))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut outcomes = Vec::new();
    let mut interpreter = Interpreter::new(|_: &str| Err("no files".into()));
    interpreter.run(&recipe, |outcome| outcomes.push(outcome)).unwrap();
    let Some(Outcome::File { name, image }) = outcomes.pop() else { panic!("{recipe}") };
    assert_eq!(name, "hello.img");
    let image = Image::parse(&image, Options::default()).unwrap();
    assert_eq!(check(&image, Rules::Full).next(), None);
    assert_eq!(image.process(0).unwrap().fault_info, 0x1000);
}

#[cfg(feature = "recipe")]
#[test]
fn a_recipe_that_fails_names_line_and_cause_and_changes_nothing() {
    use coyotos_image::recipe::Interpreter;

    let begin = "arch i386\n# a comment\n\npage p prime\ngpt g prime\nadd s prime null 0x1000 p 0\n";
    for (line, told) in [
        ("page q", "expected `page NAME BANK`"),
        ("paint p red", "there is no call `paint`"),
        ("arch vax", "there is no architecture `vax`"),
        ("arch i386 please", "expected `arch i386|coldfire|arm`"),
        ("arch", "expected `arch i386|coldfire|arm`"),
        ("set p colour 1", "there is no field `colour`"),
        ("set p l2g 0x", "`0x` is not a number"),
        ("set p l2g -1", "`-1` is not a number"),
        ("cap c 64", "`64` is not a number"),
        ("data p 0 abc", "`abc` does not consist of pairs"),
        ("data p 4095 abcd", "bytes up to 4097 do not fit into a page of 4096 bytes"),
        // The model takes any object for a page here; the library does not.
        ("data g 0 00", "a capability of type GPT was given, but Page is required"),
        ("data prime 0 00", "a capability of type Entry was given, but Page is required"),
        ("put nobody cap 0 p", "`nobody` is not defined yet"),
        ("put g cap 16 p", "has no slot cap[16]"),
        ("page q p", "a capability of type Page is not a bank"),
        ("add s prime s 0x1001 p 0", "0x1001 is not a multiple"),
        ("add s prime s 0 prime 0", "cannot be part of an address space"),
        ("elf x prime missing.elf", "missing.elf: not here"),
    ] {
        let mut recipe = Interpreter::new(|_: &str| Err("not here".into()));
        recipe.run(begin, |_| {}).unwrap();
        let before = recipe.builder().unwrap().to_vec().unwrap();
        let error = recipe.line(line).unwrap_err();
        assert!(error.to_string().starts_with("line 7: "), "{error}");
        assert!(error.to_string().contains(told), "{line}: {error}");
        assert_eq!(recipe.builder().unwrap().to_vec().unwrap(), before, "{line}");
    }
    let error = Interpreter::new(|_: &str| Err(String::new())).line("page p prime").unwrap_err();
    assert!(error.to_string().contains("begins with an `arch` line"), "{error}");
    let error = Interpreter::new(|_: &str| Err(String::new())).line("arch i386 please").unwrap_err();
    assert!(error.to_string().contains("expected `arch"), "{error}");
    let mut marked = Interpreter::new(|_: &str| Err(String::new()));
    marked.run("\u{feff}arch i386\npage p prime", |_| {}).unwrap();
    assert!(marked.line("\u{feff}page q prime").is_err(), "a mark begins a file, not a line");
}

/// The reference model wrote the vectors; they check this crate where the model is absent, too.
#[cfg(all(feature = "recipe", feature = "gzip"))]
#[test]
fn recipes_give_the_images_that_the_reference_model_wrote() {
    use coyotos_image::inflate;
    use coyotos_image::recipe::{Interpreter, Outcome};

    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/coyotos");
    if std::fs::metadata(folder).is_err() {
        execfmt_testkit::skipped("recipes", "the crate was packaged without the project's testdata");
        return;
    }
    for arch in Arch::ALL {
        let recipe = std::fs::read_to_string(format!("{folder}/{arch}.recipe")).unwrap();
        let packed = std::fs::read(format!("{folder}/{arch}.img.gz")).unwrap();
        let wanted = inflate(&packed, 1 << 24).unwrap();
        let mut interpreter = Interpreter::new(|_: &str| Err("no files".into()));
        let mut last = None;
        interpreter.run(&recipe, |outcome| last = Some(outcome)).unwrap();
        let Some(Outcome::File { image, .. }) = last else { panic!("{arch}: no file") };
        assert!(image == *wanted, "{arch}");
        assert_eq!(
            check(&Image::parse(&wanted, Options::default()).unwrap(), Rules::Reference).next(),
            None,
            "{arch}"
        );
    }
}

#[test]
fn what_is_mapped_without_nx_is_executable() {
    for arch in Arch::ALL {
        let page = u64::from(arch.page_size());
        let mut builder = Builder::new(arch);
        let bank = builder.prime_bank();
        let mut space = Capability::NULL;
        let rights =
            [Restr::default(), Restr::RO, Restr::NX, Restr::from_bits(Restr::NX.bits() | Restr::RO.bits())];
        for (place, restr) in (1..).zip(rights) {
            let mut code = builder.page_with(bank, &[0x90]).unwrap();
            code.set_restr(restr);
            space = builder.add(bank, space, place * page, code, 0).unwrap();
        }
        let found = (0..6).map(|place| builder.is_executable(space, place * page));
        assert_eq!(found.collect::<Vec<_>>(), [false, true, true, false, false, false], "{}", arch.name());
        assert!(!builder.is_executable(Capability::NULL, page) && !builder.is_executable(bank, 0));
    }
}

/// An address space whose GPT is not there: the error says how many are, in an image as in a builder.
#[test]
fn the_gpts_of_an_image_are_counted() {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    let page = builder.page_with(bank, b"some bytes").unwrap();
    let one = builder.add(bank, Capability::NULL, 0x1000, page, 0).unwrap();
    let mut space = builder.add(bank, one, 0x5000, page, 0).unwrap();
    let written = builder.to_vec().unwrap();
    let image = Image::parse(&written, Options::default()).unwrap();
    let count = u64::from(image.count(ObjectType::Gpt));
    space.set_oid(count);
    let missing = SpaceError::NoSuchObject { cap_type: CapType::GPT, oid: count, count };
    assert_eq!(space::leaf(&image, space, 0x1000), Err(missing));
    assert_eq!(builder.leaf(space, 0x1000), Err(missing));
    assert!(count > 0);
}

/// What is caused by another error says so.
#[test]
fn errors_of_the_builder_have_sources() {
    use std::error::Error;
    let space = SpaceError::Unaligned { address: 4, l2: 12 };
    let mut bytes = every_kind(Arch::I386, Packing::AsWritten).to_vec().unwrap();
    bytes[0] ^= 1;
    let finding = Image::parse(&bytes, Options::default()).unwrap_err();
    for (error, source) in [
        (BuildError::Space(space), Some(space.to_string())),
        (BuildError::Refused(finding), Some(finding.to_string())),
        (BuildError::HeaderPage, None),
    ] {
        assert_eq!(error.source().map(ToString::to_string), source, "{error}");
    }
}

#[test]
fn a_builder_refuses_a_capability_to_an_object_that_is_missing() {
    for (kind, slot) in [(CapType::GPT, Slot::CapReg(3)), (CapType::PROCESS, Slot::Index(1))] {
        let mut builder = every_kind(Arch::I386, Packing::AsWritten);
        let cap_page = builder.capability_to(CapType::CAP_PAGE, 0);
        let process = builder.capability_to(CapType::PROCESS, 0);
        let missing = builder.capability_to(kind, 99);
        let place = if matches!(slot, Slot::Index(_)) { cap_page } else { process };
        assert_eq!(builder.validate(), Ok(()));
        builder.set_capability(place, slot, missing).unwrap();
        let Err(BuildError::Refused(finding)) = builder.validate() else { panic!("{kind} 99 is taken") };
        assert_eq!((finding.rule, finding.found), (CoyotosRule::OidRange, 99), "{finding}");
        assert_eq!(finding.field.slot(), Some(slot));
        assert_eq!(builder.to_vec(), Err(BuildError::Refused(finding)));
    }
}

#[test]
fn symbols_are_added_to_those_of_an_image() {
    let bytes = every_kind(Arch::I386, Packing::AsWritten).to_vec().unwrap();
    let image = Image::parse(&bytes, Options::default()).unwrap();
    let before: Vec<_> = image.symbols().iter().map(|symbol| symbol.name.unwrap().to_vec()).collect();
    let mut builder = Builder::from_image(&image).unwrap();
    let added = SymbolDef { object: 1, value: 2, size: 3, kind: SymbolKind::Data, name: "added".into() };
    builder.add_symbols(vec![added]).unwrap();
    let mut out = vec![0; usize::try_from(builder.written_len().unwrap()).unwrap()];
    assert_eq!(builder.write_to(&mut out), Ok(out.len()));
    let image = Image::parse(&out, Options::default()).unwrap();
    let after: Vec<_> = image.symbols().iter().map(|symbol| symbol.name.unwrap().to_vec()).collect();
    // Object 0 has no symbols, so object 1 comes first.
    assert_eq!(after, [vec![b"added".to_vec()], before].concat());
}

#[test]
fn what_a_mapping_ends_before_and_what_is_no_memory() {
    let mapping = |address, l2_size| space::Mapping {
        address,
        l2_size,
        capability: Capability::NULL,
        restr: Restr::NONE,
    };
    for (address, l2_size, end) in
        [(0x1000, 12, 0x2000), (0, 64, 1 << 64), (u64::MAX - 0xfff, 12, 1 << 64), (0x40, 0, 0x41)]
    {
        assert_eq!(mapping(address, l2_size).end(), end);
    }
    let mut builder = Builder::new(Arch::I386);
    for kind in [CapType::WINDOW, CapType::LOCAL_WINDOW, CapType::PROCESS] {
        let cap = builder.capability_to(kind, 0);
        assert_eq!(builder.leaf(cap, 0).err(), Some(SpaceError::NotMemory(kind)), "{kind}");
    }
    let page = builder.page_with(builder.prime_bank(), b"code").unwrap();
    assert_eq!(builder.leaf(page, 4).map(|leaf| (leaf.capability.oid(), leaf.offset)), Ok((page.oid(), 4)));
}
