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

use std::io::{self, Write};

use coyotos_image::wire::endian_word;
use coyotos_image::{CoyotosFinding, CycleScratch, Header, Image, ObjectType, Rules, check, space_cycles};
use execfmt_common::Severity;
use serde_json::{Map, Value, json};

pub(crate) use convert::convert;

use super::Format;
use crate::diagnostics::Report;
use args::CoyotosOptions;
use file::Stored;

/// The most findings that are told one by one: a damaged image may have millions.
const MOST_FINDINGS: usize = 1000;

/// A file that begins like an image.
pub(crate) struct Coyotos<'a> {
    stored: Stored<'a>,
    rules: Rules,
}

impl<'a> Coyotos<'a> {
    pub(crate) fn open(stored: Stored<'a>, options: CoyotosOptions) -> Self {
        Self { stored, rules: options.rules.into() }
    }
}

/// Findings, the first of them one by one and the rest as a number.
#[derive(Default)]
struct Findings {
    told: Vec<Report>,
    errors: u64,
    warnings: u64,
}

impl Findings {
    fn add(&mut self, finding: &CoyotosFinding) {
        if self.told.len() < MOST_FINDINGS {
            self.told.push(Report::from(finding));
        } else if finding.is_error() {
            self.errors = self.errors.saturating_add(1);
        } else {
            self.warnings = self.warnings.saturating_add(1);
        }
    }

    fn into_reports(self) -> Vec<Report> {
        let Self { mut told, errors, warnings } = self;
        let rest = errors.saturating_add(warnings);
        if rest > 0 {
            told.push(Report {
                severity: if errors > 0 { Severity::Error } else { Severity::Warning },
                code: "more_findings",
                field: "file".into(),
                offset: 0,
                found: rest,
                expected: "0x0".into(),
                message: format!("and {errors} errors and {warnings} warnings more"),
            });
        }
        told
    }
}

impl Format for Coyotos<'_> {
    fn findings(&self) -> Vec<Report> {
        let image = match self.stored.image() {
            Ok(image) => image,
            Err(report) => return vec![report],
        };
        let mut findings = Findings::default();
        check(&image, self.rules).for_each(|finding| findings.add(&finding));
        if self.rules == Rules::Thorough {
            let gpts = usize::try_from(image.count(ObjectType::Gpt)).unwrap_or_default();
            let mut scratch = vec![CycleScratch::default(); gpts];
            space_cycles(&image, &mut scratch)
                .into_iter()
                .flatten()
                .for_each(|finding| findings.add(&finding));
        }
        findings.into_reports()
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
            Err(report) => Ok(Some(report.message)),
        }
    }
}

/// Every field of the header behind the magic, in its order and by its name in the specification.
fn fields(header: &Header) -> Value {
    let endian = ("endian", u64::from(endian_word(header.byte_order)));
    let fields = [endian].into_iter().chain(header.fields());
    Value::Object(fields.map(|(name, value)| (name.into(), value.into())).collect::<Map<_, _>>())
}
