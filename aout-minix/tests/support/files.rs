//! Files to test with: valid ones of every kind, from a seed.

use aout_minix::{
    Builder, Content, FileType, HLEN_FAR, HLEN_PLAIN, HLEN_RELOC, Relocation, Section, SymbolIndex,
};
use fastrand::Rng;

/// A section uncompressed, and as stored compressed.
pub type Pair = (Vec<u8>, Vec<u8>);

pub fn bytes(rng: &mut Rng, len: usize) -> Vec<u8> {
    // Repetitive, so that it can be compressed.
    let period = rng.usize(1..8);
    let seed: Vec<u8> = (0..period).map(|_| rng.u8(..)).collect();
    (0..len).map(|at| if rng.u8(..) < 40 { rng.u8(..) } else { seed[at % period] }).collect()
}

pub fn relocations(rng: &mut Rng, size: usize) -> Vec<Relocation> {
    let targets = [SymbolIndex::TEXT, SymbolIndex::DATA, SymbolIndex::FTEXT];
    let count = if size < 2 || rng.bool() { 0 } else { rng.usize(1..5) };
    (0..count).map(|_| Relocation::segword(rng.u32(0..size as u32 - 1), targets[rng.usize(0..3)])).collect()
}

/// An ELKS symbol table of a few symbols.
pub fn elks_table(rng: &mut Rng) -> Vec<u8> {
    let mut table = Vec::new();
    for _ in 0..rng.usize(0..4) {
        let name = vec![b'n'; rng.usize(0..12)];
        let symbol = aout_minix::ElksSymbol { letter: b'T', addr: rng.u16(..), name: &name };
        table.extend(symbol.record().unwrap());
    }
    table.push(0);
    table
}

/// An nlist table of a few symbols, some of them with long names.
pub fn nlist_table(rng: &mut Rng) -> Vec<u8> {
    let mut table = Vec::new();
    for _ in 0..rng.usize(0..4) {
        let name = vec![b'_'; rng.usize(1..20)];
        let symbol = aout_minix::NewNlistSymbol {
            name: &name,
            value: rng.u32(..),
            sclass: aout_minix::StorageClass(0o22),
        };
        symbol.entries(aout_minix::ByteOrder::Little).for_each(|entry| table.extend(entry));
    }
    table
}

/// A file that ELKS takes in most cases, of any kind: both versions, every header, relocations, symbols, compressed
/// sections (when there are `pairs`).
pub fn valid(rng: &mut Rng, pairs: &[Pair]) -> Vec<u8> {
    let pick = |rng: &mut Rng, least: usize| {
        let compressed = !pairs.is_empty() && rng.u8(..) < 60;
        if compressed {
            let (plain, stored) = &pairs[rng.usize(0..pairs.len())];
            (plain.clone(), Some(stored.clone()))
        } else {
            let len = rng.usize(least..80);
            (bytes(rng, len), None)
        }
    };
    fn content<'a>((plain, stored): &'a (Vec<u8>, Option<Vec<u8>>)) -> Content<'a> {
        match stored {
            Some(stored) => Content::compressed(stored, plain.len() as u32),
            None => Content::plain(plain),
        }
    }
    let (text, data) = (pick(rng, 1), pick(rng, 0));
    let far_text = if rng.bool() { pick(rng, 1) } else { (Vec::new(), None) };
    let plain = |section: &(Vec<u8>, Option<Vec<u8>>)| section.0.len();
    let tables =
        [relocations(rng, plain(&text)), relocations(rng, plain(&far_text)), relocations(rng, plain(&data))];
    let symbols = match rng.u8(0..3) {
        0 => Vec::new(),
        1 => elks_table(rng),
        _ => nlist_table(rng),
    };
    let file_type = if rng.bool() { FileType::SPLITID } else { FileType::SPLITID_AHISTORICAL };
    let bss = rng.u32(0..300);
    let version = rng.u16(0..2);
    let least = (data.0.len() as u32 + bss) as u16;
    let (chmem, minstack) = match (rng.u8(0..6), version) {
        (0, 0) => (0, 0),
        (1, 0) => (least + rng.u16(0..40), rng.u16(0..3)),
        (_, 0) => (least + rng.u16(1..30_000), 0),
        (0, _) => (rng.u16(0xffe0..), rng.u16(..)),
        (1, _) => (rng.u16(..), rng.u16(..)),
        (2, _) => (0, 0),
        _ => (rng.u16(0..20_000), rng.u16(0..20_000)),
    };
    Builder::new(file_type)
        .version(version)
        .entry(rng.u32(0..text.0.len() as u32))
        .chmem(chmem)
        .minstack(minstack)
        .bss(bss)
        .min_hlen([HLEN_PLAIN, HLEN_RELOC, HLEN_FAR][rng.usize(0..3)])
        .content(Section::Text, content(&text))
        .content(Section::FarText, content(&far_text))
        .content(Section::Data, content(&data))
        .text_relocations(tables[0].as_slice())
        .far_text_relocations(tables[1].as_slice())
        .data_relocations(tables[2].as_slice())
        .symbols(&symbols)
        .to_vec()
        .unwrap()
}

/// Values that rules turn on.
pub const EDGES: [u32; 16] =
    [0, 1, 2, 7, 8, 15, 16, 0x1f, 0x7fff, 0x8000, 0xdfff, 0xefff, 0xffef, 0xfff0, 0xffff, 0x1_0000];

/// Changes a few bytes or words, most of them in the header, or cuts the file short.
pub fn mutate(rng: &mut Rng, file: &mut Vec<u8>) {
    for _ in 0..rng.usize(1..4) {
        if file.is_empty() {
            return;
        }
        let head = file.len().min(72);
        match rng.u8(0..8) {
            0 => file[rng.usize(0..head)] = rng.u8(..),
            1 => {
                let at = rng.usize(0..head);
                file[at] ^= 1 << rng.u8(0..8);
            }
            2 | 3 => {
                let at = 2 * rng.usize(0..17);
                let value = EDGES[rng.usize(0..EDGES.len())].wrapping_add(rng.u32(0..3)).wrapping_sub(1);
                if let Some(word) = file.get_mut(at..at + 2) {
                    word.copy_from_slice(&value.to_le_bytes()[..2]);
                }
            }
            4 => {
                let at = 8 + 4 * rng.usize(0..12);
                let value = EDGES[rng.usize(0..EDGES.len())].wrapping_add(rng.u32(0..3)).wrapping_sub(1);
                if let Some(word) = file.get_mut(at..at + 4) {
                    word.copy_from_slice(&value.to_le_bytes());
                }
            }
            5 => {
                let at = rng.usize(0..file.len());
                file[at] = rng.u8(..);
            }
            6 => file.truncate(file.len() - rng.usize(0..file.len().min(40))),
            _ => file.extend((0..rng.usize(0..20)).map(|_| rng.u8(..))),
        }
    }
}

/// A header of which every field is random or at an edge, with a right magic in most cases, and some bytes after it.
pub fn random_header(rng: &mut Rng) -> Vec<u8> {
    let mut file: Vec<u8> = Vec::new();
    let types = [0x0430_0301, 0x0430_0301, 0x0420_0301, 0x0420_0301, 0x0410_0301, rng.u32(..)];
    file.extend(types[rng.usize(0..6)].to_le_bytes());
    file.extend([[0x20, 0x30, 0x40, rng.u8(..)][rng.usize(0..4)], rng.u8(0..2)]);
    file.extend([0, 1, 1, rng.u16(0..4)][rng.usize(0..4)].to_le_bytes());
    let word = |rng: &mut Rng| match rng.u8(0..8) {
        0 => rng.u32(..),
        1 => rng.u32(0..0x1_0000),
        2 => EDGES[rng.usize(0..EDGES.len())],
        _ => rng.u32(0..60),
    };
    for _ in 0..4 {
        file.extend(word(rng).to_le_bytes());
    }
    for _ in 0..2 {
        file.extend((word(rng) as u16).to_le_bytes());
    }
    for at in 0..9 {
        let value = if (3..5).contains(&at) && rng.u8(..) < 250 || rng.bool() { 0 } else { word(rng) };
        let value = if matches!(at, 1 | 2 | 6) { value & !7 } else { value };
        file.extend(value.to_le_bytes());
    }
    let len = rng.usize(0..260);
    file.extend((0..len).map(|_| rng.u8(..)));
    file
}
