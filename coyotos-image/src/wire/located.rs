use execfmt_common::WireField;

/// A field that a rule is about: its name in the specification, and its offset in the record, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) name: &'static str,
    pub(crate) at: usize,
}

impl Located {
    /// A part of this field, by its own name.
    pub(crate) const fn part(self, name: &'static str) -> Self {
        Self { name, at: self.at }
    }
}

/// The field of a record at a file offset.
pub(crate) const fn located(mut fields: &[WireField], at: usize) -> Located {
    while let Some((field, rest)) = fields.split_first() {
        if field.offset == at {
            return Located { name: field.name, at };
        }
        fields = rest;
    }
    // Unreachable: `field!` names an existing field.
    Located { name: "", at }
}

/// A field of a wire struct as a [`Located`], found at compile time, so that the table of fields is not
/// linked in.
macro_rules! field {
    ($record:ident.$field:ident) => {
        const {
            type Record = $crate::wire::$record<zerocopy::byteorder::LittleEndian>;
            $crate::wire::located(Record::FIELDS, core::mem::offset_of!(Record, $field))
        }
    };
}
pub(crate) use field;
