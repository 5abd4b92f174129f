//! The C builder of Coyotos images without memory: every seed, with every allocation in turn refused.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

use std::fs;

use execfmt_fuzz::ffi_coyotos;
use execfmt_testkit::root;

#[test]
fn every_allocation_may_be_refused() {
    for entry in fs::read_dir(root().join("fuzz/seeds/ffi_coyotos")).unwrap() {
        let path = entry.unwrap().path();
        eprintln!("{}", path.display());
        let seed = fs::read(&path).unwrap();
        // After three bytes comes the number of the allocation that is refused, after a byte that says whether any is.
        let (start, rest) = seed.split_at(3);
        let rest = rest.get(1 + usize::from(rest[0] & 1)..).expect("a seed is longer");
        for refused in 0..=u8::MAX {
            ffi_coyotos(&[start, &[1, refused], rest].concat());
        }
    }
}
