//! ELF files: class, byte order, machine and type from the header, and whether anything is left to run.

use core::fmt;

use execfmt_common::ByteOrder;

use crate::FileKind;
use crate::bytes::{u16_at, u32_at, u64_at};

const MAGIC: [u8; 4] = [0x7f, b'E', b'L', b'F'];

/// The size of the addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// 32 bits.
    Bits32,
    /// 64 bits.
    Bits64,
}

/// The purpose of an ELF file: `e_type`, refined by the sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ElfType {
    /// An object file, to be linked.
    Object,
    /// An executable at fixed addresses.
    Executable,
    /// A shared object, or an executable that can be loaded anywhere (PIE).
    Shared,
    /// A core dump.
    Core,
    /// A separate debug file, as `objcopy --only-keep-debug` makes it: headers, but no bytes of the program.
    DebugOnly,
    /// Another type, by its number.
    Other(u16),
}

/// The identification of an ELF file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Elf {
    /// The size of the addresses.
    pub class: Class,
    /// The byte order of its words.
    pub byte_order: ByteOrder,
    /// The machine, `e_machine`.
    pub machine: u16,
    /// Its purpose.
    pub elf_type: ElfType,
}

impl Elf {
    /// The machine of the Nachos programs.
    pub const MIPS: u16 = 8;
    /// The machine of ELKS programs and of Coyotos for the PC.
    pub const I386: u16 = 3;
    /// Includes ColdFire.
    pub const M68K: u16 = 4;
    /// 32-bit ARM.
    pub const ARM: u16 = 40;

    /// The machine's name, if it is a common one.
    pub const fn machine_name(self) -> Option<&'static str> {
        Some(match self.machine {
            2 => "SPARC",
            Self::I386 => "80386",
            Self::M68K => "68000",
            Self::MIPS => "MIPS",
            20 => "PowerPC",
            21 => "PowerPC64",
            22 => "S/390",
            Self::ARM => "ARM",
            43 => "SPARC V9",
            62 => "x86-64",
            183 => "AArch64",
            243 => "RISC-V",
            258 => "LoongArch",
            _ => return None,
        })
    }
}

impl fmt::Display for Elf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.elf_type {
            ElfType::Object => "an ELF object file",
            ElfType::Executable => "an ELF executable",
            ElfType::Shared => "an ELF shared object or position-independent executable",
            ElfType::Core => "an ELF core dump",
            ElfType::DebugOnly => "an ELF file",
            ElfType::Other(number) => {
                write!(f, "an ELF file of type {number}")?;
                ""
            }
        };
        let class = match self.class {
            Class::Bits32 => 32,
            Class::Bits64 => 64,
        };
        write!(f, "{what} for ")?;
        match self.machine_name() {
            Some(name) => f.write_str(name)?,
            None => write!(f, "machine {}", self.machine)?,
        }
        write!(f, ", {class}-bit, {}", self.byte_order)?;
        if self.elf_type == ElfType::DebugOnly {
            f.write_str(", with debugging information only")
        } else {
            Ok(())
        }
    }
}

/// A file that ends within the magic.
pub(crate) fn cut(start: &[u8], length: u64) -> Option<FileKind> {
    let cut = start.len() >= 2 && length == start.len() as u64 && MAGIC.starts_with(start);
    cut.then_some(FileKind::CutElf)
}

/// A file with the magic.
pub(crate) fn detect(start: &[u8]) -> FileKind {
    identified(start).map_or(FileKind::CutElf, FileKind::Elf)
}

fn identified(start: &[u8]) -> Option<Elf> {
    let class = if *start.get(4)? == 2 { Class::Bits64 } else { Class::Bits32 };
    let byte_order = if *start.get(5)? == 2 { ByteOrder::Big } else { ByteOrder::Little };
    let elf_type = match u16_at(start, 16, byte_order)? {
        1 => ElfType::Object,
        2 | 3 if debug_only(start, class, byte_order).unwrap_or(false) => ElfType::DebugOnly,
        2 => ElfType::Executable,
        3 => ElfType::Shared,
        4 => ElfType::Core,
        other => ElfType::Other(other),
    };
    Some(Elf { class, byte_order, machine: u16_at(start, 18, byte_order)?, elf_type })
}

/// Whether code has addresses but no bytes. `None` when the section headers are not among the bytes given.
fn debug_only(bytes: &[u8], class: Class, order: ByteOrder) -> Option<bool> {
    const SHT_NULL: u32 = 0;
    const SHT_NOTE: u32 = 7;
    const SHT_NOBITS: u32 = 8;
    const SHF_ALLOC: u64 = 2;
    const SHF_EXECINSTR: u64 = 4;
    let (offset, size, number) = match class {
        Class::Bits32 => (u64::from(u32_at(bytes, 32, order)?), u16_at(bytes, 46, order)?, 48),
        Class::Bits64 => (u64_at(bytes, 40, order)?, u16_at(bytes, 58, order)?, 60),
    };
    let least = match class {
        Class::Bits32 => 40,
        Class::Bits64 => 64,
    };
    let number = u16_at(bytes, number, order)?;
    if size < least || number == 0 {
        return None;
    }
    let table = bytes.get(usize::try_from(offset).ok()?..)?;
    let mut code = false;
    for section in table.chunks(usize::from(size)).take(usize::from(number)) {
        let section_type = u32_at(section, 4, order)?;
        let flags = match class {
            Class::Bits32 => u64::from(u32_at(section, 8, order)?),
            Class::Bits64 => u64_at(section, 8, order)?,
        };
        match section_type {
            SHT_NULL | SHT_NOTE => {}
            SHT_NOBITS => code |= flags & SHF_EXECINSTR != 0,
            // Part of the program has bytes.
            _ if flags & SHF_ALLOC != 0 => return Some(false),
            _ => {}
        }
    }
    Some(code)
}
