//! Little-endian 32-bit ELF files, as the converters read them: the `object` crate reads the structures, and this one
//! bounds what a hostile file can make of them and says of every defect where it is and what was expected. With the
//! feature `write`, 32-bit ELF files of either byte order, as the converters write them: [`NewElf`].
//!
//! What a system can run is for its converter to judge, and so are the words: a [`Defect`] has numbers only.
//!
//! `no_std` (it allocates the names of sections), without `unsafe`; no input makes it panic.

#![no_std]

extern crate alloc;

mod defect;
mod file;
#[cfg(feature = "write")]
mod write;

pub use defect::{Defect, DefectKind};
pub use file::{Elf, ElfFile, ElfSection, Header, LE, MAGIC, MAX_NAME};
pub use object::elf;
#[cfg(feature = "write")]
pub use write::{Contents, NewElf, NewSection, NewSegment, NewSymbol, WriteError};
