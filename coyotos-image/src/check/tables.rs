//! The rules on the bank table, the alloc table, the symbols and the padding.

use core::mem::{offset_of, size_of};

use execfmt_common::Expected;
use zerocopy::byteorder::LittleEndian;

use super::index_below;
use crate::error::{CoyotosField, CoyotosFinding, CoyotosRule};
use crate::image::{Alloc, Bank, Image};
use crate::object::{ObjectId, ObjectType};
use crate::symbols::Symbol;
use crate::wire::{self, HEADER_SIZE};

type WireBank = wire::Bank<LittleEndian>;
type WireAlloc = wire::Alloc<LittleEndian>;
type WireEndpoint = wire::Endpoint<LittleEndian, wire::AsWritten>;
type WireSymbol = wire::Symbol<LittleEndian>;

pub(super) fn findings<'a>(image: &Image<'a>) -> impl Iterator<Item = CoyotosFinding> + use<'a> {
    totals(image).chain(banks(image)).chain(allocs(image)).chain(symbols(image)).chain(padding(image))
}

fn record_offset(image: &Image<'_>, first_page: u64, index: u32, size: usize, field: usize) -> u64 {
    let start = first_page.saturating_mul(image.header().pg_size.into());
    let at = u64::from(index).saturating_mul(size as u64).saturating_add(field as u64);
    start.saturating_add(at)
}

fn totals(image: &Image<'_>) -> impl Iterator<Item = CoyotosFinding> + use<> {
    type Header = wire::Header<LittleEndian>;
    let header = image.header();
    let total =
        ObjectType::ALL.into_iter().fold(0, |sum: u64, kind| sum.saturating_add(header.count(kind).into()));
    let of_header = |rule: CoyotosRule, name, at: usize, found: u32, expected: Expected| {
        let finding = rule.finding(CoyotosField::Header(name), at as u64, found.into(), expected);
        (!expected.allows(found.into())).then_some(finding)
    };
    let (at, expected) = (offset_of!(Header, n_alloc), Expected::Exactly(total));
    let allocs = of_header(CoyotosRule::AllocTotal, "nAlloc", at, header.n_alloc, expected);
    let (at, expected) = (offset_of!(Header, n_bank), Expected::AtLeast(1));
    let banks = of_header(CoyotosRule::NoBank, "nBank", at, header.n_bank, expected);
    allocs.into_iter().chain(banks)
}

fn banks<'a>(image: &Image<'a>) -> impl Iterator<Item = CoyotosFinding> + use<'a> {
    let image = *image;
    (0_u32..).zip(image.banks()).flat_map(move |(index, bank)| {
        let Bank { endpoint_oid, parent } = bank;
        let finding = |rule: CoyotosRule, name, at, found, expected: Expected| {
            let at = record_offset(&image, image.header().bank_vec_oid, index, size_of::<WireBank>(), at);
            let finding = rule.finding(CoyotosField::Bank(index, name), at, found, expected);
            (!expected.allows(found)).then_some(finding)
        };
        let oid_at = offset_of!(WireBank, oid);
        let expected = index_below(image.header().n_endpoint.into(), endpoint_oid);
        let exists = finding(CoyotosRule::BankEndpoint, "oid", oid_at, endpoint_oid, expected);
        // Every other bank hangs below one before it, so that bank 0 is the only root and there is no cycle.
        let below = Expected::AtMost(u64::from(index.saturating_sub(1)));
        let parent = finding(CoyotosRule::BankParent, "parent", offset_of!(WireBank, parent), parent, below);
        let number = image.endpoint(endpoint_oid).and_then(|endpoint| {
            let id = ObjectId { object_type: ObjectType::Endpoint, oid: endpoint_oid };
            let at = image.object_offset(id)?.saturating_add(offset_of!(WireEndpoint, endpoint_id) as u64);
            let (found, expected) =
                (endpoint.endpoint_id, Expected::Exactly(u64::from(index).saturating_add(1)));
            let field = CoyotosField::Object(id, "endpointID");
            let finding = CoyotosRule::BankEndpointId.finding(field, at, found, expected);
            (!expected.allows(found)).then_some(finding)
        });
        let same = Expected::Exactly(index.into());
        let same = finding(CoyotosRule::BankIndex, "oid", oid_at, endpoint_oid, same);
        [exists, parent, number, same].into_iter().flatten()
    })
}

fn allocs<'a>(image: &Image<'a>) -> impl Iterator<Item = CoyotosFinding> + use<'a> {
    let image = *image;
    let header = *image.header();
    let records = (0_u32..).zip(image.allocs()).zip(image.objects());
    records.flat_map(move |((index, alloc), object)| {
        let Alloc { oid, bank, frame_type, reserved } = alloc;
        let finding = |rule: CoyotosRule, name, at, found, expected: Expected| {
            let at = record_offset(&image, header.alloc_vec_oid, index, size_of::<WireAlloc>(), at);
            let finding = rule.finding(CoyotosField::Alloc(index, name), at, found, expected);
            (!expected.allows(found)).then_some(finding)
        };
        let order = CoyotosRule::AllocOrder;
        let ObjectId { object_type, oid: wanted } = object;
        let number = Expected::Exactly(object_type.number().into());
        let kind = finding(order, "type", offset_of!(WireAlloc, frame_type), frame_type.into(), number);
        let place = finding(order, "oid", offset_of!(WireAlloc, oid), oid, Expected::Exactly(wanted));
        let expected = index_below(header.n_bank.into(), bank);
        let payer = finding(CoyotosRule::AllocBank, "bank", offset_of!(WireAlloc, bank), bank, expected);
        let table = object_type == ObjectType::Page && (wanted == 0 || wanted >= header.bank_vec_oid);
        let charge = table.then(|| {
            let expected = Expected::Exactly(0);
            finding(CoyotosRule::TableCharge, "bank", offset_of!(WireAlloc, bank), bank, expected)
        });
        let zero = Expected::Exactly(0);
        let at = offset_of!(WireAlloc, reserved);
        let hole = finding(CoyotosRule::Reserved, "reserved", at, reserved.into(), zero);
        [kind, place, payer, charge.flatten(), hole].into_iter().flatten()
    })
}

fn symbols<'a>(image: &Image<'a>) -> impl Iterator<Item = CoyotosFinding> + use<'a> {
    let image = *image;
    let symbols = image.symbols();
    let strings = symbols.strings();
    let mut before: Option<Symbol<'a>> = None;
    let last = u64::from(image.header().n_string_bytes).saturating_sub(1);
    let records = (0_u32..).zip(symbols.iter()).flat_map(move |(index, symbol)| {
        let finding = |rule: CoyotosRule, name, at, found, expected: Expected| {
            let at = record_offset(&image, image.header().sym_vec_oid, index, size_of::<WireSymbol>(), at);
            rule.finding(CoyotosField::Symbol(index, name), at, found, expected)
        };
        let previous = before.replace(symbol);
        // The first of the three that differs decides.
        let order = previous.and_then(|before| {
            let keys = [
                ("object", offset_of!(WireSymbol, object), before.object, symbol.object),
                ("value", offset_of!(WireSymbol, value), before.value, symbol.value),
                ("size", offset_of!(WireSymbol, kind), before.size.into(), symbol.size.into()),
            ];
            let (name, at, least, found) = keys.into_iter().find(|(_, _, before, after)| before != after)?;
            let expected = Expected::AtLeast(least);
            (!expected.allows(found)).then(|| finding(CoyotosRule::SymbolOrder, name, at, found, expected))
        });
        let name = symbol.name.is_none().then(|| {
            let at = offset_of!(WireSymbol, string_offset);
            let found = symbol.string_offset.into();
            let expected = index_below(image.header().n_string_bytes.into(), found);
            finding(CoyotosRule::SymbolName, "string", at, found, expected)
        });
        [order, name].into_iter().flatten()
    });
    let end = strings.last().filter(|&&byte| byte != 0).map(|&byte| {
        let at = image
            .header()
            .string_table_oid
            .saturating_mul(image.header().pg_size.into())
            .saturating_add(last);
        let rule = CoyotosRule::StringsUnterminated;
        rule.finding(CoyotosField::Strings, at, byte.into(), Expected::Exactly(0))
    });
    records.chain(end)
}

fn padding<'a>(image: &Image<'a>) -> impl Iterator<Item = CoyotosFinding> + use<'a> {
    let image = *image;
    let header = image.header();
    let length = |count: u32, size: usize| u64::from(count).saturating_mul(size as u64);
    [
        ("header", 0, 1, HEADER_SIZE as u64),
        ("bank table", header.bank_vec_oid, header.sym_vec_oid, length(header.n_bank, size_of::<WireBank>())),
        (
            "symbol table",
            header.sym_vec_oid,
            header.string_table_oid,
            length(header.n_symbol, size_of::<WireSymbol>()),
        ),
        ("string table", header.string_table_oid, header.alloc_vec_oid, header.n_string_bytes.into()),
        (
            "alloc table",
            header.alloc_vec_oid,
            header.end_vec_oid,
            length(header.n_alloc, size_of::<WireAlloc>()),
        ),
    ]
    .into_iter()
    .filter_map(move |(name, page, end, used)| {
        let size = u64::from(image.header().pg_size);
        let table = image.table(page, end.saturating_sub(page).saturating_mul(size));
        let rest = table.get(usize::try_from(used).ok()?..)?;
        let (index, &byte) = rest.iter().enumerate().find(|&(_, &byte)| byte != 0)?;
        let at = page.saturating_mul(size).saturating_add(used).saturating_add(index as u64);
        let expected = Expected::Exactly(0);
        Some(CoyotosRule::Padding.finding(CoyotosField::Padding(name), at, byte.into(), expected))
    })
}
