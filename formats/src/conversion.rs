//! The result of every conversion, and the conversions to a format that several are converted to.

use coyotos_image::ObjectId;
use execfmt_common::{Finding, Rule, Severity};
use execfmt_detect::{Elf, FileKind, OwnFormat, detect};

use crate::coyotos::Reading;
use crate::report::Report;
use crate::{aout, coyotos, noff};

/// The result of a conversion.
#[derive(Debug)]
pub struct Converted {
    /// The new file.
    pub bytes: Vec<u8>,
    /// Whether the output is executable for those who may execute the input.
    pub executable: bool,
    /// Notes for the user; without a severity they are information.
    pub notes: Vec<(Option<Severity>, String)>,
}

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// The file cannot be converted.
    Refused(String),
    /// The file cannot be converted, because of this finding.
    Found(Report),
    /// Options that the file does not allow.
    Usage(String),
}

impl<R: Rule> From<Finding<R>> for Failure {
    fn from(finding: Finding<R>) -> Self {
        Self::Found(Report::from(&finding))
    }
}

/// To an ELF file for disassemblers and debuggers, from every format that is read here; of a Coyotos image the address space of an
/// object, or the one that [`choose`](coyotos::choose) finds.
///
/// # Errors
/// Why the file cannot be converted.
pub fn to_elf(bytes: &[u8], reading: Reading, of: Option<ObjectId>) -> Result<Converted, Failure> {
    match detect(bytes, bytes.len() as u64) {
        FileKind::Own(OwnFormat::CoyotosImage) | FileKind::Gzip => {
            coyotos::convert::to_elf(bytes, reading, of)
        }
        FileKind::Own(OwnFormat::AoutMinix) => aout::convert::to_elf(bytes),
        FileKind::Elf(elf) if elf.machine != Elf::MIPS => coyotos::convert::to_elf(bytes, reading, of),
        _ => noff::convert(bytes, noff::Output::Elf),
    }
}
