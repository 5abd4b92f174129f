//! What a kernel refuses of a program that was just made: said by every command that writes one, in one way.

use std::ops::ControlFlow;

use aout_minix::{CheckOptions, check_bytes};
use execfmt_common::Severity;

use crate::advice::Sentence;

/// The errors of a program that is about to be written, the errno among them.
pub fn errors(bytes: &[u8]) -> Vec<String> {
    let mut errors = Vec::new();
    check_bytes(bytes, &CheckOptions::default(), &mut |finding| {
        errors.extend((finding.severity() == Severity::Error).then(|| Sentence(finding).to_string()));
        ControlFlow::Continue(())
    });
    errors
}
