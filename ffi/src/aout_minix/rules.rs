use core::any::Any;
use core::ffi::{CStr, c_char};
use core::fmt::Display;
use core::mem::offset_of;

use super::types::*;
use crate::finding::{
    EXECFMT_FIELD_FILE_LENGTH, EXECFMT_FIELD_NONE, NumberedField, execfmt_finding, from_c, in_record,
    record_and_offset,
};
use crate::memory::caller;
use crate::status::{execfmt_status, sentence};
pub use ::aout_minix::aout_facts::*;
use ::aout_minix::compress::{StreamField, StreamRule};
use ::aout_minix::elks::ElksRule;
use ::aout_minix::minix2::Minix2Rule;
use ::aout_minix::{AoutField, AoutRule, Reloc, Section};
use execfmt_common::Detail as _;
use zerocopy::NativeEndian;

/// Error, when loading: a compressed section cannot be expanded; `detail` is the section.
pub const EXECFMT_AOUT_E_EXPAND: execfmt_status = 213;
/// Error, when building: a section is too long for the header.
pub const EXECFMT_AOUT_E_TOO_LONG: execfmt_status = 214;
/// Error, when building: a section is marked as compressed but has no bytes.
pub const EXECFMT_AOUT_E_EMPTY_COMPRESSED: execfmt_status = 215;
/// Error: a table of symbols or relocations ends within a record, or continues after its end.
pub const EXECFMT_AOUT_E_TABLE: execfmt_status = 216;
/// Error, when converting: the input cannot be converted; the message explains why.
pub const EXECFMT_AOUT_E_CONVERT: execfmt_status = 217;
/// Error, of chmem: the header is too short or its version unknown.
pub const EXECFMT_AOUT_E_CHMEM_HEADER: execfmt_status = 220;
/// Error, of chmem: more heap than 65535 bytes.
pub const EXECFMT_AOUT_E_CHMEM_HEAP: execfmt_status = 221;
/// Error, of chmem: more stack than 65520 bytes.
pub const EXECFMT_AOUT_E_CHMEM_STACK: execfmt_status = 222;
/// Error, of chmem: the heap of a version 0 file is unknown; give one.
pub const EXECFMT_AOUT_E_CHMEM_TOTAL: execfmt_status = 223;
/// Error, of chmem: data and stack leave no heap.
pub const EXECFMT_AOUT_E_CHMEM_NO_HEAP: execfmt_status = 224;
/// ELKS refuses the file. This number plus the number of the rule, in the order of the kernel's checks;
/// execfmt_aout_elks_errno returns the errno of execve, `detail` is the section, if the rule is about one.
pub const EXECFMT_AOUT_E_ELKS: execfmt_status = 250;
/// The last number of a refusal by ELKS.
pub const EXECFMT_AOUT_E_ELKS_LAST: execfmt_status = 279;

/// Field of a finding: the bytes of the symbol table.
pub const EXECFMT_AOUT_FIELD_SYMBOL_TABLE: u32 = 2;
/// Record of a field: the header, supplement included. The offsets are file offsets in bytes.
pub const EXECFMT_AOUT_RECORD_HEADER: u32 = 0x100;
/// Record of a field: a relocation of section `index`, which is EXECFMT_AOUT_TEXT, EXECFMT_AOUT_FAR_TEXT or
/// EXECFMT_AOUT_DATA.
pub const EXECFMT_AOUT_RECORD_RELOCATION: u32 = 0x200;
/// Record of a field: a compressed section; `detail` is the section, and the fields are
/// EXECFMT_AOUT_STREAM_FIELD_COMPRESSED and the constants after it.
pub const EXECFMT_AOUT_RECORD_STREAM: u32 = 0x300;

/// A field of every relocation, by its section.
type OfRelocation = fn(Section) -> AoutField;

/// The fields of a relocation, with their offsets.
const OF_RELOCATIONS: [(usize, OfRelocation); 3] = [
    (offset_of!(Reloc<NativeEndian>, vaddr), AoutField::RelocationVaddr),
    (offset_of!(Reloc<NativeEndian>, symndx), AoutField::RelocationSymndx),
    (offset_of!(Reloc<NativeEndian>, r#type), AoutField::RelocationType),
];

impl NumberedField for AoutField {
    fn number(self) -> (u32, u32) {
        if let Some(offset) = self.in_header() {
            return (in_record(EXECFMT_AOUT_RECORD_HEADER, offset), 0);
        }
        let section = match self {
            Self::FileLength => return (EXECFMT_FIELD_FILE_LENGTH, 0),
            Self::SymbolTable => return (EXECFMT_AOUT_FIELD_SYMBOL_TABLE, 0),
            Self::RelocationVaddr(section)
            | Self::RelocationSymndx(section)
            | Self::RelocationType(section) => section,
            _ => return (EXECFMT_FIELD_NONE, 0),
        };
        let same = OF_RELOCATIONS.into_iter().find(|(_, field)| field(section) == self);
        let offset = same.map_or(0, |(offset, _)| offset as u64);
        (in_record(EXECFMT_AOUT_RECORD_RELOCATION, offset), section.number())
    }

    fn from_number(number: u32, index: u32) -> Option<Self> {
        let (record, offset) = record_and_offset(number);
        match record {
            0 if number == EXECFMT_FIELD_FILE_LENGTH => Some(Self::FileLength),
            0 if number == EXECFMT_AOUT_FIELD_SYMBOL_TABLE => Some(Self::SymbolTable),
            EXECFMT_AOUT_RECORD_HEADER => {
                Self::HEADER.iter().copied().find(|field| field.in_header() == Some(offset.into()))
            }
            EXECFMT_AOUT_RECORD_RELOCATION => {
                let section = Section::LOADED.into_iter().find(|section| section.number() == index)?;
                let known = OF_RELOCATIONS.into_iter().find(|&(known, _)| u32::try_from(known) == Ok(offset));
                known.map(|(_, field)| field(section))
            }
            _ => None,
        }
    }
}

/// Field of a finding: the compressed bytes; the value is their number.
pub const EXECFMT_AOUT_STREAM_FIELD_COMPRESSED: u32 = 0x301;
/// Field of a finding: the section's size.
pub const EXECFMT_AOUT_STREAM_FIELD_SIZE: u32 = 0x302;
/// Field of a finding: the memory to decompress in; the value is its length in bytes.
pub const EXECFMT_AOUT_STREAM_FIELD_AREA: u32 = 0x303;
/// Field of a finding: a length index.
pub const EXECFMT_AOUT_STREAM_FIELD_LENGTH_INDEX: u32 = 0x304;
/// Field of a finding: a length.
pub const EXECFMT_AOUT_STREAM_FIELD_LENGTH: u32 = 0x305;
/// Field of a finding: an offset.
pub const EXECFMT_AOUT_STREAM_FIELD_OFFSET: u32 = 0x306;
/// Field of a finding: the distance between output and input.
pub const EXECFMT_AOUT_STREAM_FIELD_DISTANCE: u32 = 0x307;

impl NumberedField for StreamField {
    fn number(self) -> (u32, u32) {
        let number = match self {
            Self::Compressed => EXECFMT_AOUT_STREAM_FIELD_COMPRESSED,
            Self::Size => EXECFMT_AOUT_STREAM_FIELD_SIZE,
            Self::Area => EXECFMT_AOUT_STREAM_FIELD_AREA,
            Self::LengthIndex => EXECFMT_AOUT_STREAM_FIELD_LENGTH_INDEX,
            Self::Length => EXECFMT_AOUT_STREAM_FIELD_LENGTH,
            Self::Offset => EXECFMT_AOUT_STREAM_FIELD_OFFSET,
            Self::Distance => EXECFMT_AOUT_STREAM_FIELD_DISTANCE,
            _ => EXECFMT_FIELD_NONE,
        };
        (number, 0)
    }

    fn from_number(number: u32, _index: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.number().0 == number)
    }
}

/// The number of a finding's field.
pub(super) fn field_number(field: &dyn Any) -> (u32, u32) {
    let of_file = field.downcast_ref::<AoutField>().map(|field| field.number());
    let of_stream = || field.downcast_ref::<StreamField>().map(|field| field.number());
    of_file.or_else(of_stream).unwrap_or((EXECFMT_FIELD_NONE, 0))
}

pub(crate) fn message(status: execfmt_status) -> Option<&'static CStr> {
    Some(match status {
        EXECFMT_AOUT_E_EXPAND => c"a.out: a compressed section cannot be expanded",
        EXECFMT_AOUT_E_TOO_LONG => c"a.out: a section is too long for the header",
        EXECFMT_AOUT_E_EMPTY_COMPRESSED => c"a.out: a section is marked as compressed but has no bytes",
        EXECFMT_AOUT_E_TABLE => c"a.out: a table ends within a record, or continues after its end",
        EXECFMT_AOUT_E_CONVERT => c"a.out: the input cannot be converted",
        EXECFMT_AOUT_E_CHMEM_HEADER => {
            c"a.out: chmem requires a header of at least 32 bytes and version 0 or 1"
        }
        EXECFMT_AOUT_E_CHMEM_HEAP => c"a.out: heap too large: the maximum is 65535 bytes",
        EXECFMT_AOUT_E_CHMEM_STACK => c"a.out: stack too large: the maximum is 65520 bytes",
        EXECFMT_AOUT_E_CHMEM_TOTAL => c"a.out: the heap of this version 0 file is unknown; give one",
        EXECFMT_AOUT_E_CHMEM_NO_HEAP => c"a.out: heap+stack too large: data and stack leave no heap",
        _ => {
            return sentence::<AoutRule>(status)
                .or_else(|| sentence::<ElksRule>(status))
                .or_else(|| sentence::<Minix2Rule>(status))
                .or_else(|| sentence::<StreamRule>(status));
        }
    })
}

/// Writes a sentence about a finding of this format, from any function of this header, in the manner of
/// snprintf: at most `capacity` bytes into `buffer`, including the terminating NUL. Returns the length of the
/// whole sentence without the NUL; 0, and an empty string, when the struct holds no finding of this format.
/// To learn the length, pass a NULL `buffer` with a `capacity` of 0.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_finding_message(
    finding: *const execfmt_finding,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    let caller = caller!();
    let mut c = caller.read(finding).unwrap_or_default();
    let (aout, elks, minix2) = (from_c::<AoutRule>(&c), from_c::<ElksRule>(&c), from_c::<Minix2Rule>(&c));
    // The section of a stream is known only to the check of a whole file.
    c.detail = 0;
    let stream = from_c::<StreamRule>(&c);
    let any: [Option<&dyn Display>; 4] = [
        aout.as_ref().map(|it| it as _),
        elks.as_ref().map(|it| it as _),
        minix2.as_ref().map(|it| it as _),
        stream.as_ref().map(|it| it as _),
    ];
    caller.sentence(buffer, capacity, any.into_iter().flatten().next())
}

/// The name of a section such as EXECFMT_AOUT_TEXT, for messages; "unknown" for another number. The string is
/// static: do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_aout_section_name(section: u32) -> *const c_char {
    let name = match section {
        EXECFMT_AOUT_TEXT => c"text",
        EXECFMT_AOUT_FAR_TEXT => c"far text",
        EXECFMT_AOUT_DATA => c"data",
        EXECFMT_AOUT_TEXT_RELOCATIONS => c"text relocations",
        EXECFMT_AOUT_FAR_TEXT_RELOCATIONS => c"far text relocations",
        EXECFMT_AOUT_DATA_RELOCATIONS => c"data relocations",
        EXECFMT_AOUT_SYMBOLS => c"symbols",
        _ => c"unknown",
    };
    name.as_ptr()
}

/// The name of a relocation's target, its symndx, for messages; "unknown" for another number. The string is
/// static: do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_aout_target_name(symndx: u32) -> *const c_char {
    let name = match symndx {
        EXECFMT_AOUT_AGAINST_TEXT => c"text",
        EXECFMT_AOUT_AGAINST_DATA => c"data",
        EXECFMT_AOUT_AGAINST_BSS => c"bss",
        EXECFMT_AOUT_AGAINST_FAR_TEXT => c"far text",
        EXECFMT_AOUT_AGAINST_ABSOLUTE => c"absolute",
        _ => c"unknown",
    };
    name.as_ptr()
}

#[cfg(test)]
mod tests {
    use execfmt_common::Rule as _;

    use super::*;

    #[test]
    fn every_rule_has_its_sentence() {
        let tables = [AoutRule::TABLE, ElksRule::TABLE, Minix2Rule::TABLE, StreamRule::TABLE];
        for row in tables.into_iter().flatten() {
            assert_eq!(message(row.number).map(CStr::to_str), Some(Ok(row.sentence)), "{}", row.code);
        }
    }

    #[test]
    fn every_field_comes_back_from_its_number() {
        let of_sections = OF_RELOCATIONS.into_iter().flat_map(|(_, field)| Section::LOADED.map(field));
        let whole = [AoutField::FileLength, AoutField::SymbolTable];
        for field in AoutField::HEADER.iter().copied().chain(of_sections).chain(whole) {
            let (number, index) = field.number();
            assert_eq!(AoutField::from_number(number, index), Some(field), "{field}");
        }
        for field in StreamField::ALL {
            assert_eq!(StreamField::from_number(field.number().0, 0), Some(field));
        }
        assert_eq!(AoutField::from_number(0x140, 0), None);
        assert_eq!(AoutField::from_number(0x201, 0), None);
        assert_eq!(AoutField::from_number(0x200, 3), None);
    }
}
