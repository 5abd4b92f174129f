//! Checks a linked program by the rules of the kernel that will load it.

use std::ops::ControlFlow;

use execfmt_common::Severity;
use mips_coff::{CheckOptions, Loader, check_bytes};
use mips_scan::{Code, CodeRule, ScanOptions, scan};

use super::Run;
use crate::family::Family;
use crate::link::{Kind, Linked, LinkedSection};

impl Run {
    /// Prints one line when something will not run, none otherwise.
    pub(super) fn check(&self, output: &str, linked: &Linked, bytes: &[u8]) {
        if !self.big_endian() {
            let loader = self.family.map_or(Loader::Any, |family| family.loader);
            let options =
                if loader == Loader::Nachos5j { CheckOptions::nachos5j() } else { CheckOptions::new(loader) };
            let mut first = None;
            check_bytes(bytes, &options, &mut |finding| {
                if finding.severity() == Severity::Error {
                    first = Some(finding.to_string());
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            if let Some(first) = first {
                self.note(format_args!("{output}: will not run: {first}"));
                return;
            }
        }
        let faults = self.family.map(Family::faults).unwrap_or_default();
        let options = ScanOptions { nachos5j: faults.unsigned_immediates };
        let hard_float = self.big_endian();
        let has_code = |section: &&LinkedSection| section.kind == Kind::Text && !section.bytes.is_empty();
        for section in linked.sections.iter().filter(has_code) {
            let address = u32::try_from(section.address).unwrap_or(0);
            let place = bytes.windows(section.bytes.len()).position(|bytes| bytes == section.bytes);
            let file_offset = place.and_then(|place| place.try_into().ok()).unwrap_or(0);
            let code = Code { bytes: &section.bytes, address, file_offset, byte_order: linked.byte_order };
            let mut first = None;
            scan(&code, options, &mut |finding| {
                let serious = match finding.rule {
                    // The compiler's own were rewritten: these are in hand-written assembly code.
                    CodeRule::AboveMips1 | CodeRule::UnsignedImmediate | CodeRule::UnalignedAccess => true,
                    CodeRule::FloatingPoint | CodeRule::Coprocessor => !hard_float,
                    _ => false,
                };
                if !serious {
                    return ControlFlow::Continue(());
                }
                first = Some(finding.to_string());
                ControlFlow::Break(())
            });
            if let Some(first) = first {
                self.note(format_args!("{output}: may not run: {first}"));
                return;
            }
        }
    }
}
