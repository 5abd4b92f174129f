use core::ffi::{CStr, c_char};

use ::noff::{NoffField, NoffFinding, NoffRule, SegmentField, SegmentKind};
use execfmt_common::Rule as _;

use super::types::{
    EXECFMT_NOFF_CODE, EXECFMT_NOFF_INIT_DATA, EXECFMT_NOFF_READONLY_DATA, EXECFMT_NOFF_UNINIT_DATA,
};
use crate::base::{execfmt_finding, execfmt_status, finding_for_c, finding_from_c, write_sentence};
use crate::memory;

/// Error, when building: the layout has no such segment.
pub const EXECFMT_NOFF_E_NO_SUCH_SEGMENT: execfmt_status = 120;
/// Error, when building: the file would be 4 GiB or longer.
pub const EXECFMT_NOFF_E_TOO_LONG: execfmt_status = 121;
/// Error, when loading: program and stack would end beyond 32-bit addresses, or leave no room for the stack pointer.
pub const EXECFMT_NOFF_E_NO_STACK: execfmt_status = 122;
/// Error, when asking for an address: no segment has it, or the file has no byte for it.
pub const EXECFMT_NOFF_E_NO_ADDRESS: execfmt_status = 123;

/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: nothing known.
pub const EXECFMT_NOFF_LOOKS_UNKNOWN: u32 = 0;
/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: an ELF file.
pub const EXECFMT_NOFF_LOOKS_ELF: u32 = 1;
/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: a little-endian MIPS COFF file, to be converted.
pub const EXECFMT_NOFF_LOOKS_COFF: u32 = 2;
/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: a big-endian MIPS COFF file.
pub const EXECFMT_NOFF_LOOKS_COFF_BIG: u32 = 3;

/// Field: none that has a number.
pub const EXECFMT_NOFF_FIELD_NONE: u32 = 0;
/// Field: the length of the file.
pub const EXECFMT_NOFF_FIELD_FILE_LENGTH: u32 = 1;
/// Field: the magic.
pub const EXECFMT_NOFF_FIELD_MAGIC: u32 = 2;
/// Field: virtual_addr of segment N is this number plus 4 * N.
pub const EXECFMT_NOFF_FIELD_VIRTUAL_ADDR: u32 = 16;
/// Field: in_file_addr of segment N is this number plus 4 * N.
pub const EXECFMT_NOFF_FIELD_IN_FILE_ADDR: u32 = 17;
/// Field: size of segment N is this number plus 4 * N.
pub const EXECFMT_NOFF_FIELD_SIZE: u32 = 18;

pub(super) const fn segment_code(kind: SegmentKind) -> u32 {
    match kind {
        SegmentKind::Code => EXECFMT_NOFF_CODE,
        SegmentKind::InitData => EXECFMT_NOFF_INIT_DATA,
        SegmentKind::ReadonlyData => EXECFMT_NOFF_READONLY_DATA,
        SegmentKind::UninitData => EXECFMT_NOFF_UNINIT_DATA,
    }
}

fn field_code(field: NoffField) -> u32 {
    let (base, kind) = match field {
        NoffField::FileLength => return EXECFMT_NOFF_FIELD_FILE_LENGTH,
        NoffField::NoffMagic => return EXECFMT_NOFF_FIELD_MAGIC,
        NoffField::Segment(kind, SegmentField::VirtualAddr) => (EXECFMT_NOFF_FIELD_VIRTUAL_ADDR, kind),
        NoffField::Segment(kind, SegmentField::InFileAddr) => (EXECFMT_NOFF_FIELD_IN_FILE_ADDR, kind),
        NoffField::Segment(kind, SegmentField::Size) => (EXECFMT_NOFF_FIELD_SIZE, kind),
        // Fields that this library does not number.
        _ => return EXECFMT_NOFF_FIELD_NONE,
    };
    base.saturating_add(segment_code(kind).saturating_mul(4))
}

fn field_of(code: u32) -> Option<NoffField> {
    let parts = [SegmentField::VirtualAddr, SegmentField::InFileAddr, SegmentField::Size];
    let of_segments =
        SegmentKind::ALL.iter().flat_map(|&kind| parts.map(|part| NoffField::Segment(kind, part)));
    let mut all = [NoffField::FileLength, NoffField::NoffMagic].into_iter().chain(of_segments);
    all.find(|&field| field_code(field) == code)
}

pub(crate) fn message(status: execfmt_status) -> Option<&'static CStr> {
    match status {
        EXECFMT_NOFF_E_NO_ADDRESS => Some(c"NOFF: no segment of the program has the address, or the file no byte for it"),
        EXECFMT_NOFF_E_NO_SUCH_SEGMENT => Some(c"NOFF: a header with 3 segments has no readonlyData"),
        EXECFMT_NOFF_E_TOO_LONG => Some(c"NOFF: the file would be 4 GiB or longer"),
        EXECFMT_NOFF_E_NO_STACK => {
            Some(c"NOFF: program and stack would end beyond 32-bit addresses, or leave no room for the stack pointer")
        }
        _ => {
            let index = NoffRule::NUMBERS.iter().position(|&number| number == status)?;
            let sentence = NoffRule::SENTENCES.as_bytes().split_inclusive(|&byte| byte == 0).nth(index)?;
            CStr::from_bytes_with_nul(sentence).ok()
        }
    }
}

pub(super) fn to_c(finding: &NoffFinding) -> execfmt_finding {
    finding_for_c(finding, finding.rule.number(), finding.rule.detail(), field_code(finding.field))
}

/// Writes a sentence about a finding of this format as snprintf does: at most `capacity` bytes into `buffer`, the
/// closing NUL among them. Returns the length of the whole sentence without the NUL; 0, and an empty string, when the
/// struct holds no finding of this format. `buffer` may be NULL with a `capacity` of 0, to learn the length.
///
/// # Safety
/// `finding` must be NULL or point to its struct, `buffer` be NULL or point to `capacity` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_finding_message(
    finding: *const execfmt_finding,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: the caller's promise.
    let finding = unsafe { memory::read(finding) }
        .ok()
        .and_then(|c| finding_from_c(&c, NoffRule::from_number(c.status, c.detail)?, field_of(c.field)?));
    // SAFETY: the caller's promise.
    unsafe { write_sentence(buffer, capacity, finding) }
}

#[cfg(test)]
mod tests {
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
        for code in [1, 2, 16, 17, 18, 20, 21, 22, 24, 25, 26, 28, 29, 30] {
            assert_eq!(field_of(code).map(field_code), Some(code));
        }
        assert_eq!(field_of(19), None);
    }
}
