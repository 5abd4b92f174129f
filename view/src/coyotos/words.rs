//! The facts as text.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use coyotos_image::space::Summary;
use coyotos_image::{
    Capability, Image, Layout, ObjectId, ObjectType, ProcessAttrs, Slot, SpaceId, SymbolKind,
};

use execfmt_common::Advice;

use super::why_it_ended;
use crate::words::{Column, Fact, Section, Table, counted, escaped};

/// Maximum number of processes listed.
const MAX_PROCESSES: u32 = 8;

pub(super) fn title(image: &Image<'_>, file_length: Option<u64>) -> String {
    let (arch, order, len) = (image.arch(), image.header().byte_order, image.bytes().len());
    let container = file_length.map(|length| format!(", gzip file of {length} bytes")).unwrap_or_default();
    let layout = if image.layout() == Layout::July2007 { ", layout of July 2007" } else { "" };
    format!("Coyotos image for {arch}, {order}{layout}, {len} bytes{container}")
}

pub(super) fn sections(image: &Image<'_>) -> Vec<Section> {
    let mut facts = vec![Fact::new("banks", image.header().n_bank.to_string())];
    symbols(image, &mut facts);
    let count = image.count(ObjectType::Process);
    for oid in 0..count.min(MAX_PROCESSES) {
        process(image, oid.into(), &mut facts);
    }
    let more = count.saturating_sub(MAX_PROCESSES);
    if more != 0 {
        let more = format!("and {}", counted(more.into(), "more process", "more processes"));
        facts.push(Fact { advice: Some(Advice::ListObjects), ..Fact::new("", more) });
    }
    vec![Section::Table(objects(image)), Section::Facts(facts)]
}

fn objects(image: &Image<'_>) -> Table {
    let mut table = Table::new([
        Column::left("objects", 12),
        Column::right("count", 8),
        Column::right("bytes each", 12),
        Column::left("", 0),
    ]);
    for kind in ObjectType::ALL {
        let remark = if kind == ObjectType::Page { pages(image) } else { String::new() };
        let (count, size) = (image.count(kind), image.object_size(kind));
        table.row([kind.name().into(), count.to_string(), size.to_string(), remark]);
    }
    table
}

fn pages(image: &Image<'_>) -> String {
    let header = image.header();
    let user = header.bank_vec_oid.saturating_sub(1);
    let tables = u64::from(header.n_page).saturating_sub(header.bank_vec_oid);
    format!("   1 of the header, {user} of the user, {tables} of tables")
}

fn symbols(image: &Image<'_>, facts: &mut Vec<Fact>) {
    let symbols = image.symbols();
    if symbols.is_empty() {
        facts.push(Fact::new("symbols", "none"));
        return;
    }
    let (count, bytes) = (symbols.len(), symbols.strings().len());
    facts.push(Fact::new("symbols", format!("{count}, with {bytes} bytes of names")));
    // They sort last.
    let ids = (0..symbols.len()).rev().map_while(|index| symbols.get(index));
    for symbol in ids.take_while(|symbol| symbol.kind == SymbolKind::BuildId).take(8) {
        let of = SpaceId::from_u64(symbol.value).root().map(|root| format!(" of {root}")).unwrap_or_default();
        let id = escaped(symbol.name.unwrap_or_default());
        facts.push(Fact::new("build id", format!("{id}{of}")));
    }
}

fn process(image: &Image<'_>, oid: u64, facts: &mut Vec<Fact>) {
    let id = ObjectId { object_type: ObjectType::Process, oid };
    let Some((state, space)) = image.process(oid).zip(image.capability(id, Slot::AddrSpace)) else {
        return;
    };
    facts.push(Fact::new(format!("process {oid}"), doing(image, state, space)));
    if !space.cap_type().is_memory() {
        facts.push(Fact::new("", "no address space"));
        return;
    }
    let Summary { leaves, first, end, error } = image.summary(space);
    let root = ObjectId::of(space).map_or_else(|| space.cap_type().to_string(), |root| root.to_string());
    let mapped = match first {
        Some(first) => format!("{} from {first:#x} to {end:#x}", counted(leaves, "mapping", "mappings")),
        None => "nothing is mapped".into(),
    };
    facts.push(Fact::new("", format!("space {root}: {mapped}")));
    if let Some(error) = error {
        facts.push(Fact::new("", format!("the walk ended early: {}", why_it_ended(error))));
    }
}

/// What a process does when the image is loaded.
fn doing(image: &Image<'_>, state: ProcessAttrs, space: Capability) -> String {
    if state.fault_code == ProcessAttrs::FAULT_STARTUP {
        let pc = state.fault_info;
        let complaint = if image.is_executable(space, pc) { "" } else { ", which is not mapped executable" };
        return format!("starts at {pc:#x}{}{complaint}", symbol(image, space, pc));
    }
    match state.run_state {
        0 if state.fault_code == 0 => "running".into(),
        0 => format!("running, with fault {} at {:#x}", state.fault_code, state.fault_info),
        1 => "receiving".into(),
        2 => format!("faulted: fault {} at {:#x}", state.fault_code, state.fault_info),
        other => format!("in run state {other}, which does not exist"),
    }
}

/// ` (name+offset)`, if there is a symbol.
fn symbol(image: &Image<'_>, space: Capability, address: u64) -> String {
    let found = ObjectId::of(space).and_then(|root| image.symbols().at_in(root, address));
    let Some((symbol, name)) = found.and_then(|symbol| Some((symbol, symbol.name?))) else {
        return String::new();
    };
    let name = escaped(name);
    match address.saturating_sub(symbol.value) {
        0 => format!(" ({name})"),
        offset => format!(" ({name}+{offset:#x})"),
    }
}
