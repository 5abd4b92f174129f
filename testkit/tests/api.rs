//! What holds for the public types of every crate, read from their sources: they can grow without breaking those who use
//! them, and errors say what they come from.

#![allow(clippy::arithmetic_side_effects, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

use execfmt_testkit::root;

/// The libraries that others can depend on.
const CRATES: [&str; 13] = [
    "aout-minix",
    "common",
    "coyotos-image",
    "coyotos-mkimage",
    "detect",
    "elf",
    "elks-kernel",
    "mips-coff",
    "mips-scan",
    "nachos-cross",
    "noff",
    "os2-ne",
    "view",
];

/// Ends of the names of enums to which a later version may add. Those of rules come from `rules!`, which sees to it.
const GROWING: [&str; 6] = ["Error", "Fault", "Field", "Reason", "Cause", "Loader"];

/// A public type: the lines before it that belong to it, its file and its declaration.
struct Type {
    attributes: String,
    file: PathBuf,
    enumeration: bool,
    name: String,
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

fn public_types() -> Vec<Type> {
    let mut files = Vec::new();
    CRATES.iter().for_each(|name| sources(&root().join(name).join("src"), &mut files));
    let mut types = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        let mut attributes = String::new();
        for line in text.lines().map(str::trim_start) {
            let declared = line.strip_prefix("pub enum ").or_else(|| line.strip_prefix("pub struct "));
            if let Some(rest) = declared {
                let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                types.push(Type {
                    attributes: std::mem::take(&mut attributes),
                    file: file.clone(),
                    enumeration: line.starts_with("pub enum"),
                    name: name.into(),
                });
            } else if line.starts_with("#[") {
                attributes += line;
            } else if !line.starts_with("//") {
                attributes.clear();
            }
        }
    }
    types
}

#[test]
fn enums_that_may_grow_are_non_exhaustive() {
    let types = public_types();
    let growing = |kind: &&Type| kind.enumeration && GROWING.iter().any(|end| kind.name.ends_with(end));
    let found = types.iter().filter(growing).inspect(|kind| {
        assert!(kind.attributes.contains("non_exhaustive"), "{}: {}", kind.file.display(), kind.name);
    });
    assert!(found.count() > 25, "the sources have other enums of errors than this test finds");
}

/// Whether a variant's line holds another error.
fn wraps(line: &str) -> bool {
    let held = line.split_once(['(', ':']).map_or("", |(_, held)| held);
    !line.starts_with("//")
        && held.split(|c: char| !c.is_alphanumeric()).any(|word| {
            ["Error", "Finding", "Refusal", "TooSmall", "Defect"].iter().any(|end| word.ends_with(end))
        })
}

#[test]
fn errors_that_wrap_another_have_it_as_their_source() {
    let mut count = 0;
    for kind in public_types().iter().filter(|kind| kind.enumeration && kind.name.ends_with("Error")) {
        let text = fs::read_to_string(&kind.file).expect("a source");
        let declared = format!("pub enum {}", kind.name);
        let body = text.split_once(&declared).map_or("", |(_, rest)| rest);
        let body = body.split("\n}").next().unwrap_or_default();
        if body.lines().map(str::trim_start).any(wraps) {
            assert!(text.contains("fn source("), "{}: {} has no source", kind.file.display(), kind.name);
            count += 1;
        }
    }
    assert!(count > 12, "only {count} errors wrap another");
}

#[test]
fn options_can_be_written_with_their_defaults() {
    let types = public_types();
    let options: Vec<_> =
        types.iter().filter(|kind| !kind.enumeration && kind.name.ends_with("Options")).collect();
    for kind in &options {
        let text = fs::read_to_string(&kind.file).expect("a source");
        let by_hand = format!("impl Default for {}", kind.name);
        assert!(
            kind.attributes.contains("Default")
                || text.contains(&by_hand)
                || kind.attributes.contains("non_exhaustive"),
            "{}: {} has neither Default, for `..{}::default()`, nor #[non_exhaustive]",
            kind.file.display(),
            kind.name,
            kind.name
        );
    }
    assert!(options.len() > 8, "the sources have other options than this test finds");
}
