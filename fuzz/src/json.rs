//! The lines of JSON. That they are as their schema says is what `cli/tests/json.rs` tests, at less speed.

use execfmt_cli::embed;
use execfmt_formats::json;
use serde_json::Value;

use crate::view::is_obeyed;

/// Checks and describes the bytes: the lines are JSON, harmless to a terminal, and of one mind.
pub fn json(bytes: &[u8]) {
    for options in [&[][..], &["--for=nachos3".into()], &["--for=elks".into()]] {
        let checked = embed::check(bytes, options).expect("no option is wrong");
        let described = embed::info(bytes, options).expect("no option is wrong");
        let findings = &checked.line["findings"];
        assert_eq!(findings, &described["findings"]);
        let severity = |name: &str| {
            let found = findings.as_array().expect("a list").iter();
            found.filter(|finding| finding["severity"] == name).count() as u64
        };
        // Of many that are alike the first are listed, and all are counted.
        assert!(severity("error") <= checked.errors && severity("warning") <= checked.warnings);
        assert_eq!(severity("error") == 0, checked.accepted, "{}", checked.line);
        for line in [&checked.line, &described] {
            holds(line);
        }
    }
}

fn holds(line: &Value) {
    let mut text = Vec::new();
    json::write(&mut text, line).expect("a vector takes all");
    let text = String::from_utf8(text).expect("JSON is UTF-8");
    assert!(!text.chars().any(is_obeyed), "{text:?}");
    let read: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(&read, line);
}
