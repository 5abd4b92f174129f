//! The side file: an ELF with what a debugger needs and nothing else, found by its build id.

use alloc::vec::Vec;
use core::fmt;
use core::mem::{offset_of, size_of};

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, SectionHeader, SectionTable};
use object::write::StringId;
use object::write::elf::{FileHeader as NewHeader, SectionHeader as NewSection, SectionIndex, Writer};
use object::{Endian, Endianness};

use super::{Class, ElfError, class, damaged_sections, parse, shared_bytes};

/// A file for a debugger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideFile {
    /// The ELF file: `.symtab`, `.strtab`, `.debug_*` and `.note.gnu.build-id`.
    pub bytes: Vec<u8>,
    /// Its build id: the program's, or, where the program has none, the SHA-1 of what is kept.
    pub build_id: Vec<u8>,
}

impl SideFile {
    /// The build id in hexadecimal, as `readelf -n` shows it.
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
/// Symbols are made absolute: the sections that they were in are not kept, and addresses are what counts.
///
/// # Errors
/// [`ElfError::Refused`] for a file that is not an ELF file or whose section headers are damaged.
pub fn side_file(bytes: &[u8]) -> Result<SideFile, ElfError> {
    match class(bytes)? {
        Class::Elf32 => side_file_as::<FileHeader32<Endianness>>(bytes),
        Class::Elf64 => side_file_as::<FileHeader64<Endianness>>(bytes),
    }
}

/// A section to keep.
struct Kept<'a> {
    name: &'a [u8],
    kind: u32,
    flags: u64,
    align: u64,
    entry_size: u64,
    info: u32,
    data: &'a [u8],
}

const BUILD_ID_SECTION: &[u8] = b".note.gnu.build-id";

fn side_file_as<Elf: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<SideFile, ElfError> {
    let (header, endian) = parse::<Elf>(bytes)?;
    let damaged = |_| damaged_sections(header, endian, bytes.len());
    let table = header.sections(endian, bytes).map_err(damaged)?;
    let mut debug = Vec::new();
    let mut build_id = None;
    let mut total = 0_usize;
    for section in table.iter() {
        let name = table.section_name(endian, section).map_err(damaged)?;
        let is_note = name == BUILD_ID_SECTION && section.sh_type(endian) == elf::SHT_NOTE;
        if !is_note && !name.starts_with(b".debug_") {
            continue;
        }
        let data = section.data(endian, bytes).map_err(damaged)?;
        total = total.saturating_add(data.len());
        if is_note {
            build_id = note_build_id(data, endian);
            continue;
        }
        debug.push(Kept {
            name,
            kind: section.sh_type(endian),
            flags: section.sh_flags(endian).into()
                & u64::from(elf::SHF_COMPRESSED | elf::SHF_MERGE | elf::SHF_STRINGS),
            align: section.sh_addralign(endian).into(),
            entry_size: section.sh_entsize(endian).into(),
            info: 0,
            data,
        });
    }
    let (symbols, strings, locals) = symbols::<Elf>(&table, endian, bytes).map_err(damaged)?;
    total = total.saturating_add(symbols.len()).saturating_add(strings.len());
    if total > bytes.len() {
        return Err(shared_bytes(total, bytes.len()));
    }
    let build_id = build_id.map_or_else(|| digest(&debug, &symbols, strings), <[u8]>::to_vec);
    let note = build_id_note(&build_id, endian);
    let word = if size_of::<Elf::Word>() == size_of::<u64>() { 8 } else { 4 };
    let plain = |name, kind, align, entry_size, info, data| Kept {
        name,
        kind,
        flags: 0,
        align,
        entry_size,
        info,
        data,
    };
    let symbol_size = size_of::<Elf::Sym>() as u64;
    let mut sections = alloc::vec![
        plain(BUILD_ID_SECTION, elf::SHT_NOTE, 4, 0, 0, &*note),
        plain(b".symtab", elf::SHT_SYMTAB, word, symbol_size, locals, &*symbols),
        plain(b".strtab", elf::SHT_STRTAB, 1, 0, 0, strings),
    ];
    sections.extend(debug);
    let bytes = write::<Elf>(header, endian, &sections);
    Ok(SideFile { bytes, build_id })
}

/// Where `.strtab` comes among the sections, counted from 1.
const STRTAB_INDEX: SectionIndex = SectionIndex(3);

/// The largest alignment that is kept within the file, in bytes.
const MOST_ALIGN: u64 = 16;

type Symbols<'a> = (Vec<u8>, &'a [u8], u32);

/// The symbol table with every defined symbol absolute, its strings, and the index of the first global symbol.
fn symbols<'a, Elf: FileHeader<Endian = Endianness>>(
    table: &SectionTable<'a, Elf>,
    endian: Endianness,
    bytes: &'a [u8],
) -> object::Result<Symbols<'a>> {
    let symtab = table.iter().find(|section| section.sh_type(endian) == elf::SHT_SYMTAB);
    let Some(symtab) = symtab else { return Ok((alloc::vec![0; size_of::<Elf::Sym>()], &[0], 1)) };
    let mut symbols = symtab.data(endian, bytes)?.to_vec();
    let strings = table.section(symtab.link(endian))?.data(endian, bytes)?;
    let wide = size_of::<Elf::Sym>() == size_of::<elf::Sym64<Endianness>>();
    let at = if wide {
        offset_of!(elf::Sym64<Endianness>, st_shndx)
    } else {
        offset_of!(elf::Sym32<Endianness>, st_shndx)
    };
    for symbol in symbols.chunks_exact_mut(size_of::<Elf::Sym>()) {
        let section = symbol.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<2>());
        if let Some(section) = section {
            let index = endian.read_u16_bytes(*section);
            if index != elf::SHN_UNDEF && index < elf::SHN_LORESERVE {
                *section = endian.write_u16_bytes(elf::SHN_ABS);
            }
        }
    }
    Ok((symbols, strings, symtab.sh_info(endian)))
}

/// The id in a build-id note: three words (name size, descriptor size, type 3), `GNU\0`, the id.
fn note_build_id(note: &[u8], endian: Endianness) -> Option<&[u8]> {
    let (name_size, rest) = note.split_first_chunk::<4>()?;
    let (id_size, rest) = rest.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let words = (endian.read_u32_bytes(*name_size), endian.read_u32_bytes(*kind));
    let rest = rest.strip_prefix(b"GNU\0").filter(|_| words == (4, elf::NT_GNU_BUILD_ID))?;
    rest.get(..usize::try_from(endian.read_u32_bytes(*id_size)).ok()?).filter(|id| !id.is_empty())
}

fn build_id_note(id: &[u8], endian: Endianness) -> Vec<u8> {
    let mut note = Vec::new();
    for word in [4, u32::try_from(id.len()).unwrap_or_default(), elf::NT_GNU_BUILD_ID] {
        note.extend(endian.write_u32_bytes(word));
    }
    note.extend(b"GNU\0");
    note.extend(id);
    note.resize(note.len().next_multiple_of(4), 0);
    note
}

fn digest(debug: &[Kept<'_>], symbols: &[u8], strings: &[u8]) -> Vec<u8> {
    let mut sha1 = sha1_smol::Sha1::new();
    for part in debug.iter().map(|section| section.data).chain([symbols, strings]) {
        sha1.update(&(part.len() as u64).to_le_bytes());
        sha1.update(part);
    }
    sha1.digest().bytes().to_vec()
}

fn write<Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
    sections: &[Kept<'_>],
) -> Vec<u8> {
    let wide = size_of::<Elf::Word>() == size_of::<u64>();
    let mut bytes = Vec::new();
    let mut writer = Writer::new(endian, wide, &mut bytes);
    writer.reserve_null_section_index();
    let names: Vec<StringId> = sections.iter().map(|section| writer.add_section_name(section.name)).collect();
    sections.iter().for_each(|_| {
        writer.reserve_section_index();
    });
    writer.reserve_shstrtab_section_index();
    writer.reserve_file_header();
    // Nothing is loaded from a side file: more would be gaps only, and many sections many times the program's length.
    let align = |section: &Kept<'_>| usize::try_from(section.align.clamp(1, MOST_ALIGN)).unwrap_or(1);
    let offsets: Vec<usize> =
        sections.iter().map(|section| writer.reserve(section.data.len(), align(section))).collect();
    writer.reserve_shstrtab();
    writer.reserve_section_headers();
    // The writer fails only where its caller skips a step.
    let _ = writer.write_file_header(&NewHeader {
        os_abi: header.e_ident().os_abi,
        abi_version: header.e_ident().abi_version,
        e_type: elf::ET_EXEC,
        e_machine: header.e_machine(endian),
        e_entry: header.e_entry(endian).into(),
        e_flags: header.e_flags(endian),
    });
    for section in sections {
        writer.write_align(align(section));
        writer.write(section.data);
    }
    writer.write_shstrtab();
    writer.write_null_section_header();
    for ((section, &name), &offset) in sections.iter().zip(&names).zip(&offsets) {
        let is_symtab = section.kind == elf::SHT_SYMTAB;
        writer.write_section_header(&NewSection {
            name: Some(name),
            sh_type: section.kind,
            sh_flags: section.flags,
            sh_addr: 0,
            sh_offset: offset as u64,
            sh_size: section.data.len() as u64,
            sh_link: if is_symtab { STRTAB_INDEX.0 } else { 0 },
            sh_info: section.info,
            sh_addralign: section.align,
            sh_entsize: section.entry_size,
        });
    }
    writer.write_shstrtab_section_header();
    bytes
}
