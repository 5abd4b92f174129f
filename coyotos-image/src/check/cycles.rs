//! Cycles of GPTs, found in time linear in their slots.

use execfmt_common::Expected;

use super::capability::OID;
use crate::capability::{CapType, Capability};
use crate::field::CoyotosField;
use crate::image::Image;
use crate::object::{ObjectId, ObjectType, Slot};
use crate::rules::{CoyotosFinding, CoyotosRule};
use crate::wire::GPT_SLOTS;

/// What [`find_cycles`] stores for a GPT: 8 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CycleScratch {
    /// The GPT from which this one was entered, plus one; 0 for the start of a search.
    parent: u32,
    /// The slot to examine next; [`UNSEEN`] before and [`DONE`] after.
    state: u8,
}

const UNSEEN: u8 = 0;
/// On the path, and the next slot is the state minus this.
const OPEN: u8 = 1;
const DONE: u8 = 0xff;

/// Finds every slot of a GPT that leads back to a GPT above it, regardless of guards.
///
/// `scratch` needs one item per GPT ([`Image::count`]); its initial contents do not matter. This is a
/// depth-first search that keeps its path in `scratch`. `None` when `scratch` is too short.
pub fn find_cycles<'s, 'a: 's>(
    image: &Image<'a>,
    scratch: &'s mut [CycleScratch],
) -> Option<impl Iterator<Item = CoyotosFinding> + use<'s, 'a>> {
    let count = image.count(ObjectType::Gpt);
    let scratch = scratch.get_mut(..usize::try_from(count).ok()?)?;
    scratch.fill(CycleScratch::default());
    Some(Search { image: *image, scratch, next_root: 0, current: None })
}

struct Search<'s, 'a> {
    image: Image<'a>,
    scratch: &'s mut [CycleScratch],
    next_root: u32,
    current: Option<u32>,
}

impl Search<'_, '_> {
    fn node(&mut self, gpt: u32) -> Option<&mut CycleScratch> {
        self.scratch.get_mut(usize::try_from(gpt).ok()?)
    }

    /// The next GPT that no search has entered yet.
    fn enter_root(&mut self) -> Option<u32> {
        loop {
            let root = self.next_root;
            let node = self.node(root)?;
            let fresh = node.state == UNSEEN;
            if fresh {
                *node = CycleScratch { parent: 0, state: OPEN };
            }
            self.next_root = root.checked_add(1)?;
            if fresh {
                return Some(root);
            }
        }
    }

    fn slot(&self, gpt: u32, slot: u32) -> Option<Capability> {
        let id = ObjectId { object_type: ObjectType::Gpt, oid: gpt.into() };
        self.image.capability(id, Slot::Index(slot))
    }
}

impl Iterator for Search<'_, '_> {
    type Item = CoyotosFinding;

    fn next(&mut self) -> Option<CoyotosFinding> {
        loop {
            let gpt = match self.current {
                Some(gpt) => gpt,
                None => self.enter_root()?,
            };
            self.current = Some(gpt);
            let node = self.node(gpt)?;
            let slot = node.state.saturating_sub(OPEN);
            if usize::from(slot) >= GPT_SLOTS {
                node.state = DONE;
                self.current = node.parent.checked_sub(1);
                continue;
            }
            node.state = node.state.saturating_add(1);
            let Some(cap) = self.slot(gpt, slot.into()).filter(|cap| cap.cap_type() == CapType::GPT) else {
                continue;
            };
            let Ok(child) = u32::try_from(cap.oid()) else { continue };
            let Some(node) = self.node(child) else { continue };
            match node.state {
                UNSEEN => {
                    *node = CycleScratch { parent: gpt.saturating_add(1), state: OPEN };
                    self.current = Some(child);
                }
                DONE => {}
                _ => {
                    let id = ObjectId { object_type: ObjectType::Gpt, oid: gpt.into() };
                    let slot = Slot::Index(slot.into());
                    let start = self.image.object_offset(id).unwrap_or_default();
                    let at = id.object_type.slot_at(slot, self.image.header().pg_size).unwrap_or_default();
                    let at = start.saturating_add(at).saturating_add(OID.at as u64);
                    let field = CoyotosField::Capability(id, slot, OID.name);
                    let expected = Expected::AnythingBut(cap.oid());
                    return Some(CoyotosRule::SpaceCycle.finding(field, at, cap.oid(), expected));
                }
            }
        }
    }
}
