//! What Windows alone does: compiled everywhere, run there (`cargo xtask cross windows`).

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use execfmt_testkit::{root, testdata};
use support::{execfmt, folder, linked, names, path, run, text};

#[test]
#[cfg_attr(not(windows), ignore = "NUL is a device of Windows")]
fn a_device_is_written_to_and_never_replaced() {
    let folder = folder();
    let input = path(&folder, "in");
    fs::write(&input, testdata("noff/demo.noff")).unwrap();
    for name in ["NUL".to_owned(), "nul".to_owned(), r"\\.\NUL".to_owned()] {
        let output = execfmt(&["convert", &input, "-o", &name, "--to", "flat"], b"");
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
    }
    assert_eq!(names(folder.path()), ["in"]);
}

#[test]
#[cfg_attr(not(windows), ignore = "elsewhere the superuser writes to it")]
fn a_read_only_target_is_called_that() {
    let folder = folder();
    let (input, output) = (path(&folder, "in"), path(&folder, "out"));
    fs::write(&input, testdata("noff/demo.noff")).unwrap();
    fs::write(&output, "precious").unwrap();
    let mut permissions = fs::metadata(&output).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&output, permissions).unwrap();
    let refused = execfmt(&["convert", &input, "-o", &output, "--to", "flat"], b"");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("the file is read-only"), "{}", text(&refused.stderr));
    assert_eq!(fs::read(&output).unwrap(), b"precious");
    assert_eq!(names(folder.path()), ["in", "out"]);
}

/// Git for Windows turns ends of lines into CRLF where nothing forbids it, in what it takes for text: seeds and test data too.
#[test]
fn a_checkout_changes_no_byte() {
    let attributes = fs::read_to_string(root().join(".gitattributes")).unwrap();
    let rules: Vec<_> = attributes.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(rules, ["* -text"]);
}

#[test]
fn a_folder_is_not_a_file() {
    let folder = folder();
    let at = folder.path().display().to_string();
    let output = execfmt(&["check", &at], b"");
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr).to_lowercase();
    assert!(said.contains("is a directory"), "{said}");
}

#[test]
#[cfg_attr(not(windows), ignore = "elsewhere shells expand patterns")]
fn patterns_are_expanded() {
    let folder = folder();
    for name in ["one.noff", "two.noff"] {
        fs::write(folder.path().join(name), testdata("noff/demo.noff")).unwrap();
    }
    let output = execfmt(&["check", &path(&folder, "*.noff")], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
#[cfg_attr(not(any(windows, target_os = "macos")), ignore = "names have a case here")]
fn names_have_no_case() {
    let folder = folder();
    let tool = linked(folder.path(), "COFF2NOFF.EXE");
    let output = run(&tool, &["--help"], b"");
    assert!(text(&output.stdout).contains("coff2noff"), "{}", text(&output.stdout));

    let program = testdata("elks/greet.aout");
    fs::create_dir(folder.path().join("d")).unwrap();
    let (one, other, into) = (path(&folder, "greet"), path(&folder, "d/GREET"), path(&folder, "d"));
    fs::write(&one, &program).unwrap();
    fs::write(&other, &program).unwrap();
    let output = execfmt(&["compress", &one, &other, "-o", &into], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("another file of this name"), "{}", text(&output.stderr));
    assert_eq!(fs::read(&other).unwrap(), program);
}
