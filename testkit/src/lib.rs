//! What the tests of several crates share. Not published.
//!
//! - [`shared`]: the folder of reference models and corpora, which tests use where it is present;
//! - [`Model`]: a Python model that answers many questions in one run;
//! - [`Mutator`]: seeded damage.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::expect_used)]

mod bench;
mod model;
mod mutate;

use std::fs;
use std::path::{Path, PathBuf};

pub use bench::side_by_side;
pub use model::Model;
pub use mutate::{Mutator, damaged};

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

/// A path within the folder of reference models and corpora, beside the repository or where `EXECFMT_SHARED` says.
/// When it is absent, says aloud that `what` is skipped.
pub fn shared(path: &str, what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("EXECFMT_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = folder.join(path);
    if path.exists() {
        return Some(path);
    }
    skipped(what, &format!("{} is absent; only the vectors in testdata are checked", path.display()));
    None
}

/// Says aloud that a check did not run.
pub fn skipped(what: &str, why: &str) {
    // Straight to the descriptor: the test runner swallows what a passing test prints with eprintln.
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED: {what}: {why}");
}

/// The rows of a corpus table, split at tabs, without its comments.
pub fn table(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| line.split('\t').map(String::from).collect()).collect()
}

/// The bytes that a hexadecimal text stands for.
pub fn unhex(text: &str) -> Vec<u8> {
    let digit = |c: u8| (c as char).to_digit(16).unwrap_or_else(|| panic!("{:?} is no hex digit", c as char));
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
