//! `check -r` and `info -r`.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use std::fs;

use execfmt_testkit::testdata;
use serde_json::Value;
use support::{execfmt, folder, path, text};

/// Two sound files, one with a warning, one that is refused, two of other kinds, in folders.
fn tree() -> tempfile::TempDir {
    let tree = folder();
    let demo = testdata("noff/demo.noff");
    for below in ["a/b", "c"] {
        fs::create_dir_all(tree.path().join(below)).unwrap();
    }
    let write = |name: &str, bytes: &[u8]| fs::write(tree.path().join(name), bytes).unwrap();
    write("a/sound.noff", &demo);
    write("a/b/far", &testdata("elks/far.aout"));
    write("c/longer.noff", &[&*demo, b"after"].concat());
    write("a/cut.noff", demo.get(..700).unwrap());
    write("c/notes.txt", b"notes\n");
    write("Makefile", b"all:\n");
    tree
}

#[test]
fn what_is_not_fine_is_listed_and_the_rest_counted() {
    let tree = tree();
    let root = tree.path().display().to_string();
    let output = execfmt(&["check", "-r", &root], b"");
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<_> = text(&output.stdout).lines().collect();
    let [refused, warned, counts] = &lines[..] else { panic!("{lines:?}") };
    assert!(refused.ends_with("cut.noff: refused, 2 errors"), "{refused}");
    assert!(warned.ends_with("longer.noff: accepted, 1 warning"), "{warned}");
    assert_eq!(*counts, "6 files: 2 ok, 1 accepted with warnings, 1 refused, 2 of other kinds");
    assert_eq!(text(&output.stderr).matches(": error: ").count(), 2, "{}", text(&output.stderr));

    let quiet = execfmt(&["check", "-r", "-q", &root], b"");
    assert_eq!((quiet.status.code(), text(&quiet.stderr)), (Some(1), ""));
    assert_eq!(text(&quiet.stdout).lines().count(), 1);
    // A line of JSON is the one that the file has by itself.
    let json = execfmt(&["check", "-r", "--json", &root], b"");
    let lines: Vec<Value> =
        text(&json.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    for line in &lines {
        let alone = execfmt(&["check", "--json", line["file"].as_str().unwrap()], b"");
        assert_eq!(serde_json::from_slice::<Value>(&alone.stdout).unwrap(), *line);
    }
}

#[test]
fn files_are_described_in_the_order_of_their_names() {
    let tree = tree();
    let root = tree.path().display().to_string();
    let output = execfmt(&["info", "-r", &root], b"");
    assert_eq!(output.status.code(), Some(1), "one file is refused");
    let known = ["a/b/far", "a/cut.noff", "a/sound.noff", "c/longer.noff"];
    // What each prints by itself, with an empty line after it.
    let alone = |name: &str| execfmt(&["info", &path(&tree, name)], b"");
    let expected: String = known.iter().map(|name| format!("{}\n", text(&alone(name).stdout))).collect();
    let summary = "6 files: 1 aout-minix, 3 noff, 2 of other kinds\n";
    assert_eq!(text(&output.stdout), format!("{expected}{summary}"));
    let findings: String = known.iter().map(|name| text(&alone(name).stderr).to_string()).collect();
    assert_eq!(text(&output.stderr), findings);

    let quiet = execfmt(&["info", "-r", "-q", &root], b"");
    assert_eq!((text(&quiet.stdout), text(&quiet.stderr)), (summary, ""));
    let json = execfmt(&["info", "-r", "--json", &root], b"");
    let expected: String = known
        .iter()
        .map(|name| text(&execfmt(&["info", "--json", &path(&tree, name)], b"").stdout).to_string())
        .collect();
    assert_eq!(text(&json.stdout), expected);

    let absent = execfmt(&["info", "-r", "-q", &path(&tree, "absent")], b"");
    assert_eq!((absent.status.code(), text(&absent.stdout)), (Some(2), "0 files: nothing to describe\n"));
    assert_eq!(execfmt(&["info", "-q", &root], b"").status.code(), Some(2));
}

#[test]
fn folders_that_are_not_there_and_files_by_name() {
    let tree = tree();
    let root = tree.path().display().to_string();
    let absent = execfmt(&["check", "-r", &path(&tree, "absent"), &root], b"");
    assert_eq!(absent.status.code(), Some(2));
    assert!(text(&absent.stdout).contains("6 files: "), "the rest is checked: {}", text(&absent.stdout));
    let one = execfmt(&["check", "-r", &format!("{root}/a/sound.noff")], b"");
    assert_eq!((one.status.code(), text(&one.stdout)), (Some(0), "1 file: 1 ok\n"));
    let strict = execfmt(&["check", "-r", "--strict", "-q", &format!("{root}/c")], b"");
    assert_eq!(text(&strict.stdout), "2 files: 1 refused, 1 of other kinds\n");
    // Without -r a folder is called one, and -q has no meaning.
    assert_eq!(execfmt(&["check", &root], b"").status.code(), Some(2));
    assert_eq!(execfmt(&["check", "-q", &root], b"").status.code(), Some(2));
}
