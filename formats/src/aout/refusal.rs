//! What a kernel refuses of a new program: reported in the same way by every command that writes one.

use std::ops::ControlFlow;

use aout_minix::{CheckOptions, check_bytes};
use execfmt_common::Severity;

use crate::advice::Sentence;

/// The errors of a program that is about to be written, including the errno.
pub fn errors(bytes: &[u8]) -> Vec<String> {
    let mut errors = Vec::new();
    check_bytes(bytes, &CheckOptions::default(), &mut |finding| {
        errors.extend((finding.severity() == Severity::Error).then(|| Sentence(finding).to_string()));
        ControlFlow::Continue(())
    });
    errors
}
