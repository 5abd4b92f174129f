//! The cases of testdata/mki: scripts with what the original does with them, or where that is meant to be better, with
//! what is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use coyotos_image::Arch;
use coyotos_mkimage::{Cause, Options};

use crate::support::{Folders, headers, rebuilt, run, sha256};

fn folder() -> PathBuf {
    execfmt_testkit::root().join("testdata/mki")
}

/// What is expected of a script.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    arch: String,
    image: String,
    error: String,
    at: String,
    stdout: String,
}

impl Expected {
    fn read(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        let (fields, stdout) = text.split_once("stdout:\n").expect("a line `stdout:`");
        let fields: BTreeMap<_, _> = fields.lines().filter_map(|line| line.split_once(": ")).collect();
        let field =
            |name: &str| (*fields.get(name).unwrap_or_else(|| panic!("no {name} in {path:?}"))).to_string();
        Some(Self {
            arch: field("arch"),
            image: field("image"),
            error: field("error"),
            at: field("original-at"),
            stdout: stdout.into(),
        })
    }
}

/// The original points at the word `enum`, this crate at the member.
const POINTS_LATER: [&str; 1] = ["enum_twice"];

fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("testdata/mki");
    let paths = entries.map(|entry| entry.unwrap().path());
    let scripts = paths.filter(|path| path.extension().is_some_and(|end| end == "mki"));
    let mut names: Vec<_> =
        scripts.map(|path| path.file_stem().unwrap().to_str().unwrap().to_string()).collect();
    names.sort();
    names
}

fn folders() -> Folders {
    Folders { modules: vec![folder()], files: vec![folder().join("files")], ..Folders::default() }
}

#[test]
fn every_script_does_what_is_expected_of_it() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for name in names() {
        let path = folder().join(&name);
        let Some(original) = Expected::read(&path.with_extension("expected")) else {
            assert!(path.with_extension("headers").is_dir(), "{name} has no expectation");
            continue;
        };
        let better = Expected::read(&path.with_extension("better"));
        assert!(better.as_ref() != Some(&original), "{name}.better is not needed");
        let expected = better.unwrap_or(original);
        let arch = Arch::from_name(&expected.arch).expect("an architecture");
        let result = run(arch, &name, folders(), Options::default());
        ran += 1;
        let mut problems = Vec::new();
        if result.printed != expected.stdout {
            problems.push(format!("printed\n{}instead of\n{}", result.printed, expected.stdout));
        }
        match &result.result {
            Ok(image) => {
                if expected.error != "none" || sha256(image) != expected.image {
                    problems.push(format!(
                        "an image {}, not {}: {}",
                        sha256(image),
                        expected.error,
                        expected.image
                    ));
                }
                assert!(rebuilt(&result.recipe) == *image, "{name}: another image from\n{}", result.recipe);
            }
            Err(error) => {
                let code = match error.cause() {
                    // The original looks at the machine itself, the loader at everything.
                    Cause::Load(_) => "wrong-machine",
                    cause => cause.code(),
                };
                if !(code == expected.error || ["silent", "crash"].contains(&&*expected.error)) {
                    problems.push(format!("{code} instead of {}: {error}", expected.error));
                }
                // The original points at what was read or evaluated last; this crate at what is wrong, in the same line.
                let at = error.at().filter(|_| expected.at != "none");
                let original = expected.at.rsplit_once(':').filter(|_| expected.at != "none");
                let same_line = at.map(|at| format!("{}:{}", folder().join(&at.file).display(), at.line));
                let original_line = original.map(|(line, _)| folder().join(line).display().to_string());
                let column = original.map(|(_, column)| column.parse::<usize>().unwrap());
                let later = at.map(|at| at.column - 1) > column && !POINTS_LATER.contains(&&*name);
                if same_line != original_line || later {
                    problems.push(format!("at {at:?} instead of {}: {error}", expected.at));
                }
            }
        }
        wrong.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(wrong.is_empty(), "{} of {ran}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(ran, 172);
}

#[test]
fn headers_are_those_of_the_original() {
    let made = headers(Arch::I386, "hdr", folders()).expect("headers");
    let made: BTreeMap<_, _> = made.into_iter().map(|header| (header.module + ".h", header.text)).collect();
    let entries = fs::read_dir(folder().join("hdr.headers")).expect("hdr.headers");
    let expected: BTreeMap<_, _> = entries
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), text)
        })
        .collect();
    assert_eq!(made, expected);
}
