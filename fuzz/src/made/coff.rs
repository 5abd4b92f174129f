//! MIPS COFF files.

use arbitrary::Arbitrary;

use super::{Bytes, Words};

const STYP: [(&[u8; 8], u32); 6] = [
    (b".text\0\0\0", 0x20),
    (b".rdata\0\0", 0x100),
    (b".data\0\0\0", 0x40),
    (b".sdata\0\0", 0x200),
    (b".bss\0\0\0\0", 0x80),
    (b".sbss\0\0\0", 0x400),
];

/// A section: what it is, what is left free before it, its bytes.
#[derive(Arbitrary, Debug)]
struct Section {
    kind: u8,
    gap: u8,
    bytes: Bytes,
}

/// A program of up to five sections.
#[derive(Arbitrary, Debug)]
pub(crate) struct Program {
    sections: Vec<Section>,
    entry: u8,
    first: u16,
}

/// A section in its place.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) address: u32,
    /// None of the bss.
    pub(crate) bytes: Vec<u8>,
    kind: usize,
    length: u32,
}

impl Program {
    pub(crate) fn placed(&self) -> Vec<Placed> {
        let mut next = u32::from(self.first) * 4;
        let mut placed = Vec::new();
        for section in self.sections.iter().take(5) {
            let kind = usize::from(section.kind) % STYP.len();
            let address = next + u32::from(section.gap) * 4;
            let mut bytes = section.bytes.at(address.into());
            let length = bytes.len() as u32;
            if kind >= 4 {
                bytes.clear();
            }
            placed.push(Placed { address, bytes, kind, length });
            next = (address + length).next_multiple_of(4);
        }
        placed
    }

    /// The address of one of the sections.
    pub(crate) fn entry(&self, placed: &[Placed]) -> u32 {
        placed.get(usize::from(self.entry) % placed.len().max(1)).map_or(0, |section| section.address)
    }

    /// File header, optional header, section headers, bytes.
    pub(crate) fn file(&self, placed: &[Placed]) -> Vec<u8> {
        let mut file = Words { big: false, bytes: Vec::new() };
        file.half(0x162).half(placed.len() as u16).words(&[0, 0, 0]).half(56).half(7);
        let sum = |kinds: std::ops::Range<usize>| {
            placed.iter().filter(|it| kinds.contains(&it.kind)).map(|it| it.length).sum::<u32>()
        };
        file.half(0x107).half(0);
        file.words(&[sum(0..1), sum(1..4), sum(4..6), self.entry(placed), 0, 0, 0]);
        file.words(&[0; 6]);
        let mut offset = (20 + 56 + 40 * placed.len()) as u32;
        for Placed { address, bytes, kind, length } in placed {
            let (name, flags) = STYP[*kind];
            file.bytes.extend_from_slice(name);
            let start = if bytes.is_empty() { 0 } else { offset };
            file.words(&[*address, *address, *length, start, 0, 0, 0, flags]);
            offset += bytes.len() as u32;
        }
        placed.iter().for_each(|section| file.bytes.extend_from_slice(&section.bytes));
        file.bytes
    }
}
