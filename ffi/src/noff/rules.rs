use core::ffi::{CStr, c_char};

use ::noff::{Lookalike, NoffField, NoffFinding, NoffRule, SegmentField, SegmentKind};

use super::types::{
    EXECFMT_NOFF_CODE, EXECFMT_NOFF_INIT_DATA, EXECFMT_NOFF_READONLY_DATA, EXECFMT_NOFF_UNINIT_DATA,
};
use crate::base::{execfmt_finding, execfmt_status, finding_for_c, finding_from_c, write_sentence};
use crate::memory;

/// Error: the file, or the prefix given, ends within the header.
pub const EXECFMT_NOFF_E_TRUNCATED: execfmt_status = 100;
/// Error: not a NOFF file. `detail` says what it looks like.
pub const EXECFMT_NOFF_E_BAD_MAGIC: execfmt_status = 101;
/// Error: the header fits neither layout; choose one in the options.
pub const EXECFMT_NOFF_E_LAYOUT: execfmt_status = 102;
/// Error: a segment's address and size add up to more than 32 bits hold.
pub const EXECFMT_NOFF_E_ADDRESS: execfmt_status = 103;
/// Error: a segment's bytes would lie beyond the end of the file.
pub const EXECFMT_NOFF_E_PAST_EOF: execfmt_status = 104;
/// Error: a segment's bytes would begin within the header.
pub const EXECFMT_NOFF_E_HEADER_OVERLAP: execfmt_status = 105;
/// Error: two segments claim the same addresses; `detail` is the other one.
pub const EXECFMT_NOFF_E_OVERLAP: execfmt_status = 106;
/// Error, when building: the layout has no such segment.
pub const EXECFMT_NOFF_E_NO_SUCH_SEGMENT: execfmt_status = 120;
/// Error, when building: the file would be 4 GiB or longer.
pub const EXECFMT_NOFF_E_TOO_LONG: execfmt_status = 121;
/// Warning: uninitData begins within the padding of initData.
pub const EXECFMT_NOFF_W_PADDING_OVERLAP: execfmt_status = 150;
/// Warning: two segments use the same bytes of the file; `detail` is the other one.
pub const EXECFMT_NOFF_W_FILE_OVERLAP: execfmt_status = 151;
/// Warning: a size is not a multiple of 16.
pub const EXECFMT_NOFF_W_RAGGED_SIZE: execfmt_status = 152;
/// Warning: an address is not a multiple of 4.
pub const EXECFMT_NOFF_W_UNALIGNED: execfmt_status = 153;
/// Warning: the code does not begin at address 0.
pub const EXECFMT_NOFF_W_CODE_NOT_AT_ZERO: execfmt_status = 154;
/// Warning when parsing, error when building: there is no code.
pub const EXECFMT_NOFF_W_NO_CODE: execfmt_status = 155;
/// Warning: the layout chosen is not the one that the header shows.
pub const EXECFMT_NOFF_W_LAYOUT: execfmt_status = 156;
/// Warning: the file goes on behind the last segment.
pub const EXECFMT_NOFF_W_TRAILING_BYTES: execfmt_status = 157;
/// Warning: the segments' sizes add up to less than the memory that they span.
pub const EXECFMT_NOFF_W_MEMORY_GAP: execfmt_status = 158;
/// Warning: the program ends at a higher address than any known real one.
pub const EXECFMT_NOFF_W_LARGE: execfmt_status = 159;

/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: nothing known.
pub const EXECFMT_NOFF_LOOKS_UNKNOWN: u32 = 0;
/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: an ELF file.
pub const EXECFMT_NOFF_LOOKS_ELF: u32 = 1;
/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: a little-endian MIPS COFF file, to be converted.
pub const EXECFMT_NOFF_LOOKS_COFF: u32 = 2;
/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: a big-endian MIPS COFF file.
pub const EXECFMT_NOFF_LOOKS_COFF_BIG: u32 = 3;

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

/// Every rule, to find one by its number.
const RULES: [NoffRule; 26] = [
    NoffRule::Truncated,
    NoffRule::BadMagic(Lookalike::Unknown),
    NoffRule::BadMagic(Lookalike::Elf),
    NoffRule::BadMagic(Lookalike::CoffLittle),
    NoffRule::BadMagic(Lookalike::CoffBig),
    NoffRule::UndecidableLayout,
    NoffRule::AddressOverflow,
    NoffRule::SegmentPastEof,
    NoffRule::HeaderOverlap,
    NoffRule::SegmentsOverlap(SegmentKind::Code),
    NoffRule::SegmentsOverlap(SegmentKind::InitData),
    NoffRule::SegmentsOverlap(SegmentKind::ReadonlyData),
    NoffRule::SegmentsOverlap(SegmentKind::UninitData),
    NoffRule::PaddingOverlap,
    NoffRule::FileRangesOverlap(SegmentKind::Code),
    NoffRule::FileRangesOverlap(SegmentKind::InitData),
    NoffRule::FileRangesOverlap(SegmentKind::ReadonlyData),
    NoffRule::FileRangesOverlap(SegmentKind::UninitData),
    NoffRule::RaggedSize,
    NoffRule::UnalignedAddress,
    NoffRule::CodeNotAtZero,
    NoffRule::NoCode,
    NoffRule::LayoutContradicted,
    NoffRule::TrailingBytes,
    NoffRule::MemoryGap,
    NoffRule::LargeProgram,
];

/// The number of a rule, its detail and a sentence about it.
pub(super) const fn rule_code(rule: NoffRule) -> (execfmt_status, u32, &'static CStr) {
    match rule {
        NoffRule::Truncated => (EXECFMT_NOFF_E_TRUNCATED, 0, c"NOFF: the file ends within the header"),
        NoffRule::BadMagic(like) => {
            (EXECFMT_NOFF_E_BAD_MAGIC, lookalike_code(like), c"NOFF: not a NOFF file; was it converted?")
        }
        NoffRule::UndecidableLayout => {
            (EXECFMT_NOFF_E_LAYOUT, 0, c"NOFF: the header fits neither layout; choose one in the options")
        }
        NoffRule::AddressOverflow => {
            (EXECFMT_NOFF_E_ADDRESS, 0, c"NOFF: a segment goes beyond 32-bit addresses")
        }
        NoffRule::SegmentPastEof => {
            (EXECFMT_NOFF_E_PAST_EOF, 0, c"NOFF: a segment's bytes would lie beyond the end of the file")
        }
        NoffRule::HeaderOverlap => {
            (EXECFMT_NOFF_E_HEADER_OVERLAP, 0, c"NOFF: a segment's bytes would begin within the header")
        }
        NoffRule::SegmentsOverlap(other) => {
            (EXECFMT_NOFF_E_OVERLAP, segment_code(other), c"NOFF: two segments claim the same addresses")
        }
        NoffRule::PaddingOverlap => {
            (EXECFMT_NOFF_W_PADDING_OVERLAP, 0, c"NOFF: uninitData begins within the padding of initData")
        }
        NoffRule::FileRangesOverlap(other) => (
            EXECFMT_NOFF_W_FILE_OVERLAP,
            segment_code(other),
            c"NOFF: two segments use the same bytes of the file",
        ),
        NoffRule::RaggedSize => (EXECFMT_NOFF_W_RAGGED_SIZE, 0, c"NOFF: a size is not a multiple of 16"),
        NoffRule::UnalignedAddress => {
            (EXECFMT_NOFF_W_UNALIGNED, 0, c"NOFF: an address is not a multiple of 4")
        }
        NoffRule::CodeNotAtZero => {
            (EXECFMT_NOFF_W_CODE_NOT_AT_ZERO, 0, c"NOFF: the code does not begin at address 0")
        }
        NoffRule::NoCode => (EXECFMT_NOFF_W_NO_CODE, 0, c"NOFF: there is no code"),
        NoffRule::LayoutContradicted => {
            (EXECFMT_NOFF_W_LAYOUT, 0, c"NOFF: the layout chosen is not the one that the header shows")
        }
        NoffRule::TrailingBytes => {
            (EXECFMT_NOFF_W_TRAILING_BYTES, 0, c"NOFF: the file goes on behind the last segment")
        }
        NoffRule::MemoryGap => {
            (EXECFMT_NOFF_W_MEMORY_GAP, 0, c"NOFF: the sizes add up to less than the memory they span")
        }
        NoffRule::LargeProgram => {
            (EXECFMT_NOFF_W_LARGE, 0, c"NOFF: the program ends at a higher address than any known one")
        }
    }
}

const fn lookalike_code(like: Lookalike) -> u32 {
    match like {
        Lookalike::Unknown => EXECFMT_NOFF_LOOKS_UNKNOWN,
        Lookalike::Elf => EXECFMT_NOFF_LOOKS_ELF,
        Lookalike::CoffLittle => EXECFMT_NOFF_LOOKS_COFF,
        Lookalike::CoffBig => EXECFMT_NOFF_LOOKS_COFF_BIG,
    }
}

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
        EXECFMT_NOFF_E_NO_SUCH_SEGMENT => Some(c"NOFF: a header with 3 segments has no readonlyData"),
        EXECFMT_NOFF_E_TOO_LONG => Some(c"NOFF: the file would be 4 GiB or longer"),
        _ => RULES.iter().map(|&rule| rule_code(rule)).find(|code| code.0 == status).map(|code| code.2),
    }
}

pub(super) fn for_c(finding: &NoffFinding) -> execfmt_finding {
    let (status, detail, _) = rule_code(finding.rule);
    finding_for_c(finding, status, detail, field_code(finding.field))
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
    let finding = unsafe { memory::read(finding) }.ok().and_then(|c| {
        let number = (c.status, c.detail);
        let rule = RULES.into_iter().find(|&rule| (rule_code(rule).0, rule_code(rule).1) == number)?;
        finding_from_c(&c, rule, field_of(c.field)?)
    });
    // SAFETY: the caller's promise.
    unsafe { write_sentence(buffer, capacity, finding) }
}

#[cfg(test)]
mod tests {
    use execfmt_common::Rule as _;

    use super::*;

    #[test]
    fn every_rule_has_a_number_of_its_own_and_comes_back_from_it() {
        for (index, rule) in RULES.iter().enumerate() {
            let code = rule_code(*rule);
            let same = |other: &NoffRule| (rule_code(*other).0, rule_code(*other).1) == (code.0, code.1);
            assert_eq!(RULES.iter().position(same), Some(index), "{}", rule.code());
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
