//! `extract`: bytes out of an image.

use std::io;

use coyotos_image::space::leaf;
use coyotos_image::{CapType, Capability, Image, ObjectId, ObjectType};
use execfmt_formats::coyotos::{choose, exists};

use super::args::Extract;
use super::command::{refused, write};
use super::file::with_image;
use super::select::Part;
use crate::outcome::Outcome;

/// Maximum length of a range of addresses in bytes: more than the longest file can only be the same pages
/// repeatedly.
const MAX_LEN: u64 = 1 << 30;

pub(super) fn run(options: &Extract) -> io::Result<Outcome> {
    with_image(&options.image, options.reading, |image, _| {
        let bytes =
            match options.part {
                Part::Object(object) => exists(image, object.0)
                    .map(|()| image.object_bytes(object.0).unwrap_or_default().to_vec()),
                Part::Range(start, length) => choose(image, options.of.map(Into::into))
                    .and_then(|space| range(image, space, start, length)),
            };
        match bytes {
            Ok(bytes) => write(&options.output, &bytes),
            Err(why) => refused(&options.image, &why),
        }
    })
}

/// The bytes at addresses, page by page.
fn range(image: &Image<'_>, space: Capability, start: u64, length: u64) -> Result<Vec<u8>, String> {
    if length > MAX_LEN {
        return Err(format!("{length} bytes are too many at once; extract parts of the range"));
    }
    let mut bytes = Vec::new();
    let (mut address, mut left) = (start, length);
    while left > 0 {
        let page = page_at(image, space, address)?;
        let part = page.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(page);
        bytes.extend_from_slice(part);
        left -= part.len() as u64;
        // Only the last part may end at the highest address.
        address = address.wrapping_add(part.len() as u64);
    }
    Ok(bytes)
}

/// The bytes from an address up to the end of its page.
fn page_at<'a>(image: &Image<'a>, space: Capability, address: u64) -> Result<&'a [u8], String> {
    let leaf = leaf(image, space, address).map_err(|error| format!("at {address:#x}: {error}"))?;
    let found = leaf.capability.cap_type();
    if found == CapType::NULL {
        return Err(format!("nothing is mapped at {address:#x}; `execfmt coyotos space` lists what is"));
    }
    let page = ObjectId::of(leaf.capability).filter(|id| id.object_type == ObjectType::Page);
    let page = page.ok_or_else(|| format!("at {address:#x} there is {}, not bytes", leaf.capability))?;
    exists(image, page).map_err(|why| format!("at {address:#x}: {why}"))?;
    let bytes = image.page(page.oid).unwrap_or_default();
    let rest = usize::try_from(leaf.offset).ok().and_then(|offset| bytes.get(offset..));
    rest.filter(|rest| !rest.is_empty()).ok_or_else(|| {
        format!("{address:#x} is past the end of {page}, whose capability covers more than a page")
    })
}
