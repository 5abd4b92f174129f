//! A file of no format that the command reads: what it is instead, and what to do with it.

use std::io::{self, Write};

use execfmt_common::{FirstBytes, Severity};
use execfmt_detect::{FileKind, detect};
use file_format::FileFormat;
use serde_json::{Value, json};

use super::Format;
use crate::advice;
use crate::diagnostics::Report;

/// The formats that [`open`](super::open) knows.
const FORMATS: &str = "Nachos NOFF, Coyotos images, ELKS/Minix a.out";

/// Their magics, in the same order.
const MAGICS: &str = "0xbadfad, coyimage or 0x301";

pub(crate) struct Unknown {
    kind: FileKind,
    /// The name of a kind that has nothing to do with executables.
    other: Option<FileFormat>,
    first: FirstBytes,
}

impl Unknown {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let kind = detect(bytes, bytes.len() as u64);
        let other = (kind == FileKind::Unknown).then(|| FileFormat::from_bytes(bytes));
        let other = other.filter(|format| *format != FileFormat::ArbitraryBinaryData);
        Self { kind, other, first: FirstBytes::of(bytes) }
    }

    /// What the file is and what to do with it.
    pub(crate) fn message(&self) -> String {
        let what = match (self.kind, self.other) {
            (_, Some(other)) => {
                return format!("this is a file of another kind ({}); execfmt knows {FORMATS}", other.name());
            }
            (FileKind::Unknown, None) => {
                return format!("{} begins no file of a format that execfmt knows: {FORMATS}", self.first);
            }
            (FileKind::Gzip, _) => {
                "this is a gzip file, but no Coyotos image is in it, or its beginning is damaged".into()
            }
            (FileKind::Script, _) => "this is a script: its first line names the program that runs it".into(),
            (FileKind::Text | FileKind::AoutMagicOnly, _) => {
                format!("this is {}; execfmt knows {FORMATS}", self.kind)
            }
            (kind, _) => format!("this is {kind}"),
        };
        match self.kind.advice() {
            Some(advice) => format!("{what}: {}", advice::render(advice)),
            None => what,
        }
    }
}

impl Format for Unknown {
    fn findings(&self) -> Vec<Report> {
        vec![Report {
            severity: Severity::Error,
            code: "unknown_format",
            field: "magic".into(),
            offset: 0,
            found: self.first.number().into(),
            expected: MAGICS.into(),
            message: self.message(),
        }]
    }

    fn json(&self) -> Value {
        json!({ "format": null })
    }

    fn info(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        match (self.kind, self.other) {
            (_, Some(other)) => writeln!(out, "{name}: a file of another kind ({})", other.name()),
            (FileKind::Gzip, _) => writeln!(out, "{name}: a gzip file without a Coyotos image"),
            (kind, _) => writeln!(out, "{name}: {kind}"),
        }
    }

    fn map(&self, _: &str) -> Option<String> {
        None
    }

    fn symbols(&self, _: &mut dyn Write) -> io::Result<Option<String>> {
        Ok(Some(self.message()))
    }

    fn symbols_at(&self, _: u32, _: &mut dyn Write) -> io::Result<Option<String>> {
        Ok(Some(self.message()))
    }

    fn relocations(&self, _: &mut dyn Write) -> io::Result<Option<String>> {
        Ok(Some(self.message()))
    }
}
