//! Writing a program that was loaded from another format, for debuggers and disassemblers.

use alloc::vec::Vec;
use core::fmt;

use execfmt_common::ByteOrder;
use object::write::StringId;
use object::write::elf::{FileHeader, ProgramHeader, SectionHeader, SectionIndex, Sym, Writer};
use object::{Endianness, write};

use crate::elf;
use crate::wire::{Class, Record};

/// A 32-bit ELF file to be written: segments, sections and symbols, of either byte order.
///
/// ```
/// use execfmt_elf::{Contents, NewElf, NewSection, NewSegment, elf};
///
/// let code = [0xf4];
/// let segment = NewSegment { address: 0x1000, bytes: &code, memory_size: 1, flags: elf::PF_R | elf::PF_X };
/// let section = NewSection {
///     name: b".text",
///     flags: elf::SHF_ALLOC | elf::SHF_EXECINSTR,
///     contents: Contents::Loaded { segment: 0, offset: 0, size: 1 },
/// };
/// let file = NewElf {
///     machine: elf::EM_386,
///     entry: 0x1000,
///     segments: &[segment],
///     sections: &[section],
///     ..NewElf::default()
/// };
/// assert!(file.write()?.starts_with(b"\x7fELF\x01\x01\x01"));
/// # Ok::<(), execfmt_elf::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NewElf<'a> {
    /// The byte order.
    pub byte_order: ByteOrder,
    /// `e_type`: [`elf::ET_EXEC`] by default.
    pub kind: u16,
    /// `e_machine`.
    pub machine: u16,
    /// `e_flags`.
    pub flags: u32,
    /// `e_entry`.
    pub entry: u32,
    /// `p_align` of the segments, in bytes, a power of two: file offset and address agree modulo this. 1
    /// packs them.
    pub align: u32,
    /// The loaded segments; each becomes a `PT_LOAD`.
    pub segments: &'a [NewSegment<'a>],
    /// The sections. The symbol and string tables are added to them.
    pub sections: &'a [NewSection<'a>],
    /// The symbols, in any order.
    pub symbols: &'a [NewSymbol<'a>],
}

impl Default for NewElf<'_> {
    fn default() -> Self {
        Self {
            byte_order: ByteOrder::Little,
            kind: elf::ET_EXEC,
            machine: elf::EM_NONE,
            flags: 0,
            entry: 0,
            align: 1,
            segments: &[],
            sections: &[],
            symbols: &[],
        }
    }
}

/// A segment: bytes, and zeros after them up to its size in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewSegment<'a> {
    /// The address at which it is loaded.
    pub address: u32,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Its size in memory in bytes, at least the length of the bytes.
    pub memory_size: u32,
    /// [`elf::PF_R`], [`elf::PF_W`], [`elf::PF_X`].
    pub flags: u32,
}

/// The location of a section's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents<'a> {
    /// A part of a segment; one that lies after the segment's bytes becomes `SHT_NOBITS`.
    Loaded {
        /// The index of the segment.
        segment: usize,
        /// Offset of its first byte in the segment, in bytes.
        offset: u32,
        /// Its size in bytes.
        size: u32,
    },
    /// Bytes that are not loaded.
    Bytes(&'a [u8]),
}

/// A section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSection<'a> {
    /// The name.
    pub name: &'a [u8],
    /// [`elf::SHF_ALLOC`], [`elf::SHF_WRITE`], [`elf::SHF_EXECINSTR`].
    pub flags: u32,
    /// The bytes.
    pub contents: Contents<'a>,
}

/// A symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSymbol<'a> {
    /// The name.
    pub name: &'a [u8],
    /// The address.
    pub value: u32,
    /// The size in bytes; 0 when unknown.
    pub size: u32,
    /// [`elf::STT_FUNC`], [`elf::STT_OBJECT`], [`elf::STT_NOTYPE`].
    pub kind: u8,
    /// Whether it is global: other files see it.
    pub global: bool,
    /// The index of its section among [`NewElf::sections`]; `None` for an absolute value.
    pub section: Option<usize>,
}

/// Why a file could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// The file would have more bytes than 32 bits can count.
    TooLarge(u64),
    /// More segments or sections than 16 bits can count.
    TooMany(usize),
    /// The alignment is not a power of two.
    Align(u32),
    /// A segment has more bytes than its size in memory, or extends past the highest address.
    Segment(usize),
    /// A section is outside its segment, or begins in the segment's bytes and ends after them.
    Section(usize),
    /// A symbol's section does not exist.
    Symbol(usize),
    /// A name contains a NUL.
    Name,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(bytes) => {
                write!(f, "the ELF file would have {bytes} bytes, but its fields count them in 32 bits")
            }
            Self::TooMany(count) => {
                write!(f, "the ELF file would have {count} segments or sections, but counts them in 16 bits")
            }
            Self::Align(align) => {
                write!(f, "{align} is not a power of two, as the alignment of segments must be")
            }
            Self::Segment(index) => {
                write!(
                    f,
                    "segment {index} is smaller in memory than in the file, or extends past 32-bit addresses"
                )
            }
            Self::Section(index) => write!(f, "section {index} is not within its segment"),
            Self::Symbol(index) => write!(f, "symbol {index} is in a section that does not exist"),
            Self::Name => f.write_str("a name in an ELF file cannot contain a NUL"),
        }
    }
}

impl core::error::Error for WriteError {}

/// The tables that are added to the sections: symbols, their names, and the names of sections; and the null section.
const ADDED: usize = 4;

impl<'a> NewElf<'a> {
    /// The whole file: headers, segments, sections that are not loaded, tables.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn write(&self) -> Result<Vec<u8>, WriteError> {
        self.check()?;
        let offsets = self.segment_offsets()?;
        let mut bytes = Vec::new();
        let order = match self.byte_order {
            ByteOrder::Little => Endianness::Little,
            ByteOrder::Big => Endianness::Big,
        };
        let mut writer = Writer::new(order, false, &mut bytes);
        let names: Vec<StringId> =
            self.sections.iter().map(|section| writer.add_section_name(section.name)).collect();
        for _ in self.sections {
            writer.reserve_section_index();
        }
        let symbols = self.symbols_in_order(&mut writer);
        writer.reserve_symtab_section_index();
        writer.reserve_strtab_section_index();
        writer.reserve_shstrtab_section_index();
        writer.reserve_file_header();
        writer.reserve_program_headers(self.segments.len().try_into().unwrap_or_default());
        for (segment, &offset) in self.segments.iter().zip(&offsets) {
            writer.reserve_until(offset);
            writer.reserve(segment.bytes.len(), 1);
        }
        let kept: Vec<usize> = self.kept().map(|bytes| writer.reserve(bytes.len(), 1)).collect();
        writer.reserve_symtab();
        writer.reserve_strtab();
        writer.reserve_shstrtab();
        writer.reserve_section_headers();
        if writer.reserved_len() as u64 > u32::MAX.into() {
            return Err(WriteError::TooLarge(writer.reserved_len() as u64));
        }
        // The writer fails only when memory runs out, which aborts the program elsewhere too.
        let _: write::Result<()> = writer.write_file_header(&FileHeader {
            os_abi: elf::ELFOSABI_NONE,
            abi_version: 0,
            e_type: self.kind,
            e_machine: self.machine,
            e_entry: self.entry.into(),
            e_flags: self.flags,
        });
        writer.write_align_program_headers();
        for (segment, &offset) in self.segments.iter().zip(&offsets) {
            writer.write_program_header(&self.program_header(segment, offset));
        }
        for (segment, &offset) in self.segments.iter().zip(&offsets) {
            writer.pad_until(offset);
            writer.write(segment.bytes);
        }
        self.kept().for_each(|bytes| writer.write(bytes));
        writer.write_null_symbol();
        for &(symbol, name) in &symbols {
            writer.write_symbol(&symbol_of(symbol, name));
        }
        writer.write_strtab();
        writer.write_shstrtab();
        writer.write_null_section_header();
        let mut kept = kept.into_iter();
        for (section, name) in self.sections.iter().zip(names) {
            let header = self.section_header(section, name, &offsets, &mut kept);
            writer.write_section_header(&header);
        }
        let locals = symbols.iter().filter(|(symbol, _)| !symbol.global).count();
        writer.write_symtab_section_header(u32::try_from(locals).unwrap_or_default().saturating_add(1));
        writer.write_strtab_section_header();
        writer.write_shstrtab_section_header();
        Ok(bytes)
    }

    fn check(&self) -> Result<(), WriteError> {
        if !self.align.is_power_of_two() {
            return Err(WriteError::Align(self.align));
        }
        let most = usize::from(elf::SHN_LORESERVE).saturating_sub(ADDED);
        let count = self.segments.len().max(self.sections.len());
        if count > most {
            return Err(WriteError::TooMany(count));
        }
        for (index, segment) in self.segments.iter().enumerate() {
            let fits = segment.bytes.len() as u64 <= segment.memory_size.into();
            if !fits || u64::from(segment.address).saturating_add(segment.memory_size.into()) > 1 << 32 {
                return Err(WriteError::Segment(index));
            }
        }
        for (index, section) in self.sections.iter().enumerate() {
            if let Contents::Loaded { segment, offset, size } = section.contents {
                let segment = self.segments.get(segment).ok_or(WriteError::Section(index))?;
                let end = u64::from(offset).saturating_add(size.into());
                let in_file = segment.bytes.len() as u64;
                let whole = end <= in_file || u64::from(offset) >= in_file;
                if end > segment.memory_size.into() || !whole {
                    return Err(WriteError::Section(index));
                }
            }
        }
        let missing =
            |symbol: &NewSymbol<'_>| symbol.section.is_some_and(|index| index >= self.sections.len());
        if let Some(index) = self.symbols.iter().position(missing) {
            return Err(WriteError::Symbol(index));
        }
        let mut names =
            self.sections.iter().map(|section| section.name).chain(self.symbols.iter().map(|s| s.name));
        if names.any(|name| name.contains(&0)) { Err(WriteError::Name) } else { Ok(()) }
    }

    /// File offset of the first segment: after the headers, and congruent to its address modulo the
    /// alignment.
    fn segment_offsets(&self) -> Result<Vec<usize>, WriteError> {
        let headers = self.segments.len().saturating_mul(Record::Segment.size(Class::Elf32));
        let mut end = (Record::File.size(Class::Elf32) as u64).saturating_add(headers as u64);
        let mask = u64::from(self.align).wrapping_sub(1);
        let offsets = self.segments.iter().map(|segment| {
            let offset = end.saturating_add(u64::from(segment.address).wrapping_sub(end) & mask);
            end = offset.saturating_add(segment.bytes.len() as u64);
            usize::try_from(offset).map_err(|_| WriteError::TooLarge(offset))
        });
        let offsets = offsets.collect::<Result<_, _>>()?;
        let kept = self.kept().fold(end, |end, bytes| end.saturating_add(bytes.len() as u64));
        // The writer adds without overflow checks: sizes that are far too large are refused before.
        if kept > u32::MAX.into() { Err(WriteError::TooLarge(kept)) } else { Ok(offsets) }
    }

    /// The bytes of sections that are not loaded.
    fn kept(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.sections.iter().filter_map(|section| match section.contents {
            Contents::Bytes(bytes) => Some(bytes),
            Contents::Loaded { .. } => None,
        })
    }

    /// The symbols with local ones first, as the symbol table requires.
    fn symbols_in_order(&self, writer: &mut Writer<'a>) -> Vec<(&'a NewSymbol<'a>, StringId)> {
        writer.reserve_null_symbol_index();
        let (locals, globals) = (
            self.symbols.iter().filter(|symbol| !symbol.global),
            self.symbols.iter().filter(|symbol| symbol.global),
        );
        let named = locals.chain(globals).map(|symbol| {
            writer.reserve_symbol_index(None);
            (symbol, writer.add_string(symbol.name))
        });
        named.collect()
    }

    fn program_header(&self, segment: &NewSegment<'_>, offset: usize) -> ProgramHeader {
        ProgramHeader {
            p_type: elf::PT_LOAD,
            p_flags: segment.flags,
            p_offset: offset as u64,
            p_vaddr: segment.address.into(),
            p_paddr: segment.address.into(),
            p_filesz: segment.bytes.len() as u64,
            p_memsz: segment.memory_size.into(),
            p_align: self.align.into(),
        }
    }

    fn section_header(
        &self,
        section: &NewSection<'_>,
        name: StringId,
        offsets: &[usize],
        kept: &mut impl Iterator<Item = usize>,
    ) -> SectionHeader {
        let (sh_type, address, offset, size) = match section.contents {
            Contents::Loaded { segment, offset, size } => {
                let start = offsets.get(segment).copied().unwrap_or_default();
                let segment = self.segments.get(segment).copied().unwrap_or_default();
                let in_file = u64::from(offset) < segment.bytes.len() as u64;
                let sh_type = if in_file { elf::SHT_PROGBITS } else { elf::SHT_NOBITS };
                let within = u64::from(offset).min(segment.bytes.len() as u64);
                let address = segment.address.saturating_add(offset);
                (sh_type, address, (start as u64).saturating_add(within), u64::from(size))
            }
            Contents::Bytes(bytes) => {
                (elf::SHT_PROGBITS, 0, kept.next().unwrap_or_default() as u64, bytes.len() as u64)
            }
        };
        SectionHeader {
            name: Some(name),
            sh_type,
            sh_flags: section.flags.into(),
            sh_addr: address.into(),
            sh_offset: offset,
            sh_size: size,
            sh_link: 0,
            sh_info: 0,
            sh_addralign: 1,
            sh_entsize: 0,
        }
    }
}

fn symbol_of(symbol: &NewSymbol<'_>, name: StringId) -> Sym {
    let binding = if symbol.global { elf::STB_GLOBAL } else { elf::STB_LOCAL };
    // Sections are numbered from 1, after the null section.
    let section =
        symbol.section.and_then(|index| u32::try_from(index).ok()?.checked_add(1)).map(SectionIndex);
    Sym {
        name: Some(name),
        section,
        st_info: binding << 4 | symbol.kind & 0xf,
        st_other: 0,
        st_shndx: elf::SHN_ABS,
        st_value: symbol.value.into(),
        st_size: symbol.size.into(),
    }
}
