//! MIPS COFF (ECOFF), the input format of `coff2noff`. The crate `mips-coff` reads the file; what NOFF can
//! express is checked here.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use execfmt_common::{ByteOrder, Expected};
use mips_coff::wire::{
    F_EXEC, MAGIC_LITTLE, NMAGIC, OMAGIC, OPTIONAL_HEADER_SIZE, STYP_SBSS, STYP_SDATA, ZMAGIC,
};
use mips_coff::{CoffField, CoffFinding, CoffRule, Header, Image, SectionField, SectionHeader, SectionKind};

use super::error::ConvertError;
use super::executable::{Executable, Role, Section, Source};
use super::names::is_metadata;
use super::note::Note;
use super::rules::InputRule;
use super::span::Span;

/// `f_magic` of a little-endian MIPS I file.
pub(super) const MAGIC: u16 = MAGIC_LITTLE;

pub(super) fn read(bytes: &[u8]) -> Result<Executable<'_>, ConvertError> {
    let header = Header::parse(bytes)?;
    if header.byte_order == ByteOrder::Big {
        let found = u16::from_le_bytes(bytes.first_chunk().copied().unwrap_or_default());
        return Err(InputRule::BigEndian.error("f_magic", 0, found.into(), Expected::Exactly(MAGIC.into())));
    }
    let opthdr = u32::from(header.opthdr);
    if opthdr < OPTIONAL_HEADER_SIZE {
        let expected = Expected::AtLeast(OPTIONAL_HEADER_SIZE.into());
        let (_, offset) = CoffField::file("f_opthdr");
        return Err(InputRule::NotLinked.error("f_opthdr", offset, opthdr.into(), expected));
    }
    let image = Image::parse(bytes)?;
    let optional = header.optional.unwrap_or_default();
    let mut notes = Vec::new();
    match optional.magic {
        OMAGIC => {}
        magic @ (NMAGIC | ZMAGIC) => notes.push(Note::NotOmagic { magic }),
        magic => {
            let (_, offset) = CoffField::optional("magic");
            let expected = Expected::Exactly(OMAGIC.into());
            return Err(InputRule::OptionalMagic.error("magic", offset, magic.into(), expected));
        }
    }
    let mut sections = Vec::new();
    let mut relocations = 0_u32;
    for (index, header) in image.section_headers() {
        relocations = relocations.saturating_add(header.nreloc.into());
        if header.size == 0 {
            continue;
        }
        let name = header.name.to_string();
        let Some(kind) = header.kind().filter(|_| !is_metadata(&name)) else {
            notes.push(Note::Dropped { name, size: header.size });
            continue;
        };
        let section = section(&image, index, &header, kind, name)?;
        if header.flags & (STYP_SDATA | STYP_SBSS) != 0 || matches!(&*section.name, ".sdata" | ".sbss") {
            notes.push(Note::SmallData { name: section.name.clone() });
        }
        if header.vaddr != header.paddr {
            let (name, physical) = (section.name.clone(), header.paddr);
            notes.push(Note::TwoAddresses { name, physical, virtual_addr: header.vaddr });
        }
        sections.push(section);
    }
    if sections.is_empty() {
        let (_, offset) = CoffField::file("f_nscns");
        return Err(InputRule::NoSections.error("f_nscns", offset, 0, Expected::AtLeast(1)));
    }
    if relocations != 0 && header.flags & F_EXEC == 0 {
        notes.push(Note::Relocations { count: relocations });
    }
    let (_, entry_at) = CoffField::optional("entry");
    let (entry, symbols) = (Some(optional.entry), image.symbols());
    let executable = Executable { source: Source::Coff, entry, sections, notes, symbols };
    executable.bounded(bytes.len())?.with_bytes_at_entry("entry", entry_at)
}

fn section<'a>(
    image: &Image<'a>,
    index: u16,
    header: &SectionHeader,
    kind: SectionKind,
    name: String,
) -> Result<Section<'a>, ConvertError> {
    let (address, size) = (header.paddr, header.size);
    let at = |field| image.section_field(index, field);
    let Some(span) = Span::new(address, size) else {
        let room = Expected::AtMost(u32::MAX.saturating_sub(address).into());
        let error = InputRule::AddressOverflow.error("s_size", at(SectionField::Size), size.into(), room);
        return Err(error.in_section(&name));
    };
    let (role, file_offset) = (Role::from(kind), header.scnptr.into());
    if role == Role::Zero {
        return Ok(Section { name, span, role, bytes: &[], file_offset: 0 });
    }
    let (scnptr, headers_end) = (u64::from(header.scnptr), u64::from(image.header().table_end()));
    if scnptr < headers_end {
        let expected = Expected::AtLeast(headers_end);
        let error = InputRule::SectionInHeaders.error("s_scnptr", at(SectionField::Scnptr), scnptr, expected);
        return Err(error.in_section(&name));
    }
    let Some(bytes) = image.file_range(header.scnptr, size) else {
        let expected = Expected::AtMost(image.bytes().len() as u64);
        let (end, offset) = (header.file_end(), at(SectionField::Scnptr));
        let error = InputRule::SectionPastEof.error("s_scnptr + s_size", offset, end, expected);
        return Err(error.in_section(&name));
    };
    Ok(Section { name, span, role, bytes, file_offset })
}

impl From<SectionKind> for Role {
    fn from(kind: SectionKind) -> Self {
        match kind {
            SectionKind::Text => Self::Code,
            SectionKind::Rdata => Self::ReadOnly,
            SectionKind::Bss => Self::Zero,
            _ => Self::Data,
        }
    }
}

/// What every reader of COFF needs.
impl From<CoffFinding> for ConvertError {
    fn from(finding: CoffFinding) -> Self {
        let (rule, field) = match finding.rule {
            CoffRule::WrongMagic(_) => (InputRule::WrongMachine, "f_magic"),
            _ => (InputRule::Truncated, "file length"),
        };
        rule.error(field, finding.offset, finding.found, finding.expected)
    }
}
