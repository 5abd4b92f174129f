//! Symbols from a program, for the pages that an image reserves for them.

use alloc::vec::Vec;

use execfmt_elf::elf;

use super::{ElfError, open, shared_bytes};
use crate::object::ObjectId;
use crate::symbols::{SpaceId, SymbolDef, SymbolKind};
use crate::try_vec::{push, text};

/// Maximum length of a name, in bytes; longer names are cut off. Names may share their bytes, so a file can
/// contain many times its own length of them.
const MAX_NAME: usize = 4096;

/// The functions, variables and labels of a program, as symbols of a space.
///
/// Undefined and absolute symbols, sections, files, thread-local variables, and the mapping symbols of ARM,
/// which begin with `$`, are left out.
///
/// # Errors
/// [`ElfError::Refused`] when it is not an ELF file or its section headers are damaged.
pub fn symbols_of_elf(bytes: &[u8], space: ObjectId) -> Result<Vec<SymbolDef>, ElfError> {
    let table = open(bytes)?.sections()?.symbols()?;
    let mut symbols = Vec::new();
    let mut total = 0_usize;
    for symbol in table.iter() {
        let kind = match symbol.kind() {
            elf::STT_FUNC | elf::STT_GNU_IFUNC => SymbolKind::Function,
            elf::STT_OBJECT => SymbolKind::Data,
            elf::STT_NOTYPE => SymbolKind::Label,
            _ => continue,
        };
        let name = symbol.name(MAX_NAME.saturating_add(1)).unwrap_or_default();
        let skipped = name.is_empty() || name.starts_with(b"$") || name.len() > MAX_NAME;
        if skipped || symbol.section == elf::SHN_UNDEF || symbol.section == elf::SHN_ABS {
            continue;
        }
        total = total.saturating_add(name.len());
        if total > bytes.len() {
            return Err(shared_bytes(total, bytes.len()));
        }
        let symbol = SymbolDef {
            object: SpaceId::of(space).to_u64(),
            value: symbol.value,
            size: symbol.size,
            kind,
            name: text(name)?,
        };
        push(&mut symbols, symbol)?;
    }
    Ok(symbols)
}
