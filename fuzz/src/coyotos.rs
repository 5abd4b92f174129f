//! Coyotos images: any bytes through everything that reads.

use std::borrow::Cow;
use std::hint::black_box;
use std::ops::ControlFlow;

use coyotos_image::space::SpaceError;
use coyotos_image::{
    Arch, BUILD_ID_SPACE, BuildError, Builder, CapType, Capability, CheckOptions, CoyotosFinding,
    CoyotosRule, CycleScratch, GzipError, Header, Image, Layout, Loader, ObjectId, ObjectType, Options,
    Packing, Rules, Severity, Slot, SpaceId, Symbols, check, check_bytes, deflate, elf_of_space, find_cycles,
    inflate, inflate_start, is_gzip,
};

use crate::coyotos_account::{ARCHS, Counts, Words, has_cycle, header_is_sound, walked};
use crate::coyotos_to_elf::to_elf;
use crate::words;

/// The most bytes that are inflated.
const MOST_BYTES: u64 = 1 << 17;
/// The most GPTs that the walks of one image enter together, and those of one space.
const MOST_GPTS: u64 = 256;
const MOST_GPTS_OF_SPACE: u64 = 64;
/// The most capabilities that are shown as text.
const MOST_CAPS: usize = 100;
/// The most findings that are shown as text.
const MOST_SHOWN: usize = 16;

/// Any bytes, plain or as a gzip file, in both packings.
pub fn coyotos_parse(data: &[u8]) {
    let Some(bytes) = inflated(data) else { return };
    match Image::parse(&bytes, Options { archs: &ARCHS, ..Options::default() }) {
        Ok(image) => {
            assert!(header_is_sound(&bytes), "the kernel would refuse this header");
            accepted(&image);
            if image.arch().byte_order() == coyotos_image::ByteOrder::Big {
                let packing = Packing::NativeBigEndian;
                let image = Image::parse(&bytes, Options { archs: &ARCHS, packing, ..Options::default() });
                accepted(&image.expect("a header has no bit-fields"));
            }
        }
        Err(finding) => {
            assert!(!header_is_sound(&bytes), "{finding}");
            judged(&finding, bytes.len());
            assert!(finding.is_error());
            words::finding(&finding);
            words::rule(finding.rule);
            if let Ok(header) = Header::parse(&bytes) {
                black_box(header.fields().count());
            }
            old_layout(&bytes, &finding);
        }
    }
    verdicts(data, &bytes);
}

/// An image of July 2007 is read by those who ask for it, and by nobody else.
fn old_layout(bytes: &[u8], finding: &CoyotosFinding) {
    let options = Options { archs: &ARCHS, old_layouts: true, ..Options::default() };
    let image = match Image::parse(bytes, options) {
        Ok(image) => image,
        Err(other) => {
            words::finding(&other);
            return;
        }
    };
    assert_eq!((finding.rule, image.layout()), (CoyotosRule::OldLayout, Layout::July2007));
    let found: Vec<_> = check(&image, Rules::Full).collect();
    assert_eq!(found, [*finding], "by the current rules nothing in it is valid");
    // Endpoints have a second capability, and the types of three kinds of capabilities have moved.
    let mut places = Vec::new();
    for id in image.objects() {
        let bytes = image.object_bytes(id).expect("an object that is counted");
        assert_eq!(bytes.len(), image.object_size(id.object_type) as usize, "{id}");
        places.push((image.object_offset(id).expect("a place"), bytes.len() as u64));
        let slots: Vec<_> = image.capabilities(id).map(|(slot, _)| slot).collect();
        if id.object_type == ObjectType::Endpoint {
            assert_eq!((bytes.len(), &slots[..]), (48, &[Slot::Recipient, Slot::RcvQueue][..]));
        }
        let first = match id.object_type {
            ObjectType::Gpt => 8,
            ObjectType::Endpoint => 16,
            ObjectType::Process => 24,
            _ => 0,
        };
        let at = image.object_offset(id).expect("a place") as usize + first;
        for ((slot, cap), at) in image.capabilities(id).zip((at..).step_by(16)) {
            words::said(&slot);
            assert_eq!(image.capability(id, slot), Some(cap), "{id} {slot}");
            let now = match Words::of(&image).cap(at).kind {
                0x24 => None,
                0x25 => Some(0x24),
                0x26 => Some(0x25),
                same => Some(same),
            };
            let kind = cap.cap_type();
            assert!(now.map_or(!kind.is_known(), |now| u64::from(kind.number()) == now), "{id} {slot} {cap}");
            shown(cap);
        }
    }
    places.sort_unstable();
    let end = places.iter().fold(0, |end, &(start, length)| {
        assert_eq!(start, end, "objects follow each other");
        end + length
    });
    assert_eq!(end, image.bytes().len() as u64);
    // What is written is of the current layout.
    match Builder::from_image(&image).and_then(|builder| builder.to_vec()) {
        Ok(written) => {
            let current = Options { archs: &ARCHS, ..Options::default() };
            let current = Image::parse(&written, current).expect("what was written can be parsed");
            assert_eq!(current.layout(), Layout::Current);
            assert!(
                image
                    .objects()
                    .filter(|id| id.object_type != ObjectType::Page)
                    .eq(current.objects().filter(|id| id.object_type != ObjectType::Page))
            );
        }
        Err(error) => words::error(&error),
    }
}

/// What the loaders find in a whole file, and whether they take it.
fn verdicts(data: &[u8], bytes: &[u8]) {
    for (loader, packing) in
        [(Loader::Careful, Packing::AsWritten), (Loader::Original, Packing::NativeBigEndian)]
    {
        for max_inflated in [MOST_BYTES, 64] {
            let options = CheckOptions { loader, archs: &ARCHS, packing, max_inflated };
            let (mut errors, mut seen) = (0, 0);
            let verdict = check_bytes(data, &options, &mut |finding| {
                errors += u64::from(finding.severity() == Severity::Error);
                seen += 1;
                if seen <= MOST_SHOWN {
                    words::finding(finding);
                    assert_eq!(words::code_in::<CoyotosRule>(finding), Some(finding.code()));
                }
                ControlFlow::Continue(())
            });
            assert_eq!(verdict.is_accepted(), errors == 0);
            let image = Image::parse(bytes, Options { archs: &ARCHS, packing, ..Options::default() });
            let whole = !is_gzip(data) || bytes.len() as u64 <= max_inflated;
            let refused = |image: &Image<'_>| check(image, loader.rules()).any(|finding| finding.is_error());
            if !whole || image.as_ref().map_or(true, refused) {
                assert!(!verdict.is_accepted(), "{loader:?} would refuse it");
            }
        }
    }
}

/// A capability as text: its type, and for people who debug all of it.
fn shown(cap: Capability) {
    let text = words::said(&cap);
    assert!(text.starts_with(&cap.cap_type().to_string()), "{text}");
    let debug = format!("{cap:?}");
    assert!(debug.starts_with(&format!("Capability({text}")) && debug.ends_with(')'), "{debug}");
    assert_eq!(debug.contains(" swizzled"), cap.swizzled());
    let restr = format!("{:?}", cap.restr());
    let names = ["WK", "RO", "NX", "OP", "NC"].iter().filter(|name| restr.contains(*name)).count();
    assert_eq!(names as u32, cap.restr().bits().count_ones(), "{restr}");
    let kind = format!("{:?}", cap.cap_type());
    assert_eq!(kind, format!("CapType({})", cap.cap_type()));
    assert_eq!(cap.cap_type().is_known(), cap.cap_type().name().is_some());
}

/// The laws of the container.
fn inflated(data: &[u8]) -> Option<Cow<'_, [u8]>> {
    let bytes = match inflate(data, MOST_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => {
            assert!(is_gzip(data), "a plain file is as it is");
            words::error(&error);
            return None;
        }
    };
    let start = inflate_start(data, 104).expect("what can be inflated can be begun");
    assert_eq!(*start, bytes[..bytes.len().min(104)]);
    if is_gzip(data) {
        let packed = Header::parse(data).expect_err("not inflated");
        assert_eq!(packed.rule, CoyotosRule::Compressed);
        words::finding(&packed);
        let len = bytes.len() as u64;
        assert!(len <= MOST_BYTES);
        assert_eq!(inflate(data, len).as_ref(), Ok(&bytes));
        if let Some(limit) = len.checked_sub(1) {
            assert_eq!(inflate(data, limit), Err(GzipError::TooLong { limit }));
        }
    }
    Some(bytes)
}

fn judged(finding: &CoyotosFinding, len: usize) {
    assert!(!finding.expected.allows(finding.found), "{finding}");
    assert!(finding.offset <= len as u64, "{finding}");
}

/// The laws of an image whose header is sound.
fn accepted(image: &Image<'_>) {
    let arch = image.arch();
    let (log2, order, machines) = (arch.page_size_log2(), arch.byte_order(), arch.elf_machines());
    assert_eq!(Arch::new(arch.name(), arch.number(), log2, order, machines), Some(arch));
    for unusual in [0, 6, 25, u8::MAX] {
        assert_eq!(Arch::new(arch.name(), arch.number(), unusual, order, machines), None);
    }
    assert!(format!("{image:?}").contains(arch.name()));
    for (archs, length, rule) in [
        (&[][..], image.bytes().len(), CoyotosRule::UnknownTarget),
        (
            &[if arch == Arch::ARM { Arch::I386 } else { Arch::ARM }],
            image.bytes().len(),
            CoyotosRule::UnknownTarget,
        ),
        (&ARCHS, image.bytes().len() - 1, CoyotosRule::FileSize),
    ] {
        let refused = Image::parse(&image.bytes()[..length], Options { archs, ..Options::default() });
        let refused = refused.expect_err("another architecture or length");
        assert_eq!(refused.rule, rule);
        words::finding(&refused);
    }
    let words = Words::of(image);
    header_and_tables(image, words);
    let strict = objects(image, words);
    symbols(image);
    let original = check(image, Rules::Reference).inspect(|finding| judged(finding, image.bytes().len()));
    assert_eq!(original.count(), strict, "the original finds another number of flaws");
    let findings: Vec<_> = check(image, Rules::Full).collect();
    findings.iter().for_each(|finding| judged(finding, image.bytes().len()));
    findings.iter().take(MOST_SHOWN).for_each(|finding| words::finding(finding));
    let mut scratch = vec![CycleScratch::default(); image.header().n_gpt as usize];
    let cycles = find_cycles(image, &mut scratch).expect("an item per GPT");
    let count = cycles.inspect(|finding| judged(finding, image.bytes().len())).count();
    assert!(count <= 16 * image.header().n_gpt as usize);
    assert_eq!(count > 0, has_cycle(image), "a cycle");
    spaces(image);
    round_trip(image, &findings);
    if image.bytes().len() <= 8192 {
        let packed = deflate(image.bytes()).expect("memory takes all");
        assert_eq!(inflate(&packed, MOST_BYTES).expect("what was deflated can be inflated"), image.bytes());
    }
}

fn header_and_tables(image: &Image<'_>, words: Words<'_>) {
    let header = image.header();
    let fields = (0..13).map(|index| words.word(12 + 4 * index, 4));
    assert!(
        header
            .fields()
            .map(|(_, value)| value)
            .eq(fields.chain((0..5).map(|index| words.word(64 + 8 * index, 8))))
    );
    let at = |page: u64, index: u32, size: usize| {
        (page * u64::from(header.pg_size)) as usize + index as usize * size
    };
    assert_eq!((image.banks().len(), image.bank(header.n_bank)), (header.n_bank as usize, None));
    for (index, bank) in (0..).zip(image.banks()) {
        let at = at(header.bank_vec_oid, index, 16);
        assert_eq!((bank.endpoint_oid, bank.parent), (words.word(at, 8), words.word(at + 8, 8)));
        assert_eq!(image.bank(index), Some(bank));
    }
    assert_eq!((image.allocs().len(), image.alloc(header.n_alloc)), (header.n_alloc as usize, None));
    for (index, alloc) in (0..).zip(image.allocs()) {
        let at = at(header.alloc_vec_oid, index, 24);
        assert_eq!((alloc.oid, alloc.bank), (words.word(at, 8), words.word(at + 8, 8)));
        let kind = (alloc.frame_type.into(), alloc.reserved.into());
        assert_eq!(kind, (words.word(at + 16, 4), words.word(at + 20, 4)));
        assert_eq!(image.alloc(index), Some(alloc));
    }
}

/// Every object follows the one before it, with the fields and capabilities that its bytes say. The number of the
/// original's rules that they break.
fn objects(image: &Image<'_>, words: Words<'_>) -> usize {
    let header = image.header();
    let counts = Counts {
        page_log2: image.arch().page_size_log2().into(),
        user_pages: header.bank_vec_oid,
        cap_pages: header.n_cap_page.into(),
        gpts: header.n_gpt.into(),
        endpoints: header.n_endpoint.into(),
        processes: header.n_proc.into(),
    };
    let page = header.pg_size as usize;
    let (mut start, mut broken, mut seen, mut cap_count) = (0, 0, 0, 0);
    for (object_type, size, caps_at) in [
        (ObjectType::Page, page, page),
        (ObjectType::CapPage, page, 0),
        (ObjectType::Gpt, 264, 8),
        (ObjectType::Endpoint, 32, 16),
        (ObjectType::Process, 632, 24),
    ] {
        let count = image.count(object_type);
        for oid in 0..u64::from(count) {
            let id = ObjectId { object_type, oid };
            let bytes = image.object_bytes(id).expect("an object that is counted");
            assert!(std::ptr::eq(bytes, &raw const image.bytes()[start..start + size]), "{id}");
            assert_eq!(image.object_offset(id), Some(start as u64), "{id}");
            broken += state(image, words, id, start);
            let mut caps = 0;
            for (slot, cap) in image.capabilities(id) {
                let account = words.cap(start + caps_at + 16 * caps);
                account.demand(cap);
                if cap_count < MOST_CAPS {
                    shown(cap);
                }
                cap_count += usize::from(!cap.is_zero());
                assert_eq!(image.capability(id, slot), Some(cap), "{id} {slot}");
                broken += account.broken(&counts);
                let wrong = match (object_type, caps) {
                    (ObjectType::Endpoint, _) => !matches!(account.kind, 0 | 0x24),
                    (ObjectType::Process, 4) => !matches!(account.kind, 0 | 0x0f),
                    _ => false,
                };
                broken += usize::from(wrong);
                caps += 1;
            }
            assert_eq!(caps, (size - caps_at) / 16, "{id}");
            start += size;
            seen += 1;
        }
        let none = ObjectId { object_type, oid: count.into() };
        assert_eq!((image.object_bytes(none), image.object_offset(none)), (None, None));
        assert_eq!(image.capabilities(none).count(), 0);
    }
    assert_eq!((start, seen), (image.bytes().len(), image.objects().count()));
    assert_eq!(image.pages().count(), header.n_page as usize);
    broken
}

/// An object's own fields; how many rules they break.
fn state(image: &Image<'_>, words: Words<'_>, id: ObjectId, at: usize) -> usize {
    match id.object_type {
        ObjectType::Page => {
            assert_eq!(image.page(id.oid), image.object_bytes(id));
            0
        }
        ObjectType::CapPage => 0,
        ObjectType::Gpt => {
            let gpt = image.gpt(id.oid).expect("a GPT");
            let fields = (u64::from(gpt.l2v), u64::from(gpt.ha), u64::from(gpt.bg));
            assert_eq!(fields, (words.field(at, 0, 6), words.field(at, 6, 1), words.field(at, 7, 1)));
            usize::from(gpt.l2v < image.arch().page_size_log2())
        }
        ObjectType::Endpoint => {
            let endpoint = image.endpoint(id.oid).expect("an endpoint");
            let fields = (u64::from(endpoint.pm), u64::from(endpoint.prot_payload), endpoint.endpoint_id);
            assert_eq!(fields, (words.field(at, 0, 1), words.word(at + 4, 4), words.word(at + 8, 8)));
            0
        }
        ObjectType::Process => {
            let process = image.process(id.oid).expect("a process");
            let small = (u64::from(process.run_state), u64::from(process.flags), u64::from(process.notices));
            assert_eq!(small, (words.word(at, 1), words.word(at + 2, 2), words.word(at + 4, 4)));
            let fault = (u64::from(process.fault_code), process.fault_info);
            assert_eq!(fault, (words.word(at + 8, 4), words.word(at + 16, 8)));
            0
        }
    }
}

/// What is found by address and by name is what a search of the whole table finds.
fn symbols(image: &Image<'_>) {
    let symbols = image.symbols();
    let all: Vec<_> = (0..).map_while(|index| symbols.get(index)).collect();
    for (listed, got) in symbols.iter().zip(&all) {
        // In a list a name may be missing: when symbols share names, that keeps it linear.
        assert!(listed == *got || listed == coyotos_image::Symbol { name: None, ..*got });
    }
    assert_eq!(symbols.iter().count(), all.len());
    assert_eq!((all.len(), symbols.len()), (image.header().n_symbol as usize, all.len()));
    assert_eq!(symbols.strings().len(), image.header().n_string_bytes as usize);
    assert_eq!(symbols.get(all.len()), None);
    let sorted = all.is_sorted_by_key(|symbol| (symbol.object, symbol.value));
    for symbol in all.iter().take(32) {
        for address in [symbol.value, symbol.value.saturating_add(symbol.size.into()), symbol.value ^ 1] {
            let found = image.symbol_at(address);
            assert!(found.is_none_or(|found| found.covers(address) && found.object != BUILD_ID_SPACE));
            if sorted {
                let mut words: Vec<u64> = all.iter().map(|symbol| symbol.object).collect();
                words.dedup();
                let at = |&word: &u64| last_at(&symbols, word, address);
                let first = words.iter().filter(|&&word| word != BUILD_ID_SPACE).find_map(at);
                assert_eq!(found, first, "the symbol at {address:#x}");
            }
            if let Some(root) = SpaceId::from_u64(symbol.object).root() {
                assert_eq!(SpaceId::of(root).to_u64(), symbol.object);
                let found = symbols.at_in(root, address);
                assert!(!sorted || found == last_at(&symbols, symbol.object, address), "{address:#x}");
                black_box(symbols.build_id(root));
            }
        }
        if let Some(name) = symbol.name {
            let end = symbol.string_offset as usize + name.len();
            assert!(!name.contains(&0) && end <= symbols.strings().len());
            let named = all.iter().find(|other| other.object != BUILD_ID_SPACE && other.name == Some(name));
            assert_eq!(symbols.named(name), named.copied());
        }
    }
}

fn last_at<'a>(symbols: &Symbols<'a>, word: u64, address: u64) -> Option<coyotos_image::Symbol<'a>> {
    let all = (0..).map_while(|index| symbols.get(index));
    let before = all.filter(|symbol| symbol.object == word && symbol.value <= address);
    before.last().filter(|symbol| symbol.covers(address))
}

/// Every capability to memory is the root of a space.
fn spaces(image: &Image<'_>) {
    let mut left = MOST_GPTS;
    let gpts = (0..image.header().n_gpt.into()).map(|oid| {
        let mut cap = Capability::new(CapType::GPT, 0, oid);
        cap.set_l2g(image.gpt(oid).map_or(0, |gpt| gpt.l2v + 4));
        cap
    });
    let held = image.objects().flat_map(|id| image.capabilities(id).map(|(_, cap)| cap));
    for root in held.filter(|cap| !cap.is_zero()).chain(gpts) {
        if left == 0 {
            return;
        }
        left -= 1;
        let limit = left.min(MOST_GPTS_OF_SPACE);
        let (mappings, error) = walked(image, root, limit);
        left -= limit.min(mappings.len() as u64);
        match error {
            // The program has the same limits as any other walk: with them, this space is whole.
            None => to_elf(image, root, &mappings),
            Some(error) => {
                words::error(&error);
                // A larger limit may be enough; any other flaw remains.
                if error != SpaceError::TooMany {
                    let refused = elf_of_space(image, root, MOST_BYTES).expect_err("no whole space");
                    words::error(&refused);
                }
            }
        }
    }
}

/// A builder returns what it was given.
fn round_trip(image: &Image<'_>, findings: &[CoyotosFinding]) {
    // A space that cannot be walked can still be held.
    let of_space = |finding: &&CoyotosFinding| finding.rule.code().starts_with("space_");
    let refused = findings.iter().find(|finding| finding.is_error() && !of_space(finding));
    let builder = match Builder::from_image(image) {
        Ok(builder) => builder,
        Err(error) => {
            assert_eq!(Some(error), refused.map(|&finding| BuildError::Refused(finding)));
            return;
        }
    };
    assert_eq!(refused, None);
    let written = match builder.to_vec() {
        Ok(written) => written,
        Err(BuildError::Refused(finding)) => {
            // A capability to a table that needs fewer pages now.
            assert!(finding.rule == CoyotosRule::OidRange && !is_tight(image), "{finding}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let charged = findings.iter().any(|finding| finding.rule == CoyotosRule::TableCharge);
    if is_tight(image) && !charged {
        assert!(written == image.bytes(), "a sound image gives the same bytes");
        return;
    }
    let again =
        Image::parse(&written, Options { archs: &ARCHS, packing: image.packing(), ..Options::default() });
    let again = again.expect("what was written can be parsed");
    for id in image.objects() {
        let table = id.object_type == ObjectType::Page && id.oid >= image.header().bank_vec_oid;
        if !table && id.oid + u64::from(id.object_type.number()) > 0 {
            assert_eq!(image.object_bytes(id), again.object_bytes(id), "{id}");
        }
    }
    assert!(image.banks().eq(again.banks()) && image.symbols().iter().eq(again.symbols().iter()));
    let twice = Builder::from_image(&again).and_then(|builder| builder.to_vec());
    assert_eq!(twice.as_ref(), Ok(&written), "the second time nothing changes");
}

/// Whether no table has more pages than it needs.
fn is_tight(image: &Image<'_>) -> bool {
    let header = image.header();
    let pages = |bytes: u64| bytes.div_ceil(header.pg_size.into());
    let allocs = header.end_vec_oid - header.alloc_vec_oid;
    // One page fewer has one record fewer to hold.
    let loose = allocs > 0 && pages(24 * u64::from(header.n_alloc - 1)) < allocs;
    header.string_table_oid - header.sym_vec_oid == pages(24 * u64::from(header.n_symbol))
        && header.alloc_vec_oid - header.string_table_oid == pages(header.n_string_bytes.into())
        && !loose
}
