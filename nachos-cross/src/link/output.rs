//! Writing a program: MIPS COFF as the old linker did, or ELF.

use execfmt_elf::{Contents, NewElf, NewSection as ElfSection, NewSegment, NewSymbol};
use mips_coff::{Builder, NewSection, SectionKind, SectionName};
use object::elf;

use super::{Kind, LinkError, Linked, LinkedSection};

impl Linked {
    /// The program as MIPS COFF: always `.text`, `.data` and `.bss`, and other sections unless empty, in
    /// address order.
    ///
    /// # Errors
    /// [`LinkError::Output`] for more than ten sections.
    pub fn to_coff(&self) -> Result<Vec<u8>, LinkError> {
        let usual = [(".text", Kind::Text), (".data", Kind::Data), (".bss", Kind::Zero)];
        let is_usual = |section: &LinkedSection| usual.iter().any(|(name, _)| *name == section.name);
        let mut sections: Vec<LinkedSection> =
            self.sections.iter().filter(|section| section.size != 0 || is_usual(section)).cloned().collect();
        for (name, kind) in usual {
            if sections.iter().all(|section| section.name != name) {
                let paged = sections.iter().all(|section| section.address % 1024 == 0);
                let end = sections.iter().map(|section| section.address + section.size).max().unwrap_or(0);
                let address =
                    if kind == Kind::Text { 0 } else { end.next_multiple_of(if paged { 1024 } else { 16 }) };
                sections.push(LinkedSection { name: name.into(), address, size: 0, kind, bytes: Vec::new() });
            }
        }
        // Empty ones first among those with the same address: they precede what begins there.
        let order = |section: &LinkedSection| match section.kind {
            Kind::Text => 0,
            Kind::ReadOnly => 1,
            Kind::Data => 2,
            Kind::Zero => 3,
        };
        sections.sort_by_key(|section| {
            (section.address, section.kind == Kind::Zero && section.size != 0, order(section))
        });
        let mut builder = Builder::nachos().byte_order(self.byte_order).entry(number(self.entry)?);
        for section in &sections {
            let kind = match section.kind {
                Kind::Text => SectionKind::Text,
                Kind::ReadOnly => SectionKind::Rdata,
                Kind::Data => SectionKind::Data,
                Kind::Zero => SectionKind::Bss,
            };
            let name = section.name.as_bytes();
            let name =
                SectionName::from_bytes(name.get(..8).unwrap_or(name)).unwrap_or(SectionName::new([0; 8]));
            let (address, zeroed) = (number(section.address)?, number(section.size)?);
            builder = builder.section(NewSection { name, kind, address, bytes: &section.bytes, zeroed });
        }
        builder.to_vec().map_err(|error| LinkError::Output(error.to_string()))
    }

    /// The program as ELF, with its symbols.
    ///
    /// # Errors
    /// [`LinkError::Output`] for what the format cannot express.
    pub fn to_elf(&self) -> Result<Vec<u8>, LinkError> {
        let filled: Vec<&LinkedSection> = self.sections.iter().filter(|section| section.size != 0).collect();
        let mut segments = Vec::new();
        let mut sections = Vec::new();
        for (segment, section) in filled.iter().enumerate() {
            let (write, execute) =
                (matches!(section.kind, Kind::Data | Kind::Zero), section.kind == Kind::Text);
            let size = number(section.size)?;
            segments.push(NewSegment {
                address: number(section.address)?,
                bytes: &section.bytes,
                memory_size: size,
                flags: elf::PF_R | if write { elf::PF_W } else { 0 } | if execute { elf::PF_X } else { 0 },
            });
            sections.push(ElfSection {
                name: section.name.as_bytes(),
                flags: elf::SHF_ALLOC
                    | if write { elf::SHF_WRITE } else { 0 }
                    | if execute { elf::SHF_EXECINSTR } else { 0 },
                contents: Contents::Loaded { segment, offset: 0, size },
            });
        }
        let place = |index: usize| {
            let section = self.sections.get(index)?;
            filled.iter().position(|other| std::ptr::eq(*other, section))
        };
        let mut symbols = Vec::new();
        for symbol in &self.symbols {
            symbols.push(NewSymbol {
                name: symbol.name.as_bytes(),
                value: number(symbol.value)?,
                size: number(symbol.size)?,
                kind: symbol.kind,
                global: symbol.global,
                section: symbol.section.and_then(place),
            });
        }
        let file = NewElf {
            byte_order: self.byte_order,
            machine: elf::EM_MIPS,
            flags: elf::EF_MIPS_NOREORDER | elf::EF_MIPS_ABI_O32,
            entry: number(self.entry)?,
            segments: &segments,
            sections: &sections,
            symbols: &symbols,
            ..NewElf::default()
        };
        file.write().map_err(|error| LinkError::Output(error.to_string()))
    }
}

fn number(value: u64) -> Result<u32, LinkError> {
    u32::try_from(value).map_err(|_| LinkError::Output(format!("{value:#x} does not fit into 32 bits")))
}
