//! Tables of symbols and relocations: where they end, and damaged ones.

use aout_minix::{
    ByteOrder, ElksSymbol, ElksSymbols, NewNlistSymbol, NlistSymbols, Relocation, RelocationType,
    StorageClass, SymbolFormat, SymbolIndex, SymbolSegment, Symbols, TableFault,
};

#[test]
fn nlist_names_go_on() {
    // As ld86 writes them: `_main`, then `a_long_name_indeed` over three entries.
    let mut table = Vec::new();
    for (name, value, sclass) in [
        (&b"_main\0\0\0"[..], 24_u32, 0o22_u8),
        (b"a_long_n", 16, 0o33),
        (b"ame_inde", 0, 0),
        (b"ed\0\0\0\0\0\0", 0, 0),
    ] {
        table.extend([name, &value.to_le_bytes(), &[sclass, 0, 0, 0]].concat());
    }
    let symbols = |table: &[u8]| -> Vec<_> {
        let symbols = NlistSymbols::new(table, ByteOrder::Little).map(Result::unwrap);
        symbols
            .map(|s| (String::from_utf8(s.name().collect()).unwrap(), s.value, s.sclass.letter(), s.index))
            .collect()
    };
    let expected = [("_main".into(), 24, 'T', 0), ("a_long_name_indeed".into(), 16, 'd', 1)];
    assert_eq!(symbols(&table), expected);
    let counts = NlistSymbols::new(&table, ByteOrder::Little).map(|symbol| symbol.unwrap().entry_count());
    assert_eq!(counts.collect::<Vec<_>>(), [1, 3]);
    assert_eq!(SymbolFormat::of(&table), SymbolFormat::Nlist);
    // Written again.
    let mut again = Vec::new();
    for (name, value, sclass) in [(&b"_main"[..], 24, 0o22), (b"a_long_name_indeed", 16, 0o33)] {
        let symbol = NewNlistSymbol { name, value, sclass: StorageClass(sclass) };
        symbol.entries(ByteOrder::Little).for_each(|entry| again.extend(entry));
    }
    assert_eq!(again, table);
    // A name of eight bytes does not go on in a symbol.
    table.truncate(32);
    table.extend([&b"next\0\0\0\0"[..], &[0, 0, 0, 0, 0o22, 0, 0, 0]].concat());
    assert_eq!(symbols(&table)[1..], [("a_long_n".into(), 16, 'd', 1), ("next".into(), 0, 'T', 2)]);
    // A partial record at the end is an error, once.
    table.push(0);
    let mut partial = NlistSymbols::new(&table, ByteOrder::Little).skip(3);
    let error = partial.next().unwrap().unwrap_err();
    assert_eq!((error.fault, error.offset, error.left), (TableFault::PartialRecord, 48, 1));
    assert!(partial.next().is_none());
}

#[test]
fn elks_tables_end_in_a_zero() {
    let table = b"T\x04\x01\x02ab\x44\0\0\0\0";
    let symbols: Vec<_> = ElksSymbols::new(table).map(Result::unwrap).collect();
    let expected = [
        ElksSymbol { letter: b'T', addr: 0x104, name: b"ab" },
        ElksSymbol { letter: b'D', addr: 0, name: b"" },
    ];
    assert_eq!(symbols, expected);
    let written: Vec<u8> = expected.iter().flat_map(|symbol| symbol.record().unwrap()).chain([0]).collect();
    assert_eq!(written, table);
    assert_eq!(expected.map(|symbol| symbol.size()), [6, 4]);
    for (table, fault, offset) in [
        (&b"T\0\0\x01x"[..], TableFault::Unterminated, 5),
        (b"", TableFault::Unterminated, 0),
        // `x\0` is a name of two bytes, after which the zero byte is missing.
        (b"T\0\0\x02x\0", TableFault::Unterminated, 6),
        (b"T\0\0\x09x\0", TableFault::PartialRecord, 0),
        (b"T\0", TableFault::PartialRecord, 0),
        (b"T\0\0\x01x\0\0", TableFault::TrailingBytes, 6),
    ] {
        let mut symbols = ElksSymbols::new(table);
        let error = symbols.find_map(Result::err);
        assert_eq!(error.map(|error| (error.fault, error.offset)), Some((fault, offset)), "{table:?}");
        assert!(symbols.next().is_none());
    }
    for (table, format) in [
        (&b""[..], SymbolFormat::None),
        (b"\0", SymbolFormat::Elks),
        (b"T\0\0\x01x\0", SymbolFormat::Elks),
        (b"T\0\0\x01x", SymbolFormat::Unknown),
        (b"sixteen bytes!!\0", SymbolFormat::Nlist),
    ] {
        assert_eq!(SymbolFormat::of(table), format, "{table:?}");
    }
    assert!(ElksSymbol { name: &[b'n'; 256], ..expected[0] }.record().is_none());
}

#[test]
fn relocations_end_in_an_error() {
    let bytes = [2, 0, 0, 0, 0xfe, 0xff, 80, 0, 1];
    let mut relocations = aout_minix::Relocations::new(&bytes, ByteOrder::Little);
    assert_eq!(relocations.size_hint(), (2, Some(2)));
    assert_eq!(relocations.next(), Some(Ok(Relocation::segword(2, SymbolIndex::TEXT))));
    assert_eq!(relocations.size_hint(), (1, Some(1)));
    let error = relocations.next().unwrap().unwrap_err();
    assert_eq!((error.fault, error.offset, error.left, error.needed), (TableFault::PartialRecord, 8, 1, 8));
    assert!(relocations.next().is_none());
    assert_eq!(relocations.size_hint(), (0, Some(0)));
    let big = Relocation::from_bytes([0, 0, 0, 2, 0xff, 0xfe, 0, 80], ByteOrder::Big);
    assert_eq!(big, Relocation::segword(2, SymbolIndex::TEXT));
    assert_eq!(big.to_bytes(ByteOrder::Big), [0, 0, 0, 2, 0xff, 0xfe, 0, 80]);
}

#[test]
fn segments_have_names_and_symbols_numbers() {
    let names = ["S_ABS", "S_TEXT", "S_DATA", "S_BSS", "S_FTEXT"];
    let indices = [0xffff, 0xfffe, 0xfffd, 0xfffc, 0xfffb].map(SymbolIndex);
    assert_eq!(indices.map(SymbolIndex::name), names.map(Some));
    assert_eq!(indices.map(|index| index.to_string()), names);
    assert_eq!((SymbolIndex(0xfffa).name(), SymbolIndex(0xfffa).to_string()), (None, "65530".into()));
}

/// As `<a.out.h>` of Minix numbers them, and ELKS's own.
#[test]
fn types_of_relocations_have_names() {
    let names = [
        (0, "R_ABBS"),
        (2, "R_RELLBYTE"),
        (3, "R_PCRBYTE"),
        (4, "R_RELWORD"),
        (5, "R_PCRWORD"),
        (6, "R_RELLONG"),
        (7, "R_PCRLONG"),
        (8, "R_REL3BYTE"),
        (9, "R_KBRANCHE"),
        (80, "R_SEGWORD"),
    ];
    for number in 0..=u16::MAX {
        let kind = RelocationType(number);
        let name = names.iter().find(|(known, _)| *known == number).map(|(_, name)| *name);
        assert_eq!(kind.name(), name);
        assert_eq!(kind.to_string(), name.map_or_else(|| number.to_string(), String::from));
    }
}

/// A file of symbols, as `nm86` lists them.
#[test]
fn symbols_have_values_letters_and_segments() {
    let text = Some(SymbolSegment::Text);
    let (far, data) = (Some(SymbolSegment::FarText), Some(SymbolSegment::Data));
    let rows = [
        ('T', text),
        ('w', text),
        ('F', far),
        ('f', far),
        ('d', data),
        ('B', data),
        ('r', data),
        ('V', data),
        ('A', None),
    ];
    let records = rows.iter().zip(1_u16..).flat_map(|(&(letter, _), number)| {
        ElksSymbol { letter: letter as u8, addr: number * 0x100, name: b"n" }.record().unwrap()
    });
    let file: Vec<u8> = records.chain([0]).collect();
    let symbols = || Symbols::of_symbol_file(&file).unwrap();
    let found: Vec<_> =
        symbols().map(Result::unwrap).map(|it| (it.letter(), it.segment(), it.value())).collect();
    let expected: Vec<_> = rows
        .iter()
        .zip(1_u32..)
        .map(|(&(letter, segment), number)| (letter, segment, number * 0x100))
        .collect();
    assert_eq!(found, expected);
    for (address, expected) in
        [(0x4ff, None), (0x500, Some(0x500)), (0x6ff, Some(0x600)), (0xffff, Some(0x800))]
    {
        let closest = symbols().at_or_below(SymbolSegment::Data, address);
        assert_eq!(closest.map(|symbol| symbol.value()), expected, "{address:#x}");
    }
    // One symbol is the least; its letter is one of nm's, and it has a name.
    assert!(Symbols::of_symbol_file(b"T\0\0\x01x\0").is_some());
    for file in [&b"\0"[..], b"T\0\0\0\0", b"x\0\0\x01x\0", b"T\0\0\x01x", b""] {
        assert!(Symbols::of_symbol_file(file).is_none(), "{file:?}");
    }
}
