//! The facts in words.

use std::io::{self, Write};

use coyotos_image::space::Summary;
use coyotos_image::{
    Capability, Image, Layout, ObjectId, ObjectType, ProcessAttrs, Slot, SpaceId, SymbolKind,
};

use super::counted;
use super::file::Stored;
use super::spaces::why;

/// Maximum number of processes that are listed.
const MOST_PROCESSES: u32 = 8;

pub(super) fn write(
    image: &Image<'_>,
    stored: &Stored<'_>,
    name: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let header = image.header();
    let (arch, order, len) = (image.arch(), header.byte_order, image.bytes().len());
    let container =
        if stored.gzip { format!(", gzip file of {} bytes", stored.file_len) } else { String::new() };
    let layout = if image.layout() == Layout::July2007 { ", layout of July 2007" } else { "" };
    writeln!(out, "{name}: Coyotos image for {arch}, {order}{layout}, {len} bytes{container}\n")?;
    writeln!(out, "  {:<12}{:>8}{:>12}", "objects", "count", "bytes each")?;
    for kind in ObjectType::ALL {
        let remark = match kind {
            ObjectType::Page => pages(image),
            _ => String::new(),
        };
        let size = image.object_size(kind);
        writeln!(out, "  {:<12}{:>8}{size:>12}{remark}", kind.name(), image.count(kind))?;
    }
    writeln!(out)?;
    writeln!(out, "  banks      {}", header.n_bank)?;
    symbols(image, out)?;
    for oid in 0..image.count(ObjectType::Process).min(MOST_PROCESSES) {
        process(image, oid.into(), out)?;
    }
    let more = image.count(ObjectType::Process).saturating_sub(MOST_PROCESSES);
    if more > 0 {
        let more = counted(more.into(), "more process", "more processes");
        writeln!(out, "             and {more}: see `execfmt coyotos ls`")?;
    }
    Ok(())
}

fn pages(image: &Image<'_>) -> String {
    let header = image.header();
    let user = header.bank_vec_oid.saturating_sub(1);
    let tables = u64::from(header.n_page).saturating_sub(header.bank_vec_oid);
    format!("   1 of the header, {user} of the user, {tables} of tables")
}

fn symbols(image: &Image<'_>, out: &mut dyn Write) -> io::Result<()> {
    let symbols = image.symbols();
    if symbols.is_empty() {
        return writeln!(out, "  symbols    none");
    }
    writeln!(out, "  symbols    {}, with {} bytes of names", symbols.len(), symbols.strings().len())?;
    // They sort last.
    let ids = (0..symbols.len()).rev().map_while(|index| symbols.get(index));
    let ids = ids.take_while(|symbol| symbol.kind == SymbolKind::BuildId).take(8);
    for symbol in ids {
        let of = SpaceId::from_u64(symbol.value).root().map(|root| format!(" of {root}")).unwrap_or_default();
        let id = String::from_utf8_lossy(symbol.name.unwrap_or_default());
        writeln!(out, "  build id   {id}{of}")?;
    }
    Ok(())
}

fn process(image: &Image<'_>, oid: u64, out: &mut dyn Write) -> io::Result<()> {
    let id = ObjectId { object_type: ObjectType::Process, oid };
    let Some((state, space)) = image.process(oid).zip(image.capability(id, Slot::AddrSpace)) else {
        return Ok(());
    };
    writeln!(out, "  process {oid:<2} {}", doing(image, state, space))?;
    if !space.cap_type().is_memory() {
        return writeln!(out, "             no address space");
    }
    let Summary { leaves, first, end, error } = image.summary(space);
    let root = ObjectId::of(space).map_or_else(|| space.cap_type().to_string(), |root| root.to_string());
    match first {
        Some(first) => {
            let mappings = counted(leaves, "mapping", "mappings");
            writeln!(out, "             space {root}: {mappings} from {first:#x} to {end:#x}")?;
        }
        None => writeln!(out, "             space {root}: nothing is mapped")?,
    }
    match error {
        Some(error) => writeln!(out, "             the walk ended early: {}", why(error)),
        None => Ok(()),
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
    let name = String::from_utf8_lossy(name);
    match address - symbol.value {
        0 => format!(" ({name})"),
        offset => format!(" ({name}+{offset:#x})"),
    }
}
