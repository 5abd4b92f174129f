//! ELF files by the crate that reads and writes them for all formats, against an account of its own.

use execfmt_common::ByteOrder;
use execfmt_detect::{Elf as Kind, ElfType, FileKind, detect};
use execfmt_elf::{
    Class, Contents, Defect, DefectKind, ElfFile, NewElf, NewSection, NewSegment, NewSymbol, Wanted,
    WriteError,
};

use crate::coyotos_elf::account::Elf;
use crate::made::elf::{Part, Symbol};
use crate::words;

/// The most bytes of a name, and the most sections whose relocations are read.
const MOST_OF_NAME: usize = 4096;
const MOST_SECTIONS: usize = 16;

/// Any bytes, as every caller may want them.
pub(crate) fn read(data: &[u8]) {
    words::kind(data);
    let account = Elf::new(data);
    let classes = [None, Some(Class::Elf32), Some(Class::Elf64)];
    let orders = [None, Some(ByteOrder::Little), Some(ByteOrder::Big)];
    for (class, byte_order) in classes.into_iter().flat_map(|class| orders.map(|order| (class, order))) {
        for machines in [&[][..], &[8], &[3, 40], &[3, 8, 40]] {
            let wanted = Wanted { class, byte_order, machines };
            let sound = account.is_some_and(|elf| {
                let is = |class: Class| elf.wide == (class == Class::Elf64);
                let ordered = |order: ByteOrder| elf.big == (order == ByteOrder::Big);
                class.is_none_or(is)
                    && byte_order.is_none_or(ordered)
                    && (machines.is_empty() || machines.contains(&elf.machine()))
            });
            match ElfFile::parse(data, &wanted) {
                Ok(file) => {
                    assert!(sound && file.numbers().machine == account.map_or(0, |elf| elf.machine()))
                }
                Err(defect) => {
                    assert!(!sound, "{defect}");
                    broken(&defect, data);
                }
            }
        }
    }
    if let (Ok(file), Some(account)) = (ElfFile::parse(data, &Wanted::default()), account) {
        whole(&file, &account, data);
        kinds(data, &account);
    }
}

/// What is wrong can be shown, with the field and its place, and is not what was expected.
fn broken(defect: &Defect, data: &[u8]) {
    words::error(defect);
    let shown = defect.to_string();
    assert!(shown.contains(&format!("{} at byte {}: {}", defect.field, defect.offset, defect.kind.reason())));
    assert!(!defect.expected.allows(defect.found), "{defect}");
    assert!(defect.offset <= data.len() as u64, "{defect}");
    let of_segment = defect.segment.map(|index| format!("program header {index} "));
    assert!(of_segment.is_none_or(|start| shown.starts_with(&start)), "{shown}");
}

/// The header, segments, sections and symbols.
fn whole(file: &ElfFile<'_>, account: &Elf<'_>, data: &[u8]) {
    let numbers = file.numbers();
    assert_eq!((u64::from(numbers.kind), numbers.entry), (account.file_type(), account.entry()));
    match (file.segments(), account.segments()) {
        (Ok(segments), expected) => {
            let expected = expected.into_iter().flatten();
            for (segment, expected) in segments.iter().zip(expected) {
                let read = (u64::from(segment.kind), u64::from(segment.flags), segment.file_offset);
                assert_eq!(read, (expected.kind, expected.flags, expected.offset));
                let read = (segment.address, segment.file_size, segment.memory_size);
                assert_eq!(read, (expected.address, expected.file_size, expected.memory_size));
            }
            for segment in segments.iter() {
                match segment.contents() {
                    Ok(bytes) => {
                        assert_eq!(bytes.len() as u64, segment.file_size);
                        let at = segment.file_offset as usize;
                        assert!(bytes.is_empty() || &data[at..at + bytes.len()] == bytes);
                    }
                    Err(defect) => {
                        assert_eq!(defect.segment, Some(segment.index));
                        broken(&defect, data);
                    }
                }
            }
        }
        (Err(defect), expected) => {
            assert!(expected.is_none(), "{defect}");
            broken(&defect, data);
        }
    }
    sections(file, account, data);
}

fn sections(file: &ElfFile<'_>, account: &Elf<'_>, data: &[u8]) {
    let sections = match file.sections() {
        Ok(sections) => sections,
        Err(defect) => return broken(&defect, data),
    };
    assert_eq!(sections.is_empty(), sections.iter().next().is_none());
    let expected = account.sections().unwrap_or_default();
    for (section, expected) in sections.iter().zip(&expected) {
        assert_eq!(section.contents().unwrap_or_default(), expected.data);
        let cut = &expected.name[..expected.name.len().min(MOST_OF_NAME)];
        assert_eq!(section.name_bytes(MOST_OF_NAME).unwrap_or_default(), cut);
    }
    for section in sections.iter() {
        match section.end_address() {
            Ok(end) => assert_eq!(end - section.address, section.size),
            Err(defect) => broken(&defect, data),
        }
        section.contents().err().iter().for_each(|defect| broken(defect, data));
        match section.name() {
            Ok(name) => assert!(name.is_ascii(), "{name:?}"),
            Err(defect) => broken(&defect, data),
        }
    }
    // Whatever a section is, its bytes are whole records or not.
    for section in sections.iter().take(MOST_SECTIONS) {
        let size = if file.layout().class == Class::Elf32 { 8 } else { 16 };
        match (sections.relocations(&section), section.contents()) {
            (Ok(relocations), Ok(bytes)) => {
                assert_eq!((relocations.iter().count(), bytes.len() % size), (bytes.len() / size, 0));
            }
            (Ok(_), Err(defect)) => panic!("relocations of a section that is not there: {defect}"),
            (Err(defect), bytes) => {
                assert!(bytes.is_err() || defect.kind == DefectKind::Relocations, "{defect}");
                broken(&defect, data);
            }
        }
    }
    match (sections.symbols(), account.symbols()) {
        (Ok(symbols), Some(expected)) if !expected.is_empty() => {
            let read = symbols.iter().map(|symbol| {
                let name = symbol.name(usize::MAX).unwrap_or_default();
                assert_eq!((symbol.binding() << 4) | symbol.kind(), symbol.info);
                (symbol.value, symbol.size, symbol.info, symbol.section, name)
            });
            assert!(read.eq(expected.iter().map(|it| (it.value, it.size, it.info, it.section, it.name))));
        }
        (Ok(_), _) => {}
        (Err(defect), _) => broken(&defect, data),
    }
}

/// The same file of every type and for several machines is recognised as that, and something can be done with it.
fn kinds(data: &[u8], account: &Elf<'_>) {
    let mut file = data.to_vec();
    let half = |half: u16| if account.big { half.to_be_bytes() } else { half.to_le_bytes() };
    for elf_type in [1, 2, 3, 4, 0xfe00] {
        file[16..18].copy_from_slice(&half(elf_type));
        for number in [3, 4, 8, 40, 62, 0x1234] {
            file[18..20].copy_from_slice(&half(number));
            let kind = detect(&file, file.len() as u64);
            let FileKind::Elf(Kind { machine, elf_type: found, .. }) = kind else { panic!("{kind:?}") };
            assert_eq!(machine, number);
            let expected = match elf_type {
                1 => found == ElfType::Object,
                2 => matches!(found, ElfType::Executable | ElfType::DebugOnly),
                3 => matches!(found, ElfType::Shared | ElfType::DebugOnly),
                4 => found == ElfType::Core,
                other => found == ElfType::Other(other),
            };
            assert!(expected, "{found:?} of type {elf_type}");
            words::kind(&file);
        }
    }
}

/// Parts of a program are written, and read back.
pub(crate) fn written(parts: &[Part], symbols: &[Symbol], entry: u32, align: u8) {
    let segments: Vec<NewSegment<'_>> = parts
        .iter()
        .map(|part| NewSegment {
            address: part.address,
            bytes: &part.bytes,
            memory_size: part.bytes.len() as u32 + part.zeros,
            flags: part.flags,
        })
        .collect();
    let loaded = parts.iter().enumerate().map(|(segment, part)| {
        let size = if part.bytes.is_empty() { part.zeros } else { part.bytes.len() as u32 };
        let contents = Contents::Loaded { segment, offset: 0, size };
        NewSection { name: part.name.as_bytes(), flags: 2, contents }
    });
    let comment = NewSection { name: b".comment", flags: 0, contents: Contents::Bytes(b"made") };
    let sections: Vec<NewSection<'_>> = loaded.chain([comment]).collect();
    let names: Vec<String> = symbols.iter().map(|symbol| format!("symbol{}", symbol.name)).collect();
    let new = names.iter().zip(symbols).map(|(name, symbol)| NewSymbol {
        name: name.as_bytes(),
        value: symbol.value.into(),
        size: symbol.size.into(),
        kind: symbol.kind & 15,
        global: symbol.name & 1 != 0,
        section: (symbol.section & 1 != 0).then_some(usize::from(symbol.section) % sections.len()),
    });
    let new: Vec<NewSymbol<'_>> = new.collect();
    for byte_order in [ByteOrder::Little, ByteOrder::Big] {
        let align = 1 << (align % 13);
        let (segments, sections, symbols) = (&segments[..], &sections[..], &new[..]);
        let elf =
            NewElf { byte_order, machine: 8, entry, align, segments, sections, symbols, ..NewElf::default() };
        let file = elf.write().expect("a valid program");
        read_back(&elf, &file);
        refused(&elf);
        read(&file);
    }
}

fn read_back(elf: &NewElf<'_>, bytes: &[u8]) {
    let wanted =
        Wanted { class: Some(Class::Elf32), byte_order: Some(elf.byte_order), machines: &[elf.machine] };
    let file = ElfFile::parse(bytes, &wanted).expect("what was written");
    assert_eq!(file.numbers().entry, u64::from(elf.entry));
    let segments: Vec<_> = file.segments().expect("the segments").iter().collect();
    assert_eq!(segments.len(), elf.segments.len());
    for (read, new) in segments.iter().zip(elf.segments) {
        assert_eq!((read.address, read.memory_size), (new.address.into(), new.memory_size.into()));
        assert_eq!((read.contents(), read.flags), (Ok(new.bytes), new.flags));
        assert_eq!(read.file_offset.wrapping_sub(read.address) % u64::from(elf.align), 0);
    }
    let sections = file.sections().expect("the sections");
    for (read, new) in sections.iter().skip(1).zip(elf.sections) {
        assert_eq!(read.name_bytes(MOST_OF_NAME), Ok(new.name));
        let expected = match new.contents {
            Contents::Bytes(bytes) => bytes,
            Contents::Loaded { segment, .. } => elf.segments[segment].bytes,
        };
        assert_eq!(read.contents(), Ok(expected));
    }
    let symbols = sections.symbols().expect("the symbols");
    let globals = elf.symbols.iter().filter(|symbol| symbol.global);
    assert_eq!(symbols.iter().count() - symbols.first_global() as usize, globals.count());
    for new in elf.symbols {
        let found = symbols.iter().any(|read| {
            let numbers = (read.value, read.size, read.kind(), read.binding() != 0);
            let section = new.section.map_or(0xfff1, |section| section as u16 + 1);
            read.name(MOST_OF_NAME) == Some(new.name)
                && numbers == (new.value.into(), new.size.into(), new.kind, new.global)
                && read.section == section
        });
        assert!(found, "{new:?}");
    }
}

/// What cannot be written, each with its number.
fn refused(elf: &NewElf<'_>) {
    let last = elf.sections.len();
    let mut sections = elf.sections.to_vec();
    sections.push(NewSection {
        name: b".lost",
        flags: 0,
        contents: Contents::Loaded { segment: elf.segments.len(), offset: 0, size: 1 },
    });
    let mut segments = elf.segments.to_vec();
    segments.push(NewSegment { address: u32::MAX, bytes: b"", memory_size: 2, flags: 0 });
    let mut symbols = elf.symbols.to_vec();
    let lost = NewSymbol { name: b"lost", value: 0, size: 0, kind: 0, global: false, section: Some(last) };
    symbols.push(lost);
    let named = [NewSymbol { name: b"a\0b", section: None, ..lost }];
    for (elf, error) in [
        (NewElf { align: 3, ..*elf }, WriteError::Align(3)),
        (NewElf { segments: &segments, ..*elf }, WriteError::Segment(elf.segments.len())),
        (NewElf { sections: &sections, ..*elf }, WriteError::Section(last)),
        (NewElf { symbols: &symbols, ..*elf }, WriteError::Symbol(elf.symbols.len())),
        (NewElf { symbols: &named, ..*elf }, WriteError::Name),
    ] {
        assert_eq!(elf.write(), Err(error));
        words::error(&error);
    }
}
