//! Each rule with the smallest header that breaks it, read like the specification's list.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used
)]

mod header;
mod kernels;
mod loading;
mod parts;
mod reading;
mod words;

use noff::{ByteOrder, Header, Image, Layout, Options, SegmentHeader, check};

const fn segment(virtual_addr: u32, in_file_addr: u32, size: u32) -> SegmentHeader {
    SegmentHeader { virtual_addr, in_file_addr, size }
}

/// A plain program: 64 bytes of code, 32 of data, 48 of bss, in a file of 136 bytes.
fn plain() -> Header {
    let mut header = Header::empty(Layout::Three, ByteOrder::Little);
    header.code = segment(0, 40, 64);
    header.init_data = segment(64, 104, 32);
    header.uninit_data = segment(96, 0, 48);
    header
}

fn codes(header: &Header, file_len: u32) -> Vec<&'static str> {
    check(header, file_len).map(|finding| finding.rule.code()).collect()
}

fn parse_error(bytes: &[u8]) -> noff::NoffFinding {
    Image::parse(bytes, Options::default()).unwrap_err()
}
