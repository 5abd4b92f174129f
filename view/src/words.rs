//! Facts as text, for people.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use execfmt_common::{Advice, AnyFinding, Escaped};

/// A part of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Section {
    /// Lines with a label.
    Facts(Vec<Fact>),
    /// Columns.
    Table(Table),
    /// A paragraph, and what to do next, if anything.
    Text(String, Option<Advice>),
}

/// A line such as `stack      pointer starts at 0x870`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The label; empty when it continues the line before.
    pub label: Cow<'static, str>,
    /// The fact. Text from a file is escaped.
    pub text: String,
    /// What to do next, if anything.
    pub advice: Option<Advice>,
}

impl Fact {
    pub(crate) fn new(label: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self { label: label.into(), text: text.into(), advice: None }
    }

    /// Reports that a loader refuses the file, and why.
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
    /// One cell for each column, or fewer.
    pub rows: Vec<Vec<String>>,
    /// A line below the table, such as the number of rows omitted.
    pub footer: Option<String>,
}

/// A column of a [`Table`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub head: &'static str,
    /// Its width in characters, including the space beside it; a longer cell makes its row wider.
    pub width: usize,
    /// Whether cells are right-aligned, as for numbers.
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

/// A number with its noun: `1 symbol`, `2 symbols`.
pub(crate) fn counted(count: u64, one: &str, more: &str) -> String {
    alloc::format!("{count} {}", if count == 1 { one } else { more })
}

/// Text from a file, made harmless.
pub(crate) fn escaped(text: impl AsRef<[u8]>) -> String {
    alloc::format!("{}", Escaped::of(&text))
}

/// The argument block of a program for ELKS.
pub(crate) fn arguments(bytes: u16) -> Fact {
    let why = if bytes == aout_minix::elks::MIN_ARGUMENT_BYTES {
        "the minimum that execve passes"
    } else {
        "as given"
    };
    Fact::new("arguments", alloc::format!("{bytes} bytes, {why}"))
}

/// A size in the largest unit that does not exceed it.
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
