//! `space`: an address space as a table.

use std::io::{self, Write};

use coyotos_image::space::{Mapping, walk};
use coyotos_image::{CapType, Capability, Image, ObjectId};
use execfmt_formats::coyotos::choose;
use serde_json::json;

use super::args::Space;
use super::command::refused;
use super::file::with_image;
use crate::outcome::Outcome;

pub(super) fn run(options: &Space) -> io::Result<Outcome> {
    with_image(&options.image, options.reading, |image, _| {
        let root = match choose(image, options.of.map(Into::into)) {
            Ok(root) => root,
            Err(complaint) => return refused(&options.image, &complaint),
        };
        let mut out = io::BufWriter::new(io::stdout().lock());
        let complaint =
            if options.json { as_json(image, root, &mut out)? } else { as_table(image, root, &mut out)? };
        out.flush()?;
        match complaint {
            None => Ok(Outcome::Success),
            Some(complaint) => refused(&options.image, &format!("the list ends early: {complaint}")),
        }
    })
}

/// Passes on every mapping, and returns what ended the walk early.
fn each(
    image: &Image<'_>,
    root: Capability,
    mut act: impl FnMut(&Mapping) -> io::Result<()>,
) -> io::Result<Option<String>> {
    for mapping in walk(image, root, image.walk_limits()).pages() {
        match mapping {
            Ok(mapping) => act(&mapping)?,
            Err(error) => return Ok(Some(execfmt_view::why_it_ended(error))),
        }
    }
    Ok(None)
}

fn as_table(image: &Image<'_>, root: Capability, out: &mut dyn Write) -> io::Result<Option<String>> {
    writeln!(out, "{:<18}  {:<18}  {:<9}  object", "address", "up to", "rights")?;
    each(image, root, |mapping| {
        let Mapping { address, capability, restr, .. } = *mapping;
        let (kind, oid) = (capability.cap_type(), capability.oid());
        let object = match ObjectId::of(capability) {
            Some(object) => object.to_string(),
            None if kind == CapType::PAGE => format!("physical Page {oid:#x}"),
            None => format!("{kind} at {oid:#x}"),
        };
        let end = mapping.end();
        writeln!(out, "{address:#018x}  {end:#018x}  {:<9}  {object}", restr.to_string())
    })
}

/// A list, one element per line.
fn as_json(image: &Image<'_>, root: Capability, out: &mut dyn Write) -> io::Result<Option<String>> {
    let mut before = "[\n";
    let complaint = each(image, root, |mapping| {
        let Mapping { address, l2_size, capability, restr } = *mapping;
        let kind = capability.cap_type();
        let entry = json!({
            "address": address,
            "page_oid": capability.oid(),
            "type": kind.name(),
            "restr": restr.bits(),
            "l2_size": l2_size,
        });
        write!(out, "{before}{entry}")?;
        before = ",\n";
        Ok(())
    })?;
    writeln!(out, "{}", if before == "[\n" { "[]" } else { "\n]" })?;
    Ok(complaint)
}
