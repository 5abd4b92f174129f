use core::ffi::{CStr, c_char};

use coyotos_image::{CoyotosField, CoyotosRule, FieldName, ObjectId, ObjectType};

use super::convert::object_type;
use super::types::execfmt_coyotos_finding_place;
use crate::finding::{NumberedField, execfmt_finding, from_c};
use crate::memory::{caller, status};
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status, sentence};

/// Kind of field: the file as a whole; the value is its length in bytes.
pub const EXECFMT_COYOTOS_FIELD_FILE_LENGTH: u32 = 1;
/// Kind of field: of the header.
pub const EXECFMT_COYOTOS_FIELD_HEADER: u32 = 2;
/// Kind of field: zero bytes after the header or a table.
pub const EXECFMT_COYOTOS_FIELD_PADDING: u32 = 3;
/// Kind of field: of record `number` of the bank table.
pub const EXECFMT_COYOTOS_FIELD_BANK: u32 = 4;
/// Kind of field: of record `number` of the alloc table.
pub const EXECFMT_COYOTOS_FIELD_ALLOC: u32 = 5;
/// Kind of field: of record `number` of the symbol table.
pub const EXECFMT_COYOTOS_FIELD_SYMBOL: u32 = 6;
/// Kind of field: the string table.
pub const EXECFMT_COYOTOS_FIELD_STRINGS: u32 = 7;
/// Kind of field: of an object, `object_type` and `number`.
pub const EXECFMT_COYOTOS_FIELD_OBJECT: u32 = 8;
/// Kind of field: of the capability in slot `slot` of an object, `object_type` and `number`.
pub const EXECFMT_COYOTOS_FIELD_CAPABILITY: u32 = 9;

pub(crate) const fn rule_status(rule: CoyotosRule) -> execfmt_status {
    rule.number()
}

pub(crate) fn message(status: execfmt_status) -> Option<&'static CStr> {
    #[cfg(feature = "builder")]
    if let Some(sentence) = sentence::<coyotos_image::elf::ElfRule>(status) {
        return Some(sentence);
    }
    sentence::<CoyotosRule>(status).or_else(|| super::convert::message(status))
}

const KIND_SHIFT: u32 = 8;
const OBJECT_SHIFT: u32 = 12;
const SLOT_SHIFT: u32 = 16;

/// The parts of a finding's `field` and `detail`: kind, name, object type, slot, number of the object or record.
fn place_of(field: CoyotosField) -> (u32, u32, u32, u32, u32) {
    let number = |id: ObjectId| u32::try_from(id.oid).unwrap_or(u32::MAX);
    match field {
        CoyotosField::FileLength => (EXECFMT_COYOTOS_FIELD_FILE_LENGTH, 0, 0, 0, 0),
        CoyotosField::Header(name) => (EXECFMT_COYOTOS_FIELD_HEADER, name.number().into(), 0, 0, 0),
        CoyotosField::Padding(name) => (EXECFMT_COYOTOS_FIELD_PADDING, name.number().into(), 0, 0, 0),
        CoyotosField::Bank(at, name) => (EXECFMT_COYOTOS_FIELD_BANK, name.number().into(), 0, 0, at),
        CoyotosField::Alloc(at, name) => (EXECFMT_COYOTOS_FIELD_ALLOC, name.number().into(), 0, 0, at),
        CoyotosField::Symbol(at, name) => (EXECFMT_COYOTOS_FIELD_SYMBOL, name.number().into(), 0, 0, at),
        CoyotosField::Strings => (EXECFMT_COYOTOS_FIELD_STRINGS, 0, 0, 0, 0),
        CoyotosField::Object(id, name) => {
            (EXECFMT_COYOTOS_FIELD_OBJECT, name.number().into(), id.object_type.number(), 0, number(id))
        }
        CoyotosField::Capability(id, slot, name) => {
            let slot = id.object_type.slot_index(slot, LARGEST_PAGE).unwrap_or(u32::MAX);
            let kind = EXECFMT_COYOTOS_FIELD_CAPABILITY;
            (kind, name.number().into(), id.object_type.number(), slot & 0xffff, number(id))
        }
        // The container, which the library for C does not read.
        _ => (EXECFMT_COYOTOS_FIELD_FILE_LENGTH, 0, 0, 0, 0),
    }
}

/// Slot numbers of a capability page of this size have 16 bits; known pages are smaller.
const LARGEST_PAGE: u32 = 1 << 20;

impl NumberedField for CoyotosField {
    fn number(self) -> (u32, u32) {
        let (kind, name, object, slot, number) = place_of(self);
        (name | kind << KIND_SHIFT | object << OBJECT_SHIFT | slot << SLOT_SHIFT, number)
    }

    fn from_number(number: u32, index: u32) -> Option<Self> {
        field_of(number, index)
    }
}

fn named(number: u32) -> Option<FieldName> {
    FieldName::from_number(u8::try_from(number).ok()?)
}

/// The parts of a finding's location, for C: kind, name, object type, slot.
const fn parts(field: u32) -> (u32, u32, u32, u32) {
    (field >> KIND_SHIFT & 0xf, field & 0xff, field >> OBJECT_SHIFT & 0xf, field >> SLOT_SHIFT)
}

fn field_of(field: u32, number: u32) -> Option<CoyotosField> {
    let (kind, name, object, slot) = parts(field);
    let name = || named(name);
    let id = || Some(ObjectId { object_type: object_type(object).ok()?, oid: number.into() });
    let whole = field == kind << KIND_SHIFT;
    Some(match kind {
        EXECFMT_COYOTOS_FIELD_FILE_LENGTH if whole => CoyotosField::FileLength,
        EXECFMT_COYOTOS_FIELD_HEADER => CoyotosField::Header(name()?),
        EXECFMT_COYOTOS_FIELD_PADDING => CoyotosField::Padding(name()?),
        EXECFMT_COYOTOS_FIELD_BANK => CoyotosField::Bank(number, name()?),
        EXECFMT_COYOTOS_FIELD_ALLOC => CoyotosField::Alloc(number, name()?),
        EXECFMT_COYOTOS_FIELD_SYMBOL => CoyotosField::Symbol(number, name()?),
        EXECFMT_COYOTOS_FIELD_STRINGS if whole => CoyotosField::Strings,
        EXECFMT_COYOTOS_FIELD_OBJECT => CoyotosField::Object(id()?, name()?),
        EXECFMT_COYOTOS_FIELD_CAPABILITY => {
            let id = id()?;
            CoyotosField::Capability(id, ObjectType::slot(id.object_type, slot, LARGEST_PAGE)?, name()?)
        }
        _ => return None,
    })
}

/// Decodes the location of a finding of this format: `*place` identifies the object or record, and the slot.
/// EXECFMT_E_ARGUMENT when the struct holds no finding of this format.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_locate(
    finding: *const execfmt_finding,
    place: *mut execfmt_coyotos_finding_place,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let finding = caller.read(finding)?;
        from_c::<CoyotosRule>(&finding).ok_or(EXECFMT_E_ARGUMENT)?;
        let (kind, name, object_type, slot) = parts(finding.field);
        let name = named(name).map_or(c"", FieldName::as_c_str).as_ptr();
        let number = finding.index;
        caller.write(place, execfmt_coyotos_finding_place { name, kind, object_type, number, slot })
    })
}

/// Writes a sentence about a finding of this format in the manner of snprintf: at most `capacity` bytes into
/// `buffer`, including the terminating NUL. Returns the length of the whole sentence without the NUL; 0, and
/// an empty string, when the struct holds no finding of this format. To learn the length, pass a NULL
/// `buffer` with a `capacity` of 0.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_finding_message(
    finding: *const execfmt_finding,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    let caller = caller!();
    let finding = caller.read(finding).ok().and_then(|c| from_c::<CoyotosRule>(&c));
    caller.sentence(buffer, capacity, finding)
}

#[cfg(test)]
mod tests {
    use coyotos_image::{CoyotosFinding, Rule as _, Slot};
    use execfmt_common::Expected;

    use super::*;
    use crate::finding::to_c;

    /// The sentences are cut out of one string by the place of a status among the numbers.
    #[test]
    fn every_status_has_the_sentence_of_its_row() {
        for row in CoyotosRule::TABLE.iter() {
            assert_eq!(message(row.number).map(CStr::to_str), Some(Ok(row.sentence)), "{}", row.code);
        }
        #[cfg(feature = "builder")]
        for row in coyotos_image::elf::ElfRule::TABLE.iter() {
            assert_eq!(message(row.number).map(CStr::to_str), Some(Ok(row.sentence)), "{}", row.code);
        }
        assert_eq!(message(399), None);
    }

    #[test]
    fn every_field_comes_back_from_its_number() {
        let id = |object_type| ObjectId { object_type, oid: 77 };
        let fields = [
            CoyotosField::FileLength,
            CoyotosField::Header(FieldName::NPage),
            CoyotosField::Padding(FieldName::AllocTable),
            CoyotosField::Bank(5, FieldName::Parent),
            CoyotosField::Alloc(6, FieldName::Reserved),
            CoyotosField::Symbol(7, FieldName::String),
            CoyotosField::Strings,
            CoyotosField::Object(id(ObjectType::Endpoint), FieldName::EndpointId),
            CoyotosField::Object(id(ObjectType::Gpt), FieldName::Cap),
            CoyotosField::Capability(id(ObjectType::CapPage), Slot::Index(511), FieldName::GuardPadding),
            CoyotosField::Capability(id(ObjectType::Process), Slot::CapReg(31), FieldName::Match),
            CoyotosField::Capability(id(ObjectType::Process), Slot::IoSpace, FieldName::Type),
        ];
        for field in fields {
            let rule = CoyotosRule::Reserved;
            let finding = CoyotosFinding { rule, field, offset: 1, found: 2, expected: Expected::Exactly(3) };
            assert_eq!(from_c(&to_c(&finding)), Some(finding));
        }
        assert_eq!(field_of(0, 0), None);
        assert_eq!(field_of(u32::MAX, 0), None);
    }
}
