//! Writing the kept parts of a file: unchanged sections, and nothing to load.

use alloc::vec::Vec;

use execfmt_common::ByteOrder;
use object::Endianness;
use object::write::StringId;
use object::write::elf::{FileHeader, SectionHeader, Writer};

use crate::elf;
use crate::file::ElfFile;
use crate::wire::Class;

/// A section to keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptSection<'a> {
    /// The name.
    pub name: &'a [u8],
    /// `sh_type`.
    pub kind: u32,
    /// `sh_flags`.
    pub flags: u64,
    /// `sh_link`, counted among the kept sections, from 1.
    pub link: u32,
    /// `sh_info`.
    pub info: u32,
    /// `sh_addralign`. In the file the bytes are aligned to at most [`MOST_ALIGN`].
    pub align: u64,
    /// `sh_entsize`.
    pub entry_size: u64,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// Maximum alignment within the file, in bytes: nothing is loaded from it, so more would only add gaps, and
/// many sections could make it many times longer than the original.
pub const MOST_ALIGN: u64 = 16;

/// A file of sections taken from another file: with its class, byte order, machine, flags and entry point.
#[derive(Clone, Copy, Debug)]
pub struct KeptSections<'a, 'f> {
    /// The other file.
    pub like: &'a ElfFile<'f>,
    /// The sections. The table of their names is added.
    pub sections: &'a [KeptSection<'a>],
}

impl KeptSections<'_, '_> {
    /// The whole file: its header, the sections, their headers.
    pub fn write(&self) -> Vec<u8> {
        let Self { like, sections } = *self;
        let (layout, numbers) = (like.layout(), like.numbers());
        let order = match layout.byte_order {
            ByteOrder::Little => Endianness::Little,
            ByteOrder::Big => Endianness::Big,
        };
        let mut bytes = Vec::new();
        let mut writer = Writer::new(order, layout.class == Class::Elf64, &mut bytes);
        writer.reserve_null_section_index();
        let names: Vec<StringId> =
            sections.iter().map(|section| writer.add_section_name(section.name)).collect();
        sections.iter().for_each(|_| {
            writer.reserve_section_index();
        });
        writer.reserve_shstrtab_section_index();
        writer.reserve_file_header();
        let align =
            |section: &KeptSection<'_>| usize::try_from(section.align.clamp(1, MOST_ALIGN)).unwrap_or(1);
        let offsets: Vec<usize> =
            sections.iter().map(|section| writer.reserve(section.bytes.len(), align(section))).collect();
        writer.reserve_shstrtab();
        writer.reserve_section_headers();
        // The writer fails only where its caller skips a step.
        let _ = writer.write_file_header(&FileHeader {
            os_abi: numbers.os_abi,
            abi_version: numbers.abi_version,
            e_type: elf::ET_EXEC,
            e_machine: numbers.machine,
            e_entry: numbers.entry,
            e_flags: numbers.flags,
        });
        for section in sections {
            writer.write_align(align(section));
            writer.write(section.bytes);
        }
        writer.write_shstrtab();
        writer.write_null_section_header();
        for ((section, &name), &offset) in sections.iter().zip(&names).zip(&offsets) {
            writer.write_section_header(&SectionHeader {
                name: Some(name),
                sh_type: section.kind,
                sh_flags: section.flags,
                sh_addr: 0,
                sh_offset: offset as u64,
                sh_size: section.bytes.len() as u64,
                sh_link: section.link,
                sh_info: section.info,
                sh_addralign: section.align,
                sh_entsize: section.entry_size,
            });
        }
        writer.write_shstrtab_section_header();
        bytes
    }
}
