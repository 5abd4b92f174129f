//! The rules on the bank table, the alloc table, the symbols and the padding.

use core::mem::size_of;

use execfmt_common::Expected;
use zerocopy::byteorder::LittleEndian;

use super::findings::Pending;
use super::index_below;
use crate::field::CoyotosField;
use crate::field_name::FieldName;
use crate::image::{Alloc, Bank, Image};
use crate::object::{ObjectId, ObjectType};
use crate::rules::CoyotosRule;
use crate::wire::{self, HEADER_SIZE, Located, field};

const BANK_SIZE: u64 = size_of::<wire::Bank<LittleEndian>>() as u64;
const ALLOC_SIZE: u64 = size_of::<wire::Alloc<LittleEndian>>() as u64;
const SYMBOL_SIZE: u64 = size_of::<wire::Symbol<LittleEndian>>() as u64;

/// A record of a table, for reporting findings.
struct Record<'p> {
    pending: &'p mut Pending,
    /// File offset of the record, in bytes.
    start: u64,
    index: u32,
    field: fn(u32, FieldName) -> CoyotosField,
}

impl<'p> Record<'p> {
    fn of(
        image: &Image<'_>,
        (first_page, index, size): (u64, u32, u64),
        field: fn(u32, FieldName) -> CoyotosField,
        pending: &'p mut Pending,
    ) -> Self {
        let table = first_page.saturating_mul(image.header().pg_size.into());
        let start = table.saturating_add(u64::from(index).saturating_mul(size));
        Self { pending, start, index, field }
    }

    /// Reports the value of a field, if it is not as expected.
    fn expect(&mut self, rule: CoyotosRule, field: Located, found: u64, expected: Expected) {
        if !expected.allows(found) {
            let offset = self.start.saturating_add(field.at as u64);
            self.pending.push(rule.finding((self.field)(self.index, field.name), offset, found, expected));
        }
    }
}

#[inline(never)]
pub(super) fn totals(image: &Image<'_>, pending: &mut Pending) {
    let header = image.header();
    let total =
        ObjectType::ALL.into_iter().fold(0, |sum: u64, kind| sum.saturating_add(header.count(kind).into()));
    let of_header = |_: u32, name| CoyotosField::Header(name);
    let mut record = Record { pending, start: 0, index: 0, field: of_header };
    let rule = CoyotosRule::AllocTotal;
    record.expect(rule, field!(Header.n_alloc), header.n_alloc.into(), Expected::Exactly(total));
    record.expect(CoyotosRule::NoBank, field!(Header.n_bank), header.n_bank.into(), Expected::AtLeast(1));
}

#[inline(never)]
pub(super) fn bank(image: &Image<'_>, index: u32, pending: &mut Pending) {
    let Some(Bank { endpoint_oid, parent }) = image.bank(index) else { return };
    let place = (image.header().bank_vec_oid, index, BANK_SIZE);
    let mut record = Record::of(image, place, CoyotosField::Bank, pending);
    let exists = index_below(image.header().n_endpoint.into(), endpoint_oid);
    record.expect(CoyotosRule::BankEndpoint, field!(Bank.oid), endpoint_oid, exists);
    // The parent of every other bank comes before it, so bank 0 is the only root and there are no cycles.
    let below = Expected::AtMost(u64::from(index.saturating_sub(1)));
    record.expect(CoyotosRule::BankParent, field!(Bank.parent), parent, below);
    if let Some(endpoint) = image.endpoint(endpoint_oid) {
        let id = ObjectId { object_type: ObjectType::Endpoint, oid: endpoint_oid };
        let expected = Expected::Exactly(u64::from(index).saturating_add(1));
        let Located { name, at } = field!(Endpoint.endpoint_id);
        let offset = image.object_offset(id).unwrap_or_default().saturating_add(at as u64);
        if !expected.allows(endpoint.endpoint_id) {
            let (rule, field) = (CoyotosRule::BankEndpointId, CoyotosField::Object(id, name));
            record.pending.push(rule.finding(field, offset, endpoint.endpoint_id, expected));
        }
    }
    let same = Expected::Exactly(index.into());
    record.expect(CoyotosRule::BankIndex, field!(Bank.oid), endpoint_oid, same);
}

#[inline(never)]
pub(super) fn alloc(image: &Image<'_>, index: u32, alloc: Alloc, object: ObjectId, pending: &mut Pending) {
    let Alloc { oid, bank, frame_type, reserved } = alloc;
    let header = image.header();
    let mut record =
        Record::of(image, (header.alloc_vec_oid, index, ALLOC_SIZE), CoyotosField::Alloc, pending);
    let (order, ObjectId { object_type, oid: wanted }) = (CoyotosRule::AllocOrder, object);
    let number = Expected::Exactly(object_type.number().into());
    record.expect(order, field!(Alloc.frame_type), frame_type.into(), number);
    record.expect(order, field!(Alloc.oid), oid, Expected::Exactly(wanted));
    let exists = index_below(header.n_bank.into(), bank);
    record.expect(CoyotosRule::AllocBank, field!(Alloc.bank), bank, exists);
    if object_type == ObjectType::Page && (wanted == 0 || wanted >= header.bank_vec_oid) {
        record.expect(CoyotosRule::TableCharge, field!(Alloc.bank), bank, Expected::Exactly(0));
    }
    let zero = Expected::Exactly(0);
    record.expect(CoyotosRule::Reserved, field!(Alloc.reserved), reserved.into(), zero);
}

/// Checks that the names of all symbols together are no longer than the string table, so that reading all of
/// them takes linear time.
#[inline(never)]
pub(super) fn names(image: &Image<'_>, pending: &mut Pending) {
    let header = image.header();
    if let Some((index, total)) = image.symbols().first_beyond_strings() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let place = (header.sym_vec_oid, index, SYMBOL_SIZE);
        let mut record = Record::of(image, place, CoyotosField::Symbol, pending);
        let expected = Expected::AtMost(header.n_string_bytes.into());
        record.expect(CoyotosRule::SharedNames, field!(Symbol.string_offset), total, expected);
    }
}

#[inline(never)]
pub(super) fn symbol(image: &Image<'_>, index: u32, pending: &mut Pending) {
    let (header, symbols) = (image.header(), image.symbols());
    let record = |index: u32| symbols.record(usize::try_from(index).ok()?);
    let Some(symbol) = record(index) else { return };
    let place = (header.sym_vec_oid, index, SYMBOL_SIZE);
    let mut reported = Record::of(image, place, CoyotosField::Symbol, pending);
    if let Some(before) = index.checked_sub(1).and_then(record) {
        // The first of the three that differs decides.
        let keys = [
            (field!(Symbol.object), before.object, symbol.object),
            (field!(Symbol.value), before.value, symbol.value),
            (field!(Symbol.kind: Size), (before.kind >> 8).into(), (symbol.kind >> 8).into()),
        ];
        if let Some((field, least, found)) = keys.into_iter().find(|(_, before, after)| before != after) {
            reported.expect(CoyotosRule::SymbolOrder, field, found, Expected::AtLeast(least));
        }
    }
    let found = symbol.string_offset.into();
    let expected = index_below(header.n_string_bytes.into(), found);
    reported.expect(CoyotosRule::SymbolName, field!(Symbol.string_offset), found, expected);
}

#[inline(never)]
pub(super) fn strings(image: &Image<'_>, pending: &mut Pending) {
    let header = image.header();
    let Some(&last) = image.symbols().strings().last().filter(|&&byte| byte != 0) else { return };
    let start = header.string_table_oid.saturating_mul(header.pg_size.into());
    let at = start.saturating_add(u64::from(header.n_string_bytes).saturating_sub(1));
    let rule = CoyotosRule::StringsUnterminated;
    pending.push(rule.finding(CoyotosField::Strings, at, last.into(), Expected::Exactly(0)));
}

/// The zero bytes after the header or one of the tables; `None` when there are no more.
#[inline(never)]
pub(super) fn padding(image: &Image<'_>, index: usize, pending: &mut Pending) -> Option<()> {
    let header = image.header();
    let length = |count: u32, size: u64| u64::from(count).saturating_mul(size);
    let (name, page, end, used) = match index {
        0 => (FieldName::Header, 0, 1, HEADER_SIZE as u64),
        1 => {
            (FieldName::BankTable, header.bank_vec_oid, header.sym_vec_oid, length(header.n_bank, BANK_SIZE))
        }
        2 => {
            let used = length(header.n_symbol, SYMBOL_SIZE);
            (FieldName::SymbolTable, header.sym_vec_oid, header.string_table_oid, used)
        }
        3 => (
            FieldName::StringTable,
            header.string_table_oid,
            header.alloc_vec_oid,
            header.n_string_bytes.into(),
        ),
        4 => (
            FieldName::AllocTable,
            header.alloc_vec_oid,
            header.end_vec_oid,
            length(header.n_alloc, ALLOC_SIZE),
        ),
        _ => return None,
    };
    let size = u64::from(header.pg_size);
    let table = image.table(page, end.saturating_sub(page).saturating_mul(size));
    let rest = usize::try_from(used).ok().and_then(|used| table.get(used..)).unwrap_or_default();
    if let Some((index, &byte)) = rest.iter().enumerate().find(|&(_, &byte)| byte != 0) {
        let at = page.saturating_mul(size).saturating_add(used).saturating_add(index as u64);
        let (rule, field) = (CoyotosRule::Padding, CoyotosField::Padding(name));
        pending.push(rule.finding(field, at, byte.into(), Expected::Exactly(0)));
    }
    Some(())
}
