//! What the code of a program asks of the machine.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use execfmt_common::ByteOrder;
use mips_scan::{Code, CodeFinding, Counts, ScanOptions, scan};

use super::{Executable, Note, Role, Source};

impl Executable<'_> {
    /// Scans the program's instructions: reports what the simulated machine of Nachos lacks or does differently.
    ///
    /// Of a NOFF file, whose code may end with constants, the words up to the last return are looked at.
    pub fn scan_code(
        &self,
        options: ScanOptions,
        report: &mut dyn FnMut(CodeFinding) -> ControlFlow<()>,
    ) -> Counts {
        let mut sum = Counts::default();
        for section in self.sections.iter().filter(|section| section.role == Role::Code) {
            let code = Code {
                bytes: section.bytes,
                address: section.span.start,
                file_offset: section.file_offset,
                byte_order: ByteOrder::Little,
            };
            let code = if self.source == Source::Noff { code.up_to_last_return() } else { code };
            let counts = scan(&code, options, report);
            sum.instructions = sum.instructions.saturating_add(counts.instructions);
            sum.unsigned_shifts = sum.unsigned_shifts.saturating_add(counts.unsigned_shifts);
            sum.first_unsigned_shift = sum.first_unsigned_shift.or(counts.first_unsigned_shift);
        }
        sum
    }

    /// The scan as notes: for each rule the first finding and the number of the others, and the unsigned shifts.
    pub fn code_notes(&self, options: ScanOptions) -> Vec<Note> {
        let mut found: Vec<(CodeFinding, u64)> = Vec::new();
        let counts = self.scan_code(options, &mut |finding| {
            match found.iter_mut().find(|(first, _)| first.rule.number() == finding.rule.number()) {
                Some((_, others)) => *others = others.saturating_add(1),
                None => found.push((finding, 0)),
            }
            ControlFlow::Continue(())
        });
        let shifts = counts
            .first_unsigned_shift
            .map(|address| Note::UnsignedShifts { address, count: counts.unsigned_shifts });
        let findings = found.into_iter().map(|(first, others)| Note::Code { first, others });
        findings.chain(shifts).collect()
    }
}
