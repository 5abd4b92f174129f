//! ELF files of 32 bits.

use arbitrary::Arbitrary;

use super::{Bytes, Words};

pub(crate) const EM_386: u16 = 3;
pub(crate) const EM_MIPS: u16 = 8;
pub(crate) const EM_ARM: u16 = 40;
pub(crate) const EM_COLDFIRE: u16 = 52;

pub(crate) const PF_X: u32 = 1;
pub(crate) const PF_W: u32 = 2;
pub(crate) const PF_R: u32 = 4;

const SHT_PROGBITS: u32 = 1;
const SHT_NOBITS: u32 = 8;
const SHT_REL: u32 = 9;
const SHF_WRITE: u32 = 1;
const SHF_ALLOC: u32 = 2;
const SHF_EXECINSTR: u32 = 4;
/// Of the ABI of ia16-elf-ld: the paragraph of a segment.
const R_386_SEGRELATIVE: u32 = 48;

/// A section, which is a segment, too.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    /// Rights, as of a segment.
    pub(crate) flags: u32,
    pub(crate) address: u32,
    pub(crate) bytes: Vec<u8>,
    /// The zeros after them, which the file does not hold.
    pub(crate) zeros: u32,
}

impl Part {
    pub(crate) fn end(&self) -> u64 {
        u64::from(self.address) + self.bytes.len() as u64 + u64::from(self.zeros)
    }

    fn section_flags(&self) -> u32 {
        let flag = |right: u32, flag: u32| if self.flags & right != 0 { flag } else { 0 };
        SHF_ALLOC | flag(PF_W, SHF_WRITE) | flag(PF_X, SHF_EXECINSTR)
    }
}

/// A symbol: name, value, size, section by its number.
#[derive(Arbitrary, Clone, Debug)]
pub(crate) struct Symbol {
    pub(crate) name: u8,
    pub(crate) value: u16,
    pub(crate) size: u8,
    pub(crate) kind: u8,
    pub(crate) section: u8,
}

/// A whole program.
#[derive(Debug)]
pub(crate) struct Program<'a> {
    pub(crate) machine: u16,
    pub(crate) big: bool,
    pub(crate) flags: u32,
    pub(crate) entry: u32,
    pub(crate) parts: &'a [Part],
    pub(crate) symbols: &'a [Symbol],
    /// Addresses of words that hold paragraphs.
    pub(crate) paragraphs: &'a [u32],
}

const HEADER: usize = 52;
const SEGMENT: usize = 32;

impl Program<'_> {
    /// The file: headers, parts, symbols, relocations, names, section headers.
    pub(crate) fn file(&self) -> Vec<u8> {
        let mut body = Words { big: self.big, bytes: Vec::new() };
        let mut names = b"\0".to_vec();
        let mut sections = Words { big: self.big, bytes: Vec::new() };
        let mut segments = Words { big: self.big, bytes: Vec::new() };
        sections.words(&[0; 10]);
        let base = HEADER + SEGMENT * self.parts.len();
        let at = |body: &Words| (base + body.bytes.len()) as u32;
        let name = |names: &mut Vec<u8>, name: &str| {
            let at = names.len() as u32;
            names.extend(name.bytes().chain([0]));
            at
        };
        for part in self.parts {
            let (offset, length) = (at(&body), part.bytes.len() as u32);
            let size = length + part.zeros;
            segments.words(&[1, offset, part.address, part.address, length, size, part.flags, 1]);
            // A section has bytes or zeros; what has both is the former here.
            let (kind, size) =
                if part.bytes.is_empty() { (SHT_NOBITS, part.zeros) } else { (SHT_PROGBITS, length) };
            let name = name(&mut names, part.name);
            sections.words(&[name, kind, part.section_flags(), part.address, offset, size, 0, 0, 1, 0]);
            body.bytes.extend_from_slice(&part.bytes);
        }
        let strings = self.parts.len() as u32 + 2;
        let symbols_at = at(&body);
        body.words(&[0; 4]);
        for symbol in self.symbols {
            let text = name(&mut names, &format!("symbol{}", symbol.name));
            body.words(&[text, symbol.value.into(), symbol.size.into()]);
            body.bytes.extend([symbol.kind, 0]);
            body.half(symbol.section.into());
        }
        let symbols = [0, 2, 0, 0, symbols_at, at(&body) - symbols_at, strings, 1, 4, 16];
        sections.words(&symbols);
        let relocations_at = at(&body);
        self.paragraphs.iter().for_each(|&address| _ = body.words(&[address, R_386_SEGRELATIVE]));
        let length = at(&body) - relocations_at;
        let names_at = at(&body);
        body.bytes.extend_from_slice(&names);
        sections.words(&[0, 3, 0, 0, names_at, names.len() as u32, 0, 0, 1, 0]);
        let count = strings as u16 + 1 + u16::from(length > 0);
        if length > 0 {
            sections.words(&[0, SHT_REL, 0, 0, relocations_at, length, strings - 1, 0, 4, 8]);
        }
        let mut file = Words { big: self.big, bytes: b"\x7fELF\x01".to_vec() };
        file.bytes.extend([1 + u8::from(self.big), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.half(2).half(self.machine);
        file.words(&[1, self.entry, HEADER as u32, at(&body), self.flags]);
        for half in [52, 32, self.parts.len() as u16, 40, count, strings as u16] {
            file.half(half);
        }
        [file.bytes, segments.bytes, body.bytes, sections.bytes].concat()
    }
}

/// Parts of memory, one after the other, of any rights.
#[derive(Arbitrary, Debug)]
pub(crate) struct Segments {
    pub(crate) parts: Vec<(u16, u8, Bytes, u8)>,
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) machine: u8,
    pub(crate) entry: (u8, u8),
}

/// The most parts of a file.
const MOST: usize = 6;

impl Segments {
    /// Each begins so far after the one before it.
    pub(crate) fn parts(&self, first: u32, name: impl Fn(u32, bool) -> &'static str) -> Vec<Part> {
        let mut next = u64::from(first);
        let mut parts = Vec::new();
        for (gap, rights, bytes, zeros) in self.parts.iter().take(MOST) {
            let address = next + u64::from(*gap % 5000);
            let (flags, bytes) = (PF_R | u32::from(rights % 4), bytes.at(address));
            let name = name(flags, bytes.is_empty());
            let part = Part { name, flags, address: address as u32, bytes, zeros: (*zeros).into() };
            next = part.end();
            parts.push(part);
        }
        parts
    }

    /// The entry: an address of one of the parts.
    pub(crate) fn entry(&self, parts: &[Part]) -> u32 {
        let chosen = parts.get(usize::from(self.entry.0) % parts.len().max(1));
        chosen.map_or(0, |part| part.address + u32::from(self.entry.1) % (part.bytes.len() as u32).max(1))
    }

    pub(crate) fn symbols(&self) -> &[Symbol] {
        self.symbols.get(..self.symbols.len().min(8)).unwrap_or_default()
    }
}
