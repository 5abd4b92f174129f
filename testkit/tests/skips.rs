//! Reports of checks that did not run, from many threads into one file.

#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use std::{fs, process, thread};

use execfmt_testkit::{collect_skips, collecting, skipped};

#[test]
fn each_report_is_a_line_of_the_file() {
    let file = std::env::temp_dir().join(format!("execfmt-skips-{}", process::id()));
    fs::write(&file, "of another run\n").unwrap();
    collect_skips(&file).unwrap();
    assert!(collect_skips(&file).is_err(), "a second file would split the reports");
    assert_eq!(collecting().unwrap().1, file);
    thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || skipped(&format!("test {number}"), "of two\nlines"));
        }
    });
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let mut lines: Vec<_> = text.lines().map(String::from).collect();
    lines.sort();
    assert_eq!(
        lines,
        (0..8).map(|number| format!("SKIPPED: test {number}: of two lines")).collect::<Vec<_>>()
    );
}
