use core::ffi::c_void;
use core::ops::ControlFlow;

use execfmt_common::{AnyFinding, ByteOrder, Expected, Finding, Rule, Severity, WireField};

use crate::memory::Caller;
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};

/// Byte order: least significant byte first.
pub const EXECFMT_LITTLE_ENDIAN: u32 = 1;
/// Byte order: most significant byte first.
pub const EXECFMT_BIG_ENDIAN: u32 = 2;

/// Severity: accepted, but worth reporting.
pub const EXECFMT_WARNING: u32 = 1;
/// Severity: the file is refused.
pub const EXECFMT_ERROR: u32 = 2;

/// Expectation: exactly `expected`.
pub const EXECFMT_EXACTLY: u32 = 1;
/// Expectation: `expected` or `expected_other`.
pub const EXECFMT_EITHER: u32 = 2;
/// Expectation: `expected` or more.
pub const EXECFMT_AT_LEAST: u32 = 3;
/// Expectation: `expected` or less.
pub const EXECFMT_AT_MOST: u32 = 4;
/// Expectation: a multiple of `expected`.
pub const EXECFMT_MULTIPLE_OF: u32 = 5;
/// Expectation: any value but `expected`, where no single bound is available.
pub const EXECFMT_ANYTHING_BUT: u32 = 6;

/// Field of a finding: one without a number.
pub const EXECFMT_FIELD_NONE: u32 = 0;
/// Field of a finding: the file as a whole; the value is its length in bytes.
pub const EXECFMT_FIELD_FILE_LENGTH: u32 = 1;
/// The bits of a field that are its offset in the record; the others are the record's number.
pub const EXECFMT_FIELD_OFFSET_MASK: u32 = 0xff;

/// Result of execfmt_looks_like: unknown.
pub const EXECFMT_LOOKS_UNKNOWN: u32 = 0;
/// Result of execfmt_looks_like: an ELF file.
pub const EXECFMT_LOOKS_ELF: u32 = 1;
/// Result of execfmt_looks_like: a little-endian MIPS COFF file.
pub const EXECFMT_LOOKS_COFF: u32 = 2;
/// Result of execfmt_looks_like: a big-endian MIPS COFF file.
pub const EXECFMT_LOOKS_COFF_BIG: u32 = 3;
/// Result of execfmt_looks_like: a program for DOS, OS/2 or Windows.
pub const EXECFMT_LOOKS_MZ: u32 = 4;
/// Result of execfmt_looks_like: a script.
pub const EXECFMT_LOOKS_SCRIPT: u32 = 5;
/// Result of execfmt_looks_like: an archive of object files.
pub const EXECFMT_LOOKS_ARCHIVE: u32 = 6;
/// Result of execfmt_looks_like: an object file of bcc.
pub const EXECFMT_LOOKS_BCC_OBJECT: u32 = 7;
/// Result of execfmt_looks_like: an a.out file of Linux or BSD, not of ELKS or Minix.
pub const EXECFMT_LOOKS_LINUX_AOUT: u32 = 8;
/// Result of execfmt_looks_like: a gzip file.
pub const EXECFMT_LOOKS_GZIP: u32 = 9;
/// Result of execfmt_looks_like: a little-endian NOFF file.
pub const EXECFMT_LOOKS_NOFF: u32 = 10;
/// Result of execfmt_looks_like: a big-endian NOFF file.
pub const EXECFMT_LOOKS_NOFF_BIG: u32 = 11;
/// Result of execfmt_looks_like: a Coyotos image.
pub const EXECFMT_LOOKS_COYOTOS: u32 = 12;
/// Result of execfmt_looks_like: an ELKS or Minix a.out file.
pub const EXECFMT_LOOKS_AOUT: u32 = 13;

/// An error or a warning about a file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_finding {
    /// File offset of the field, in bytes.
    pub offset: u64,
    /// The value found.
    pub found: u64,
    /// The value expected; `relation` determines its meaning.
    pub expected: u64,
    /// The other value, with EXECFMT_EITHER.
    pub expected_other: u64,
    /// The rule that is broken, as a status of the format.
    pub status: execfmt_status,
    /// EXECFMT_WARNING or EXECFMT_ERROR.
    pub severity: u32,
    /// The field: EXECFMT_FIELD_FILE_LENGTH, or a constant of the format, which is the number of a record of
    /// the file plus the field's offset in that record.
    pub field: u32,
    /// EXECFMT_EXACTLY, EXECFMT_EITHER, EXECFMT_AT_LEAST, EXECFMT_AT_MOST, EXECFMT_MULTIPLE_OF or
    /// EXECFMT_ANYTHING_BUT.
    pub relation: u32,
    /// Details of the rule, with a meaning specific to the format.
    pub detail: u32,
    /// The number of the segment, section or record that contains the field; 0 if there is only one.
    pub index: u32,
}

/// Called once per finding, during the call that it was passed to. `finding` is valid until it returns. A
/// result other than 0 stops the calls; the verdict does not depend on it. `context` is passed through
/// unchanged. The function may call any function of this library, even on the same file; it must return: no
/// exception and no longjmp may leave it.
pub type execfmt_report_fn =
    Option<unsafe extern "C" fn(context: *mut c_void, finding: *const execfmt_finding) -> i32>;

pub(crate) const fn byte_order_code(byte_order: ByteOrder) -> u32 {
    match byte_order {
        ByteOrder::Little => EXECFMT_LITTLE_ENDIAN,
        ByteOrder::Big => EXECFMT_BIG_ENDIAN,
    }
}

pub(crate) const fn byte_order(code: u32) -> Result<ByteOrder, execfmt_status> {
    match code {
        EXECFMT_LITTLE_ENDIAN => Ok(ByteOrder::Little),
        EXECFMT_BIG_ENDIAN => Ok(ByteOrder::Big),
        _ => Err(EXECFMT_E_ARGUMENT),
    }
}

/// A field of a format, as C sees it: a number made of record and offset, and the index of the record.
pub(crate) trait NumberedField: Copy + 'static {
    /// Number and index.
    fn number(self) -> (u32, u32);

    /// The field with a number and an index.
    fn from_number(number: u32, index: u32) -> Option<Self>;
}

/// The record in a number, and the offset in it.
pub(crate) const fn record_and_offset(number: u32) -> (u32, u32) {
    (number & !EXECFMT_FIELD_OFFSET_MASK, number & EXECFMT_FIELD_OFFSET_MASK)
}

/// The number of the field at an offset of a record. Records are shorter than 256 bytes.
pub(crate) const fn in_record(record: u32, offset: u64) -> u32 {
    let [low, ..] = offset.to_le_bytes();
    record | low as u32
}

/// The name of the field at an offset of a record.
pub(crate) fn name_at(fields: &[WireField], offset: u32) -> Option<&'static str> {
    let offset = usize::try_from(offset).ok()?;
    fields.iter().find(|field| field.offset == offset).map(|field| field.name)
}

const fn relation(expected: Expected) -> (u32, u64) {
    match expected {
        Expected::Exactly(_) => (EXECFMT_EXACTLY, 0),
        Expected::Either(_, other) => (EXECFMT_EITHER, other),
        Expected::AtLeast(_) => (EXECFMT_AT_LEAST, 0),
        Expected::AtMost(_) => (EXECFMT_AT_MOST, 0),
        Expected::MultipleOf(_) => (EXECFMT_MULTIPLE_OF, 0),
        Expected::AnythingBut(_) => (EXECFMT_ANYTHING_BUT, 0),
    }
}

const fn severity_code(severity: Severity) -> u32 {
    match severity {
        Severity::Warning => EXECFMT_WARNING,
        Severity::Error => EXECFMT_ERROR,
    }
}

/// A finding for C.
pub(crate) fn to_c<R: Rule<Field: NumberedField>>(finding: &Finding<R>) -> execfmt_finding {
    let (field, index) = finding.field.number();
    let (relation, expected_other) = relation(finding.expected);
    execfmt_finding {
        offset: finding.offset,
        found: finding.found,
        expected: finding.expected.bound(),
        expected_other,
        status: finding.rule.number(),
        severity: severity_code(finding.severity()),
        field,
        relation,
        detail: finding.rule.detail(),
        index,
    }
}

/// Stores why a file is refused, if the caller wants to know, and returns the status. Kept out of line, away
/// from the path of valid files.
#[cold]
#[inline(never)]
pub(crate) fn refused<R: Rule<Field: NumberedField>>(
    caller: Caller<'_>,
    refusal: &Finding<R>,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    match caller.write_if_wanted(finding, to_c(refusal)) {
        Ok(()) => refusal.rule.number(),
        Err(status) => status,
    }
}

/// Converts a finding of any rules, whose field is of a type that `number` understands, for C.
pub(crate) fn any_to_c(
    finding: &dyn AnyFinding,
    number: fn(&dyn core::any::Any) -> (u32, u32),
) -> execfmt_finding {
    let (field, index) = number(finding.field_value());
    let (relation, expected_other) = relation(finding.expected());
    execfmt_finding {
        offset: finding.offset(),
        found: finding.found(),
        expected: finding.expected().bound(),
        expected_other,
        status: finding.number(),
        severity: severity_code(finding.severity()),
        field,
        relation,
        detail: finding.detail(),
        index,
    }
}

/// Converts a finding back from C, for the sentence about it. `None` when the struct holds none of these
/// rules.
pub(crate) fn from_c<R: Rule<Field: NumberedField>>(c: &execfmt_finding) -> Option<Finding<R>> {
    let expected = match c.relation {
        EXECFMT_EXACTLY => Expected::Exactly(c.expected),
        EXECFMT_EITHER => Expected::Either(c.expected, c.expected_other),
        EXECFMT_AT_LEAST => Expected::AtLeast(c.expected),
        EXECFMT_AT_MOST => Expected::AtMost(c.expected),
        EXECFMT_MULTIPLE_OF => Expected::MultipleOf(c.expected),
        EXECFMT_ANYTHING_BUT => Expected::AnythingBut(c.expected),
        _ => return None,
    };
    let rule = R::from_number(c.status, c.detail)?;
    let field = R::Field::from_number(c.field, c.index)?;
    Some(Finding { rule, field, offset: c.offset, found: c.found, expected })
}

/// The state of a check: findings go to the caller's function until it stops them, and the status of the
/// first error is the verdict, whether or not the function was called for it.
pub(crate) struct Report {
    report: execfmt_report_fn,
    context: *mut c_void,
    first_error: Option<execfmt_status>,
}

impl Report {
    pub(crate) const fn new(report: execfmt_report_fn, context: *mut c_void) -> Self {
        Self { report, context, first_error: None }
    }

    /// Processes a finding. Breaks when no further one can matter.
    pub(crate) fn take(&mut self, finding: &execfmt_finding) -> ControlFlow<()> {
        if finding.severity == EXECFMT_ERROR && self.first_error.is_none() {
            self.first_error = Some(finding.status);
        }
        if let Some(report) = self.report {
            // SAFETY: the caller's own function, called as its type says.
            if unsafe { report(self.context, finding) } != 0 {
                self.report = None;
            }
        }
        match self.report {
            None if self.first_error.is_some() => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    /// The verdict of the findings processed so far.
    pub(crate) fn verdict(&self) -> Result<(), execfmt_status> {
        self.first_error.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use execfmt_detect::Magic;

    use super::*;

    #[test]
    fn every_magic_has_its_constant() {
        let (little, big) = (ByteOrder::Little, ByteOrder::Big);
        let table = [
            (EXECFMT_LOOKS_UNKNOWN, Magic::Unknown),
            (EXECFMT_LOOKS_ELF, Magic::Elf),
            (EXECFMT_LOOKS_COFF, Magic::MipsCoff(little)),
            (EXECFMT_LOOKS_COFF_BIG, Magic::MipsCoff(big)),
            (EXECFMT_LOOKS_MZ, Magic::Mz),
            (EXECFMT_LOOKS_SCRIPT, Magic::Script),
            (EXECFMT_LOOKS_ARCHIVE, Magic::Archive),
            (EXECFMT_LOOKS_BCC_OBJECT, Magic::BccObject),
            (EXECFMT_LOOKS_LINUX_AOUT, Magic::LinuxAout),
            (EXECFMT_LOOKS_GZIP, Magic::Gzip),
            (EXECFMT_LOOKS_NOFF, Magic::Noff(little)),
            (EXECFMT_LOOKS_NOFF_BIG, Magic::Noff(big)),
            (EXECFMT_LOOKS_COYOTOS, Magic::CoyotosImage),
            (EXECFMT_LOOKS_AOUT, Magic::AoutMinix),
        ];
        for (number, magic) in table {
            assert_eq!(magic.number(), number);
        }
        assert_eq!(crate::base::execfmt_looks_like(0x464c_457f), EXECFMT_LOOKS_ELF);
    }
}
