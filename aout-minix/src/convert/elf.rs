//! The ELF files that ia16-elf-ld writes.

use alloc::borrow::Cow;

use execfmt_common::ByteOrder;
use execfmt_elf::{Class, ElfFile, Wanted, elf};

use super::error::{ConvertError, OptionError};
use super::parts::{self, Parts, Sections};
use super::{Conversion, DataMemory, ElfOptions, Note, relocs, symtab};
use crate::build::Builder;
use crate::elks;
use crate::types::FileType;

/// The machine number that ia16-elf-ld writes.
const WANTED: Wanted<'_> =
    Wanted { class: Some(Class::Elf32), byte_order: Some(ByteOrder::Little), machines: &[elf::EM_386] };

/// Largest data segment that can be requested as a total, in bytes.
const MAX_CHMEM: u32 = 0xfff0;

pub(super) fn convert(bytes: &[u8], options: &ElfOptions) -> Result<Conversion, ConvertError> {
    let file = ElfFile::parse(bytes, &WANTED)?;
    let sections = file.sections()?;
    let Sections { parts, relocations, mut notes } = parts::sections(&file, &sections)?;
    parts::check(&file, &parts, options)?;
    let mut lists = relocs::read(&parts, &sections, relocations)?;
    let symbol_table = if options.symtab || options.symfile {
        Some(symtab::build(&sections, &parts, options.tiny, &mut notes)?)
    } else {
        None
    };
    let mut text = Cow::Borrowed(parts.text.bytes);
    let mut far_text = Cow::Borrowed(parts.far_text.map(|part| part.bytes).unwrap_or_default());
    let mut data = Cow::Borrowed(parts.data.map(|part| part.bytes).unwrap_or_default());
    if let Some(rom) = options.rom {
        let segments = relocs::rom_segments(rom, &parts)?;
        for (list, contents) in lists.iter_mut().zip([&mut text, &mut far_text, &mut data]) {
            relocs::apply(core::mem::take(list), contents.to_mut(), segments);
        }
        text.to_mut().append(far_text.to_mut());
    }
    let [text_list, far_text_list, data_list] = &lists;
    let mut builder =
        Builder::new(if options.tiny { FileType::COMBID } else { FileType::SPLITID_AHISTORICAL })
            .entry(parts::word(file.numbers().entry).saturating_sub(parts.text.address))
            .text(&text)
            .far_text(&far_text)
            .data(&data)
            .bss(parts.bss_size())
            .text_relocations(text_list.as_slice())
            .far_text_relocations(far_text_list.as_slice())
            .data_relocations(data_list.as_slice());
    if let (true, Some(table)) = (options.symtab, &symbol_table) {
        builder = builder.symbols(table);
    }
    let file = memory(builder, &parts, options)?.to_vec()?;
    if options.rom.is_none() {
        notes.extend(elks::execve(&file, elks::Options::default()).err().map(Note::Refused));
    }
    Ok(Conversion { bytes: file, symbol_table, notes })
}

/// Sets version, `chmem` and `minstack`.
fn memory<'a>(
    builder: Builder<'a>,
    parts: &Parts<'_>,
    options: &ElfOptions,
) -> Result<Builder<'a>, ConvertError> {
    let text = if options.tiny { parts.text.size } else { 0 };
    let taken = text.saturating_add(parts.data_size()).saturating_add(parts.bss_size());
    Ok(match options.memory {
        DataMemory::Default => builder.version(u16::from(!options.tiny)),
        DataMemory::HeapStack { heap, stack } => builder.version(1).chmem(heap).minstack(stack),
        DataMemory::Total(total) => {
            if u32::from(total) <= taken {
                return Err(OptionError::TotalTooSmall { total, least: taken.saturating_add(1) }.into());
            }
            builder.version(0).chmem(total)
        }
        DataMemory::Chmem(more) => {
            let sum = taken.saturating_add(more.into());
            let total = u16::try_from(sum).ok().filter(|_| sum <= MAX_CHMEM);
            let total = total.ok_or(OptionError::ChmemTooLarge { sum, most: MAX_CHMEM })?;
            builder.version(0).chmem(total)
        }
    })
}
