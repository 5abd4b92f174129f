//! Facts in words: what a person reads of a file.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use execfmt_common::{Advice, AnyFinding, Escaped};

/// A part of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Section {
    /// Lines that begin with a word.
    Facts(Vec<Fact>),
    /// Columns.
    Table(Table),
    /// A paragraph, and what to do next, if something is to be done.
    Text(String, Option<Advice>),
}

/// A line such as `stack      pointer starts at 0x870`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about; empty where it goes on with the line before.
    pub label: Cow<'static, str>,
    /// The fact. What comes from a file is escaped.
    pub text: String,
    /// What to do next, if something is to be done.
    pub advice: Option<Advice>,
}

impl Fact {
    pub(crate) fn new(label: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self { label: label.into(), text: text.into(), advice: None }
    }

    /// That someone refuses the file, and why.
    pub(crate) fn refusal(label: impl Into<Cow<'static, str>>, finding: &dyn AnyFinding) -> Self {
        let why = Explained(finding);
        let text = alloc::format!("refuses it: {} at byte {}: {why}", finding.field(), finding.offset());
        Self { label: label.into(), text, advice: finding.advice() }
    }
}

/// What is wrong, without the field.
pub(crate) struct Explained<'a>(pub(crate) &'a dyn AnyFinding);

impl core::fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.explain(f)
    }
}

/// Rows of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// A cell for each column, or fewer.
    pub rows: Vec<Vec<String>>,
    /// What stands below, such as how many rows were left out.
    pub footer: Option<String>,
}

/// A column of a [`Table`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands above it.
    pub head: &'static str,
    /// Its width in characters, the space beside it included; a longer cell makes its row wider.
    pub width: usize,
    /// Numbers stand at the right edge.
    pub right: bool,
}

impl Column {
    pub(crate) const fn left(head: &'static str, width: usize) -> Self {
        Self { head, width, right: false }
    }

    pub(crate) const fn right(head: &'static str, width: usize) -> Self {
        Self { head, width, right: true }
    }
}

impl Table {
    pub(crate) fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self { columns: columns.into(), rows: Vec::new(), footer: None }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }
}

/// A number and what it counts: `1 symbol`, `2 symbols`.
pub(crate) fn counted(count: u64, one: &str, more: &str) -> String {
    alloc::format!("{count} {}", if count == 1 { one } else { more })
}

/// What comes from a file, made harmless.
pub(crate) fn escaped(text: impl AsRef<[u8]>) -> String {
    alloc::format!("{}", Escaped::of(&text))
}

/// The argument block of a program of ELKS.
pub(crate) fn arguments(bytes: u16) -> Fact {
    let why = if bytes == aout_minix::elks::MIN_ARGUMENT_BYTES {
        "the least that execve passes"
    } else {
        "as given"
    };
    Fact::new("arguments", alloc::format!("{bytes} bytes, {why}"))
}

/// A size in the largest unit of which it has one.
pub fn size(bytes: u128) -> String {
    let (mut size, mut name, mut rest) = (bytes, "bytes", 0);
    for unit in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] {
        if size < 1024 {
            break;
        }
        rest |= size % 1024;
        (size, name) = (size / 1024, unit);
    }
    format!("{}{size} {name}", if rest == 0 { "" } else { "some " })
}
