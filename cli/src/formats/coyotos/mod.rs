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
use coyotos_image::{Header, Image, Loader, ObjectId};
use execfmt_view::{Node, Region};
use serde_json::{Map, Value, json};

pub(crate) use convert::{convert, to_elf};

use super::{Format, KernelVerdict};
use crate::diagnostics::Report;
use crate::findings::Findings;
use crate::kernel::Kernel;
use crate::rows::Rows;
use args::CoyotosOptions;
use file::Stored;

/// Maximum number of address spaces that are summed up.
const MOST_SPACES: usize = 8;

/// A file that begins like an image.
pub(crate) struct Coyotos<'a> {
    stored: Stored<'a>,
    loader: Loader,
}

impl<'a> Coyotos<'a> {
    pub(crate) fn open(stored: Stored<'a>, options: CoyotosOptions, kernel: Option<Kernel>) -> Self {
        let original = kernel == Some(Kernel::CoyotosOriginal);
        Self { stored, loader: if original { Loader::Original } else { options.rules.into() } }
    }
}

impl Format for Coyotos<'_> {
    fn is_for(&self, kernel: Kernel) -> bool {
        kernel == Kernel::CoyotosOriginal
    }

    fn findings(&self) -> Findings {
        let mut findings = Findings::default();
        match self.stored.check(self.loader, &mut |finding| _ = findings.add(finding)) {
            Some(verdict) => findings.counted(verdict.tally),
            None => findings,
        }
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

    fn kernels(&self) -> Vec<KernelVerdict> {
        let mut findings = Findings::default();
        let _ = self.stored.check(Loader::Original, &mut |finding| _ = findings.add(finding));
        vec![KernelVerdict::new("coyotos-original", findings.first_error().cloned())]
    }

    fn memory_json(&self) -> Vec<Value> {
        self.stored.image().as_ref().map(map::json).unwrap_or_default()
    }

    fn derived(&self) -> Value {
        let Ok(image) = self.stored.image() else { return Value::Null };
        let spaces = image.spaces();
        let shown = spaces.iter().take(MOST_SPACES).map(|space| {
            let summary = image.summary(space.root);
            json!({
                "root": ObjectId::of(space.root).map(|root| root.to_string()),
                "processes": space.processes,
                "mappings": summary.leaves,
                "first": summary.first,
                // One past the last address may not fit 64 bits.
                "last": summary.first.and(u64::try_from(summary.end.saturating_sub(1)).ok()),
                "complete": summary.error.is_none(),
            })
        });
        json!({ "space_count": spaces.len(), "spaces": shown.collect::<Vec<_>>() })
    }

    fn tree(&self) -> Option<Node> {
        let header = self.stored.header.as_ref()?;
        Some(execfmt_view::coyotos(self.stored.bytes()?, header))
    }

    fn file_regions(&self) -> Vec<Region> {
        self.stored.image().map(|image| execfmt_view::coyotos_regions(&image)).unwrap_or_default()
    }

    fn map(&self, name: &str) -> Option<String> {
        let image: Image<'_> = self.stored.image().ok()?;
        Some(format!("{name}\n{}", map::draw(&image)))
    }

    fn symbols(&self, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
        match self.stored.image() {
            Ok(image) => list::symbols(&image, rows).map(|()| None),
            Err(finding) => Ok(Some(Report::from(&finding).message)),
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
