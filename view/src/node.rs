//! The tree.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use execfmt_common::{ByteOrder, WireField, WireKind};

/// The contents of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// An unsigned number.
    Unsigned(u64),
    /// A signed number.
    Signed(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Other fields.
    Fields(Vec<Node>),
}

impl Value {
    /// A number, in hexadecimal too where that differs; `None` for bytes and records.
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::Unsigned(number) if *number < 10 => Some(number.to_string()),
            Self::Unsigned(number) => Some(format!("{number:#x} = {number}")),
            Self::Signed(number) => Some(number.to_string()),
            Self::Bytes(_) | Self::Fields(_) => None,
        }
    }
}

/// A field, or a record of fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The name in the format's specification; for an element of a table, its index.
    pub name: Cow<'static, str>,
    /// File offset of its first byte, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub size: u64,
    /// Its contents.
    pub value: Value,
    /// Its bytes as they are in the file; empty for a record.
    pub bytes: Vec<u8>,
    /// Its meaning; empty if its record documents it.
    pub meaning: &'static str,
}

impl Node {
    /// The field with a path such as `code.size`.
    pub fn find(&self, path: &str) -> Option<&Self> {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let field = self.fields().iter().find(|field| field.name == name)?;
        rest.map_or(Some(field), |rest| field.find(rest))
    }

    /// The fields of a record; none for a number.
    pub fn fields(&self) -> &[Self] {
        match &self.value {
            Value::Fields(fields) => fields,
            _ => &[],
        }
    }

    /// Calls `leaf` for every field below that contains no others, in order, with its path such as
    /// `code.size`.
    pub fn leaves<'a>(&'a self, path: &str, leaf: &mut dyn FnMut(String, &'a Self)) {
        let Value::Fields(fields) = &self.value else { return leaf(path.into(), self) };
        for field in fields {
            let separator = if path.is_empty() { "" } else { "." };
            field.leaves(&format!("{path}{separator}{}", field.name), leaf);
        }
    }

    /// Its number, if it holds a non-negative one.
    pub const fn number(&self) -> Option<u64> {
        match self.value {
            Value::Unsigned(number) => Some(number),
            _ => None,
        }
    }
}

/// A record at an offset of a file, with the fields of its wire struct. Fields cut off by the end of the file
/// are omitted.
pub fn record(
    name: impl Into<Cow<'static, str>>,
    fields: &'static [WireField],
    file: &[u8],
    offset: u64,
    order: ByteOrder,
) -> Node {
    let nodes: Vec<_> = fields.iter().map_while(|field| self::field(field, file, offset, order)).collect();
    let size = nodes.iter().fold(0_u64, |size, node| size.saturating_add(node.size));
    Node { name: name.into(), offset, size, value: Value::Fields(nodes), bytes: Vec::new(), meaning: "" }
}

fn field(field: &'static WireField, file: &[u8], start: u64, order: ByteOrder) -> Option<Node> {
    let offset = start.checked_add(field.offset as u64)?;
    let at = usize::try_from(offset).ok()?;
    let bytes = file.get(at..)?.get(..field.size)?;
    let value = value(field.kind, bytes, file, offset, order);
    let is_record = matches!(value, Value::Fields(_));
    Some(Node {
        name: Cow::Borrowed(field.name),
        offset,
        size: field.size as u64,
        value,
        bytes: if is_record { Vec::new() } else { bytes.to_vec() },
        meaning: field.meaning.trim_ascii(),
    })
}

fn value(kind: WireKind, bytes: &[u8], file: &[u8], offset: u64, order: ByteOrder) -> Value {
    match kind {
        WireKind::Unsigned => {
            number(bytes, order).map_or_else(|| Value::Bytes(bytes.to_vec()), Value::Unsigned)
        }
        WireKind::Signed => signed(bytes, order).map_or_else(|| Value::Bytes(bytes.to_vec()), Value::Signed),
        WireKind::Record(fields) => record("", fields, file, offset, order).value,
        // Elements of a table that is a field are shown unchanged.
        _ => Value::Bytes(bytes.to_vec()),
    }
}

fn number(bytes: &[u8], order: ByteOrder) -> Option<u64> {
    if bytes.len() > size_of::<u64>() {
        return None;
    }
    let add = |number: u64, byte: &u8| (number << u8::BITS) | u64::from(*byte);
    Some(match order {
        ByteOrder::Little => bytes.iter().rev().fold(0, add),
        ByteOrder::Big => bytes.iter().fold(0, add),
    })
}

fn signed(bytes: &[u8], order: ByteOrder) -> Option<i64> {
    let number = i64::from_ne_bytes(number(bytes, order)?.to_ne_bytes());
    let unused = u64::BITS.checked_sub(u32::try_from(bytes.len()).ok()?.checked_mul(u8::BITS)?)?;
    number.checked_shl(unused)?.checked_shr(unused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width_and_order() {
        for (bytes, little, big, negative) in [
            (&[0xff][..], 0xff, 0xff, -1),
            (&[1, 2], 0x0201, 0x0102, 0x0201),
            (&[0xfe, 0xff], 0xfffe, 0xfeff, -2),
            (&[1, 2, 3, 0x84], 0x8403_0201, 0x0102_0384, -0x7bfc_fdff),
        ] {
            assert_eq!(number(bytes, ByteOrder::Little), Some(little));
            assert_eq!(number(bytes, ByteOrder::Big), Some(big));
            assert_eq!(signed(bytes, ByteOrder::Little), Some(negative));
        }
        assert_eq!(number(&[0; 9], ByteOrder::Little), None);
    }
}
