//! Symbols from a program, for the pages that an image reserves for them.

use alloc::string::String;
use alloc::vec::Vec;

use object::Endianness;
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, Sym};

use super::{Class, LoadError, class, damaged_sections, parse, shared_bytes};
#[cfg(feature = "side-file")]
use super::{SideFile, side_file};
use crate::build::{Builder, NewSymbol};
use crate::capability::Capability;
use crate::memory::{collected, push, text};
use crate::object::ObjectId;
use crate::space::SpaceError;
use crate::symbols::{BUILD_IDS, SymbolKind, space_word};

/// The longest name that is kept, in bytes. Names may share their bytes, so that a file can hold many times its own
/// length of them.
const MAX_NAME: usize = 4096;

/// The functions, variables and labels of a program, as symbols of a space.
///
/// Left out are undefined and absolute symbols, sections, files, thread-local variables, and the marks that begin with
/// `$`, which ARM compilers write.
///
/// # Errors
/// [`LoadError::Elf`] for a file that is no ELF file or whose section headers are damaged.
pub fn symbols_of_elf(bytes: &[u8], space: ObjectId) -> Result<Vec<NewSymbol>, LoadError> {
    match class(bytes)? {
        Class::Elf32 => symbols_as::<FileHeader32<Endianness>>(bytes, space),
        Class::Elf64 => symbols_as::<FileHeader64<Endianness>>(bytes, space),
    }
}

fn symbols_as<Elf: FileHeader<Endian = Endianness>>(
    bytes: &[u8],
    space: ObjectId,
) -> Result<Vec<NewSymbol>, LoadError> {
    let (header, endian) = parse::<Elf>(bytes)?;
    let damaged = |_| damaged_sections(header, endian, bytes.len());
    let sections = header.sections(endian, bytes).map_err(damaged)?;
    let table = sections.symbols(endian, bytes, elf::SHT_SYMTAB).map_err(damaged)?;
    let mut symbols = Vec::new();
    let mut total = 0_usize;
    for symbol in table.iter() {
        let kind = match symbol.st_type() {
            elf::STT_FUNC | elf::STT_GNU_IFUNC => SymbolKind::Function,
            elf::STT_OBJECT => SymbolKind::Data,
            elf::STT_NOTYPE => SymbolKind::Label,
            _ => continue,
        };
        let section = symbol.st_shndx(endian);
        let name = symbol.name(endian, table.strings()).unwrap_or_default();
        let skipped = name.is_empty() || name.starts_with(b"$") || name.len() > MAX_NAME;
        if skipped || section == elf::SHN_UNDEF || section == elf::SHN_ABS {
            continue;
        }
        total = total.saturating_add(name.len());
        if total > bytes.len() {
            return Err(shared_bytes(total, bytes.len()));
        }
        let symbol = NewSymbol {
            object: space_word(space),
            value: symbol.st_value(endian).into(),
            size: symbol.st_size(endian).into(),
            kind,
            name: text(name)?,
        };
        push(&mut symbols, symbol)?;
    }
    Ok(symbols)
}

/// The root of the space that symbols are of.
fn root_of(space: Capability) -> Result<ObjectId, SpaceError> {
    let root = ObjectId::of(space).filter(|_| space.cap_type().is_memory());
    root.ok_or(SpaceError::NotMemory(space.cap_type()))
}

/// Bytes in hexadecimal, as `readelf -n` shows a build id.
fn hexadecimal(bytes: &[u8]) -> Result<String, SpaceError> {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    let digits = digits.map(|digit| if digit < 10 { digit | b'0' } else { digit.wrapping_add(b'a' - 10) });
    text(&collected(digits)?)
}

impl Builder {
    /// Keeps a program's symbols, and the build id of its side file if there is one.
    ///
    /// `space` is the root of the space that the program was loaded into, as it stands in the finished image.
    ///
    /// # Errors
    /// Those of [`symbols_of_elf`]; [`SpaceError::NotMemory`] when `space` is no object's.
    pub fn keep_symbols(
        &mut self,
        elf: &[u8],
        space: Capability,
        build_id: Option<&[u8]>,
    ) -> Result<(), LoadError> {
        let root = root_of(space)?;
        let mut symbols = symbols_of_elf(elf, root)?;
        if let Some(id) = build_id {
            let name = hexadecimal(id)?;
            let (kind, value) = (SymbolKind::BuildId, space_word(root));
            push(&mut symbols, NewSymbol { object: BUILD_IDS, value, size: 0, kind, name })?;
        }
        Ok(self.add_symbols(symbols)?)
    }

    /// Keeps a program's debugging information: its symbols go into the image, and so does the build id of the side
    /// file that is returned, for a debugger to read. Making the side file ends the program where memory runs out.
    ///
    /// `space` is the root of the space that the program was loaded into, as it stands in the finished image.
    ///
    /// # Errors
    /// Those of [`keep_symbols`](Self::keep_symbols) and [`side_file`].
    #[cfg(feature = "side-file")]
    pub fn keep_debug(&mut self, elf: &[u8], space: Capability) -> Result<SideFile, LoadError> {
        root_of(space)?;
        let side = side_file(elf)?;
        self.keep_symbols(elf, space, Some(&side.build_id))?;
        Ok(side)
    }
}
