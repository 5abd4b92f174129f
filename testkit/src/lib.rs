//! What the tests of several crates have in common. Not published.
//!
//! - [`models`] and [`corpus`]: the reference models and the headers of real files;
//! - [`Model`]: a Python model that answers many questions in one run;
//! - [`skipped`]: a check that did not run;
//! - [`Mutator`]: random damage from a seed.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::expect_used)]

mod bench;
mod model;
mod mutate;
mod skips;

use std::fs;
use std::path::{Path, PathBuf};

pub use bench::side_by_side;
pub use model::{Model, models};
pub use mutate::{Mutator, damaged};
pub use skips::{collect_skips, collecting, skipped};

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("a crate lies within the repository").to_path_buf()
}

/// A file of the repository's `testdata` folder.
pub fn testdata(name: &str) -> Vec<u8> {
    let path = root().join("testdata").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of a table of `testdata/corpus`, split at tabs.
pub fn corpus(name: &str) -> Vec<Vec<String>> {
    table(&root().join("testdata/corpus").join(name))
}

/// A file of the length given in a row of a corpus: the bytes of its headers, then the same byte to the end.
pub fn corpus_file(row: &[String], rest: u8) -> Vec<u8> {
    let mut file = unhex(&row[0]);
    file.resize(row[1].parse().expect("a length"), rest);
    file
}

/// The rows of a table, split at tabs, without its comments.
fn table(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| line.split('\t').map(String::from).collect()).collect()
}

/// The bytes that a hexadecimal string represents.
pub fn unhex(text: &str) -> Vec<u8> {
    let digit =
        |c: u8| (c as char).to_digit(16).unwrap_or_else(|| panic!("{:?} is not a hex digit", c as char));
    let pairs = text.trim().as_bytes().chunks(2);
    pairs.map(|pair| u8::try_from(digit(pair[0]) * 16 + digit(pair[1])).expect("two hex digits")).collect()
}

/// Bytes as hexadecimal text.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
