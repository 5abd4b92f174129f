//! What `check` reports, as tests compare it.

use std::ops::ControlFlow;

use execfmt_common::Expected;
use os2_ne::{Options, check_bytes};

/// The findings of a file: code, offset, value found and values expected.
pub(crate) fn reported(file: &[u8], options: &Options) -> Vec<(&'static str, u64, u64, Expected)> {
    let mut list = Vec::new();
    check_bytes(file, options, &mut |finding| {
        list.push((finding.code(), finding.offset(), finding.found(), finding.expected()));
        ControlFlow::Continue(())
    });
    list
}
