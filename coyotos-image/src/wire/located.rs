use execfmt_common::WireField;

use crate::field_name::FieldName;

/// A field that a rule is about: its name in the specification, and its offset in the record, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) name: FieldName,
    pub(crate) at: usize,
}

/// The field of a record at a file offset. For constants: without a field there, it fails to compile.
pub(crate) const fn located(mut fields: &[WireField], at: usize) -> Located {
    while let Some((field, rest)) = fields.split_first() {
        if field.offset == at {
            return Located { name: FieldName::of(field.name), at };
        }
        fields = rest;
    }
    // `field!` names an existing field.
    Located { name: FieldName::of(""), at }
}

/// A field of a wire struct as a [`Located`], found at compile time, so that neither the table of fields nor
/// a comparison of names is linked in; or a part of it, with a name of its own: `field!(Gpt.word0: L2v)`.
macro_rules! field {
    ($record:ident.$field:ident $(: $Part:ident)?) => {
        const {
            type Record = $crate::wire::$record<zerocopy::byteorder::LittleEndian>;
            let at = core::mem::offset_of!(Record, $field);
            $crate::wire::field!(@named at, Record $($Part)?)
        }
    };
    (@named $at:ident, $Record:ident) => { $crate::wire::located($Record::FIELDS, $at) };
    (@named $at:ident, $Record:ident $Part:ident) => {
        $crate::wire::Located { name: $crate::FieldName::$Part, at: $at }
    };
}
pub(crate) use field;
