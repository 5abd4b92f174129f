use std::ops::ControlFlow;

use aout_minix::compress::{ExpandError, StreamRule, expand_file, expand_into, expanded_len};
use aout_minix::convert::to_elf;
use aout_minix::elks::ElksRule;
use aout_minix::minix2::{self, Minix2Rule, WordSize};
use aout_minix::{
    AoutRule, BuildError, Builder, ByteOrder, CheckOptions, Content, Cpu, ElksSymbols, FileType, Flags,
    HLEN_FAR, HLEN_PLAIN, HLEN_RELOC, Header, Image, Loader, NewNlistSymbol, NlistSymbol, NlistSymbols,
    Relocation, RelocationType, Rule, Section, Severity, SymbolFormat, SymbolIndex, Symbols, check,
    check_bytes, check_header, chmem, parse, read_header,
};
use arbitrary::{Arbitrary, Unstructured};

use crate::built::written;
use crate::words;

/// Any bytes through everything that reads.
pub fn aout_parse(data: &[u8]) {
    let len = data.len() as u64;
    let header = match read_header(data) {
        Ok(header) => {
            judged(&header, len);
            Some(header)
        }
        Err(finding) => {
            words::finding(&finding);
            None
        }
    };
    match parse(data) {
        Ok(image) => {
            assert_eq!(Some(*image.header()), header);
            accepted(&image);
        }
        Err(finding) => {
            assert!(finding.is_error() && !finding.expected.allows(finding.found), "{finding}");
            let known = header.is_none_or(|header| check_header(&header, len).any(|other| other == finding));
            assert!(known, "the checker does not know {finding}");
        }
    }
    verdicts(data);
    // The tables by themselves, where no header says how long they are.
    for table in [data, data.get(HLEN_PLAIN.into()..).unwrap_or_default()] {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            ends(NlistSymbols::new(table, order), table.len() / 16);
        }
        ends(ElksSymbols::new(table), table.len());
    }
}

/// What is found for each kernel is of a known rule, can be shown, and is the verdict.
fn verdicts(data: &[u8]) {
    for loader in [Loader::Intended, Loader::Elks, Loader::ElksMinimal, Loader::Minix2] {
        for decompress in [false, true] {
            let options = CheckOptions { loader, decompress, ..CheckOptions::default() };
            let mut errors = 0;
            let verdict = check_bytes(data, &options, &mut |finding| {
                errors += u64::from(finding.severity() == Severity::Error);
                assert!(!finding.expected().allows(finding.found()), "{finding}");
                assert!(finding.offset() <= data.len() as u64, "{finding}");
                words::finding(finding);
                let code = words::code_in::<AoutRule>(finding)
                    .or_else(|| words::code_in::<ElksRule>(finding))
                    .or_else(|| words::code_in::<Minix2Rule>(finding))
                    // The detail of a stream's finding is the section that has the stream.
                    .or_else(|| StreamRule::from_number(finding.number(), 0).map(Rule::code));
                assert_eq!(code, Some(finding.code()));
                ControlFlow::Continue(())
            });
            assert!(verdict.tally.errors == errors || verdict.tally.unlisted() > 0);
            assert_eq!(verdict.is_accepted(), verdict.first_error.is_none());
            let runs = verdict.elks.is_some_and(|program| program.is_ok());
            assert_eq!(verdict.elks_runs_it(), runs && verdict.is_accepted());
            let asked = match loader {
                Loader::Elks | Loader::ElksMinimal => runs,
                Loader::Minix2 => verdict.minix2.is_some_and(|layout| layout.is_ok()),
                _ => true,
            };
            assert!(asked || !verdict.is_accepted(), "{loader:?} does not run it");
        }
    }
}

/// An iterator takes at most this many steps, and ends after an error.
fn ends<T, E: std::error::Error>(items: impl Iterator<Item = Result<T, E>>, most: usize) {
    let (mut count, mut failed) = (0, false);
    for item in items {
        assert!(!failed, "something follows an error");
        match item {
            Ok(_) => count += 1,
            Err(error) => {
                failed = true;
                words::error(&error);
            }
        }
    }
    assert!(count <= most, "{count} of {most}");
}

/// The laws of a header.
fn judged(header: &Header, len: u64) {
    assert_eq!(
        Header::from_bytes(&header.to_bytes()[..usize::from(header.hlen).clamp(32, 64)]),
        Some(*header)
    );
    for finding in check_header(header, len) {
        assert!(!finding.expected.allows(finding.found), "{finding}");
        words::finding(&finding);
        words::rule(finding.rule);
    }
    let row = chmem::Row::of(header);
    words::said(header);
    words::said(&row);
    let remarks = row.remarks().to_string();
    assert!(!remarks.contains(|c: char| c.is_control()), "{remarks:?}");
    for word_size in [WordSize::Bits16, WordSize::Bits32] {
        if let Ok(layout) = minix2::exec(header, word_size, minix2::CLICK_SIZE) {
            assert_eq!(layout.data_clicks + layout.gap_clicks, layout.total_clicks);
            assert!(layout.gap_clicks > 0);
        }
    }
    for heap in [None, Some(0), Some(1000), Some(0xffff), Some(0x1_0000)] {
        for stack in [None, Some(0), Some(5000), Some(0xfff0), Some(0xfff1)] {
            memory_changed(header, chmem::Change { heap, stack });
        }
    }
}

/// What chmem writes is what was requested, fits a segment, and is a fixed point.
fn memory_changed(header: &Header, change: chmem::Change) {
    let changed = match chmem::change(header, change) {
        Ok(changed) => changed,
        Err(error) => {
            words::error(&error);
            return;
        }
    };
    let new = changed.header;
    assert_eq!(new, Header { version: 1, chmem: new.chmem, minstack: new.minstack, ..*header });
    let asked = |asked: Option<u32>, got: u16| asked.is_none_or(|asked| asked == u32::from(got));
    assert!(asked(change.stack, new.minstack) && new.minstack <= 0xfff0);
    match changed.truncated_to {
        None => assert!(asked(change.heap, new.chmem)),
        Some(heap) => assert!(heap == new.chmem && heap < 0xfff0),
    }
    let or_default = |value: u16| if value == 0 { 4096 } else { u64::from(value) };
    let data = u64::from(new.dseg) + u64::from(new.bseg);
    if new.chmem < 0xfff0 {
        assert!(data + or_default(new.minstack) + or_default(new.chmem) <= 0xfff0, "{change:?}");
    }
    let again = chmem::change(&new, chmem::Change::default());
    assert_eq!(again, Ok(chmem::Changed { header: new, truncated_to: None }));
}

/// The laws of a file that was accepted.
fn accepted(image: &Image<'_>) {
    match to_elf(image) {
        // Text, far text and data are in it whole, whatever the symbols are.
        Ok(elf) => {
            let loaded: usize = Section::LOADED.into_iter().map(|section| image.section(section).len()).sum();
            assert!(elf.starts_with(b"\x7fELF") && elf.len() >= loaded, "{} of {loaded}", elf.len());
        }
        Err(error) => words::error(&error),
    }
    words::said(image);
    let header = image.header();
    assert!(image.sections().eq(Section::ALL.map(|section| (section, image.section(section)))));
    shown(image);
    let sections: usize = Section::ALL.into_iter().map(|section| image.section(section).len()).sum();
    assert_eq!(usize::from(header.hlen) + sections + image.trailing().len(), image.bytes().len());
    for section in Section::LOADED {
        let table = section.relocations().map_or(0, |table| image.section(table).len());
        let mut left = image.relocations(section);
        for count in (0..=table / 8).rev() {
            assert_eq!(left.count_left(), count);
            assert_eq!(left.next().is_some_and(|relocation| relocation.is_ok()), count > 0);
        }
        ends(image.relocations(section), table / 8);
        let partial = image.relocations(section).any(|relocation| relocation.is_err());
        assert_eq!(partial, table % 8 != 0, "a partial record does not end the table in silence");
    }
    for finding in check(image) {
        assert!(finding.offset <= image.bytes().len() as u64, "{finding}");
        words::finding(&finding);
    }
    match image.symbols() {
        Symbols::None => assert_eq!(header.syms, 0),
        Symbols::Elks(symbols) => assert!(symbols.count() < image.section(Section::Symbols).len()),
        Symbols::Nlist(symbols) => assert!(symbols.count() <= image.section(Section::Symbols).len() / 16),
        Symbols::Unknown(table) => assert_eq!(table, image.section(Section::Symbols)),
    }
    let name = match image.symbols() {
        Symbols::None => "none",
        Symbols::Elks(_) => "elks",
        Symbols::Nlist(_) => "nlist",
        Symbols::Unknown(_) => "unknown",
    };
    assert_eq!(SymbolFormat::of(image.section(Section::Symbols)).name(), name);
    written_again(image);
    expanded(image);
    let again = Builder::from_image(image).to_vec();
    assert_eq!(again.as_deref(), Ok(image.bytes()), "a parsed file is built again byte for byte");
}

/// Symbols and relocations as text, and the closest symbol to an address.
fn shown(image: &Image<'_>) {
    for section in Section::LOADED {
        for relocation in image.relocations(section).flatten() {
            let shown = words::said(&relocation);
            let names = [relocation.kind.name(), relocation.symndx.name()];
            assert!(names.into_iter().flatten().all(|name| shown.contains(name)), "{shown}");
        }
    }
    let symbols: Vec<_> = image.symbols().map_while(Result::ok).collect();
    for symbol in symbols.iter().take(16) {
        words::said(symbol);
        let Some(segment) = symbol.segment() else { continue };
        let below = symbols.iter().filter(|other| other.segment() == Some(segment));
        let best = below.map(|other| other.value()).filter(|&value| value <= symbol.value()).max();
        let found = image.symbols().at_or_below(segment, symbol.value());
        assert_eq!(found.map(|found| found.value()), best, "{symbol}");
    }
}

/// The symbols of an nlist table, each written again: it is the same symbol.
fn written_again(image: &Image<'_>) {
    let Symbols::Nlist(symbols) = image.symbols() else { return };
    for symbol in symbols.map_while(Result::ok).take(16) {
        assert_eq!(symbol.bytes().len(), symbol.entry_count() * 16);
        let name: Vec<u8> = symbol.name().collect();
        let new = NewNlistSymbol { name: &name, value: symbol.value, sclass: symbol.sclass };
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let entries: Vec<[u8; 16]> = new.entries(order).collect();
            assert_eq!(entries.len(), new.entry_count());
            let table = entries.concat();
            let read: Vec<_> = NlistSymbols::new(&table, order).map_while(Result::ok).collect();
            // Of no storage class and without a value, an entry continues the name before it.
            let same = |read: &NlistSymbol<'_>| {
                read.name().eq(symbol.name()) && (read.value, read.sclass) == (symbol.value, symbol.sclass)
            };
            assert!(read.len() == 1 && same(&read[0]), "{symbol} {read:?}");
        }
    }
}

/// A compressed file that can be expanded is the plain one that its header describes.
fn expanded(image: &Image<'_>) {
    let old = image.header();
    let file = match expand_file(image) {
        Ok(file) => file,
        Err(error) => {
            assert_eq!(old.is_compressed(), error != ExpandError::NotCompressed);
            words::error(&error);
            return;
        }
    };
    assert_eq!(expanded_len(image), Ok(file.len()));
    let plain = parse(&file).expect("what was expanded can be parsed");
    let new = plain.header();
    assert!(old.is_compressed() && !new.is_compressed());
    assert_eq!((new.tseg, new.dseg, new.bseg, new.syms), (old.tseg, old.dseg, old.bseg, old.syms));
    for section in Section::ALL {
        let kept = old.sizes(section).is_compressed || plain.section(section) == image.section(section);
        assert!(kept, "{section:?}");
    }
    assert_eq!(plain.trailing(), image.trailing());
    let mut short = vec![0; file.len() - 1];
    let error = expand_into(image, &mut short).expect_err("too short");
    assert!(matches!(error, ExpandError::BufferTooSmall(_)));
    words::error(&error);
}

/// What goes into a file.
#[derive(Arbitrary, Debug)]
struct Contents {
    flags: u8,
    cpu: u8,
    hlen: u8,
    version: u16,
    bss: u32,
    entry: u32,
    chmem: u16,
    minstack: u16,
    /// Sizes of text, far text and data that are expanded to.
    expanded: [Option<u16>; 3],
    sections: [Vec<u8>; 3],
    relocations: [Vec<(u32, u16, u16)>; 3],
    symbols: Vec<u8>,
    trailing: Vec<u8>,
}

/// A valid file: built, parsed, compared.
pub fn aout_roundtrip(data: &[u8]) {
    let Ok(contents) = Contents::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let cpu = Cpu::ALL[usize::from(contents.cpu) % Cpu::ALL.len()];
    let file_type = FileType { flags: Flags(contents.flags), cpu };
    let hlen = [HLEN_PLAIN, HLEN_RELOC, HLEN_FAR][usize::from(contents.hlen) % 3];
    let tables = contents.relocations.each_ref().map(|table| {
        let records = table.iter().map(|&(vaddr, symndx, kind)| Relocation {
            vaddr,
            symndx: SymbolIndex(symndx),
            kind: RelocationType(kind),
        });
        records.collect::<Vec<_>>()
    });
    let mut builder = Builder::new(file_type)
        .version(contents.version)
        .min_hlen(hlen)
        .bss(contents.bss)
        .entry(contents.entry)
        .chmem(contents.chmem)
        .minstack(contents.minstack)
        .text_relocations(tables[0].as_slice())
        .far_text_relocations(tables[1].as_slice())
        .data_relocations(tables[2].as_slice())
        .symbols(&contents.symbols)
        .trailing(&contents.trailing);
    for (section, (bytes, expanded)) in
        Section::LOADED.into_iter().zip(contents.sections.iter().zip(contents.expanded))
    {
        // What a header cannot tell: compressed sections without bytes, and of far text without a size.
        let expanded = expanded.filter(|&size| !bytes.is_empty() && size != 0);
        let content = match expanded {
            Some(size) => Content::compressed(bytes, size.into()),
            None => Content::plain(bytes),
        };
        builder = builder.content(section, content);
    }
    let length = match builder.written_len() {
        Ok(length) => length,
        Err(error) => {
            let too_long = contents.sections.iter().any(|bytes| bytes.len() > 0xffff);
            assert!(too_long, "a valid file is refused: {error}");
            return words::error(&error);
        }
    };
    let file = written(length, |place| builder.write_to(place));
    let nothing = builder.content(Section::Text, Content::compressed(&[], 1)).written_len();
    assert_eq!(nothing, Err(BuildError::EmptyCompressed(Section::Text)));
    words::error(&nothing.expect_err("compressed to nothing"));
    // Only text, far text and data have contents of these kinds.
    assert_eq!(builder.content(Section::Symbols, Content::plain(b"symbols")).to_vec().as_ref(), Ok(&file));

    let image = parse(&file).expect("what was built can be parsed");
    let header = image.header();
    assert!(header.hlen >= hlen && header.hlen == hlen.max(header.needed_hlen()));
    assert_eq!(header.file_type, file_type);
    assert_eq!((header.version, header.bseg, header.entry), (contents.version, contents.bss, contents.entry));
    assert_eq!((header.chmem, header.minstack), (contents.chmem, contents.minstack));
    for ((section, bytes), table) in Section::LOADED.into_iter().zip(&contents.sections).zip(&tables) {
        assert_eq!(image.section(section), bytes);
        let relocations: Result<Vec<_>, _> = image.relocations(section).collect();
        assert_eq!(relocations.as_ref(), Ok(table));
    }
    assert_eq!(image.section(Section::Symbols), contents.symbols);
    assert_eq!(image.trailing(), contents.trailing);
    accepted(&image);
}
