use core::ffi::{CStr, c_char};

use coyotos_image::{CoyotosField, CoyotosFinding, CoyotosRule, ObjectId, ObjectType, Rule};

use super::convert::object_type;
use super::types::execfmt_coyotos_finding_place;
use crate::base::{execfmt_finding, execfmt_status, finding_for_c, finding_from_c, write_sentence};
use crate::memory;

/// Error: the file ends within the header's page.
pub const EXECFMT_COYOTOS_E_TRUNCATED: execfmt_status = 400;
/// Error: not a Coyotos image.
pub const EXECFMT_COYOTOS_E_BAD_MAGIC: execfmt_status = 401;
/// Error: a gzip file, which is to be inflated first.
pub const EXECFMT_COYOTOS_E_COMPRESSED: execfmt_status = 402;
/// Error: `endian` is neither 1234 nor 4321.
pub const EXECFMT_COYOTOS_E_BAD_ENDIAN: execfmt_status = 403;
/// Error: `version` is not 1.
pub const EXECFMT_COYOTOS_E_BAD_VERSION: execfmt_status = 404;
/// Error: no known architecture has this number and byte order.
pub const EXECFMT_COYOTOS_E_UNKNOWN_TARGET: execfmt_status = 405;
/// Error: `pgSize` is not the architecture's.
pub const EXECFMT_COYOTOS_E_PAGE_SIZE: execfmt_status = 406;
/// Error: the counts of objects do not add up to `imgBytes`.
pub const EXECFMT_COYOTOS_E_SIZE_FORMULA: execfmt_status = 407;
/// Error: the layout of July 2007, with endpoints of 48 bytes.
pub const EXECFMT_COYOTOS_E_OLD_LAYOUT: execfmt_status = 408;
/// Error: the file is longer or shorter than `imgBytes`.
pub const EXECFMT_COYOTOS_E_FILE_SIZE: execfmt_status = 409;
/// Error: the tables do not follow each other.
pub const EXECFMT_COYOTOS_E_TABLE_ORDER: execfmt_status = 410;
/// Error: a table does not take the pages that its records need.
pub const EXECFMT_COYOTOS_E_TABLE_PAGES: execfmt_status = 411;
/// Error: the tables do not end with the last page.
pub const EXECFMT_COYOTOS_E_TABLE_END: execfmt_status = 412;
/// Error: the gzip file is damaged.
pub const EXECFMT_COYOTOS_E_GZIP_DAMAGED: execfmt_status = 413;
/// Error: the gzip file holds more than imgBytes.
pub const EXECFMT_COYOTOS_E_GZIP_TOO_LONG: execfmt_status = 414;
/// Error: the gzip file holds more than is allowed.
pub const EXECFMT_COYOTOS_E_GZIP_OVER_LIMIT: execfmt_status = 415;
/// Error, rule 1: a swizzled capability.
pub const EXECFMT_COYOTOS_E_SWIZZLED: execfmt_status = 421;
/// Error, rule 2: an unknown capability type.
pub const EXECFMT_COYOTOS_E_UNKNOWN_CAP_TYPE: execfmt_status = 422;
/// Error, rule 3: an allocCount where there is none.
pub const EXECFMT_COYOTOS_E_ALLOC_COUNT: execfmt_status = 423;
/// Error, rule 4: an OID where there is none.
pub const EXECFMT_COYOTOS_E_STRAY_OID: execfmt_status = 424;
/// Error, rule 5: the image has no such object.
pub const EXECFMT_COYOTOS_E_OID_RANGE: execfmt_status = 425;
/// Error, rule 6: restrictions on a capability that is not to memory.
pub const EXECFMT_COYOTOS_E_STRAY_RESTR: execfmt_status = 426;
/// Error, rule 7: a payload where there is none.
pub const EXECFMT_COYOTOS_E_STRAY_PAYLOAD: execfmt_status = 427;
/// Error, rule 8: OP or NC on neither a GPT nor a physical page.
pub const EXECFMT_COYOTOS_E_STRAY_OPAQUE: execfmt_status = 428;
/// Error, rule 9: WK without RO.
pub const EXECFMT_COYOTOS_E_WEAK_NOT_READ_ONLY: execfmt_status = 429;
/// Error, rule 10: l2g out of range.
pub const EXECFMT_COYOTOS_E_GUARD_SIZE: execfmt_status = 430;
/// Error, rule 11: a match beyond 64 bits.
pub const EXECFMT_COYOTOS_E_GUARD_MATCH: execfmt_status = 431;
/// Error, rule 12: a window's offset has bits below its l2g.
pub const EXECFMT_COYOTOS_E_WINDOW_OFFSET: execfmt_status = 432;
/// Error, rule 13: a window's slot is out of range.
pub const EXECFMT_COYOTOS_E_WINDOW_SLOT: execfmt_status = 433;
/// Error, rule 14: l2v out of range.
pub const EXECFMT_COYOTOS_E_GPT_SIZE: execfmt_status = 434;
/// Error, rule 15: a recipient that is neither Null nor a Process.
pub const EXECFMT_COYOTOS_E_RECIPIENT: execfmt_status = 435;
/// Error, rule 16: an ioSpace that is neither Null nor IOPriv.
pub const EXECFMT_COYOTOS_E_IO_SPACE: execfmt_status = 436;
/// Error: there is no bank.
pub const EXECFMT_COYOTOS_E_NO_BANK: execfmt_status = 440;
/// Error: a bank's endpoint does not exist.
pub const EXECFMT_COYOTOS_E_BANK_ENDPOINT: execfmt_status = 441;
/// Error: a bank's parent does not stand before it.
pub const EXECFMT_COYOTOS_E_BANK_PARENT: execfmt_status = 442;
/// Error: `nAlloc` is not the number of objects.
pub const EXECFMT_COYOTOS_E_ALLOC_TOTAL: execfmt_status = 443;
/// Error: the alloc table is not sorted, or does not name each object once.
pub const EXECFMT_COYOTOS_E_ALLOC_ORDER: execfmt_status = 444;
/// Error: an object is charged to a bank that does not exist.
pub const EXECFMT_COYOTOS_E_ALLOC_BANK: execfmt_status = 445;
/// Error: bits that no field uses are set.
pub const EXECFMT_COYOTOS_E_RESERVED: execfmt_status = 446;
/// Error: bytes behind the header or a table are set.
pub const EXECFMT_COYOTOS_E_PADDING: execfmt_status = 447;
/// Error: runState out of range.
pub const EXECFMT_COYOTOS_E_RUN_STATE: execfmt_status = 448;
/// Error: unknown process flags.
pub const EXECFMT_COYOTOS_E_PROCESS_FLAGS: execfmt_status = 449;
/// Error: an Entry to an endpoint that does not exist.
pub const EXECFMT_COYOTOS_E_ENTRY_RANGE: execfmt_status = 450;
/// Error: an AppNotice to a process that does not exist.
pub const EXECFMT_COYOTOS_E_NOTICE_RANGE: execfmt_status = 451;
/// Error: the symbol table is not sorted.
pub const EXECFMT_COYOTOS_E_SYMBOL_ORDER: execfmt_status = 452;
/// Error: a symbol's name does not begin within the string table.
pub const EXECFMT_COYOTOS_E_SYMBOL_NAME: execfmt_status = 453;
/// Error: the string table does not end with a NUL.
pub const EXECFMT_COYOTOS_E_STRINGS_UNTERMINATED: execfmt_status = 454;
/// Error: the names of the symbols are longer together than the string table.
pub const EXECFMT_COYOTOS_E_SHARED_NAMES: execfmt_status = 455;
/// Error: an address space has a slot that is not memory.
pub const EXECFMT_COYOTOS_E_SPACE_NOT_MEMORY: execfmt_status = 456;
/// Error: an address space names an object that does not exist.
pub const EXECFMT_COYOTOS_E_SPACE_NO_OBJECT: execfmt_status = 457;
/// Error: an address space has more than 64 GPTs one below the other.
pub const EXECFMT_COYOTOS_E_SPACE_TOO_DEEP: execfmt_status = 458;
/// Error: the GPTs of an address space name each other too often.
pub const EXECFMT_COYOTOS_E_SPACE_TOO_MANY: execfmt_status = 459;
/// Warning: a bank's endpoint has another number than the bank's index plus one.
pub const EXECFMT_COYOTOS_W_BANK_ENDPOINT_ID: execfmt_status = 460;
/// Warning: a bank is not the endpoint of the same number.
pub const EXECFMT_COYOTOS_W_BANK_INDEX: execfmt_status = 461;
/// Warning: the header or a table is not charged to bank 0.
pub const EXECFMT_COYOTOS_W_TABLE_CHARGE: execfmt_status = 462;
/// Warning: a capability to a page of a table.
pub const EXECFMT_COYOTOS_W_TABLE_PAGE: execfmt_status = 463;
/// Warning: a GPT can be reached from itself.
pub const EXECFMT_COYOTOS_W_SPACE_CYCLE: execfmt_status = 464;

/// Kind of field: the file as a whole; the value is its length.
pub const EXECFMT_COYOTOS_FIELD_FILE_LENGTH: u32 = 1;
/// Kind of field: of the header.
pub const EXECFMT_COYOTOS_FIELD_HEADER: u32 = 2;
/// Kind of field: zeros behind the header or a table.
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

/// The sentence of a status among those of a table: each is ended by a NUL, in the order of the numbers.
fn sentence<R: Rule>(status: execfmt_status) -> Option<&'static CStr> {
    let index = R::NUMBERS.iter().position(|&number| number == status)?;
    let mut rest = R::SENTENCES.as_bytes();
    for _ in 0..index {
        rest = rest.get(CStr::from_bytes_until_nul(rest).ok()?.to_bytes_with_nul().len()..)?;
    }
    CStr::from_bytes_until_nul(rest).ok()
}

pub(crate) fn message(status: execfmt_status) -> Option<&'static CStr> {
    #[cfg(feature = "builder")]
    if let Some(sentence) = sentence::<coyotos_image::elf::ElfRule>(status) {
        return Some(sentence);
    }
    sentence::<CoyotosRule>(status).or_else(|| super::convert::message(status))
}

macro_rules! names {
    ($($name:literal)+) => {
        /// The names of fields; a name's number is its place here plus one, so that names are added at the end only.
        /// Each with a NUL behind it, for C.
        const NAMES: &[&str] = &[$(concat!($name, "\0")),+];
    };
}

names! {
    "magic" "endian" "version" "target" "pgSize" "nAlloc" "nBank" "nSymbol" "nStringBytes" "nPage" "nCapPage" "nGPT"
    "nEndpoint" "nProc" "imgBytes" "bankVecOID" "symVecOID" "stringTableOID" "allocVecOID" "endVecOID"
    "header" "bank table" "symbol table" "string table" "alloc table"
    "oid" "parent" "type" "bank" "reserved" "value" "object" "size" "string"
    "endpointID" "l2v" "runState" "flags" "first word's padding"
    "swizzled" "allocCount" "restr" "protPayload" "l2g" "match" "guard padding"
}

fn name_number(name: &str) -> u32 {
    // Byte by byte: a comparison of slices would call a function that not every kernel has.
    let same = |known: &str| known.bytes().eq(name.bytes().chain([0]));
    (1..).zip(NAMES).find(|(_, known)| same(known)).map_or(0, |(number, _)| number)
}

fn name_of(number: u32) -> Option<&'static str> {
    let index = usize::try_from(number.checked_sub(1)?).ok()?;
    NAMES.get(index).copied()
}

const KIND_SHIFT: u32 = 8;
const OBJECT_SHIFT: u32 = 12;
const SLOT_SHIFT: u32 = 16;

/// The parts of a finding's `field` and `detail`: kind, name, object type, slot, number of the object or record.
fn place_of(field: CoyotosField) -> (u32, u32, u32, u32, u32) {
    let number = |id: ObjectId| u32::try_from(id.oid).unwrap_or(u32::MAX);
    match field {
        CoyotosField::FileLength => (EXECFMT_COYOTOS_FIELD_FILE_LENGTH, 0, 0, 0, 0),
        CoyotosField::Header(name) => (EXECFMT_COYOTOS_FIELD_HEADER, name_number(name), 0, 0, 0),
        CoyotosField::Padding(name) => (EXECFMT_COYOTOS_FIELD_PADDING, name_number(name), 0, 0, 0),
        CoyotosField::Bank(at, name) => (EXECFMT_COYOTOS_FIELD_BANK, name_number(name), 0, 0, at),
        CoyotosField::Alloc(at, name) => (EXECFMT_COYOTOS_FIELD_ALLOC, name_number(name), 0, 0, at),
        CoyotosField::Symbol(at, name) => (EXECFMT_COYOTOS_FIELD_SYMBOL, name_number(name), 0, 0, at),
        CoyotosField::Strings => (EXECFMT_COYOTOS_FIELD_STRINGS, 0, 0, 0, 0),
        CoyotosField::Object(id, name) => {
            (EXECFMT_COYOTOS_FIELD_OBJECT, name_number(name), id.object_type.number(), 0, number(id))
        }
        CoyotosField::Capability(id, slot, name) => {
            let slot = id.object_type.slot_index(slot, LARGEST_PAGE).unwrap_or(u32::MAX);
            let kind = EXECFMT_COYOTOS_FIELD_CAPABILITY;
            (kind, name_number(name), id.object_type.number(), slot & 0xffff, number(id))
        }
        // What the library for C does not read: the container.
        _ => (EXECFMT_COYOTOS_FIELD_FILE_LENGTH, 0, 0, 0, 0),
    }
}

/// The slots of a page of capabilities of this size have numbers of 16 bits; known pages are smaller.
const LARGEST_PAGE: u32 = 1 << 20;

pub(crate) fn for_c(finding: &CoyotosFinding) -> execfmt_finding {
    let (kind, name, object, slot, number) = place_of(finding.field);
    let field = name | kind << KIND_SHIFT | object << OBJECT_SHIFT | slot << SLOT_SHIFT;
    finding_for_c(finding, rule_status(finding.rule), number, field)
}

/// The parts of a finding's place, from C: kind, name, object type, slot.
const fn parts(field: u32) -> (u32, u32, u32, u32) {
    (field >> KIND_SHIFT & 0xf, field & 0xff, field >> OBJECT_SHIFT & 0xf, field >> SLOT_SHIFT)
}

fn field_of(field: u32, number: u32) -> Option<CoyotosField> {
    let (kind, name, object, slot) = parts(field);
    let name = || name_of(name)?.strip_suffix('\0');
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

/// A finding back from C. `None` when the struct holds none of this format.
fn from_c(c: &execfmt_finding) -> Option<CoyotosFinding> {
    let rule = CoyotosRule::from_number(c.status, 0)?;
    finding_from_c(c, rule, field_of(c.field, c.detail)?)
}

/// Takes apart where a finding of this format is: `*place` says of which object or record, and of which slot.
/// EXECFMT_E_ARGUMENT when the struct holds no finding of this format.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_locate(
    finding: *const execfmt_finding,
    place: *mut execfmt_coyotos_finding_place,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { memory::read(finding) }.and_then(|finding| {
        from_c(&finding).ok_or(crate::base::EXECFMT_E_ARGUMENT)?;
        let (kind, name, object_type, slot) = parts(finding.field);
        let name = name_of(name).unwrap_or("\0").as_ptr().cast();
        let number = finding.detail;
        // SAFETY: the caller's promise.
        unsafe {
            memory::write(place, execfmt_coyotos_finding_place { name, kind, object_type, number, slot })
        }
    });
    memory::status(outcome)
}

/// Writes a sentence about a finding of this format as snprintf does: at most `capacity` bytes into `buffer`, the
/// closing NUL among them. Returns the length of the whole sentence without the NUL; 0, and an empty string, when the
/// struct holds no finding of this format. `buffer` may be NULL with a `capacity` of 0, to learn the length.
///
/// # Safety
/// `finding` must be NULL or point to its struct, `buffer` be NULL or point to `capacity` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_finding_message(
    finding: *const execfmt_finding,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: the caller's promise.
    let finding = unsafe { memory::read(finding) }.ok().and_then(|c| from_c(&c));
    // SAFETY: the caller's promise.
    unsafe { write_sentence(buffer, capacity, finding) }
}

#[cfg(test)]
mod tests {
    use coyotos_image::Slot;
    use execfmt_common::Expected;

    use super::*;

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
            CoyotosField::Header("nPage"),
            CoyotosField::Padding("alloc table"),
            CoyotosField::Bank(5, "parent"),
            CoyotosField::Alloc(6, "reserved"),
            CoyotosField::Symbol(7, "string"),
            CoyotosField::Strings,
            CoyotosField::Object(id(ObjectType::Endpoint), "endpointID"),
            CoyotosField::Capability(id(ObjectType::CapPage), Slot::Index(511), "guard padding"),
            CoyotosField::Capability(id(ObjectType::Process), Slot::CapReg(31), "match"),
            CoyotosField::Capability(id(ObjectType::Process), Slot::IoSpace, "type"),
        ];
        for field in fields {
            let rule = CoyotosRule::Reserved;
            let finding = CoyotosFinding { rule, field, offset: 1, found: 2, expected: Expected::Exactly(3) };
            assert_eq!(from_c(&for_c(&finding)), Some(finding));
        }
        assert_eq!(field_of(0, 0), None);
        assert_eq!(field_of(u32::MAX, 0), None);
    }
}
