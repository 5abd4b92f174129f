#[cfg(feature = "convert")]
use core::ffi::c_char;

use ::aout_minix::chmem::{Change, ChmemError, Row, change};
#[cfg(feature = "convert")]
use ::aout_minix::convert::{DataMemory, ElfOptions, Rom, from_any};
use ::aout_minix::{BuildError, Builder, Content, RelocationTable, Section};

#[cfg(feature = "convert")]
use super::rules::EXECFMT_AOUT_E_CONVERT;
use super::rules::{
    EXECFMT_AOUT_E_CHMEM_HEADER, EXECFMT_AOUT_E_CHMEM_HEAP, EXECFMT_AOUT_E_CHMEM_NO_HEAP,
    EXECFMT_AOUT_E_CHMEM_STACK, EXECFMT_AOUT_E_CHMEM_TOTAL, EXECFMT_AOUT_E_EMPTY_COMPRESSED,
    EXECFMT_AOUT_E_TOO_LONG,
};
use super::types::{execfmt_aout, header};
#[cfg(feature = "convert")]
use crate::memory::options;
use crate::memory::{Caller, caller, check, status};
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, execfmt_status};

/// For execfmt_aout_chmem: keep the current value.
pub const EXECFMT_AOUT_KEEP: u32 = 0xffff_ffff;

/// The numbers in a row of chmem's output.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_aout_row {
    /// Bytes of heap as requested; negative for a version 0 file that requests less than its data takes.
    pub heap: i64,
    /// Size of the data segment in bytes.
    pub total_data: u64,
    /// Total memory in bytes.
    pub total: u64,
    /// Bytes of text.
    pub text: u32,
    /// Bytes of far text.
    pub far_text: u32,
    /// Bytes of data.
    pub data: u32,
    /// Bytes of bss.
    pub bss: u32,
    /// Bytes of stack as requested.
    pub stack: u32,
    /// 1 for a version 0 header, else 0.
    pub is_version_0: u32,
}

/// Computes the row of chmem for a header.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_chmem_row(
    aout: *const execfmt_aout,
    row: *mut execfmt_aout_row,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let aout = caller.read(aout)?;
        let found = Row::of(&header(&aout)?);
        let c = execfmt_aout_row {
            heap: found.heap,
            total_data: found.total_data,
            total: found.total,
            text: found.text,
            far_text: found.far_text,
            data: found.data,
            bss: found.bss,
            stack: found.stack.into(),
            is_version_0: found.is_version_0.into(),
        };
        caller.write(row, c)
    })
}

/// Sets heap and stack of a header, in bytes, as chmem does; EXECFMT_AOUT_KEEP keeps either unchanged.
/// `*truncated_to`, unless `truncated_to` is NULL, is set to the heap that remained if it had to be reduced
/// to fit, else to 0. The header becomes a version 1 header; execfmt_aout_encode_header encodes it, and only
/// its first 32 bytes have changed.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_chmem(
    aout: *mut execfmt_aout,
    heap: u32,
    stack: u32,
    truncated_to: *mut u32,
) -> execfmt_status {
    let caller = caller!();
    let given = |value: u32| (value != EXECFMT_AOUT_KEEP).then_some(value);
    status(|| {
        let old = caller.read(aout)?;
        let wanted = Change { heap: given(heap), stack: given(stack) };
        let changed = change(&header(&old)?, wanted).map_err(|error| match error {
            ChmemError::BadHeader(_) | ChmemError::UnknownVersion(_) => EXECFMT_AOUT_E_CHMEM_HEADER,
            ChmemError::HeapTooLarge(_) => EXECFMT_AOUT_E_CHMEM_HEAP,
            ChmemError::StackTooLarge(_) => EXECFMT_AOUT_E_CHMEM_STACK,
            ChmemError::TotalTooSmall { .. } => EXECFMT_AOUT_E_CHMEM_TOTAL,
            ChmemError::HeapStackTooLarge { .. } => EXECFMT_AOUT_E_CHMEM_NO_HEAP,
            // Only from Minix-style changes.
            _ => EXECFMT_E_ARGUMENT,
        })?;
        if !truncated_to.is_null() {
            caller.write(truncated_to, changed.truncated_to.unwrap_or(0).into())?;
        }
        caller.write(aout, execfmt_aout::from(&changed.header))
    })
}

/// Writes the header of a file, `hlen` bytes, and stores their number in `*written`.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_encode_header(
    aout: *const execfmt_aout,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let aout = caller.read(aout)?;
        let header = header(&aout)?;
        let bytes = header.to_bytes();
        let bytes = bytes.get(..header.hlen.into()).ok_or(EXECFMT_AOUT_E_CHMEM_HEADER)?;
        check(written, 1)?;
        if capacity < bytes.len() {
            return Err(EXECFMT_E_BUFFER);
        }
        caller.buffer(buffer, bytes.len())?.copy_from_slice(bytes);
        caller.write(written, bytes.len())
    })
}

/// Bytes provided by a caller.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_aout_bytes {
    /// The bytes; may be NULL when there are none.
    pub bytes: *const u8,
    /// Their number.
    pub length: usize,
}

/// The contents of a file to be built.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_aout_contents {
    /// Type, version, bss, entry, chmem, minstack, bases, reserved fields and the minimum hlen. A section is
    /// compressed when its compr field is not 0; then its tseg, dseg or ftseg is the expanded size. All other
    /// sizes are those of the bytes below.
    pub header: execfmt_aout,
    /// Text, as it is stored.
    pub text: execfmt_aout_bytes,
    /// Far text, as it is stored.
    pub far_text: execfmt_aout_bytes,
    /// Data, as it is stored.
    pub data: execfmt_aout_bytes,
    /// Relocations of the text, 8 bytes each.
    pub text_relocations: execfmt_aout_bytes,
    /// Relocations of the far text.
    pub far_text_relocations: execfmt_aout_bytes,
    /// Relocations of the data.
    pub data_relocations: execfmt_aout_bytes,
    /// The symbol table.
    pub symbols: execfmt_aout_bytes,
    /// The bytes after the last section.
    pub trailing: execfmt_aout_bytes,
}

impl execfmt_aout_contents {
    const fn parts(&self) -> [execfmt_aout_bytes; 8] {
        [
            self.text,
            self.far_text,
            self.data,
            self.text_relocations,
            self.far_text_relocations,
            self.data_relocations,
            self.symbols,
            self.trailing,
        ]
    }
}

fn builder<'a>(caller: Caller<'a>, contents: &execfmt_aout_contents) -> Result<Builder<'a>, execfmt_status> {
    let header = header(&contents.header)?;
    let part = |part: execfmt_aout_bytes| caller.values(part.bytes, part.length);
    let content = |stored: &'a [u8], compressed: u16, size: u32| {
        if compressed == 0 { Content::plain(stored) } else { Content::compressed(stored, size) }
    };
    let (sizes, s) = (&header, &header.supplement);
    Ok(Builder::from_header(&header)
        .content(Section::Text, content(part(contents.text)?, s.compr_tseg, sizes.tseg))
        .content(Section::FarText, content(part(contents.far_text)?, s.compr_ftseg, s.ftseg))
        .content(Section::Data, content(part(contents.data)?, s.compr_dseg, sizes.dseg))
        .text_relocations(RelocationTable::Bytes(part(contents.text_relocations)?))
        .far_text_relocations(RelocationTable::Bytes(part(contents.far_text_relocations)?))
        .data_relocations(RelocationTable::Bytes(part(contents.data_relocations)?))
        .symbols(part(contents.symbols)?)
        .trailing(part(contents.trailing)?))
}

fn build_status(error: BuildError) -> execfmt_status {
    match error {
        BuildError::TooLong | BuildError::CompressedTooLong(_) => EXECFMT_AOUT_E_TOO_LONG,
        BuildError::EmptyCompressed(_) => EXECFMT_AOUT_E_EMPTY_COMPRESSED,
        BuildError::Refused(finding) => finding.rule.number(),
        BuildError::BufferTooSmall(_) => EXECFMT_E_BUFFER,
        _ => EXECFMT_E_ARGUMENT,
    }
}

/// Stores in `*length` the length that the file will have, in bytes.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_built_len(
    contents: *const execfmt_aout_contents,
    length: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let contents = caller.read(contents)?;
        let builder = builder(caller, &contents)?;
        caller.write(length, builder.written_len().map_err(build_status)?)
    })
}

/// Writes a file into `buffer` and stores its length in `*written`. A file that could not be parsed back is
/// refused with the status of the rule that it breaks, and nothing is written.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_build(
    contents: *const execfmt_aout_contents,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let contents = caller.read(contents)?;
        check(written, 1)?;
        let builder = builder(caller, &contents)?;
        let length = builder.written_len().map_err(build_status)?;
        if capacity < length {
            return Err(EXECFMT_E_BUFFER);
        }
        for part in contents.parts().into_iter().filter(|part| part.length != 0) {
            caller.buffer_beside((part.bytes, part.length), (buffer, length))?;
        }
        let buffer = caller.buffer(buffer, length)?;
        let length = builder.write_to(buffer).map_err(build_status)?;
        caller.write(written, length)
    })
}

/// The options of elf2elks. All 0 is its default.
#[cfg(feature = "convert")]
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_aout_convert_options {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// --tiny: not 0 when text, data and stack share one segment.
    pub tiny: u32,
    /// --symtab: not 0 for an ELKS symbol table.
    pub symtab: u32,
    /// Not 0 for a program in ROM, at the two segments that follow.
    pub rom: u32,
    /// --aout-seg.
    pub aout_seg: u16,
    /// --data-seg.
    pub data_seg: u16,
    /// --total-data; 0 when not given, as with the next three.
    pub total_data: u16,
    /// --chmem.
    pub chmem: u16,
    /// --stack.
    pub stack: u16,
    /// --heap.
    pub heap: u16,
}
#[cfg(feature = "convert")]
options!(execfmt_aout_convert_options, 28);

/// Converts an ELF file written by ia16-elf-ld, or an OS/2 NE file, to an ELKS executable. With a NULL
/// `buffer` and a `capacity` of 0, only `*written` is stored: the number of bytes needed. When the input is
/// refused with EXECFMT_AOUT_E_CONVERT, a sentence of at most `message_size` bytes that explains why is
/// stored in `message`, unless it is NULL. `options` may be NULL.
///
/// This function allocates. A library without std does not contain it; define EXECFMT_FREESTANDING before
/// including the header to hide its declaration.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "convert")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_convert(
    file: *const u8,
    length: usize,
    options: *const execfmt_aout_convert_options,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
    message: *mut c_char,
    message_size: usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let file = caller.values(file, length)?;
        check(written, 1)?;
        let c = caller.options(options)?;
        let memory_options = DataMemory::from_options(c.total_data, c.chmem, c.heap, c.stack);
        let options = ElfOptions {
            tiny: c.tiny != 0,
            rom: (c.rom != 0).then_some(Rom { aout_seg: c.aout_seg, data_seg: c.data_seg }),
            memory: memory_options.map_err(|_| EXECFMT_E_ARGUMENT)?,
            symtab: c.symtab != 0,
            symfile: false,
        };
        let conversion = from_any(file, &options).map_err(|error| {
            caller.sentence(message, message_size, Some(error));
            EXECFMT_AOUT_E_CONVERT
        })?;
        let bytes = conversion.bytes.as_slice();
        if !(buffer.is_null() && capacity == 0) {
            if capacity < bytes.len() {
                return Err(EXECFMT_E_BUFFER);
            }
            caller.buffer(buffer, bytes.len())?.copy_from_slice(bytes);
        }
        caller.write(written, bytes.len())
    })
}
