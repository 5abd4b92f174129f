//! Converts MIPS COFF, MIPS ELF or NOFF to NOFF or a flat file: what `coff2noff` and `coff2flat` do, and for
//! ELF too.
//!
//! ```text
//! bytes ──▶ Executable {sections, notes} ──to_noff──▶ Conversion {bytes, notes}
//!   coff.rs, elf.rs                        plan.rs: sections to segments
//!                                        ──to_flat──▶ Conversion
//!                                          flat.rs
//! ```
//!
//! Sections are mapped by their flags. A [`Note`] reports what was left out or moved, and what may not run;
//! what a NOFF file cannot express, or a Nachos kernel can never run, is refused with the names and addresses
//! of the sections concerned.

mod code;
mod coff;
mod elf;
mod error;
mod executable;
mod flat;
mod names;
mod note;
mod options;
mod plan;
mod rules;
mod span;
mod to_coff;
mod to_elf;

use execfmt_common::Expected;
use execfmt_detect::Magic;

pub use error::ConvertError;
pub use executable::{Conversion, Executable, Role, Section, Source};
pub use flat::{FLAT_STACK_SIZE, MAX_FLAT_SIZE};
pub use mips_scan::ScanOptions;
pub use note::Note;
pub use options::NoffOptions;
pub use plan::MAX_FILL;
pub use rules::{ElfPart, InputField, InputFinding, InputRule, input_facts};
pub use span::Span;
pub use to_coff::MAX_COFF_MEMORY;

impl<'a> Executable<'a> {
    /// Reads a MIPS COFF or ELF file.
    ///
    /// # Errors
    /// [`ConvertError::Input`] with the field at fault.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ConvertError> {
        match Magic::of(bytes) {
            Magic::Elf => elf::read(bytes),
            Magic::MipsCoff(_) => coff::read(bytes),
            _ => {
                let found = bytes.first_chunk().map_or(0, |word| u32::from_le_bytes(*word).into());
                let elf = u32::from_le_bytes(execfmt_elf::elf::ELFMAG);
                let expected = Expected::Either(coff::MAGIC.into(), elf.into());
                Err(InputRule::UnknownFormat.error("magic", 0, found, expected))
            }
        }
    }
}
