use core::ffi::{c_char, c_void};
use core::fmt::{self, Write as _};
use core::ops::ControlFlow;

use ::aout_minix::compress::{StreamField, StreamRule};
use ::aout_minix::elks::{ElksRule, MIN_ARGUMENT_BYTES};
use ::aout_minix::minix2::Minix2Rule;
use ::aout_minix::{AoutField, AoutRule, CheckOptions, Finding, Loader, Rule, Section, check_bytes};
use execfmt_common::{AnyFinding, Severity};
use static_assertions::const_assert_eq;

use crate::aout_compress::{stream_field, stream_field_code};
use crate::base::{
    EXECFMT_E_ARGUMENT, EXECFMT_ERROR, EXECFMT_WARNING, execfmt_finding, execfmt_status, finding_for_c,
    finding_from_c, write_sentence,
};
use crate::memory;

/// Kernel: the one that the file is made for.
pub const EXECFMT_AOUT_FOR_INTENDED: u32 = 0;
/// Kernel: ELKS with medium model and compression.
pub const EXECFMT_AOUT_FOR_ELKS: u32 = 1;
/// Kernel: ELKS without medium model and compression.
pub const EXECFMT_AOUT_FOR_ELKS_MINIMAL: u32 = 2;
/// Kernel: Minix 2.
pub const EXECFMT_AOUT_FOR_MINIX2: u32 = 3;

/// The smallest argument block that a real execve of ELKS passes, in bytes.
pub const EXECFMT_ELKS_MIN_ARGUMENT_BYTES: u32 = 10;
const_assert_eq!(EXECFMT_ELKS_MIN_ARGUMENT_BYTES, MIN_ARGUMENT_BYTES as u32);

/// Field of a finding: the file as a whole; the value is its length. Fields of the header are their offset plus 1.
pub const EXECFMT_AOUT_FIELD_FILE_LENGTH: u32 = 65;
/// Field of a finding: the bytes of the symbol table.
pub const EXECFMT_AOUT_FIELD_SYMBOL_TABLE: u32 = 66;
/// Field of a finding: the address that a relocation changes. This number plus EXECFMT_AOUT_TEXT and so on, the section
/// that the relocation is in.
pub const EXECFMT_AOUT_FIELD_VADDR: u32 = 80;
/// Field of a finding: the segment of a relocation. This number plus the section.
pub const EXECFMT_AOUT_FIELD_SYMNDX: u32 = 84;
/// Field of a finding: the type of a relocation. This number plus the section.
pub const EXECFMT_AOUT_FIELD_RELOCATION_TYPE: u32 = 88;

/// What a file is checked for. All zero but for `size`: the kernel that the file is made for, no arguments.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_aout_check_options {
    /// The size of this struct in bytes.
    pub size: u32,
    /// EXECFMT_AOUT_FOR_INTENDED and so on.
    pub kernel: u32,
    /// The size of the argument block in bytes; 65535 at most.
    pub argument_bytes: u32,
    /// Not 0 to take compressed sections for well-formed, instead of decompressing them.
    pub keep_compressed: u32,
}

/// Called once per finding. A result other than 0 stops the calls; the verdict does not depend on it. `context` is passed
/// through unchanged.
pub type execfmt_aout_report_fn =
    Option<unsafe extern "C" fn(context: *mut c_void, finding: *const execfmt_finding) -> i32>;

/// # Safety
/// `options` must be NULL, for the default, or point to its struct.
unsafe fn options(options: *const execfmt_aout_check_options) -> Result<CheckOptions, execfmt_status> {
    if options.is_null() {
        return Ok(CheckOptions::default());
    }
    // SAFETY: the caller's promise.
    let c = unsafe { memory::read(options) }?;
    if usize::try_from(c.size) != Ok(size_of::<execfmt_aout_check_options>()) {
        return Err(EXECFMT_E_ARGUMENT);
    }
    let loader = match c.kernel {
        EXECFMT_AOUT_FOR_INTENDED => Loader::Intended,
        EXECFMT_AOUT_FOR_ELKS => Loader::Elks,
        EXECFMT_AOUT_FOR_ELKS_MINIMAL => Loader::ElksMinimal,
        EXECFMT_AOUT_FOR_MINIX2 => Loader::Minix2,
        _ => return Err(EXECFMT_E_ARGUMENT),
    };
    let argument_bytes = u16::try_from(c.argument_bytes).map_err(|_| EXECFMT_E_ARGUMENT)?;
    Ok(CheckOptions { loader, argument_bytes, decompress: c.keep_compressed == 0 })
}

/// The fields that are not in the header, with their numbers.
fn others() -> impl Iterator<Item = (u32, AoutField)> {
    let of_sections = [
        (EXECFMT_AOUT_FIELD_VADDR, AoutField::RelocationVaddr as fn(Section) -> AoutField),
        (EXECFMT_AOUT_FIELD_SYMNDX, AoutField::RelocationSymndx),
        (EXECFMT_AOUT_FIELD_RELOCATION_TYPE, AoutField::RelocationType),
    ];
    let of_sections = of_sections.into_iter().flat_map(|(first, field)| {
        (first..).zip(Section::LOADED).map(move |(number, section)| (number, field(section)))
    });
    let whole = [
        (EXECFMT_AOUT_FIELD_FILE_LENGTH, AoutField::FileLength),
        (EXECFMT_AOUT_FIELD_SYMBOL_TABLE, AoutField::SymbolTable),
    ];
    whole.into_iter().chain(of_sections)
}

fn in_header(number: u32) -> Option<AoutField> {
    let offset = u64::from(number.checked_sub(1)?);
    AoutField::HEADER.iter().copied().find(|field| field.in_header() == Some(offset))
}

/// The number of a field.
pub(super) fn field_code(field: AoutField) -> u32 {
    match field.in_header().map(u32::try_from) {
        Some(Ok(offset)) => offset.saturating_add(1),
        _ => others().find(|&(_, other)| other == field).map_or(0, |(number, _)| number),
    }
}

fn field_of(number: u32) -> Option<AoutField> {
    in_header(number).or_else(|| others().find(|&(other, _)| other == number).map(|(_, field)| field))
}

/// Compares what is written with a text.
struct Same<'a>(&'a [u8]);

impl fmt::Write for Same<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(text.as_bytes()).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// A name that is written down to be compared; none of a field is longer.
struct Name {
    bytes: [u8; 64],
    length: usize,
}

impl fmt::Write for Name {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            *self.bytes.get_mut(self.length).ok_or(fmt::Error)? = byte;
            self.length = self.length.saturating_add(1);
        }
        Ok(())
    }
}

/// The number of a finding's field, which is known by its name alone.
fn field_of_finding(finding: &dyn AnyFinding) -> u32 {
    let mut name = Name { bytes: [0; 64], length: 0 };
    if write!(name, "{}", finding.field()).is_err() {
        return 0;
    }
    let name = name.bytes.get(..name.length).unwrap_or_default();
    let same = |field: AoutField| {
        let mut same = Same(name);
        write!(same, "{field}").is_ok() && same.0.is_empty()
    };
    if StreamRule::NUMBERS.contains(&finding.number()) {
        // Named after the section, which is the detail.
        return StreamField::ALL
            .into_iter()
            .find(|field| {
                let mut text = Name { bytes: [0; 64], length: 0 };
                write!(text, "{field}").is_ok()
                    && name.ends_with(text.bytes.get(..text.length).unwrap_or_default())
            })
            .map_or(0, stream_field_code);
    }
    let header = AoutField::HEADER.iter().copied().find(|&field| same(field)).map(field_code);
    let other = || others().find(|&(_, field)| same(field)).map(|(number, _)| number);
    header.or_else(other).unwrap_or(0)
}

fn for_c(finding: &dyn AnyFinding) -> execfmt_finding {
    // The numbers of any rule stand for those of the finding's own.
    let one = Finding {
        rule: AoutRule::Truncated,
        field: AoutField::FileLength,
        offset: finding.offset(),
        found: finding.found(),
        expected: finding.expected(),
    };
    let mut c = finding_for_c(&one, finding.number(), finding.detail(), field_of_finding(finding));
    c.severity = match finding.severity() {
        Severity::Warning => EXECFMT_WARNING,
        Severity::Error => EXECFMT_ERROR,
    };
    c
}

/// Checks a whole file: every rule of the format and those of the kernel chosen, with compressed sections decompressed as
/// that kernel does. `report`, which may be NULL, is called for each of the first 1,000 findings; a refusal by a kernel
/// other than the one chosen is a warning. Returns EXECFMT_OK when the kernel runs the file, else the status of the first
/// error: a rule of the format, of ELKS (from EXECFMT_AOUT_E_ELKS on) or of Minix 2. `options` may be NULL, for the kernel
/// that the file is made for and the smallest argument block. Takes time in proportion to the file's length.
///
/// # Safety
/// `file` must point to `length` readable bytes, `options` be NULL or point to its struct, `report` be NULL or a function
/// of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_check_file(
    file: *const u8,
    length: usize,
    options: *const execfmt_aout_check_options,
    report: execfmt_aout_report_fn,
    context: *mut c_void,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::options(options) }.and_then(|options| {
        // SAFETY: the caller's promise.
        let file = unsafe { memory::slice(file, length) }?;
        let verdict = check_bytes(file, &options, &mut |finding| {
            let Some(report) = report else { return ControlFlow::Break(()) };
            let finding = for_c(finding);
            // SAFETY: the caller's own function, called as its type says.
            match unsafe { report(context, &raw const finding) } {
                0 => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        });
        verdict.first_error.map_or(Ok(()), Err)
    });
    memory::status(outcome)
}

/// Writes a sentence about a finding of this format, of any function of this header, as snprintf does: at most `capacity`
/// bytes into `buffer`, the closing NUL among them. Returns the length of the whole sentence without the NUL; 0, and an
/// empty string, when the struct holds no finding of this format. `buffer` may be NULL with a `capacity` of 0, to learn
/// the length.
///
/// # Safety
/// `finding` must be NULL or point to its struct, `buffer` be NULL or point to `capacity` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_finding_message(
    finding: *const execfmt_finding,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: the caller's promise.
    let Ok(c) = (unsafe { memory::read(finding) }) else {
        // SAFETY: the caller's promise.
        return unsafe { write_sentence(buffer, capacity, None::<&str>) };
    };
    fn back<R: Rule>(c: &execfmt_finding, field: Option<R::Field>) -> Option<Finding<R>> {
        finding_from_c(c, R::from_number(c.status, c.detail)?, field?)
    }
    let stream = StreamRule::from_number(c.status, 0)
        .and_then(|rule| finding_from_c(&c, rule, stream_field(c.field)?));
    let field = field_of(c.field);
    let (aout, elks, minix2) =
        (back::<AoutRule>(&c, field), back::<ElksRule>(&c, field), back::<Minix2Rule>(&c, field));
    let any: [Option<&dyn fmt::Display>; 4] = [
        aout.as_ref().map(|it| it as _),
        elks.as_ref().map(|it| it as _),
        minix2.as_ref().map(|it| it as _),
        stream.as_ref().map(|it| it as _),
    ];
    // SAFETY: the caller's promise.
    unsafe { write_sentence(buffer, capacity, any.into_iter().flatten().next()) }
}
