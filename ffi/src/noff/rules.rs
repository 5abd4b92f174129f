use core::any::Any;
use core::ffi::{CStr, c_char};
use core::mem::offset_of;

use ::mips_scan::{CodeField, CodeRule};
use ::noff::{NoffField, NoffRule, Segment, SegmentField, SegmentKind};
use zerocopy::NativeEndian;

use super::types::{
    EXECFMT_NOFF_CODE, EXECFMT_NOFF_INIT_DATA, EXECFMT_NOFF_READONLY_DATA, EXECFMT_NOFF_UNINIT_DATA,
};
use crate::finding::{
    EXECFMT_FIELD_FILE_LENGTH, EXECFMT_FIELD_NONE, NumberedField, execfmt_finding, from_c, in_record,
};
use crate::memory::caller;
use crate::status::{execfmt_status, sentence};

/// Error, when building: the layout has no such segment.
pub const EXECFMT_NOFF_E_NO_SUCH_SEGMENT: execfmt_status = 120;
/// Error, when building: the file would be 4 GiB or longer.
pub const EXECFMT_NOFF_E_TOO_LONG: execfmt_status = 121;
/// Error, when loading: program and stack would end beyond 32-bit addresses, or leave no room for the stack pointer.
pub const EXECFMT_NOFF_E_NO_STACK: execfmt_status = 122;
/// Error, when looking up an address: no segment contains it, or the file has no byte for it.
pub const EXECFMT_NOFF_E_NO_ADDRESS: execfmt_status = 123;

/// Record of a field: the beginning of the header; its only field is the magic.
pub const EXECFMT_NOFF_RECORD_HEADER: u32 = 0x100;
/// Record of a field: that of segment `index` in the header, EXECFMT_NOFF_CODE or another of these constants.
pub const EXECFMT_NOFF_RECORD_SEGMENT: u32 = 0x200;
/// Field of a finding: the magic.
pub const EXECFMT_NOFF_FIELD_MAGIC: u32 = 0x100;

pub(super) const fn segment_code(kind: SegmentKind) -> u32 {
    match kind {
        SegmentKind::Code => EXECFMT_NOFF_CODE,
        SegmentKind::InitData => EXECFMT_NOFF_INIT_DATA,
        SegmentKind::ReadonlyData => EXECFMT_NOFF_READONLY_DATA,
        SegmentKind::UninitData => EXECFMT_NOFF_UNINIT_DATA,
    }
}

/// The number of a field of a segment's record.
const fn of_segment(field: SegmentField) -> u32 {
    match field {
        SegmentField::VirtualAddr => in_segment(offset_of!(Segment<NativeEndian>, virtual_addr)),
        SegmentField::InFileAddr => in_segment(offset_of!(Segment<NativeEndian>, in_file_addr)),
        SegmentField::Size => in_segment(offset_of!(Segment<NativeEndian>, size)),
        // Fields to which this library assigns no number.
        _ => EXECFMT_FIELD_NONE,
    }
}

const fn in_segment(offset: usize) -> u32 {
    in_record(EXECFMT_NOFF_RECORD_SEGMENT, offset as u64)
}

impl NumberedField for NoffField {
    fn number(self) -> (u32, u32) {
        match self {
            Self::FileLength => (EXECFMT_FIELD_FILE_LENGTH, 0),
            Self::NoffMagic => (EXECFMT_NOFF_FIELD_MAGIC, 0),
            Self::Segment(kind, field) => (of_segment(field), segment_code(kind)),
            // Fields to which this library assigns no number.
            _ => (EXECFMT_FIELD_NONE, 0),
        }
    }

    fn from_number(number: u32, index: u32) -> Option<Self> {
        match number {
            EXECFMT_FIELD_FILE_LENGTH => return Some(Self::FileLength),
            EXECFMT_NOFF_FIELD_MAGIC => return Some(Self::NoffMagic),
            _ => {}
        }
        let kind = SegmentKind::ALL.into_iter().find(|&kind| segment_code(kind) == index)?;
        let fields = [SegmentField::VirtualAddr, SegmentField::InFileAddr, SegmentField::Size];
        fields.into_iter().find(|&field| of_segment(field) == number).map(|field| Self::Segment(kind, field))
    }
}

/// The number of a finding's field.
pub(super) fn field_number(field: &dyn Any) -> (u32, u32) {
    let of_code = || field.downcast_ref::<CodeField>().map_or((0, 0), |field| field.number());
    field.downcast_ref::<NoffField>().map_or_else(of_code, |field| field.number())
}

pub(crate) fn message(status: execfmt_status) -> Option<&'static CStr> {
    match status {
        EXECFMT_NOFF_E_NO_ADDRESS => Some(c"NOFF: no segment contains the address, or the file has no byte for it"),
        EXECFMT_NOFF_E_NO_SUCH_SEGMENT => Some(c"NOFF: a header with 3 segments has no readonlyData"),
        EXECFMT_NOFF_E_TOO_LONG => Some(c"NOFF: the file would be 4 GiB or longer"),
        EXECFMT_NOFF_E_NO_STACK => {
            Some(c"NOFF: program and stack would end beyond 32-bit addresses, or leave no room for the stack pointer")
        }
        _ => sentence::<NoffRule>(status).or_else(|| sentence::<CodeRule>(status)),
    }
}

/// Writes a sentence about a finding of this format in the manner of snprintf: at most `capacity` bytes into
/// `buffer`, including the terminating NUL. Returns the length of the whole sentence without the NUL; 0, and
/// an empty string, when the struct holds no finding of this format. To learn the length, pass a NULL
/// `buffer` with a `capacity` of 0.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_finding_message(
    finding: *const execfmt_finding,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    let caller = caller!();
    let c = caller.read(finding).unwrap_or_default();
    let of_code = from_c::<CodeRule>(&c);
    match of_code {
        Some(of_code) => caller.sentence(buffer, capacity, Some(of_code)),
        None => caller.sentence(buffer, capacity, from_c::<NoffRule>(&c)),
    }
}

#[cfg(test)]
mod tests {
    use execfmt_common::Rule as _;

    use super::*;

    #[test]
    fn every_rule_comes_back_from_its_number() {
        for row in NoffRule::TABLE {
            let rules = (0..5).filter_map(|detail| NoffRule::from_number(row.number, detail));
            assert!(rules.clone().count() > 0, "{}", row.code);
            for rule in rules {
                assert_eq!(
                    (rule.number(), rule.code(), rule.severity()),
                    (row.number, row.code, row.severity)
                );
                assert_eq!(NoffRule::from_number(rule.number(), rule.detail()), Some(rule));
            }
            let sentence = message(row.number).and_then(|sentence| sentence.to_str().ok());
            assert_eq!(sentence, Some(row.sentence));
        }
    }

    #[test]
    fn every_field_comes_back_from_its_number() {
        let numbers = [0x200, 0x204, 0x208].map(|number| [0, 1, 2, 3].map(|index| (number, index)));
        for (number, index) in numbers.into_iter().flatten().chain([(1, 0), (0x100, 0)]) {
            assert_eq!(NoffField::from_number(number, index).map(NoffField::number), Some((number, index)));
        }
        for (number, index) in [(0, 0), (0x104, 0), (0x20c, 0), (0x200, 4)] {
            assert_eq!(NoffField::from_number(number, index), None);
        }
    }
}
