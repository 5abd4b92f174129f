//! Coyotos images, for a person or a program.

pub(crate) mod args;
mod build;
pub(crate) mod command;
mod convert;
mod extract;
pub(super) mod file;
mod folder;
mod info;
mod list;
mod manifest;
mod map;
pub(crate) mod mkimage;
mod select;
mod space;
mod spaces;

use std::fmt;
use std::io::{self, Write};

use coyotos_image::wire::endian_word;
use coyotos_image::{Header, Image, Loader};
use execfmt_common::{AnyFinding, Severity};
use serde_json::{Map, Value, json};

pub(crate) use convert::{convert, to_elf};

use super::Format;
use crate::advice;
use crate::diagnostics::Report;
use args::CoyotosOptions;
use file::Stored;

/// A file that begins like an image.
pub(crate) struct Coyotos<'a> {
    stored: Stored<'a>,
    loader: Loader,
}

impl<'a> Coyotos<'a> {
    pub(crate) fn open(stored: Stored<'a>, options: CoyotosOptions) -> Self {
        Self { stored, loader: options.rules.into() }
    }
}

/// A finding with advice in the command's words.
pub(super) fn report(finding: &dyn AnyFinding) -> Report {
    struct Explained<'a>(&'a dyn AnyFinding);
    impl fmt::Display for Explained<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.explain(f)
        }
    }
    let (field, offset) = (finding.field().to_string(), finding.offset());
    let advice = finding.advice().map(|advice| format!("; {}", advice::render(advice))).unwrap_or_default();
    Report {
        severity: finding.severity(),
        code: finding.code(),
        message: format!("{field} at byte {offset}: {}{advice}", Explained(finding)),
        field,
        offset,
        found: finding.found(),
        expected: finding.expected().to_string(),
    }
}

impl Format for Coyotos<'_> {
    fn findings(&self) -> Vec<Report> {
        let mut reports = Vec::new();
        let verdict = self.stored.check(self.loader, &mut |finding| reports.push(report(finding)));
        let tally = verdict.map(|verdict| verdict.tally).unwrap_or_default();
        if tally.unlisted() > 0 {
            let listed = reports.iter().filter(|report| report.severity == Severity::Error).count() as u64;
            let errors = tally.errors.saturating_sub(listed);
            let warnings = tally.unlisted().saturating_sub(errors);
            reports.push(Report {
                severity: if errors > 0 { Severity::Error } else { Severity::Warning },
                code: "more_findings",
                field: "file".into(),
                offset: 0,
                found: tally.unlisted(),
                expected: "0x0".into(),
                message: format!(
                    "and {} and {} more",
                    counted(errors, "error", "errors"),
                    counted(warnings, "warning", "warnings")
                ),
            });
        }
        reports
    }

    fn json(&self) -> Value {
        let header = self.stored.header.as_ref();
        json!({
            "format": "coyotos-image",
            "gzip": self.stored.gzip,
            "arch": self.stored.image().ok().map(|image| image.arch().name()),
            "byte_order": header.map(|header| header.byte_order.name()),
            "header": header.map(fields),
        })
    }

    fn info(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        match self.stored.image() {
            Ok(image) => info::write(&image, &self.stored, name, out),
            Err(_) => {
                let (container, len) = (if self.stored.gzip { "gzip, " } else { "" }, self.stored.file_len);
                writeln!(out, "{name}: Coyotos image, {container}{len} bytes, that cannot be read")
            }
        }
    }

    fn map(&self, name: &str) -> Option<String> {
        let image: Image<'_> = self.stored.image().ok()?;
        Some(format!("{name}\n{}", map::draw(&image)))
    }

    fn symbols(&self, out: &mut dyn Write) -> io::Result<Option<String>> {
        match self.stored.image() {
            Ok(image) => list::symbols(&image, out).map(|()| None),
            Err(finding) => Ok(Some(report(&finding).message)),
        }
    }
}

/// A number and what it counts.
fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// Every field of the header after the magic, in its order and by its name in the specification.
fn fields(header: &Header) -> Value {
    let endian = ("endian", u64::from(endian_word(header.byte_order)));
    let fields = [endian].into_iter().chain(header.fields());
    Value::Object(fields.map(|(name, value)| (name.into(), value.into())).collect::<Map<_, _>>())
}
