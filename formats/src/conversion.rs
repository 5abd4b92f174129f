//! What every conversion returns, and those to a format that several are converted to.

use coyotos_image::ObjectId;
use execfmt_common::{Finding, Rule, Severity};
use execfmt_detect::{Elf, FileKind, OwnFormat, detect};

use crate::coyotos::Reading;
use crate::report::Report;
use crate::{aout, coyotos, noff};

/// The outcome of a conversion.
#[derive(Debug)]
pub struct Converted {
    /// The new file.
    pub bytes: Vec<u8>,
    /// Whether who may execute the input may execute the output.
    pub executable: bool,
    /// What a user should know of it; without a severity, for information.
    pub notes: Vec<(Option<Severity>, String)>,
}

/// Why there is none.
#[derive(Debug)]
pub enum Failure {
    /// The file cannot be converted.
    Refused(String),
    /// The file cannot be converted, for what was found in it.
    Found(Report),
    /// Options that do not go with the file.
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
