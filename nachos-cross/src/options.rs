//! What becomes of each option of the old tools: a table, from which the documentation is made too.

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

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is left out.
    Drop,
    /// Today's tool takes it as it is.
    Pass,
    /// This takes its place.
    Translate(&'static str),
    /// This crate does it.
    Own,
    /// The tool stops.
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
    /// What becomes of it.
    pub action: Action,
    /// Why.
    pub reason: &'static str,
}

const fn row(tool: Tool, option: &'static str, value: Value, action: Action, reason: &'static str) -> Row {
    Row { tool, option, value, action, reason }
}

use Action::{Drop, Own, Pass, Refuse, Translate};
use Tool::{As, Cpp, Gcc, Ld};
use Value::{Either, Joined, Next, None as Alone};

const PROCESSOR: &str = "the code is for MIPS I, always";
const SMALL_DATA: &str = "-G 0, always: Nachos does not set $gp";
const OLD_PARTS: &str =
    "it leads to the parts of the old compiler; today's would take this folder's as and ld for its own";
const LIBRARIES: &str = "no library is linked that was not named";
const BARE: &str = "code for Nachos is neither position-independent nor for a floating point unit";
const NO_LONGER: &str = "no longer known, and nothing of Nachos depends on it";
const OWN_LINKER: &str = "for the linker of this folder";

/// Every option that is treated specially. gcc, as and cpp get others as they are; ld names and ignores them.
pub const ROWS: &[Row] = &[
    row(Gcc, "-c", Alone, Own, "compiles; what simulators do differently is mended"),
    row(Gcc, "-S", Alone, Own, "stops at assembler text"),
    row(Gcc, "-E", Alone, Own, "stops after the preprocessor"),
    row(Gcc, "-M", Alone, Own, "lists dependencies"),
    row(Gcc, "-MM", Alone, Own, "lists dependencies"),
    row(Gcc, "-o", Either, Own, "the output"),
    row(Gcc, "-v", Alone, Own, "shows the commands that are run"),
    row(Gcc, "-G", Either, Drop, SMALL_DATA),
    row(Gcc, "-B", Either, Drop, OLD_PARTS),
    row(Gcc, "-mips", Joined, Drop, PROCESSOR),
    row(Gcc, "-march=", Joined, Drop, PROCESSOR),
    row(Gcc, "-mtune=", Joined, Drop, PROCESSOR),
    row(Gcc, "-mcpu=", Joined, Drop, PROCESSOR),
    row(Gcc, "-mabi=", Joined, Drop, PROCESSOR),
    row(Gcc, "-mgp32", Alone, Drop, PROCESSOR),
    row(Gcc, "-mlong32", Alone, Drop, PROCESSOR),
    row(Gcc, "-mfp", Joined, Drop, BARE),
    row(Gcc, "-msoft-float", Alone, Drop, BARE),
    row(Gcc, "-mhard-float", Alone, Drop, BARE),
    row(Gcc, "-mabicalls", Alone, Drop, BARE),
    row(Gcc, "-mno-abicalls", Alone, Drop, BARE),
    row(Gcc, "-fpic", Alone, Drop, BARE),
    row(Gcc, "-fPIC", Alone, Drop, BARE),
    row(Gcc, "-fpie", Alone, Drop, BARE),
    row(Gcc, "-fPIE", Alone, Drop, BARE),
    row(Gcc, "-pic", Alone, Drop, BARE),
    row(Gcc, "-mgas", Alone, Drop, "there is one assembler"),
    row(Gcc, "-mmips-tfile", Alone, Drop, "a pass of the old compiler"),
    row(Gcc, "-mno-mips-tfile", Alone, Drop, "a pass of the old compiler"),
    row(Gcc, "-mrnames", Alone, Drop, "a choice of the old assembler"),
    row(Gcc, "-mno-split-addresses", Alone, Drop, "a choice of the old assembler"),
    row(Gcc, "-mmips-as", Alone, Drop, "a choice of the old assembler"),
    row(Gcc, "-mno-rnames", Alone, Drop, "a choice of the old assembler"),
    row(Gcc, "-mhalf-pic", Alone, Drop, BARE),
    row(Gcc, "-mno-half-pic", Alone, Drop, BARE),
    row(Gcc, "-membedded-pic", Alone, Drop, BARE),
    row(Gcc, "-mno-embedded-pic", Alone, Drop, BARE),
    row(Gcc, "-m4650", Alone, Drop, PROCESSOR),
    row(Gcc, "-mlong64", Alone, Drop, PROCESSOR),
    row(Gcc, "-mint64", Alone, Drop, PROCESSOR),
    row(Gcc, "-mentry", Alone, Drop, PROCESSOR),
    row(Gcc, "-mstats", Alone, Drop, NO_LONGER),
    row(Gcc, "-mno-stats", Alone, Drop, NO_LONGER),
    row(Gcc, "-mnohost", Alone, Drop, NO_LONGER),
    row(Gcc, "-mdebuga", Alone, Drop, NO_LONGER),
    row(Gcc, "-mdebugb", Alone, Drop, NO_LONGER),
    row(Gcc, "-fforce-mem", Alone, Drop, NO_LONGER),
    row(Gcc, "-fmove-all-movables", Alone, Drop, NO_LONGER),
    row(Gcc, "-freduce-all-givs", Alone, Drop, NO_LONGER),
    row(Gcc, "-fcheck-memory-usage", Alone, Drop, NO_LONGER),
    row(Gcc, "-fno-gnu-linker", Alone, Drop, NO_LONGER),
    row(Gcc, "-fshort-double", Alone, Drop, NO_LONGER),
    row(Gcc, "-fprefix-function-name", Alone, Drop, NO_LONGER),
    row(Gcc, "-fallow-single-precision", Alone, Drop, NO_LONGER),
    row(Gcc, "-a", Alone, Drop, NO_LONGER),
    row(Gcc, "-fvolatile", Joined, Drop, NO_LONGER),
    row(Gcc, "-Wid-clash-", Joined, Drop, NO_LONGER),
    row(Gcc, "-traditional", Joined, Own, "for -E alone: the compiler no longer knows it"),
    row(Gcc, "-fwritable-strings", Alone, Drop, "no longer known; no kernel protects constants"),
    row(Gcc, "-pipe", Alone, Drop, "the assembler text goes through a file where it is mended"),
    row(Gcc, "-fstack-protector", Joined, Drop, "it needs a function of the C library"),
    row(Gcc, "-nostdlib", Alone, Drop, LIBRARIES),
    row(Gcc, "-nostartfiles", Alone, Drop, LIBRARIES),
    row(Gcc, "-nodefaultlibs", Alone, Drop, LIBRARIES),
    row(Gcc, "-static", Alone, Drop, LIBRARIES),
    row(Gcc, "-Wa,", Joined, Translate("-Wa, without -mips, -mcpu, -march, -O, -G"), PROCESSOR),
    row(Gcc, "-Wl,", Joined, Own, OWN_LINKER),
    row(Gcc, "-Xlinker", Next, Own, OWN_LINKER),
    row(Gcc, "-T", Either, Own, OWN_LINKER),
    row(Gcc, "-Ttext", Next, Own, OWN_LINKER),
    row(Gcc, "-Ttext=", Joined, Own, OWN_LINKER),
    row(Gcc, "-Tdata", Next, Own, OWN_LINKER),
    row(Gcc, "-Tdata=", Joined, Own, OWN_LINKER),
    row(Gcc, "-Tbss", Next, Own, OWN_LINKER),
    row(Gcc, "-Tbss=", Joined, Own, OWN_LINKER),
    row(Gcc, "-u", Next, Own, OWN_LINKER),
    row(Gcc, "-e", Next, Own, OWN_LINKER),
    row(Gcc, "-N", Alone, Own, OWN_LINKER),
    row(Gcc, "-s", Alone, Own, OWN_LINKER),
    row(Gcc, "-r", Alone, Refuse, "a program is linked at once"),
    row(Gcc, "-l", Either, Own, OWN_LINKER),
    row(Gcc, "-L", Either, Own, OWN_LINKER),
    row(Gcc, "-EB", Alone, Own, "big-endian"),
    row(Gcc, "-meb", Alone, Own, "big-endian"),
    row(Gcc, "-mbig-endian", Alone, Own, "big-endian"),
    row(Gcc, "-EL", Alone, Drop, "little-endian, unless the profile or -EB says otherwise"),
    row(Gcc, "-mel", Alone, Drop, "little-endian, unless the profile or -EB says otherwise"),
    row(Gcc, "-ggdb", Joined, Translate("-g"), "one format of debugging information"),
    row(Gcc, "-gstabs", Joined, Translate("-g"), "no longer known"),
    row(Gcc, "-gcoff", Joined, Translate("-g"), "no longer known"),
    row(Gcc, "-gxcoff", Joined, Translate("-g"), "no longer known"),
    row(Gcc, "-I-", Alone, Translate("-iquote."), "no longer known"),
    row(Gcc, "-std=", Joined, Pass, "otherwise -std=gnu89"),
    row(Gcc, "-ansi", Alone, Pass, "otherwise -std=gnu89"),
    row(Gcc, "-I", Either, Pass, "a folder"),
    row(Gcc, "-D", Either, Pass, "a macro"),
    row(Gcc, "-U", Either, Pass, "a macro"),
    row(Gcc, "-x", Either, Pass, "the language"),
    row(Gcc, "-include", Next, Pass, "a file"),
    row(Gcc, "-imacros", Next, Pass, "a file"),
    row(Gcc, "-isystem", Next, Pass, "a folder"),
    row(Gcc, "-idirafter", Next, Pass, "a folder"),
    row(Gcc, "-iquote", Next, Pass, "a folder"),
    row(Gcc, "-MF", Next, Pass, "the file of dependencies"),
    row(Gcc, "-MT", Next, Pass, "the target of dependencies"),
    row(Gcc, "-MQ", Next, Pass, "the target of dependencies"),
    row(As, "-o", Either, Own, "the output"),
    row(As, "-v", Alone, Own, "shows the commands that are run"),
    row(As, "-G", Either, Drop, SMALL_DATA),
    row(As, "-mips", Joined, Drop, PROCESSOR),
    row(As, "-march=", Joined, Drop, PROCESSOR),
    row(As, "-mcpu=", Joined, Drop, PROCESSOR),
    row(As, "-mtune=", Joined, Drop, PROCESSOR),
    row(As, "-mabi=", Joined, Drop, PROCESSOR),
    row(As, "-32", Alone, Drop, PROCESSOR),
    row(As, "-O", Joined, Drop, "the assembler fills delay slots as it likes"),
    row(As, "-nocpp", Alone, Drop, "an option of another assembler"),
    row(As, "-KPIC", Alone, Drop, BARE),
    row(As, "-call_shared", Alone, Drop, BARE),
    row(As, "-non_shared", Alone, Drop, BARE),
    row(As, "-xgot", Alone, Drop, BARE),
    row(As, "-membedded-pic", Alone, Drop, BARE),
    row(As, "-EL", Alone, Drop, "little-endian, unless the profile or -EB says otherwise"),
    row(As, "-EB", Alone, Own, "big-endian"),
    row(As, "-I", Either, Pass, "a folder"),
    row(As, "-defsym", Next, Pass, "a symbol's value"),
    row(As, "--defsym", Next, Pass, "a symbol's value"),
    row(Cpp, "-o", Either, Own, "the output; a second file is the output too"),
    row(Cpp, "-v", Alone, Own, "shows the commands that are run"),
    row(Cpp, "-G", Either, Drop, SMALL_DATA),
    row(Cpp, "-B", Either, Drop, OLD_PARTS),
    row(Cpp, "-lang-", Joined, Drop, "the file's name says it"),
    row(Cpp, "-$", Alone, Drop, "a rule of the old preprocessor"),
    row(Cpp, "-mips", Joined, Drop, PROCESSOR),
    row(Cpp, "-I", Either, Pass, "a folder"),
    row(Cpp, "-D", Either, Pass, "a macro"),
    row(Cpp, "-U", Either, Pass, "a macro"),
    row(Cpp, "-x", Either, Pass, "the language"),
    row(Cpp, "-include", Next, Pass, "a file"),
    row(Cpp, "-imacros", Next, Pass, "a file"),
    row(Cpp, "-isystem", Next, Pass, "a folder"),
    row(Cpp, "-idirafter", Next, Pass, "a folder"),
    row(Cpp, "-iquote", Next, Pass, "a folder"),
    row(Ld, "-o", Either, Own, "the output"),
    row(Ld, "-T", Either, Own, "a script; or a number, the address of .text"),
    row(Ld, "--script=", Joined, Own, "a script"),
    row(Ld, "-Ttext", Next, Own, "the address of .text"),
    row(Ld, "-Ttext=", Joined, Own, "the address of .text"),
    row(Ld, "-Tdata", Next, Own, "the address of .data"),
    row(Ld, "-Tdata=", Joined, Own, "the address of .data"),
    row(Ld, "-Tbss", Next, Own, "the address of .bss"),
    row(Ld, "-Tbss=", Joined, Own, "the address of .bss"),
    row(Ld, "-e", Next, Own, "where the program starts"),
    row(Ld, "--entry", Next, Own, "where the program starts"),
    row(Ld, "-L", Either, Own, "a folder of libraries"),
    row(Ld, "-l", Joined, Own, "a library; gcc's own may be missing, as the folder has what it does"),
    row(Ld, "-u", Next, Own, "a symbol to look for"),
    row(Ld, "-defsym", Next, Own, "a symbol's value"),
    row(Ld, "--defsym", Next, Own, "a symbol's value"),
    row(Ld, "--defsym=", Joined, Own, "a symbol's value"),
    row(Ld, "-Map", Next, Own, "a file for the list of sections and symbols"),
    row(Ld, "-Map=", Joined, Own, "a file for the list of sections and symbols"),
    row(Ld, "-M", Alone, Own, "prints the list of sections and symbols"),
    row(Ld, "-t", Alone, Own, "prints the names of the files"),
    row(Ld, "-v", Alone, Own, "prints the version"),
    row(Ld, "-V", Alone, Own, "prints the version"),
    row(Ld, "--version", Alone, Own, "prints the version"),
    row(Ld, "-r", Alone, Refuse, "a program is linked at once; join objects by ar"),
    row(Ld, "-i", Alone, Refuse, "a program is linked at once; join objects by ar"),
    row(Ld, "-N", Alone, Drop, "text and data follow each other, always"),
    row(Ld, "-n", Alone, Drop, "text and data follow each other, always"),
    row(Ld, "-s", Alone, Drop, "COFF programs have no symbols, always"),
    row(Ld, "-S", Alone, Drop, "COFF programs have no symbols, always"),
    row(Ld, "-x", Alone, Drop, "COFF programs have no symbols, always"),
    row(Ld, "-X", Alone, Drop, "COFF programs have no symbols, always"),
    row(Ld, "-G", Either, Drop, SMALL_DATA),
    row(Ld, "-EL", Alone, Drop, "the objects decide"),
    row(Ld, "-EB", Alone, Drop, "the objects decide"),
    row(Ld, "-m", Either, Drop, "the objects decide"),
    row(Ld, "-A", Either, Drop, "the objects decide"),
    row(Ld, "-oformat", Next, Drop, "the profile decides"),
    row(Ld, "--oformat", Next, Drop, "the profile decides"),
    row(Ld, "-static", Alone, Drop, LIBRARIES),
    row(Ld, "-nostdlib", Alone, Drop, LIBRARIES),
    row(Ld, "-d", Alone, Drop, "common symbols get memory, always"),
    row(Ld, "-dc", Alone, Drop, "common symbols get memory, always"),
    row(Ld, "-dp", Alone, Drop, "common symbols get memory, always"),
    row(Ld, "-dn", Alone, Drop, LIBRARIES),
    row(Ld, "-Bstatic", Alone, Drop, LIBRARIES),
    row(Ld, "-b", Either, Drop, "the objects decide"),
    row(Ld, "-z", Either, Drop, "a choice of ELF systems"),
    row(Ld, "-warn-common", Alone, Own, "names each common symbol that meets another of its name"),
    row(Ld, "--warn-common", Alone, Own, "names each common symbol that meets another of its name"),
    row(Ld, "-warn-", Joined, Drop, "a warning of the old linker"),
    row(Ld, "--warn-", Joined, Drop, "a warning of the old linker"),
];

/// A word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// An option of the table.
    Known {
        /// Its row.
        row: &'static Row,
        /// Its value; empty where it has none.
        value: String,
        /// Its words, as they were.
        words: Vec<String>,
    },
    /// An option that the table does not have.
    Unknown(String),
    /// A file.
    File(String),
}

/// Sorts the words of a command line by the table.
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

/// The row of an option: the one that says the most of it.
fn find(tool: Tool, word: &str) -> Option<&'static Row> {
    let fits = |row: &&Row| {
        row.tool == tool
            && match row.value {
                Value::None | Value::Next => word == row.option,
                Value::Joined | Value::Either => word.starts_with(row.option),
            }
    };
    ROWS.iter().filter(fits).max_by_key(|row| row.option.len())
}

/// The table for the documentation, in Markdown.
#[must_use]
pub fn document() -> String {
    let mut text = String::from("| tool | option | what becomes of it | why |\n|---|---|---|---|\n");
    for row in ROWS {
        let value = match row.value {
            Value::None => "",
            Value::Next => " X",
            Value::Joined => "X",
            Value::Either => "[ ]X",
        };
        let action = match row.action {
            Action::Drop => "left out".to_owned(),
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
    use super::{Action, ROWS, Word, document, find, sort};
    use crate::names::Tool;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn no_option_is_there_twice() {
        for (index, row) in ROWS.iter().enumerate() {
            let twin =
                ROWS[index + 1..].iter().find(|other| (other.tool, other.option) == (row.tool, row.option));
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
        assert!(sort(Tool::Ld, &words("-r a.o")).unwrap_err().contains("linked at once"));
    }

    #[test]
    fn the_documentation_is_made_from_the_table() {
        let page = include_str!("../../docs/nachos-courses.md");
        assert!(
            page.contains(&document()),
            "docs/nachos-courses.md: its table of options is stale; it is to be:\n{}",
            document()
        );
    }
}
