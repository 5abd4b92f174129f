//! The arguments of the command, of the tools that it replaces, and of the old cross compiler.

use std::ffi::OsString;

use anstream::adapter::strip_str;
use nachos_cross::names;
use nachos_cross::options::{Action, Value, Word, sort};

use crate::view::is_obeyed;

/// The most arguments that are taken from an input.
const MOST: usize = 64;

/// The first byte chooses the name that the program is called by: one of ours, or of the old compiler's tools. The rest is its
/// arguments, with zeros between them.
pub fn arguments(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let words: Vec<&[u8]> = rest.split(|byte| *byte == 0).take(MOST).collect();
    let ours = execfmt_cli::names().count();
    let number = usize::from(first) % (ours + names::TOOLS.len());
    match execfmt_cli::names().nth(number) {
        Some(name) => command(name, &words),
        None => compiler(names::TOOLS[number - ours].1, &words),
    }
}

/// Whatever is typed is understood or complained of, and a complaint is harmless to a terminal.
fn command(name: &str, words: &[&[u8]]) {
    let arguments = std::iter::once(name.into()).chain(words.iter().map(|word| argument(word)));
    let arguments: Vec<OsString> = arguments.collect();
    if let Err(complaint) = execfmt_cli::understand(name, arguments.clone()) {
        assert!(!complaint.trim().is_empty(), "{arguments:?}");
        let plain = strip_str(&complaint).to_string();
        assert!(!plain.chars().any(|c| c != '\n' && is_obeyed(c)), "{arguments:?}: {plain:?}");
    }
}

/// No word of a command line of the old compiler is lost, and none is taken for two things.
fn compiler(tool: names::Tool, words: &[&[u8]]) {
    let words: Vec<String> = words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let sorted = match sort(tool, &words) {
        Ok(sorted) => sorted,
        Err(complaint) => {
            let lacks_value = complaint.ends_with("needs a value");
            let mut options = words.iter().filter(|word| word.starts_with('-'));
            assert!(lacks_value || options.any(|word| complaint.contains(word.as_str())), "{complaint}");
            return;
        }
    };
    let mut back = Vec::new();
    for word in sorted {
        match word {
            Word::File(file) => {
                assert!(!file.starts_with('-') || file == "-", "{file}");
                back.push(file);
            }
            Word::Unknown(option) => back.push(option),
            Word::Known { row, value, words } => {
                assert_eq!(row.tool, tool);
                assert_ne!(row.action, Action::Refuse);
                let separate = words.len() == 2;
                match row.value {
                    Value::None | Value::Joined => assert!(!separate),
                    Value::Next => assert!(separate),
                    Value::Either => {}
                }
                assert!(words[0].starts_with(row.option) && words.concat().ends_with(&value), "{words:?}");
                back.extend(words);
            }
        }
    }
    assert_eq!(back, words);
}

#[cfg(unix)]
fn argument(word: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt as _;

    std::ffi::OsStr::from_bytes(word).to_owned()
}

#[cfg(not(unix))]
fn argument(word: &[u8]) -> OsString {
    String::from_utf8_lossy(word).into_owned().into()
}
