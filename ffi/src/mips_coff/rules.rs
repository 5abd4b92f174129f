use core::any::Any;
use core::ffi::{CStr, c_char};

use ::mips_coff::wire::{FileHeader, OptionalHeader, SymbolicHeader};
use ::mips_coff::{CoffField, CoffRule, SectionField};
use ::mips_scan::{CodeField, CodeRule};
use zerocopy::byteorder::LittleEndian;

use super::types::{EXECFMT_COFF_BSS, EXECFMT_COFF_DATA, EXECFMT_COFF_RDATA, EXECFMT_COFF_TEXT};
use crate::finding::{
    EXECFMT_FIELD_FILE_LENGTH, NumberedField, execfmt_finding, from_c, in_record, name_at, record_and_offset,
};
use crate::memory::caller;
use crate::status::{execfmt_status, sentence};

/// Record of a field: the file header.
pub const EXECFMT_COFF_RECORD_FILE: u32 = 0x100;
/// Record of a field: the optional header.
pub const EXECFMT_COFF_RECORD_OPTIONAL: u32 = 0x200;
/// Record of a field: the header of section `index`, from 0.
pub const EXECFMT_COFF_RECORD_SECTION: u32 = 0x300;

/// Record of a field: the symbolic header.
pub const EXECFMT_COFF_RECORD_SYMBOLIC: u32 = 0x400;

/// Fields of section headers that findings are about.
const SECTION_FIELDS: [SectionField; 7] = [
    SectionField::Name,
    SectionField::Paddr,
    SectionField::Vaddr,
    SectionField::Size,
    SectionField::Scnptr,
    SectionField::Nreloc,
    SectionField::Flags,
];

impl NumberedField for CoffField {
    fn number(self) -> (u32, u32) {
        match self {
            Self::File(name) => (in_record(EXECFMT_COFF_RECORD_FILE, Self::file(name).1), 0),
            Self::Optional(name) => {
                let offset =
                    Self::optional(name).1.saturating_sub(size_of::<FileHeader<LittleEndian>>() as u64);
                (in_record(EXECFMT_COFF_RECORD_OPTIONAL, offset), 0)
            }
            Self::Section(index, field) => {
                (in_record(EXECFMT_COFF_RECORD_SECTION, field.offset()), index.into())
            }
            Self::Symbolic(name) => (in_record(EXECFMT_COFF_RECORD_SYMBOLIC, Self::symbolic(name).1), 0),
            _ => (EXECFMT_FIELD_FILE_LENGTH, 0),
        }
    }

    fn from_number(number: u32, index: u32) -> Option<Self> {
        let (record, offset) = record_and_offset(number);
        Some(match record {
            0 if number == EXECFMT_FIELD_FILE_LENGTH => Self::FileLength,
            EXECFMT_COFF_RECORD_FILE => Self::File(name_at(FileHeader::<LittleEndian>::FIELDS, offset)?),
            EXECFMT_COFF_RECORD_OPTIONAL => {
                Self::Optional(name_at(OptionalHeader::<LittleEndian>::FIELDS, offset)?)
            }
            EXECFMT_COFF_RECORD_SECTION => {
                let field = SECTION_FIELDS.into_iter().find(|field| field.offset() == offset.into());
                Self::Section(u16::try_from(index).ok()?, field?)
            }
            EXECFMT_COFF_RECORD_SYMBOLIC => {
                Self::Symbolic(name_at(SymbolicHeader::<LittleEndian>::FIELDS, offset)?)
            }
            _ => return None,
        })
    }
}

/// The number of a finding's field.
pub(super) fn field_number(field: &dyn Any) -> (u32, u32) {
    let of_code = || field.downcast_ref::<CodeField>().map_or((0, 0), |field| field.number());
    field.downcast_ref::<CoffField>().map_or_else(of_code, |field| field.number())
}

pub(crate) fn message(status: execfmt_status) -> Option<&'static CStr> {
    sentence::<CoffRule>(status)
}

/// Writes a sentence about a finding of this format in the manner of snprintf: at most `capacity` bytes into
/// `buffer`, including the terminating NUL. Returns the length of the whole sentence without the NUL; 0, and
/// an empty string, when the struct holds no finding of this format. To learn the length, pass a NULL
/// `buffer` with a `capacity` of 0.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coff_finding_message(
    finding: *const execfmt_finding,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    let caller = caller!();
    let c = caller.read(finding).unwrap_or_default();
    match from_c::<CodeRule>(&c) {
        Some(of_code) => caller.sentence(buffer, capacity, Some(of_code)),
        None => caller.sentence(buffer, capacity, from_c::<CoffRule>(&c)),
    }
}

/// The usual name of a kind of section: ".text", ".rdata", ".data" or ".bss"; "other" for another number. The string is
/// static: do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_coff_kind_name(kind: u32) -> *const c_char {
    let name = match kind {
        EXECFMT_COFF_TEXT => c".text",
        EXECFMT_COFF_RDATA => c".rdata",
        EXECFMT_COFF_DATA => c".data",
        EXECFMT_COFF_BSS => c".bss",
        _ => c"other",
    };
    name.as_ptr()
}

#[cfg(test)]
mod tests {
    use ::mips_coff::SectionKind;
    use execfmt_common::Rule as _;

    use super::super::types::kind_code;
    use super::*;

    #[test]
    fn every_rule_has_its_sentence() {
        for row in CoffRule::TABLE {
            assert_eq!(message(row.number).map(CStr::to_str), Some(Ok(row.sentence)), "{}", row.code);
        }
        assert_eq!(message(699), None);
    }

    #[test]
    fn every_field_comes_back_from_its_number() {
        let file = FileHeader::<LittleEndian>::FIELDS.iter().map(|field| CoffField::File(field.name));
        let optional =
            OptionalHeader::<LittleEndian>::FIELDS.iter().map(|field| CoffField::Optional(field.name));
        let section = SECTION_FIELDS.map(|field| CoffField::Section(9, field));
        let symbolic =
            SymbolicHeader::<LittleEndian>::FIELDS.iter().map(|field| CoffField::Symbolic(field.name));
        let mut numbers = std::collections::HashSet::new();
        for field in file.chain(optional).chain(section).chain(symbolic).chain([CoffField::FileLength]) {
            let (number, index) = field.number();
            assert_eq!(CoffField::from_number(number, index), Some(field));
            assert!(numbers.insert(number), "{field} has a number of its own");
        }
        for number in [0, 2, 0x101, 0x460, 0x500, u32::MAX] {
            assert_eq!(CoffField::from_number(number, 0), None);
        }
    }

    #[test]
    fn names_are_those_of_the_format() {
        for kind in [SectionKind::Text, SectionKind::Rdata, SectionKind::Data, SectionKind::Bss] {
            // SAFETY: the function returns static strings.
            let name = unsafe { CStr::from_ptr(execfmt_coff_kind_name(kind_code(Some(kind)))) };
            assert_eq!(name.to_str(), Ok(kind.name()));
        }
    }
}
