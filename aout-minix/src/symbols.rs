//! Symbols of either format, and files that contain only symbols.

use core::fmt;

use execfmt_common::ByteOrder;

use crate::elks_symbol::{ElksSymbol, ElksSymbols};
use crate::nlist::{NLIST_SIZE, NlistSymbol, NlistSymbols};
use crate::table::TableError;

/// The kind of symbol table that a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolFormat {
    /// There is none.
    None,
    /// An ELKS table.
    Elks,
    /// An nlist table.
    Nlist,
    /// Neither.
    Unknown,
}

impl SymbolFormat {
    /// Determines the format: an ELKS table begins with a letter (or is empty, a single zero byte) and can be
    /// read exactly to its end; the size of an nlist table is a multiple of 16 bytes.
    pub fn of(table: &[u8]) -> Self {
        let Some(first) = table.first() else { return Self::None };
        if (first.is_ascii_alphabetic() || *first == 0)
            && ElksSymbols::new(table).all(|symbol| symbol.is_ok())
        {
            return Self::Elks;
        }
        let partial = table.len().checked_rem(NLIST_SIZE) != Some(0);
        if partial { Self::Unknown } else { Self::Nlist }
    }

    /// `"none"`, `"elks"`, `"nlist"` or `"unknown"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Elks => "elks",
            Self::Nlist => "nlist",
            Self::Unknown => "unknown",
        }
    }
}

/// The symbols of a file, in whichever format it has them.
#[derive(Clone, Debug)]
pub enum Symbols<'a> {
    /// There are none.
    None,
    /// Those of an ELKS table.
    Elks(ElksSymbols<'a>),
    /// Those of an nlist table.
    Nlist(NlistSymbols<'a>),
    /// The table's bytes, in an unknown format.
    Unknown(&'a [u8]),
}

impl<'a> Symbols<'a> {
    /// Reads a table in whichever format it has. `order` is the byte order of the file's words; ELKS tables
    /// are always little-endian.
    pub fn of(table: &'a [u8], order: ByteOrder) -> Self {
        match SymbolFormat::of(table) {
            SymbolFormat::None => Self::None,
            SymbolFormat::Elks => Self::Elks(ElksSymbols::new(table)),
            SymbolFormat::Nlist => Self::Nlist(NlistSymbols::new(table, order)),
            SymbolFormat::Unknown => Self::Unknown(table),
        }
    }

    /// Reads a file that contains only an ELKS table, such as `/lib/system.sym` of ELKS. `None` for other
    /// files: it must have a symbol and letters that nm prints, and end with its zero byte.
    ///
    /// ```
    /// use aout_minix::Symbols;
    ///
    /// let file = b"T\x00\x01\x04mainD\x02\x00\x01x\x00";
    /// let symbols = Symbols::of_symbol_file(file).unwrap();
    /// assert_eq!(symbols.map_while(Result::ok).map(|symbol| symbol.value()).collect::<Vec<_>>(), [0x100, 2]);
    /// assert!(Symbols::of_symbol_file(b"The end.\x00").is_none());
    /// ```
    pub fn of_symbol_file(file: &'a [u8]) -> Option<Self> {
        let symbols = ElksSymbols::new(file);
        let is_letter = |letter: u8| b"AaBbDdFfRrTtVvWw".contains(&letter);
        let well_formed = |symbol: Result<ElksSymbol<'_>, _>| {
            symbol.is_ok_and(|symbol| is_letter(symbol.letter) && !symbol.name.is_empty())
        };
        (file.len() > 1 && symbols.clone().all(well_formed)).then_some(Self::Elks(symbols))
    }

    /// The symbol at an address of a segment, or else the closest one below it; of several at one address the
    /// first.
    pub fn at_or_below(self, segment: SymbolSegment, address: u32) -> Option<Symbol<'a>> {
        let below = |symbol: &Symbol<'_>| symbol.segment() == Some(segment) && symbol.value() <= address;
        self.map_while(Result::ok).filter(below).fold(None, |best: Option<Symbol<'_>>, symbol| {
            if best.is_some_and(|best| best.value() >= symbol.value()) { best } else { Some(symbol) }
        })
    }
}

impl<'a> Iterator for Symbols<'a> {
    type Item = Result<Symbol<'a>, TableError>;

    /// The symbols, followed by an error where the table is damaged; none for a table in an unknown format.
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::None | Self::Unknown(_) => None,
            Self::Elks(symbols) => Some(symbols.next()?.map(Symbol::Elks)),
            Self::Nlist(symbols) => Some(symbols.next()?.map(Symbol::Nlist)),
        }
    }
}

/// A segment in which symbols have addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolSegment {
    /// The text.
    Text,
    /// The far text.
    FarText,
    /// Data and bss.
    Data,
}

impl SymbolSegment {
    /// All.
    pub const ALL: [Self; 3] = [Self::Text, Self::FarText, Self::Data];
}

/// A symbol of either format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol<'a> {
    /// Of an ELKS table.
    Elks(ElksSymbol<'a>),
    /// Of an nlist table.
    Nlist(NlistSymbol<'a>),
}

impl<'a> Symbol<'a> {
    /// The value: for symbols in a segment their offset in it, in bytes.
    pub fn value(&self) -> u32 {
        match self {
            Self::Elks(symbol) => symbol.addr.into(),
            Self::Nlist(symbol) => symbol.value,
        }
    }

    /// The letter that nm prints; `F` and `f` for far text.
    pub fn letter(&self) -> char {
        match self {
            Self::Elks(symbol) => symbol.letter.into(),
            Self::Nlist(symbol) => symbol.sclass.letter(),
        }
    }

    /// The segment that contains it; `None` for symbols in no segment.
    pub fn segment(&self) -> Option<SymbolSegment> {
        match self.letter().to_ascii_uppercase() {
            'T' | 'W' => Some(SymbolSegment::Text),
            'F' => Some(SymbolSegment::FarText),
            'D' | 'B' | 'R' | 'V' => Some(SymbolSegment::Data),
            _ => None,
        }
    }

    /// The bytes of the name.
    pub fn name(&self) -> impl Iterator<Item = u8> + use<'a> {
        let (elks, nlist) = match self {
            Self::Elks(symbol) => (Some(symbol.name.iter().copied()), None),
            Self::Nlist(symbol) => (None, Some(symbol.name())),
        };
        elks.into_iter().flatten().chain(nlist.into_iter().flatten())
    }
}

impl fmt::Display for Symbol<'_> {
    /// As nm prints it: value, letter, name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elks(symbol) => symbol.fmt(f),
            Self::Nlist(symbol) => symbol.fmt(f),
        }
    }
}
