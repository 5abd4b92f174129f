//! The address spaces of an image: those of its processes, and those that nothing uses yet.

use std::collections::BTreeMap;

use coyotos_image::space::{SpaceError, WalkLimits};
use coyotos_image::{CapType, Capability, Image, ObjectId, ObjectType, Slot};

use super::select::{Object, written};

/// An address space.
pub(crate) struct Space {
    /// The root.
    pub(crate) root: Capability,
    /// The processes that run in it.
    pub(crate) processes: Vec<u64>,
}

/// All of them: those of processes first.
pub(crate) fn all(image: &Image<'_>) -> Vec<Space> {
    let mut spaces: Vec<Space> = Vec::new();
    let mut known = BTreeMap::new();
    for (oid, root) in of_processes(image) {
        let index = *known.entry(root.words()).or_insert(spaces.len());
        if index == spaces.len() {
            spaces.push(Space { root, processes: Vec::new() });
        }
        if let Some(space) = spaces.get_mut(index) {
            space.processes.push(oid);
        }
    }
    spaces.extend(unused_roots(image).map(|root| Space { root, processes: Vec::new() }));
    spaces
}

fn of_processes(image: &Image<'_>) -> impl Iterator<Item = (u64, Capability)> {
    let roots = (0..u64::from(image.count(ObjectType::Process))).filter_map(|oid| {
        Some((oid, image.capability(ObjectId { object_type: ObjectType::Process, oid }, Slot::AddrSpace)?))
    });
    roots.filter(|(_, root)| root.cap_type().is_memory())
}

/// The GPTs that no other GPT names, and no process for its space.
fn unused_roots(image: &Image<'_>) -> impl Iterator<Item = Capability> {
    let gpts = u64::from(image.count(ObjectType::Gpt));
    let mut used = vec![false; usize::try_from(gpts).unwrap_or_default()];
    let slots = (0..gpts).flat_map(|oid| image.capabilities(ObjectId { object_type: ObjectType::Gpt, oid }));
    let named = slots.map(|(_, cap)| cap).chain(of_processes(image).map(|(_, cap)| cap));
    for cap in named.filter(|cap| cap.cap_type() == CapType::GPT) {
        if let Some(used) = usize::try_from(cap.oid()).ok().and_then(|oid| used.get_mut(oid)) {
            *used = true;
        }
    }
    (0..gpts).zip(used).filter(|(_, used)| !used).filter_map(|(oid, _)| root_of_gpt(image, oid))
}

/// A capability to all that a GPT maps.
fn root_of_gpt(image: &Image<'_>, oid: u64) -> Option<Capability> {
    let state = image.gpt(oid)?;
    let mut root = Capability::new(CapType::GPT, image.arch().page_size_log2(), oid);
    let l2 = u32::from(state.l2v) + state.l2slots();
    root.set_l2g(u8::try_from(l2.min(u64::BITS)).unwrap_or_default());
    Some(root)
}

/// The space that a user means.
///
/// # Errors
/// Why there is none.
pub(crate) fn choose(image: &Image<'_>, of: Option<Object>) -> Result<Capability, String> {
    match of {
        Some(Object(object)) => of_object(image, object),
        None => match of_processes(image).next() {
            Some((_, root)) => Ok(root),
            None => only_root(image),
        },
    }
}

fn of_object(image: &Image<'_>, object: ObjectId) -> Result<Capability, String> {
    exists(image, object)?;
    let page_size_log2 = image.arch().page_size_log2();
    match object.object_type {
        ObjectType::Process => image
            .capability(object, Slot::AddrSpace)
            .filter(|root| root.cap_type().is_memory())
            .ok_or_else(|| format!("{object} has no address space")),
        ObjectType::Gpt => root_of_gpt(image, object.oid).ok_or_else(|| format!("there is no {object}")),
        ObjectType::Page | ObjectType::CapPage => {
            Ok(Capability::new(object.object_type.cap_type(), page_size_log2, object.oid))
        }
        ObjectType::Endpoint => Err("an endpoint has no address space; give a process or a GPT".into()),
    }
}

fn only_root(image: &Image<'_>) -> Result<Capability, String> {
    let mut roots = unused_roots(image);
    match (roots.next(), roots.next()) {
        (Some(root), None) => Ok(root),
        (Some(first), Some(_)) => {
            let example = ObjectId { object_type: ObjectType::Gpt, oid: first.oid() };
            Err(format!(
                "no process has an address space; name the root of one, such as {}",
                written(example)
            ))
        }
        (None, _) => {
            Err("there is no address space: no process has one, and no GPT is the root of one".into())
        }
    }
}

/// That the image has an object.
///
/// # Errors
/// That it has not.
pub(crate) fn exists(image: &Image<'_>, object: ObjectId) -> Result<(), String> {
    let count = image.count(object.object_type);
    if object.oid < u64::from(count) {
        return Ok(());
    }
    Err(format!("there is no {object}: the image has {count} of the kind, counted from 0"))
}

/// What a walk may cost: a sound tree names each GPT once.
pub(crate) fn limits(image: &Image<'_>) -> WalkLimits {
    WalkLimits { gpts: u64::from(image.count(ObjectType::Gpt)) * 2 + 1024 }
}

/// Why a walk ended before the end.
pub(crate) fn why(error: SpaceError) -> String {
    match error {
        SpaceError::TooMany => "the GPTs name each other so often that it would hardly end".into(),
        other => other.to_string(),
    }
}

/// The end of a range of 2^`l2` bytes; beyond 64 bits at most by one.
pub(crate) fn end(address: u64, l2: u8) -> u128 {
    u128::from(address) + 1_u128.checked_shl(l2.into()).unwrap_or_default()
}
