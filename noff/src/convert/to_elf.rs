//! A program as a MIPS ELF file, for disassemblers and debuggers.

use alloc::vec::Vec;

use execfmt_elf::{Contents, NewElf, NewSection, NewSegment, NewSymbol, elf};
use mips_coff::{Symbol, wire};

use super::{Conversion, ConvertError, Executable, Note, Role, Section, Source};

/// The bits of `e_flags` from which objdump and gdb choose the machine: MIPS I, 32-bit ABI, no reordering by
/// the assembler.
const FLAGS: u32 = elf::EF_MIPS_ARCH_1 | elf::EF_MIPS_ABI_O32 | elf::EF_MIPS_NOREORDER;

impl Executable<'_> {
    /// The program as a little-endian ELF file: one segment and one section per section, and the symbols
    /// where they are known. NOFF has no entry point, so that of a NOFF file is the start of its code.
    ///
    /// # Errors
    /// [`ConvertError::Elf`].
    pub fn to_elf(&self) -> Result<Conversion, ConvertError> {
        let code = self.sections.iter().find(|section| section.role == Role::Code);
        let entry = self.entry.or(code.map(|code| code.span.start)).unwrap_or_default();
        let segments: Vec<_> = self.sections.iter().map(segment).collect();
        let numbered = self.sections.iter().enumerate();
        let sections: Vec<_> = numbered.map(|(index, section)| self.section(index, section)).collect();
        let mut notes = self.notes.clone();
        let symbols = self.elf_symbols(&mut notes);
        let file = NewElf {
            machine: elf::EM_MIPS,
            flags: FLAGS,
            entry,
            align: 4,
            segments: &segments,
            sections: &sections,
            symbols: &symbols,
            ..NewElf::default()
        };
        Ok(Conversion { bytes: file.write()?, notes })
    }

    /// The external symbols of a COFF file that have a name and a value.
    fn elf_symbols(&self, notes: &mut Vec<Note>) -> Vec<NewSymbol<'_>> {
        let symbols = match self.symbols {
            Ok(symbols) => symbols,
            Err(finding) => {
                notes.push(Note::NoSymbols { finding });
                return Vec::new();
            }
        };
        let mut starts: Vec<(u32, usize)> =
            self.sections.iter().enumerate().map(|(index, section)| (section.span.start, index)).collect();
        starts.sort_unstable();
        // A symbol may mark the end of a section where no other begins.
        let section_of = |address: u32| {
            let after = starts.partition_point(|&(start, _)| start <= address);
            let &(_, index) = starts.get(after.checked_sub(1)?)?;
            self.sections.get(index).filter(|section| address <= section.span.end).map(|_| index)
        };
        let named = symbols.iter().filter(|symbol| !symbol.name.is_empty());
        let defined = named.filter(|symbol| symbol.is_address() || symbol.class == wire::SC_ABS);
        defined
            .map(|symbol| {
                let section = symbol.is_address().then(|| section_of(symbol.value)).flatten();
                let (name, value, kind) = (symbol.name, symbol.value, kind(&symbol));
                NewSymbol { name, value, size: 0, kind, global: true, section }
            })
            .collect()
    }

    fn section<'s>(&self, index: usize, section: &'s Section<'_>) -> NewSection<'s> {
        let flags = elf::SHF_ALLOC
            | match section.role {
                Role::Code => elf::SHF_EXECINSTR,
                Role::ReadOnly => 0,
                Role::Data | Role::Zero => elf::SHF_WRITE,
            };
        // Tools look for the usual section names, not for the names of NOFF's segments.
        let name = match (self.source, section.role) {
            (Source::Noff, Role::Code) => b".text".as_slice(),
            (Source::Noff, Role::ReadOnly) => b".rodata",
            (Source::Noff, Role::Data) => b".data",
            (Source::Noff, Role::Zero) => b".bss",
            _ => section.name.as_bytes(),
        };
        NewSection {
            name,
            flags,
            contents: Contents::Loaded { segment: index, offset: 0, size: section.span.size() },
        }
    }
}

fn segment<'s>(section: &'s Section<'_>) -> NewSegment<'s> {
    let flags = elf::PF_R
        | match section.role {
            Role::Code => elf::PF_X,
            Role::ReadOnly => 0,
            Role::Data | Role::Zero => elf::PF_W,
        };
    NewSegment { address: section.span.start, bytes: section.bytes, memory_size: section.span.size(), flags }
}

/// The type of a symbol: symbols in text may be functions or labels.
const fn kind(symbol: &Symbol<'_>) -> u8 {
    match symbol.letter() {
        'T' => elf::STT_FUNC,
        'D' | 'B' | 'R' | 'G' | 'S' => elf::STT_OBJECT,
        _ => elf::STT_NOTYPE,
    }
}
