//! The symbols of an image, one per row.

use std::{fmt, io};

use coyotos_image::{BUILD_ID_SPACE, Image, ObjectId, SpaceId, SymbolKind};
use serde_json::json;

use crate::json::text;
use crate::rows::Rows;

/// An object in the notation for users.
pub fn written(object: ObjectId) -> impl fmt::Display {
    format!("{}:{}", object.object_type.name().to_ascii_lowercase(), object.oid)
}

/// The symbols: space, address, size, kind and name, in table order.
pub(super) fn symbols(image: &Image<'_>, rows: &mut Rows<'_>) -> io::Result<()> {
    for symbol in image.symbols().iter().filter(|symbol| symbol.object != BUILD_ID_SPACE) {
        let space = match SpaceId::from_u64(symbol.object).root() {
            Some(root) => written(root).to_string(),
            None => format!("{:#x}", symbol.object),
        };
        let kind = match symbol.kind {
            SymbolKind::Label => "label".into(),
            SymbolKind::Function => "function".into(),
            SymbolKind::Data => "data".into(),
            other => other.number().to_string(),
        };
        let name = text(symbol.name.unwrap_or_default());
        rows.row(format_args!("{space:<12}  {:#018x}  {:>8}  {kind:<8}  {name}", symbol.value, symbol.size), || {
            json!({ "space": space, "value": symbol.value, "size": symbol.size, "kind": kind, "name": name })
        })?;
    }
    Ok(())
}
