//! From the ELF files of ia16-elf-ld (with segelf relocations) and from OS/2 NE to ELKS a.out: what `elf2elks` and
//! `os2toelks` do; and from a.out to ELF, for disassemblers and debuggers (`to_elf`).
//!
//! ```text
//! ELF ──elf.rs──▶ sections ──relocs.rs──▶ relocations ──┐
//!                    └───────symtab.rs──▶ symbol table ──┴─▶ Builder ──▶ Conversion {bytes, symbol_table, notes}
//! NE  ──ne.rs───▶ segments, relocations ─────────────────┘
//! ```
//!
//! The defects of the originals are errors here, or fixed:
//!
//! | elf2elks | here |
//! |---|---|
//! | crashes on a small-model relocation against data, on a section over 64 K, on a wrong machine | converted; [`InputRule::SectionTooLarge`]; [`InputRule::WrongMachine`] |
//! | bss below data gives a bss of almost 4 GiB | [`InputRule::BssBelowData`] |
//! | data and bss over 64 K are accepted | [`InputRule::DataTooLarge`] |
//! | a total below data and bss is accepted, which the kernel refuses | [`OptionError::TotalTooSmall`] |
//! | an empty string is read as the number 0 | [`number`] refuses it |
//! | symbols are lost where text is at address 0, or where there is bss but no data | they are kept |
//! | temporary files are left over; libelf and ia16-elf-nm are needed | pure functions of bytes, without either |
//!
//! | os2toelks | here |
//! |---|---|
//! | assumes in relocations that segment 1 is the code | the segment that the header names |
//! | subtracts the stack from the bss when `ss` names a segment | the bss is kept: the kernel adds the stack to what the header requests |

mod elf;
mod error;
mod ne;
mod note;
mod parts;
mod relocs;
mod symtab;
#[cfg(feature = "to-elf")]
mod to_elf;

use alloc::vec::Vec;

pub use error::{
    ConvertError, Flaw, InputField, InputFinding, InputRule, OptionError, PartName, input_facts,
};
pub use note::Note;
#[cfg(feature = "to-elf")]
pub use to_elf::{DATA_ADDRESS, FAR_TEXT_ADDRESS, ToElfError, to_elf};

/// How much memory a program requests, besides its data and bss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DataMemory {
    /// The kernel's defaults.
    #[default]
    Default,
    /// Bytes of data, bss, heap and stack together (version 0).
    Total(u16),
    /// Bytes of heap and stack together (version 0).
    Chmem(u16),
    /// Bytes of heap and of stack; 0 for the kernel's default (version 1).
    HeapStack {
        /// Bytes of heap.
        heap: u16,
        /// Bytes of stack.
        stack: u16,
    },
}

impl DataMemory {
    /// The memory that four options of elf2elks request, where 0 counts as not given.
    ///
    /// # Errors
    /// Two options that exclude each other.
    pub fn from_options(
        total_data: u16,
        chmem: u16,
        heap: u16,
        stack: u16,
    ) -> Result<Self, (MemoryOption, MemoryOption)> {
        use MemoryOption::{Chmem, Heap, Stack, TotalData};
        let given = [(TotalData, total_data), (Chmem, chmem), (Stack, stack), (Heap, heap)];
        let mut given = given.into_iter().filter(|&(_, value)| value != 0).map(|(option, _)| option);
        match (given.next(), given.next()) {
            (None, _) => Ok(Self::Default),
            (Some(first @ (TotalData | Chmem)), Some(second)) => Err((first, second)),
            (Some(TotalData), None) => Ok(Self::Total(total_data)),
            (Some(Chmem), None) => Ok(Self::Chmem(chmem)),
            (Some(Stack | Heap), _) => Ok(Self::HeapStack { heap, stack }),
        }
    }
}

/// An option of elf2elks about memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemoryOption {
    /// Data, bss, heap and stack together.
    TotalData,
    /// Heap and stack together.
    Chmem,
    /// The stack.
    Stack,
    /// The heap.
    Heap,
}

/// The addresses of a program in ROM, in paragraphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rom {
    /// Where the a.out file begins; its text begins two paragraphs later.
    pub aout_seg: u16,
    /// Where the data will be.
    pub data_seg: u16,
}

/// Options for converting an ELF file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ElfOptions {
    /// Text, data and stack share one segment.
    pub tiny: bool,
    /// The program is for a ROM: relocations are applied and not written.
    pub rom: Option<Rom>,
    /// How much memory is requested.
    pub memory: DataMemory,
    /// The file gets an ELKS symbol table.
    pub symtab: bool,
    /// The symbol table is returned separately.
    pub symfile: bool,
}

/// The result of a conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The file.
    pub bytes: Vec<u8>,
    /// The ELKS symbol table, if [`ElfOptions::symfile`] or [`ElfOptions::symtab`] requested it.
    pub symbol_table: Option<Vec<u8>>,
    /// Notes for the user.
    pub notes: Vec<Note>,
}

/// Converts an ELF file written by ia16-elf-ld.
///
/// # Errors
/// [`ConvertError`] with the field of the input that cannot be converted.
pub fn from_elf(bytes: &[u8], options: &ElfOptions) -> Result<Conversion, ConvertError> {
    elf::convert(bytes, options)
}

/// Converts an OS/2 NE file of two segments.
///
/// # Errors
/// [`ConvertError`] with the field of the input that cannot be converted.
pub fn from_ne(bytes: &[u8]) -> Result<Conversion, ConvertError> {
    ne::convert(bytes)
}

/// Converts a file of either kind, determined from its first bytes.
///
/// # Errors
/// [`ConvertError`]; [`InputRule::UnknownFormat`] for other files.
pub fn from_any(bytes: &[u8], options: &ElfOptions) -> Result<Conversion, ConvertError> {
    if bytes.starts_with(b"MZ") { from_ne(bytes) } else { from_elf(bytes, options) }
}

/// A number as elf2elks' options accept it: decimal, hexadecimal after `0x`, octal after `0`; at most 65,535.
/// `None` for anything else, including the empty string.
///
/// ```
/// use aout_minix::convert::number;
/// assert_eq!([number("4096"), number("0x1000"), number("010000")], [Some(4096); 3]);
/// assert_eq!([number(""), number("0x"), number("65536"), number("-1"), number("09")], [None; 5]);
/// ```
pub fn number(text: &str) -> Option<u16> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (text.get(2..)?, 16),
        [b'0', _, ..] => (text.get(1..)?, 8),
        _ => (text, 10),
    };
    // `from_str_radix` alone would accept a sign.
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, radix).ok())?
}
