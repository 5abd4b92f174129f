//! To OS/2 NE: repairs what ELKS refuses.

use execfmt_common::Severity;
use os2_ne::{Options, RepairError, elks};

use crate::advice::Sentence;
use crate::conversion::{Converted, Failure};

/// Writes bytes for segments that have none in the file.
///
/// # Errors
/// Why the file cannot be read, or cannot be repaired.
pub fn repair(bytes: &[u8]) -> Result<Converted, Failure> {
    let repaired = os2_ne::repair(bytes).map_err(|error| match error {
        RepairError::Unreadable(finding) => finding.into(),
        other => Failure::Refused(other.to_string()),
    })?;
    let mut notes: Vec<_> = repaired
        .segments
        .iter()
        .map(|(number, count)| {
            (None, format!("segment {number} now has {count} zero bytes in the file; ELKS zeroes the rest"))
        })
        .collect();
    if notes.is_empty() {
        notes.push((None, "every segment already has bytes in the file".into()));
    }
    if let Err(refusal) = elks::execve(&repaired.bytes, Options::default()) {
        notes.push((Some(Severity::Warning), Sentence(&refusal).to_string()));
    }
    Ok(Converted { bytes: repaired.bytes, executable: true, notes })
}
