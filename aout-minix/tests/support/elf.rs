//! A writer of small ELF files such as ia16-elf-ld links, written from the ELF specification for these tests.

const PROGBITS: u32 = 1;
const SYMTAB: u32 = 2;
const STRTAB: u32 = 3;
const REL: u32 = 9;
const NOBITS: u32 = 8;
const WRITE: u32 = 1;
const ALLOC: u32 = 2;
const EXECINSTR: u32 = 4;

#[derive(Clone)]
pub struct Section {
    pub name: &'static str,
    pub kind: u32,
    pub flags: u32,
    pub address: u32,
    pub bytes: Vec<u8>,
    pub size: u32,
    pub info: u32,
    pub link: u32,
}

#[derive(Clone)]
pub struct Symbol {
    pub name: &'static str,
    pub value: u32,
    /// Binding and type.
    pub info: u8,
    pub section: u16,
}

#[derive(Clone)]
pub struct Elf {
    pub class: u8,
    pub data: u8,
    pub machine: u16,
    pub entry: u32,
    pub sections: Vec<Section>,
    pub symbols: Vec<Symbol>,
}

pub fn section(name: &'static str, address: u32, bytes: &[u8]) -> Section {
    let (kind, flags) = match name {
        ".text" | ".fartext" => (PROGBITS, ALLOC | EXECINSTR),
        ".bss" => (NOBITS, ALLOC | WRITE),
        _ => (PROGBITS, ALLOC | WRITE),
    };
    Section { name, kind, flags, address, bytes: bytes.to_vec(), size: bytes.len() as u32, info: 0, link: 0 }
}

pub fn bss(address: u32, size: u32) -> Section {
    Section { size, ..section(".bss", address, &[]) }
}

/// A table of relocations: the places and the types.
pub fn relocations(list: &[(u32, u32)]) -> Section {
    let bytes: Vec<u8> =
        list.iter().flat_map(|(place, info)| [place.to_le_bytes(), info.to_le_bytes()].concat()).collect();
    Section { kind: REL, flags: 0, ..section(".rel.dyn", 0, &bytes) }
}

impl Elf {
    pub fn new(entry: u32, sections: Vec<Section>) -> Self {
        Self { class: 1, data: 1, machine: 3, entry, sections, symbols: Vec::new() }
    }

    pub fn file(&self) -> Vec<u8> {
        let mut sections = vec![Section { kind: 0, flags: 0, ..section("", 0, &[]) }];
        sections.extend(self.sections.iter().cloned());
        if !self.symbols.is_empty() {
            let (mut table, mut strings) = (vec![0; 16], vec![0]);
            for symbol in &self.symbols {
                table.extend((strings.len() as u32).to_le_bytes());
                table.extend(symbol.value.to_le_bytes());
                table.extend([0; 4]);
                table.extend([symbol.info, 0]);
                table.extend(symbol.section.to_le_bytes());
                strings.extend(symbol.name.bytes());
                strings.push(0);
            }
            let link = sections.len() as u32 + 1;
            sections.push(Section { kind: SYMTAB, flags: 0, link, info: 1, ..section(".symtab", 0, &table) });
            sections.push(Section { kind: STRTAB, flags: 0, ..section(".strtab", 0, &strings) });
        }
        let mut names: Vec<u8> = Vec::new();
        let mut places = Vec::new();
        for name in sections.iter().map(|section| section.name).chain([".shstrtab"]) {
            places.push(names.len() as u32);
            names.extend(name.bytes());
            names.push(0);
        }
        sections.push(Section { kind: STRTAB, flags: 0, ..section(".shstrtab", 0, &names) });
        let mut body: Vec<u8> = Vec::new();
        let mut headers: Vec<u32> = Vec::new();
        for (section, name) in sections.iter().zip(places) {
            let offset = if section.kind == 0 { 0 } else { 52 + body.len() as u32 };
            let entry_size = match section.kind {
                SYMTAB => 16,
                REL => 8,
                _ => 0,
            };
            headers.extend([name, section.kind, section.flags, section.address, offset]);
            headers.extend([section.size, section.link, section.info, 1, entry_size]);
            body.extend(&section.bytes);
        }
        let mut file = vec![0x7f, b'E', b'L', b'F', self.class, self.data, 1];
        file.resize(16, 0);
        file.extend([2_u16.to_le_bytes(), self.machine.to_le_bytes()].concat());
        for word in [1, self.entry, 0, 52 + body.len() as u32, 0] {
            file.extend(word.to_le_bytes());
        }
        for half in [52_u16, 0, 0, 40, sections.len() as u16, sections.len() as u16 - 1] {
            file.extend(half.to_le_bytes());
        }
        file.extend(body);
        headers.iter().for_each(|word| file.extend(word.to_le_bytes()));
        file
    }
}

/// R_386_SEGRELATIVE.
pub const SEGRELATIVE: u32 = 48;

/// A medium-model program where ia16-elf-ld puts its sections: near text calls far text, which loads the data segment.
pub fn sample() -> Elf {
    let text = [0x9a, 0, 0, 0x00, 0x20, 0xc3];
    let far_text = [0xb8, 0x00, 0x30, 0xcb];
    let mut elf = Elf::new(
        0x1_0000,
        vec![
            section(".text", 0x1_0000, &text),
            section(".fartext", 0x2_0000, &far_text),
            section(".data", 0x3_0000, &[7, 7, 0x00, 0x10]),
            bss(0x3_0008, 10),
            relocations(&[(0x1_0003, SEGRELATIVE), (0x2_0001, SEGRELATIVE), (0x3_0002, SEGRELATIVE)]),
        ],
    );
    elf.symbols = vec![
        Symbol { name: "_start", value: 0x1_0000, info: 0x12, section: 1 },
        Symbol { name: "far", value: 0x2_0001, info: 0x12, section: 2 },
        Symbol { name: "bump!", value: 0x1_0001, info: 0x12, section: 1 },
        Symbol { name: "seg&", value: 0x1_0002, info: 0x12, section: 1 },
        Symbol { name: "local", value: 0x2_0002, info: 0x02, section: 2 },
        Symbol { name: "var", value: 0x3_0002, info: 0x11, section: 3 },
        Symbol { name: "zero", value: 0x3_0009, info: 0x01, section: 4 },
        Symbol { name: "outside", value: 0x9_0000, info: 0x10, section: 0xfff1 },
        Symbol { name: "undefined", value: 0x1_0000, info: 0x10, section: 0 },
        Symbol { name: "weak", value: 0x1_0004, info: 0x22, section: 1 },
    ];
    elf
}

/// A tiny-model program: data and bss right after the text, from address 0.
pub fn tiny() -> Elf {
    Elf::new(2, vec![section(".text", 0, &[0x90; 6]), section(".data", 6, &[1, 2]), bss(8, 4)])
}
