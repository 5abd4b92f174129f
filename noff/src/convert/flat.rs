//! `.flat` files: no header, loaded at address 0 by simulators without a file system.

use alloc::vec::Vec;

use super::error::ConvertError;
use super::executable::{Conversion, Executable, Role, Source};
use super::note::Note;

/// Number of zero bytes after the program's highest address: room for a stack, as `coff2flat` leaves it.
pub const FLAT_STACK_SIZE: u32 = 1024;

/// Maximum length of a flat file, in bytes. A flat file is as long as the program's highest address, which
/// bears no relation to the length of the input.
pub const MAX_FLAT_SIZE: u32 = 64 << 20;

impl Executable<'_> {
    /// The program as a flat file: all sections except bss, then zeros up to the highest address, and
    /// [`FLAT_STACK_SIZE`] more.
    ///
    /// From COFF, the sections follow each other in file order, byte for byte as `coff2flat` writes them,
    /// with a [note](Note::NotContiguous) where this displaces one. From ELF and NOFF, which `coff2flat` does
    /// not read, every section is at its address and gaps are filled with zeros.
    ///
    /// # Errors
    /// [`ConvertError::Fill`] beyond [`MAX_FLAT_SIZE`]; [`ConvertError::SectionsOverlap`].
    pub fn to_flat(&self) -> Result<Conversion, ConvertError> {
        let ends = self.sections.iter().map(|section| section.span.end);
        let size = ends.max().unwrap_or_default().saturating_add(FLAT_STACK_SIZE);
        if size > MAX_FLAT_SIZE {
            return Err(self.too_sparse(size.into(), MAX_FLAT_SIZE.into()));
        }
        let mut notes = self.notes.clone();
        let mut bytes = Vec::new();
        let mut loaded: Vec<_> = self.sections.iter().filter(|section| section.role != Role::Zero).collect();
        if self.source != Source::Coff {
            loaded.sort_by_key(|section| section.span.start);
        }
        let mut last = None;
        for section in loaded {
            let (address, offset) = (section.span.start, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            if self.source != Source::Coff {
                if let (Some(last), true) = (last, address < offset) {
                    return Err(super::plan::sections_overlap(last, section));
                }
                bytes.resize(usize::try_from(address).unwrap_or(usize::MAX), 0);
            } else if address != offset {
                let (name, span) = (section.name.clone(), section.span);
                notes.push(Note::NotContiguous { name, span, offset });
            }
            bytes.extend_from_slice(section.bytes);
            last = Some(section);
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX).max(bytes.len());
        bytes.resize(size, 0);
        Ok(Conversion { bytes, notes })
    }
}
