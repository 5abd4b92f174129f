//! An ELF file read a second time, from the format's own tables of fields.

/// The kinds of program headers and sections, the type and the symbols that the loaders know.
pub(crate) const PT_LOAD: u64 = 1;
pub(crate) const PT_INTERP: u64 = 3;
pub(crate) const PF_X: u64 = 1;
pub(crate) const PF_W: u64 = 2;
const SHT_SYMTAB: u64 = 2;

/// A program header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) kind: u64,
    pub(crate) flags: u64,
    pub(crate) offset: u64,
    pub(crate) address: u64,
    pub(crate) file_size: u64,
    pub(crate) memory_size: u64,
}

impl Segment {
    /// Whether it has an address between two, the second not included.
    pub(crate) fn meets(&self, first: u64, end: u128) -> bool {
        u128::from(self.address) < end
            && u128::from(self.address) + u128::from(self.memory_size) > first.into()
    }
}

/// A section: its name and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Section<'a> {
    pub(crate) name: &'a [u8],
    kind: u64,
    link: u64,
    pub(crate) data: &'a [u8],
}

/// A symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Symbol<'a> {
    pub(crate) value: u64,
    pub(crate) size: u64,
    pub(crate) info: u8,
    pub(crate) section: u16,
    pub(crate) name: &'a [u8],
}

impl Symbol<'_> {
    /// Whether it is a function, a variable or a label that is defined in a section and has a name.
    pub(crate) fn is_kept(&self) -> bool {
        let named = !self.name.is_empty() && !self.name.starts_with(b"$") && self.name.len() <= 4096;
        named && matches!(self.info & 15, 0 | 1 | 2 | 10) && !matches!(self.section, 0 | 0xfff1)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Elf<'a> {
    bytes: &'a [u8],
    pub(crate) wide: bool,
    pub(crate) big: bool,
}

impl<'a> Elf<'a> {
    /// A whole header that begins as an ELF file does.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (class, data) = (*bytes.get(4)?, *bytes.get(5)?);
        let known = bytes.starts_with(b"\x7fELF") && matches!(class, 1 | 2) && matches!(data, 1 | 2);
        let elf = Self { bytes, wide: class == 2, big: data == 2 };
        (known && bytes[6..].first() == Some(&1) && bytes.len() >= elf.either(52, 64)).then_some(elf)
    }

    fn either(&self, narrow: usize, wide: usize) -> usize {
        if self.wide { wide } else { narrow }
    }

    fn number(&self, at: u64, size: usize) -> Option<u64> {
        let bytes = self.bytes.get(usize::try_from(at).ok()?..)?.get(..size)?.iter();
        let push = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        Some(if self.big { bytes.fold(0, push) } else { bytes.rev().fold(0, push) })
    }

    /// A field of the header, by its place in either class; `None` stands for one as large as an address.
    fn field(&self, narrow: u64, wide: u64, size: Option<usize>) -> u64 {
        let at = if self.wide { wide } else { narrow };
        self.number(at, size.unwrap_or(self.either(4, 8))).unwrap_or_default()
    }

    pub(crate) fn file_type(&self) -> u64 {
        self.field(16, 16, Some(2))
    }

    pub(crate) fn machine(&self) -> u16 {
        self.field(18, 18, Some(2)) as u16
    }

    pub(crate) fn entry(&self) -> u64 {
        self.field(24, 24, None)
    }

    /// The program headers. `None` where they do not lie within the file; also where their number does not fit into the
    /// header, of which this account says nothing.
    pub(crate) fn segments(&self) -> Option<Vec<Segment>> {
        let (start, size, count) =
            (self.field(28, 32, None), self.field(42, 54, Some(2)), self.field(44, 56, Some(2)));
        if start == 0 || count == 0 {
            return Some(Vec::new());
        }
        if size != self.either(32, 56) as u64 || count == 0xffff {
            return None;
        }
        let segment = |index: u64| {
            let at = start.checked_add(index * size)?;
            let word = |narrow: u64, wide: u64| {
                self.number(at.checked_add(if self.wide { wide } else { narrow })?, self.either(4, 8))
            };
            Some(Segment {
                kind: self.number(at, 4)?,
                flags: self.number(at.checked_add(if self.wide { 4 } else { 24 })?, 4)?,
                offset: word(4, 8)?,
                address: word(8, 16)?,
                file_size: word(16, 32)?,
                memory_size: word(20, 40)?,
            })
        };
        // The last one is a whole one.
        self.number(start.checked_add(count * size - 1)?, 1)?;
        (0..count).map(segment).collect()
    }

    /// The sections; `None` where one does not lie within the file, or their number not in the header.
    pub(crate) fn sections(&self) -> Option<Vec<Section<'a>>> {
        let (start, count) = (self.field(32, 40, None), self.field(48, 60, Some(2)));
        let (size, names) = (self.either(40, 64) as u64, self.field(50, 62, Some(2)));
        if start == 0 || count == 0 {
            return (start == 0).then(Vec::new);
        }
        let range = |offset: u64, len: u64| {
            self.bytes.get(usize::try_from(offset).ok()?..)?.get(..usize::try_from(len).ok()?)
        };
        let raw = |index: u64| {
            let at = start.checked_add(index * size)?;
            let word = |narrow: u64, wide: u64| {
                self.number(at.checked_add(if self.wide { wide } else { narrow })?, self.either(4, 8))
            };
            let kind = self.number(at.checked_add(4)?, 4)?;
            let link = self.number(at.checked_add(if self.wide { 40 } else { 24 })?, 4)?;
            // Sections of no bits have no bytes either.
            let data =
                if kind == 8 { &[][..] } else { range(word(16, 24)?, word(20, 32)?).unwrap_or_default() };
            Some((self.number(at, 4)?, Section { name: &[], kind, link, data }))
        };
        let all: Option<Vec<_>> = (0..count).map(raw).collect();
        let all = all?;
        let names = all.get(names as usize)?.1.data;
        Some(
            all.iter()
                .map(|&(at, section)| Section { name: text(names, at).unwrap_or_default(), ..section })
                .collect(),
        )
    }

    /// All symbols; `None` as of [`sections`](Self::sections).
    pub(crate) fn symbols(&self) -> Option<Vec<Symbol<'a>>> {
        let sections = self.sections()?;
        let Some(table) = sections.iter().find(|section| section.kind == SHT_SYMTAB) else {
            return Some(Vec::new());
        };
        // Section 0 is none, whatever its header says.
        let strings = sections.iter().enumerate().skip(1).find(|(index, _)| *index == table.link as usize);
        let strings = strings.map_or(&[][..], |(_, section)| section.data);
        let symbol = |bytes: &'a [u8]| {
            let symbol = Elf { bytes, ..*self };
            Symbol {
                value: symbol.field(4, 8, None),
                size: symbol.field(8, 16, None),
                info: symbol.field(12, 4, Some(1)) as u8,
                section: symbol.field(14, 6, Some(2)) as u16,
                name: text(strings, symbol.field(0, 0, Some(4))).unwrap_or_default(),
            }
        };
        Some(table.data.chunks_exact(self.either(16, 24)).map(symbol).collect())
    }
}

/// A text that ends with a NUL within the table.
fn text(table: &[u8], at: u64) -> Option<&[u8]> {
    let rest = table.get(usize::try_from(at).ok()?..)?;
    Some(&rest[..rest.iter().position(|&byte| byte == 0)?])
}
