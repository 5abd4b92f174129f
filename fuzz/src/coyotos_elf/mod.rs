//! Any bytes through everything of the Coyotos crate that reads ELF files, compared with an account of its own.

pub(crate) mod account;

use account::{Elf, PF_W, PF_X, PT_INTERP, PT_LOAD, Section, Segment, Symbol};
use coyotos_image::elf::{MAX_SEGMENTS, SideFile, machine_of_elf, side_file, symbols_of_elf};
use coyotos_image::space::Mapping;
use coyotos_image::{
    Arch, Builder, ByteOrder, CapType, Capability, Image, ObjectId, Options, Restr, Rules, SpaceId,
    SymbolDef, SymbolKind, check,
};
use coyotos_image::{LoadError, LoadedElf};

use crate::coyotos_account::{ARCHS, walked};
use crate::coyotos_to_elf::to_elf;
use crate::words;

/// The most memory of a program that is loaded, in pages: no page of the file stands for one of zeros.
const MOST_PAGES: u64 = 64;
/// More GPTs than a space of so many pages and segments has.
const ALL_GPTS: u64 = 1 << 20;

/// Any bytes as an ELF file for every architecture that runs its machine.
pub fn coyotos_elf(data: &[u8]) {
    crate::elf::read(data);
    let elf = Elf::new(data);
    match machine_of_elf(data) {
        Ok(machine) => assert_eq!(elf.map(|elf| elf.machine()), Some(machine)),
        Err(error) => {
            assert!(elf.is_none(), "{error}");
            words::error(&error);
            refused(Arch::I386, data);
            return;
        }
    }
    let elf = elf.expect("a header with a machine");
    let mut archs = ARCHS.into_iter().filter(|arch| arch.elf_machines().contains(&elf.machine())).peekable();
    if archs.peek().is_none() {
        refused(Arch::I386, data);
    }
    archs.for_each(|arch| loaded(arch, &elf, data));
    debug(&elf, data);
}

/// A program of no known machine.
fn refused(arch: Arch, data: &[u8]) {
    let mut builder = Builder::new(arch);
    let bank = builder.prime_bank();
    for error in [builder.load_elf(bank, data).err(), builder.load_elf_compat(bank, data).err()] {
        words::error(&error.expect("no machine's code"));
    }
    unchanged(&builder, arch);
}

fn unchanged(builder: &Builder, arch: Arch) {
    assert_eq!(builder.to_vec(), Builder::new(arch).to_vec(), "the call left a trace");
}

/// Both loaders.
fn loaded(arch: Arch, elf: &Elf<'_>, data: &[u8]) {
    let page_size = u64::from(arch.page_size());
    let segments = elf.segments();
    let all = segments.iter().flatten().filter(|segment| segment.kind == PT_LOAD);
    let memory = all.clone().fold(0_u64, |sum, segment| sum.saturating_add(segment.memory_size));
    if memory > MOST_PAGES * page_size && memory <= u32::MAX.into() {
        return;
    }
    let loads: Vec<Segment> = all.copied().collect();
    let bounded = segments.is_some()
        && memory <= u32::MAX.into()
        && (1..=MAX_SEGMENTS).contains(&loads.len())
        && loads.iter().all(|segment| is_bounded(segment, elf.wide, data.len() as u64));
    let mut builder = Builder::new(arch);
    let bank = builder.prime_bank();
    let big = arch.byte_order() == ByteOrder::Big;
    let dynamic = segments.iter().flatten().any(|segment| segment.kind == PT_INTERP);
    let pages = bounded.then(|| pages_of(&loads, data, page_size)).flatten();
    let entry = elf.entry();
    let starts = loads.iter().any(|segment| {
        let page = entry & !(page_size - 1);
        segment.flags & PF_X != 0
            && segment.memory_size > 0
            && segment.meets(page, u128::from(page) + u128::from(page_size))
    });
    let sound = pages.is_some() && starts && !dynamic && elf.file_type() == 2 && elf.big == big;
    match builder.load_elf(bank, data) {
        Ok(program) => {
            assert!(sound && program.entry_executable, "what no account explains was loaded");
            let pages = pages.expect("the account of a sound program");
            // A segment without memory has no rights to give here; in the original it has, within a page.
            let solid: Vec<_> = loads.iter().copied().filter(|segment| segment.memory_size > 0).collect();
            every_byte(&builder, &program, elf, &solid, &pages);
            written(builder, &program, elf, data);
        }
        Err(error) => {
            assert!(!sound, "{error}");
            words::error(&error);
            if let LoadError::Elf(finding) = error {
                words::finding(&finding);
                words::rule(finding.rule);
            }
            unchanged(&builder, arch);
        }
    }
    let mut builder = Builder::new(arch);
    match builder.load_elf_compat(bank, data) {
        Ok(program) => {
            assert!(bounded, "what no account explains was loaded");
            shared_pages(&builder, &program, elf, &loads, data);
        }
        Err(error) => {
            words::error(&error);
            unchanged(&builder, arch);
        }
    }
}

fn is_bounded(segment: &Segment, wide: bool, len: u64) -> bool {
    let top = if wide { u64::MAX } else { 1 << 32 };
    // What has no bytes in the file has no place in it.
    (segment.file_size == 0 || segment.offset.checked_add(segment.file_size).is_some_and(|end| end <= len))
        && segment.file_size <= segment.memory_size
        && segment.address.checked_add(segment.memory_size).is_some_and(|end| end <= top)
}

/// Every page that a segment has bytes in, by its address; `None` when two segments disagree about a byte.
fn pages_of(loads: &[Segment], data: &[u8], page_size: u64) -> Option<Vec<(u64, Vec<u8>)>> {
    let mut starts: Vec<u64> = Vec::new();
    for segment in loads.iter().filter(|segment| segment.memory_size > 0) {
        let last = segment.address + (segment.memory_size - 1);
        starts.extend((segment.address / page_size..=last / page_size).map(|number| number * page_size));
    }
    starts.sort_unstable();
    starts.dedup();
    let page = |start: u64| {
        let mut bytes = vec![None; page_size as usize];
        for segment in loads.iter().filter(|segment| segment.memory_size > 0) {
            let last = segment.address + (segment.memory_size - 1);
            for at in segment.address.max(start)..=last.min(start + (page_size - 1)) {
                let index = at - segment.address;
                let from_file = || data[(segment.offset + index) as usize];
                let byte = if index < segment.file_size { from_file() } else { 0 };
                let place = &mut bytes[(at - start) as usize];
                if *place.get_or_insert(byte) != byte {
                    return None;
                }
            }
        }
        Some((start, bytes.into_iter().map(Option::unwrap_or_default).collect()))
    };
    starts.into_iter().map(page).collect()
}

/// The restrictions of a page at an address, by the flags of the segments that have it.
fn restr_at(loads: &[Segment], address: u64, page_size: u64) -> Restr {
    let meeting =
        loads.iter().filter(|segment| segment.meets(address, u128::from(address) + u128::from(page_size)));
    let flags = meeting.fold(0, |flags, segment| flags | segment.flags);
    let no_write = if flags & PF_W == 0 { Restr::RO } else { Restr::NONE };
    no_write.with(if flags & PF_X == 0 { Restr::NX } else { Restr::NONE })
}

fn mappings(builder: &Builder, space: Capability) -> Vec<Mapping> {
    let (mappings, error) = walked(builder, space, ALL_GPTS);
    assert_eq!(error, None, "the walk of a loaded space");
    assert!(mappings.iter().all(|mapping| mapping.capability.cap_type() == CapType::PAGE));
    mappings
}

fn contents(builder: &Builder, page: Capability) -> Option<&[u8]> {
    builder.page(page).expect("what is mapped is a page")
}

/// The space has the pages that the segments have bytes in, with these bytes and these rights, each its own.
fn every_byte(
    builder: &Builder,
    program: &LoadedElf,
    elf: &Elf<'_>,
    loads: &[Segment],
    pages: &[(u64, Vec<u8>)],
) {
    assert_eq!(program.entry, elf.entry());
    let page_size = u64::from(builder.arch().page_size());
    let found = mappings(builder, program.space);
    assert_eq!(found.len(), pages.len());
    for (mapping, (address, bytes)) in found.iter().zip(pages) {
        assert_eq!(mapping.address, *address);
        assert_eq!(mapping.restr, restr_at(loads, *address, page_size), "{address:#x}");
        match contents(builder, mapping.capability) {
            Some(contents) => assert!(contents == bytes, "the page at {address:#x}"),
            None => assert!(bytes.iter().all(|&byte| byte == 0), "the page at {address:#x}"),
        }
    }
    let mut oids: Vec<u64> = found.iter().map(|mapping| mapping.capability.oid()).collect();
    oids.sort_unstable();
    assert!(oids.windows(2).all(|pair| pair[0] < pair[1]), "a page is mapped twice");
}

/// Every byte of the file is where its segment wants it, every other address of a segment is mapped, and rights are those
/// of all segments that a page meets.
fn shared_pages(builder: &Builder, program: &LoadedElf, elf: &Elf<'_>, loads: &[Segment], data: &[u8]) {
    assert_eq!(program.entry, elf.entry());
    let page_size = u64::from(builder.arch().page_size());
    let found = mappings(builder, program.space);
    for mapping in &found {
        assert_eq!(mapping.restr, restr_at(loads, mapping.address, page_size), "{:#x}", mapping.address);
    }
    let page_at = |address: u64| {
        let start = address & !(page_size - 1);
        found.binary_search_by_key(&start, |mapping| mapping.address).ok().map(|index| found[index])
    };
    for segment in loads.iter().filter(|segment| segment.memory_size > 0) {
        for index in 0..segment.memory_size {
            let address = segment.address + index;
            // Of what is not in the file, that there is a page.
            if index >= segment.file_size && address % page_size != 0 {
                continue;
            }
            let page = page_at(address).unwrap_or_else(|| panic!("nothing at {address:#x}")).capability;
            if index < segment.file_size {
                let byte = contents(builder, page).map_or(0, |bytes| bytes[(address % page_size) as usize]);
                assert_eq!(byte, data[(segment.offset + index) as usize], "{address:#x}");
            }
        }
    }
    let executable = page_at(program.entry).is_some_and(|mapping| !mapping.restr.contains(Restr::NX));
    assert_eq!(program.entry_executable, executable);
}

/// With a process and the symbols the image is a sound one.
fn written(mut builder: Builder, program: &LoadedElf, elf: &Elf<'_>, data: &[u8]) {
    let bank = builder.prime_bank();
    builder.runnable_process(bank, program.space, program.entry).expect("the entry is executable");
    let before = builder.to_vec();
    let side = match builder.keep_debug(data, program.space) {
        Ok(side) => side,
        Err(error) => {
            words::error(&error);
            assert!(builder.to_vec() == before, "the call left a trace");
            return;
        }
    };
    let image = builder.to_vec().expect("a sound image");
    let image = Image::parse(&image, Options { archs: &ARCHS, ..Options::default() })
        .expect("what was written can be parsed");
    assert_eq!(check(&image, Rules::Full).next(), None);
    to_elf(&image, program.space, &walked(&image, program.space, ALL_GPTS).0);
    let root = ObjectId::of(program.space).expect("a GPT or a page");
    let hex = side.build_id_hex().to_string();
    assert_eq!(image.symbols().build_id(root), Some(hex.as_bytes()));
    if let Some(symbols) = elf.symbols() {
        let kept: Vec<_> = symbols.iter().filter(|symbol| symbol.is_kept()).collect();
        assert_eq!(image.symbols().len(), kept.len() + 1);
        for &&Symbol { value, .. } in kept.iter().take(16) {
            let found = image.symbols().at_in(root, value);
            assert!(found.is_none_or(|found| found.value == value && found.covers(value)), "{value:#x}");
        }
    }
}

/// The symbols and the side file.
fn debug(elf: &Elf<'_>, data: &[u8]) {
    let root = ObjectId { object_type: coyotos_image::ObjectType::Gpt, oid: 7 };
    match symbols_of_elf(data, root) {
        Ok(symbols) => {
            if let Some(account) = elf.symbols() {
                let told = account.iter().filter(|symbol| symbol.is_kept()).map(|symbol| SymbolDef {
                    object: SpaceId::of(root).to_u64(),
                    value: symbol.value,
                    size: symbol.size,
                    kind: match symbol.info & 15 {
                        0 => SymbolKind::Label,
                        1 => SymbolKind::Data,
                        _ => SymbolKind::Function,
                    },
                    name: String::from_utf8_lossy(symbol.name).into_owned(),
                });
                assert_eq!(symbols, told.collect::<Vec<_>>());
            }
        }
        Err(error) => words::error(&error),
    }
    match side_file(data) {
        Ok(side) => side_laws(elf, &side, data),
        Err(error) => words::error(&error),
    }
}

/// A side file holds the debugger's sections and nothing else, is not much longer than the program, and is its own.
fn side_laws(elf: &Elf<'_>, side: &SideFile, data: &[u8]) {
    assert!(side.bytes.len() <= 4 * data.len() + 1024, "{} bytes from {}", side.bytes.len(), data.len());
    let again = side_file(&side.bytes).expect("a side file can be read");
    assert_eq!(&again, side, "of a side file the side file is itself");
    let file = Elf::new(&side.bytes).expect("an ELF file");
    assert_eq!((file.wide, file.big, file.machine()), (elf.wide, elf.big, elf.machine()));
    assert!(file.segments().is_some_and(|segments| segments.is_empty()));
    let sections = file.sections().expect("sections that lie within the file");
    let is_debug = |section: &&Section<'_>| section.name.starts_with(b".debug_");
    let rest: Vec<_> =
        sections.iter().filter(|section| !is_debug(section)).map(|section| section.name).collect();
    assert_eq!(rest, [&b""[..], b".note.gnu.build-id", b".symtab", b".strtab", b".shstrtab"]);
    assert!(sections[1].data.ends_with(&side.build_id) || side.build_id.len() % 4 != 0);
    if let Some(program) = elf.sections() {
        let kept = |sections: &[Section<'_>]| -> Vec<(Vec<u8>, Vec<u8>)> {
            sections
                .iter()
                .filter(is_debug)
                .map(|section| (section.name.into(), section.data.into()))
                .collect()
        };
        assert_eq!(kept(&sections), kept(&program));
    }
    let absolute = |symbol: &Symbol<'_>| {
        let section = if matches!(symbol.section, 1..0xff00) { 0xfff1 } else { symbol.section };
        (symbol.value, symbol.size, symbol.info, section, symbol.name.to_vec())
    };
    if let Some(symbols) = elf.symbols().filter(|symbols| !symbols.is_empty()) {
        let kept: Vec<_> = file.symbols().expect("a symbol table").iter().map(absolute).collect();
        assert_eq!(kept, symbols.iter().map(absolute).collect::<Vec<_>>());
    }
}
