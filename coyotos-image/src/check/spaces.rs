//! Checks that the address spaces of an image can be walked to their ends.

use execfmt_common::Expected;

use super::capability::OID;
use super::findings::Pending;
use crate::capability::Capability;
use crate::field::CoyotosField;
use crate::image::Image;
use crate::object::{ObjectId, ObjectType, Slot};
#[cfg(feature = "alloc")]
use crate::rules::CoyotosFinding;
use crate::rules::CoyotosRule;
use crate::space::{SpaceError, WalkLimits, walk};
#[cfg(feature = "alloc")]
use crate::wire::{Located, field};

/// Number of GPTs that the walks of all spaces of an image may enter in total. A well-formed space enters
/// each of its own once; GPTs that many spaces share are entered for each.
pub(super) fn budget(image: &Image<'_>) -> u64 {
    let objects =
        u64::from(image.count(ObjectType::Gpt)).saturating_add(image.count(ObjectType::Process).into());
    objects.saturating_mul(8).saturating_add(1024)
}

/// Walks a space, and subtracts the number of GPTs entered from the budget.
pub(super) fn walked(image: &Image<'_>, root: Capability, budget: &mut u64) -> Result<(), CoyotosRule> {
    let mut walk = walk(image, root, WalkLimits { gpts: *budget });
    let failed = walk.find_map(Result::err);
    *budget = walk.budget();
    failed.map_or(Ok(()), |error| Err(broken(error)))
}

const fn broken(error: SpaceError) -> CoyotosRule {
    match error {
        SpaceError::NoSuchObject { .. } => CoyotosRule::SpaceNoObject,
        SpaceError::TooDeep => CoyotosRule::SpaceTooDeep,
        SpaceError::TooMany => CoyotosRule::SpaceTooMany,
        _ => CoyotosRule::SpaceNotMemory,
    }
}

/// The spaces that no process uses.
#[cfg(feature = "alloc")]
pub(super) fn unused(image: &Image<'_>, found: &mut dyn FnMut(&CoyotosFinding)) {
    let mut budget = budget(image);
    for root in image.unused_roots() {
        if let Err(rule) = walked(image, root, &mut budget) {
            let Located { name, at } = field!(Gpt.cap);
            let id = ObjectId { object_type: ObjectType::Gpt, oid: root.oid() };
            let at = image.object_offset(id).unwrap_or_default().saturating_add(at as u64);
            let expected = Expected::AnythingBut(root.oid());
            found(&rule.finding(CoyotosField::Object(id, name), at, root.oid(), expected));
        }
    }
}

/// The space in which a process runs.
#[inline(never)]
pub(super) fn of_process(image: &Image<'_>, oid: u64, budget: &mut u64, pending: &mut Pending) {
    let space = |oid| {
        let id = ObjectId { object_type: ObjectType::Process, oid };
        image.capability(id, Slot::AddrSpace).filter(|root| root.cap_type().is_memory())
    };
    let Some(root) = space(oid) else { return };
    // Threads of a program follow each other, and run in one space.
    if oid.checked_sub(1).and_then(space) == Some(root) {
        return;
    }
    if let Err(rule) = walked(image, root, budget) {
        let id = ObjectId { object_type: ObjectType::Process, oid };
        let start = image.object_offset(id).unwrap_or_default();
        let slot = id.object_type.slot_at(Slot::AddrSpace, image.header().pg_size).unwrap_or_default();
        let at = start.saturating_add(slot).saturating_add(OID.at as u64);
        let field = CoyotosField::Capability(id, Slot::AddrSpace, OID.name);
        let expected = Expected::AnythingBut(root.oid());
        pending.push(rule.finding(field, at, root.oid(), expected));
    }
}
