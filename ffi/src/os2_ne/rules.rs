use core::any::Any;
use core::ffi::{CStr, c_char};
use core::fmt::Display;

use super::types::{
    EXECFMT_NE_AUTO, EXECFMT_NE_AUTO_MARKED_CODE, EXECFMT_NE_CODE, EXECFMT_NE_DATA, EXECFMT_NE_SYSTEM_DOS4,
    EXECFMT_NE_SYSTEM_ELKS, EXECFMT_NE_SYSTEM_OS2, EXECFMT_NE_SYSTEM_UNKNOWN, EXECFMT_NE_SYSTEM_WINDOWS,
    EXECFMT_NE_SYSTEM_WINDOWS_386,
};
use crate::finding::{
    EXECFMT_FIELD_FILE_LENGTH, NumberedField, execfmt_finding, from_c, in_record, name_at, record_and_offset,
};
use crate::memory::caller;
use crate::status::{execfmt_status, sentence};
use ::os2_ne::elks::ElksRule;
use ::os2_ne::{MzHeader, NeField, NeHeader, NeRule, RelocationRecord, SegmentEntry};

/// Field of a finding: the number of relocations of segment `index`.
pub const EXECFMT_NE_FIELD_RELOCATION_COUNT: u32 = 2;
/// Record of a field: the MZ header.
pub const EXECFMT_NE_RECORD_MZ: u32 = 0x100;
/// Record of a field: the NE header.
pub const EXECFMT_NE_RECORD_HEADER: u32 = 0x200;
/// Record of a field: the entry of segment `index`, from 1, in the segment table.
pub const EXECFMT_NE_RECORD_SEGMENT: u32 = 0x300;
/// Record of a field: a relocation of segment `index`, from 1.
pub const EXECFMT_NE_RECORD_RELOCATION: u32 = 0x400;

impl NumberedField for NeField {
    fn number(self) -> (u32, u32) {
        let (record, index) = match self {
            Self::Mz(_) => (EXECFMT_NE_RECORD_MZ, 0),
            Self::Header(_) => (EXECFMT_NE_RECORD_HEADER, 0),
            Self::Segment(number, _) => (EXECFMT_NE_RECORD_SEGMENT, number),
            Self::Relocation(number, _) => (EXECFMT_NE_RECORD_RELOCATION, number),
            Self::RelocationCount(number) => return (EXECFMT_NE_FIELD_RELOCATION_COUNT, number.into()),
            _ => return (EXECFMT_FIELD_FILE_LENGTH, 0),
        };
        (in_record(record, self.offset_in_record()), index.into())
    }

    fn from_number(number: u32, index: u32) -> Option<Self> {
        let (record, offset) = record_and_offset(number);
        let of = u16::try_from(index).ok()?;
        Some(match record {
            0 if number == EXECFMT_FIELD_FILE_LENGTH => Self::FileLength,
            0 if number == EXECFMT_NE_FIELD_RELOCATION_COUNT => Self::RelocationCount(of),
            EXECFMT_NE_RECORD_MZ => Self::Mz(name_at(MzHeader::FIELDS, offset)?),
            EXECFMT_NE_RECORD_HEADER => Self::Header(name_at(NeHeader::FIELDS, offset)?),
            EXECFMT_NE_RECORD_SEGMENT => Self::Segment(of, name_at(SegmentEntry::FIELDS, offset)?),
            EXECFMT_NE_RECORD_RELOCATION => Self::Relocation(of, name_at(RelocationRecord::FIELDS, offset)?),
            _ => return None,
        })
    }
}

/// The number of a finding's field.
pub(super) fn field_number(field: &dyn Any) -> (u32, u32) {
    field.downcast_ref::<NeField>().map_or((0, 0), |field| field.number())
}

pub(crate) fn message(status: execfmt_status) -> Option<&'static CStr> {
    sentence::<NeRule>(status).or_else(|| sentence::<ElksRule>(status))
}

/// Writes a sentence about a finding of this format in the manner of snprintf: at most `capacity` bytes into
/// `buffer`, including the terminating NUL. Returns the length of the whole sentence without the NUL; 0, and
/// an empty string, when the struct holds no finding of this format. To learn the length, pass a NULL
/// `buffer` with a `capacity` of 0. The sentence contains only printable characters, whatever the file
/// contains.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_ne_finding_message(
    finding: *const execfmt_finding,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    let caller = caller!();
    let c = caller.read(finding).unwrap_or_default();
    let (of_format, of_elks) = (from_c::<NeRule>(&c), from_c::<ElksRule>(&c));
    let found = of_format.as_ref().map(|it| it as &dyn Display);
    caller.sentence(buffer, capacity, found.or(of_elks.as_ref().map(|it| it as &dyn Display)))
}

/// The errno that execve of ELKS returns for a refusal, such as EXECFMT_ELKS_EINVAL; 0 for a status that is not a refusal
/// by ELKS.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_ne_elks_errno(status: execfmt_status) -> u32 {
    // No errno depends on the system that is the detail of a rule: any detail will do.
    let rule = <ElksRule as execfmt_common::Rule>::from_number(status, 0);
    rule.map_or(0, |rule| rule.errno().number().unsigned_abs())
}

/// The name of a system such as EXECFMT_NE_SYSTEM_ELKS, for messages. The string is static: do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_ne_system_name(system: u32) -> *const c_char {
    let name = match system {
        EXECFMT_NE_SYSTEM_ELKS => c"ELKS",
        EXECFMT_NE_SYSTEM_OS2 => c"OS/2",
        EXECFMT_NE_SYSTEM_WINDOWS => c"16-bit Windows",
        EXECFMT_NE_SYSTEM_DOS4 => c"DOS 4",
        EXECFMT_NE_SYSTEM_WINDOWS_386 => c"Windows in 386 mode",
        EXECFMT_NE_SYSTEM_UNKNOWN => c"an unspecified system",
        _ => c"an unknown system",
    };
    name.as_ptr()
}

/// The name of a kind of segment: "code", "data", "auto" or "auto-as-code"; "none" for another number. The
/// string is static: do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_ne_kind_name(kind: u32) -> *const c_char {
    let name = match kind {
        EXECFMT_NE_CODE => c"code",
        EXECFMT_NE_DATA => c"data",
        EXECFMT_NE_AUTO => c"auto",
        EXECFMT_NE_AUTO_MARKED_CODE => c"auto-as-code",
        _ => c"none",
    };
    name.as_ptr()
}

const _: () = {
    assert!(EXECFMT_NE_SYSTEM_ELKS == 0x100 && EXECFMT_NE_SYSTEM_WINDOWS_386 == 4);
};

#[cfg(test)]
mod tests {
    use ::os2_ne::System;
    use ::os2_ne::elks::SegmentKind;
    use execfmt_common::{Detail as _, Rule as _};

    use super::*;

    #[test]
    fn every_rule_has_its_sentence() {
        for row in NeRule::TABLE.iter().chain(ElksRule::TABLE) {
            assert_eq!(message(row.number).map(CStr::to_str), Some(Ok(row.sentence)), "{}", row.code);
        }
        assert_eq!(message(599), None);
    }

    #[test]
    fn every_field_comes_back_from_its_number() {
        let records = [
            (MzHeader::FIELDS, NeField::Mz as fn(&'static str) -> NeField),
            (NeHeader::FIELDS, NeField::Header),
            (SegmentEntry::FIELDS, |name| NeField::Segment(5, name)),
            (RelocationRecord::FIELDS, |name| NeField::Relocation(300, name)),
        ];
        let named = records.iter().flat_map(|(fields, make)| fields.iter().map(|field| make(field.name)));
        let mut numbers = std::collections::HashSet::new();
        for field in named.chain([NeField::FileLength, NeField::RelocationCount(3)]) {
            let (number, index) = field.number();
            assert_eq!(NeField::from_number(number, index), Some(field));
            assert!(numbers.insert(number), "{field} has a number of its own");
        }
        for number in [0, 3, 0x101, 0x2ff, 0x500, u32::MAX] {
            assert_eq!(NeField::from_number(number, 0), None);
        }
    }

    #[test]
    fn names_are_those_of_the_format() {
        let text = |name: *const c_char| {
            // SAFETY: the functions return static strings.
            unsafe { CStr::from_ptr(name) }.to_str().map(String::from)
        };
        for system in
            [System::Elks, System::Os2, System::Windows, System::Dos4, System::Windows386, System::Unknown]
        {
            assert_eq!(text(execfmt_ne_system_name(system.number())), Ok(system.to_string()));
        }
        for kind in [SegmentKind::Code, SegmentKind::Data, SegmentKind::Auto, SegmentKind::AutoMarkedCode] {
            assert_eq!(
                text(execfmt_ne_kind_name(super::super::types::kind_code(kind))),
                Ok(kind.name().into())
            );
        }
    }
}
