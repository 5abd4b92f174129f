//! Objects and archives: the parts of their sections, symbols and relocations that the linker needs.

use execfmt_common::ByteOrder;
use object::read::archive::ArchiveFile;
use object::read::elf::{ElfFile, FileHeader};
use object::{
    Endianness, Object as _, ObjectSection as _, ObjectSymbol as _, RelocationFlags, RelocationTarget,
    SectionIndex, elf,
};

use super::LinkError;

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Instructions.
    Text,
    /// Constants.
    ReadOnly,
    /// Data.
    Data,
    /// Zeroed data.
    Zero,
}

/// An input section that is loaded.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// Its old name: `.rdata` for `.rodata.str1.4`.
    pub name: &'a str,
    /// The kind of its contents.
    pub kind: Kind,
    /// Its alignment in bytes.
    pub align: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes; none for zeroed data.
    pub bytes: &'a [u8],
    /// Its relocations, in the order of the file.
    pub relocations: Vec<Relocation>,
}

/// A relocation.
#[derive(Clone, Copy, Debug)]
pub struct Relocation {
    /// Offset in the section, in bytes.
    pub offset: u64,
    /// `R_MIPS_…`.
    pub kind: u32,
    /// The index of the symbol among [`ObjectFile::symbols`].
    pub symbol: usize,
}

/// The definition of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// Undefined: another object defines it.
    Undefined,
    /// An address in a section, by its index among [`ObjectFile::sections`].
    In(usize, u64),
    /// An absolute number.
    Absolute(u64),
    /// Common: zeroed data of a size and alignment, shared by all objects that declare it.
    Common(u64, u64),
    /// Something in a section that is not loaded.
    Dropped,
}

/// A symbol.
#[derive(Clone, Copy, Debug)]
pub struct Symbol<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its definition.
    pub definition: Definition,
    /// Whether it is global.
    pub global: bool,
    /// Whether it is weak: another definition takes precedence.
    pub weak: bool,
    /// `STT_…`.
    pub kind: u8,
    /// Its size in bytes.
    pub size: u64,
}

/// An object that was read.
#[derive(Clone, Debug)]
pub struct ObjectFile<'a> {
    /// Its name, with that of its archive: `libnachos.a(stdio.o)`.
    pub name: String,
    /// Its byte order.
    pub byte_order: ByteOrder,
    /// The sections that are loaded.
    pub sections: Vec<Section<'a>>,
    /// All symbols. The first is the null symbol.
    pub symbols: Vec<Symbol<'a>>,
    /// True for an object that is linked only if nothing else defines its symbols.
    pub runtime: bool,
}

/// The size of a relocation in a file (`Elf32_Rel`), in bytes.
const RELOCATION: u64 = 8;

/// The name that scripts of the time use for a current section.
pub(super) fn old_name(name: &str) -> &str {
    const FAMILIES: [(&str, &str); 6] = [
        (".rodata", ".rdata"),
        (".text.", ".text"),
        (".data.", ".data"),
        (".bss.", ".bss"),
        (".sdata.", ".sdata"),
        (".sbss.", ".sbss"),
    ];
    FAMILIES.iter().find(|(new, _)| name.starts_with(new)).map_or(name, |(_, old)| old)
}

/// Sections that current compilers add, and no program of Nachos reads.
fn is_dropped(name: &str) -> bool {
    const NAMES: [&str; 7] =
        [".reginfo", ".MIPS.abiflags", ".pdr", ".gnu.attributes", ".comment", ".eh_frame", ".MIPS.options"];
    NAMES.contains(&name)
        || name.starts_with(".note")
        || name.starts_with(".mdebug")
        || name.starts_with(".debug")
}

/// True for an archive.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"!<arch>\n") || bytes.starts_with(b"!<thin>\n")
}

/// The members of an archive that are objects, by name.
pub(super) fn members<'a>(file: &str, bytes: &'a [u8]) -> Result<Vec<(String, &'a [u8])>, LinkError> {
    let broken =
        |error: object::read::Error| LinkError::Archive { file: file.into(), reason: error.to_string() };
    let archive = ArchiveFile::parse(bytes).map_err(broken)?;
    if archive.is_thin() {
        return Err(LinkError::Archive {
            file: file.into(),
            reason: "it is a thin archive, without its objects".into(),
        });
    }
    let mut members = Vec::new();
    for member in archive.members() {
        let member = member.map_err(broken)?;
        let data = member.data(bytes).map_err(broken)?;
        members.push((format!("{file}({})", String::from_utf8_lossy(member.name())), data));
    }
    Ok(members)
}

impl<'a> ObjectFile<'a> {
    /// Reads an object.
    ///
    /// # Errors
    /// [`LinkError`] when it is not a relocatable 32-bit MIPS object.
    pub fn parse(name: String, bytes: &'a [u8]) -> Result<Self, LinkError> {
        let word = |at: usize| bytes.get(at..at + 2).and_then(|two| <[u8; 2]>::try_from(two).ok());
        match word(0) {
            Some([0x62, 0x01] | [0x01, 0x62] | [0x60, 0x01] | [0x01, 0x60] | [0x42 | 0x40, 0x01]) => {
                return Err(LinkError::OldObject { file: name });
            }
            Some([0x7f, b'E']) => {}
            _ => return Err(LinkError::NotAnObject { file: name }),
        }
        let little = bytes.get(5) == Some(&elf::ELFDATA2LSB);
        let machine =
            word(18).map_or(0, |two| if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) });
        if machine != elf::EM_MIPS || bytes.get(4) != Some(&elf::ELFCLASS32) {
            return Err(LinkError::OtherMachine { file: name, machine });
        }
        let broken =
            |error: object::read::Error| LinkError::Damaged { file: name.clone(), reason: error.to_string() };
        let file = ElfFile::<elf::FileHeader32<Endianness>>::parse(bytes).map_err(broken)?;
        if file.elf_header().e_type(file.endian()) != elf::ET_REL {
            return Err(LinkError::NotAnObject { file: name });
        }
        let byte_order = if file.is_little_endian() { ByteOrder::Little } else { ByteOrder::Big };
        let mut sections = Vec::new();
        // The index of a section of the file among those that are kept.
        let mut kept = Vec::new();
        // Sections share no bytes and no relocations, so the size of a file bounds the memory that it takes.
        let mut unread = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let mut spend = |size: u64| {
            let left = unread.checked_sub(size);
            unread = left.unwrap_or(0);
            left.map(drop).ok_or_else(|| LinkError::Damaged {
                file: name.clone(),
                reason: "its sections add up to more bytes than the file".into(),
            })
        };
        for section in file.sections() {
            let index = section.index().0;
            let header = section.elf_section_header();
            let endian = file.endian();
            let flags = header.sh_flags.get(endian);
            let section_name = section.name().map_err(broken)?;
            if flags & elf::SHF_ALLOC == 0 || is_dropped(section_name) {
                continue;
            }
            let zero = header.sh_type.get(endian) == elf::SHT_NOBITS;
            let kind = match flags {
                _ if zero => Kind::Zero,
                _ if flags & elf::SHF_EXECINSTR != 0 => Kind::Text,
                _ if flags & elf::SHF_WRITE != 0 => Kind::Data,
                _ => Kind::ReadOnly,
            };
            let size = u64::from(header.sh_size.get(endian));
            let bytes = if zero { &[][..] } else { section.data().map_err(broken)? };
            spend(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
            let mut relocations = Vec::new();
            for (offset, relocation) in section.relocations() {
                spend(RELOCATION)?;
                let (RelocationFlags::Elf { r_type }, RelocationTarget::Symbol(symbol)) =
                    (relocation.flags(), relocation.target())
                else {
                    continue;
                };
                relocations.push(Relocation { offset, kind: r_type, symbol: symbol.0 });
            }
            if kept.len() <= index {
                kept.resize(index + 1, None);
            }
            if let Some(slot) = kept.get_mut(index) {
                *slot = Some(sections.len());
            }
            let align = u64::from(header.sh_addralign.get(endian)).max(1);
            if !align.is_power_of_two() || align > 1 << 16 {
                return Err(LinkError::Damaged {
                    file: name,
                    reason: format!("section {section_name} is aligned to {align}"),
                });
            }
            sections.push(Section { name: old_name(section_name), kind, align, size, bytes, relocations });
        }
        let kept = |index: SectionIndex| kept.get(index.0).copied().flatten();
        let mut symbols = vec![Symbol {
            name: "",
            definition: Definition::Absolute(0),
            global: false,
            weak: false,
            kind: 0,
            size: 0,
        }];
        for symbol in file.symbols() {
            let raw = symbol.elf_symbol();
            let endian = file.endian();
            let value = u64::from(raw.st_value.get(endian));
            let size = u64::from(raw.st_size.get(endian));
            let definition = match raw.st_shndx.get(endian) {
                elf::SHN_UNDEF => Definition::Undefined,
                elf::SHN_ABS => Definition::Absolute(value),
                // SHN_MIPS_SCOMMON is small common data.
                elf::SHN_COMMON | elf::SHN_MIPS_SCOMMON => {
                    if !value.is_power_of_two() || value > 1 << 16 {
                        return Err(LinkError::Damaged {
                            file: name,
                            reason: format!("a common symbol is aligned to {value}"),
                        });
                    }
                    Definition::Common(size, value)
                }
                _ => match symbol.section_index().and_then(kept) {
                    Some(section) => Definition::In(section, value),
                    None => Definition::Dropped,
                },
            };
            let index = symbol.index().0;
            if index != symbols.len() {
                return Err(LinkError::Damaged { file: name, reason: "its symbols are out of order".into() });
            }
            symbols.push(Symbol {
                name: symbol.name().map_err(broken)?,
                definition,
                global: raw.st_info >> 4 != elf::STB_LOCAL,
                weak: raw.st_info >> 4 == elf::STB_WEAK,
                kind: raw.st_info & 15,
                size,
            });
        }
        Ok(Self { name, byte_order, sections, symbols, runtime: false })
    }

    /// The name of the function that contains an offset of a section.
    pub(super) fn function_at(&self, section: usize, offset: u64) -> Option<&'a str> {
        let in_section = |symbol: &&Symbol<'a>| {
            matches!(symbol.definition, Definition::In(at, start) if at == section && start <= offset)
                && matches!(symbol.kind, elf::STT_FUNC | elf::STT_OBJECT | elf::STT_NOTYPE)
                && !symbol.name.is_empty()
                && !symbol.name.starts_with(['$', '.'])
        };
        let start = |symbol: &&Symbol<'a>| match symbol.definition {
            Definition::In(_, start) => start,
            _ => 0,
        };
        self.symbols.iter().filter(in_section).max_by_key(start).map(|symbol| symbol.name)
    }
}
