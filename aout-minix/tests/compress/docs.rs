//! The stream that docs/formats/compressed.md takes apart.

use std::fs;

use aout_minix::compress::{Level, decode, encode};
use execfmt_testkit::{root, skipped};

/// The page shows what the encoder writes, and the section that it stands for.
#[test]
fn the_stream_of_the_documentation_decompresses_to_its_section() {
    let Ok(page) = fs::read_to_string(root().join("docs/formats/compressed.md")) else {
        skipped("the stream of the documentation", "the crate was packaged without the project's docs");
        return;
    };
    let (_, example) = page.split_once("## A stream, bit by bit").expect("the example");
    let mut blocks =
        example.split("```text\n").skip(1).map(|block| block.split_once("```").expect("an end").0);
    let stream: Vec<u8> = blocks
        .next()
        .expect("the stream")
        .split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).expect("a byte"))
        .collect();
    let section = blocks.next().expect("the section").as_bytes();
    assert!(example.contains(&format!("The {} stored bytes", stream.len())));
    assert!(example.contains(&format!("these {} bytes", section.len())));
    let mut found = vec![0; section.len()];
    decode(&stream, &mut found).unwrap();
    assert_eq!(found, section);
    assert_eq!(encode(section, Level::Default).unwrap(), stream);
}
