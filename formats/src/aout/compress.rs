//! Compression and decompression of sections.

use aout_minix::compress::{
    CompressError, CompressedFile, ExpandError, FileReport, Level, compress_sections, expand_file,
};
use aout_minix::{AoutRule, Section, parse};

use crate::foreign;

/// The result for a file.
#[derive(Debug)]
pub enum Change {
    /// A new file; with a report if there is one.
    New(Vec<u8>, Option<FileReport>),
    /// The file is unchanged, and why.
    None(&'static str, Option<FileReport>),
}

/// Why there is no result.
#[derive(Debug)]
pub enum Refusal {
    /// It is not one of the accepted files.
    Other(String),
    /// It is malformed.
    Malformed(String),
}

/// Compresses sections of a program.
///
/// # Errors
/// Why it cannot be compressed.
pub fn shorter(bytes: &[u8], level: Level, sections: &[Section]) -> Result<Change, Refusal> {
    foreign::expect_aout(bytes).map_err(Refusal::Other)?;
    let image = parse(bytes).map_err(|finding| match finding.rule {
        AoutRule::BadMagic(_) => Refusal::Other(finding.to_string()),
        _ => Refusal::Malformed(finding.to_string()),
    })?;
    match compress_sections(&image, level, sections) {
        Ok(CompressedFile::Written(new, report)) => Ok(Change::New(new, Some(report))),
        Ok(CompressedFile::NothingGained(report)) => {
            Ok(Change::None("it would not become shorter, and is left unchanged", Some(report)))
        }
        Ok(CompressedFile::AlreadyCompressed) => {
            Ok(Change::None("it is already compressed, and is left unchanged", None))
        }
        Err(error @ CompressError::NotElks(_)) => Err(Refusal::Other(error.to_string())),
        Err(error) => Err(Refusal::Malformed(error.to_string())),
    }
}

/// Expands the compressed sections.
///
/// # Errors
/// Why they cannot be expanded.
pub fn longer(bytes: &[u8]) -> Result<Change, Refusal> {
    foreign::expect_aout(bytes).map_err(Refusal::Malformed)?;
    let image = parse(bytes).map_err(|finding| Refusal::Malformed(finding.to_string()))?;
    match expand_file(&image) {
        Ok(new) => Ok(Change::New(new, None)),
        Err(ExpandError::NotCompressed) => {
            Ok(Change::None("it is not compressed, and is left unchanged", None))
        }
        Err(error) => Err(Refusal::Malformed(error.to_string())),
    }
}
