//! To a Coyotos image.

use std::path::Path;

use execfmt_formats::coyotos::convert::{ImageOptions, Proto, from_elf};

use super::args::CoyotosConversion;
use crate::conversion::{Converted, Failure};
use crate::files;

/// The image of a program, and the side file that goes with it.
pub(crate) fn convert(bytes: &[u8], options: &CoyotosConversion) -> Result<Converted, Failure> {
    let read = |path: &Path| {
        let name = files::name(path);
        let elf = files::read(path).map_err(|error| Failure::Usage(format!("{name}: {error}")))?;
        Ok::<_, Failure>((name, elf))
    };
    let proto = options.proto.as_deref().map(read).transpose()?;
    let image = ImageOptions {
        arch: options.arch,
        compat: options.compat,
        constructor: options.constructor,
        proto: proto.as_ref().map(|(name, elf)| Proto { name, elf }),
        debug: options.debug.is_some(),
        gzip: !options.no_gzip,
        max_image: options.max_image(),
    };
    let (converted, side) = from_elf(bytes, &image)?;
    let mut converted = Converted::from(converted);
    if let Some((path, side)) = options.debug.clone().zip(side) {
        let note = format!("{} is its side file, build ID {}", files::shown(&path), side.build_id_hex());
        converted.notes.push((None, note));
        converted.beside = Some((path, side.bytes));
    }
    Ok(converted)
}
