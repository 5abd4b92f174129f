use core::fmt;

use crate::field_name::FieldName;
use crate::object::{ObjectId, Slot};

/// A field of an image. Displayed as `GPT 3 cap[5].l2g`, `header nPage`, `bank 2 parent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CoyotosField {
    /// The file as a whole; the value is its length in bytes.
    FileLength,
    /// The gzip file that contains the image; the offset is in the gzip file.
    Gzip,
    /// A field of the header.
    Header(FieldName),
    /// Bytes after the header or a table, which must be zero.
    Padding(FieldName),
    /// A field of a record of the bank table.
    Bank(u32, FieldName),
    /// A field of a record of the alloc table.
    Alloc(u32, FieldName),
    /// A field of a record of the symbol table.
    Symbol(u32, FieldName),
    /// The string table.
    Strings,
    /// A field of an object.
    Object(ObjectId, FieldName),
    /// A field of a capability in an object's slot.
    Capability(ObjectId, Slot, FieldName),
}

impl CoyotosField {
    /// The object that contains the field.
    pub const fn object(self) -> Option<ObjectId> {
        match self {
            Self::Object(object, _) | Self::Capability(object, _, _) => Some(object),
            _ => None,
        }
    }

    /// The slot that contains the field.
    pub const fn slot(self) -> Option<Slot> {
        match self {
            Self::Capability(_, slot, _) => Some(slot),
            _ => None,
        }
    }
}

impl fmt::Display for CoyotosField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileLength => f.write_str("file length"),
            Self::Gzip => f.write_str("gzip"),
            Self::Header(field) => write!(f, "header {field}"),
            Self::Padding(of) => write!(f, "padding after the {of}"),
            Self::Bank(index, field) => write!(f, "bank {index} {field}"),
            Self::Alloc(index, field) => write!(f, "alloc record {index} {field}"),
            Self::Symbol(index, field) => write!(f, "symbol {index} {field}"),
            Self::Strings => f.write_str("string table"),
            Self::Object(object, field) => write!(f, "{object} {field}"),
            Self::Capability(object, slot, field) => write!(f, "{object} {slot}.{field}"),
        }
    }
}
