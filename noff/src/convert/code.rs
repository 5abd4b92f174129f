//! What the code of a program requires of the machine.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use mips_scan::{CodeFinding, Counts, ScanOptions, scan};

use super::{Executable, Note, Role, Source};
use crate::image::instructions;
use crate::profile::{NACHOS3, Profile};

impl Executable<'_> {
    /// Scans the program's instructions and reports those that the simulated machine of Nachos lacks or
    /// executes differently.
    ///
    /// In a NOFF file, code may be followed by constants in the same segment, so only the words up to the
    /// last return are scanned.
    pub fn scan_code(
        &self,
        options: ScanOptions,
        report: &mut dyn FnMut(CodeFinding) -> ControlFlow<()>,
    ) -> Counts {
        let mut sum = Counts::default();
        for section in self.sections.iter().filter(|section| section.role == Role::Code) {
            let code = instructions(section.bytes, section.span.start, section.file_offset);
            let code = if self.source == Source::Noff { code.up_to_last_return() } else { code };
            sum = sum.and(scan(&code, options, report));
        }
        sum
    }

    /// The scan as notes, for the kernels of a profile or for any kernel: for each rule the first finding and
    /// the number of further ones, and the instructions that the simulated machine executes incorrectly.
    pub fn code_notes(&self, profile: Option<&Profile<'_>>) -> Vec<Note> {
        let faults = profile.unwrap_or(&NACHOS3).faults;
        let options = ScanOptions { nachos5j: faults.unsigned_immediates };
        let mut found: Vec<(CodeFinding, u64)> = Vec::new();
        let counts = self.scan_code(options, &mut |finding| {
            match found.iter_mut().find(|(first, _)| first.rule.number() == finding.rule.number()) {
                Some((_, others)) => *others = others.saturating_add(1),
                None => found.push((finding, 0)),
            }
            ControlFlow::Continue(())
        });
        let shifts = counts.first_unsigned_shift.filter(|_| faults.signed_shifts);
        let shifts = shifts.map(|address| Note::UnsignedShifts { address, count: counts.unsigned_shifts });
        let ors = counts.first_or.filter(|_| faults.first_or);
        let ors = ors.map(|address| Note::Ors { address, count: counts.ors });
        let findings = found.into_iter().map(|(first, others)| Note::Code { first, others });
        findings.chain(shifts).chain(ors).collect()
    }
}
