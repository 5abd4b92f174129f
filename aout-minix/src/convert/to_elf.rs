//! A program as an ELF file, for disassemblers and debuggers.

use alloc::vec::Vec;
use core::fmt;

use execfmt_elf::{Contents, NewElf, NewSection, NewSegment, NewSymbol, WriteError, elf};

use crate::symbols::{Symbol, SymbolSegment};
use crate::types::Cpu;
use crate::{Header, Image, Section};

/// Where the far text begins in the single address space of the ELF file: beyond the 64 KiB of the text.
pub const FAR_TEXT_ADDRESS: u32 = 0x1_0000;

/// Where the data segment begins there, if it is a segment of its own: beyond the far text.
pub const DATA_ADDRESS: u32 = 0x2_0000;

/// Why a program could not be converted to an ELF file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToElfError {
    /// The file is not for an 8086 or 80386.
    Machine(Cpu),
    /// The section is compressed: expand the file first.
    Compressed(Section),
    /// The section is longer than the 64 KiB that a segment has.
    TooLarge(Section),
    /// The ELF file cannot be written.
    Elf(WriteError),
}

impl fmt::Display for ToElfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(cpu) => write!(
                f,
                "the file is for {cpu}, but only programs for the 8086 and the 80386 can be converted to ELF"
            ),
            Self::Compressed(section) => {
                write!(f, "{} is compressed; decompress the file first", section.name())
            }
            Self::TooLarge(section) => write!(f, "{} is longer than the 64 KiB of a segment", section.name()),
            Self::Elf(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ToElfError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Elf(error) => Some(error),
            _ => None,
        }
    }
}

impl From<WriteError> for ToElfError {
    fn from(error: WriteError) -> Self {
        Self::Elf(error)
    }
}

/// A part of the program in the ELF file.
struct Part<'a> {
    name: &'static [u8],
    address: u32,
    bytes: &'a [u8],
    size: u32,
    segment_flags: u32,
    section_flags: u32,
}

/// The program as a little-endian ELF file for the 80386, which is what linkers for the 8086 write too
/// (`objdump -m i8086`, `set architecture i8086`). ELF has a single address space: the text is at 0, the far
/// text at [`FAR_TEXT_ADDRESS`], and the data of a program with separate I and D at [`DATA_ADDRESS`]; with
/// combined I and D it follows the text as in memory. Of a damaged symbol table, the symbols before the
/// damage are kept. Relocations, which are between segments, are not.
///
/// # Errors
/// [`ToElfError`].
pub fn to_elf(image: &Image<'_>) -> Result<Vec<u8>, ToElfError> {
    let header = image.header();
    if !matches!(header.file_type.cpu, Cpu::I8086 | Cpu::I80386) {
        return Err(ToElfError::Machine(header.file_type.cpu));
    }
    let parts = parts(image, header)?;
    let segments: Vec<_> = parts
        .iter()
        .map(|part| NewSegment {
            address: part.address,
            bytes: part.bytes,
            memory_size: part.size,
            flags: part.segment_flags,
        })
        .collect();
    let sections: Vec<_> = parts
        .iter()
        .enumerate()
        .map(|(index, part)| NewSection {
            name: part.name,
            flags: part.section_flags,
            contents: Contents::Loaded { segment: index, offset: 0, size: part.size },
        })
        .collect();
    let symbols: Vec<_> = image.symbols().map_while(Result::ok).collect();
    let names: Vec<Vec<u8>> = symbols.iter().map(|symbol| symbol.name().collect()).collect();
    let named = symbols.iter().zip(&names).filter(|(_, name)| !name.is_empty());
    let data = if header.file_type.is_separate() { DATA_ADDRESS } else { 0 };
    let symbols: Vec<_> =
        named.filter_map(|(symbol, name)| self::symbol(symbol, name, &parts, data)).collect();
    let file = NewElf {
        machine: elf::EM_386,
        entry: header.entry,
        segments: &segments,
        sections: &sections,
        symbols: &symbols,
        ..NewElf::default()
    };
    Ok(file.write()?)
}

fn parts<'a>(image: &Image<'a>, header: &Header) -> Result<Vec<Part<'a>>, ToElfError> {
    let code = (elf::PF_R | elf::PF_X, elf::SHF_ALLOC | elf::SHF_EXECINSTR);
    let data = (elf::PF_R | elf::PF_W, elf::SHF_ALLOC | elf::SHF_WRITE);
    let data_address = if header.file_type.is_separate() { DATA_ADDRESS } else { header.tseg };
    let mut parts = Vec::new();
    for section in Section::LOADED {
        let (name, address, (segment_flags, section_flags)) = match section {
            Section::FarText => (b".fartext".as_slice(), FAR_TEXT_ADDRESS, code),
            Section::Data => (b".data".as_slice(), data_address, data),
            _ => (b".text".as_slice(), 0, code),
        };
        let sizes = header.sizes(section);
        if sizes.stored != sizes.uncompressed {
            return Err(ToElfError::Compressed(section));
        }
        let bytes = image.section(section);
        let size = u32::try_from(bytes.len()).ok().filter(|size| *size <= FAR_TEXT_ADDRESS);
        let size = size.ok_or(ToElfError::TooLarge(section))?;
        if size != 0 {
            parts.push(Part { name, address, bytes, size, segment_flags, section_flags });
        }
    }
    if header.bseg != 0 {
        let address = data_address.saturating_add(header.dseg);
        let (segment_flags, section_flags) = data;
        let size = header.bseg;
        parts.push(Part { name: b".bss", address, bytes: &[], size, segment_flags, section_flags });
    }
    Ok(parts)
}

/// A symbol, where `data` is the address of the segment in which data symbols have offsets. `None` for a
/// symbol without a value of its own.
fn symbol<'a>(symbol: &Symbol<'_>, name: &'a [u8], parts: &[Part<'_>], data: u32) -> Option<NewSymbol<'a>> {
    let letter = symbol.letter();
    let upper = letter.to_ascii_uppercase();
    let place = |name: &[u8]| parts.iter().position(|part| part.name == name);
    let (section, kind) = match symbol.segment() {
        Some(SymbolSegment::Text) => (Some(place(b".text")?), elf::STT_FUNC),
        Some(SymbolSegment::FarText) => (Some(place(b".fartext")?), elf::STT_FUNC),
        Some(SymbolSegment::Data) => {
            let first = if upper == 'B' { place(b".bss") } else { None };
            (Some(first.or(place(b".data")).or(place(b".bss"))?), elf::STT_OBJECT)
        }
        None if upper == 'A' => (None, elf::STT_NOTYPE),
        None => return None,
    };
    let base = match symbol.segment() {
        Some(SymbolSegment::Data) => data,
        Some(SymbolSegment::FarText) => FAR_TEXT_ADDRESS,
        _ => 0,
    };
    let value = base.checked_add(symbol.value())?;
    Some(NewSymbol { name, value, size: 0, kind, global: letter.is_ascii_uppercase(), section })
}
