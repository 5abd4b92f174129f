//! `ls` and `caps`.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use coyotos_image::{Capability, EndpointAttrs, Image, ObjectId, ObjectType, ProcessAttrs, Slot};
use execfmt_formats::coyotos::exists;
use serde_json::json;

use super::args::{Caps, Ls};
use super::command::refused;
use super::file::with_image;
use super::select::written;
use crate::outcome::Outcome;
use crate::rows::Rows;

/// `ls IMAGE`: every object, with its bank and its file offset.
pub(super) fn objects(options: &Ls) -> io::Result<Outcome> {
    with_image(&options.image, options.reading, |image, _| {
        let mut out = io::BufWriter::new(io::stdout().lock());
        if !options.json {
            writeln!(out, "{:<16}{:>8}{:>12}{:>8}  contents", "object", "bank", "at", "bytes")?;
        }
        let mut rows = Rows::new(&mut out, options.json);
        let mut allocs = image.allocs();
        let banks = banks(image);
        for id in image.objects() {
            // The alloc table is in the order of the objects, unless `check` reports otherwise.
            let alloc = allocs.next();
            let charged =
                alloc.filter(|alloc| (alloc.frame_type, alloc.oid) == (id.object_type.number(), id.oid));
            let bank = charged.map(|alloc| alloc.bank);
            let shown_bank = bank.map_or_else(|| "?".into(), |bank| bank.to_string());
            let size = image.object_size(id.object_type);
            let (name, at) = (written(id).to_string(), image.object_offset(id).unwrap_or_default());
            let contents = contents(image, id, &banks);
            rows.row(
                format_args!("{name:<16}{shown_bank:>8}{at:>#12x}{size:>8}  {contents}"),
                || json!({ "object": name, "bank": bank, "offset": at, "size": size, "contents": contents }),
            )?;
        }
        out.flush()?;
        Ok(Outcome::Success)
    })
}

/// An object in a few words.
fn contents(image: &Image<'_>, id: ObjectId, banks: &BTreeMap<u64, (u64, u64)>) -> String {
    match id.object_type {
        ObjectType::Page => page(image, id.oid),
        ObjectType::CapPage => held(image, id),
        ObjectType::Gpt => image.gpt(id.oid).map_or_else(String::new, |state| {
            let flags = [(state.ha, "ha, "), (state.bg, "bg, ")];
            let flags: String = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
            format!("l2v {}, {flags}{}", state.l2v, held(image, id))
        }),
        ObjectType::Process => image.process(id.oid).map_or_else(String::new, |state| {
            let space = image.capability(id, Slot::AddrSpace).unwrap_or_default();
            format!("{}, space {}, {}", process(state), named(space), held(image, id))
        }),
        ObjectType::Endpoint => image.endpoint(id.oid).map_or_else(String::new, |state| {
            let recipient = image.capability(id, Slot::Recipient).unwrap_or_default();
            let bank = match banks.get(&id.oid) {
                None => String::new(),
                Some((0, _)) => ", prime bank".into(),
                Some((index, parent)) => format!(", bank {index} below bank {parent}"),
            };
            format!("{}, recipient {}{bank}", endpoint(state), named(recipient))
        }),
    }
}

fn page(image: &Image<'_>, oid: u64) -> String {
    let header = image.header();
    let tables = [
        (header.end_vec_oid, "alloc table"),
        (header.alloc_vec_oid, "string table"),
        (header.string_table_oid, "symbol table"),
        (header.sym_vec_oid, "bank table"),
    ];
    if oid == 0 {
        return "header".into();
    }
    if oid >= header.bank_vec_oid {
        return tables.into_iter().rev().find(|&(end, _)| oid < end).map_or("", |(_, name)| name).into();
    }
    let bytes = image.page(oid).unwrap_or_default();
    match bytes.iter().rposition(|&byte| byte != 0) {
        None => "zeros".into(),
        Some(last) if last + 1 == bytes.len() => "bytes".into(),
        Some(last) => format!("{} bytes, then zeros", last + 1),
    }
}

/// What a capability refers to, in one word.
fn named(cap: Capability) -> String {
    ObjectId::of(cap).map_or_else(|| cap.cap_type().to_string(), |id| written(id).to_string())
}

fn held(image: &Image<'_>, id: ObjectId) -> String {
    match image.capabilities(id).filter(|(_, cap)| !cap.is_zero()).count() {
        1 => "1 capability".into(),
        count => format!("{count} capabilities"),
    }
}

fn process(state: ProcessAttrs) -> String {
    let running = match state.run_state {
        0 => "running".into(),
        1 => "receiving".into(),
        2 => "faulted".into(),
        other => format!("run state {other}"),
    };
    match state.fault_code {
        0 => running,
        ProcessAttrs::FAULT_STARTUP => format!("to start at {:#x}", state.fault_info),
        code => format!("{running}, fault {code} at {:#x}", state.fault_info),
    }
}

fn endpoint(state: EndpointAttrs) -> String {
    let payload = match (state.pm, state.prot_payload) {
        (true, payload) => format!(", payload {payload:#x} to match"),
        (false, 0) => String::new(),
        (false, payload) => format!(", payload {payload:#x}"),
    };
    format!("id {}{payload}", state.endpoint_id)
}

/// The banks by their endpoints: index and parent.
fn banks(image: &Image<'_>) -> BTreeMap<u64, (u64, u64)> {
    (0..).zip(image.banks()).map(|(index, bank)| (bank.endpoint_oid, (index, bank.parent))).collect()
}

/// `caps IMAGE OBJECT`: one slot per line.
pub(super) fn capabilities(options: &Caps) -> io::Result<Outcome> {
    with_image(&options.image, options.reading, |image, _| {
        let id = options.object.0;
        if let Err(why) = exists(image, id) {
            return refused(&options.image, &why);
        }
        if id.object_type == ObjectType::Page {
            return refused(&options.image, &format!("{id} holds bytes, not capabilities"));
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut rows = Rows::new(&mut out, options.json);
        for (slot, cap) in image.capabilities(id).filter(|(_, cap)| options.all || !cap.is_zero()) {
            rows.row(format_args!("{:<12}  {cap}", slot.to_string()), || {
                let object = ObjectId::of(cap).map(|id| written(id).to_string());
                json!({
                    "slot": slot.to_string(), "type": cap.cap_type().to_string(), "object": object,
                    "capability": cap.to_string(),
                })
            })?;
        }
        out.flush()?;
        Ok(Outcome::Success)
    })
}
