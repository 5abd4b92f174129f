//! The side file: an ELF file with only what a debugger needs, found by its build ID.

use alloc::vec::Vec;
use core::fmt;

use execfmt_common::ByteOrder;
use execfmt_elf::{Class, KeptSection, KeptSections, Layout, Record, Sections, elf};

use super::{ElfError, open, shared_bytes};

/// A file for a debugger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideFile {
    /// The ELF file: `.symtab`, `.strtab`, `.debug_*` and `.note.gnu.build-id`.
    pub bytes: Vec<u8>,
    /// Its build ID: the program's, or, if the program has none, the SHA-1 hash of the contents kept.
    pub build_id: Vec<u8>,
}

impl SideFile {
    /// The build ID in hexadecimal, as `readelf -n` shows it.
    pub fn build_id_hex(&self) -> impl fmt::Display + '_ {
        struct Hex<'a>(&'a [u8]);
        impl fmt::Display for Hex<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
        Hex(&self.build_id)
    }
}

/// Makes the side file of a program.
///
/// Symbols are made absolute: their sections are not kept, and only the addresses matter.
///
/// # Errors
/// [`ElfError::Refused`] when it is not an ELF file or its section headers are damaged.
pub fn side_file(bytes: &[u8]) -> Result<SideFile, ElfError> {
    let file = open(bytes)?;
    let layout = file.layout();
    let table = file.sections()?;
    let mut debug = Vec::new();
    let mut build_id = None;
    let mut total = 0_usize;
    for section in table.iter() {
        let name = section.name_bytes(MAX_NAME)?;
        let is_note = name == BUILD_ID_SECTION && section.kind == elf::SHT_NOTE;
        if !is_note && !name.starts_with(b".debug_") {
            continue;
        }
        let data = section.contents()?;
        total = total.saturating_add(name.len()).saturating_add(data.len());
        if is_note {
            build_id = note_build_id(data, layout.byte_order);
            continue;
        }
        debug.push(KeptSection {
            name,
            kind: section.kind,
            flags: section.flags & u64::from(elf::SHF_COMPRESSED | elf::SHF_MERGE | elf::SHF_STRINGS),
            align: section.align,
            entry_size: section.entry_size,
            bytes: data,
            ..KeptSection::default()
        });
    }
    let (symbols, strings, locals) = symbols(&table, layout)?;
    total = total.saturating_add(symbols.len()).saturating_add(strings.len());
    if total > bytes.len() {
        return Err(shared_bytes(total, bytes.len()));
    }
    let build_id = build_id.map_or_else(|| digest(&debug, &symbols, strings), <[u8]>::to_vec);
    let note = build_id_note(&build_id, layout.byte_order);
    let word = if layout.class == Class::Elf64 { 8 } else { 4 };
    let kept = |name, kind, align, bytes| KeptSection { name, kind, align, bytes, ..KeptSection::default() };
    let mut sections = alloc::vec![
        kept(BUILD_ID_SECTION, elf::SHT_NOTE, 4, &*note),
        KeptSection {
            link: STRTAB_INDEX,
            info: locals,
            entry_size: Record::Symbol.size(layout.class) as u64,
            ..kept(b".symtab", elf::SHT_SYMTAB, word, &*symbols)
        },
        kept(b".strtab", elf::SHT_STRTAB, 1, strings),
    ];
    sections.extend(debug);
    let bytes = KeptSections { like: &file, sections: &sections }.write();
    Ok(SideFile { bytes, build_id })
}

const BUILD_ID_SECTION: &[u8] = b".note.gnu.build-id";

/// Maximum length of a section name, in bytes; longer names are cut off. Names may share their bytes.
const MAX_NAME: usize = 4096;

/// Index of `.strtab` among the sections, counted from 1.
const STRTAB_INDEX: u32 = 3;

type Symbols<'a> = (Vec<u8>, &'a [u8], u32);

/// The symbol table with every defined symbol absolute, its strings, and the index of the first global symbol.
fn symbols<'a>(table: &Sections<'a>, layout: Layout) -> Result<Symbols<'a>, ElfError> {
    let found = table.symbols()?;
    let size = Record::Symbol.size(layout.class);
    if !table.iter().any(|section| section.kind == elf::SHT_SYMTAB) {
        return Ok((alloc::vec![0; size], &[0], 1));
    }
    let mut symbols = found.bytes().to_vec();
    let at = Record::Symbol.offset(layout.class, "st_shndx");
    for (record, symbol) in symbols.chunks_exact_mut(size).zip(found.iter()) {
        let index = record.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<2>());
        if let Some(index) = index.filter(|_| matches!(symbol.section, 1..elf::SHN_LORESERVE)) {
            *index = match layout.byte_order {
                ByteOrder::Little => elf::SHN_ABS.to_le_bytes(),
                ByteOrder::Big => elf::SHN_ABS.to_be_bytes(),
            };
        }
    }
    Ok((symbols, found.names(), found.first_global()))
}

/// The ID in a build-ID note: three words (name size, descriptor size, type 3), `GNU\0`, the ID.
fn note_build_id(note: &[u8], order: ByteOrder) -> Option<&[u8]> {
    let (name_size, rest) = note.split_first_chunk::<4>()?;
    let (id_size, rest) = rest.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let words = (order.u32(*name_size), order.u32(*kind));
    let rest = rest.strip_prefix(b"GNU\0").filter(|_| words == (4, elf::NT_GNU_BUILD_ID))?;
    rest.get(..usize::try_from(order.u32(*id_size)).ok()?).filter(|id| !id.is_empty())
}

fn build_id_note(id: &[u8], order: ByteOrder) -> Vec<u8> {
    let mut note = Vec::new();
    for word in [4, u32::try_from(id.len()).unwrap_or_default(), elf::NT_GNU_BUILD_ID] {
        note.extend(match order {
            ByteOrder::Little => u32::to_le_bytes(word),
            ByteOrder::Big => u32::to_be_bytes(word),
        });
    }
    note.extend(b"GNU\0");
    note.extend(id);
    note.resize(note.len().next_multiple_of(4), 0);
    note
}

fn digest(debug: &[KeptSection<'_>], symbols: &[u8], strings: &[u8]) -> Vec<u8> {
    let mut sha1 = sha1_smol::Sha1::new();
    for part in debug.iter().map(|section| section.bytes).chain([symbols, strings]) {
        sha1.update(&(part.len() as u64).to_le_bytes());
        sha1.update(part);
    }
    sha1.digest().bytes().to_vec()
}
