//! The treatment of each option of the old tools: a table, from which the documentation is generated too.

mod compiling;
mod files;
mod linking;

use std::fmt::Write as _;

use crate::names::Tool;

/// Where an option's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// It has none.
    None,
    /// In the next word.
    Next,
    /// In the same word.
    Joined,
    /// In the same word, or in the next when there is none.
    Either,
}

/// How an option is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is dropped.
    Drop,
    /// It is passed unchanged to the current tool.
    Pass,
    /// It is replaced by this.
    Translate(&'static str),
    /// This crate implements it.
    Own,
    /// The tool stops with an error.
    Refuse,
}

/// An option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The tool.
    pub tool: Tool,
    /// The option, as far as it is fixed.
    pub option: &'static str,
    /// Where its value is.
    pub value: Value,
    /// How it is treated.
    pub action: Action,
    /// Why.
    pub reason: &'static str,
}

const fn row(tool: Tool, option: &'static str, value: Value, action: Action, reason: &'static str) -> Row {
    Row { tool, option, value, action, reason }
}

/// Every option that is treated specially, and the known options of the tools for files.
fn rows() -> impl Iterator<Item = &'static Row> {
    [compiling::ROWS, linking::ROWS, files::ROWS].into_iter().flatten()
}

/// A word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// An option of the table.
    Known {
        /// Its row.
        row: &'static Row,
        /// Its value; empty if it has none.
        value: String,
        /// Its words, unchanged.
        words: Vec<String>,
    },
    /// An option that is not in the table.
    Unknown(String),
    /// A file.
    File(String),
}

/// Classifies the words of a command line by the table.
///
/// # Errors
/// A sentence for an option without its value, and for one that is refused.
pub fn sort(tool: Tool, arguments: &[String]) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        if !word.starts_with('-') || word == "-" {
            words.push(Word::File(word.clone()));
            continue;
        }
        let Some(row) = find(tool, word) else {
            words.push(Word::Unknown(word.clone()));
            continue;
        };
        let joined = word.strip_prefix(row.option).unwrap_or_default();
        let mut seen = vec![word.clone()];
        let value = match row.value {
            Value::Next | Value::Either if joined.is_empty() => {
                let next = rest.next().ok_or_else(|| format!("option {word} needs a value"))?;
                seen.push(next.clone());
                next.clone()
            }
            _ => joined.to_owned(),
        };
        if row.action == Action::Refuse {
            return Err(format!("option {word}: {}", row.reason));
        }
        words.push(Word::Known { row, value, words: seen });
    }
    Ok(words)
}

/// The row of an option: the one with the longest match.
pub(crate) fn find(tool: Tool, word: &str) -> Option<&'static Row> {
    let fits = |row: &&Row| {
        row.tool == tool
            && match row.value {
                Value::None | Value::Next => word == row.option,
                Value::Joined | Value::Either => word.starts_with(row.option),
            }
    };
    rows().filter(fits).max_by_key(|row| row.option.len())
}

/// The table for the documentation, in Markdown.
#[must_use]
pub fn document() -> String {
    let mut text = String::from("| tool | option | treatment | reason |\n|---|---|---|---|\n");
    for row in rows() {
        let value = match row.value {
            Value::None => "",
            Value::Next => " X",
            Value::Joined => "X",
            Value::Either => "[ ]X",
        };
        let action = match row.action {
            Action::Drop => "dropped".to_owned(),
            Action::Pass => "passed on".to_owned(),
            Action::Translate(to) => format!("becomes `{to}`"),
            Action::Own => "done".to_owned(),
            Action::Refuse => "refused".to_owned(),
        };
        let _ =
            writeln!(text, "| {} | `{}{value}` | {action} | {} |", row.tool.name(), row.option, row.reason);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Action, Row, Word, document, find, rows, sort};
    use crate::names::Tool;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn no_option_is_there_twice() {
        let rows: Vec<&Row> = rows().collect();
        for (index, row) in rows.iter().enumerate() {
            let twin =
                rows[index + 1..].iter().find(|other| (other.tool, other.option) == (row.tool, row.option));
            assert_eq!(twin, None);
            assert!(!row.reason.is_empty());
        }
    }

    #[test]
    fn the_lines_of_makefiles() {
        for (tool, option, action) in [
            (Tool::Gcc, "-mips2", Action::Drop),
            (Tool::Gcc, "-B/usr/local/nachos/", Action::Drop),
            (Tool::Gcc, "-std=c99", Action::Pass),
            (Tool::Gcc, "-static", Action::Drop),
            (Tool::Ld, "-warn-multiple-gp", Action::Drop),
            (Tool::Ld, "-warn-common", Action::Own),
            (Tool::Gcc, "-Ttext", Action::Own),
            (Tool::Gcc, "-traditional-cpp", Action::Own),
            (Tool::Ld, "-Ttext", Action::Own),
            (Tool::Ld, "-Tscript", Action::Own),
            (Tool::As, "-mips2", Action::Drop),
            (Tool::Ar, "l", Action::Drop),
            (Tool::Objdump, "-b", Action::Drop),
            (Tool::Objdump, "-d", Action::Pass),
            (Tool::Nm, "--target=ecoff-littlemips", Action::Drop),
            (Tool::Strip, "-o", Action::Own),
        ] {
            assert_eq!(find(tool, option).map(|row| row.action), Some(action), "{option}");
        }
        assert_eq!(find(Tool::Gcc, "-O2"), None);
    }

    #[test]
    fn values_are_where_the_table_says() {
        let sorted = sort(Tool::Ld, &words("-T script -N start.o -G 0 -o out -lnachos -odd")).unwrap();
        let values: Vec<_> = sorted
            .iter()
            .map(|word| match word {
                Word::Known { row, value, .. } => format!("{}={value}", row.option),
                Word::Unknown(word) | Word::File(word) => word.clone(),
            })
            .collect();
        assert_eq!(values, ["-T=script", "-N=", "start.o", "-G=0", "-o=out", "-l=nachos", "-o=dd"]);
        assert!(sort(Tool::Ld, &words("a.o -o")).unwrap_err().contains("needs a value"));
        assert!(sort(Tool::Ld, &words("-r a.o")).unwrap_err().contains("linked in one step"));
    }

    #[test]
    fn the_documentation_is_made_from_the_table() {
        let page = include_str!("../../../docs/nachos-courses.md");
        assert!(
            page.contains(&document()),
            "docs/nachos-courses.md: its table of options is stale; it is to be:\n{}",
            document()
        );
    }
}
